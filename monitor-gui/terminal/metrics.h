/* What is known as OpenMetrics text, for Prometheus and its like. */
#ifndef MPROC_MONITOR_METRICS_H
#define MPROC_MONITOR_METRICS_H

#include "model/model.h"

/** Writes it all to standard output, "# EOF" at the end. */
void metrics_write(const struct model *model);

#endif
