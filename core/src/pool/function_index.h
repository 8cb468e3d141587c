/* Which functions a pool's tasks have been of, by number: one function is one address, and of it the module, since
 * another one may come to lie there. Bounded; guarded by the pool's lock.
 */
#ifndef MPROC_POOL_FUNCTION_INDEX_H
#define MPROC_POOL_FUNCTION_INDEX_H

#include "pool/job.h"

/** As many functions have a number of their own. */
#define FUNCTIONS_MAX 256u
/* Twice as many as there are functions, so that whoever looks for one that is not there soon finds an empty place. */
#define FUNCTION_SLOTS 512u

struct function_key {
    any_function *function;
    uint64_t module;
};

/** All zero, it has none. */
struct function_index {
    uint32_t last;  /**< that was asked for: mostly it is the next, too */
    uint32_t count; /**< in keys */
    struct function_key keys[FUNCTIONS_MAX];
    uint16_t slots[FUNCTION_SLOTS]; /**< 0: empty; else one more than an index in keys */
};

/** As function_find, of another than the last. */
uint32_t mproc__function_look_up(struct function_index *index, const struct function_key *key);
/** Forgets the newest, whose number nobody has kept. */
void mproc__function_forget_last(struct function_index *index);

static inline struct function_key function_key_of(const struct job *job)
{
    return (struct function_key){ job->function, job->ref.module };
}

static inline bool function_is(const struct function_key *key, const struct function_key *other)
{
    return key->function == other->function && key->module == other->module;
}

/** The number of the function, from 0: what count was before the call, if it is new. FUNCTIONS_MAX if it is new, and
 * there is no room. */
static inline uint32_t function_find(struct function_index *index, const struct function_key *key)
{
    return function_is(&index->keys[index->last], key) ? index->last : mproc__function_look_up(index, key);
}

#endif
