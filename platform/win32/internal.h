/* internal.h: what the files of the Windows port share.
 *
 * Fork does not exist here, so locks need no care beyond threads. Locks of the port: the spawn lock (inherit.c), the
 * semaphore cache (word.c) and the module keys (module.c). None is held while another is taken, nor while anything
 * of core is called.
 */
#ifndef MPROC_WIN32_INTERNAL_H
#define MPROC_WIN32_INTERNAL_H

#include "calls.h"
#include "platform.h"

/* ---- error.c: the detail of a failed call ---- */

/** Notes "CALL: TEXT (NUMBER)" from GetLastError() as this thread's detail. Returns code. */
int platform__fail(int code, const char *call);

/** The same with a number that was kept. */
int platform__fail_error(int code, const char *call, DWORD error);

/** The same for a call that returns an NTSTATUS. */
int platform__fail_status(int code, const char *call, NTSTATUS status);

/** Notes a plain text. Returns code. */
int platform__fail_text(int code, const char *text);

/* ---- segment.c ---- */

/** platform__fail after a call that was to give memory: MPROC_E_LIMIT if there is none left, else MPROC_E_OS. */
int platform__fail_memory(const char *call);

/* ---- application.c ---- */

/** The console's text is encoded as before platform_application_begin. Nothing if that was not called. */
void platform__application_give_back(void);

/* ---- screen.c: a screen of its own in the console ---- */

/** The console shows the program's own screen, empty at first, and what it showed before again. begin returns
 * MPROC_E_NOT_SUPPORTED or MPROC_E_OS; end does nothing if there is nothing to do, and may be called by any thread. */
int platform__screen_begin(void);
void platform__screen_end(void);

/** As platform_terminal_write. Nothing if the screen is not shown. */
int platform__screen_write(const char *text, size_t size);

/** False if it is not shown. */
bool platform__screen_info(CONSOLE_SCREEN_BUFFER_INFO *ret_info);

/* ---- text.c: UTF-8 outside, UTF-16 inside ---- */

/** A copy of the text for free(), or NULL: bad UTF-8, no memory. */
wchar_t *platform__widen(const char *text);

/** Returns false, and an empty text, if it does not fit or is no valid UTF-16. */
bool platform__narrow(const wchar_t *wide, char *ret_text, size_t capacity);

/** The path of a module, NULL for the program; for free(). NULL if there is none, or no memory. */
wchar_t *platform__module_path(HMODULE module);

/* ---- module.c ---- */

void platform__module_setup(void);

/* ---- time.c ---- */

/** Milliseconds until the deadline, rounded up so that a wait never ends early, at most limit_ms (below INFINITE). 0
 * once it has passed. */
DWORD platform__timeout_ms(int64_t deadline_ns, DWORD limit_ms);

/** The longest single wait of the port: long waits are made of such pieces. */
#define PLATFORM_LONGEST_WAIT_MS ((DWORD)3600 * 1000)

/** A length of time as the system counts it, in ns. */
uint64_t platform__filetime_ns(const FILETIME *time);

/* ---- handle.c ---- */

static inline bool platform__is_handle(platform_handle handle)
{
    return handle != 0 && handle != PLATFORM_NO_HANDLE;
}

/* ---- socket.c ---- */

/** Makes a duplicate that has come to the program known to the library of sockets, if it is one, the program has loaded
 * that, and has started it. Returns it, or another handle in its place. */
HANDLE platform__socket_known(HANDLE handle);

/** Closes a handle of the program's, a socket as one. False, with GetLastError(): it was not open. */
bool platform__socket_close(HANDLE handle);

/* ---- inherit.c: which handles a child gets ---- */

/** Everything that CreateProcessW needs, filled in step by step by spawn.c. */
struct platform__launch {
    wchar_t *program;     /**< for free() */
    wchar_t *command;     /**< for free() */
    wchar_t *environment; /**< for free(); NULL: as the parent's */
    HANDLE input;         /**< an empty standard input, to be closed; NULL: it is inherited */
    HANDLE handles[PLATFORM_MAX_HANDLES + 3];
    DWORD handle_count;
    STARTUPINFOEXW startup;
    DWORD flags;
    DWORD refusal; /**< why CreateProcessW failed */
};

/** Puts the options' handles and the valid standard handles into the launch. Errors: MPROC_E_INVALID, MPROC_E_OS. */
int platform__launch_handles(struct platform__launch *launch, const platform_process_options *options);

/** CreateProcessW with exactly these handles inherited, in this process's console or an unseen one, inside *job. If the
 * system allows that process no job of its own it starts without one: *job is closed and NULL then, and the detail of
 * this thread says why. Errors: MPROC_E_START_FAILED, MPROC_E_OS, MPROC_E_NO_MEMORY. */
int platform__launch_run(struct platform__launch *launch, HANDLE *job, PROCESS_INFORMATION *ret_information);

/** In a child: an inherited handle is not to be inherited once more by what the program starts itself. Cheap when there
 * is nothing to do. */
void platform__handle_make_private(platform_handle handle);

/* ---- environment.c ---- */

/** A copy of a block of variables, or of this process's environment, with "NAME=VALUE" in it, in place of one of that
 * name; for free(). NULL: no memory. */
wchar_t *platform__environment_copy_with(const wchar_t *block, const wchar_t *entry);
wchar_t *platform__environment_with(const wchar_t *entry);

/* ---- boot.c ---- */

/** A copy of this process's environment with the boot text in it, for free(). Errors: MPROC_E_NO_MEMORY,
 * MPROC_E_LIMIT, MPROC_E_INVALID. */
int platform__environment_with_boot(const char *boot, wchar_t **ret_environment);

/* ---- tree.c: one job per child ---- */

/** The exit code that terminate, kill and kill_tree give; -15 when reported. The value is CPython's. A program that
 * ends with this very code by itself is reported as terminated. */
#define PLATFORM_TERMINATED_CODE ((UINT)0x10000)

/** A job that takes its processes with it when its last handle is closed. Errors: MPROC_E_OS. */
int platform__job_create(HANDLE *ret_job);

/** Closes the job; what still runs in it goes on. NULL is allowed. */
void platform__job_release(HANDLE job);

/* ---- watcher.c: learning of deaths ---- */

struct platform_process {
    HANDLE handle;
    HANDLE job; /**< NULL if the system allowed none: kill_tree then reaches the process alone */
    DWORD pid;
    PTP_WAIT wait;
    platform_exit_fn *on_exit; /**< NULL: nobody wants to know */
    void *user;
    _Atomic DWORD callback_thread; /**< the thread that is inside on_exit, or 0 */
    bool free_wanted;              /**< platform_process_free was called inside on_exit; that thread's own */
    bool forgotten;                /**< freed by its owner while it ran: the watcher frees it when it ends */
};

/** The thread that runs callbacks of waits, as an environment for CreateThreadpoolWait. Errors: MPROC_E_OS. */
int platform__watcher_environment(TP_CALLBACK_ENVIRON *ret_environment);

/** Makes process->wait, not yet watching. Errors: MPROC_E_OS. */
int platform__watch_prepare(platform_process *process);

/** Begins to watch. Cannot fail. on_exit may run before this returns. */
void platform__watch_start(platform_process *process);

/* ---- crash.c ---- */

/** Which file is mapped at the base of a module, by the name that the kernel knows it by. Takes no lock of the
 * loader's. */
bool platform__module_file(const void *base, char *ret_name, size_t capacity, platform_file_id *ret_file);

/* ---- thread.c ---- */

/** Looks up SetThreadDescription and takes the slot for the thread exit hook. By platform_setup. */
void platform__thread_setup(void);

/* ---- time.c ---- */

void platform__time_setup(void);

#endif
