/* What the places in the stack of a dead process are: by the files of the modules that this process has mapped itself,
 * and by addr2line, if it is there. */
#define _GNU_SOURCE
#include "platform.h"
#include "unix/handle.h"
#include "unix/os.h"
#include "unix/symbols.h"
#include "unix/tool.h"
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define TOOL_NS   2000000000
#define LINE_TEXT 64
/* A number as text, and its end. */
#define ADDRESS_TEXT 19

struct module {
    platform_file_id file;
    bool found;
    char path[PATH_MAX];
    int fd;
    struct platform__elf elf;
};

/* ---- The file ---- */

static bool is_module(const struct platform__mapping *mapping, void *context)
{
    struct module *module = context;
    module->found = mapping->path[0] == '/' && memcmp(&mapping->file, &module->file, sizeof module->file) == 0;
    if (module->found)
        snprintf(module->path, sizeof module->path, "%s", mapping->path);
    return !module->found;
}

static bool find_path(struct module *module)
{
    int mappings = platform__os_mappings_open();
    if (mappings < 0)
        return false;
    platform__os_each_mapping(mappings, is_module, module);
    platform_handle_close(mappings);
    return module->found;
}

/* A path may lead to another file by now, or nowhere; that of the running program always leads to it. */
static int open_same(const char *path, platform_file_id file)
{
    int fd = platform__open(path, O_RDONLY | O_NONBLOCK);
    if (fd >= 0 && platform__os_file_is(fd, file))
        return fd;
    platform_handle_close(fd);
    return -1;
}

static bool open_module(struct module *module)
{
    if (!find_path(module))
        return false;
    module->fd = open_same(module->path, module->file);
    if (module->fd < 0)
        module->fd = open_same(platform__os_program_file(), module->file);
    if (module->fd >= 0 && platform__elf_begin(module->fd, &module->elf))
        return true;
    platform_handle_close(module->fd);
    return false;
}

static void close_module(struct module *module)
{
    platform__elf_end(&module->elf);
    platform_handle_close(module->fd);
}

/* ---- Functions ---- */

static const char *end_of_path(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

static void name_function(const struct module *module, uint64_t address, char ret_text[PLATFORM_PLACE_TEXT])
{
    uint64_t offset = address;
    const char *name = platform__elf_function(&module->elf, address, &offset);
    snprintf(ret_text, PLATFORM_PLACE_TEXT, "%.90s+0x%llx (%.24s)", name ? name : "?", (unsigned long long)offset,
             end_of_path(module->path));
}

/* ---- Lines ---- */

/* Set when the tool was not there, or did not come to its end: it is not waited for a second time. */
static _Atomic bool tool_failed;

/* "/path/file.c:12 (discriminator 3)" becomes ", file.c:12"; what is not known is left out. */
static void append_line(const char *line, size_t size, char text[PLATFORM_PLACE_TEXT])
{
    char place[PATH_MAX];
    size_t used = strlen(text);
    snprintf(place, sizeof place, "%.*s", (int)size, line);
    place[strcspn(place, " ")] = '\0';
    const char *name = end_of_path(place);
    if (name[0] != '?' && name[0] != '\0' && name[strlen(name) - 1] != '?' && strstr(name, ":0") == NULL)
        snprintf(text + used, PLATFORM_PLACE_TEXT - used, ", %.*s", LINE_TEXT, name);
}

static void append_lines(const char *output, int count, char (*texts)[PLATFORM_PLACE_TEXT])
{
    for (int i = 0; i < count && output[0] != '\0'; i++) {
        size_t size = strcspn(output, "\n");
        if (texts[i][0] != '\0')
            append_line(output, size, texts[i]);
        output += size + (output[size] == '\n');
    }
}

/* The very file that was opened here, whatever its path leads to by now. addresses: as many as places; one line of
 * output for each. */
static void find_lines(const struct module *module, const uint64_t *addresses, int count,
                       char (*texts)[PLATFORM_PLACE_TEXT])
{
    char path[64], numbers[PLATFORM_CRASH_FRAMES][ADDRESS_TEXT], output[PLATFORM_CRASH_FRAMES * 256];
    char *arguments[PLATFORM_CRASH_FRAMES + 4] = { "addr2line", "-e", path };
    snprintf(path, sizeof path, "/proc/%d/fd/%d", (int)getpid(), module->fd);
    for (int i = 0; i < count; i++) {
        snprintf(numbers[i], sizeof numbers[i], "0x%llx", (unsigned long long)addresses[i]);
        arguments[3 + i] = numbers[i];
    }
    if (atomic_load_explicit(&tool_failed, memory_order_relaxed))
        return;
    if (platform__tool_run(arguments, platform_now_ns() + TOOL_NS, output, sizeof output))
        append_lines(output, count, texts);
    else
        atomic_store_explicit(&tool_failed, true, memory_order_relaxed);
}

static void describe(platform_file_id file, const uint64_t *offsets, int count, char (*ret_texts)[PLATFORM_PLACE_TEXT])
{
    struct module module = { .file = file };
    uint64_t addresses[PLATFORM_CRASH_FRAMES] = { 0 };
    if (count > (int)PLATFORM_CRASH_FRAMES || file.part[1] == 0 || !open_module(&module))
        return;
    for (int i = 0; i < count; i++)
        if (platform__elf_address(&module.elf, offsets[i], &addresses[i]))
            name_function(&module, addresses[i], ret_texts[i]);
    find_lines(&module, addresses, count, ret_texts);
    close_module(&module);
}

void platform_places_describe(platform_file_id file, const uint64_t *offsets, int count,
                              char (*ret_texts)[PLATFORM_PLACE_TEXT])
{
    int cancel = platform_cancel_hold();
    memset(ret_texts, 0, (size_t)count * sizeof *ret_texts);
    describe(file, offsets, count, ret_texts);
    platform_cancel_release(cancel);
}

/* ---- Addresses of other processes ---- */

struct address {
    uint64_t value;
    bool found;
    platform_file_id file;
    uint64_t offset;
};

static bool holds_address(const struct platform__mapping *mapping, void *context)
{
    struct address *address = context;
    if (address->value >= mapping->end)
        return true;
    address->found = address->value >= mapping->start && mapping->is_code && mapping->file.part[1] != 0;
    address->file = mapping->file;
    address->offset = address->value - mapping->start + mapping->file_offset;
    return false;
}

bool platform_place_find(int64_t pid, uint64_t address, platform_file_id *ret_file, uint64_t *ret_offset)
{
    struct address wanted = { .value = address };
    int mappings = platform__os_process_mappings_open((pid_t)pid);
    if (mappings < 0)
        return false;
    platform__os_each_mapping(mappings, holds_address, &wanted);
    platform_handle_close(mappings);
    if (!wanted.found)
        return false;
    *ret_file = wanted.file;
    *ret_offset = wanted.offset;
    return true;
}
