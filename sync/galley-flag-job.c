/* galley-flag-job.c: switches something on a part of all computers, for an administrator
 *
 *   an order is a row of its own ──► say it to the server ──► ask how all computers are
 *
 * The row says all: what is wanted outlives the window it was entered in. Saying it twice changes
 * nothing.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-flag-job"

#include "sync/galley-flag-job.h"

#include "sync/galley-request.h"
#include "sync/galley-sync-error.h"
#include "sync/wire/galley-wire-json.h"

#include <glib/gi18n-lib.h>

#define KIND "flag"
/* In a subject, where a role's name or a percentage would stand. */
#define EVERYBODY "*"
#define UNSAID "-"

struct _GalleyFlagJob
{
  GalleyJob parent_instance;
};

G_DEFINE_FINAL_TYPE (GalleyFlagJob, galley_flag_job, GALLEY_TYPE_JOB)

/* ── what is wanted ── */

GalleyFlagOrder *
galley_flag_order_new (const char *flag, GalleyFleetShare share, gint64 seen, const char *reason)
{
  GalleyFlagOrder *order = g_new0 (GalleyFlagOrder, 1);

  order->flag = g_strdup (flag);
  order->share = share;
  order->seen = seen;
  order->reason = g_strdup (reason);
  return order;
}

void
galley_flag_order_free (GalleyFlagOrder *order)
{
  g_free (order->flag);
  g_free (order->reason);
  g_free (order);
}

/* "compact reviewer ": which flag, and of whose computers */
static char *
format_place (const GalleyFlagOrder *order)
{
  return g_strdup_printf ("%s %s ", order->flag,
                          order->share.role != GALLEY_ROLE_NONE
                              ? galley_role_to_string (order->share.role)
                              : EVERYBODY);
}

/* "compact reviewer 25 7 slow on old laptops" */
static char *
format_subject (const GalleyFlagOrder *order)
{
  g_autofree char *place = format_place (order);
  g_autofree char *percent = order->share.percent != GALLEY_FLEET_UNSAID
                                 ? g_strdup_printf ("%d", order->share.percent)
                                 : g_strdup (UNSAID);

  return g_strdup_printf ("%s%s %" G_GINT64_FORMAT " %s", place, percent, order->seen,
                          order->reason);
}

/* (nullable): whoever wrote the row is not this Galley. */
static GalleyFlagOrder *
parse_subject (const char *subject)
{
  g_auto (GStrv) words = g_strsplit (subject != NULL ? subject : "", " ", 5);
  GalleyFleetShare share = { .percent = GALLEY_FLEET_UNSAID };
  guint64 percent;
  gint64 seen;

  if (g_strv_length (words) != 5 || !galley_flag_name_is_valid (words[0]))
    return NULL;
  if (!g_str_equal (words[1], EVERYBODY))
    {
      share.role = galley_role_parse (words[1]);
      if (share.role == GALLEY_ROLE_NONE)
        return NULL;
    }
  if (!g_str_equal (words[2], UNSAID))
    {
      if (!g_ascii_string_to_unsigned (words[2], 10, 0, 100, &percent, NULL))
        return NULL;
      share.percent = (int)percent;
    }

  if (!g_ascii_string_to_signed (words[3], 10, GALLEY_FLEET_NOT_SEEN, G_MAXINT64, &seen, NULL))
    return NULL;

  return galley_flag_order_new (words[0], share, seen, words[4]);
}

static char *
describe (const GalleyFlagOrder *order)
{
  if (order->share.percent == GALLEY_FLEET_UNSAID)
    /* Translators: %s is the name of something that can be switched on a part of all devices */
    return g_strdup_printf (_ ("Take back what is said of “%s”"), order->flag);

  if (order->share.role != GALLEY_ROLE_NONE)
    /* Translators: %s is a role: guest, reviewer, lead or admin */
    return g_strdup_printf (_ ("Have “%s” on for %d%% of the computers of the role “%s”"),
                            order->flag, order->share.percent,
                            galley_role_to_string (order->share.role));

  return g_strdup_printf (_ ("Have “%s” on for %d%% of the computers"), order->flag,
                          order->share.percent);
}

gboolean
galley_flag_order_write (GalleyWriter *writer, gpointer order, GError **error)
{
  const GalleyFlagOrder *wanted = order;
  g_autofree char *place = format_place (wanted);
  g_autoptr (GalleyJobRow) row = galley_job_row_new ();

  /* The last word counts: an earlier one that still waits must not come after it. */
  if (!galley_job_table_cancel_like (writer, KIND, place, error))
    return FALSE;

  row->kind = g_strdup (KIND);
  row->subject = format_subject (wanted);
  row->title = describe (wanted);
  /* Translators: why something was switched: a reason that a person entered */
  row->cause = g_strdup_printf (_ ("because “%s”"), wanted->reason);
  row->unit = g_strdup ("questions");
  return galley_job_table_save (writer, row, error);
}

/* ── the job ── */

static GalleyJobContext *
get_context (GTask *task)
{
  return galley_job_get_context (g_task_get_source_object (task));
}

static void
answered_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  GError *error = NULL; /* handed to the task */
  g_autoptr (GalleyResponse)
      response = galley_transport_send_finish (GALLEY_TRANSPORT (source), result, &error);

  if (response == NULL || !galley_response_check (response, "application/json", &error))
    return g_task_return_error (task, error);

  galley_job_end_with_write (g_steal_pointer (&task), galley_fleet_want, NULL, NULL);
}

static GBytes *
make_body (const GalleyFlagOrder *order)
{
  g_autoptr (JsonBuilder) json = json_builder_new ();

  json_builder_begin_object (json);
  json_builder_set_member_name (json, "percent");
  if (order->share.percent == GALLEY_FLEET_UNSAID)
    json_builder_add_null_value (json);
  else
    json_builder_add_int_value (json, order->share.percent);
  if (order->seen != GALLEY_FLEET_NOT_SEEN)
    galley_json_add_int (json, "seen", order->seen);
  galley_json_add_string (json, "reason", order->reason);
  json_builder_end_object (json);
  return galley_json_finish (json);
}

static void
galley_flag_job_run_async (GalleyJob *job,
                           GCancellable *cancellable,
                           GAsyncReadyCallback callback,
                           gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (job, cancellable, callback, user_data);
  g_autoptr (GalleyFlagOrder) order = parse_subject (galley_job_get_row (job)->subject);
  g_autoptr (GalleyRequest) request = NULL;
  g_autoptr (GBytes) body = NULL;
  GalleyTransport *transport;

  g_task_set_source_tag (task, galley_flag_job_run_async);
  if (order == NULL)
    return g_task_return_new_error (task, GALLEY_SYNC_ERROR, GALLEY_SYNC_ERROR_REFUSED,
                                    _ ("What was to be switched cannot be read. Say it again under "
                                       "Devices."));

  request = order->share.role != GALLEY_ROLE_NONE
                ? galley_request_new ("PUT", "/v1/flags/%s?role=%s", order->flag,
                                      galley_role_to_string (order->share.role))
                : galley_request_new ("PUT", "/v1/flags/%s", order->flag);
  body = make_body (order);
  galley_request_set_body (request, body, "application/json");
  transport = get_context (task)->transport;
  galley_transport_send_async (transport, request, cancellable, answered_cb,
                               g_steal_pointer (&task));
}

static void
galley_flag_job_class_init (GalleyFlagJobClass *klass)
{
  GalleyJobClass *job_class = GALLEY_JOB_CLASS (klass);

  job_class->kind = KIND;
  job_class->unit = "questions";
  job_class->max_running = 1;
  /* Somebody else may have said something else since. */
  job_class->alone = TRUE;
  job_class->run_async = galley_flag_job_run_async;
}

static void
galley_flag_job_init (GalleyFlagJob *self)
{
}
