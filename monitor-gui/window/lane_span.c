#include "window/lane_span.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define NS_PER_S  INT64_C(1000000000)
#define NS_PER_MS INT64_C(1000000)
/* A mark takes so many pixels at least. */
#define TICK_ROOM 120.0

static int64_t clamp(int64_t value, int64_t least, int64_t most)
{
    return value > most ? most : value < least ? least : value;
}

struct lane_span lane_span_within(struct lane_span bounds, int64_t from_ns, int64_t length_ns)
{
    int64_t whole_ns = lane_span_length(bounds);
    length_ns = length_ns < LANE_SPAN_LEAST ? LANE_SPAN_LEAST : length_ns;
    if (length_ns >= whole_ns)
        return (struct lane_span){ bounds.from_ns, bounds.from_ns + (whole_ns > 0 ? whole_ns : LANE_SPAN_LEAST) };
    from_ns = clamp(from_ns, bounds.from_ns, bounds.to_ns - length_ns);
    return (struct lane_span){ from_ns, from_ns + length_ns };
}

struct lane_span lane_span_zoom(struct lane_span span, struct lane_span bounds, double factor, int64_t at_ns)
{
    double length = (double)lane_span_length(span);
    double part = length > 0 ? (double)(clamp(at_ns, span.from_ns, span.to_ns) - span.from_ns) / length : 0;
    double most = (double)lane_span_length(bounds), wanted = length * factor;
    int64_t length_ns = (int64_t)(wanted < most ? wanted : most);
    return lane_span_within(bounds, at_ns - (int64_t)(part * (double)length_ns), length_ns);
}

struct lane_span lane_span_pan(struct lane_span span, struct lane_span bounds, double part)
{
    int64_t length_ns = lane_span_length(span);
    return lane_span_within(bounds, span.from_ns + (int64_t)((double)length_ns * part), length_ns);
}

/* ---- How close ---- */

double lane_span_zoom_of(struct lane_span span, struct lane_span bounds)
{
    double whole = (double)lane_span_length(bounds), length = (double)lane_span_length(span);
    if (whole <= (double)LANE_SPAN_LEAST || length >= whole)
        return 0;
    return log(whole / length) / log(whole / (double)LANE_SPAN_LEAST);
}

int64_t lane_span_length_at(struct lane_span bounds, double zoom)
{
    double whole = (double)lane_span_length(bounds);
    if (whole <= (double)LANE_SPAN_LEAST)
        return LANE_SPAN_LEAST;
    return (int64_t)(whole * pow((double)LANE_SPAN_LEAST / whole, zoom));
}

/* ---- Pixels ---- */

double lane_span_x(struct lane_span span, double width, int64_t time_ns)
{
    return ((double)time_ns - (double)span.from_ns) / (double)lane_span_length(span) * width;
}

int64_t lane_span_time(struct lane_span span, double width, double x)
{
    return span.from_ns + (int64_t)(x / width * (double)lane_span_length(span));
}

/* ---- Marks ---- */

static int64_t step_for(double least_ns)
{
    static const int64_t seconds[] = { 1,   2,   5,    10,   15,   30,    60,    120,  300,
                                       600, 900, 1800, 3600, 7200, 21600, 43200, 86400 };
    for (int64_t power = 1; power < NS_PER_S; power *= 10)
        for (int64_t step = 1; step <= 5; step += step == 1 ? 1 : 3)
            if ((double)(step * power) >= least_ns)
                return step * power;
    for (size_t i = 0; i < sizeof seconds / sizeof *seconds; i++)
        if ((double)(seconds[i] * NS_PER_S) >= least_ns)
            return seconds[i] * NS_PER_S;
    return (int64_t)(least_ns / (86400.0 * (double)NS_PER_S) + 1) * 86400 * NS_PER_S;
}

static int digits_of(int64_t step_ns)
{
    int digits = 0;
    for (int64_t unit = NS_PER_S; step_ns % unit != 0 && digits < 9; unit /= 10)
        digits++;
    return digits;
}

/* 14:02:31.42, 31.44 s; of whole seconds 14:02:31; of whole minutes 14:02. is_whole: of parts of a second all of it. */
static struct number_text name_of(int64_t wall_ns, int64_t step_ns, bool is_whole)
{
    struct number_text clock = text_clock(wall_ns), name = { "" };
    char fraction[16];
    int digits = digits_of(step_ns);
    if (clock.text[0] == '\0')
        return name;
    snprintf(fraction, sizeof fraction, ".%09lld", (long long)(wall_ns % NS_PER_S));
    fraction[digits > 0 ? 1 + digits : 0] = '\0';
    if (digits == 0)
        snprintf(name.text, sizeof name.text, "%.*s", step_ns % (60 * NS_PER_S) == 0 ? 5 : 8, clock.text);
    else if (is_whole)
        snprintf(name.text, sizeof name.text, "%.8s%s", clock.text, fraction);
    else
        snprintf(name.text, sizeof name.text, "%.2s%s" TEXT_BLANK "s", clock.text + 6, fraction);
    return name;
}

size_t lane_span_ticks(struct lane_span span, double width, int64_t wall_ns, struct lane_tick ret_ticks[LANE_TICKS_MAX])
{
    int64_t step_ns = step_for((double)lane_span_length(span) * TICK_ROOM / (width > 1 ? width : 1));
    int64_t past_ns = (span.from_ns + wall_ns) % step_ns;
    int64_t at_ns = span.from_ns - past_ns + (past_ns > 0 ? step_ns : 0);
    size_t count = 0;
    for (; at_ns <= span.to_ns && count < LANE_TICKS_MAX; at_ns += step_ns, count++) {
        ret_ticks[count].time_ns = at_ns;
        bool is_new_minute = (at_ns + wall_ns) % (60 * NS_PER_S) < step_ns;
        ret_ticks[count].text = name_of(at_ns + wall_ns, step_ns, count == 0 || is_new_minute);
    }
    return count;
}
