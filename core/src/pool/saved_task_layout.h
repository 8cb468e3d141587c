/* A task in a file: this header, its argument, the initializer's argument. Read by the same build that wrote it. */
#ifndef MPROC_POOL_SAVED_TASK_LAYOUT_H
#define MPROC_POOL_SAVED_TASK_LAYOUT_H

#include "base/function.h"
#include <stdint.h>

#define SAVED_TASK_MAGIC   0x6b736174636f7270ull /* "proctask" */
#define SAVED_TASK_VERSION 1u

enum saved_kind {
    SAVED_CALL = 1, /**< a mproc_task_fn */
    SAVED_ITEM = 2  /**< a mproc_item_fn, and its argument is one item */
};

struct saved_task {
    uint64_t magic;
    uint32_t version;
    uint32_t kind;    /**< enum saved_kind */
    uint64_t program; /**< module key of the program that wrote it */
    struct function_ref function;
    struct function_ref initializer; /**< of its worker; may be none */
    uint64_t argument_size, out_size, initializer_size;
    uint64_t task;
    int64_t item; /**< as the task was told: -1 outside a map */
    uint32_t attempt;
    int32_t worker;
    char name[64]; /**< of the function, for people */
};

_Static_assert(sizeof(struct saved_task) == 168, "the same in every build of a version");

#endif
