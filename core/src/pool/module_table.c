/* Both sides of the table of libraries: see module_table.h. */
#include "pool/module_table.h"
#include "base/error.h"
#include "platform.h"

void mproc__module_table_add(struct module_table *table, const struct function_ref *ref)
{
    for (int i = 0; i < RING_MODULES; i++) {
        struct module_place *place = &table->places[i];
        /* Relaxed: the parent alone writes here, under its lock. */
        uint64_t key = atomic_load_explicit(&place->key, memory_order_relaxed);
        if (key == ref->module)
            return;
        if (key != 0)
            continue;
        if (mproc__function_module_path(ref, place->path, sizeof place->path) == 0)
            /* Release: pairs with the acquire in path_of. */
            atomic_store_explicit(&place->key, ref->module, memory_order_release);
        return;
    }
}

static const char *path_of(const struct module_table *table, uint64_t module)
{
    for (int i = 0; i < RING_MODULES; i++)
        /* Acquire: pairs with the release in mproc__module_table_add; the path is whole then. */
        if (atomic_load_explicit(&table->places[i].key, memory_order_acquire) == module)
            return table->places[i].path;
    return NULL;
}

static int load(const struct module_table *table, const char *path)
{
    if (!table->may_load)
        return mproc__error(MPROC_E_NO_FUNCTION,
                            "%s was opened after the pool was made, whose workers are copies of the program as it was: "
                            "open it before",
                            path);
    return platform_module_load(path) < 0 ? mproc__error_platform(MPROC_E_NO_FUNCTION, path) : 0;
}

int mproc__module_table_find(const struct module_table *table, const struct function_ref *ref,
                             any_function **ret_function)
{
    platform_module module;
    const char *path = path_of(table, ref->module);
    /* The program itself has no path, and is not there if the worker is another program. */
    bool missing = path != NULL && path[0] != '\0' && !platform_module_find(ref->module, &module);
    int code = missing ? load(table, path) : 0;
    return code < 0 ? code : mproc__function_from_ref(ref, ret_function);
}
