/* galley-ctl-settle.c: galleyctl conflict settle: one choice for many conflicts
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-ctl-settle"

#include "app/ctl/galley-ctl-describe.h"
#include "app/ctl/galley-ctl-verbs.h"
#include "data/galley-settle-plan.h"

#include <glib/gi18n.h>

static gboolean
read_scope (GalleyCtl *ctl, GalleySettleRule *rule, GError **error)
{
  const char *item = galley_ctl_get_option (ctl, "item");
  const char *person = galley_ctl_get_option (ctl, "person");
  const char *device = galley_ctl_get_option (ctl, "device");
  g_autoptr (GalleyEntity) entity = NULL;

  if ((item != NULL) + (person != NULL) + (device != NULL) > 1)
    return galley_ctl_usage (error, _ ("Say only one of --item, --person and --device."));
  if (item != NULL)
    {
      entity = galley_ctl_find_entity (ctl, item, GALLEY_KIND_ITEM, error);
      rule->scope = GALLEY_SETTLE_ITEM;
      if (entity != NULL)
        rule->id = entity->id;
      return entity != NULL;
    }
  if (person != NULL)
    {
      rule->scope = GALLEY_SETTLE_PERSON;
      return galley_ctl_find_person (ctl, person, &rule->id, error);
    }
  if (device != NULL)
    {
      rule->scope = GALLEY_SETTLE_DEVICE;
      return galley_id_parse (device, &rule->id, error);
    }

  return TRUE;
}

static gboolean
read_take (GalleyCtl *ctl, GalleySettleRule *rule, GError **error)
{
  const char *take = galley_ctl_get_option (ctl, "take");

  return (take != NULL && galley_take_parse (take, &rule->take) &&
          rule->take <= GALLEY_TAKE_BASE) ||
         galley_ctl_usage (error, _ ("What to --take is mine, theirs or base."));
}

static void
answer (GalleyCtl *ctl, const GalleySettlePlan *plan, gboolean done)
{
  JsonBuilder *json = galley_ctl_get_json (ctl);

  json_builder_begin_object (json);
  galley_ctl_add_boolean (ctl, "done", done);
  json_builder_set_member_name (json, "settled");
  json_builder_add_int_value (json, plan->n_fields);
  json_builder_set_member_name (json, "left");
  json_builder_add_int_value (json, plan->n_left);
  json_builder_set_member_name (json, "changes");
  json_builder_add_int_value (json, plan->drafts->len);
  json_builder_end_object (json);
}

static gboolean
run_settle (GalleyCtl *ctl, GError **error)
{
  gboolean dry_run = galley_ctl_has_option (ctl, "dry-run");
  GalleySettleRule rule = { .scope = GALLEY_SETTLE_ALL };
  g_autoptr (GalleySettlePlan) plan = NULL;
  GalleyStore *store = galley_ctl_open_store (ctl, error);
  GalleyChooser chooser;

  if (store == NULL || !read_take (ctl, &rule, error) || !read_scope (ctl, &rule, error))
    return FALSE;

  galley_store_get_person (store, &chooser.person);
  chooser.device = *galley_store_get_device (store);
  plan = galley_settle_plan_make (galley_ctl_open_reader (ctl, NULL), &rule, &chooser, error);
  if (plan == NULL || (!dry_run && plan->drafts->len > 0 &&
                       !galley_store_commit_many (store, plan->drafts, NULL, error)))
    return FALSE;

  answer (ctl, plan, !dry_run);
  return TRUE;
}

static const GalleyCtlOption options[] = {
  /* Translators: the words that are listed are typed just like this */
  { "take", "WHOSE", N_ ("mine, theirs or base (what it was before)"), FALSE },
  { "item", "ITEM", N_ ("only what belongs to it"), FALSE },
  { "person", "NAME", N_ ("only where they have a value, which is then theirs"), FALSE },
  { "device", "ID", N_ ("likewise, of one device"), FALSE },
  { "dry-run", NULL, N_ ("say what it would do, and do nothing"), FALSE },
  { NULL },
};

const GalleyCtlVerb galley_ctl_settle_verbs[] = {
  { "conflict", "settle", NULL, 0, 0, FALSE, options, NULL,
    N_ ("Makes one choice for many, and leaves those that it says nothing for"), run_settle },
  { NULL },
};
