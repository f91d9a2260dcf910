/* galley-put-off.c: conflicts that somebody does not want to see before a certain time
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-put-off"

#include "data/galley-put-off.h"

#include "data/galley-store-private.h"

/**
 * galley_put_off:
 * @put_off: GalleyPutOff
 *
 * On the writer thread. What was put off and has been settled since is forgotten on the way.
 */
gboolean
galley_put_off (GalleyWriter *writer, gpointer put_off, GError **error)
{
  const GalleyPutOff *self = put_off;

  writer->everything_moved = TRUE;
  return galley_database_run (writer->db, error,
                              "DELETE FROM put_off WHERE entity = ?1 OR entity NOT IN"
                              " (SELECT e.id FROM derived_contested c JOIN derived_entity e"
                              "  ON e.number = c.entity)",
                              "n", &self->entity) &&
         (self->until_us == 0 ||
          galley_database_run (writer->db, error, "INSERT INTO put_off VALUES (?1, ?2)", "ni",
                               &self->entity, self->until_us));
}
