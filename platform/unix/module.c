/* The program and its shared libraries: which of them an address lies in, and where one lies. */
#define _GNU_SOURCE
#include "platform.h"
#include "unix/calls.h"
#include "unix/error.h"
#include "unix/handle.h"
#include "unix/os.h"
#include "unix/setup.h"
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- Reading a module's headers ---- */

static bool is_kernels(const struct dl_phdr_info *info)
{
    for (int i = 0; i < info->dlpi_phnum; i++)
        if (info->dlpi_phdr[i].p_type == PT_LOAD)
            return platform__os_is_kernel_module((uintptr_t)(info->dlpi_addr + info->dlpi_phdr[i].p_vaddr));
    return true;
}

static bool holds(const struct dl_phdr_info *info, uintptr_t address, size_t size, uint32_t flags)
{
    for (int i = 0; i < info->dlpi_phnum; i++) {
        const ElfW(Phdr) *header = &info->dlpi_phdr[i];
        uintptr_t start = (uintptr_t)(info->dlpi_addr + header->p_vaddr);
        if (header->p_type == PT_LOAD && (header->p_flags & flags) == flags && address >= start &&
            size <= header->p_memsz && address - start <= header->p_memsz - size)
            return true;
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
        if (note.n_namesz > size || note.n_descsz > size || description + note.n_descsz > size)
            break;
        if (note.n_type == NT_GNU_BUILD_ID && note.n_namesz == 4 && !memcmp(notes + name, "GNU", 4) &&
            note.n_descsz > 0) {
            uint64_t key = 0;
            memcpy(&key, notes + description, note.n_descsz < sizeof key ? note.n_descsz : sizeof key);
            return key;
        }
        if (next > size)
            break;
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
            if (key != 0)
                return key;
        }
    }
    return 0;
}

/* ---- The table ---- */

/* What the dynamic linker has loaded, as of the last look. It is kept for the sake of forked children: fork copies the
 * linker's lock as it is, so that a child whose parent had another thread inside dl_iterate_phdr waits for ever when it
 * calls that itself. Our own threads are kept out of it by the lock below, which a fork takes; against the program's
 * (dlopen, dlclose) the child answers from this copy, made just before the fork, and asks the linker only about
 * what is not in it. */
struct loaded {
    platform_module module; /* key 0: not read from the file yet */
    uintptr_t code, code_end;
    size_t thread_local_size;
};

static struct {
    platform_mutex lock;
    struct loaded *modules;
    size_t count, capacity;
    unsigned long long loads, unloads;
    bool complete; /* false: no memory, or never filled */
    bool copied;   /* by a fork; the linker has not been asked since */
} table = { .lock = PLATFORM_MUTEX_INIT };

static void measure_parts(const struct dl_phdr_info *info, struct loaded *loaded)
{
    loaded->code = UINTPTR_MAX;
    loaded->code_end = loaded->thread_local_size = 0;
    for (int i = 0; i < info->dlpi_phnum; i++) {
        const ElfW(Phdr) *header = &info->dlpi_phdr[i];
        uintptr_t first = (uintptr_t)(info->dlpi_addr + header->p_vaddr);
        if (header->p_type == PT_LOAD && (header->p_flags & PF_X)) {
            loaded->code = first < loaded->code ? first : loaded->code;
            loaded->code_end = first + header->p_memsz > loaded->code_end ? first + header->p_memsz : loaded->code_end;
        }
        if (header->p_type == PT_TLS)
            loaded->thread_local_size += header->p_memsz + header->p_align;
    }
}

static struct loaded *table_extend(void)
{
    if (table.count == table.capacity) {
        size_t capacity = table.capacity ? 2 * table.capacity : 32;
        struct loaded *larger = realloc(table.modules, capacity * sizeof *larger);
        if (!larger)
            return NULL;
        table.modules = larger;
        table.capacity = capacity;
    }
    return &table.modules[table.count++];
}

/* The first module carries the counts of all: if they are the known ones, nothing has changed. */
static int visit(struct dl_phdr_info *info, size_t size, void *context)
{
    bool *first = context;
    (void)size;
    if (*first) {
        *first = false;
        if (table.complete && table.loads == info->dlpi_adds && table.unloads == info->dlpi_subs)
            return 1;
        table.loads = info->dlpi_adds;
        table.unloads = info->dlpi_subs;
        table.count = 0;
        table.complete = true;
    }
    if (is_kernels(info))
        return 0;
    struct loaded *loaded = table_extend();
    if (!loaded) {
        table.complete = false;
        return 1;
    }
    measure(info, &loaded->module);
    /* The first of all is the program; some C libraries give it a name. */
    if (table.count == 1)
        loaded->module.path[0] = '\0';
    measure_parts(info, loaded);
    loaded->module.key = build_key(info);
    return 0;
}

static void table_refresh(void)
{
    bool first = true;
    dl_iterate_phdr(visit, &first);
    table.copied = false;
}

void platform__modules_before_fork(void)
{
    platform_mutex_lock(&table.lock);
    /* The copy of a copy is as good as the copy. */
    if (!table.copied)
        table_refresh();
}

void platform__modules_after_fork_in_parent(void)
{
    platform_mutex_unlock(&table.lock);
}

void platform__modules_after_fork(void)
{
    platform_mutex_init(&table.lock);
    table.copied = table.complete;
}

/* ---- Modules without a build-id ---- */

/* FNV-1a over the whole file. */
static uint64_t hash_file(const char *path)
{
    unsigned char buffer[4096];
    uint64_t hash = 14695981039346656037u;
    int fd = platform__open(path[0] ? path : platform__os_program_file(), O_RDONLY);
    if (fd < 0)
        return 0;
    ssize_t length;
    while ((length = platform_calls.read(fd, buffer, sizeof buffer)) > 0 || (length < 0 && errno == EINTR))
        for (ssize_t i = 0; i < length; i++)
            hash = (hash ^ buffer[i]) * 1099511628211u;
    platform_handle_close(fd);
    return length < 0 ? 0 : hash == 0 ? 1 : hash;
}

/* The file is read when somebody asks, once, and after the look at the linker's list. */
static uint64_t key_of(struct loaded *loaded)
{
    if (loaded->module.key == 0)
        loaded->module.key = hash_file(loaded->module.path);
    return loaded->module.key;
}

/* ---- Finding ---- */

static struct loaded *find_address(uintptr_t address)
{
    for (size_t i = 0; i < table.count; i++) {
        struct loaded *loaded = &table.modules[i];
        if (address >= loaded->code && address < loaded->code_end && key_of(loaded) != 0)
            return loaded;
    }
    return NULL;
}

/* Build-ids first: they cost no reading of files. */
static struct loaded *find_key(uint64_t key)
{
    for (size_t i = 0; i < table.count; i++)
        if (table.modules[i].module.key == key)
            return &table.modules[i];
    for (size_t i = 0; i < table.count; i++)
        if (key_of(&table.modules[i]) == key)
            return &table.modules[i];
    return NULL;
}

static bool find(uintptr_t address, uint64_t key, platform_module *ret_module)
{
    platform_mutex_lock(&table.lock);
    struct loaded *loaded = NULL;
    if (table.copied)
        loaded = address ? find_address(address) : find_key(key);
    if (!loaded) {
        table_refresh();
        loaded = address ? find_address(address) : find_key(key);
    }
    if (loaded)
        *ret_module = loaded->module;
    platform_mutex_unlock(&table.lock);
    return loaded != NULL;
}

size_t platform__modules_thread_local_size(void)
{
    size_t size = 0;
    platform_mutex_lock(&table.lock);
    if (!table.copied)
        table_refresh();
    for (size_t i = 0; i < table.count; i++)
        size += table.modules[i].thread_local_size;
    platform_mutex_unlock(&table.lock);
    return size;
}

bool platform_module_of(const void *address, platform_module *ret_module)
{
    return address && find((uintptr_t)address, 0, ret_module);
}

bool platform_module_find(uint64_t key, platform_module *ret_module)
{
    return key != 0 && find(0, key, ret_module);
}

static int read_unloads(struct dl_phdr_info *info, size_t size, void *context)
{
    unsigned long long *unloads = context;
    (void)size;
    *unloads = info->dlpi_subs;
    return 1;
}

/* A C library that does not count them unloads nothing either. */
uint64_t platform_module_unloads(void)
{
    platform_mutex_lock(&table.lock);
    unsigned long long unloads = table.unloads;
    if (!table.copied)
        dl_iterate_phdr(read_unloads, &unloads);
    platform_mutex_unlock(&table.lock);
    return unloads;
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
    if (capacity > 0)
        snprintf(ret_name, capacity, "%s", exact ? info.dli_sname : "");
}
