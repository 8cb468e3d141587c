/* What a pool has done, as a table for people. */
#ifndef DEMO_REPORT_H
#define DEMO_REPORT_H

#include <mproc.h>

/** Prints the figures of a pool that was made with .statistics = 1. */
void print_report(mproc_pool *pool);

#endif
