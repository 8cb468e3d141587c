/* store.c: handles under way from one process to another, and handles of the program's own.
 *
 * A handle under way lies in the table of the keeper, the first process of the family, which lives as long as any of
 * them, or the parent of the child that it is for: each process can open it, put a duplicate there and take it out
 * again, without the keeper's doing anything. A process killed between putting a handle there and telling its receiver,
 * or between receiving one and dropping it, leaves it open until the keeper ends. The handle's number in that table
 * says nothing of whose it is: that nobody drops it twice is the caller's care.
 */
#include "internal.h"

static int check_open(intptr_t handle)
{
    DWORD flags;
    if (platform__is_handle(handle) && GetHandleInformation((HANDLE)handle, &flags))
        return 0;
    return platform__fail_text(MPROC_E_INVALID, "the handle is not open");
}

static bool is_keeper(const platform_store *store)
{
    return (DWORD)store->keeper == GetCurrentProcessId();
}

/* The keeper, with the right to duplicate into and out of its table. In the keeper itself a handle that need not, but
 * may be closed. */
static int open_keeper(const platform_store *store, HANDLE *ret_keeper)
{
    if (is_keeper(store)) {
        *ret_keeper = GetCurrentProcess();
        return 0;
    }
    HANDLE keeper = CALL(OpenProcess, PROCESS_DUP_HANDLE, FALSE, (DWORD)store->keeper);
    if (keeper == NULL)
        return platform__fail(MPROC_E_OS, "OpenProcess");
    *ret_keeper = keeper;
    return 0;
}

int platform_parcel_put(const platform_store *store, platform_handle handle, platform_parcel *parcel)
{
    HANDLE keeper, copy;
    int code = check_open(handle);
    code = code < 0 ? code : open_keeper(store, &keeper);
    if (code < 0)
        return code;
    if (CALL(DuplicateHandle, GetCurrentProcess(), (HANDLE)handle, keeper, &copy, 0, FALSE, DUPLICATE_SAME_ACCESS))
        parcel->place = (uint64_t)(uintptr_t)copy;
    else
        code = platform__fail(MPROC_E_OS, "DuplicateHandle");
    CloseHandle(keeper);
    return code;
}

int platform_parcel_copy(const platform_store *store, const platform_parcel *parcel, mproc_os_handle *ret_handle)
{
    HANDLE keeper, copy;
    int code = open_keeper(store, &keeper);
    if (code < 0)
        return code;
    if (CALL(DuplicateHandle, keeper, (HANDLE)(uintptr_t)parcel->place, GetCurrentProcess(), &copy, 0, FALSE,
             DUPLICATE_SAME_ACCESS))
        *ret_handle = (mproc_os_handle)platform__socket_known(copy);
    else
        code =
            platform__fail(GetLastError() == ERROR_INVALID_HANDLE ? MPROC_E_NOT_FOUND : MPROC_E_OS, "DuplicateHandle");
    CloseHandle(keeper);
    return code;
}

int platform_parcel_drop(const platform_store *store, const platform_parcel *parcel)
{
    HANDLE keeper;
    if (is_keeper(store))
        return CloseHandle((HANDLE)(uintptr_t)parcel->place) ? 0 : platform__fail(MPROC_E_OS, "CloseHandle");
    int code = open_keeper(store, &keeper);
    if (code < 0)
        return code;
    /* The one way to close a handle of another process. If this fails the handle stays open until the keeper ends. */
    if (!CALL(DuplicateHandle, keeper, (HANDLE)(uintptr_t)parcel->place, NULL, NULL, 0, FALSE, DUPLICATE_CLOSE_SOURCE))
        code = platform__fail(MPROC_E_OS, "DuplicateHandle");
    CloseHandle(keeper);
    return code;
}

int platform_parcel_purge(const platform_store *store)
{
    (void)store;
    return 0;
}

/* The keeper's table serves. */
int platform_store_create(platform_handle *ret_queue)
{
    *ret_queue = PLATFORM_NO_HANDLE;
    return 0;
}

/* ---- Handles of the program's own ---- */

static int duplicate(intptr_t handle, intptr_t *ret_copy)
{
    HANDLE self = GetCurrentProcess(), copy;
    int code = check_open(handle);
    if (code < 0)
        return code;
    if (!CALL(DuplicateHandle, self, (HANDLE)handle, self, &copy, 0, FALSE, DUPLICATE_SAME_ACCESS))
        return platform__fail(MPROC_E_OS, "DuplicateHandle");
    *ret_copy = (intptr_t)copy;
    return 0;
}

int platform_handle_take(mproc_os_handle handle, platform_handle *ret_handle)
{
    return duplicate(handle, ret_handle);
}

int platform_handle_give(platform_handle handle, mproc_os_handle *ret_handle)
{
    mproc_os_handle copy;
    int code = duplicate(handle, &copy);
    if (code == 0)
        *ret_handle = (mproc_os_handle)platform__socket_known((HANDLE)copy);
    return code;
}

int platform_foreign_handle_close(mproc_os_handle handle)
{
    return platform__socket_close((HANDLE)handle) ? 0 : platform__fail(MPROC_E_OS, "CloseHandle");
}
