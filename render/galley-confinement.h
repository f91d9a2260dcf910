/* galley-confinement.h: how little of the machine the decoder can reach
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

void galley_confinement_begin (void);
void galley_confinement_end_with (int fd);
