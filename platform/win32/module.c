/* module.c: modules in memory, by a key that is the same in every process that runs the same build.
 *
 * The key is the build's own: the GUID of the CodeView record that --build-id puts into the debug directory, and
 * that Microsoft's tools write as well. A module without one is known by a hash of its file.
 *
 * Everything is read from the image in memory. Its headers were checked by the loader, but not its directories, so
 * their extents are checked here against the image's size.
 */
#include "internal.h"

#define PSAPI_VERSION 2
#include <psapi.h>

#include <string.h>

/* ---- The image in memory ---- */

struct image {
    const unsigned char *base;
    const IMAGE_NT_HEADERS *headers;
    size_t size;
};

static bool image_of(HMODULE module, struct image *ret_image)
{
    const unsigned char *base = (const unsigned char *)module;
    const IMAGE_DOS_HEADER *dos = (const void *)base;
    if (dos->e_magic != IMAGE_DOS_SIGNATURE)
        return false;
    const IMAGE_NT_HEADERS *headers = (const void *)(base + dos->e_lfanew);
    if (headers->Signature != IMAGE_NT_SIGNATURE || headers->OptionalHeader.Magic != IMAGE_NT_OPTIONAL_HDR_MAGIC)
        return false;
    *ret_image = (struct image){ base, headers, headers->OptionalHeader.SizeOfImage };
    return true;
}

/** size bytes at an offset of the image, or NULL if they are not all inside. */
static const void *image_bytes(const struct image *image, size_t offset, size_t size)
{
    return offset <= image->size && size <= image->size - offset ? image->base + offset : NULL;
}

static const void *image_directory(const struct image *image, unsigned index, size_t *ret_size)
{
    if (index >= image->headers->OptionalHeader.NumberOfRvaAndSizes)
        return NULL;
    const IMAGE_DATA_DIRECTORY *entry = &image->headers->OptionalHeader.DataDirectory[index];
    *ret_size = entry->Size;
    return entry->VirtualAddress != 0 ? image_bytes(image, entry->VirtualAddress, entry->Size) : NULL;
}

/** Whether the address lies in a section with code. Data, and the headers, are in the image too, but cannot be called.
 */
static bool image_has_code_at(const struct image *image, const void *address)
{
    size_t offset = (size_t)((uintptr_t)address - (uintptr_t)image->base);
    const IMAGE_SECTION_HEADER *section = IMAGE_FIRST_SECTION(image->headers);
    for (unsigned i = 0; i < image->headers->FileHeader.NumberOfSections; i++, section++)
        if (offset >= section->VirtualAddress && offset - section->VirtualAddress < section->Misc.VirtualSize)
            return (section->Characteristics & IMAGE_SCN_MEM_EXECUTE) != 0;
    return false;
}

/* ---- The key ---- */

/** The record that a debug directory entry of the CodeView kind points to. The age and a path follow the GUID. */
struct codeview {
    char signature[4];
    unsigned char guid[16];
};

/** The first 8 bytes of the GUID, 0 if the image has none. */
static uint64_t codeview_key(const struct image *image)
{
    size_t size = 0;
    const IMAGE_DEBUG_DIRECTORY *entry = image_directory(image, IMAGE_DIRECTORY_ENTRY_DEBUG, &size);
    if (entry == NULL)
        return 0;
    for (size_t i = 0; i < size / sizeof *entry; i++) {
        if (entry[i].Type != IMAGE_DEBUG_TYPE_CODEVIEW)
            continue;
        const struct codeview *record = image_bytes(image, entry[i].AddressOfRawData, sizeof *record);
        if (entry[i].AddressOfRawData == 0 || record == NULL || memcmp(record->signature, "RSDS", 4) != 0)
            continue;
        uint64_t key;
        memcpy(&key, record->guid, sizeof key);
        return key;
    }
    return 0;
}

#define FNV_OFFSET 0xCBF29CE484222325u
#define FNV_PRIME  0x00000100000001B3u

/** FNV-1a of everything in the file, 0 if it cannot be read. */
static uint64_t hash_file(HANDLE file)
{
    unsigned char buffer[8192];
    uint64_t hash = FNV_OFFSET;
    for (;;) {
        DWORD size = 0;
        if (!CALL(ReadFile, file, buffer, sizeof buffer, &size, NULL))
            return 0;
        if (size == 0)
            return hash;
        for (DWORD i = 0; i < size; i++)
            hash = (hash ^ buffer[i]) * FNV_PRIME;
    }
}

static uint64_t file_key(HMODULE module)
{
    wchar_t *path = platform__module_path(module);
    if (path == NULL)
        return 0;
    HANDLE file = CALL(CreateFileW, path, GENERIC_READ, FILE_SHARE_READ | FILE_SHARE_DELETE, NULL, OPEN_EXISTING,
                       FILE_FLAG_SEQUENTIAL_SCAN, NULL);
    free(path);
    if (file == INVALID_HANDLE_VALUE)
        return 0;
    uint64_t key = hash_file(file);
    CloseHandle(file);
    return key;
}

/* File keys cost milliseconds, so the last few are kept: by place and stamps, so that a module loaded later at the
 * place of one that went is not taken for it. */
struct known_key {
    const unsigned char *base;
    uint32_t time, checksum;
    size_t size;
    uint64_t key;
};

static struct {
    SRWLOCK lock;
    unsigned next;
    struct known_key keys[32];
} known_keys = { .lock = SRWLOCK_INIT };

static bool same_image(const struct known_key *a, const struct known_key *b)
{
    return a->base == b->base && a->time == b->time && a->checksum == b->checksum && a->size == b->size;
}

/** The key that is known for this image, or 0. */
static uint64_t recall_key(const struct known_key *wanted)
{
    uint64_t key = 0;
    AcquireSRWLockShared(&known_keys.lock);
    for (size_t i = 0; i < sizeof known_keys.keys / sizeof known_keys.keys[0] && key == 0; i++)
        if (same_image(&known_keys.keys[i], wanted))
            key = known_keys.keys[i].key;
    ReleaseSRWLockShared(&known_keys.lock);
    return key;
}

static void remember_key(const struct known_key *known)
{
    AcquireSRWLockExclusive(&known_keys.lock);
    known_keys.keys[known_keys.next++ % (sizeof known_keys.keys / sizeof known_keys.keys[0])] = *known;
    ReleaseSRWLockExclusive(&known_keys.lock);
}

static uint64_t cached_file_key(HMODULE module, const struct image *image)
{
    struct known_key known = { .base = image->base,
                               .time = image->headers->FileHeader.TimeDateStamp,
                               .checksum = image->headers->OptionalHeader.CheckSum,
                               .size = image->size };
    known.key = recall_key(&known);
    if (known.key == 0) {
        known.key = file_key(module);
        remember_key(&known);
    }
    return known.key;
}

/** 0 for an image that has no key and cannot be read. */
static uint64_t module_key(HMODULE module, const struct image *image)
{
    uint64_t key = codeview_key(image);
    return key != 0 ? key : cached_file_key(module, image);
}

/* ---- Finding modules ---- */

/** Takes a reference to the module at an address, so that it is not unloaded while it is being read. NULL if there is
 * none. */
static HMODULE module_hold(const void *address)
{
    HMODULE module;
    if (!GetModuleHandleExW(GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS, (LPCWSTR)address, &module))
        return NULL;
    return module;
}

/** The program's path is "", a path too long is an error: it could not be loaded again elsewhere. */
static bool module_path(HMODULE module, char *ret_path, size_t capacity)
{
    ret_path[0] = '\0';
    if (module == GetModuleHandleW(NULL))
        return true;
    wchar_t *wide = platform__module_path(module);
    bool fits = wide != NULL && platform__narrow(wide, ret_path, capacity);
    free(wide);
    return fits;
}

static bool module_describe(HMODULE module, const struct image *image, platform_module *ret_module)
{
    platform_module described = { .base = (uintptr_t)image->base, .size = image->size };
    described.key = module_key(module, image);
    if (described.key == 0 || !module_path(module, described.path, sizeof described.path))
        return false;
    *ret_module = described;
    return true;
}

bool platform_module_of(const void *address, platform_module *ret_module)
{
    HMODULE module = module_hold(address);
    if (module == NULL)
        return false;
    struct image image;
    bool found =
        image_of(module, &image) && image_has_code_at(&image, address) && module_describe(module, &image, ret_module);
    FreeLibrary(module);
    return found;
}

/** The handles of all loaded modules, for free(). */
static HMODULE *all_modules(size_t *ret_count)
{
    DWORD size = 128 * sizeof(HMODULE);
    for (;;) {
        HMODULE *modules = CALL(malloc, size);
        DWORD needed = 0;
        if (modules == NULL)
            return NULL;
        if (EnumProcessModules(GetCurrentProcess(), modules, size, &needed) && needed <= size) {
            *ret_count = needed / sizeof(HMODULE);
            return modules;
        }
        free(modules);
        if (needed <= size)
            return NULL;
        /* Some more than needed: others may load modules meanwhile. */
        size = needed + 16 * sizeof(HMODULE);
    }
}

static bool module_matches(HMODULE listed, uint64_t key, platform_module *ret_module)
{
    HMODULE module = module_hold(listed);
    if (module == NULL)
        return false;
    struct image image;
    bool found =
        image_of(module, &image) && module_key(module, &image) == key && module_describe(module, &image, ret_module);
    FreeLibrary(module);
    return found;
}

bool platform_module_find(uint64_t key, platform_module *ret_module)
{
    /* Nearly always the program itself. */
    if (module_matches(GetModuleHandleW(NULL), key, ret_module))
        return true;
    size_t count = 0;
    HMODULE *modules = all_modules(&count);
    bool found = false;
    for (size_t i = 0; i < count && !found; i++)
        found = module_matches(modules[i], key, ret_module);
    free(modules);
    return found;
}

/* ---- Unloading ---- */

/* Of ntdll, which has no header for it. */
#define DLL_WAS_UNLOADED 2
typedef VOID CALLBACK dll_notification(ULONG reason, const void *data, void *context);
typedef LONG NTAPI register_dll_notification(ULONG flags, dll_notification *function, void *context, void **ret_cookie);

static atomic_bool unloads_are_told;
static _Atomic uint64_t unloads;

/* Under the loader's lock, before the memory is given back. */
static VOID CALLBACK count_unload(ULONG reason, const void *data, void *context)
{
    (void)data, (void)context;
    if (reason == DLL_WAS_UNLOADED)
        atomic_fetch_add(&unloads, 1);
}

void platform__module_setup(void)
{
    void *cookie;
    register_dll_notification *function = (register_dll_notification *)(void (*)(void))GetProcAddress(
        GetModuleHandleW(L"ntdll.dll"), "LdrRegisterDllNotification");
    atomic_store(&unloads_are_told, function != NULL && function(0, count_unload, NULL, &cookie) == 0);
}

/* Where nobody tells, each answer is a new one: nothing is taken for what it was. */
uint64_t platform_module_unloads(void)
{
    return atomic_load(&unloads_are_told) ? atomic_load(&unloads) : atomic_fetch_add(&unloads, 1);
}

int platform_module_load(const char *path)
{
    wchar_t *wide = platform__widen(path);
    if (wide == NULL)
        return platform__fail(MPROC_E_NO_FUNCTION, "the path of a module");
    HMODULE module = CALL(LoadLibraryW, wide);
    int code = module != NULL ? 0 : platform__fail(MPROC_E_NO_FUNCTION, "LoadLibraryW");
    free(wide);
    return code;
}

/* ---- Symbols ---- */

/** The name that a function at this offset is exported by, NULL if it is not. */
static const char *exported_name(const struct image *image, size_t offset)
{
    size_t size = 0;
    const IMAGE_EXPORT_DIRECTORY *exports = image_directory(image, IMAGE_DIRECTORY_ENTRY_EXPORT, &size);
    if (exports == NULL || size < sizeof *exports)
        return NULL;
    const size_t names_count = exports->NumberOfNames, functions_count = exports->NumberOfFunctions;
    const DWORD *functions = image_bytes(image, exports->AddressOfFunctions, functions_count * sizeof(DWORD));
    const DWORD *names = image_bytes(image, exports->AddressOfNames, names_count * sizeof(DWORD));
    const WORD *ordinals = image_bytes(image, exports->AddressOfNameOrdinals, names_count * sizeof(WORD));
    if (functions == NULL || names == NULL || ordinals == NULL)
        return NULL;
    for (size_t i = 0; i < names_count; i++)
        if (ordinals[i] < functions_count && functions[ordinals[i]] == offset)
            return image_bytes(image, names[i], 1);
    return NULL;
}

void platform_symbol_name(const void *address, char *ret_name, size_t capacity)
{
    if (capacity == 0)
        return;
    ret_name[0] = '\0';
    HMODULE module = module_hold(address);
    if (module == NULL)
        return;
    struct image image;
    const char *name =
        image_of(module, &image) ? exported_name(&image, (size_t)((uintptr_t)address - (uintptr_t)image.base)) : NULL;
    if (name != NULL) {
        size_t longest = (size_t)((const char *)image.base + image.size - name);
        size_t length = strnlen(name, longest < capacity - 1 ? longest : capacity - 1);
        memcpy(ret_name, name, length);
        ret_name[length] = '\0';
    }
    FreeLibrary(module);
}
