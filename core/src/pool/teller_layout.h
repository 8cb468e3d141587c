/* What a pool shares with a worker so that it can tell of its tasks: see teller.h. */
#ifndef MPROC_POOL_TELLER_LAYOUT_H
#define MPROC_POOL_TELLER_LAYOUT_H

#include "base/function.h"
#include "trace/event_ring_layout.h"
#include <stdalign.h>

/** How what the worker tells is made. Set before the worker starts, never changed. */
struct preview_settings {
    alignas(64) struct function_ref describe; /**< the program's, or none */
    uint32_t hidden;                          /**< not 0: there are to be none */
};

_Static_assert(sizeof(struct preview_settings) == 64, "settings have a cache line");

struct teller_area {
    struct preview_settings previews;
    struct event_ring events;
};

_Static_assert(sizeof(struct teller_area) == 64 + sizeof(struct event_ring), "the settings, and what is told");

#endif
