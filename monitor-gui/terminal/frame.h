/* What is drawn on the terminal's screen at a time, so that nobody sees half of it. */
#ifndef MPROC_MONITOR_FRAME_H
#define MPROC_MONITOR_FRAME_H

#include <mproc/base.h>
#include <stdbool.h>
#include <stddef.h>

/** All zero is an empty one. */
struct frame {
    char *bytes;
    size_t size, capacity;
};

/** What there is no memory for is left out. */
void frame_add(struct frame *frame, const char *bytes, size_t size);
void frame_format(struct frame *frame, const char *format, ...) MPROC_PRINTF(2, 3);

/** Shows it, and begins anew. False if it could not be written, which it has said on stderr then. */
bool frame_show(struct frame *frame);

void frame_free(struct frame *frame);

#endif
