/* A series over the last minute, as a line: its name, its value now, its scale. */
#ifndef MPROC_WINDOW_CHART_H
#define MPROC_WINDOW_CHART_H

#include <gtk/gtk.h>
#include <stdbool.h>

#define CHART_SAMPLES 61

#define MON_TYPE_CHART (mon_chart_get_type())
G_DECLARE_FINAL_TYPE(MonChart, mon_chart, MON, CHART, GtkWidget)

/** What a chart shows at a moment. Texts are copied. */
struct chart_data {
    double values[CHART_SAMPLES]; /**< oldest first, one a second; NAN: not known */
    bool deaths[CHART_SAMPLES];   /**< a worker died in that second */
    bool is_other;                /**< of another pool than before: its scale begins anew */
    double least_top;             /**< the scale goes at least so far; 0: as it comes */
    double limit;                 /**< a line at this value, if it is within the scale; 0: none */
    const char *now;              /**< the value now, in words; "" if there is none */
    const char *begin, *end;      /**< of the time axis, in words */
    int from;                     /**< the sample at the left edge */
    int begin_at;                 /**< the sample below which begin stands */
    int born;                     /**< the first sample at which there was what is told: nothing is drawn before it */
    const char *before, *after;   /**< why nothing is known at the beginning, and at the end: literals */
};

/** How a value of the scale is written. */
typedef void chart_name_fn(double value, char *ret_text, size_t capacity);

/** Where deaths are drawn: a line each, at x. Of some that are close together one has the shape of the dead. */
struct chart_mark {
    double x;
    bool has_glyph;
};

/** From left to right, in a plot of that width; where nothing is known there is none: it would go through what says so.
 * Returns how many. */
int chart_marks(const struct chart_data *data, double width, struct chart_mark ret_marks[CHART_SAMPLES]);

GtkWidget *mon_chart_new(const char *title, chart_name_fn *name);
void mon_chart_show(MonChart *self, const struct chart_data *data);

#endif
