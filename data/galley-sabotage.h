/* galley-sabotage.h: known bugs, to see that the simulator finds them; in no program that is
 * installed
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

/* Each stands in production code where somebody could make that mistake. Only the engine that is
 * built for the simulator knows them: elsewhere the condition is constant and nothing is left. */
typedef enum
{
  GALLEY_SABOTAGE_NONE,
  GALLEY_SABOTAGE_DROPS_SUPERSEDES,
  GALLEY_SABOTAGE_ACKNOWLEDGES_EARLY,
  GALLEY_SABOTAGE_DOES_NOT_SYNC,
  GALLEY_SABOTAGE_APPLIES_HALF,
  GALLEY_SABOTAGE_FORGETS_OUTBOX,
  GALLEY_SABOTAGE_STALE_DIGEST,
  GALLEY_SABOTAGE_SERVER_ACKNOWLEDGES_EARLY,
  GALLEY_SABOTAGE_POSITION_TWICE,
  GALLEY_SABOTAGE_PULL_SKIPS,
  GALLEY_SABOTAGE_REFUSED_STAYS,
  GALLEY_SABOTAGE_RESOLVES_UNSEEN,
  GALLEY_SABOTAGE_EDITS_UNSEEN,
  GALLEY_SABOTAGE_REPEAT_IS_NEW,
  GALLEY_SABOTAGE_TEXT_DROPS_A_SIDE,
  GALLEY_SABOTAGE_CLOCK_DECIDES,
  GALLEY_SABOTAGE_GUEST_WRITES,
  GALLEY_SABOTAGE_DELETE_WINS,
  GALLEY_SABOTAGE_STALE_ROLE,
  GALLEY_N_SABOTAGES,
} GalleySabotage;

#ifdef GALLEY_WITH_SABOTAGE
extern GalleySabotage galley_sabotage;
#define GALLEY_SABOTAGED(bug) (galley_sabotage == GALLEY_SABOTAGE_##bug)
#else
#define GALLEY_SABOTAGED(bug) 0
#endif
