/* segment.c: shared memory as a section backed by the page file.
 *
 * A section is made at its limit with SEC_RESERVE: no page of it counts against the system's memory until it is
 * committed, and a page committed through one view is committed in every view of every process. There is no way back
 * but the end of the section. The system keeps about 8 bytes of tables for each page of the limit in use, so limits of
 * some GiB are no burden.
 */
#include "internal.h"

/** Out of memory, address space or page file, as against a wrong argument. */
static int memory_error_code(DWORD error)
{
    switch (error) {
    case ERROR_COMMITMENT_LIMIT:
    case ERROR_COMMITMENT_MINIMUM:
    case ERROR_NOT_ENOUGH_MEMORY:
    case ERROR_OUTOFMEMORY:
    case ERROR_NO_SYSTEM_RESOURCES:
    case ERROR_PAGEFILE_QUOTA:
    case ERROR_WORKING_SET_QUOTA:
    case ERROR_DISK_FULL:
        return MPROC_E_LIMIT;
    default:
        return MPROC_E_OS;
    }
}

int platform__fail_memory(const char *call)
{
    DWORD error = GetLastError();
    return platform__fail_error(memory_error_code(error), call, error);
}

/* The tables of such a section are 2 MiB. */
#define DEFAULT_MAX ((DWORDLONG)1 << 30)

size_t platform_segment_default(void)
{
    MEMORYSTATUSEX status = { .dwLength = sizeof status };
    DWORDLONG half = GlobalMemoryStatusEx(&status) ? status.ullTotalPhys / 2 : DEFAULT_MAX;
    return (size_t)(half < DEFAULT_MAX ? half : DEFAULT_MAX);
}

size_t platform_segment_granularity(void)
{
    SYSTEM_INFO information;
    GetSystemInfo(&information);
    return information.dwPageSize;
}

int platform_segment_create(size_t limit, platform_handle *ret_segment)
{
    uint64_t size = limit;
    HANDLE section = CALL(CreateFileMappingW, INVALID_HANDLE_VALUE, NULL, PAGE_READWRITE | SEC_RESERVE,
                          (DWORD)(size >> 32), (DWORD)size, NULL);
    if (section == NULL)
        return platform__fail_memory("CreateFileMappingW");
    *ret_segment = (platform_handle)section;
    return 0;
}

int platform_segment_map(platform_handle segment, size_t offset, size_t length, void **ret_address)
{
    /* A child's first use of an inherited segment: what the program starts by itself must not get it as well. */
    platform__handle_make_private(segment);
    uint64_t start = offset;
    void *address = CALL(MapViewOfFile, (HANDLE)segment, FILE_MAP_READ | FILE_MAP_WRITE, (DWORD)(start >> 32),
                         (DWORD)start, length);
    if (address == NULL)
        return platform__fail_memory("MapViewOfFile");
    *ret_address = address;
    return 0;
}

int platform_segment_commit(platform_handle segment, void *address, size_t offset, size_t length)
{
    /* The view says which section and offset it is. */
    (void)segment, (void)offset;
    if (CALL(VirtualAlloc, address, length, MEM_COMMIT, PAGE_READWRITE) == NULL)
        return platform__fail_memory("VirtualAlloc");
    return 0;
}

int platform_segment_decommit(platform_handle segment, size_t offset, size_t length)
{
    (void)segment, (void)offset, (void)length;
    return platform__fail_text(MPROC_E_NOT_SUPPORTED, "a page of a section stays committed");
}

void platform_segment_unmap(void *address, size_t length)
{
    (void)length;
    UnmapViewOfFile(address);
}
