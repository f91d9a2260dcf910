/* galley-canvas.c: one page of an asset with the marks on it, to look at and to draw on
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-canvas"

#include "ui/galley-canvas-private.h"

#include <math.h>

#define ZOOM_STEP 1.25

enum
{
  PROP_SOURCE = 1,
  PROP_ASSET_NAME,
  PROP_MARKS,
  PROP_PAGE,
  PROP_N_PAGES,
  PROP_ZOOM,
  PROP_ZOOM_MODE,
  PROP_TOOL,
  PROP_COLOR,
  PROP_WEIGHT,
  PROP_STROKE_WIDTH,
  PROP_SELECTED,
  PROP_EDITABLE,
  PROP_INSET,
  N_PROPS,
  /* GtkScrollable's */
  PROP_HADJUSTMENT = N_PROPS,
  PROP_VADJUSTMENT,
  PROP_HSCROLL_POLICY,
  PROP_VSCROLL_POLICY,
};

enum
{
  MARK_DRAWN,
  MARK_MOVED,
  MARK_ACTIVATED,
  DELETE_REQUESTED,
  N_SIGNALS
};

static GParamSpec *props[N_PROPS];
static guint signals[N_SIGNALS];

G_DEFINE_ENUM_TYPE (GalleyZoomMode,
                    galley_zoom_mode,
                    G_DEFINE_ENUM_VALUE (GALLEY_ZOOM_FIT, "fit"),
                    G_DEFINE_ENUM_VALUE (GALLEY_ZOOM_WIDTH, "width"),
                    G_DEFINE_ENUM_VALUE (GALLEY_ZOOM_ACTUAL, "actual"),
                    G_DEFINE_ENUM_VALUE (GALLEY_ZOOM_FREE, "free"))

G_DEFINE_FINAL_TYPE_WITH_CODE (GalleyCanvas,
                               galley_canvas,
                               GTK_TYPE_WIDGET,
                               G_IMPLEMENT_INTERFACE (GTK_TYPE_SCROLLABLE, NULL))

static void
notify (GalleyCanvas *self, guint prop)
{
  g_object_notify_by_pspec (G_OBJECT (self), props[prop]);
}

static void
source_changed_cb (GalleyPageSource *source, gpointer user_data)
{
  GalleyCanvas *self = user_data;

  galley_page_tiles_forget (self->tiles);
  galley_canvas_load_page (self);
  galley_canvas_apply_zoom_mode (self);
  galley_canvas_view_changed (self);
  notify (self, PROP_N_PAGES);
}

static void
tiles_changed_cb (GalleyPageTiles *tiles, gpointer user_data)
{
  GalleyCanvas *self = user_data;

  galley_canvas_update_notice (self);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

/**
 * galley_canvas_can_edit:
 *
 * Returns: whether a hand may draw and move now
 */
gboolean
galley_canvas_can_edit (GalleyCanvas *self)
{
  return self->editable && galley_viewport_has_page (&self->viewport);
}

static gboolean
galley_canvas_focus (GtkWidget *widget, GtkDirectionType direction)
{
  GalleyCanvas *self = GALLEY_CANVAS (widget);
  int step = direction == GTK_DIR_TAB_FORWARD ? 1 : direction == GTK_DIR_TAB_BACKWARD ? -1 : 0;

  if (gtk_widget_get_focus_child (widget) == self->notice)
    return gtk_widget_child_focus (self->notice, direction);
  if (!gtk_widget_is_focus (widget))
    return gtk_widget_grab_focus (widget);
  if (step != 0 && galley_canvas_select_next (self, step))
    return TRUE;

  return step > 0 && gtk_widget_child_focus (self->notice, direction);
}

static void
galley_canvas_get_property (GObject *object, guint prop, GValue *value, GParamSpec *pspec)
{
  GalleyCanvas *self = GALLEY_CANVAS (object);

  switch (prop)
    {
    case PROP_SOURCE:
      g_value_set_object (value, self->source);
      break;
    case PROP_ASSET_NAME:
      g_value_set_string (value, self->asset_name);
      break;
    case PROP_MARKS:
      g_value_set_object (value, self->marks);
      break;
    case PROP_PAGE:
      g_value_set_uint (value, self->page);
      break;
    case PROP_N_PAGES:
      g_value_set_uint (value, galley_canvas_get_n_pages (self));
      break;
    case PROP_ZOOM:
      g_value_set_double (value, self->viewport.zoom);
      break;
    case PROP_ZOOM_MODE:
      g_value_set_enum (value, (int)self->zoom_mode);
      break;
    case PROP_TOOL:
      g_value_set_enum (value, (int)self->tool);
      break;
    case PROP_COLOR:
      g_value_set_boxed (value, &self->color);
      break;
    case PROP_WEIGHT:
      g_value_set_enum (value, (int)self->weight);
      break;
    case PROP_STROKE_WIDTH:
      g_value_set_double (value, galley_canvas_get_stroke_width (self));
      break;
    case PROP_SELECTED:
      g_value_set_object (value, self->selected);
      break;
    case PROP_EDITABLE:
      g_value_set_boolean (value, self->editable);
      break;
    case PROP_INSET:
      g_value_set_int (value, (int)self->viewport.inset);
      break;
    case PROP_HADJUSTMENT:
      g_value_set_object (value, self->adjustments[GTK_ORIENTATION_HORIZONTAL]);
      break;
    case PROP_VADJUSTMENT:
      g_value_set_object (value, self->adjustments[GTK_ORIENTATION_VERTICAL]);
      break;
    case PROP_HSCROLL_POLICY:
      g_value_set_enum (value, (int)self->policies[GTK_ORIENTATION_HORIZONTAL]);
      break;
    case PROP_VSCROLL_POLICY:
      g_value_set_enum (value, (int)self->policies[GTK_ORIENTATION_VERTICAL]);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop, pspec);
    }
}

static void
galley_canvas_set_property (GObject *object, guint prop, const GValue *value, GParamSpec *pspec)
{
  GalleyCanvas *self = GALLEY_CANVAS (object);

  switch (prop)
    {
    case PROP_SOURCE:
      galley_canvas_set_source (self, g_value_get_object (value));
      break;
    case PROP_ASSET_NAME:
      galley_canvas_set_name (self, g_value_get_string (value));
      break;
    case PROP_MARKS:
      galley_canvas_set_marks (self, g_value_get_object (value));
      break;
    case PROP_PAGE:
      galley_canvas_set_page (self, g_value_get_uint (value));
      break;
    case PROP_ZOOM:
      galley_canvas_set_zoom (self, g_value_get_double (value));
      break;
    case PROP_ZOOM_MODE:
      galley_canvas_set_zoom_mode (self, (GalleyZoomMode)g_value_get_enum (value));
      break;
    case PROP_TOOL:
      galley_canvas_set_tool (self, (GalleyTool)g_value_get_enum (value));
      break;
    case PROP_COLOR:
      if (g_value_get_boxed (value) != NULL)
        galley_canvas_set_color (self, g_value_get_boxed (value));
      break;
    case PROP_WEIGHT:
      galley_canvas_set_weight (self, (GalleyWeight)g_value_get_enum (value));
      break;
    case PROP_SELECTED:
      galley_canvas_set_selected (self, g_value_get_object (value));
      break;
    case PROP_EDITABLE:
      galley_canvas_set_editable (self, g_value_get_boolean (value));
      break;
    case PROP_INSET:
      galley_canvas_set_inset (self, g_value_get_int (value));
      break;
    case PROP_HADJUSTMENT:
      galley_canvas_set_adjustment (self, GTK_ORIENTATION_HORIZONTAL, g_value_get_object (value));
      break;
    case PROP_VADJUSTMENT:
      galley_canvas_set_adjustment (self, GTK_ORIENTATION_VERTICAL, g_value_get_object (value));
      break;
    case PROP_HSCROLL_POLICY:
      self->policies[GTK_ORIENTATION_HORIZONTAL] = (guint)g_value_get_enum (value);
      break;
    case PROP_VSCROLL_POLICY:
      self->policies[GTK_ORIENTATION_VERTICAL] = (guint)g_value_get_enum (value);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop, pspec);
    }
}

static void
galley_canvas_dispose (GObject *object)
{
  GalleyCanvas *self = GALLEY_CANVAS (object);

  galley_canvas_hand_dispose (self);
  galley_canvas_marks_dispose (self);
  if (self->source != NULL)
    g_signal_handlers_disconnect_by_func (self->source, source_changed_cb, self);
  g_clear_object (&self->source);
  if (self->tiles != NULL)
    g_signal_handlers_disconnect_by_func (self->tiles, tiles_changed_cb, self);
  g_clear_object (&self->tiles);
  g_clear_object (&self->ink);
  g_clear_object (&self->layer);
  galley_canvas_view_dispose (self);
  G_OBJECT_CLASS (galley_canvas_parent_class)->dispose (object);
}

static void
galley_canvas_finalize (GObject *object)
{
  GalleyCanvas *self = GALLEY_CANVAS (object);

  g_free (self->asset_name);
  G_OBJECT_CLASS (galley_canvas_parent_class)->finalize (object);
}

static void
activate_zoom (GtkWidget *widget, const char *action, GVariant *parameter)
{
  GalleyCanvas *self = GALLEY_CANVAS (widget);

  if (g_str_equal (action, "canvas.zoom-in"))
    galley_canvas_zoom_in (self);
  else if (g_str_equal (action, "canvas.zoom-out"))
    galley_canvas_zoom_out (self);
  else if (g_str_equal (action, "canvas.zoom-fit"))
    galley_canvas_set_zoom_mode (self, GALLEY_ZOOM_FIT);
  else if (g_str_equal (action, "canvas.zoom-width"))
    galley_canvas_set_zoom_mode (self, GALLEY_ZOOM_WIDTH);
  else
    galley_canvas_set_zoom_mode (self, GALLEY_ZOOM_ACTUAL);
}

static void
activate_page (GtkWidget *widget, const char *action, GVariant *parameter)
{
  GalleyCanvas *self = GALLEY_CANVAS (widget);
  guint n_pages = galley_canvas_get_n_pages (self);

  if (g_str_equal (action, "canvas.next-page") && self->page < n_pages)
    galley_canvas_set_page (self, self->page + 1);
  else if (g_str_equal (action, "canvas.previous-page") && self->page > 1)
    galley_canvas_set_page (self, self->page - 1);
}

static void
activate_delete (GtkWidget *widget, const char *action, GVariant *parameter)
{
  galley_canvas_key_pressed (GALLEY_CANVAS (widget), GDK_KEY_Delete, 0);
}

static void
install_properties (GObjectClass *object_class)
{
  GParamFlags flags = G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS;
  GParamFlags told = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS;

  props[PROP_SOURCE] = g_param_spec_object ("source", NULL, NULL, GALLEY_TYPE_PAGE_SOURCE, flags);
  props[PROP_ASSET_NAME] = g_param_spec_string ("asset-name", NULL, NULL, "", flags);
  props[PROP_MARKS] = g_param_spec_object ("marks", NULL, NULL, G_TYPE_LIST_MODEL, flags);
  props[PROP_PAGE] = g_param_spec_uint ("page", NULL, NULL, 1, G_MAXUINT, 1, flags);
  props[PROP_N_PAGES] = g_param_spec_uint ("n-pages", NULL, NULL, 0, G_MAXUINT, 0, told);
  props[PROP_ZOOM] = g_param_spec_double ("zoom", NULL, NULL, GALLEY_ZOOM_MIN, GALLEY_ZOOM_MAX, 1,
                                          flags);
  props[PROP_ZOOM_MODE] = g_param_spec_enum ("zoom-mode", NULL, NULL, GALLEY_TYPE_ZOOM_MODE,
                                             GALLEY_ZOOM_FIT, flags);
  props[PROP_TOOL] = g_param_spec_enum ("tool", NULL, NULL, GALLEY_TYPE_TOOL, GALLEY_TOOL_SELECT,
                                        flags);
  props[PROP_COLOR] = g_param_spec_boxed ("color", NULL, NULL, GDK_TYPE_RGBA, flags);
  props[PROP_WEIGHT] = g_param_spec_enum ("weight", NULL, NULL, GALLEY_TYPE_WEIGHT,
                                          GALLEY_WEIGHT_MEDIUM, flags);
  props[PROP_STROKE_WIDTH] = g_param_spec_double ("stroke-width", NULL, NULL, 0, G_MAXDOUBLE, 1,
                                                  told);
  props[PROP_SELECTED] = g_param_spec_object ("selected", NULL, NULL, GALLEY_TYPE_MARK, flags);
  props[PROP_EDITABLE] = g_param_spec_boolean ("editable", NULL, NULL, TRUE, flags);
  props[PROP_INSET] = g_param_spec_int ("inset", NULL, NULL, 0, G_MAXINT, 0, flags);
  g_object_class_install_properties (object_class, N_PROPS, props);

  g_object_class_override_property (object_class, PROP_HADJUSTMENT, "hadjustment");
  g_object_class_override_property (object_class, PROP_VADJUSTMENT, "vadjustment");
  g_object_class_override_property (object_class, PROP_HSCROLL_POLICY, "hscroll-policy");
  g_object_class_override_property (object_class, PROP_VSCROLL_POLICY, "vscroll-policy");
}

static guint
make_signal (const char *name)
{
  return g_signal_new (name, GALLEY_TYPE_CANVAS, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                       G_TYPE_NONE, 1, GALLEY_TYPE_MARK);
}

static void
galley_canvas_class_init (GalleyCanvasClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->get_property = galley_canvas_get_property;
  object_class->set_property = galley_canvas_set_property;
  object_class->dispose = galley_canvas_dispose;
  object_class->finalize = galley_canvas_finalize;
  widget_class->snapshot = galley_canvas_draw;
  widget_class->measure = galley_canvas_measure;
  widget_class->size_allocate = galley_canvas_allocate;
  widget_class->focus = galley_canvas_focus;
  install_properties (object_class);

  signals[MARK_DRAWN] = make_signal ("mark-drawn");
  signals[MARK_ACTIVATED] = make_signal ("mark-activated");
  signals[DELETE_REQUESTED] = make_signal ("delete-requested");
  signals[MARK_MOVED] = g_signal_new ("mark-moved", GALLEY_TYPE_CANVAS, G_SIGNAL_RUN_LAST, 0, NULL,
                                      NULL, NULL, G_TYPE_NONE, 2, GALLEY_TYPE_MARK,
                                      GALLEY_TYPE_POINTS);

  gtk_widget_class_install_action (widget_class, "canvas.zoom-in", NULL, activate_zoom);
  gtk_widget_class_install_action (widget_class, "canvas.zoom-out", NULL, activate_zoom);
  gtk_widget_class_install_action (widget_class, "canvas.zoom-fit", NULL, activate_zoom);
  gtk_widget_class_install_action (widget_class, "canvas.zoom-width", NULL, activate_zoom);
  gtk_widget_class_install_action (widget_class, "canvas.zoom-actual", NULL, activate_zoom);
  gtk_widget_class_install_action (widget_class, "canvas.next-page", NULL, activate_page);
  gtk_widget_class_install_action (widget_class, "canvas.previous-page", NULL, activate_page);
  gtk_widget_class_install_action (widget_class, "canvas.delete", NULL, activate_delete);
  gtk_widget_class_set_css_name (widget_class, "canvas");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_IMG);
}

static void
galley_canvas_init (GalleyCanvas *self)
{
  self->asset_name = g_strdup ("");
  self->page = 1;
  self->weight = GALLEY_WEIGHT_MEDIUM;
  self->editable = TRUE;
  gdk_rgba_parse (&self->color, "#e01b24");
  self->ink = galley_mark_layer_new (TRUE);
  self->layer = galley_mark_layer_new (FALSE);
  galley_mark_layer_set_page (self->layer, self->page);
  galley_mark_layer_set_page (self->ink, self->page);
  g_signal_connect_object (self->layer, "changed", G_CALLBACK (gtk_widget_queue_draw), self,
                           G_CONNECT_SWAPPED);

  galley_canvas_view_init (self);
  galley_canvas_hand_init (self);
  galley_canvas_gestures_init (self);
  galley_canvas_keys_init (self);

  gtk_widget_set_focusable (GTK_WIDGET (self), TRUE);
  gtk_widget_set_overflow (GTK_WIDGET (self), GTK_OVERFLOW_HIDDEN);
  gtk_widget_set_hexpand (GTK_WIDGET (self), TRUE);
  gtk_widget_set_vexpand (GTK_WIDGET (self), TRUE);
  g_signal_connect (self, "notify::scale-factor", G_CALLBACK (galley_canvas_view_changed), NULL);
  galley_canvas_update_words (self);
}

GalleyCanvas *
galley_canvas_new (void)
{
  return g_object_new (GALLEY_TYPE_CANVAS, NULL);
}

/**
 * galley_canvas_set_source:
 * @source: (nullable): the asset; its first page is shown
 */
void
galley_canvas_set_source (GalleyCanvas *self, GalleyPageSource *source)
{
  g_return_if_fail (GALLEY_IS_CANVAS (self));

  if (self->source == source)
    return;

  galley_canvas_cancel (self);
  if (self->source != NULL)
    g_signal_handlers_disconnect_by_func (self->source, source_changed_cb, self);
  if (self->tiles != NULL)
    g_signal_handlers_disconnect_by_func (self->tiles, tiles_changed_cb, self);
  g_clear_object (&self->tiles);
  g_set_object (&self->source, source);
  if (source != NULL)
    {
      self->tiles = galley_page_tiles_new (source);
      g_signal_connect (self->tiles, "changed", G_CALLBACK (tiles_changed_cb), self);
      g_signal_connect (source, "changed", G_CALLBACK (source_changed_cb), self);
    }

  self->page = 0;
  galley_canvas_set_page (self, 1);
  notify (self, PROP_SOURCE);
  notify (self, PROP_N_PAGES);
}

/**
 * galley_canvas_get_source:
 *
 * Returns: (transfer none) (nullable):
 */
GalleyPageSource *
galley_canvas_get_source (GalleyCanvas *self)
{
  g_return_val_if_fail (GALLEY_IS_CANVAS (self), NULL);

  return self->source;
}

/**
 * galley_canvas_set_name:
 * @name: (nullable): what the asset is called, for a screen reader
 */
void
galley_canvas_set_name (GalleyCanvas *self, const char *name)
{
  g_return_if_fail (GALLEY_IS_CANVAS (self));

  if (name == NULL)
    name = "";
  if (g_str_equal (self->asset_name, name))
    return;

  g_free (self->asset_name);
  self->asset_name = g_strdup (name);
  galley_canvas_update_words (self);
  notify (self, PROP_ASSET_NAME);
}

/**
 * galley_canvas_set_page:
 * @page: the first is 1; one that is not there shows nothing
 */
void
galley_canvas_set_page (GalleyCanvas *self, guint page)
{
  g_return_if_fail (GALLEY_IS_CANVAS (self));
  g_return_if_fail (page > 0);

  if (self->page == page)
    return;

  galley_canvas_cancel (self);
  self->page = page;
  galley_mark_layer_set_page (self->layer, page);
  galley_mark_layer_set_page (self->ink, page);
  if (self->selected != NULL && galley_mark_get_page (self->selected) != page)
    galley_canvas_select_quietly (self, NULL);
  g_clear_object (&self->hovered);
  galley_canvas_load_page (self);
  galley_viewport_scroll_to (&self->viewport, self->viewport.x, 0);
  galley_canvas_apply_zoom_mode (self);
  galley_viewport_scroll_to (&self->viewport, self->viewport.x, 0);
  galley_canvas_view_changed (self);
  galley_canvas_update_words (self);
  notify (self, PROP_PAGE);
}

guint
galley_canvas_get_page (GalleyCanvas *self)
{
  g_return_val_if_fail (GALLEY_IS_CANVAS (self), 0);

  return self->page;
}

/**
 * galley_canvas_get_n_pages:
 *
 * Returns: 0 while it is not known
 */
guint
galley_canvas_get_n_pages (GalleyCanvas *self)
{
  g_return_val_if_fail (GALLEY_IS_CANVAS (self), 0);

  return self->source != NULL ? galley_page_source_get_n_pages (self->source) : 0;
}

/**
 * galley_canvas_set_zoom:
 * @zoom: screen units an asset unit; about the middle of the view
 */
void
galley_canvas_set_zoom (GalleyCanvas *self, double zoom)
{
  g_return_if_fail (GALLEY_IS_CANVAS (self));

  galley_canvas_zoom_about (self, zoom, self->viewport.view_width / 2,
                            self->viewport.view_height / 2);
}

double
galley_canvas_get_zoom (GalleyCanvas *self)
{
  g_return_val_if_fail (GALLEY_IS_CANVAS (self), 1);

  return self->viewport.zoom;
}

/**
 * galley_canvas_get_zoom_percent:
 *
 * Returns: the zoom for people: 100 is the asset's real size
 */
int
galley_canvas_get_zoom_percent (GalleyCanvas *self)
{
  double actual = 1;

  g_return_val_if_fail (GALLEY_IS_CANVAS (self), 100);

  if (self->source != NULL)
    actual = galley_page_source_get_actual_zoom (self->source, self->page);
  return (int)round (self->viewport.zoom / actual * 100);
}

void
galley_canvas_set_zoom_mode (GalleyCanvas *self, GalleyZoomMode mode)
{
  g_return_if_fail (GALLEY_IS_CANVAS (self));

  if (self->zoom_mode == mode)
    return;

  self->zoom_mode = mode;
  galley_canvas_apply_zoom_mode (self);
  galley_canvas_view_changed (self);
  notify (self, PROP_ZOOM_MODE);
}

GalleyZoomMode
galley_canvas_get_zoom_mode (GalleyCanvas *self)
{
  g_return_val_if_fail (GALLEY_IS_CANVAS (self), GALLEY_ZOOM_FIT);

  return self->zoom_mode;
}

void
galley_canvas_zoom_in (GalleyCanvas *self)
{
  g_return_if_fail (GALLEY_IS_CANVAS (self));

  galley_canvas_set_zoom (self, self->viewport.zoom * ZOOM_STEP);
}

void
galley_canvas_zoom_out (GalleyCanvas *self)
{
  g_return_if_fail (GALLEY_IS_CANVAS (self));

  galley_canvas_set_zoom (self, self->viewport.zoom / ZOOM_STEP);
}

void
galley_canvas_set_tool (GalleyCanvas *self, GalleyTool tool)
{
  g_return_if_fail (GALLEY_IS_CANVAS (self));
  g_return_if_fail (tool < GALLEY_N_TOOLS);

  if (self->tool == tool)
    return;

  galley_canvas_cancel (self);
  self->tool = tool;
  galley_canvas_update_cursor (self);
  notify (self, PROP_TOOL);
}

GalleyTool
galley_canvas_get_tool (GalleyCanvas *self)
{
  g_return_val_if_fail (GALLEY_IS_CANVAS (self), GALLEY_TOOL_SELECT);

  return self->tool;
}

/**
 * galley_canvas_set_color:
 * @color: of marks drawn from now on
 */
void
galley_canvas_set_color (GalleyCanvas *self, const GdkRGBA *color)
{
  g_return_if_fail (GALLEY_IS_CANVAS (self));
  g_return_if_fail (color != NULL);

  if (gdk_rgba_equal (&self->color, color))
    return;

  self->color = *color;
  gtk_widget_queue_draw (GTK_WIDGET (self));
  notify (self, PROP_COLOR);
}

const GdkRGBA *
galley_canvas_get_color (GalleyCanvas *self)
{
  g_return_val_if_fail (GALLEY_IS_CANVAS (self), NULL);

  return &self->color;
}

/**
 * galley_canvas_set_weight:
 * @weight: of marks drawn from now on
 */
void
galley_canvas_set_weight (GalleyCanvas *self, GalleyWeight weight)
{
  g_return_if_fail (GALLEY_IS_CANVAS (self));
  g_return_if_fail (weight < GALLEY_N_WEIGHTS);

  if (self->weight == weight)
    return;

  self->weight = weight;
  notify (self, PROP_WEIGHT);
  notify (self, PROP_STROKE_WIDTH);
}

GalleyWeight
galley_canvas_get_weight (GalleyCanvas *self)
{
  g_return_val_if_fail (GALLEY_IS_CANVAS (self), GALLEY_WEIGHT_MEDIUM);

  return self->weight;
}

/**
 * galley_canvas_get_stroke_width:
 *
 * Returns: the weight on this page, in asset units
 */
double
galley_canvas_get_stroke_width (GalleyCanvas *self)
{
  g_return_val_if_fail (GALLEY_IS_CANVAS (self), 1);

  return galley_weight_get_width (self->weight, self->viewport.page_width,
                                  self->viewport.page_height);
}

void
galley_canvas_set_editable (GalleyCanvas *self, gboolean editable)
{
  g_return_if_fail (GALLEY_IS_CANVAS (self));

  if (self->editable == !!editable)
    return;

  galley_canvas_cancel (self);
  self->editable = !!editable;
  gtk_widget_queue_draw (GTK_WIDGET (self));
  galley_canvas_update_cursor (self);
  notify (self, PROP_EDITABLE);
}

gboolean
galley_canvas_get_editable (GalleyCanvas *self)
{
  g_return_val_if_fail (GALLEY_IS_CANVAS (self), FALSE);

  return self->editable;
}

/**
 * galley_canvas_set_inset:
 * @inset: screen units at the bottom that the page keeps out of as far as it can
 */
void
galley_canvas_set_inset (GalleyCanvas *self, int inset)
{
  g_return_if_fail (GALLEY_IS_CANVAS (self));
  g_return_if_fail (inset >= 0);

  if ((int)self->viewport.inset == inset)
    return;

  self->viewport.inset = inset;
  galley_canvas_apply_zoom_mode (self);
  galley_canvas_view_changed (self);
  notify (self, PROP_INSET);
}

/**
 * galley_canvas_retry:
 *
 * Asks again for a page that could not be drawn.
 */
void
galley_canvas_retry (GalleyCanvas *self)
{
  g_return_if_fail (GALLEY_IS_CANVAS (self));

  if (self->tiles == NULL)
    return;

  galley_page_tiles_forget (self->tiles);
  galley_canvas_view_changed (self);
}
