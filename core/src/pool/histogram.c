#include "pool/histogram.h"

/* The longest time of a cell. */
static int64_t end_of(uint32_t cell)
{
    return (int64_t)(log_linear_first(cell + 1, HISTOGRAM_BITS) - 1);
}

/* The nearest rank: the first cell up to which there are as many as asked for, one at least. */
static uint32_t cell_of_rank(const struct histogram *histogram, uint64_t rank)
{
    uint64_t seen = 0;
    for (uint32_t cell = 0; cell < HISTOGRAM_CELLS; cell++) {
        seen += histogram->cells[cell];
        if (seen >= rank)
            return cell;
    }
    return HISTOGRAM_CELLS - 1;
}

/* Without overflow: the count may be any. */
static uint64_t rank_of(uint64_t count, unsigned thousandths)
{
    uint64_t rank = count / 1000 * thousandths + (count % 1000 * thousandths + 999) / 1000;
    return rank > 0 ? rank : 1;
}

int64_t mproc__histogram_quantile(const struct histogram *histogram, unsigned thousandths)
{
    if (histogram->count == 0)
        return 0;
    int64_t ns = end_of(cell_of_rank(histogram, rank_of(histogram->count, thousandths)));
    return ns < histogram->max_ns ? ns : histogram->max_ns;
}

void mproc__histogram_sum_up(const struct histogram *histogram, mproc_time_stats *ret_stats)
{
    *ret_stats = (mproc_time_stats){
        .count = histogram->count,
        .total_ns = histogram->total_ns,
        .min_ns = histogram->min_ns,
        .max_ns = histogram->max_ns,
        .p50_ns = mproc__histogram_quantile(histogram, 500),
        .p90_ns = mproc__histogram_quantile(histogram, 900),
        .p99_ns = mproc__histogram_quantile(histogram, 990),
        .p999_ns = mproc__histogram_quantile(histogram, 999),
    };
}

int mproc__histogram_list(const struct histogram *histogram, mproc_histogram_cell *ret_cells, size_t capacity)
{
    size_t count = 0;
    for (uint32_t cell = 0; cell < HISTOGRAM_CELLS; cell++) {
        if (histogram->cells[cell] == 0)
            continue;
        if (count < capacity)
            ret_cells[count] = (mproc_histogram_cell){ .from_ns = (int64_t)log_linear_first(cell, HISTOGRAM_BITS),
                                                       .to_ns = end_of(cell),
                                                       .count = histogram->cells[cell] };
        count++;
    }
    return (int)count;
}
