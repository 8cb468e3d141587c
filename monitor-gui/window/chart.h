/* A series over the last minute, as a line: its name, its value now, its scale. */
#ifndef MPROC_WINDOW_CHART_H
#define MPROC_WINDOW_CHART_H

#include <gtk/gtk.h>
#include <stdbool.h>

#define CHART_SAMPLES 61
/** Parts of the time from one sample to the next, and of all of it: the last sample is the end. */
#define CHART_STEPS     32
#define CHART_ALL_STEPS ((CHART_SAMPLES - 1) * CHART_STEPS + 1)

#define MON_TYPE_CHART (mon_chart_get_type())
G_DECLARE_FINAL_TYPE(MonChart, mon_chart, MON, CHART, GtkWidget)

/** What a chart shows at a moment. Texts are copied. */
struct chart_data {
    double values[CHART_SAMPLES];   /**< oldest first, one a second; NAN: not known */
    uint32_t died[CHART_ALL_STEPS]; /**< workers in that part of a second, behind its sample */
    bool is_other;                  /**< of another pool than before: its scale begins anew */
    double least_top;               /**< the scale goes at least so far; 0: as it comes */
    double limit;                   /**< a line at this value, if it is within the scale; 0: none */
    const char *now;                /**< the value now, in words; "" if there is none */
    const char *begin, *end;        /**< of the time axis, in words */
    int from;                       /**< the sample at the left edge */
    int begin_at;                   /**< the sample below which begin stands */
    int born;                       /**< the first sample at which there was what is told: none is drawn before */
    const char *before, *after;     /**< why nothing is known at the beginning, and at the end: literals */
};

/** How a value of the scale is written. */
typedef void chart_name_fn(double value, char *ret_text, size_t capacity);

/** Where deaths are drawn: a line at x. Of some that are close together the first has the shape of the dead, and with
 * it the number of them all, if they are more than one. */
struct chart_mark {
    double x, glyph_x;
    uint64_t count; /**< of deaths, up to the next mark that has one; 0: it has no shape */
};

/** From left to right, in a plot of that width. Lines that could not be told apart are one. Where nothing is known
 * there is none: it would go through what says so. Returns how many. */
int chart_marks(const struct chart_data *data, double width, struct chart_mark ret_marks[CHART_ALL_STEPS]);

GtkWidget *mon_chart_new(const char *title, chart_name_fn *name);
void mon_chart_show(MonChart *self, const struct chart_data *data);

/** The value now, as it stands at its head; "" if there is none. */
const char *mon_chart_get_now(MonChart *self);

#endif
