#include "window/scale.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define SHRINK_US INT64_C(60000000)
/* Some thousand years, and more than anybody has counted: they are computed with without care. */
#define LONGEST (INT64_C(1) << 60)
#define MOST    (UINT64_C(1) << 47)
/* From the first edge of bins to the last, so many times as long at least; of a few nanoseconds no part is known. */
#define LEAST_SPREAD  2.0
#define LEAST_WIDENED 100

double scale_top(double highest, double least)
{
    static const double steps[] = { 1, 2, 2.5, 5, 10 };
    double wanted = highest > least ? highest : least;
    if (!(wanted > 0) || !isfinite(wanted))
        return 1;
    double power = pow(10, floor(log10(wanted)));
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++)
        if (steps[i] * power >= wanted * (1 - 1e-9))
            return steps[i] * power;
    return 10 * power;
}

double scale_follow(struct scale *scale, double highest, double least, int64_t now_us)
{
    double top = scale_top(highest, least);
    if (top >= scale->top || now_us - scale->needed_us > SHRINK_US) {
        scale->top = top;
        scale->needed_us = now_us;
    }
    return scale->top;
}

bool scale_summarize(const double *values, size_t count, struct scale_summary *ret_summary)
{
    struct scale_summary summary = { NAN, INFINITY, -INFINITY, 0 };
    size_t known = 0;
    for (size_t i = 0; i < count; i++) {
        if (isnan(values[i]))
            continue;
        known++;
        summary.now = values[i];
        summary.least = fmin(summary.least, values[i]);
        summary.most = fmax(summary.most, values[i]);
        summary.average += values[i];
    }
    if (known == 0)
        return false;
    summary.average /= (double)known;
    *ret_summary = summary;
    return true;
}

/* ---- Bins ---- */

static int by_length(const void *one, const void *other)
{
    const struct model_bin *a = one, *b = other;
    return (a->from_ns > b->from_ns) - (a->from_ns < b->from_ns);
}

/* The nearest rank: the first cell up to which there are as many as asked for. */
static int64_t percentile(const struct bins *bins, const struct model_bin *cells, size_t count, double part)
{
    double rank = ceil((double)bins->total * part), seen = (double)cells[0].count;
    size_t i = 0;
    while (i + 1 < count && seen < rank)
        seen += (double)cells[++i].count;
    return cells[i].to_ns < bins->most ? cells[i].to_ns : bins->most;
}

static double log_of(int64_t length)
{
    return log((double)(length > 0 ? length : 1));
}

/* Lengths that are almost the same stand in the middle, and are not made to look different. */
static void make_edges(struct bins *bins, int64_t least)
{
    double low = log_of(least), high = log_of((bins->most > least ? bins->most : least + 1) + 1);
    double more = (log(LEAST_SPREAD) - (high - low)) / 2;
    bool is_widened = more > 0 && least >= LEAST_WIDENED;
    if (is_widened) {
        low -= more;
        high += more;
    }
    for (size_t i = 0; i <= bins->count; i++)
        bins->edges[i] = (int64_t)exp(low + (high - low) * (double)i / (double)bins->count);
    if (!is_widened)
        bins->edges[0] = least;
}

double bins_place(const struct bins *bins, int64_t length)
{
    double low = log_of(bins->edges[0]), high = log_of(bins->edges[bins->count] + 1);
    double place = length > 0 && high > low ? (log((double)length) - low) / (high - low) : 0;
    return place < 0 ? 0 : place > 1 ? 1 : place;
}

/* Whether a name can begin there, beside those that are placed already. */
static bool is_free(const double *names, int count, double begin, double width)
{
    for (int i = 0; i < count; i++)
        if (names[i] != BINS_NO_NAME && fabs(names[i] - begin) < width * (1 - 1e-9))
            return false;
    return begin >= 0 && begin + width <= 1 + 1e-9;
}

/* Above the middle of its mark, or beside another name as near to that as it can be. */
static double place_name(const double *names, int count, double mark, double width)
{
    double middle = fmax(0, fmin(mark - width / 2, 1 - width)), best = BINS_NO_NAME;
    if (is_free(names, count, middle, width))
        return middle;
    for (int i = 0; i < 2 * count; i++) {
        double begin = names[i / 2] + (i % 2 == 0 ? width : -width);
        bool is_above = names[i / 2] != BINS_NO_NAME && begin <= mark && mark <= begin + width;
        if (is_above && is_free(names, count, begin, width) &&
            (best == BINS_NO_NAME || fabs(begin - middle) < fabs(best - middle)))
            best = begin;
    }
    return best;
}

void bins_mark(const struct bins *bins, double width, double ret_places[BINS_MARKS], double ret_names[BINS_MARKS])
{
    const int64_t lengths[BINS_MARKS] = {
        [BINS_MOST] = bins->most, [BINS_P50] = bins->p50, [BINS_P99] = bins->p99, [BINS_P90] = bins->p90
    };
    for (int i = 0; i < BINS_MARKS; i++) {
        ret_places[i] = bins_place(bins, lengths[i]);
        ret_names[i] = place_name(ret_names, i, ret_places[i], width);
    }
}

/* Over all bins that it touches, as if its lengths were everywhere in it. */
static void fill_with(struct bins *bins, const struct model_bin *cell)
{
    double from = bins_place(bins, cell->from_ns) * (double)bins->count;
    bool is_exact = cell->to_ns == cell->from_ns;
    double to = is_exact ? from : bins_place(bins, cell->to_ns + 1) * (double)bins->count, wide = to - from;
    size_t first = (size_t)fmin(from, (double)bins->count - 1);
    for (size_t i = first; i < bins->count && (i == first || (double)i < to); i++) {
        double part = fmin(to, (double)i + 1) - fmax(from, (double)i);
        bins->filled[i] += (double)cell->count * (wide > 0 ? part / wide : 1);
    }
}

/* What a peer says may be any number. Returns how many lengths these are. */
static uint64_t bound(struct model_bin *cell)
{
    cell->from_ns = cell->from_ns < LONGEST ? cell->from_ns : LONGEST;
    cell->to_ns = cell->to_ns < LONGEST ? cell->to_ns : LONGEST;
    cell->count = cell->count < MOST ? cell->count : MOST;
    return cell->count;
}

void bins_make(struct bins *ret_bins, struct model_bin *cells, size_t count, int64_t least, int64_t most)
{
    memset(ret_bins, 0, sizeof *ret_bins);
    for (size_t i = 0; i < count; i++)
        ret_bins->total += bound(&cells[i]);
    if (ret_bins->total == 0)
        return;
    qsort(cells, count, sizeof *cells, by_length);
    ret_bins->count = BINS_MAX;
    ret_bins->most = most > 0 && most < LONGEST ? most : cells[count - 1].to_ns;
    ret_bins->p50 = percentile(ret_bins, cells, count, 0.5);
    ret_bins->p90 = percentile(ret_bins, cells, count, 0.9);
    ret_bins->p99 = percentile(ret_bins, cells, count, 0.99);
    make_edges(ret_bins, least > 0 && least < LONGEST ? least : cells[0].from_ns);
    for (size_t i = 0; i < count; i++)
        fill_with(ret_bins, &cells[i]);
    for (size_t i = 0; i < ret_bins->count; i++)
        ret_bins->highest = fmax(ret_bins->highest, ret_bins->filled[i]);
}
