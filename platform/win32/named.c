/* named.c: named sections of this session. The system frees one with its last handle and view. */
#include "internal.h"

#include <stdio.h>

static wchar_t *section_name(const char *name)
{
    char text[sizeof "Local\\" + PLATFORM_NAMED_MAX];
    snprintf(text, sizeof text, "Local\\%s", name);
    return platform__widen(text);
}

static int fail_name(const char *name)
{
    return platform__fail(GetLastError() == ERROR_NOT_ENOUGH_MEMORY ? MPROC_E_NO_MEMORY : MPROC_E_INVALID, name);
}

/* The name may also be an event's or a lock's. */
static int fail_create(const char *name, DWORD error)
{
    switch (error) {
    case ERROR_ALREADY_EXISTS:
    case ERROR_INVALID_HANDLE:
        return platform__fail_text(MPROC_E_EXISTS, name);
    case ERROR_NOT_ENOUGH_MEMORY:
    case ERROR_COMMITMENT_LIMIT:
    case ERROR_DISK_FULL:
        return platform__fail_error(MPROC_E_LIMIT, "CreateFileMappingW", error);
    default:
        return platform__fail_error(MPROC_E_OS, "CreateFileMappingW", error);
    }
}

int platform_named_create(const char *name, size_t size, platform_handle *ret_segment)
{
    uint64_t bytes = size;
    wchar_t *wide = section_name(name);
    if (wide == NULL)
        return fail_name(name);
    SetLastError(ERROR_SUCCESS);
    HANDLE section =
        CALL(CreateFileMappingW, INVALID_HANDLE_VALUE, NULL, PAGE_READWRITE, (DWORD)(bytes >> 32), (DWORD)bytes, wide);
    DWORD error = GetLastError();
    free(wide);
    if (section != NULL && error != ERROR_ALREADY_EXISTS) {
        *ret_segment = (platform_handle)section;
        return 0;
    }
    if (section != NULL)
        CloseHandle(section);
    return fail_create(name, error);
}

int platform_named_create_chosen(const char *prefix, size_t size, char ret_name[PLATFORM_NAMED_MAX + 1],
                                 platform_handle *ret_segment)
{
    int code;
    do {
        uint64_t chance;
        code = platform_random(&chance, sizeof chance);
        if (code < 0)
            return code;
        snprintf(ret_name, PLATFORM_NAMED_MAX + 1, "%s%016llx", prefix, (unsigned long long)chance);
        code = platform_named_create(ret_name, size, ret_segment);
    } while (code == MPROC_E_EXISTS);
    return code;
}

/* Events, locks and the like have names of the same kind. */
static int fail_open(const char *name, DWORD error)
{
    switch (error) {
    case ERROR_FILE_NOT_FOUND:
        return platform__fail_text(MPROC_E_NOT_FOUND, name);
    case ERROR_INVALID_HANDLE:
        return platform__fail_text(MPROC_E_TYPE, "something else than shared memory has the name");
    default:
        return platform__fail_error(MPROC_E_OS, "OpenFileMappingW", error);
    }
}

int platform_named_open(const char *name, platform_handle *ret_segment)
{
    wchar_t *wide = section_name(name);
    if (wide == NULL)
        return fail_name(name);
    HANDLE section = CALL(OpenFileMappingW, FILE_MAP_READ | FILE_MAP_WRITE, FALSE, wide);
    DWORD error = GetLastError();
    free(wide);
    if (section == NULL)
        return fail_open(name, error);
    *ret_segment = (platform_handle)section;
    return 0;
}

int platform_named_map(platform_handle segment, void **ret_address, size_t *ret_size)
{
    MEMORY_BASIC_INFORMATION region;
    void *address;
    int code = platform_segment_map(segment, 0, 0, &address);
    if (code < 0)
        return code;
    if (VirtualQuery(address, &region, sizeof region) == 0) {
        code = platform__fail(MPROC_E_OS, "VirtualQuery");
        platform_segment_unmap(address, 0);
        return code;
    }
    *ret_address = address;
    *ret_size = region.RegionSize;
    return 0;
}

int platform_named_unlink(const char *name)
{
    (void)name;
    return 0;
}

size_t platform_named_sweep(const char *prefix)
{
    (void)prefix;
    return 0;
}
