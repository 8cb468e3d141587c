/* The window's colours, once: charts and glyphs draw with them, and the style sheet has them by the same names. */
#ifndef MPROC_WINDOW_PALETTE_H
#define MPROC_WINDOW_PALETTE_H

#include <gtk/gtk.h>

/** name, light, dark. Every text colour has a contrast of 4.5 at least on bg, side and accent_soft. */
#define PALETTE(C)                                                                                                     \
    C(bg, 0xffffff, 0x1c1e22)                                                                                          \
    C(side, 0xf4f5f7, 0x24272c)                                                                                        \
    C(raised, 0xe9ebef, 0x30343b)                                                                                      \
    C(line, 0xdfe2e7, 0x363a42)                                                                                        \
    C(line2, 0xbcc2cb, 0x545a65)                                                                                       \
    C(text, 0x1b1f24, 0xe9ebee)                                                                                        \
    C(dim, 0x565e6b, 0xa7aeb9)                                                                                         \
    C(accent, 0x1a66c2, 0x7ab4f5)                                                                                      \
    C(accent_soft, 0xdfebfa, 0x243c5a)                                                                                 \
    C(on_accent, 0xffffff, 0x0e1a28)                                                                                   \
    C(good, 0x0f7357, 0x5fc7a2)                                                                                        \
    C(warn, 0x8a5600, 0xe3ad55)                                                                                        \
    C(warn_soft, 0xfbf1dc, 0x3a2f1b)                                                                                   \
    C(bad, 0xb3361b, 0xff8f70)                                                                                         \
    C(bad_soft, 0xfcece7, 0x43281f)                                                                                    \
    C(f1, 0x1a66c2, 0x7ab4f5)                                                                                          \
    C(f2, 0x9c5000, 0xeda45c)                                                                                          \
    C(f3, 0x14775a, 0x62cba6)                                                                                          \
    C(f4, 0x4b2a7b, 0xd9caff)                                                                                          \
    C(f5, 0xa33b72, 0xee8fbd)                                                                                          \
    C(f6, 0x5d6672, 0xa7aeb9)                                                                                          \
    C(on_f, 0xffffff, 0x14161a)

#define PALETTE_ENUMERATOR(name, light, dark) PALETTE_##name,
enum palette_color { PALETTE(PALETTE_ENUMERATOR) PALETTE_COLORS };

/** A colour's value, 0xRRGGBB. */
uint32_t palette_value(enum palette_color color, bool dark);

/** The style sheet's definitions of all of them; for g_free. */
char *palette_style(bool dark);

/** Which of the two is drawn with from now on. */
void palette_choose(bool dark);

/** A colour to draw with. */
GdkRGBA palette_color(enum palette_color color);

/** The same in a widget that may stand in something stale: there all but bad is dim. */
GdkRGBA palette_color_in(GtkWidget *widget, enum palette_color color);

/** Says whether the widget, and all that is in it, shows figures that are not fresh. This is about what is drawn: the
 * style of texts is another matter. */
void palette_set_stale(GtkWidget *widget, bool is_stale);
/** Whether that was said of the widget, or of what it stands in. */
bool palette_is_stale(GtkWidget *widget);

#endif
