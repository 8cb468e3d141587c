/* Finding shared objects, making them, and saying what went wrong with one. */
#include "memory/object.h"
#include "base/error.h"
#include "base/ready.h"

static const char *const kinds[FAMILY_TYPES] = {
    [FAMILY_FREE] = "nothing", [FAMILY_LOCK] = "lock",           [FAMILY_POOL] = "pool",
    [FAMILY_RLOCK] = "rlock",  [FAMILY_SEMAPHORE] = "semaphore", [FAMILY_CONDITION] = "condition",
    [FAMILY_EVENT] = "event",  [FAMILY_BARRIER] = "barrier",     [FAMILY_PERMITS] = "semaphore",
    [FAMILY_QUEUE] = "queue",  [FAMILY_PIPE] = "pipe",           [FAMILY_ARRAY] = "array",
    [FAMILY_SPAN] = "span",
};

int mproc__object_block(enum family_type type, const uint64_t id[2], struct family_block **ret_block)
{
    void *object;
    int code = mproc__object_find(type, id, &object);
    if (code == 0)
        *ret_block = (struct family_block *)object - 1;
    return code;
}

int mproc__object_new(enum family_type type, unsigned words, size_t size, const char *name, uint64_t ret_id[2],
                      void **ret_object)
{
    if (!mproc__initialized())
        return mproc__error(MPROC_E_NOT_INITIALIZED, "making a %s", kinds[type]);
    int code = mproc__object_create_words(type, words, size, ret_id, ret_object);
    if (code == 0)
        family_name_set((struct family_block *)*ret_object - 1, name);
    return code;
}

int mproc__object_error(int code, enum family_type type, struct family_block *block, const char *what)
{
    char name[FAMILY_NAME_MAX];
    family_name_get(block, name);
    return mproc__error(code, "%s %s%s", kinds[type], name[0] ? name : "without a name", what);
}

int mproc__object_stale(enum family_type type, const uint64_t id[2])
{
    return mproc__error(MPROC_E_STALE, "%s handle %016llx", kinds[type], (unsigned long long)id[1]);
}
