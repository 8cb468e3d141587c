#include "pool/function_index.h"

_Static_assert(FUNCTION_SLOTS >= 2 * FUNCTIONS_MAX && (FUNCTION_SLOTS & (FUNCTION_SLOTS - 1)) == 0,
               "a power of two, half empty");

/* From the place that its address gives on, until it or an empty place is found. */
static uint32_t find_slot(const struct function_index *index, const struct function_key *key)
{
    uint32_t slot = (uint32_t)((uintptr_t)key->function * 0x9e3779b97f4a7c15u >> 20) % FUNCTION_SLOTS;
    while (index->slots[slot] != 0 && !function_is(&index->keys[index->slots[slot] - 1], key))
        slot = (slot + 1) % FUNCTION_SLOTS;
    return slot;
}

uint32_t mproc__function_look_up(struct function_index *index, const struct function_key *key)
{
    uint32_t slot = find_slot(index, key);
    if (index->slots[slot] == 0) {
        if (index->count == FUNCTIONS_MAX)
            return FUNCTIONS_MAX;
        index->keys[index->count++] = *key;
        index->slots[slot] = (uint16_t)index->count;
    }
    index->last = index->slots[slot] - 1u;
    return index->last;
}

/* Nothing was put behind it that was looked for later: the slot is free again for all. */
void mproc__function_forget_last(struct function_index *index)
{
    for (uint32_t slot = 0; slot < FUNCTION_SLOTS; slot++)
        if (index->slots[slot] == index->count)
            index->slots[slot] = 0;
    index->count--;
    index->last = 0;
}
