/* galley-test-device.h: a workspace in a test, and a stream that stands for a server
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "data/galley-outbox.h"
#include "data/galley-resolve.h"
#include "data/galley-store.h"

G_BEGIN_DECLS

/* A device: a store on a real file, with a reader that looks at it. */
typedef struct
{
  GalleyStore *store;
  GalleyReader *reader;
  char *folder;
} TestDevice;

TestDevice *test_device_new (const char *name);
/* For what is done to its files meanwhile. */
void test_device_close (TestDevice *self);
void test_device_open (TestDevice *self);
void test_device_reopen (TestDevice *self);
void test_device_free (TestDevice *self);

void test_device_commit (TestDevice *self, GalleyDraft *draft); /* (transfer full) */
void test_device_make_project (TestDevice *self, GalleyId *project);
void test_device_make_item (TestDevice *self,
                            const GalleyId *project,
                            const char *name,
                            GalleyId *item);
void test_device_make_version (TestDevice *self,
                               const GalleyId *project,
                               const GalleyId *item,
                               guint8 content,
                               guint number,
                               GalleyId *version);
void test_device_make_note (TestDevice *self,
                            const GalleyId *project,
                            const GalleyId *item,
                            const char *body,
                            GalleyId *note);
void test_device_set (TestDevice *self,
                      const GalleyId *project,
                      guint8 kind,
                      const GalleyId *entity,
                      guint16 field,
                      const char *element,
                      GVariant *value);
char *test_device_get (TestDevice *self, const GalleyId *entity, guint16 field); /* printed value */
GalleyFieldState test_device_get_state (TestDevice *self, const GalleyId *entity, guint16 field);
guint test_device_count_conflicts (TestDevice *self);
char *test_device_get_digest (TestDevice *self, const GalleyId *project);
void test_device_assert_replay (TestDevice *self);

/* The project's stream: dense positions, every change accepted unless it is named as refused. */
typedef struct
{
  GalleyId project;
  GPtrArray *changes;        /* of GalleyChange; NULL where a refused one left a gap to tell */
  const char *refuse_intent; /* (nullable): changes with this intent are refused */
  GPtrArray *gaps;           /* of GalleyIncoming */
} TestStream;

TestStream *test_stream_new (const GalleyId *project);
void test_stream_free (TestStream *self);
void test_stream_push (TestStream *self, TestDevice *device);
void test_stream_pull (TestStream *self, TestDevice *device);
void test_stream_sync (TestStream *self, TestDevice *a, TestDevice *b); /* until both have all */

/* Two devices with one project, one item and one note that both know. */
typedef struct
{
  TestDevice *a, *b;
  TestStream *stream;
  GalleyId project, item, note;
} TestPair;

void test_pair_init (TestPair *self, const char *body);
void test_pair_clear (TestPair *self);
void test_pair_sync (TestPair *self);
void test_pair_set_note (TestPair *self, TestDevice *device, guint16 field, const char *text);
void test_pair_settle (TestPair *self, TestDevice *device, GalleyTake take);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (TestDevice, test_device_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (TestStream, test_stream_free)

G_END_DECLS
