/* Named memory, for the lists and managers of it. */
#ifndef MPROC_DATA_SHARED_MEMORY_H
#define MPROC_DATA_SHARED_MEMORY_H

#include "platform.h"
#include <mproc/shared_memory.h>

struct mproc_shared_memory {
    platform_handle segment;
    int64_t pid;
    void *data;
    size_t size;
    char name[PLATFORM_NAMED_MAX + 1];
};

_Static_assert(MPROC_SHARED_MEMORY_NAME_MAX == PLATFORM_NAMED_MAX, "one length of names");

/** 0 if the calling process is the one that opened it; else MPROC_E_WRONG_PROCESS, or MPROC_E_INVALID for NULL. */
int mproc__shared_memory_check(const mproc_shared_memory *memory);

/** The error of a call of the port, with what was being done to the memory of that name. Returns code. */
int mproc__shared_memory_error(int code, const char *what, const char *name);

#endif
