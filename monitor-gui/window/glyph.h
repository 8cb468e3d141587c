/* The shapes that stand for states, 14 pixels wide: the same in tables, charts, notices and the sidebar. They are
 * drawn here, so that no icon theme is needed, and told apart by shape first, by colour last.
 */
#ifndef MPROC_WINDOW_GLYPH_H
#define MPROC_WINDOW_GLYPH_H

#include "window/palette.h"

#define GLYPH_SIZE 14

enum glyph {
    GLYPH_NONE = 0,
    GLYPH_RUNNING,
    GLYPH_SLOW,
    GLYPH_IDLE, /**< also free */
    GLYPH_STARTING,
    GLYPH_ABSENT, /**< nobody is there */
    GLYPH_PAUSED,
    GLYPH_WAITING,
    GLYPH_DONE,
    GLYPH_QUEUED,
    GLYPH_RETRIED,
    GLYPH_CANCELLED,
    GLYPH_FAILED,
    GLYPH_TIMED_OUT,
    GLYPH_DEAD,
    GLYPH_DEADLOCK,
    GLYPH_BROKEN, /**< no connection, events lost */
    GLYPH_LIVE,   /**< also held */
    GLYPH_RECORDING,
    GLYPH_DOT,
    GLYPH_WARNING,
    GLYPH_SIDEBAR,
    GLYPH_RECORD,
    GLYPH_FREEZE,
    GLYPH_COUNT
};

/** The colour that a shape has, and what it stands for in words. */
enum palette_color glyph_color(enum glyph glyph);
const char *glyph_name(enum glyph glyph);

/** Draws one with its corner at 0, 0. */
void glyph_draw(cairo_t *cairo, enum glyph glyph, const GdkRGBA *color);

#define MON_TYPE_GLYPH (mon_glyph_get_type())
G_DECLARE_FINAL_TYPE(MonGlyph, mon_glyph, MON, GLYPH, GtkWidget)

/** Beside words that say the same: assistive technology reads these. */
GtkWidget *mon_glyph_new(enum glyph glyph);
/** Without words beside it: it is read itself. */
GtkWidget *mon_glyph_new_alone(void);
void mon_glyph_set(MonGlyph *self, enum glyph glyph);

/** In another colour than the shape's own. */
void mon_glyph_set_color(MonGlyph *self, enum palette_color color);

#endif
