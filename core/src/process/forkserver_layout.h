/* What the fork server's segment has behind the boot. */
#ifndef MPROC_PROCESS_FORKSERVER_LAYOUT_H
#define MPROC_PROCESS_FORKSERVER_LAYOUT_H

#include <stdint.h>

struct forkserver_area {
    int64_t on_error; /**< enum mproc_preload_error */
};

_Static_assert(sizeof(struct forkserver_area) == 8, "the same in every build of a version");

#endif
