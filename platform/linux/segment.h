/* What anonymous and named segments have in common. */
#ifndef MPROC_LINUX_SEGMENT_H
#define MPROC_LINUX_SEGMENT_H

#include <stddef.h>

/** Whether a segment may have this size. Errors: MPROC_E_LIMIT. */
int platform__segment_check_size(size_t limit);

#endif
