/* os_win32.c: the harness's needs on Windows.
 */
#include "os.h"
#ifndef WIN32_LEAN_AND_MEAN
#define WIN32_LEAN_AND_MEAN
#endif
#include <windows.h>
/* Needs the definitions of windows.h. */
#include <process.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <tlhelp32.h>
#include <winternl.h>

static _Noreturn void die(const char *what)
{
    fprintf(stderr, "harness: %s: error %lu\n", what, GetLastError());
    fflush(stderr);
    TerminateProcess(GetCurrentProcess(), 98);
    abort();
}

/* ---- Time, environment, end ---- */

int64_t os_now_ms(void)
{
    return (int64_t)GetTickCount64();
}

int64_t os_now_ns(void)
{
    LARGE_INTEGER count, frequency;
    QueryPerformanceCounter(&count);
    QueryPerformanceFrequency(&frequency);
    return count.QuadPart / frequency.QuadPart * 1000000000 +
           count.QuadPart % frequency.QuadPart * 1000000000 / frequency.QuadPart;
}

void os_sleep_ms(int ms)
{
    Sleep((DWORD)ms);
}

void os_set_environment(const char *name, const char *value)
{
    /* The C library keeps a copy of its own, which getenv reads; it passes the change on to the system's. */
    if (_putenv_s(name, value) != 0)
        die(name);
}

static uint64_t digest_text(const wchar_t *text)
{
    /* FNV-1a. */
    uint64_t digest = 14695981039346656037u;
    for (; *text; text++)
        digest = (digest ^ (uint64_t)*text) * 1099511628211u;
    return digest;
}

uint64_t os_environment_digest(void)
{
    uint64_t sum = 0;
    wchar_t *block = GetEnvironmentStringsW();
    for (wchar_t *entry = block; entry && *entry; entry += wcslen(entry) + 1)
        sum += digest_text(entry);
    FreeEnvironmentStringsW(block);
    return sum;
}

void os_exit_now(int code)
{
    TerminateProcess(GetCurrentProcess(), (UINT)code);
    abort();
}

void os_note_end(void)
{
}

bool os_is_to_end(void)
{
    return false;
}

void os_program_path(char ret_path[OS_PATH_MAX])
{
    if (!GetModuleFileNameA(NULL, ret_path, OS_PATH_MAX))
        die("GetModuleFileName");
}

int64_t os_self_pid(void)
{
    return (int64_t)GetCurrentProcessId();
}

int os_niceness(void)
{
    switch (GetPriorityClass(GetCurrentProcess())) {
    case IDLE_PRIORITY_CLASS:
        return 10;
    case BELOW_NORMAL_PRIORITY_CLASS:
        return 1;
    case ABOVE_NORMAL_PRIORITY_CLASS:
        return -1;
    case HIGH_PRIORITY_CLASS:
        return -15;
    default:
        return 0;
    }
}

/* ---- Files ---- */

void os_directory_make(char ret_path[OS_PATH_MAX])
{
    static _Atomic int count;
    char parent[MAX_PATH];
    if (!GetTempPathA(sizeof parent, parent))
        die("GetTempPath");
    do
        snprintf(ret_path, OS_PATH_MAX, "%smproc-test-%lu-%d", parent, GetCurrentProcessId(), ++count);
    while (!CreateDirectoryA(ret_path, NULL) && GetLastError() == ERROR_ALREADY_EXISTS);
}

void os_directory_make_at(const char *path)
{
    if (!CreateDirectoryA(path, NULL))
        die(path);
}

static bool is_dot(const char *name)
{
    return strcmp(name, ".") == 0 || strcmp(name, "..") == 0;
}

int os_directory_list(const char *path, char *ret_names, size_t capacity)
{
    WIN32_FIND_DATAA entry;
    char pattern[OS_PATH_MAX + 4];
    int count = 0;
    size_t used = 0;
    ret_names[0] = 0;
    snprintf(pattern, sizeof pattern, "%s\\*", path);
    HANDLE search = FindFirstFileA(pattern, &entry);
    if (search == INVALID_HANDLE_VALUE)
        return 0;
    do {
        if (is_dot(entry.cFileName))
            continue;
        count++;
        if (used + strlen(entry.cFileName) + 2 < capacity)
            used += (size_t)sprintf(ret_names + used, " %s", entry.cFileName);
    } while (FindNextFileA(search, &entry));
    FindClose(search);
    return count;
}

void os_directory_remove(const char *path)
{
    WIN32_FIND_DATAA entry;
    char inner[OS_PATH_MAX + MAX_PATH];
    snprintf(inner, sizeof inner, "%s\\*", path);
    HANDLE search = FindFirstFileA(inner, &entry);
    if (search != INVALID_HANDLE_VALUE) {
        do {
            if (is_dot(entry.cFileName))
                continue;
            snprintf(inner, sizeof inner, "%s\\%s", path, entry.cFileName);
            if (entry.dwFileAttributes & FILE_ATTRIBUTE_DIRECTORY)
                os_directory_remove(inner);
            else
                DeleteFileA(inner);
        } while (FindNextFileA(search, &entry));
        FindClose(search);
    }
    RemoveDirectoryA(path);
}

bool os_limit_files(size_t bytes)
{
    (void)bytes;
    return false;
}

void *os_map_file(const char *path, size_t size)
{
    HANDLE file =
        CreateFileA(path, GENERIC_READ | GENERIC_WRITE, FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE, NULL,
                    OPEN_ALWAYS, FILE_ATTRIBUTE_NORMAL, NULL);
    if (file == INVALID_HANDLE_VALUE)
        die(path);
    HANDLE section = CreateFileMappingA(file, NULL, PAGE_READWRITE, 0, (DWORD)size, NULL);
    void *address = section ? MapViewOfFile(section, FILE_MAP_ALL_ACCESS, 0, 0, size) : NULL;
    if (!address)
        die(path);
    CloseHandle(section);
    CloseHandle(file);
    return address;
}

/* ---- Programs ---- */

struct os_program {
    HANDLE process, job;
    HANDLE hold; /* the other end of its stdin; NULL: it has none */
    DWORD pid;
};

/* Quotes for the rules of the C library. Test arguments hold neither quotes nor a backslash at the end. */
static void join_arguments(const char *const *arguments, char *line, size_t capacity)
{
    size_t used = 0;
    for (int i = 0; arguments[i]; i++)
        used += (size_t)snprintf(line + used, capacity - used, "%s\"%s\"", i ? " " : "", arguments[i]);
    if (used >= capacity)
        die("command line too long");
}

static HANDLE open_inheritable(const char *path, DWORD access, DWORD disposition)
{
    SECURITY_ATTRIBUTES inheritable = { sizeof inheritable, NULL, TRUE };
    HANDLE file = CreateFileA(path, access, FILE_SHARE_READ | FILE_SHARE_WRITE, &inheritable, disposition,
                              FILE_ATTRIBUTE_NORMAL, NULL);
    if (file == INVALID_HANDLE_VALUE)
        die(path);
    return file;
}

/* Only the end that is read is inherited. */
static HANDLE open_held(HANDLE *ret_hold)
{
    HANDLE input;
    if (!CreatePipe(&input, ret_hold, NULL, 0) ||
        !SetHandleInformation(input, HANDLE_FLAG_INHERIT, HANDLE_FLAG_INHERIT))
        die("CreatePipe");
    return input;
}

static os_program *start_program(const char *const *arguments, const char *directory, const char *output, bool is_held)
{
    char line[4096];
    STARTUPINFOA start = { .cb = sizeof start, .dwFlags = STARTF_USESTDHANDLES };
    PROCESS_INFORMATION made;
    os_program *program = calloc(1, sizeof *program);
    if (!program)
        die("calloc");
    join_arguments(arguments, line, sizeof line);
    start.hStdInput = is_held ? open_held(&program->hold) : open_inheritable("NUL", GENERIC_READ, OPEN_EXISTING);
    /* All writers share this one handle's position. To append instead would lose lines under wine, which looks for the
     * end of the file and writes there in two steps. */
    start.hStdOutput = start.hStdError = open_inheritable(output, GENERIC_WRITE, CREATE_ALWAYS);
    program->job = CreateJobObjectA(NULL, NULL);
    if (!program->job || !CreateProcessA(NULL, line, NULL, NULL, TRUE, CREATE_SUSPENDED | CREATE_NO_WINDOW, NULL,
                                         directory, &start, &made))
        die(line);
    if (!AssignProcessToJobObject(program->job, made.hProcess))
        die("AssignProcessToJobObject");
    ResumeThread(made.hThread);
    CloseHandle(made.hThread);
    CloseHandle(start.hStdInput);
    CloseHandle(start.hStdOutput);
    program->process = made.hProcess;
    program->pid = made.dwProcessId;
    return program;
}

os_program *os_program_start(const char *const *arguments, const char *directory, const char *output)
{
    return start_program(arguments, directory, output, false);
}

os_program *os_program_start_held(const char *const *arguments, const char *directory, const char *output)
{
    return start_program(arguments, directory, output, true);
}

int64_t os_program_pid(const os_program *program)
{
    return (int64_t)program->pid;
}

bool os_program_wait(os_program *program, int64_t timeout_ms, int64_t *ret_code)
{
    DWORD code;
    if (WaitForSingleObject(program->process, (DWORD)(timeout_ms > 0 ? timeout_ms : 0)) != WAIT_OBJECT_0)
        return false;
    if (!GetExitCodeProcess(program->process, &code))
        die("GetExitCodeProcess");
    *ret_code = (int32_t)code;
    return true;
}

#define FAMILY_MAX 512

static bool is_listed(const JOBOBJECT_BASIC_PROCESS_ID_LIST *list, DWORD pid)
{
    for (DWORD i = 0; i < list->NumberOfProcessIdsInList; i++)
        if (list->ProcessIdList[i] == pid)
            return true;
    return false;
}

/* Neither of these is on Windows ever in the job of a program: a console's own process, which under wine may miss the
 * death of a program that is killed in its first moments; and a process without threads. Wine makes one in two steps,
 * of which the second gives it its thread, and a parent that is killed in between leaves what is a process by name
 * only. */
static bool is_program(const PROCESSENTRY32 *entry)
{
    return entry->cntThreads > 0 && strcmp(entry->szExeFile, "conhost.exe") != 0;
}

int os_program_family_size(const os_program *program)
{
    union {
        JOBOBJECT_BASIC_PROCESS_ID_LIST list;
        char room[sizeof(JOBOBJECT_BASIC_PROCESS_ID_LIST) + FAMILY_MAX * sizeof(ULONG_PTR)];
    } family;
    PROCESSENTRY32 entry = { .dwSize = sizeof entry };
    int count = 0;
    if (!QueryInformationJobObject(program->job, JobObjectBasicProcessIdList, &family, sizeof family, NULL))
        die("QueryInformationJobObject");
    if (family.list.NumberOfProcessIdsInList == 0)
        return 0;
    HANDLE snapshot = CreateToolhelp32Snapshot(TH32CS_SNAPPROCESS, 0);
    if (snapshot == INVALID_HANDLE_VALUE)
        die("CreateToolhelp32Snapshot");
    for (BOOL more = Process32First(snapshot, &entry); more; more = Process32Next(snapshot, &entry))
        count += is_program(&entry) && is_listed(&family.list, entry.th32ProcessID);
    CloseHandle(snapshot);
    return count;
}

void os_program_kill(os_program *program)
{
    TerminateJobObject(program->job, 99);
}

void os_program_let_go(os_program *program)
{
    if (program->hold != NULL)
        CloseHandle(program->hold);
    program->hold = NULL;
}

void os_program_free(os_program *program)
{
    os_program_let_go(program);
    CloseHandle(program->process);
    CloseHandle(program->job);
    free(program);
}

/* ---- Processes by number ---- */

void os_kill(int64_t pid)
{
    HANDLE process = OpenProcess(PROCESS_TERMINATE, FALSE, (DWORD)pid);
    if (!process)
        return;
    TerminateProcess(process, 9);
    CloseHandle(process);
}

bool os_is_alive(int64_t pid)
{
    HANDLE process = OpenProcess(SYNCHRONIZE, FALSE, (DWORD)pid);
    if (!process)
        return false;
    bool is_alive = WaitForSingleObject(process, 0) == WAIT_TIMEOUT;
    CloseHandle(process);
    return is_alive;
}

/* ---- Census ---- */

/* Counts entries of a system snapshot that belong to this process. */
static int count_snapshot(DWORD flags)
{
    HANDLE snapshot = CreateToolhelp32Snapshot(flags, 0);
    DWORD self = GetCurrentProcessId();
    int count = 0;
    if (snapshot == INVALID_HANDLE_VALUE)
        die("CreateToolhelp32Snapshot");
    if (flags == TH32CS_SNAPPROCESS) {
        PROCESSENTRY32 entry = { .dwSize = sizeof entry };
        for (BOOL more = Process32First(snapshot, &entry); more; more = Process32Next(snapshot, &entry))
            count += entry.th32ParentProcessID == self;
    } else {
        THREADENTRY32 entry = { .dwSize = sizeof entry };
        for (BOOL more = Thread32First(snapshot, &entry); more; more = Thread32Next(snapshot, &entry))
            count += entry.th32OwnerProcessID == self;
    }
    CloseHandle(snapshot);
    return count;
}

int os_child_count(void)
{
    return count_snapshot(TH32CS_SNAPPROCESS);
}

int os_thread_count(void)
{
    return count_snapshot(TH32CS_SNAPTHREAD);
}

/* SystemExtendedHandleInformation, which the headers do not have. GetProcessHandleCount would do, but wine does not
 * count. */
struct handle_entry {
    void *object;
    ULONG_PTR pid;
    ULONG_PTR handle;
    ULONG access;
    USHORT creator, type;
    ULONG attributes, reserved;
};
struct handle_table {
    ULONG_PTR count, reserved;
    struct handle_entry entries[1];
};

static int visit_handles(bool print)
{
    ULONG size = 1 << 20;
    struct handle_table *table = NULL;
    NTSTATUS status;
    int count = 0;
    do {
        size *= 2;
        free(table);
        table = malloc(size);
        if (!table)
            die("malloc");
        status = NtQuerySystemInformation((SYSTEM_INFORMATION_CLASS)64, table, size, NULL);
    } while (status == (NTSTATUS)0xC0000004);
    for (ULONG_PTR i = 0; status >= 0 && i < table->count; i++) {
        if (table->entries[i].pid != GetCurrentProcessId())
            continue;
        count++;
        if (print)
            fprintf(stderr, "  handle %llx type %u access %lx\n", (unsigned long long)table->entries[i].handle,
                    table->entries[i].type, table->entries[i].access);
    }
    free(table);
    return count;
}

int os_handle_count(void)
{
    return visit_handles(false);
}

int os_segment_count(void)
{
    return 0;
}

void os_open_inheritable(int count)
{
    SECURITY_ATTRIBUTES inheritable = { sizeof inheritable, NULL, TRUE };
    while (count-- > 0)
        if (!CreateEventA(&inheritable, TRUE, FALSE, NULL))
            die("CreateEvent");
}

void os_print_handles(void)
{
    visit_handles(true);
}

/* ---- Modules ---- */

void (*os_module_function(const char *path, const char *name))(void)
{
    HMODULE module = LoadLibraryA(path);
    FARPROC symbol = module ? GetProcAddress(module, name) : NULL;
    void (*function)(void);
    memcpy(&function, &symbol, sizeof function);
    return function;
}

void os_module_unload(const char *path)
{
    HMODULE module = GetModuleHandleA(path);
    if (!module || !FreeLibrary(module))
        die("FreeLibrary");
}

bool os_modules_stay(void)
{
    return false;
}

void (*os_code_without_module(void))(void)
{
    void *memory = VirtualAlloc(NULL, 4096, MEM_RESERVE | MEM_COMMIT, PAGE_EXECUTE_READWRITE);
    void (*function)(void);
    if (!memory)
        die("VirtualAlloc");
    memcpy(&function, &memory, sizeof function);
    return function;
}

/* ---- Threads and things to wait for ---- */

struct os_thread {
    HANDLE handle;
    void (*function)(void *);
    void *argument;
};

static unsigned __stdcall run_thread(void *user)
{
    os_thread *thread = user;
    thread->function(thread->argument);
    return 0;
}

os_thread *os_thread_start(void (*function)(void *), void *argument)
{
    os_thread *thread = malloc(sizeof *thread);
    if (!thread)
        die("malloc");
    *thread = (os_thread){ .function = function, .argument = argument };
    thread->handle = (HANDLE)_beginthreadex(NULL, 0, run_thread, thread, 0, NULL);
    if (!thread->handle)
        die("_beginthreadex");
    return thread;
}

void os_thread_join(os_thread *thread)
{
    WaitForSingleObject(thread->handle, INFINITE);
    CloseHandle(thread->handle);
    free(thread);
}

void os_thread_exit(void)
{
    _endthreadex(0);
    abort();
}

os_waitable os_waitable_create(void)
{
    HANDLE event = CreateEventA(NULL, TRUE, FALSE, NULL);
    if (!event)
        die("CreateEvent");
    return (os_waitable){ (mproc_os_handle)event, -1 };
}

void os_waitable_set(os_waitable *waitable)
{
    SetEvent((HANDLE)waitable->handle);
}

void os_waitable_close(os_waitable *waitable)
{
    CloseHandle((HANDLE)waitable->handle);
}
