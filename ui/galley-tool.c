/* galley-tool.c: what a hand on the canvas can do: the tools, their keys, names and icons
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-tool"

#include "ui/galley-tool.h"

#include <glib/gi18n-lib.h>

G_DEFINE_ENUM_TYPE (GalleyTool,
                    galley_tool,
                    G_DEFINE_ENUM_VALUE (GALLEY_TOOL_SELECT, "select"),
                    G_DEFINE_ENUM_VALUE (GALLEY_TOOL_PEN, "pen"),
                    G_DEFINE_ENUM_VALUE (GALLEY_TOOL_HIGHLIGHT, "highlight"),
                    G_DEFINE_ENUM_VALUE (GALLEY_TOOL_LINE, "line"),
                    G_DEFINE_ENUM_VALUE (GALLEY_TOOL_ARROW, "arrow"),
                    G_DEFINE_ENUM_VALUE (GALLEY_TOOL_RECTANGLE, "rectangle"),
                    G_DEFINE_ENUM_VALUE (GALLEY_TOOL_ELLIPSE, "ellipse"),
                    G_DEFINE_ENUM_VALUE (GALLEY_TOOL_POLYGON, "polygon"),
                    G_DEFINE_ENUM_VALUE (GALLEY_TOOL_TEXT, "text"),
                    G_DEFINE_ENUM_VALUE (GALLEY_TOOL_PIN, "pin"))

G_DEFINE_ENUM_TYPE (GalleyWeight,
                    galley_weight,
                    G_DEFINE_ENUM_VALUE (GALLEY_WEIGHT_FINE, "fine"),
                    G_DEFINE_ENUM_VALUE (GALLEY_WEIGHT_MEDIUM, "medium"),
                    G_DEFINE_ENUM_VALUE (GALLEY_WEIGHT_BOLD, "bold"))

/* The tool's number is its place. The keys are the same in every language; A and R decide on the
 * item, so no tool has them. */
static const struct
{
  const char *name;
  const char *icon_name;
  char key;
  int shape; /* GalleyShape, or -1 */
} tools[GALLEY_N_TOOLS] = {
  { N_ ("Select"), "galley-tool-select-symbolic", 'v', -1 },
  { N_ ("Pen"), "galley-tool-pen-symbolic", 'p', GALLEY_SHAPE_PATH },
  { N_ ("Highlight"), "galley-tool-highlight-symbolic", 'h', GALLEY_SHAPE_HIGHLIGHT },
  { N_ ("Line"), "galley-tool-line-symbolic", 'l', GALLEY_SHAPE_LINE },
  { N_ ("Arrow"), "galley-tool-arrow-symbolic", 'w', GALLEY_SHAPE_ARROW },
  { N_ ("Rectangle"), "galley-tool-rectangle-symbolic", 'b', GALLEY_SHAPE_RECT },
  { N_ ("Ellipse"), "galley-tool-ellipse-symbolic", 'e', GALLEY_SHAPE_ELLIPSE },
  { N_ ("Polygon"), "galley-tool-polygon-symbolic", 'g', GALLEY_SHAPE_POLYGON },
  { N_ ("Text"), "galley-tool-text-symbolic", 't', GALLEY_SHAPE_TEXT },
  { N_ ("Pin"), "galley-tool-pin-symbolic", 'n', GALLEY_SHAPE_PIN },
};

/* Width in thousandths of the page's longer side. */
static const struct
{
  const char *name;
  double width;
} weights[GALLEY_N_WEIGHTS] = {
  /* Translators: how thick a line is */
  { N_ ("Fine"), 1.5 },
  /* Translators: how thick a line is */
  { N_ ("Medium"), 3 },
  /* Translators: how thick a line is */
  { N_ ("Bold"), 6 },
};

/**
 * galley_tool_get_name:
 *
 * Returns: what people call it, translated
 */
const char *
galley_tool_get_name (GalleyTool tool)
{
  g_return_val_if_fail (tool < GALLEY_N_TOOLS, NULL);

  return _ (tools[tool].name);
}

const char *
galley_tool_get_icon_name (GalleyTool tool)
{
  g_return_val_if_fail (tool < GALLEY_N_TOOLS, NULL);

  return tools[tool].icon_name;
}

/**
 * galley_tool_get_key:
 *
 * Returns: the key value (a small letter) that takes it up
 */
guint
galley_tool_get_key (GalleyTool tool)
{
  g_return_val_if_fail (tool < GALLEY_N_TOOLS, 0);

  return (guint)tools[tool].key;
}

/**
 * galley_tool_from_key:
 * @tool: (out): untouched for a key that takes up none
 */
gboolean
galley_tool_from_key (guint keyval, GalleyTool *tool)
{
  for (guint i = 0; i < GALLEY_N_TOOLS; i++)
    if (galley_tool_get_key ((GalleyTool)i) == keyval)
      {
        *tool = (GalleyTool)i;
        return TRUE;
      }
  return FALSE;
}

/**
 * galley_tool_get_shape:
 * @shape: (out): untouched for a tool that makes none
 *
 * Returns: whether it makes marks
 */
gboolean
galley_tool_get_shape (GalleyTool tool, GalleyShape *shape)
{
  g_return_val_if_fail (tool < GALLEY_N_TOOLS, FALSE);

  if (tools[tool].shape < 0)
    return FALSE;

  *shape = (GalleyShape)tools[tool].shape;
  return TRUE;
}

const char *
galley_weight_get_name (GalleyWeight weight)
{
  g_return_val_if_fail (weight < GALLEY_N_WEIGHTS, NULL);

  return _ (weights[weight].name);
}

/**
 * galley_weight_get_width:
 * @page_width: asset units
 * @page_height: asset units
 *
 * Returns: a stroke's width in asset units
 */
double
galley_weight_get_width (GalleyWeight weight, double page_width, double page_height)
{
  g_return_val_if_fail (weight < GALLEY_N_WEIGHTS, 1);

  return weights[weight].width * MAX (page_width, page_height) / 1000;
}
