/* Memory with a name. */
#include "data/shared_memory.h"
#include "base/error.h"
#include "family/view.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Names that the library chooses begin so, and no others that it makes. */
#define CHOSEN_PREFIX "mproc-"

int mproc__shared_memory_check(const mproc_shared_memory *memory)
{
    if (memory == NULL)
        return mproc__error_null("memory");
    if (memory->pid != platform_self_pid() || platform_is_copy())
        return mproc__error(MPROC_E_WRONG_PROCESS, "shared memory %s was opened by process %lld", memory->name,
                            (long long)memory->pid);
    return 0;
}

/* ---- Names ---- */

static int check_name(const char *name)
{
    if (name == NULL || name[0] == 0 || name[0] == '.')
        return mproc__error(MPROC_E_INVALID, "\"%s\" cannot be a name of shared memory", name ? name : "(NULL)");
    if (strlen(name) > PLATFORM_NAMED_MAX)
        return mproc__error(MPROC_E_INVALID, "a name of %zu bytes, at most %d are possible", strlen(name),
                            PLATFORM_NAMED_MAX);
    if (strpbrk(name, "/\\") != NULL)
        return mproc__error(MPROC_E_INVALID, "\"%s\": no name of shared memory has a slash in it", name);
    return 0;
}

/* Of a name that is to be made. Others may have been chosen here, and come from another process. */
static int check_new_name(const char *name)
{
    int code = check_name(name);
    if (code == 0 && strncmp(name, CHOSEN_PREFIX, strlen(CHOSEN_PREFIX)) == 0)
        return mproc__error(MPROC_E_INVALID, "\"%s\": names that begin with \"" CHOSEN_PREFIX "\" are the library's",
                            name);
    return code;
}

int mproc__shared_memory_error(int code, const char *what, const char *name)
{
    char text[PLATFORM_NAMED_MAX + 64];
    snprintf(text, sizeof text, "%s shared memory %s", what, name);
    return mproc__error_platform(code, text);
}

/* ---- Making, attaching ---- */

static int memory_allocate(mproc_shared_memory **ret_memory)
{
    platform_setup();
    int code = mproc__family_no_copy();
    if (code < 0)
        return code;
    mproc_shared_memory *memory = calloc(1, sizeof *memory);
    if (memory == NULL)
        return mproc__error(MPROC_E_NO_MEMORY, "an object of %zu bytes", sizeof *memory);
    memory->segment = PLATFORM_NO_HANDLE;
    memory->pid = platform_self_pid();
    *ret_memory = memory;
    return 0;
}

/* How many names are still to be chosen before the next look at what others left. It is taken by the first choice of a
 * program, and then after as many as there were names, so that many names do not make each new one dearer. Relaxed, as
 * two threads that both look do no harm. */
static atomic_llong until_sweep;

static void sweep_if_due(void)
{
    if (atomic_fetch_sub_explicit(&until_sweep, 1, memory_order_relaxed) > 0)
        return;
    size_t names = platform_named_sweep(CHOSEN_PREFIX);
    atomic_store_explicit(&until_sweep, (long long)names, memory_order_relaxed);
}

static int segment_create(mproc_shared_memory *memory, const char *name, size_t size)
{
    int code;
    if (name != NULL) {
        snprintf(memory->name, sizeof memory->name, "%s", name);
        code = platform_named_create(name, size, &memory->segment);
    } else {
        sweep_if_due();
        snprintf(memory->name, sizeof memory->name, "of a chosen name");
        code = platform_named_create_chosen(CHOSEN_PREFIX, size, memory->name, &memory->segment);
    }
    return code < 0 ? mproc__shared_memory_error(code, "making", memory->name) : 0;
}

/* least: bytes it must have. */
static int segment_map(mproc_shared_memory *memory, size_t least)
{
    int code = platform_named_map(memory->segment, &memory->data, &memory->size);
    if (code < 0)
        return mproc__shared_memory_error(code, "mapping", memory->name);
    if (memory->size < least)
        return mproc__error(MPROC_E_SIZE, "shared memory %s has %zu bytes, not %zu", memory->name, memory->size, least);
    return 0;
}

int mproc_shared_memory_create(mproc_shared_memory **ret_memory, const char *name, size_t size)
{
    if (ret_memory == NULL)
        return mproc__error_null("ret_memory");
    mproc_shared_memory *memory = NULL;
    int code = name ? check_new_name(name) : 0;
    if (code == 0 && size == 0)
        code = mproc__error(MPROC_E_INVALID, "shared memory of no bytes");
    if (code == 0)
        code = memory_allocate(&memory);
    if (code < 0)
        return code;
    code = segment_create(memory, name, size);
    bool made = code == 0;
    if (made)
        code = segment_map(memory, size);
    if (code < 0) {
        if (made)
            platform_named_unlink(memory->name);
        mproc_shared_memory_free(memory);
        return code;
    }
    memory->size = size;
    *ret_memory = memory;
    return 0;
}

int mproc_shared_memory_open(mproc_shared_memory **ret_memory, const char *name, size_t size)
{
    if (ret_memory == NULL)
        return mproc__error_null("ret_memory");
    mproc_shared_memory *memory = NULL;
    int code = check_name(name);
    if (code == 0)
        code = memory_allocate(&memory);
    if (code < 0)
        return code;
    snprintf(memory->name, sizeof memory->name, "%s", name);
    code = platform_named_open(name, &memory->segment);
    code = code < 0 ? mproc__shared_memory_error(code, "attaching", name) : segment_map(memory, size);
    if (code < 0) {
        mproc_shared_memory_free(memory);
        return code;
    }
    *ret_memory = memory;
    return 0;
}

void *mproc_shared_memory_get_data(const mproc_shared_memory *memory)
{
    return mproc__shared_memory_check(memory) == 0 ? memory->data : NULL;
}

size_t mproc_shared_memory_get_size(const mproc_shared_memory *memory)
{
    return memory != NULL ? memory->size : 0;
}

const char *mproc_shared_memory_get_name(const mproc_shared_memory *memory)
{
    return memory != NULL ? memory->name : NULL;
}

int mproc_shared_memory_free(mproc_shared_memory *memory)
{
    if (memory == NULL)
        return 0;
    /* In a child made by fork neither the mapping nor the descriptor is there, and others may have their numbers. */
    int code = mproc__shared_memory_check(memory);
    if (code < 0)
        return code;
    if (memory->data != NULL)
        platform_segment_unmap(memory->data, memory->size);
    platform_handle_close(memory->segment);
    free(memory);
    return 0;
}

int mproc_shared_memory_unlink(const char *name)
{
    platform_setup();
    int code = mproc__family_no_copy();
    if (code == 0)
        code = check_name(name);
    if (code == 0 && (code = platform_named_unlink(name)) < 0)
        return mproc__shared_memory_error(code, "unlinking", name);
    return code;
}
