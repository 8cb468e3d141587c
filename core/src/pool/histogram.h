/* How many times were how long: counts in cells of a scale, eight to a power of two. Adding one costs an increment and
 * some arithmetic, whatever the time; what a percentile is taken for is at most an eighth more than it was.
 */
#ifndef MPROC_POOL_HISTOGRAM_H
#define MPROC_POOL_HISTOGRAM_H

#include "base/log_linear.h"
#include <mproc/stats.h>

#define HISTOGRAM_BITS  3u
#define HISTOGRAM_CELLS LOG_LINEAR_CELLS(HISTOGRAM_BITS)

struct histogram {
    uint64_t count;
    int64_t total_ns;
    int64_t min_ns, max_ns; /**< 0 while count is */
    uint64_t cells[HISTOGRAM_CELLS];
};

/** One time more, of 0 or more ns. */
static inline void histogram_add(struct histogram *histogram, int64_t ns)
{
    if (ns < histogram->min_ns || histogram->count == 0)
        histogram->min_ns = ns;
    if (ns > histogram->max_ns)
        histogram->max_ns = ns;
    histogram->count++;
    histogram->total_ns += ns;
    histogram->cells[log_linear_cell((uint64_t)ns, HISTOGRAM_BITS)]++;
}

/** The time that so many thousandths of all are not longer than, to the upper end of its cell; 0 of none. */
int64_t mproc__histogram_quantile(const struct histogram *histogram, unsigned thousandths);

void mproc__histogram_sum_up(const struct histogram *histogram, mproc_time_stats *ret_stats);

/** The cells that are not empty, in order, as many as there is room for. Returns how many there are. */
int mproc__histogram_list(const struct histogram *histogram, mproc_histogram_cell *ret_cells, size_t capacity);

#endif
