/* The program and its shared libraries: which of them an address lies in, and where one lies. */
#define _GNU_SOURCE
#include "calls.h"
#include "error.h"
#include "handle.h"
#include "platform.h"
#include "setup.h"
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>

/* ---- Reading a module's headers -------------------------------------------------------------------------------- */

static bool is_vdso(const struct dl_phdr_info *info)
{
    /* The kernel's own code: no file, and another address in every process. */
    for (int i = 0; i < info->dlpi_phnum; i++) {
        if (info->dlpi_phdr[i].p_type == PT_LOAD) {
            uintptr_t start = (uintptr_t)(info->dlpi_addr + info->dlpi_phdr[i].p_vaddr);
            return start == (uintptr_t)getauxval(AT_SYSINFO_EHDR);
        }
    }
    return true;
}

static bool holds(const struct dl_phdr_info *info, uintptr_t address, size_t size, uint32_t flags)
{
    for (int i = 0; i < info->dlpi_phnum; i++) {
        const ElfW(Phdr) *header = &info->dlpi_phdr[i];
        uintptr_t start = (uintptr_t)(info->dlpi_addr + header->p_vaddr);
        if (header->p_type == PT_LOAD && (header->p_flags & flags) == flags && address >= start &&
            size <= header->p_memsz && address - start <= header->p_memsz - size) {
            return true;
        }
    }
    return false;
}

static void measure(const struct dl_phdr_info *info, platform_module *module)
{
    uintptr_t start = UINTPTR_MAX, end = 0;
    for (int i = 0; i < info->dlpi_phnum; i++) {
        const ElfW(Phdr) *header = &info->dlpi_phdr[i];
        uintptr_t first = (uintptr_t)(info->dlpi_addr + header->p_vaddr);
        if (header->p_type == PT_LOAD) {
            start = first < start ? first : start;
            end = first + header->p_memsz > end ? first + header->p_memsz : end;
        }
    }
    module->base = start;
    module->size = end > start ? end - start : 0;
    snprintf(module->path, sizeof module->path, "%s", info->dlpi_name ? info->dlpi_name : "");
}

static size_t align(size_t size, size_t alignment)
{
    return (size + alignment - 1) / alignment * alignment;
}

/* The first 8 bytes of the build-id in one segment of notes, or 0. */
static uint64_t key_in_notes(const unsigned char *notes, size_t size, size_t alignment)
{
    size_t at = 0;
    while (size - at >= sizeof(ElfW(Nhdr))) {
        ElfW(Nhdr) note;
        memcpy(&note, notes + at, sizeof note);
        size_t name = at + sizeof note;
        size_t description = align(name + note.n_namesz, alignment);
        size_t next = align(description + note.n_descsz, alignment);
        if (note.n_namesz > size || note.n_descsz > size || description + note.n_descsz > size) {
            break;
        }
        if (note.n_type == NT_GNU_BUILD_ID && note.n_namesz == 4 && !memcmp(notes + name, "GNU", 4) &&
            note.n_descsz > 0) {
            uint64_t key = 0;
            memcpy(&key, notes + description, note.n_descsz < sizeof key ? note.n_descsz : sizeof key);
            return key;
        }
        if (next > size) {
            break;
        }
        at = next;
    }
    return 0;
}

static uint64_t build_key(const struct dl_phdr_info *info)
{
    for (int i = 0; i < info->dlpi_phnum; i++) {
        const ElfW(Phdr) *header = &info->dlpi_phdr[i];
        uintptr_t start = (uintptr_t)(info->dlpi_addr + header->p_vaddr);
        if (header->p_type == PT_NOTE && holds(info, start, header->p_memsz, PF_R)) {
            uint64_t key = key_in_notes((const unsigned char *)start, header->p_memsz, header->p_align == 8 ? 8 : 4);
            if (key != 0) {
                return key;
            }
        }
    }
    return 0;
}

/* ---- Modules without a build-id
 * --------------------------------------------------------------------------------------- */

/* Hashes of files, so that each is read once. An entry is good as long as no library was loaded or unloaded. */
#define CACHE_SIZE 16

static struct {
    platform_mutex lock;
    unsigned long long loads, unloads;
    struct {
        uintptr_t base;
        uint64_t key;
    } entries[CACHE_SIZE];
    int count;
} cache;

void platform__modules_after_fork(void)
{
    memset(&cache, 0, sizeof cache);
}

/* FNV-1a over the whole file. */
static uint64_t hash_file(const char *path)
{
    unsigned char buffer[4096];
    uint64_t hash = 14695981039346656037u;
    int fd = platform__open(path[0] ? path : "/proc/self/exe", O_RDONLY);
    if (fd < 0) {
        return 0;
    }
    ssize_t length;
    while ((length = platform_calls.read(fd, buffer, sizeof buffer)) > 0 || (length < 0 && errno == EINTR)) {
        for (ssize_t i = 0; i < length; i++) {
            hash = (hash ^ buffer[i]) * 1099511628211u;
        }
    }
    platform_handle_close(fd);
    return length < 0 ? 0 : hash == 0 ? 1 : hash;
}

static uint64_t file_key(const platform_module *module, unsigned long long loads, unsigned long long unloads)
{
    uint64_t key = 0;
    platform_mutex_lock(&cache.lock);
    if (cache.loads != loads || cache.unloads != unloads) {
        cache.loads = loads;
        cache.unloads = unloads;
        cache.count = 0;
    }
    for (int i = 0; i < cache.count; i++) {
        if (cache.entries[i].base == module->base) {
            key = cache.entries[i].key;
        }
    }
    if (key == 0 && (key = hash_file(module->path)) != 0 && cache.count < CACHE_SIZE) {
        cache.entries[cache.count].base = module->base;
        cache.entries[cache.count++].key = key;
    }
    platform_mutex_unlock(&cache.lock);
    return key;
}

/* ---- Finding
 * --------------------------------------------------------------------------------------------------------- */

struct search {
    const void *address; /* the module that this lies in, if set */
    uint64_t key;        /* else the one with this build-id, if set */
    int unnamed;         /* else the nth without a build-id, counted down */
    bool found;
    platform_module module;
    unsigned long long loads, unloads;
};

static bool matches(const struct dl_phdr_info *info, struct search *search, uint64_t key)
{
    if (search->address) {
        return holds(info, (uintptr_t)search->address, 1, PF_X);
    }
    if (search->key) {
        return key == search->key;
    }
    return key == 0 && search->unnamed-- == 0;
}

static int visit(struct dl_phdr_info *info, size_t size, void *context)
{
    struct search *search = context;
    (void)size;
    if (is_vdso(info)) {
        return 0;
    }
    uint64_t key = search->address ? 0 : build_key(info);
    if (!matches(info, search, key)) {
        return 0;
    }
    measure(info, &search->module);
    search->module.key = search->address ? build_key(info) : key;
    search->loads = info->dlpi_adds;
    search->unloads = info->dlpi_subs;
    search->found = true;
    return 1;
}

/* The file is read after the search, because the search holds a lock of the dynamic linker. */
static bool find(struct search *search)
{
    dl_iterate_phdr(visit, search);
    if (search->found && search->module.key == 0) {
        search->module.key = file_key(&search->module, search->loads, search->unloads);
    }
    return search->found;
}

bool platform_module_of(const void *address, platform_module *ret_module)
{
    struct search search = { .address = address };
    if (!address || !find(&search) || search.module.key == 0) {
        return false;
    }
    *ret_module = search.module;
    return true;
}

bool platform_module_find(uint64_t key, platform_module *ret_module)
{
    struct search search = { .key = key };
    if (key == 0) {
        return false;
    }
    if (find(&search)) {
        *ret_module = search.module;
        return true;
    }
    for (int i = 0;; i++) {
        search = (struct search){ .unnamed = i };
        if (!find(&search)) {
            return false;
        }
        if (search.module.key == key) {
            *ret_module = search.module;
            return true;
        }
    }
}

int platform_module_load(const char *path)
{
    if (!platform_calls.dlopen(path, RTLD_NOW | RTLD_LOCAL)) {
        const char *text = dlerror();
        return platform__fail_text(MPROC_E_NO_FUNCTION, "dlopen: %s", text ? text : path);
    }
    return 0;
}

void platform_symbol_name(const void *address, char *ret_name, size_t capacity)
{
    Dl_info info;
    /* dladdr names the nearest symbol before the address. Any but an exact one would be another function's name. */
    bool exact = dladdr(address, &info) != 0 && info.dli_sname && info.dli_saddr == address;
    if (capacity > 0) {
        snprintf(ret_name, capacity, "%s", exact ? info.dli_sname : "");
    }
}
