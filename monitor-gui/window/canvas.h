/* What charts are drawn with, layer by layer. */
#ifndef MPROC_WINDOW_CANVAS_H
#define MPROC_WINDOW_CANVAS_H

#include "window/glyph.h"

/** A text of 11 pixels, or so many, its baseline box with the top at y. align: 0 begins at x, 1 ends at x, 0.5 between.
 * Returns its width. */
int canvas_text(GtkWidget *widget, GtkSnapshot *snapshot, const char *text, double x, double y, double align,
                double pixels, bool is_bold, enum palette_color color);

/** The same in the middle of that width; what does not fit ends in an ellipsis. */
void canvas_text_middle(GtkWidget *widget, GtkSnapshot *snapshot, const char *text, double x, double y, double width,
                        double pixels, bool is_bold, enum palette_color color);

/** The same where there is room for so many pixels: what does not fit ends in an ellipsis. */
void canvas_text_within(GtkWidget *widget, GtkSnapshot *snapshot, const char *text, double x, double y, double width,
                        double pixels, enum palette_color color);

/** A text in the middle of a box, with the ground behind it; nothing where there is no room for all of it. */
void canvas_note(GtkWidget *widget, GtkSnapshot *snapshot, const char *text, const graphene_rect_t *box, double pixels);

/** A shape with its corner there. */
void canvas_glyph(GtkSnapshot *snapshot, enum glyph glyph, double x, double y, const GdkRGBA *color);

void canvas_box(GtkSnapshot *snapshot, double x, double y, double width, double height, const GdkRGBA *color);

/** Diagonal lines: what is not known. */
void canvas_hatch(GtkSnapshot *snapshot, double x, double y, double width, double height, const GdkRGBA *color);

/** A line of dashes, across if height is 0, down if width is. */
void canvas_dashes(GtkSnapshot *snapshot, double x, double y, double width, double height, double dash,
                   const GdkRGBA *color);

#endif
