/* places.c: what the places in the stack of a dead process are, by the symbols and the line tables that MinGW leaves in
 * a file.
 */
#include "internal.h"
#include "lines.h"

#define PSAPI_VERSION 2
#include <psapi.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FILE_LIMIT    ((size_t)1 << 28)
#define TYPE_FUNCTION 0x20
#define SYMBOL_SIZE   18u
#define MODULES_MAX   1024
#define LINE_TEXT     64

/** A module's file in memory. */
struct image_file {
    const unsigned char *data;
    size_t size;
    const IMAGE_SECTION_HEADER *sections;
    unsigned section_count;
    const unsigned char *symbols;
    uint32_t symbol_count;
    const char *strings; /* behind the symbols, to the end of the file */
    size_t strings_size;
    uint64_t base; /* where the image was linked to lie */
};

/** size bytes at an offset of the file, or NULL if they are not all inside. */
static const void *bytes_at(const struct image_file *file, size_t offset, size_t size)
{
    return offset <= file->size && size <= file->size - offset ? file->data + offset : NULL;
}

static bool parse(struct image_file *file)
{
    const IMAGE_DOS_HEADER *dos = bytes_at(file, 0, sizeof *dos);
    if (dos == NULL || dos->e_magic != IMAGE_DOS_SIGNATURE || dos->e_lfanew < 0)
        return false;
    size_t at = (size_t)dos->e_lfanew;
    const IMAGE_NT_HEADERS *headers = bytes_at(file, at, sizeof *headers);
    if (headers == NULL || headers->Signature != IMAGE_NT_SIGNATURE)
        return false;
    file->base = headers->OptionalHeader.ImageBase;
    file->section_count = headers->FileHeader.NumberOfSections;
    file->sections =
        bytes_at(file, at + offsetof(IMAGE_NT_HEADERS, OptionalHeader) + headers->FileHeader.SizeOfOptionalHeader,
                 file->section_count * sizeof *file->sections);
    file->symbol_count = headers->FileHeader.NumberOfSymbols;
    size_t table = headers->FileHeader.PointerToSymbolTable, size = (size_t)file->symbol_count * SYMBOL_SIZE;
    file->symbols = bytes_at(file, table, size);
    if (file->sections == NULL || file->symbols == NULL || size == 0)
        return false;
    file->strings = (const char *)file->symbols + size;
    file->strings_size = file->size - table - size;
    return true;
}

/* ---- Functions ---- */

/** The nearest function before an offset of the image. Symbols have odd sizes, and are copied for their alignment. */
static bool find_function(const struct image_file *file, uint64_t offset, IMAGE_SYMBOL *ret_symbol, uint64_t *ret_start)
{
    bool found = false;
    for (uint32_t i = 0; i < file->symbol_count; i++) {
        IMAGE_SYMBOL symbol;
        memcpy(&symbol, file->symbols + (size_t)i * SYMBOL_SIZE, SYMBOL_SIZE);
        i += symbol.NumberOfAuxSymbols;
        if (symbol.Type != TYPE_FUNCTION || symbol.SectionNumber <= 0 ||
            (unsigned)symbol.SectionNumber > file->section_count)
            continue;
        uint64_t start = (uint64_t)symbol.Value + file->sections[symbol.SectionNumber - 1].VirtualAddress;
        if (start <= offset && (!found || start >= *ret_start)) {
            found = true;
            *ret_start = start;
            *ret_symbol = symbol;
        }
    }
    return found;
}

/** Short names lie in the symbol, others in the table of strings. */
static void copy_name(const struct image_file *file, const IMAGE_SYMBOL *symbol, char *ret_name, size_t capacity)
{
    size_t at = symbol->N.Name.Long;
    if (symbol->N.Name.Short != 0)
        snprintf(ret_name, capacity, "%.8s", (const char *)symbol->N.ShortName);
    else if (at < file->strings_size)
        snprintf(ret_name, capacity, "%.*s",
                 (int)strnlen(file->strings + at, file->strings_size - at < 90 ? file->strings_size - at : 90),
                 file->strings + at);
    else
        snprintf(ret_name, capacity, "?");
}

static void name_place(const struct image_file *file, const char *module, uint64_t offset, char *ret_text)
{
    IMAGE_SYMBOL symbol;
    uint64_t start = 0;
    char name[91] = "?";
    if (find_function(file, offset, &symbol, &start)) {
        copy_name(file, &symbol, name, sizeof name);
        offset -= start;
    }
    snprintf(ret_text, PLATFORM_PLACE_TEXT, "%s+0x%llx (%.40s)", name, (unsigned long long)offset, module);
}

/* ---- Lines ---- */

/** Whether the section has this name, which is longer than there is room for: "/4" stands for the text at 4. */
static bool has_name(const struct image_file *file, const IMAGE_SECTION_HEADER *section, const char *name)
{
    char number[IMAGE_SIZEOF_SHORT_NAME + 1] = "";
    memcpy(number, section->Name, IMAGE_SIZEOF_SHORT_NAME);
    size_t at = number[0] == '/' ? strtoul(number + 1, NULL, 10) : file->strings_size;
    size_t size = strlen(name) + 1;
    return at < file->strings_size && size <= file->strings_size - at && memcmp(file->strings + at, name, size) == 0;
}

static struct platform__bytes find_section(const struct image_file *file, const char *name)
{
    for (unsigned i = 0; i < file->section_count; i++) {
        const IMAGE_SECTION_HEADER *section = &file->sections[i];
        size_t size =
            section->Misc.VirtualSize < section->SizeOfRawData ? section->Misc.VirtualSize : section->SizeOfRawData;
        const void *data = has_name(file, section, name) ? bytes_at(file, section->PointerToRawData, size) : NULL;
        if (data != NULL)
            return (struct platform__bytes){ data, size };
    }
    return (struct platform__bytes){ NULL, 0 };
}

static void append_lines(const struct image_file *file, const uint64_t *offsets, int count,
                         char (*texts)[PLATFORM_PLACE_TEXT])
{
    const struct platform__line_tables tables = { find_section(file, ".debug_line"),
                                                  find_section(file, ".debug_line_str"),
                                                  find_section(file, ".debug_str") };
    for (int i = 0; i < count; i++) {
        char line[LINE_TEXT];
        size_t used = strlen(texts[i]);
        if (platform__line_of(&tables, file->base + offsets[i], line, sizeof line))
            snprintf(texts[i] + used, PLATFORM_PLACE_TEXT - used, ", %s", line);
    }
}

/* ---- The module ---- */

/** The module of this process whose file that is, or NULL. */
static HMODULE find_module(platform_file_id wanted)
{
    HMODULE modules[MODULES_MAX], found = NULL;
    DWORD size = 0;
    if (!EnumProcessModules(GetCurrentProcess(), modules, sizeof modules, &size))
        return NULL;
    size_t count = size / sizeof *modules < MODULES_MAX ? size / sizeof *modules : MODULES_MAX;
    for (size_t i = 0; i < count && found == NULL; i++) {
        char name[600];
        platform_file_id file;
        if (platform__module_file(modules[i], name, sizeof name, &file) && memcmp(&file, &wanted, sizeof file) == 0)
            found = modules[i];
    }
    return found;
}

static bool read_module(HMODULE module, char *ret_path, size_t capacity, void **ret_data, size_t *ret_size)
{
    wchar_t *path = platform__module_path(module);
    bool read = path != NULL && platform__narrow(path, ret_path, capacity) &&
                platform_file_read(ret_path, FILE_LIMIT, ret_data, ret_size) == 0;
    free(path);
    return read;
}

void platform_places_describe(platform_file_id file, const uint64_t *offsets, int count,
                              char (*ret_texts)[PLATFORM_PLACE_TEXT])
{
    char path[1024];
    void *data;
    size_t size;
    memset(ret_texts, 0, (size_t)count * sizeof *ret_texts);
    HMODULE module = file.part[1] != 0 ? find_module(file) : NULL;
    if (module == NULL || !read_module(module, path, sizeof path, &data, &size))
        return;
    struct image_file image = { .data = data, .size = size };
    const char *name = strrchr(path, '\\') != NULL ? strrchr(path, '\\') + 1 : path;
    bool is_read = parse(&image);
    for (int i = 0; is_read && i < count; i++)
        name_place(&image, name, offsets[i], ret_texts[i]);
    if (is_read)
        append_lines(&image, offsets, count, ret_texts);
    free(data);
}

/* ---- Addresses of other processes ---- */

#define IMAGE_PATH_MAX 1024

static bool runs_this_program(DWORD pid)
{
    wchar_t own[IMAGE_PATH_MAX], path[IMAGE_PATH_MAX];
    DWORD own_size = IMAGE_PATH_MAX, size = IMAGE_PATH_MAX;
    HANDLE process = OpenProcess(PROCESS_QUERY_LIMITED_INFORMATION, FALSE, pid);
    bool same = process != NULL && QueryFullProcessImageNameW(GetCurrentProcess(), 0, own, &own_size) &&
                QueryFullProcessImageNameW(process, 0, path, &size) && wcscmp(own, path) == 0;
    if (process != NULL)
        CloseHandle(process);
    return same;
}

/* The system maps a file at the same address in all processes, as long as the place is free there. So what lies there
 * is looked up here: to ask the other process could take for ever if it is killed meanwhile. */
bool platform_place_find(int64_t pid, uint64_t address, platform_file_id *ret_file, uint64_t *ret_offset)
{
    MEMORY_BASIC_INFORMATION information;
    char name[600];
    const void *pc = (const void *)(uintptr_t)address; /* NOLINT(performance-no-int-to-ptr): it was one */
    if (!runs_this_program((DWORD)pid) || VirtualQuery(pc, &information, sizeof information) == 0 ||
        information.Type != MEM_IMAGE ||
        !platform__module_file(information.AllocationBase, name, sizeof name, ret_file))
        return false;
    *ret_offset = address - (uint64_t)(uintptr_t)information.AllocationBase;
    return true;
}
