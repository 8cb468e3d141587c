/* What things are called in exports: records have numbers. */
#ifndef MPROC_MODEL_EXPORT_NAMES_H
#define MPROC_MODEL_EXPORT_NAMES_H

#include "model/list.h"
#include "trace/wire.h"

/** In the place of a function's number: the pool itself. */
#define EXPORT_POOL UINT64_MAX

struct export_name {
    uint32_t pool;
    uint64_t function;
    uint32_t name_size, place_size;
    char name[64], place[96];
};

struct export_names {
    struct list all;
    size_t last; /**< that was found */
};

void export_names_init(struct export_names *names);
void export_names_free(struct export_names *names);

/** Takes the name of a pool or function. Only so many are kept. Returns 0 or MPROC_E_NO_MEMORY. */
int export_names_take(struct export_names *names, uint32_t pool, uint64_t function, struct record_text name,
                      struct record_text place);

/** A pool is gone. */
void export_names_forget(struct export_names *names, uint32_t pool);

/** What it is called, and where it was first called from; "" if that is not known. Until the next take. */
struct record_text export_name_of(struct export_names *names, uint32_t pool, uint64_t function);
struct record_text export_place_of(struct export_names *names, uint32_t pool, uint64_t function);

/** What became of a task, in a word: done, failed, cancelled, died, limit, retried, abandoned; "" of any other. */
const char *export_end_word(unsigned end);

#endif
