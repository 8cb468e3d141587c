#include "pool/function_names.h"
#include "pool/pool.h"
#include <stdlib.h>
#include <string.h>

#define ROOM_FIRST 8u

struct function_names {
    struct function_index index;
    bool has_others;
    uint32_t room;
    struct call_name *names;
};

static const struct call_name others = { .text = "(others)" };

/* Most pools have few functions: there is room for some of them, then for twice as many. */
static bool make_room(struct function_names *names)
{
    if (names->index.count < names->room || names->index.count == FUNCTIONS_MAX)
        return true;
    uint32_t room = names->room == 0 ? ROOM_FIRST : names->room * 2;
    struct call_name *grown = realloc(names->names, room * sizeof *grown);
    if (grown == NULL)
        return false;
    memset(grown + names->room, 0, (room - names->room) * sizeof *grown);
    names->names = grown;
    names->room = room;
    return true;
}

/* With room for one more. NULL without memory. */
static struct function_names *names_of(mproc_pool *pool)
{
    if (pool->functions == NULL)
        pool->functions = calloc(1, sizeof *pool->functions);
    return pool->functions != NULL && make_room(pool->functions) ? pool->functions : NULL;
}

/* From 0; one that is new has no name yet. */
static uint32_t find(struct function_names *names, const struct function_key *key, bool *ret_is_new)
{
    uint32_t count = names->index.count, number = function_find(&names->index, key);
    *ret_is_new = number == count && number < FUNCTIONS_MAX;
    names->has_others |= number == FUNCTIONS_MAX;
    return number;
}

uint32_t mproc__function_number(const struct job *job)
{
    const struct function_key key = function_key_of(job);
    struct function_names *names = names_of(job->pool);
    bool is_new;
    if (names == NULL)
        return 0;
    uint32_t number = find(names, &key, &is_new);
    if (is_new)
        mproc__call_name(job, &names->names[number]);
    return number + 1;
}

uint32_t mproc__function_number_of(mproc_pool *pool, size_t account)
{
    struct function_key key;
    struct function_names *names = names_of(pool);
    bool is_new;
    if (names == NULL)
        return 0;
    if (!mproc__accounts_key(pool->accounts, account, &key)) {
        /* The others lack memory, and not numbers. */
        if (names->index.count < FUNCTIONS_MAX)
            return 0;
        names->has_others = true;
        return FUNCTIONS_MAX + 1;
    }
    uint32_t number = find(names, &key, &is_new);
    if (is_new)
        names->names[number] = mproc__accounts_at(pool->accounts, account)->name;
    return number + 1;
}

uint32_t mproc__function_count(const mproc_pool *pool)
{
    const struct function_names *names = pool->functions;
    if (names == NULL)
        return 0;
    return names->has_others ? FUNCTIONS_MAX + 1 : names->index.count;
}

const struct call_name *mproc__function_name(const mproc_pool *pool, uint32_t number)
{
    return number <= FUNCTIONS_MAX ? &pool->functions->names[number - 1] : &others;
}

void mproc__function_names_close(mproc_pool *pool)
{
    if (pool->functions != NULL)
        free(pool->functions->names);
    free(pool->functions);
    pool->functions = NULL;
}
