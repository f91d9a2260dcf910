/* galley-mark.c: one mark on a page, as the canvas and the page strip show it
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-mark"

#include "ui/galley-mark.h"

#include <glib/gi18n-lib.h>

struct _GalleyMark
{
  GObject parent_instance;

  char *id; /* (nullable) */
  GalleyShape shape;
  guint page;
  GalleyPoints *points;
  GdkRGBA color;
  double width;
  char *body;
  char *author;
  gboolean resolved;
  gboolean contested;
  guint number;
  guint n_replies;
  guint serial;
};

enum
{
  PROP_ID = 1,
  PROP_SHAPE,
  PROP_PAGE,
  PROP_POINTS,
  PROP_COLOR,
  PROP_WIDTH,
  PROP_BODY,
  PROP_AUTHOR,
  PROP_RESOLVED,
  PROP_CONTESTED,
  PROP_NUMBER,
  PROP_N_REPLIES,
  N_PROPS
};

static GParamSpec *props[N_PROPS];

G_DEFINE_FINAL_TYPE (GalleyMark, galley_mark, G_TYPE_OBJECT)

/* The nicks are the words of the schema. */
G_DEFINE_ENUM_TYPE (GalleyShape,
                    galley_shape,
                    G_DEFINE_ENUM_VALUE (GALLEY_SHAPE_PIN, "pin"),
                    G_DEFINE_ENUM_VALUE (GALLEY_SHAPE_RECT, "rect"),
                    G_DEFINE_ENUM_VALUE (GALLEY_SHAPE_ELLIPSE, "ellipse"),
                    G_DEFINE_ENUM_VALUE (GALLEY_SHAPE_LINE, "line"),
                    G_DEFINE_ENUM_VALUE (GALLEY_SHAPE_ARROW, "arrow"),
                    G_DEFINE_ENUM_VALUE (GALLEY_SHAPE_POLYGON, "polygon"),
                    G_DEFINE_ENUM_VALUE (GALLEY_SHAPE_PATH, "path"),
                    G_DEFINE_ENUM_VALUE (GALLEY_SHAPE_HIGHLIGHT, "highlight"),
                    G_DEFINE_ENUM_VALUE (GALLEY_SHAPE_TEXT, "text"))

static const char *const shape_names[] = {
  N_ ("Pin"),     N_ ("Rectangle"), N_ ("Ellipse"),   N_ ("Line"), N_ ("Arrow"),
  N_ ("Polygon"), N_ ("Drawing"),   N_ ("Highlight"), N_ ("Text"),
};

/**
 * galley_shape_to_text:
 *
 * Returns: the word that the schema has for @shape
 */
const char *
galley_shape_to_text (GalleyShape shape)
{
  g_autoptr (GEnumClass) klass = g_type_class_ref (GALLEY_TYPE_SHAPE);
  GEnumValue *value = g_enum_get_value (klass, (int)shape);

  g_return_val_if_fail (value != NULL, NULL);

  return value->value_nick;
}

/**
 * galley_shape_from_text:
 * @text: (nullable): the schema's word
 * @shape: (out): untouched for a word that is not known
 *
 * Returns: whether it is known
 */
gboolean
galley_shape_from_text (const char *text, GalleyShape *shape)
{
  g_autoptr (GEnumClass) klass = g_type_class_ref (GALLEY_TYPE_SHAPE);
  GEnumValue *value = text != NULL ? g_enum_get_value_by_nick (klass, text) : NULL;

  if (value != NULL)
    *shape = (GalleyShape)value->value;
  return value != NULL;
}

/**
 * galley_shape_get_name:
 *
 * Returns: what people call it, translated
 */
const char *
galley_shape_get_name (GalleyShape shape)
{
  g_return_val_if_fail (shape < G_N_ELEMENTS (shape_names), NULL);

  return _ (shape_names[shape]);
}

static void
announce (GalleyMark *self, guint prop)
{
  self->serial++;
  g_object_notify_by_pspec (G_OBJECT (self), props[prop]);
}

static void
set_text (GalleyMark *self, char **field, const char *text, guint prop)
{
  if (text == NULL)
    text = "";
  if (g_strcmp0 (*field, text) == 0)
    return;

  g_free (*field);
  *field = g_strdup (text);
  announce (self, prop);
}

static void
set_uint (GalleyMark *self, guint *field, guint value, guint prop)
{
  if (*field == value)
    return;

  *field = value;
  announce (self, prop);
}

static void
set_flag (GalleyMark *self, gboolean *field, gboolean value, guint prop)
{
  if (*field == value)
    return;

  *field = value;
  announce (self, prop);
}

static void
galley_mark_get_property (GObject *object, guint prop, GValue *value, GParamSpec *pspec)
{
  GalleyMark *self = GALLEY_MARK (object);

  switch (prop)
    {
    case PROP_ID:
      g_value_set_string (value, self->id);
      break;
    case PROP_SHAPE:
      g_value_set_enum (value, (int)self->shape);
      break;
    case PROP_PAGE:
      g_value_set_uint (value, self->page);
      break;
    case PROP_POINTS:
      g_value_set_boxed (value, self->points);
      break;
    case PROP_COLOR:
      g_value_set_boxed (value, &self->color);
      break;
    case PROP_WIDTH:
      g_value_set_double (value, self->width);
      break;
    case PROP_BODY:
      g_value_set_string (value, self->body);
      break;
    case PROP_AUTHOR:
      g_value_set_string (value, self->author);
      break;
    case PROP_RESOLVED:
      g_value_set_boolean (value, self->resolved);
      break;
    case PROP_CONTESTED:
      g_value_set_boolean (value, self->contested);
      break;
    case PROP_NUMBER:
      g_value_set_uint (value, self->number);
      break;
    case PROP_N_REPLIES:
      g_value_set_uint (value, self->n_replies);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop, pspec);
    }
}

static void
galley_mark_set_property (GObject *object, guint prop, const GValue *value, GParamSpec *pspec)
{
  GalleyMark *self = GALLEY_MARK (object);

  switch (prop)
    {
    case PROP_ID:
      self->id = g_value_dup_string (value);
      break;
    case PROP_SHAPE:
      self->shape = (GalleyShape)g_value_get_enum (value);
      break;
    case PROP_PAGE:
      set_uint (self, &self->page, g_value_get_uint (value), prop);
      break;
    case PROP_POINTS:
      if (g_value_get_boxed (value) != NULL)
        galley_mark_set_points (self, g_value_get_boxed (value));
      break;
    case PROP_COLOR:
      if (g_value_get_boxed (value) != NULL)
        galley_mark_set_color (self, g_value_get_boxed (value));
      break;
    case PROP_WIDTH:
      galley_mark_set_width (self, g_value_get_double (value));
      break;
    case PROP_BODY:
      set_text (self, &self->body, g_value_get_string (value), prop);
      break;
    case PROP_AUTHOR:
      set_text (self, &self->author, g_value_get_string (value), prop);
      break;
    case PROP_RESOLVED:
      set_flag (self, &self->resolved, g_value_get_boolean (value), prop);
      break;
    case PROP_CONTESTED:
      set_flag (self, &self->contested, g_value_get_boolean (value), prop);
      break;
    case PROP_NUMBER:
      set_uint (self, &self->number, g_value_get_uint (value), prop);
      break;
    case PROP_N_REPLIES:
      set_uint (self, &self->n_replies, g_value_get_uint (value), prop);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop, pspec);
    }
}

static void
galley_mark_finalize (GObject *object)
{
  GalleyMark *self = GALLEY_MARK (object);

  g_free (self->id);
  galley_points_unref (self->points);
  g_free (self->body);
  g_free (self->author);
  G_OBJECT_CLASS (galley_mark_parent_class)->finalize (object);
}

static void
galley_mark_class_init (GalleyMarkClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GParamFlags once = G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS;
  GParamFlags often = G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS;

  object_class->get_property = galley_mark_get_property;
  object_class->set_property = galley_mark_set_property;
  object_class->finalize = galley_mark_finalize;

  props[PROP_ID] = g_param_spec_string ("id", NULL, NULL, NULL, once);
  props[PROP_SHAPE] = g_param_spec_enum ("shape", NULL, NULL, GALLEY_TYPE_SHAPE, GALLEY_SHAPE_PIN,
                                         once);
  props[PROP_PAGE] = g_param_spec_uint ("page", NULL, NULL, 1, G_MAXUINT, 1, often);
  props[PROP_POINTS] = g_param_spec_boxed ("points", NULL, NULL, GALLEY_TYPE_POINTS, often);
  props[PROP_COLOR] = g_param_spec_boxed ("color", NULL, NULL, GDK_TYPE_RGBA, often);
  props[PROP_WIDTH] = g_param_spec_double ("width", NULL, NULL, 0, G_MAXDOUBLE, 1, often);
  props[PROP_BODY] = g_param_spec_string ("body", NULL, NULL, "", often);
  props[PROP_AUTHOR] = g_param_spec_string ("author", NULL, NULL, "", often);
  props[PROP_RESOLVED] = g_param_spec_boolean ("resolved", NULL, NULL, FALSE, often);
  props[PROP_CONTESTED] = g_param_spec_boolean ("contested", NULL, NULL, FALSE, often);
  props[PROP_NUMBER] = g_param_spec_uint ("number", NULL, NULL, 0, G_MAXUINT, 0, often);
  props[PROP_N_REPLIES] = g_param_spec_uint ("n-replies", NULL, NULL, 0, G_MAXUINT, 0, often);
  g_object_class_install_properties (object_class, N_PROPS, props);
}

static void
galley_mark_init (GalleyMark *self)
{
  self->page = 1;
  self->width = 1;
  self->points = galley_points_new (NULL, 0);
  self->body = g_strdup ("");
  self->author = g_strdup ("");
  gdk_rgba_parse (&self->color, "#e01b24");
}

/**
 * galley_mark_new:
 * @id: (nullable): the annotation's id as text; %NULL for one that is not kept yet
 * @shape: what it is
 * @page: the first is 1
 * @points: asset units; see #GalleyShape for what they are
 */
GalleyMark *
galley_mark_new (const char *id, GalleyShape shape, guint page, GalleyPoints *points)
{
  g_return_val_if_fail (points != NULL, NULL);

  return g_object_new (GALLEY_TYPE_MARK, "id", id, "shape", shape, "page", page, "points", points,
                       NULL);
}

const char *
galley_mark_get_id (GalleyMark *self)
{
  g_return_val_if_fail (GALLEY_IS_MARK (self), NULL);

  return self->id;
}

GalleyShape
galley_mark_get_shape (GalleyMark *self)
{
  g_return_val_if_fail (GALLEY_IS_MARK (self), GALLEY_SHAPE_PIN);

  return self->shape;
}

guint
galley_mark_get_page (GalleyMark *self)
{
  g_return_val_if_fail (GALLEY_IS_MARK (self), 0);

  return self->page;
}

/**
 * galley_mark_get_points:
 *
 * Returns: (transfer none): asset units
 */
GalleyPoints *
galley_mark_get_points (GalleyMark *self)
{
  g_return_val_if_fail (GALLEY_IS_MARK (self), NULL);

  return self->points;
}

const GdkRGBA *
galley_mark_get_color (GalleyMark *self)
{
  g_return_val_if_fail (GALLEY_IS_MARK (self), NULL);

  return &self->color;
}

double
galley_mark_get_width (GalleyMark *self)
{
  g_return_val_if_fail (GALLEY_IS_MARK (self), 0);

  return self->width;
}

const char *
galley_mark_get_body (GalleyMark *self)
{
  g_return_val_if_fail (GALLEY_IS_MARK (self), NULL);

  return self->body;
}

const char *
galley_mark_get_author (GalleyMark *self)
{
  g_return_val_if_fail (GALLEY_IS_MARK (self), NULL);

  return self->author;
}

gboolean
galley_mark_get_resolved (GalleyMark *self)
{
  g_return_val_if_fail (GALLEY_IS_MARK (self), FALSE);

  return self->resolved;
}

gboolean
galley_mark_get_contested (GalleyMark *self)
{
  g_return_val_if_fail (GALLEY_IS_MARK (self), FALSE);

  return self->contested;
}

guint
galley_mark_get_number (GalleyMark *self)
{
  g_return_val_if_fail (GALLEY_IS_MARK (self), 0);

  return self->number;
}

guint
galley_mark_get_n_replies (GalleyMark *self)
{
  g_return_val_if_fail (GALLEY_IS_MARK (self), 0);

  return self->n_replies;
}

/**
 * galley_mark_get_serial:
 *
 * Returns: a number that is another after every change, so that what was computed can be kept
 */
guint
galley_mark_get_serial (GalleyMark *self)
{
  g_return_val_if_fail (GALLEY_IS_MARK (self), 0);

  return self->serial;
}

void
galley_mark_set_points (GalleyMark *self, GalleyPoints *points)
{
  g_return_if_fail (GALLEY_IS_MARK (self));
  g_return_if_fail (points != NULL);

  if (galley_points_equal (self->points, points))
    return;

  galley_points_ref (points);
  galley_points_unref (self->points);
  self->points = points;
  announce (self, PROP_POINTS);
}

void
galley_mark_set_color (GalleyMark *self, const GdkRGBA *color)
{
  g_return_if_fail (GALLEY_IS_MARK (self));
  g_return_if_fail (color != NULL);

  if (gdk_rgba_equal (&self->color, color))
    return;

  self->color = *color;
  announce (self, PROP_COLOR);
}

/**
 * galley_mark_set_width:
 * @width: asset units, 0 or more
 */
void
galley_mark_set_width (GalleyMark *self, double width)
{
  g_return_if_fail (GALLEY_IS_MARK (self));

  if (self->width == width)
    return;

  self->width = width;
  announce (self, PROP_WIDTH);
}

void
galley_mark_set_body (GalleyMark *self, const char *body)
{
  g_return_if_fail (GALLEY_IS_MARK (self));

  set_text (self, &self->body, body, PROP_BODY);
}

void
galley_mark_set_author (GalleyMark *self, const char *author)
{
  g_return_if_fail (GALLEY_IS_MARK (self));

  set_text (self, &self->author, author, PROP_AUTHOR);
}

void
galley_mark_set_number (GalleyMark *self, guint number)
{
  g_return_if_fail (GALLEY_IS_MARK (self));

  set_uint (self, &self->number, number, PROP_NUMBER);
}

static char *
name_with_number (GalleyMark *self)
{
  const char *name = galley_shape_get_name (self->shape);

  /* Translators: a kind of mark and its number: "Pin 3" */
  return self->number > 0 ? g_strdup_printf (_ ("%s %u"), name, self->number) : g_strdup (name);
}

static char *
name_with_author (GalleyMark *self)
{
  g_autofree char *name = name_with_number (self);

  /* Translators: a kind of mark, its number and who made it: "Pin 3 by Rosa" */
  return *self->author != '\0' ? g_strdup_printf (_ ("%s by %s"), name, self->author)
                               : g_steal_pointer (&name);
}

/**
 * galley_mark_describe:
 *
 * Returns: (transfer full): all that is to know, in words, for a tooltip and a screen reader
 */
char *
galley_mark_describe (GalleyMark *self)
{
  g_autoptr (GPtrArray) parts = g_ptr_array_new_with_free_func (g_free);
  g_autofree char *line = NULL;

  g_return_val_if_fail (GALLEY_IS_MARK (self), NULL);

  g_ptr_array_add (parts, name_with_author (self));
  if (self->resolved)
    g_ptr_array_add (parts, g_strdup (_ ("resolved")));
  if (self->contested)
    g_ptr_array_add (parts, g_strdup (_ ("changed by two people at once")));
  if (self->n_replies > 0)
    g_ptr_array_add (parts, g_strdup_printf (ngettext ("%u reply", "%u replies", self->n_replies),
                                             self->n_replies));
  g_ptr_array_add (parts, NULL);
  line = g_strjoinv (", ", (char **)parts->pdata);

  return *self->body != '\0' ? g_strconcat (line, "\n", self->body, NULL) : g_steal_pointer (&line);
}
