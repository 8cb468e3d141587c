/* Function references: to and from (module, offset), with a cache for the way to.
 *
 * The cache is a direct-mapped table of seqlocks. A reader takes no lock and writes nothing, so a fork can
 * leave nothing locked in the child but an entry whose writer was another thread: its sequence stays odd, and
 * that one entry is a miss for ever. Only what was found is remembered.
 *
 * What was found in a library holds until some library is unloaded, for another may lie at its addresses then. The
 * program itself stays, so that its functions, which are most, are not asked that.
 */
#include "base/function.h"
#include "base/error.h"
#include "platform.h"
#include <stdalign.h>
#include <string.h>

#define CACHE_SIZE 256u

struct cache_entry {
    alignas(64) _Atomic uint32_t sequence; /* odd while it is being written */
    _Atomic uintptr_t function;            /* 0: empty */
    _Atomic uint64_t module;
    _Atomic uint64_t offset;
    _Atomic uint64_t unloads; /* when it was looked up: platform_module_unloads, or STAYS */
};

#define STAYS UINT64_MAX

/* The program's, as soon as a function of it was looked up. Relaxed: a number and nothing else, which never changes. */
static _Atomic uint64_t program;

static PLATFORM_APART struct cache_entry cache[CACHE_SIZE];

/* Compilers align functions to 16 bytes or so: the low bits say little. */
static struct cache_entry *cache_slot(uintptr_t function)
{
    return &cache[((function >> 4) ^ (function >> 12)) % CACHE_SIZE];
}

/* A seqlock without fences, which the thread sanitizer does not know. Every load of the content is an acquire and every
 * store of it a release: whoever has read one word of an entry being written then sees its sequence as odd, or later.
 */
static bool cache_read(uintptr_t function, struct function_ref *ret_ref)
{
    struct cache_entry *entry = cache_slot(function);
    /* Acquire: pairs with the release store that ends cache_write, so that an even sequence comes with its content. */
    uint32_t before = atomic_load_explicit(&entry->sequence, memory_order_acquire);
    uintptr_t owner = atomic_load_explicit(&entry->function, memory_order_acquire);
    uint64_t unloads = atomic_load_explicit(&entry->unloads, memory_order_acquire);
    struct function_ref ref = { atomic_load_explicit(&entry->module, memory_order_acquire),
                                atomic_load_explicit(&entry->offset, memory_order_acquire) };
    uint32_t after = atomic_load_explicit(&entry->sequence, memory_order_relaxed);
    if ((before & 1) != 0 || before != after || owner != function)
        return false;
    if (unloads != STAYS && unloads != platform_module_unloads())
        return false;
    *ret_ref = ref;
    return true;
}

static void cache_write(uintptr_t function, uint64_t unloads, const struct function_ref *ref)
{
    struct cache_entry *entry = cache_slot(function);
    uint32_t sequence = atomic_load_explicit(&entry->sequence, memory_order_relaxed);
    /* Losing against another writer is no loss: his entry is as good. Acquire: pairs with the release that ended the
     * last writing of the entry, so that the words of two writers cannot mix. */
    if ((sequence & 1) != 0 || !atomic_compare_exchange_strong_explicit(&entry->sequence, &sequence, sequence + 1,
                                                                        memory_order_acquire, memory_order_relaxed))
        return;
    atomic_store_explicit(&entry->unloads, unloads, memory_order_release);
    atomic_store_explicit(&entry->function, function, memory_order_release);
    atomic_store_explicit(&entry->module, ref->module, memory_order_release);
    atomic_store_explicit(&entry->offset, ref->offset, memory_order_release);
    atomic_store_explicit(&entry->sequence, sequence + 2, memory_order_release);
}

int mproc__function_to_ref(any_function *function, struct function_ref *ret_ref)
{
    uintptr_t address = (uintptr_t)function;
    if (function != NULL && cache_read(address, ret_ref))
        return 0;
    /* Asked before the look-up: what is found and unloaded at once is filed under a number that has passed. */
    uint64_t unloads = platform_module_unloads();
    platform_module module;
    if (function == NULL || !platform_module_of((const void *)address, &module))
        return mproc__error(MPROC_E_NO_FUNCTION, "%p is not in the code of the program or of a loaded library",
                            (void *)address);
    struct function_ref ref = { module.key, address - module.base };
    bool stays = module.path[0] == '\0';
    if (stays)
        atomic_store_explicit(&program, ref.module, memory_order_relaxed);
    cache_write(address, stays ? STAYS : unloads, &ref);
    *ret_ref = ref;
    return 0;
}

bool mproc__function_stays(const struct function_ref *ref)
{
    return ref->module != 0 && ref->module == atomic_load_explicit(&program, memory_order_relaxed);
}

int mproc__function_from_ref(const struct function_ref *ref, any_function **ret_function)
{
    platform_module module, owner;
    if (!platform_module_find(ref->module, &module))
        return mproc__error(MPROC_E_NO_FUNCTION, "the library with build-id %016llx is not loaded here",
                            (unsigned long long)ref->module);
    uintptr_t address = module.base + (uintptr_t)ref->offset;
    /* The second look-up asks whether the address may be called: a module's range has data and holes in it. */
    if (ref->offset >= module.size || !platform_module_of((const void *)address, &owner) || owner.key != module.key)
        return mproc__error(MPROC_E_NO_FUNCTION, "offset %llu is not in the code of %s",
                            (unsigned long long)ref->offset, module.path[0] != 0 ? module.path : "the program");
    *ret_function = (any_function *)address;
    return 0;
}

int mproc__function_module_path(const struct function_ref *ref, char *ret_path, size_t capacity)
{
    platform_module module;
    if (!platform_module_find(ref->module, &module))
        return mproc__error(MPROC_E_NO_FUNCTION, "the module with build-id %016llx is no longer loaded",
                            (unsigned long long)ref->module);
    size_t size = strlen(module.path) + 1;
    if (size > capacity)
        return mproc__error(MPROC_E_NO_FUNCTION, "the path of the module is longer than %zu bytes: %s", capacity - 1,
                            module.path);
    memcpy(ret_path, module.path, size);
    return 0;
}
