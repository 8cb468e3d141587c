/* inherit.c: a child inherits exactly the handles it is meant to have.
 *
 * The handle list of CreateProcessW names them, but each must also be inheritable at that moment. Handles of the port
 * are not, so that no CreateProcess of the program's own carries them off; they are made so under a lock just for
 * the call. What remains: a process that the program starts by itself in that very millisecond, inheriting
 * everything, gets them. Duplicates made for the call would lie open just as long, and their values, which the child
 * must be told, would not be known in advance.
 */
#include "internal.h"

static SRWLOCK spawn_lock = SRWLOCK_INIT;

platform_handle platform_inherited_value(const platform_handle *handles, int index)
{
    return handles[index];
}

void platform__handle_make_private(platform_handle handle)
{
    DWORD flags;
    if (!GetHandleInformation((HANDLE)handle, &flags) || !(flags & HANDLE_FLAG_INHERIT))
        return;
    /* It may be inheritable because another thread is spawning: then that one takes it back, and this does nothing
     * twice. Without the lock it would be taken away before the call. */
    AcquireSRWLockExclusive(&spawn_lock);
    SetHandleInformation((HANDLE)handle, HANDLE_FLAG_INHERIT, 0);
    ReleaseSRWLockExclusive(&spawn_lock);
}

/* ---- Collecting ---- */

static bool can_be_inherited(HANDLE handle)
{
    DWORD flags;
    return platform__is_handle((platform_handle)handle) && GetHandleInformation(handle, &flags);
}

/** The list must not name a handle twice. */
static void add_handle(struct platform__launch *launch, HANDLE handle)
{
    for (DWORD i = 0; i < launch->handle_count; i++)
        if (launch->handles[i] == handle)
            return;
    launch->handles[launch->handle_count++] = handle;
}

/** The null device, at whose end its readers are at once. */
static int open_empty_input(struct platform__launch *launch)
{
    HANDLE empty =
        CALL(CreateFileW, L"NUL", GENERIC_READ, FILE_SHARE_READ | FILE_SHARE_WRITE, NULL, OPEN_EXISTING, 0, NULL);
    if (empty == INVALID_HANDLE_VALUE)
        return platform__fail(MPROC_E_OS, "opening an empty standard input");
    launch->input = empty;
    return 0;
}

/** stdout and stderr go on to the child, and stdin if it has no other. Those that are none here (a program without a
 * console) are none there. */
static void add_standard_handles(struct platform__launch *launch)
{
    STARTUPINFOW *startup = &launch->startup.StartupInfo;
    const DWORD names[3] = { STD_INPUT_HANDLE, STD_OUTPUT_HANDLE, STD_ERROR_HANDLE };
    HANDLE *const fields[3] = { &startup->hStdInput, &startup->hStdOutput, &startup->hStdError };
    for (int i = 0; i < 3; i++) {
        HANDLE handle = i == 0 && launch->input != NULL ? launch->input : GetStdHandle(names[i]);
        if (!can_be_inherited(handle))
            continue;
        *fields[i] = handle;
        add_handle(launch, handle);
    }
    startup->dwFlags |= STARTF_USESTDHANDLES;
}

int platform__launch_handles(struct platform__launch *launch, const platform_process_options *options)
{
    const platform_handle *handles = options->handles;
    int count = options->handle_count;
    if (count < 0 || count > PLATFORM_MAX_HANDLES)
        return platform__fail_text(MPROC_E_INVALID, "too many handles for a child");
    for (int i = 0; i < count; i++) {
        if (!platform__is_handle(handles[i]))
            continue;
        if (!can_be_inherited((HANDLE)handles[i]))
            return platform__fail(MPROC_E_INVALID, "GetHandleInformation");
        add_handle(launch, (HANDLE)handles[i]);
    }
    int code = options->inherit_input ? 0 : open_empty_input(launch);
    if (code == 0)
        add_standard_handles(launch);
    return code;
}

/* ---- The call ---- */

/** Makes the launch's handles inheritable. ret_changed tells which were not. */
static int open_for_child(const struct platform__launch *launch, bool *ret_changed)
{
    for (DWORD i = 0; i < launch->handle_count; i++) {
        DWORD flags;
        if (GetHandleInformation(launch->handles[i], &flags) && (flags & HANDLE_FLAG_INHERIT))
            continue;
        if (!CALL(SetHandleInformation, launch->handles[i], HANDLE_FLAG_INHERIT, HANDLE_FLAG_INHERIT))
            return platform__fail(MPROC_E_OS, "SetHandleInformation");
        ret_changed[i] = true;
    }
    return 0;
}

static void close_after_child(const struct platform__launch *launch, const bool *changed)
{
    for (DWORD i = 0; i < launch->handle_count; i++)
        if (changed[i])
            SetHandleInformation(launch->handles[i], HANDLE_FLAG_INHERIT, 0);
}

static int create_process(struct platform__launch *launch, PROCESS_INFORMATION *ret_information)
{
    bool changed[PLATFORM_MAX_HANDLES + 3] = { false };
    AcquireSRWLockExclusive(&spawn_lock);
    int code = open_for_child(launch, changed);
    if (code == 0 && !CALL(CreateProcessW, launch->program, launch->command, NULL, NULL, launch->handle_count > 0,
                           launch->flags, launch->environment, NULL, &launch->startup.StartupInfo, ret_information)) {
        launch->refusal = GetLastError();
        code = platform__fail_error(MPROC_E_START_FAILED, "CreateProcessW", launch->refusal);
    }
    close_after_child(launch, changed);
    ReleaseSRWLockExclusive(&spawn_lock);
    return code;
}

/** An empty list with room for the handles and the job. */
static int attributes_create(LPPROC_THREAD_ATTRIBUTE_LIST *ret_list)
{
    SIZE_T size = 0;
    InitializeProcThreadAttributeList(NULL, 2, 0, &size);
    LPPROC_THREAD_ATTRIBUTE_LIST list = CALL(malloc, size);
    if (list == NULL)
        return platform__fail_text(MPROC_E_NO_MEMORY, "no memory for a handle list");
    if (!CALL(InitializeProcThreadAttributeList, list, 2, 0, &size)) {
        int code = platform__fail(MPROC_E_OS, "InitializeProcThreadAttributeList");
        free(list);
        return code;
    }
    *ret_list = list;
    return 0;
}

/** The list points to size bytes at value; they must stay. */
static int attributes_add(struct platform__launch *launch, DWORD_PTR attribute, void *value, size_t size)
{
    /* An empty one is an error to the system. */
    if (size == 0 ||
        CALL(UpdateProcThreadAttribute, launch->startup.lpAttributeList, 0, attribute, value, size, NULL, NULL))
        return 0;
    return platform__fail(MPROC_E_OS, "UpdateProcThreadAttribute");
}

/** Starts the process inside the job, or outside if there is none. */
static int run(struct platform__launch *launch, HANDLE *job, PROCESS_INFORMATION *ret_information)
{
    int code = attributes_create(&launch->startup.lpAttributeList);
    if (code < 0)
        return code;
    code = attributes_add(launch, PROC_THREAD_ATTRIBUTE_HANDLE_LIST, launch->handles,
                          launch->handle_count * sizeof launch->handles[0]);
    if (code == 0 && *job != NULL)
        code = attributes_add(launch, PROC_THREAD_ATTRIBUTE_JOB_LIST, job, sizeof *job);
    if (code == 0)
        code = create_process(launch, ret_information);
    DeleteProcThreadAttributeList(launch->startup.lpAttributeList);
    free(launch->startup.lpAttributeList);
    return code;
}

/** Whether the refusal may be about the job: a job with restrictions of the user interface, in which some sandbox put
 * this process, takes no others inside. */
static bool may_be_the_job(DWORD refusal)
{
    return refusal == ERROR_ACCESS_DENIED || refusal == ERROR_INVALID_PARAMETER || refusal == ERROR_NOT_SUPPORTED;
}

/** Whether this process has a console, seen or unseen, that a child can share. */
static bool has_console(void)
{
    DWORD one;
    return GetConsoleProcessList(&one, 1) > 0;
}

int platform__launch_run(struct platform__launch *launch, HANDLE *job, PROCESS_INFORMATION *ret_information)
{
    launch->startup.StartupInfo.cb = sizeof launch->startup;
    launch->flags |= EXTENDED_STARTUPINFO_PRESENT;
    /* Without a console of ours to share, a console program would open a window for one. */
    if (!has_console())
        launch->flags |= CREATE_NO_WINDOW;
    int code = run(launch, job, ret_information);
    if (code != MPROC_E_START_FAILED || *job == NULL || !may_be_the_job(launch->refusal))
        return code;
    HANDLE none = NULL;
    DWORD refusal = launch->refusal;
    code = run(launch, &none, ret_information);
    if (code == 0) {
        CloseHandle(*job);
        *job = NULL;
        platform__fail_error(0, "CreateProcessW in a job of its own", refusal);
    }
    return code;
}
