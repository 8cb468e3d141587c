#include "window/scale.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define SHRINK_US INT64_C(60000000)

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
    int64_t a = *(const int64_t *)one, b = *(const int64_t *)other;
    return (a > b) - (a < b);
}

static int64_t percentile(const int64_t *sorted, size_t count, unsigned per_mille)
{
    size_t index = count * per_mille / 1000;
    return sorted[index < count ? index : count - 1];
}

static void make_edges(struct bins *bins, int64_t least, int64_t most)
{
    double low = log((double)(least > 0 ? least : 1)), high = log((double)(most > least ? most : least + 1) + 1);
    for (size_t i = 0; i <= bins->count; i++)
        bins->edges[i] = (int64_t)exp(low + (high - low) * (double)i / (double)bins->count);
    bins->edges[0] = least;
}

double bins_place(const struct bins *bins, int64_t length)
{
    double low = log((double)(bins->edges[0] > 0 ? bins->edges[0] : 1));
    double high = log((double)bins->edges[bins->count] + 1);
    double place = length > 0 && high > low ? (log((double)length) - low) / (high - low) : 0;
    return place < 0 ? 0 : place > 1 ? 1 : place;
}

static void fill_bins(struct bins *bins, const int64_t *lengths, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        size_t bin = (size_t)(bins_place(bins, lengths[i]) * (double)bins->count);
        if (bin >= bins->count)
            bin = bins->count - 1;
        if (++bins->filled[bin] > bins->highest)
            bins->highest = bins->filled[bin];
    }
}

void bins_make(struct bins *ret_bins, int64_t *lengths, size_t count)
{
    memset(ret_bins, 0, sizeof *ret_bins);
    if (count == 0)
        return;
    qsort(lengths, count, sizeof *lengths, by_length);
    ret_bins->count = BINS_MAX;
    ret_bins->p50 = percentile(lengths, count, 500);
    ret_bins->p90 = percentile(lengths, count, 900);
    ret_bins->p99 = percentile(lengths, count, 990);
    ret_bins->most = lengths[count - 1];
    make_edges(ret_bins, lengths[0], ret_bins->most);
    fill_bins(ret_bins, lengths, count);
}
