/* galley-fault-vfs.h: a disk that fails when it is told to, and a power cut
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef enum
{
  TEST_FAULT_IO,    /* the disk refuses */
  TEST_FAULT_FULL,  /* the disk is full: writes refuse, with part of them done */
  TEST_FAULT_CRASH, /* the power goes: nothing is written any more, see test_fault_vfs_power_cut()
                     */
} TestFaultKind;

/* Which of SQLite's requests to the disk count as steps. */
typedef enum
{
  TEST_STEPS_WRITE = 1 << 0, /* writes, syncs, truncating, opening, deleting, locks in memory */
  TEST_STEPS_READ = 1 << 1,
} TestSteps;

typedef struct
{
  TestFaultKind kind;
  TestSteps steps;
  guint at;      /* the step that fails, from 1; 0: none, they are only counted */
  gboolean once; /* and then the disk works again */
} TestFault;

void test_fault_vfs_install (void);
void test_fault_vfs_arm (const TestFault *fault);
guint test_fault_vfs_disarm (void);
void test_fault_vfs_power_cut (GRand *chance);

G_END_DECLS
