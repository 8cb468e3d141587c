#include "model/export_names.h"

#include <mproc/base.h>
#include <string.h>

/* A peer may name as many as he likes. */
#define NAMES_MAX 16384u

void export_names_init(struct export_names *names)
{
    *names = (struct export_names){ .all = LIST_OF(struct export_name) };
}

void export_names_free(struct export_names *names)
{
    list_free(&names->all);
}

/* Most tasks are of the function that the one before was of. */
static struct export_name *find(struct export_names *names, uint32_t pool, uint64_t function)
{
    for (size_t i = 0; i < names->all.count; i++) {
        size_t index = (names->last + i) % names->all.count;
        struct export_name *name = list_at(&names->all, index);
        if (name->function == function && name->pool == pool) {
            names->last = index;
            return name;
        }
    }
    return NULL;
}

static uint32_t store(char *into, size_t capacity, struct record_text text)
{
    size_t size = text.size < capacity ? text.size : capacity;
    memcpy(into, text.data, size);
    return (uint32_t)size;
}

int export_names_take(struct export_names *names, uint32_t pool, uint64_t function, struct record_text name,
                      struct record_text place)
{
    struct export_name *known = find(names, pool, function);
    if (known == NULL && names->all.count >= NAMES_MAX)
        return 0;
    if (known == NULL)
        known = list_add(&names->all);
    if (known == NULL)
        return MPROC_E_NO_MEMORY;
    known->pool = pool;
    known->function = function;
    known->name_size = store(known->name, sizeof known->name, name);
    known->place_size = store(known->place, sizeof known->place, place);
    return 0;
}

void export_names_forget(struct export_names *names, uint32_t pool)
{
    for (size_t i = names->all.count; i-- > 0;)
        if (((const struct export_name *)list_at(&names->all, i))->pool == pool)
            list_remove(&names->all, i);
}

struct record_text export_name_of(struct export_names *names, uint32_t pool, uint64_t function)
{
    const struct export_name *name = find(names, pool, function);
    return name != NULL ? (struct record_text){ name->name, name->name_size } : record_text_of("");
}

struct record_text export_place_of(struct export_names *names, uint32_t pool, uint64_t function)
{
    const struct export_name *name = find(names, pool, function);
    return name != NULL ? (struct record_text){ name->place, name->place_size } : record_text_of("");
}

const char *export_end_word(unsigned end)
{
    static const char *const words[] = { "", "done", "failed", "cancelled", "died", "limit", "retried", "abandoned" };
    return end < sizeof words / sizeof *words ? words[end] : "";
}
