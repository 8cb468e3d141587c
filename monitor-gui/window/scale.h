/* The arithmetic of charts: scales, bins, points. No widget is known here. */
#ifndef MPROC_WINDOW_SCALE_H
#define MPROC_WINDOW_SCALE_H

#include "model/pools.h"

/** The top of a scale from zero: the next of 1, 2, 2.5 and 5 times a power of ten that is not below the highest value,
 * and not below least. */
double scale_top(double highest, double least);

/** A top that does not shrink within 60 seconds of the moment when it was needed last. All zero at first. */
struct scale {
    double top;
    int64_t needed_us;
};
double scale_follow(struct scale *scale, double highest, double least, int64_t now_us);

/** What a series says in words, of what is known of it (the rest is NAN). False if nothing is. */
struct scale_summary {
    double now, least, most, average;
};
bool scale_summarize(const double *values, size_t count, struct scale_summary *ret_summary);

/* ---- Logarithmic bins of lengths of time ---- */

#define BINS_MAX 24

struct bins {
    size_t count;   /**< 0: nothing is known */
    uint64_t total; /**< of lengths */
    int64_t edges[BINS_MAX + 1];
    double filled[BINS_MAX]; /**< a part of a length is in it where nobody knows on which side of an edge it was */
    double highest;
    int64_t p50, p90, p99, most;
};

/** Sorts what is known of lengths, so many from one to another one, and puts them into bins of which each is by the
 * same factor wider than the one before. least and most: the shortest and the longest of all; 0: not known. */
void bins_make(struct bins *ret_bins, struct model_bin *cells, size_t count, int64_t least, int64_t most);

/** Where a length stands, 0 at the first edge, 1 at the last. */
double bins_place(const struct bins *bins, int64_t length);

/** What is marked among the bins, in the order in which marks that are too close together go without their names. */
enum bins_mark { BINS_MOST, BINS_P50, BINS_P99, BINS_P90, BINS_MARKS };

#define BINS_NO_NAME (-1.0)

/** Where the marks stand, as bins_place has it, and where their names begin, each of which is so wide. A name stands
 * above its mark, aside of its middle where another one needs the room, and none overlaps another; BINS_NO_NAME where
 * there is no such place. */
void bins_mark(const struct bins *bins, double width, double ret_places[BINS_MARKS], double ret_names[BINS_MARKS]);

#endif
