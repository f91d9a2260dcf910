/* galley-tool.h: what a hand on the canvas can do: the tools, their keys, names and icons
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "ui/galley-mark.h"

G_BEGIN_DECLS

#define GALLEY_TYPE_TOOL (galley_tool_get_type ())
typedef enum
{
  GALLEY_TOOL_SELECT,
  GALLEY_TOOL_PEN,
  GALLEY_TOOL_HIGHLIGHT,
  GALLEY_TOOL_LINE,
  GALLEY_TOOL_ARROW,
  GALLEY_TOOL_RECTANGLE,
  GALLEY_TOOL_ELLIPSE,
  GALLEY_TOOL_POLYGON,
  GALLEY_TOOL_TEXT,
  GALLEY_TOOL_PIN,
} GalleyTool;
#define GALLEY_N_TOOLS (GALLEY_TOOL_PIN + 1)

GType galley_tool_get_type (void) G_GNUC_CONST;

/* How thick a stroke is, against the page: the same on a photograph and on a sheet of paper. */
#define GALLEY_TYPE_WEIGHT (galley_weight_get_type ())
typedef enum
{
  GALLEY_WEIGHT_FINE,
  GALLEY_WEIGHT_MEDIUM,
  GALLEY_WEIGHT_BOLD,
} GalleyWeight;
#define GALLEY_N_WEIGHTS (GALLEY_WEIGHT_BOLD + 1)

GType galley_weight_get_type (void) G_GNUC_CONST;

const char *galley_tool_get_name (GalleyTool tool);
const char *galley_tool_get_icon_name (GalleyTool tool);
guint galley_tool_get_key (GalleyTool tool);
gboolean galley_tool_from_key (guint keyval, GalleyTool *tool);
gboolean galley_tool_get_shape (GalleyTool tool, GalleyShape *shape);

const char *galley_weight_get_name (GalleyWeight weight);
double galley_weight_get_width (GalleyWeight weight, double page_width, double page_height);

G_END_DECLS
