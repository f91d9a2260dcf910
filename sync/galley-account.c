/* galley-account.c: the workspace's server and the token to show there, in a file of its own
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-account"

#include "sync/galley-account.h"

#include <glib/gi18n-lib.h>
#include <json-glib/json-glib.h>
#include <string.h>

#define ACCOUNT_FILE "account"
#define ACCOUNT_MAX_BYTES 4096

void
galley_account_free (GalleyAccount *self)
{
  g_free (self->server_url);
  g_free (self->token);
  g_free (self);
}

/* Whether a host is this machine or one nearby, where TLS is often not to be had. */
static gboolean
is_nearby (const char *host)
{
  g_autoptr (GInetAddress) address = g_inet_address_new_from_string (host);

  if (address != NULL)
    return g_inet_address_get_is_loopback (address) || g_inet_address_get_is_site_local (address) ||
           g_inet_address_get_is_link_local (address);

  return strchr (host, '.') == NULL || g_str_has_suffix (host, ".local") ||
         g_str_has_suffix (host, ".localhost");
}

static gboolean
has_no_gaps (const char *text)
{
  for (; *text != '\0'; text++)
    if (g_ascii_isspace (*text) || g_ascii_iscntrl (*text))
      return FALSE;

  return TRUE;
}

static gboolean
set_no_address (const char *url, GError **error)
{
  g_set_error (error, GALLEY_SYNC_ERROR, GALLEY_SYNC_ERROR_INVALID,
               _ ("“%s” is not an address of a server. It looks like "
                  "https://review.example.org."),
               url);
  return FALSE;
}

/**
 * galley_account_check_url:
 * @url: as a person typed it: without a scheme it is taken for https
 * @error: %GALLEY_SYNC_ERROR_INVALID with a sentence
 *
 * Outside one's own network only https will do, since the token would travel in the clear.
 *
 * Returns: (transfer full): the address in one form, without a slash at its end
 */
char *
galley_account_check_url (const char *url, GError **error)
{
  g_autofree char *typed = g_strstrip (g_strdup (url));
  g_autofree char *full = strstr (typed, "://") != NULL ? g_strdup (typed)
                                                        : g_strconcat ("https://", typed, NULL);
  g_autoptr (GUri) uri = g_uri_parse (full, G_URI_FLAGS_NONE, NULL);
  gboolean secure;

  if (uri == NULL || !has_no_gaps (typed) || g_uri_get_host (uri) == NULL ||
      *g_uri_get_host (uri) == '\0' || g_uri_get_userinfo (uri) != NULL ||
      g_uri_get_query (uri) != NULL || g_uri_get_fragment (uri) != NULL)
    {
      set_no_address (url, error);
      return NULL;
    }

  secure = strcmp (g_uri_get_scheme (uri), "https") == 0;
  if (!secure && strcmp (g_uri_get_scheme (uri), "http") != 0)
    {
      set_no_address (url, error);
      return NULL;
    }
  if (!secure && !is_nearby (g_uri_get_host (uri)))
    {
      g_set_error (error, GALLEY_SYNC_ERROR, GALLEY_SYNC_ERROR_INVALID,
                   _ ("“%s” would be reached without encryption. Use its https address."), url);
      return NULL;
    }

  while (g_str_has_suffix (full, "/"))
    full[strlen (full) - 1] = '\0';
  return g_steal_pointer (&full);
}

/* The text of a member, or NULL for anything else that may stand in a damaged file. */
static char *
get_text (JsonObject *object, const char *name)
{
  JsonNode *node = json_object_get_member (object, name);

  if (node == NULL || !JSON_NODE_HOLDS_VALUE (node))
    return NULL;

  return json_node_dup_string (node);
}

static GalleyAccount *
parse_account (const char *text, gsize bytes)
{
  g_autoptr (JsonParser) parser = json_parser_new_immutable ();
  g_autoptr (GalleyAccount) self = g_new0 (GalleyAccount, 1);
  JsonNode *root;
  JsonObject *object;

  if (!json_parser_load_from_data (parser, text, bytes, NULL))
    return NULL;
  root = json_parser_get_root (parser);
  if (root == NULL || !JSON_NODE_HOLDS_OBJECT (root))
    return NULL;

  object = json_node_get_object (root);
  self->server_url = get_text (object, "server_url");
  self->token = get_text (object, "token");
  return self->server_url != NULL && self->token != NULL ? g_steal_pointer (&self) : NULL;
}

/**
 * galley_account_load:
 * @folder: the workspace's
 * @error: set when there is an account that cannot be read; not when there is none
 *
 * Returns: (transfer full) (nullable): the account, or %NULL when the workspace has no server
 */
GalleyAccount *
galley_account_load (const char *folder, GError **error)
{
  g_autofree char *path = g_build_filename (folder, ACCOUNT_FILE, NULL);
  g_autoptr (GError) cause = NULL;
  g_autofree char *text = NULL;
  GalleyAccount *self;
  gsize bytes;

  if (!g_file_get_contents (path, &text, &bytes, &cause))
    {
      if (!g_error_matches (cause, G_FILE_ERROR, G_FILE_ERROR_NOENT))
        g_set_error (error, GALLEY_SYNC_ERROR, GALLEY_SYNC_ERROR_SIGN_IN,
                     _ ("The account of this workspace cannot be read: %s"), cause->message);
      return NULL;
    }

  self = bytes <= ACCOUNT_MAX_BYTES ? parse_account (text, bytes) : NULL;
  if (self == NULL)
    g_set_error_literal (error, GALLEY_SYNC_ERROR, GALLEY_SYNC_ERROR_SIGN_IN,
                         _ ("The account of this workspace is damaged. Connect again with a new "
                            "invite code; nothing that was made is lost."));
  return self;
}

static char *
format_account (const GalleyAccount *self)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  g_autoptr (JsonNode) root = NULL;

  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "server_url");
  json_builder_add_string_value (builder, self->server_url);
  json_builder_set_member_name (builder, "token");
  json_builder_add_string_value (builder, self->token);
  json_builder_end_object (builder);
  root = json_builder_get_root (builder);
  return json_to_string (root, TRUE);
}

/**
 * galley_account_save:
 *
 * In one go and for good; only its owner can read the file. Blocks.
 */
gboolean
galley_account_save (const GalleyAccount *self, const char *folder, GError **error)
{
  g_autofree char *path = g_build_filename (folder, ACCOUNT_FILE, NULL);
  g_autofree char *text = format_account (self);
  g_autoptr (GError) cause = NULL;

  if (g_file_set_contents_full (path, text, -1,
                                G_FILE_SET_CONTENTS_CONSISTENT | G_FILE_SET_CONTENTS_DURABLE, 0600,
                                &cause))
    return TRUE;

  g_set_error (error, GALLEY_SYNC_ERROR, GALLEY_SYNC_ERROR_INVALID,
               _ ("The account cannot be kept on this computer: %s"), cause->message);
  return FALSE;
}
