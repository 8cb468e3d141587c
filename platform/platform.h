/* platform.h: the one contract that a port must fulfil.
 *
 * core/ contains no operating system header and no #ifdef of an operating system; all that it needs is
 * declared here and supplied by platform/unix/ and platform/linux/, or platform/win32/, chosen when linking. A capability that
 * a system lacks returns MPROC_E_NOT_SUPPORTED; it is never a missing symbol.
 *
 * Rules for every function, unless its text says otherwise:
 *
 * - It returns 0 or a negative MPROC_E_ code, and leaves the detail for platform_error_text().
 * - EINTR never shows. No signal handler is installed, no signal mask, locale, cwd or environment is left
 *   changed. Descriptors are close-on-exec, handles not inheritable, except for the moment and the child
 *   they are meant for.
 * - It may be called from any thread. It takes no lock that a fork could leave locked in the child, or
 *   platform_process_fork resets that lock in the child.
 * - It is not async-signal-safe.
 *
 * Calls into the system go through a table (platform/unix/calls.h, platform/win32/calls.h), so that a test can make
 * the nth of them fail.
 */
#ifndef MPROC_PLATFORM_H
#define MPROC_PLATFORM_H

#include <mproc/base.h>
#include <mproc/wait.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

/* ---- Errors ---- */

/** The detail of this thread's last failed platform call, as "memfd_create: Too many open files".
 * Returns a thread-local string, never NULL. */
const char *platform_error_text(void);

/* ---- Start, time, chance, CPUs ---- */

/** One-time set-up of the port: function look-ups, clock scale, the exit hook key. Called first by everything in
 * core that can be a program's first call; idempotent, thread-safe, cheap. */
void platform_setup(void);

/** Nanoseconds on a monotonic clock that all processes of the machine share. Lock-free, ~25 ns. */
int64_t platform_now_ns(void);

/** size random bytes for nonces and keys, from the system's generator. */
int platform_random(void *ret_bytes, size_t size);

/** CPUs this process may use: affinity, cut by a CPU quota (rounded up). At least 1; never fails. */
int platform_cpu_count(void);

/** Lets another thread run (sched_yield, SwitchToThread). */
void platform_yield(void);

/** Tells the CPU that this is a spin loop. */
static inline void platform_pause(void)
{
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#elif defined(__aarch64__) || defined(__arm__)
    __asm__ volatile("yield");
#else
    atomic_signal_fence(memory_order_seq_cst);
#endif
}

/* ---- Handles ---- */

/** A descriptor or a HANDLE. On Windows INVALID_HANDLE_VALUE and NULL both mean none. */
typedef intptr_t platform_handle;
#define PLATFORM_NO_HANDLE ((platform_handle)-1)

/** Closes a handle made by this interface. PLATFORM_NO_HANDLE is allowed. Never fails. */
void platform_handle_close(platform_handle handle);

/** A handle on the calling process that becomes ready when it dies, to be given to children as their lifeline. Made
 * once, owned by the port; remade in a forked child. */
int platform_self_handle(platform_handle *ret_handle);

/** Waits until one of the handles is ready; see mproc_wait, which is this function with checks.
 * ret_ready: count flags. Returns the number ready, 0 at the deadline, or an error. Blocks until deadline_ns (absolute
 * on platform_now_ns; INT64_MAX: no limit). No limit on count. */
int platform_wait_handles(const platform_handle *handles, size_t count, int64_t deadline_ns, unsigned char *ret_ready);

/** An event for an event loop: its handle is ready from set until clear (eventfd; manual-reset event).
 * The handle is the event: wait on it with platform_wait_handles, give it back with platform_handle_close. */
int platform_event_create(platform_handle *ret_event);
void platform_event_set(platform_handle event);
void platform_event_clear(platform_handle event);

/* ---- Shared memory ---- */

/** Makes an anonymous segment of limit bytes, of which none is backed yet. The size never changes: sealed where the
 * system can. It goes when its last handle and last mapping go.
 * Errors: MPROC_E_OS (descriptors, memory), MPROC_E_LIMIT. */
int platform_segment_create(size_t limit, platform_handle *ret_segment);

/** How large a segment may well be of which the program has not said how large: half of the machine's memory, less if
 * a limit set on this process (file size, address space) is in the way, or if a segment costs something even where
 * nothing is backed. Never fails. */
size_t platform_segment_default(void);

/** Maps length bytes from offset (a multiple of PLATFORM_SEGMENT_ALIGN) readable and writable, at any address.
 * On POSIX the mapping is not inherited by fork and not dumped. */
int platform_segment_map(platform_handle segment, size_t offset, size_t length, void **ret_address);

/** Backs length bytes at offset with memory, so that touching them cannot fail later (fallocate; commit on Windows).
 * address is where the caller has mapped that offset; NULL if nowhere yet, which not every system can do. New memory is
 * zero. Repeating it is harmless.
 * Errors: MPROC_E_LIMIT when memory or disk for it is not to be had. */
int platform_segment_commit(platform_handle segment, void *address, size_t offset, size_t length);

/** Gives the memory behind length bytes at offset back to the system. It must be backed again before it is touched, and
 * is zero then. Errors: MPROC_E_NOT_SUPPORTED where memory once backed stays so until the segment goes (Windows);
 * MPROC_E_OS. After an error it may or may not have been zeroed. */
int platform_segment_decommit(platform_handle segment, size_t offset, size_t length);

/** Ends a mapping made by platform_segment_map with the same length. */
void platform_segment_unmap(void *address, size_t length);

/** Alignment of offsets for platform_segment_map: page size on POSIX, allocation granularity on Windows; this
 * constant suits both. */
#define PLATFORM_SEGMENT_ALIGN ((size_t)65536)

/* ---- Named segments: shared memory for programs that are not of one family ----
 *
 * A name is 1 to PLATFORM_NAMED_MAX bytes, none of them a slash or a backslash, and does not begin with a dot. Programs
 * of the same user meet under it (POSIX: the files in /dev/shm; Windows: the names of a session). On POSIX a name
 * stays until it is unlinked; on Windows it goes with the last handle. */
#define PLATFORM_NAMED_MAX 200

/** Makes a segment of size bytes, zero and backed with memory, under a name that nothing has. There is no moment at
 * which somebody finds it half made, nor does a death leave it so. Errors: MPROC_E_EXISTS; MPROC_E_LIMIT for want of
 * memory; MPROC_E_NOT_SUPPORTED; MPROC_E_OS. */
int platform_named_create(const char *name, size_t size, platform_handle *ret_segment);

/** Opens the segment of a name. Errors: MPROC_E_NOT_FOUND; MPROC_E_OS. */
int platform_named_open(const char *name, platform_handle *ret_segment);

/** Maps all of it; ended by platform_segment_unmap with the size. The size is the one it was made with, on Windows
 * rounded up to whole pages. Not inherited by fork on POSIX. */
int platform_named_map(platform_handle segment, void **ret_address, size_t *ret_size);

/** Frees the name; those who have the segment keep it. On Windows this does nothing. Errors: MPROC_E_NOT_FOUND;
 * MPROC_E_OS. */
int platform_named_unlink(const char *name);

/** Frees all names of the caller's user that begin with prefix and whose segment no process has open any more, by a
 * handle of the two functions above. Errors: none; what cannot be looked at stays. */
void platform_named_sweep(const char *prefix);

/* ---- Waiting on a word of shared memory ---- */

/** A word that threads of several processes wait on. It lies in a mapped segment; all zero but for key is a valid word.
 * key: unique among the words of a family, never 0; names the word where the system has no futex. waiters is the
 * port's. */
typedef struct platform_word {
    _Atomic uint32_t value;
    _Atomic uint32_t waiters;
    uint64_t key;
} platform_word;

/** Sleeps while word->value == expected, until a wake, until the deadline, or for no reason at all: callers check
 * again. Also ends when death->value != death_expected, if death is not NULL: the family's death word, so that a waiter
 * whose peer died looks again. A port without a system call for two words sleeps in slices of 20 ms. Ordering: the
 * value is compared after all the caller's earlier seq_cst operations; a waker that changes the value (seq_cst) and
 * then calls platform_wake never leaves a sleeper behind. A sleeper killed at any instruction blocks nobody and steals
 * no other sleeper's wake for longer than a slice of 50 ms. Returns 0, or MPROC_E_TIMEOUT. deadline_ns is absolute;
 * INT64_MAX: none. */
int platform_wait(platform_word *word, uint32_t expected, platform_word *death, uint32_t death_expected,
                  int64_t deadline_ns);

/** Wakes up to count sleepers of the word, INT32_MAX for all. Cheap when there are none. Async-signal-safe on POSIX. */
void platform_wake(platform_word *word, int count);

/* ---- What a family shares besides memory ---- */

/** What the processes of a family inherit besides their segment, by a handle that each passes on. Windows: an unnamed NT
 * object directory, in which the semaphores of words are named, so that nobody outside can open or squat a name. POSIX:
 * a socket connected to itself, in whose queue handles under way wait (platform_parcel), and into which nobody else can
 * send. create makes and enters a new
 * one, join enters one that was inherited. Called once per process, before any wait. Errors: MPROC_E_OS. */
int platform_scope_create(platform_handle *ret_scope);
int platform_scope_join(platform_handle scope);

/** A handle under way from one process of the family to another, as it is told to the other: in no process's table of
 * handles (POSIX), or in that of the keeper, the family's first process (Windows). So the sender may die. */
typedef struct platform_parcel {
    uint64_t tag[3]; /**< the caller's; no two parcels of a family have the same */
    uint64_t place;  /**< the port's */
} platform_parcel;

/** Whether nobody will come for the parcel any more. */
typedef bool platform_parcel_over(const platform_parcel *parcel);

/** Where parcels are. keeper: the family's first process. over: asked about parcels that others have left behind. */
typedef struct platform_store {
    platform_handle scope;
    int64_t keeper;
    platform_parcel_over *over;
} platform_store;

/** Puts a duplicate of the handle into the store, whose the parcel's tag says. The caller keeps his handle.
 *
 * These four are called by one process of the family at a time. None blocks. A process killed inside leaves the store
 * usable; at most its own parcel is left behind in it, or another one is there twice. What is left behind is dropped
 * by the others' calls that come across it, when over says so (POSIX), or with the keeper (Windows).
 * Errors: MPROC_E_INVALID for a handle that is none; MPROC_E_LIMIT if too many are under way; MPROC_E_OS, also if the
 * program has closed the scope. */
int platform_parcel_put(const platform_store *store, platform_handle handle, platform_parcel *parcel);

/** A duplicate of the handle in the store, where it stays: the caller's own, not one that platform_handle_close takes,
 * closed on exec (POSIX), not inheritable (Windows). Errors: MPROC_E_NOT_FOUND if it was dropped; MPROC_E_OS (no room
 * for one more open handle); MPROC_E_LIMIT. */
int platform_parcel_copy(const platform_store *store, const platform_parcel *parcel, mproc_os_handle *ret_handle);

/** Takes the parcel out of the store and closes it. Not twice: on Windows its place may be another handle's by then.
 * Errors: as platform_parcel_copy; it is still there then. */
int platform_parcel_drop(const platform_store *store, const platform_parcel *parcel);

/** Drops all that is over (POSIX); does nothing (Windows, where nobody knows). Errors: MPROC_E_OS, MPROC_E_LIMIT, if not
 * all could be looked at. */
int platform_parcel_purge(const platform_store *store);

/** Closes a handle of the program's own, after it was moved. Errors: MPROC_E_NOT_SUPPORTED for a socket on Windows,
 * which only the socket library may close. */
int platform_foreign_handle_close(mproc_os_handle handle);
/** Whether that would be supported. */
bool platform_foreign_handle_can_close(mproc_os_handle handle);

/* ---- Threads of this process ---- */

typedef struct platform_thread platform_thread;

/** Starts a thread with all signals blocked (POSIX) and a stack of 256 KiB, or the minimum if small. */
int platform_thread_start(void (*function)(void *), void *argument, const char *name, platform_thread **ret_thread);

/** Waits for the thread's end and frees it. */
void platform_thread_join(platform_thread *thread);

/** Whether the calling thread is this one. */
bool platform_thread_is_current(const platform_thread *thread);

/** A number for the calling thread, unique on the machine while it lives. */
uint64_t platform_thread_id(void);

/** How many threads this process has, or 1 where the system will not tell. For the fork warning. */
int platform_thread_count(void);

/** Calls function when a thread ends in which platform_thread_exit_arm was called. One function per process. */
void platform_thread_exit_hook(void (*function)(void));
void platform_thread_exit_arm(void);

/** A mutex, not recursive; all zero (PLATFORM_MUTEX_INIT) is an unlocked one; nothing to destroy. */
typedef struct platform_mutex {
    void *opaque[8];
} platform_mutex;
#define PLATFORM_MUTEX_INIT                                                                                            \
    {                                                                                                                  \
        {                                                                                                              \
            0                                                                                                          \
        }                                                                                                              \
    }
void platform_mutex_lock(platform_mutex *mutex);
void platform_mutex_unlock(platform_mutex *mutex);

/** A condition on the monotonic clock. Spurious wake-ups happen. wait returns false once deadline_ns has passed.
 * init before use, destroy after. */
typedef struct platform_condition {
    void *opaque[8];
} platform_condition;
int platform_condition_init(platform_condition *condition);
void platform_condition_destroy(platform_condition *condition);
bool platform_condition_wait(platform_condition *condition, platform_mutex *mutex, int64_t deadline_ns);
void platform_condition_signal(platform_condition *condition);
void platform_condition_broadcast(platform_condition *condition);

/* ---- Processes ---- */

/** How a process ended. */
typedef struct platform_exit {
    enum { PLATFORM_EXIT_UNKNOWN, PLATFORM_EXIT_CODE, PLATFORM_EXIT_SIGNAL } kind;
    int64_t code; /**< exit code (Windows: the exception's number as itself, -15 after terminate), or signal number */
} platform_exit;

/** A child, by pidfd or HANDLE: never by pid alone, so nothing here can reach a recycled pid. */
typedef struct platform_process platform_process;

/** Told once that the process has died, on the port's watcher thread, all signals blocked. Must not block, nor call
 * platform_process_free on the same process. */
typedef void platform_exit_fn(platform_process *process, platform_exit how, void *user);

/** What a new process starts from. */
typedef struct platform_process_options {
    const char *executable;         /**< spawn only; NULL: the running program */
    const char *boot;               /**< spawn only: text the child finds with platform_boot_take */
    const platform_handle *handles; /**< the only handles of ours the child inherits */
    int handle_count;               /**< at most PLATFORM_MAX_HANDLES */
    bool group;                     /**< in a process group / job of its own, for kill_tree and against Ctrl-C */
    platform_exit_fn *on_exit;      /**< may be called before the start function has returned */
    void *user;
} platform_process_options;
#define PLATFORM_MAX_HANDLES 8

/** The start methods of this port. */
bool platform_can_fork(void);

/** The value that handles[index] will have in a spawned child: a text for the boot string can say it in
 * advance. */
platform_handle platform_inherited_value(const platform_handle *handles, int index);

/** Starts the executable afresh, its own path and the boot text as its only news: handles by explicit list, everything
 * else close-on-exec. Arguments are the executable's name alone. Environment inherited, plus the boot variable, which
 * this process itself never shows. stdin, stdout and stderr are passed on. On Windows: no console window, no error
 * dialogs, created suspended, put into its job (kill on close, nested), resumed. Errors: MPROC_E_START_FAILED (no such
 * program, out of processes), MPROC_E_OS. Blocks for the exec (about 1 ms). */
int platform_process_spawn(const platform_process_options *options, platform_process **ret_process);

/** Copies the calling process; the calling thread alone goes on in the child. Returns 0 in the parent, 1 in the
 * child. In the child all of the port's descriptors are closed but options->handles; the port's threads and locks are
 * as in a new process; output that the parent had buffered in stdio is dropped in the child, so that it is not written
 * twice; signal mask and handlers are the caller's; pthread_atfork handlers run.
 * Errors: MPROC_E_NOT_SUPPORTED, MPROC_E_START_FAILED. */
int platform_process_fork(const platform_process_options *options, platform_process **ret_process);

/** The process id. Never blocks. */
int64_t platform_process_pid(const platform_process *process);

/** A handle that is ready once the process has died. Owned by the process object. */
platform_handle platform_process_sentinel(const platform_process *process);

/** Ends a process: politely (SIGTERM; on Windows at once, exit code reported as -15), by SIGINT (not supported on
 * Windows), at once (SIGKILL), at once with all its descendants (job; process group and walk of /proc). Asynchronous.
 * On a dead process: 0, and nothing happens. */
int platform_process_terminate(platform_process *process);
int platform_process_interrupt(platform_process *process);
int platform_process_kill(platform_process *process);
int platform_process_kill_tree(platform_process *process);

/** Forgets the process. If it still runs it goes on, and is reaped when it ends. on_exit is not called after this
 * returns. Waits for a callback that is under way, so it must not be called under a lock that on_exit takes. */
void platform_process_free(platform_process *process);

/** A single-threaded process, forked now, from which workers are forked later: they have the memory image of this
 * moment, and no fork happens in a busy parent (D8). child_main runs in each forked worker and never returns; it gets
 * the handles of platform_template_fork in the same order, and argument as it was here. on_lost: the template died;
 * called on the watcher thread; its workers live on. May be NULL. The template ends by itself when its maker dies.
 * Errors: MPROC_E_NOT_SUPPORTED, MPROC_E_START_FAILED. */
typedef struct platform_template platform_template;
typedef void platform_child_main(void *argument, const platform_handle *handles, int handle_count);
int platform_template_create(platform_child_main *child_main, void *argument, const platform_handle *keep,
                             int keep_count, void (*on_lost)(void *user), void *user, platform_template **ret_template);

/** Forks a worker from the template: options->handles are duplicated into it, executable and boot unused. The process
 * object is as any other: its exit status comes by way of the template, or from the kernel if the template is gone,
 * else it is PLATFORM_EXIT_UNKNOWN. Blocks until the template answered, at most 10 s.
 * Errors: MPROC_E_START_FAILED. */
int platform_template_fork(platform_template *process, const platform_process_options *options,
                           platform_process **ret_process);

/** Ends the template. Its workers live on. */
void platform_template_free(platform_template *process);

/** In a child, called by its main thread: when the process behind parent (a platform_self_handle of it, inherited) dies,
 * ends this process and what it started, within a second, whatever its threads do. Starts a thread. The process also
 * ends when the main thread ends by itself (pthread_exit, ExitThread), which that thread would otherwise hide.
 * group: this process leads a group of its own, which is killed as well. */
int platform_lifeline_start(platform_handle parent, bool group);

/** Takes the boot text out of the environment. Returns false if there is none. */
bool platform_boot_take(char *ret_text, size_t capacity);

/** Identity of a process beyond its pid: the time it started, in the system's own unit. */
int64_t platform_self_pid(void);
uint64_t platform_self_start_time(void);

/** Whether the process with this pid and start time lives (a zombie does not). About 10 us. */
bool platform_is_alive(int64_t pid, uint64_t start_time);

/** Whether this process is a copy made by somebody's fork since platform_copy_mark was last called (a page that forks
 * wipe). About 1 ns. Always false where there is no fork. */
void platform_copy_mark(void);
bool platform_is_copy(void);

/** Ends the process at once: no atexit handlers, no stdio flush (_exit). */
_Noreturn void platform_exit_now(int code);

/** At the start of a spawned child or worker: no error dialogs on Windows. Nothing on POSIX. */
void platform_child_prepare(void);

/** Writes to stderr with one write, errors ignored. No SIGPIPE. */
void platform_write_stderr(const char *text, size_t size);

/* ---- Code ---- */

/** A module: the program or a shared library in memory. */
typedef struct platform_module {
    uint64_t key;   /**< first 8 bytes of its build-id (or, without one, a hash of its file), never 0 */
    uintptr_t base; /**< where it is loaded: function address = base + offset */
    size_t size;    /**< of its address range from base */
    char path[512]; /**< "" for the program itself */
} platform_module;

/** The module that an address lies in, and whose code may be called: false if none. About 1 us. */
bool platform_module_of(const void *address, platform_module *ret_module);

/** The loaded module with this key. */
bool platform_module_find(uint64_t key, platform_module *ret_module);

/** Loads a module that a function lives in, for mproc-worker. Errors: MPROC_E_NO_FUNCTION. */
int platform_module_load(const char *path);

/** The symbol at an address from the dynamic symbol table, "" if there is none. */
void platform_symbol_name(const void *address, char *ret_name, size_t capacity);

#endif
