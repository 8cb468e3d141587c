/* platform.h: the one contract that a port must fulfil.
 *
 * core/ contains no operating system header and no #ifdef of an operating system; all that it needs is declared here
 * and supplied by the folders of a port, chosen when linking: win32/; or, for a Unix, unix/ with a folder of its own,
 * such as linux/ (unix/os.h says what that one has to add). A port also supplies port.h, the constants that this header
 * needs. tests/port/ drives this header alone and tells whether a port keeps to it.
 *
 * What holds for every function, unless its text says otherwise:
 *
 * - Errors. It returns 0 or a negative MPROC_E_ code and leaves the detail for platform_error_text(). Outputs are
 *   written on success only. A function that returns void, a number or a bool cannot fail.
 * - Blocking. It does not wait for other threads or processes. It may take as long as a system call takes.
 * - Threads. It may be called from any thread, by several at a time; those on one object that is being freed excepted.
 * - Fork. It may be called in a child of platform_process_fork and in a template's worker, whatever the parent's other
 *   threads were doing: it takes no lock that a fork could leave locked, or the fork makes that lock new in the child.
 *   Objects that the parent made (threads, processes, templates) are the parent's: in a child their free functions
 *   give the copy's memory back and touch nothing else, and the others return MPROC_E_WRONG_PROCESS. In a child that
 *   the program forks by itself, only what is pure (the clock, chance, platform_is_copy) may be called, until
 *   platform_copy_begin.
 * - Signals. It is not async-signal-safe. Interrupted calls are resumed; no handler is installed, and no mask, locale,
 *   working directory or environment is left changed.
 * - Cancellation. It is no cancellation point, however long it waits: a thread that somebody cancels in here would
 *   leave locks taken and things half done. Nothing is needed where threads cannot be cancelled.
 * - Handles. What it opens is not inherited by children, but for the moment and the child that it is meant for.
 *
 * Calls into the system go through a table (unix/calls.h, win32/calls.h), so that a test can make the nth of them fail.
 *
 * Order of calls:
 *
 * 1. platform_setup, before anything else; core calls it in whatever can be a program's first call.
 * 2. In the first process of a family: platform_scope_create, then segments, words and children in any order. For each
 *    child: platform_self_identity, then platform_process_spawn, platform_process_fork or platform_template_fork, with
 *    handles {segments, scope, identity's handle} in the order that core chooses and tells the child. A template that
 *    was spawned is such a child; it ends in platform_template_serve.
 * 3. In a spawned child: platform_boot_take, platform_segment_map. In any child, then: platform_copy_mark,
 *    platform_child_prepare, platform_scope_join, and after that waits on words; platform_lifeline_start last.
 * 4. At the end: platform_exit_now in children. The first process just ends; nothing is taken down.
 *
 * What may be lacking. A function that a system cannot do is a stub, never a missing symbol; but all others are
 * required.
 *
 * - No platform_process_fork and no templates: platform_can_fork says false, the rest MPROC_E_NOT_SUPPORTED. Lost: the
 *   start method fork, and with it the quickest start of processes.
 * - No templates alone: MPROC_E_NOT_SUPPORTED. Lost: pools under the start method fork, and the method forkserver.
 * - No named segments: MPROC_E_NOT_SUPPORTED. Lost: shared memory by name.
 * - No list of names for platform_named_sweep: it does nothing and returns 0. Lost: names that a crash left behind
 *   stay.
 * - No memory promised in advance: platform_segment_commit returns 0. Lost: that want of memory is an error; it is a
 *   fault in whoever touches the memory.
 * - No platform_segment_decommit: MPROC_E_NOT_SUPPORTED. Lost: a family keeps the memory that it once needed.
 * - No platform_private_discard: it does nothing. Lost: a program keeps the memory for tasks of pools that are gone.
 * - No parcels: platform_scope_create returns 0 and PLATFORM_NO_HANDLE, platform_parcel_put MPROC_E_NOT_SUPPORTED.
 *   Lost: handles in pipes, and with the tasks of pools of processes.
 * - No platform_process_interrupt: MPROC_E_NOT_SUPPORTED. Lost: the public function of that name.
 * - No exit status where somebody else reaped the child: PLATFORM_EXIT_UNKNOWN. Lost: the exit code.
 * - No handle on the calling process that children could wait for: PLATFORM_NO_HANDLE in its identity. Lost: the death
 *   of a parent is noticed within a second by looking, not at once.
 * - No count of threads or CPUs: 1. Lost: the warning about forks beside threads; the right default size of pools.
 * - No platform_module_load: MPROC_E_NO_FUNCTION. Lost: functions of plug-ins in spawned children.
 * - No names of symbols: "". Lost: names of functions in messages.
 * - No platform_self_nice, no platform_self_pin: MPROC_E_NOT_SUPPORTED. Lost: the options of pools that ask for them.
 * - No platform_crash_prepare: MPROC_E_NOT_SUPPORTED. Lost: the stacks of workers that died of a fault.
 * - No platform_places_describe: it writes "". Lost: the names of functions in those stacks.
 * - No platform_place_find: it returns false. Lost: where in the program's code locks are waited for.
 * - No endpoints and streams: MPROC_E_NOT_SUPPORTED. Lost: the monitor.
 * - No platform_process_cpu: MPROC_E_NOT_SUPPORTED. Lost: how busy the workers are in it.
 * - No platform_process_memory_peak: MPROC_E_NOT_SUPPORTED. Lost: the most memory of a worker in it.
 * - No platform_handle_mark: platform_handle_is says true. Lost: what stands in guarantees.md of programs that close
 *   descriptors that are not their own.
 * - No terminal: platform_terminal_is_there says false, the rest MPROC_E_NOT_SUPPORTED. Lost: keys in the monitor.
 */
#ifndef MPROC_PLATFORM_H
#define MPROC_PLATFORM_H

#include "port.h"
#include <mproc/base.h>
#include <mproc/wait.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

/* ---- Errors ---- */

/** The detail of this thread's last failed platform call, as "CALL: TEXT OF THE SYSTEM". Returns a thread-local string,
 * never NULL, that is good until the thread's next call. */
const char *platform_error_text(void);

/* ---- Start, time, chance, CPUs ---- */

/** Sets the port up, once: looks functions up, scales the clock, finds the program's path. Idempotent and cheap. Blocks
 * while another thread is in it for the first time. */
void platform_setup(void);

/** Nanoseconds on a monotonic clock that all processes of the machine share. Lock-free; about 25 ns. */
int64_t platform_now_ns(void);

/** Nanoseconds since 1970, as the system's clock has it: for people, since it may be set. */
int64_t platform_wall_ns(void);

/** A count that goes up evenly and is the same in all processes that use the same source: for measuring, where reading
 * the clock would cost more than what is measured. For no deadline: it drifts against the clock. Lock-free; 10 ns where
 * the processor has a counter that the system itself keeps time by, else as platform_now_ns. */
int64_t platform_ticks(void);

/** How long so many ticks take, good to a thousandth. Lock-free, but for the first 0.1 ms after platform_ticks_use. */
int64_t platform_ticks_ns(int64_t ticks);

/** Finds out which source of ticks this machine has. The numbers are the port's own. */
uint32_t platform_ticks_choose(void);

/** Takes that source, which platform_ticks_choose gave here or in another process of this machine. Called once, before
 * anything counts and other threads do. A copy made by fork goes on with it. */
void platform_ticks_use(uint32_t source);

/** Fills size bytes from the system's generator, good for keys. Errors: MPROC_E_OS. May block while the machine boots.
 */
int platform_random(void *ret_bytes, size_t size);

/** CPUs that this process may use: its affinity, cut by a quota of CPU time, rounded up. At least 1. */
int platform_cpu_count(void);

/** Lets another thread run. */
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

/** Has the cache line with this address on its way, for one who will write it soon: a line that another CPU has takes
 * longer than all else that a task does. A hint, of any address. Signal-safe. */
static inline void platform_prefetch_write(const void *address)
{
#if defined(__x86_64__)
    /* Every one of them takes it, though the compiler is not told so by default. */
    __asm__ volatile("prefetchw %0" : : "m"(*(const char *)address));
#else
    __builtin_prefetch(address, 1);
#endif
}

/** Before a static variable of some pages, zero at first, of which a process touches little: it lies behind all others,
 * so that the small ones of all files share few pages. A forked process has pages of its own where either side writes,
 * and one that was executed where it writes itself. Where the compiler has no such place, the order is its own. */
#if defined(__x86_64__) && defined(__ELF__) && !defined(__clang__)
#define PLATFORM_APART __attribute__((section(".lbss")))
#else
#define PLATFORM_APART
#endif

/* ---- Handles ---- */

/** A descriptor or a HANDLE: something of the system's that can be waited for, given to children and closed. A port
 * says which values are none besides PLATFORM_NO_HANDLE (Windows: NULL). */
typedef intptr_t platform_handle;
#define PLATFORM_NO_HANDLE ((platform_handle)-1)

/** Closes a handle made by this interface. PLATFORM_NO_HANDLE is allowed. */
void platform_handle_close(platform_handle handle);

/** What a handle stood for at a moment. */
typedef struct platform_mark {
    uint64_t device, file, number;
} platform_mark;

/** Notes what a handle stands for, to be asked later whether it still does: a program may close handles that are not
 * its own, as those do that become daemons, and get their values for files of its own. Who keeps a handle for long that
 * he writes to by himself, and not because the program has called him, asks before he does. Less than a microsecond.
 * Where nobody closes what is not his (Windows) nothing is noted. */
void platform_handle_mark(platform_handle handle, platform_mark *ret_mark);

/** Whether it still stands for that. What the system cannot tell apart is taken for the same. As long as the above. */
bool platform_handle_is(platform_handle handle, const platform_mark *mark);

/** As platform_handle_close, unless it stands for something else by now: then it is forgotten. */
void platform_handle_close_marked(platform_handle handle, const platform_mark *mark);

/** Waits until one of the handles is ready; see mproc_wait, which is this function with checks. count has no limit.
 * ret_ready: count flags. Returns the number that are ready, 0 at the deadline, or an error.
 * Blocks until deadline_ns: absolute, on platform_now_ns; INT64_MAX for no limit, anything past for none.
 * Errors: MPROC_E_INVALID for a handle that is none or not open; MPROC_E_NO_MEMORY; MPROC_E_OS. */
int platform_wait_handles(const platform_handle *handles, size_t count, int64_t deadline_ns, unsigned char *ret_ready);

/** Makes an event for an event loop: its handle is ready from set until clear. The handle is the event: it is waited
 * for by platform_wait_handles and given back by platform_handle_close. Errors: MPROC_E_OS. */
int platform_event_create(platform_handle *ret_event);

/** Makes the event ready, if it is not. */
void platform_event_set(platform_handle event);

/** Makes it no longer ready, if it is. */
void platform_event_clear(platform_handle event);

/* ---- Shared memory ---- */

/** Alignment of the offsets of mappings: a multiple of what any port needs, and of the granularity below. */
#define PLATFORM_SEGMENT_ALIGN ((size_t)65536)

/** Makes an anonymous segment of limit bytes, of which none is backed yet. Nobody can change the size, where the system
 * can promise that. It goes when its last handle and last mapping go.
 * Errors: MPROC_E_LIMIT (too large for the system or a limit of this process); MPROC_E_OS. */
int platform_segment_create(size_t limit, platform_handle *ret_segment);

/** How large a segment may well be of which the program has not said how large: half of the machine's memory; less if a
 * limit of this process (file size, address space) is in the way, or if a segment costs something even where nothing is
 * backed. */
size_t platform_segment_default(void);

/** The unit in which memory is backed and given back: a power of two of at least 4096 and at most
 * PLATFORM_SEGMENT_ALIGN. Never changes while the machine runs. */
size_t platform_segment_granularity(void);

/** Maps length bytes from offset, a multiple of PLATFORM_SEGMENT_ALIGN, readable and writable at any address. Where the
 * system can, the mapping is neither inherited by a fork nor part of a core file. Errors: MPROC_E_NO_MEMORY (no room in
 * the address space), MPROC_E_LIMIT, MPROC_E_OS. */
int platform_segment_map(platform_handle segment, size_t offset, size_t length, void **ret_address);

/** Backs length bytes at offset with memory, so that touching them cannot fail later. Works by whole units: those that
 * the bytes begin and end in are backed as well, and stay as they are if they were before. New memory is zero.
 * Repeating it is harmless, also by several processes at once.
 *
 * address: where the caller has mapped that offset. NULL if nowhere, which only a port may say for whose system the
 * address does not matter; core always has it mapped.
 *
 * A port that cannot promise memory in advance, since its system gives it out page by page when touched, returns 0.
 *
 * May take long: the system zeroes what it gives. Errors: MPROC_E_LIMIT when memory for it is not to be had;
 * MPROC_E_OS. */
int platform_segment_commit(platform_handle segment, void *address, size_t offset, size_t length);

/** Gives the memory behind length bytes at offset, both multiples of the granularity, back to the system. It must be
 * backed again before it is touched, and is zero then. Errors: MPROC_E_NOT_SUPPORTED where memory once backed stays so
 * until the segment goes; MPROC_E_OS. After an error it is backed as before, and may or may not have been zeroed. */
int platform_segment_decommit(platform_handle segment, size_t offset, size_t length);

/** Ends a mapping made by platform_segment_map with the same length. */
void platform_segment_unmap(void *address, size_t length);

/* ---- Private memory ---- */

/** Maps size bytes, zeroed, for this process alone. Where the system can, the memory is not copied into children of a
 * fork, which so take no longer; there it must not be touched, whoever forks. It stays until the process ends.
 * Errors: MPROC_E_NO_MEMORY; MPROC_E_LIMIT; MPROC_E_OS. */
int platform_private_map(size_t size, void **ret_address);

/** Gives back the memory behind a whole mapping by platform_private_map, whose contents nobody needs any more. It can
 * be read and written as before; what was there may have become zero. Does nothing where the system cannot. */
void platform_private_discard(void *address, size_t size);

/* ---- Named segments: shared memory for programs that are not of one family ---- */

/* A name is 1 to PLATFORM_NAMED_MAX bytes, none of them a slash or a backslash, and does not begin with a dot. Programs
 * of the same user (Windows: of the same session) meet under it. Whether a name outlives the last handle of its segment
 * is the system's matter; where it does, unlink ends it. */
#define PLATFORM_NAMED_MAX 200

/** Makes a segment of size bytes, zero and backed with memory, under a name that nothing has. There is no moment at
 * which somebody finds it half made, nor does a death leave it so. May take long, as platform_segment_commit.
 * Errors: MPROC_E_EXISTS; MPROC_E_LIMIT for want of memory; MPROC_E_NOT_SUPPORTED; MPROC_E_OS. */
int platform_named_create(const char *name, size_t size, platform_handle *ret_segment);

/** Makes one as platform_named_create does, under a name that nothing has: prefix, at most 32 bytes, and what the port
 * puts behind it. Where names outlive their segments' users it is marked as one that a sweep may free, in the segment
 * or by a name that no other segment can have. Errors: as there, but for MPROC_E_EXISTS. */
int platform_named_create_chosen(const char *prefix, size_t size, char ret_name[PLATFORM_NAMED_MAX + 1],
                                 platform_handle *ret_segment);

/** Opens the segment of a name. Errors: MPROC_E_NOT_FOUND only if nothing has the name; MPROC_E_TYPE if what has it is
 * no segment, MPROC_E_STATE if somebody keeps others from it, both with a text; MPROC_E_NOT_SUPPORTED; MPROC_E_OS. */
int platform_named_open(const char *name, platform_handle *ret_segment);

/** Maps all of it; ended by platform_segment_unmap with the size. ret_size: what it was made with, perhaps rounded up
 * to whole units. Inherited by forks as platform_segment_map says. Errors: as there. */
int platform_named_map(platform_handle segment, void **ret_address, size_t *ret_size);

/** Frees the name; those who have the segment keep it. Where names go by themselves this does nothing and returns 0.
 * Errors: MPROC_E_NOT_FOUND; MPROC_E_NOT_SUPPORTED; MPROC_E_OS. */
int platform_named_unlink(const char *name);

/** Frees names of the caller's user that platform_named_create_chosen has chosen with that prefix, and whose segment no
 * process has open or mapped any more, by whatever means as far as the system can tell. Nothing else is touched, and
 * what cannot be looked at stays. Its time is bounded: of very many names it looks at some, others each time. Returns
 * how many names of any kind there are, so that it can be called the more rarely, the more there are to be listed. A
 * system that cannot list its names, or not tell who has one open, does nothing and returns 0. */
size_t platform_named_sweep(const char *prefix);

/* ---- Waiting on a word of shared memory ---- */

/** A word that threads of several processes wait on. It lies in a mapped segment; all zero but for key is a valid word.
 * key: unique among the words of a family, never 0; names the word where the system cannot wait on an address. waiters
 * is the port's. */
typedef struct platform_word {
    _Atomic uint32_t value;
    _Atomic uint32_t waiters;
    uint64_t key;
} platform_word;

/** Sleeps while word->value == expected, until a wake, until the deadline, or for no reason at all: callers check
 * again. Also ends when death->value != death_expected, if death is not NULL: the family's death word, so that a waiter
 * whose peer died looks again. A port whose system cannot wait on two words sleeps in slices of 20 ms.
 *
 * Ordering: the value is compared after all the caller's earlier seq_cst operations; a waker that changes the value
 * (seq_cst) and then calls platform_wake never leaves a sleeper behind. A sleeper killed at any instruction blocks
 * nobody and steals no other sleeper's wake for longer than a slice of 50 ms.
 *
 * Blocks until deadline_ns, absolute; INT64_MAX: none. Returns 0 or MPROC_E_TIMEOUT, no other error: where something is
 * lacking it sleeps in slices. */
int platform_wait(platform_word *word, uint32_t expected, platform_word *death, uint32_t death_expected,
                  int64_t deadline_ns);

/** Wakes up to count sleepers of the word, INT32_MAX for all. Cheap when there are none. Async-signal-safe on a Unix.
 */
void platform_wake(platform_word *word, int count);

/* ---- What a family shares besides memory ---- */

/** Makes and enters a scope: what the processes of a family inherit besides their segment, and nobody else can name or
 * reach. A port keeps in it what its words or its parcels need: on Windows it is a directory of named semaphores, on
 * Linux a queue of handles. A port that needs none returns 0 and PLATFORM_NO_HANDLE. Called once by the first process
 * of a family, before any wait. Errors: MPROC_E_OS. */
int platform_scope_create(platform_handle *ret_scope);

/** Enters the scope that a child was given by its parent. Called once per process, before any wait. Errors: MPROC_E_OS.
 */
int platform_scope_join(platform_handle scope);

/** A handle under way from one process of the family to another, as it is told to the other. It lies where the death of
 * its sender does not reach it: in the system itself, or in the family's first process, the keeper. */
typedef struct platform_parcel {
    uint64_t tag[3]; /**< the caller's; no two parcels of a family have the same */
    uint64_t place;  /**< the port's */
} platform_parcel;

/** Whether nobody will come for the parcel any more. */
typedef bool platform_parcel_over(const platform_parcel *parcel);

/** Where parcels are: a family's store, or one of platform_store_create's. keeper: the pid of the family's first
 * process, or of the one that has created the store. over: asked about parcels that others have left behind; NULL:
 * none is over before it is dropped. */
typedef struct platform_store {
    platform_handle scope;
    int64_t keeper;
    platform_parcel_over *over;
} platform_store;

/** Puts a duplicate of the handle into the store; the parcel's tag says whose it is. The caller keeps his handle.
 *
 * These four functions are called by one process of the family at a time. A process killed inside leaves the store
 * usable; at most its own parcel is left behind in it, or another one is there twice. What is left behind is dropped by
 * the others' calls that come across it, when over says so, or where nobody can look, with the keeper.
 * Errors: MPROC_E_INVALID for a handle that is none; MPROC_E_LIMIT if too many are under way; MPROC_E_NOT_SUPPORTED;
 * MPROC_E_OS, also if the program has closed the scope. */
int platform_parcel_put(const platform_store *store, platform_handle handle, platform_parcel *parcel);

/** Gives a duplicate of the handle in the store, where it stays. The duplicate is the program's own, not one that
 * platform_handle_close takes, and not inherited by children.
 * Errors: MPROC_E_NOT_FOUND if it was dropped; MPROC_E_OS (no room for one more open handle); MPROC_E_LIMIT. */
int platform_parcel_copy(const platform_store *store, const platform_parcel *parcel, mproc_os_handle *ret_handle);

/** Takes the parcel out of the store and closes it. Not twice: its place may be another parcel's by then. Errors: as
 * platform_parcel_copy; it is still there then. */
int platform_parcel_drop(const platform_store *store, const platform_parcel *parcel);

/** Drops all that is over, where the port can look. Errors: MPROC_E_OS, MPROC_E_LIMIT, if not all could be looked at.
 */
int platform_parcel_purge(const platform_store *store);

/** Makes a store for parcels between this process and one of its children, which is to have the queue among its
 * options' handles. Both put their own value of it into platform_store.scope, with this process as keeper, and see to
 * it that one of them at a time uses it. It goes with its last handle, and what is in it too, where the port keeps it
 * there. PLATFORM_NO_HANDLE where a port needs none, and where parcels cannot travel. Errors: MPROC_E_OS. */
int platform_store_create(platform_handle *ret_queue);

/* ---- Handles of the program's own ---- */

/** Duplicates a handle of the program's: the duplicate is one of ours, which platform_handle_close closes.
 * Errors: MPROC_E_INVALID for a handle that is not open; MPROC_E_OS (no room for one more open handle). */
int platform_handle_take(mproc_os_handle handle, platform_handle *ret_handle);

/** Duplicates a handle that platform_handle_take made: the duplicate is the program's own, and not inherited by
 * children. Errors: as there. */
int platform_handle_give(platform_handle handle, mproc_os_handle *ret_handle);

/** Closes a handle of the program's own, after it was moved, in the way of the library that it belongs to (sockets on
 * Windows). May block as closing does. Errors: MPROC_E_OS. */
int platform_foreign_handle_close(mproc_os_handle handle);

/* ---- Threads of this process ---- */

/** A thread that the port has started, until it is joined. */
typedef struct platform_thread platform_thread;

/** Starts a thread. It has a stack of 256 KiB beside the program's thread-local variables, or the system's minimum, and
 * no signal handler of the program's ever runs on it but those for faults of its own. name: for debuggers, may be cut.
 * Errors: MPROC_E_NO_MEMORY, MPROC_E_OS. */
int platform_thread_start(void (*function)(void *), void *argument, const char *name, platform_thread **ret_thread);

/** Waits for the thread's end and frees it. Blocks. Once per thread; not by the thread itself, nor in a forked child.
 */
void platform_thread_join(platform_thread *thread);

/** Starts a thread that runs functions of the program's, and counts as one of the program's own: it has the stack that
 * the system gives to threads, and the signal mask of the caller or, if the caller is a thread of
 * platform_thread_start's, of whoever started that. ended: called last of all with the same argument, on the thread,
 * however it ends: also if it ends itself (pthread_exit, ExitThread), but not when the whole process ends. The object
 * goes by platform_thread_join, or by platform_thread_forget. Errors: MPROC_E_NO_MEMORY, MPROC_E_OS. */
int platform_program_thread_start(void (*function)(void *), void (*ended)(void *), void *argument, const char *name,
                                  platform_thread **ret_thread);

/** Frees the object of a thread that nobody will join: from its ended on, there or in another thread. */
void platform_thread_forget(platform_thread *thread);

/** Whether the calling thread is this one. */
bool platform_thread_is_current(const platform_thread *thread);

/** A number for the calling thread, unique on the machine while it lives. */
uint64_t platform_thread_id(void);

/** How many threads this process has, or 1 where the system will not tell. For a warning; may be out of date at once.
 */
int platform_thread_count(void);

/** How much CPU time the calling thread has used since it began, in it and in the system for it; 0 where that cannot be
 * found out. About 1 us. Some systems count in steps of up to 16 ms. */
uint64_t platform_thread_cpu_ns(void);

/** Keeps the calling thread from being cancelled, where threads can be, until platform_cancel_release is given what
 * this returned. For functions of the program that core calls in the middle of something. */
int platform_cancel_hold(void);
void platform_cancel_release(int before);

/** Says what to call when a thread ends in which platform_thread_exit_arm was called. One function per process, said by
 * one thread at a time, which runs on the ending thread, but not when the whole process ends. */
void platform_thread_exit_hook(void (*function)(void));

/** Arms the hook for the calling thread. Where the system has no more slots for that, the hook is not called. */
void platform_thread_exit_arm(void);

/** A mutex between threads of this process, not recursive. It is valid from PLATFORM_MUTEX_INIT, for a static one, or
 * platform_mutex_init, for one that lies in an object; memory that happens to be zero is none. Copying makes none. */
typedef struct platform_mutex {
    void *opaque[PLATFORM_MUTEX_POINTERS];
} platform_mutex;

/** Makes an unlocked mutex. Also makes one new that a fork has copied, locked or not; it is not destroyed before. */
void platform_mutex_init(platform_mutex *mutex);

/** Ends an unlocked mutex made by platform_mutex_init. A static one is never ended. */
void platform_mutex_destroy(platform_mutex *mutex);

/** Takes the mutex. Blocks while another thread has it. A fork copies it as it is. */
void platform_mutex_lock(platform_mutex *mutex);

/** Gives it back, by the thread that has it. */
void platform_mutex_unlock(platform_mutex *mutex);

/** A condition between threads of this process, with deadlines on platform_now_ns. Valid from platform_condition_init
 * to platform_condition_destroy; there are no static ones. */
typedef struct platform_condition {
    void *opaque[PLATFORM_CONDITION_POINTERS];
} platform_condition;

/** Makes a condition. Errors: MPROC_E_OS. */
int platform_condition_init(platform_condition *condition);

/** Ends a condition on which nobody waits. In a forked child it is left alone instead: its waiters were copied too. */
void platform_condition_destroy(platform_condition *condition);

/** Gives the mutex back and sleeps until a signal, until the deadline, or for no reason at all, and takes the mutex
 * again. Blocks until deadline_ns, absolute; INT64_MAX: none. Returns false once that has passed. */
bool platform_condition_wait(platform_condition *condition, platform_mutex *mutex, int64_t deadline_ns);

/** Wakes one that waits, if any. */
void platform_condition_signal(platform_condition *condition);

/** Wakes all that wait. */
void platform_condition_broadcast(platform_condition *condition);

/* ---- Processes ---- */

/** How a process ended. */
typedef struct platform_exit {
    enum { PLATFORM_EXIT_UNKNOWN, PLATFORM_EXIT_CODE, PLATFORM_EXIT_SIGNAL } kind;
    int64_t code; /**< exit code (Windows: the exception's number as itself, -15 after terminate), or signal number */
} platform_exit;

/** A child, by something that stands for it and for nothing else: never by its number alone, so that nothing here can
 * reach another process that has got the number since. */
typedef struct platform_process platform_process;

/** Told once that the process has died, on a thread of the port's own, one call at a time. What the process had written
 * into shared memory before its death is visible here. Must not block, nor wait for another such call; it may free the
 * process object. */
typedef void platform_exit_fn(platform_process *process, platform_exit how, void *user);

#define PLATFORM_MAX_HANDLES 8

/** A process, beyond its number, which is another's one day. */
typedef struct platform_identity {
    int64_t pid;
    uint64_t start_time;    /**< in the system's own unit; 0 where it cannot be known */
    platform_handle handle; /**< ready once it has died; PLATFORM_NO_HANDLE where there is no such handle */
} platform_identity;

/** What a new process starts from. */
typedef struct platform_process_options {
    const char *executable;         /**< spawn only; NULL: the running program */
    const char *boot;               /**< spawn only: text that the child finds with platform_boot_take; may be NULL */
    const platform_handle *handles; /**< the only handles of ours that the child inherits */
    int handle_count;               /**< at most PLATFORM_MAX_HANDLES */
    bool group;                     /**< in a process group / job of its own, which ends with it */
    bool apart;                     /**< where a terminal's Ctrl-C does not reach it; group implies it */
    bool inherit_input;             /**< its standard input is this process's; else it is empty */
    platform_exit_fn *on_exit;      /**< may be called before the start function has returned; may be NULL */
    void *user;
} platform_process_options;

/** Whether there is platform_process_fork. */
bool platform_can_fork(void);

/** The value that handles[index] will have in a spawned child, so that the boot text can say it in advance. */
platform_handle platform_inherited_value(const platform_handle *handles, int index);

/** Starts the executable afresh, with its own path as its only argument and the boot text as its only news. It inherits
 * the handles listed, stdout and stderr, stdin if it is to, and nothing else that is open here; the environment, plus a
 * variable
 * with the boot text, which this process itself never shows; the signal mask and what is ignored, as any program
 * started by this thread would. No window and no error dialog appears for it. With group, its descendants die with it
 * (Windows: also with this process). Blocks until the program runs or has failed to (about 1 ms).
 * Errors: MPROC_E_START_FAILED (no such program, out of processes); MPROC_E_INVALID; MPROC_E_NO_MEMORY; MPROC_E_OS. */
int platform_process_spawn(const platform_process_options *options, platform_process **ret_process);

/** Copies the calling process; the calling thread alone goes on in the child. Returns 0 in the parent, 1 in the child.
 *
 * In the child all of the port's handles are closed but those of the options, which have the same values; the port's
 * threads and locks are as in a new process; output that the parent had buffered in stdio is dropped, so that it is not
 * written twice, and if its standard input is to be empty, so is what stdin had read ahead; mask and handlers of
 * signals are the caller's; fork handlers of the program have run. All signals are
 * held back from before the fork until then, so that no handler runs in a child that is half set up.
 *
 * Blocks while another thread is opening a handle, for 1 s at most.
 * Errors: MPROC_E_NOT_SUPPORTED; MPROC_E_START_FAILED; MPROC_E_INVALID; MPROC_E_NO_MEMORY; MPROC_E_OS. */
int platform_process_fork(const platform_process_options *options, platform_process **ret_process);

/** The number of the process. */
int64_t platform_process_pid(const platform_process *process);

/** Whether the process is stopped, by a signal or by the terminal whose background it is in. About 10 us. False where
 * that cannot be found out. */
bool platform_process_is_stopped(const platform_process *process);

/** How many bytes of memory the process has resident at the moment (resident set, working set), with all that it shares
 * with others. About 10 us. Errors: MPROC_E_OS if that cannot be found out, or there is nothing left of it. */
int platform_process_memory(const platform_process *process, size_t *ret_bytes);

/** How many it has had at most, since it began; of a copied process, what it had from its parent included. Some 30 us.
 * Errors: as platform_process_memory; MPROC_E_NOT_SUPPORTED. */
int platform_process_memory_peak(const platform_process *process, size_t *ret_bytes);

/** How much CPU time the process has used so far, in it and in the system for it: all its threads, those that have
 * ended too, but none of its children. About 1 us. Errors: MPROC_E_OS if it has died, or that cannot be found out;
 * MPROC_E_NOT_SUPPORTED. */
int platform_process_cpu(const platform_process *process, uint64_t *ret_ns);

/** A handle that is ready once the process has died. Owned by the process object. It may be ready before on_exit is
 * called. */
platform_handle platform_process_sentinel(const platform_process *process);

/** Asks a process to end: by SIGTERM; where there are no such requests, ends it at once, with exit code -15. Does not
 * wait for the end. On a dead process: 0, and nothing happens. Errors, of the next three as well: MPROC_E_WRONG_PROCESS
 * in a fork of its parent; MPROC_E_OS. */
int platform_process_terminate(platform_process *process);

/** Interrupts a process, as Ctrl-C would. Else as platform_process_terminate. Errors: also MPROC_E_NOT_SUPPORTED. */
int platform_process_interrupt(platform_process *process);

/** Ends a process at once, whatever it does. Else as platform_process_terminate. */
int platform_process_kill(platform_process *process);

/** Ends a process at once with all its descendants that can be found. Those of its group or job always can; of others,
 * those whose parents still live. Takes as long as looking for them (a list of all processes at worst). Else as
 * platform_process_terminate. */
int platform_process_kill_tree(platform_process *process);

/** Whether the main thread of a process has ended while others keep it. True also for a moment while all of it ends, so
 * that only what is true for longer means anything. False where the lifeline sees to that, however it came about. */
bool platform_process_is_headless(const platform_process *process);

/** Kills what this process has started, as platform_process_kill_tree finds it; the process itself goes on. Where its
 * parent can still do that after its end there is nothing to do here. */
void platform_kill_descendants(void);

/** Forgets the process. If it still runs it goes on, and is reaped when it ends. on_exit is not called after this
 * returns. Blocks while such a call is under way, unless made from within it: not under a lock that on_exit takes. */
void platform_process_free(platform_process *process);

/** A single-threaded process, forked or spawned once, from which workers are forked later: they have the memory image
 * of that moment, and no fork happens in a busy parent. */
typedef struct platform_template platform_template;

/** Called, as platform_exit_fn is, when a template has died that was not freed before. Its workers live on. */
typedef void platform_lost_fn(platform_exit how, void *user);

/** What a template's worker runs, instead of returning from the fork: it has the handles of platform_template_fork in
 * the same order, and argument as it was when the template was made. It never returns. */
typedef void platform_child_main(void *argument, const platform_handle *handles, int handle_count);

/** Forks a template. keep: handles that all its workers are to have, by the same values; the array is copied. on_lost
 * may be NULL. The template ends by itself when its maker dies. Signals are held back in it for its whole life; its
 * workers have the mask and handlers of the caller. Blocks as platform_process_fork.
 * Errors: MPROC_E_NOT_SUPPORTED; MPROC_E_START_FAILED; MPROC_E_NO_MEMORY; MPROC_E_OS. */
int platform_template_create(platform_child_main *child_main, void *argument, const platform_handle *keep,
                             int keep_count, platform_lost_fn *on_lost, void *user, platform_template **ret_template);

/** Spawns a template: a program that is to call platform_template_serve, with the handles of the options and three of
 * the port's own. options->on_exit, user, group and inherit_input are not looked at. Requests may be made at once, and
 * are answered when it serves; on_lost may come before this has returned. A worker has the signal mask of the thread
 * that asks for it. Blocks as platform_process_spawn.
 * Errors: as platform_process_spawn; MPROC_E_NOT_SUPPORTED. */
int platform_template_spawn(const platform_process_options *options, platform_lost_fn *on_lost, void *user,
                            platform_template **ret_template);

/** In the program that platform_template_spawn has started, which has one thread: serves, until maker dies or lets it
 * go. keep: as for platform_template_create. Workers have the handlers of signals that there are at the call. */
_Noreturn void platform_template_serve(platform_child_main *child_main, void *argument, const platform_handle *keep,
                                       int keep_count, const platform_identity *maker);

/** The template's own process, to be asked for its pid, and killed. Owned by the template. */
platform_process *platform_template_process(const platform_template *process);

/** Forks a worker from the template: options->handles are duplicated into it, executable and boot unused. The process
 * object is as any other: its exit status comes by way of the template, or from the system if that knows it sooner,
 * else it is PLATFORM_EXIT_UNKNOWN. Its death is told whatever state the template is in. Blocks until the template has
 * answered, 10 s at most; one that does not answer, or is found stopped meanwhile, is killed.
 * Errors: MPROC_E_START_FAILED; MPROC_E_PEER_DIED: the template is gone, and can only be freed; MPROC_E_WRONG_PROCESS;
 * MPROC_E_INVALID; MPROC_E_NO_MEMORY; MPROC_E_OS. */
int platform_template_fork(platform_template *process, const platform_process_options *options,
                           platform_process **ret_process);

/** The two halves of platform_template_fork, so that a template need not wait for the next request: ask asks for a
 * worker without blocking, take waits for the answer. Between the two the object stands for no process yet, and may be
 * given to take alone. Each ask that has returned 0 is followed by its take, in the same order, by a thread that has
 * the template to itself from the first ask to the last take, and does not free it. At most PLATFORM_ASKED_AHEAD
 * answers may be due. Errors of both: as platform_template_fork; the object is then gone. */
#define PLATFORM_ASKED_AHEAD 8
int platform_template_ask(platform_template *process, const platform_process_options *options,
                          platform_process **ret_process);
int platform_template_take(platform_template *process, platform_process *worker);

/** Ends the template; NULL is allowed. Its workers live on. Blocks until it is gone if it has no workers: one that does
 * not end by itself is killed after 1 s. Waits as platform_process_free does for on_lost. */
void platform_template_free(platform_template *process);

/* ---- Who a process is ---- */

/** The number of this process. */
int64_t platform_self_pid(void);

/** When this process started, as in platform_identity. About 10 us. */
uint64_t platform_self_start_time(void);

/** The path of the running program; the end of it if it does not fit, "" if the system does not say. */
void platform_self_program(char *ret_path, size_t capacity);

/** What system this is, for people: "Linux 6.1.0 x86_64". */
void platform_system_name(char *ret_name, size_t capacity);

/** Who this process is, for children that are to die with it. The handle is the port's own, made once, and never
 * closed; a child has it only if it is among its options' handles, and writes its own value of it into the identity it
 * was told. A forked child has an identity of its own. Errors: MPROC_E_NOT_SUPPORTED; MPROC_E_OS. */
int platform_self_identity(platform_identity *ret_identity);

/** Whether the process with this pid and start time lives: one that has ended but was not reaped does not. Where that
 * cannot be found out it does. start_time 0 fits any. About 10 us. */
bool platform_is_alive(int64_t pid, uint64_t start_time);

/** Whether the calling thread is the one that the process began with: it ends with the process, as a rule. May be false
 * for each where a process does not become another program, since then nobody asks. */
bool platform_thread_is_first(void);

/** Waits for the death of a process of which somebody has told: not a child, the parent usually. Returns 1 once it is
 * dead, 0 at the deadline. Blocks until deadline_ns, absolute; INT64_MAX: none. Where there is no handle, or the
 * program has closed it, the process is looked at every 200 ms. Errors: as platform_wait_handles, if nothing else can
 * be asked. */
int platform_identity_wait(const platform_identity *identity, int64_t deadline_ns);

/** In a child, called once by its main thread: when parent dies, ends this process and what it started, within a
 * second, whatever its threads do; at once if parent is dead already. The port watches in its own way; it starts a
 * thread for that or not. The process also ends when its main thread ends by itself (pthread_exit, ExitThread), which
 * that thread would otherwise hide. group: this process leads a group of its own, which is ended as well.
 * by_first_thread: parent's first thread has started this process, and not a template; then another program that this
 * process becomes by exec ends with parent too, where the system can see to that.
 * Errors: MPROC_E_OS, MPROC_E_NO_MEMORY; MPROC_E_INVALID for a handle that is none. */
int platform_lifeline_start(const platform_identity *parent, bool group, bool by_first_thread);

/** On: the process ends with the thread that has started it, where the system can see to that. For as long as that
 * thread waits for it, and nothing else watches. A parent that is dead by then is not seen. */
void platform_end_with_starter(bool on);

/** Takes the boot text out of the environment, so that what this process starts does not find it. Changes the
 * environment, and so is called before the program has other threads. Returns false if there is none or it does not
 * fit. */
bool platform_boot_take(char *ret_text, size_t capacity);

/** Marks this process for platform_is_copy. Called before other threads ask. */
void platform_copy_mark(void);

/** Whether this process is a copy made by somebody's fork since platform_copy_mark was last called. About 1 ns. Always
 * false where there is no fork. */
bool platform_is_copy(void);

/** In a copy that the program's own fork made, by its only thread: the port is from now on as in a first process. The
 * handles that it had open are closed, and what it had made is the parent's, as in a child of platform_process_fork.
 * Ends with platform_copy_mark. Nothing where there is no fork. */
void platform_copy_begin(void);

/** Has a function called when the process ends by exit() or as main returns, while its other threads run. It may be
 * called more than once. On Windows it is called when they have been stopped, wherever they were, if the program has
 * neither of the system's C runtimes, or calls ExitProcess. Returns 0 or MPROC_E_NO_MEMORY. */
int platform_at_exit(void (*function)(void));

/** Ends the process at once: no exit handlers run, no stdio is flushed. Also good in a forked child of the program's.
 */
_Noreturn void platform_exit_now(int code);

/** At the start of every child that core has made: what the system should do otherwise in children than in programs
 * that a user started. On Windows: no error dialogs. */
void platform_child_prepare(void);

/* What a child that core has made changes about itself, before it has other threads and before the program's code
 * runs in it. Nothing of it reaches the parent. */

/** Takes so much from its own share of CPU time: a nice value that is higher by the increment, -20 to 19, or lower.
 * Windows: the priority class idle from 10 on, below normal from 1 on, above normal down to -14, then high. Errors:
 * MPROC_E_OS, if it may not be lowered by this user; MPROC_E_NOT_SUPPORTED. */
int platform_self_nice(int increment);

/** From now on this process runs on that CPU alone. Errors: MPROC_E_INVALID, as platform_cpu_check; MPROC_E_OS;
 * MPROC_E_NOT_SUPPORTED. */
int platform_self_pin(int cpu);

/** Whether this process could be pinned to the CPU, by the system's number for it (Windows: within the process's
 * processor group). Changes nothing that can be noticed. Errors: MPROC_E_INVALID, if there is no such CPU or this
 * process is kept from it; MPROC_E_OS; MPROC_E_NOT_SUPPORTED. */
int platform_cpu_check(int cpu);

/** Sets a variable of the environment; NULL removes it. As the program's getenv sees it, but that Windows' C runtime
 * does not show an empty one. Errors: MPROC_E_INVALID for an empty name, or one with a '=' (Windows: also for text that
 * is no UTF-8); MPROC_E_NO_MEMORY; MPROC_E_OS. */
int platform_self_setenv(const char *name, const char *value);

enum platform_output { PLATFORM_STDOUT = 1, PLATFORM_STDERR = 2 };

/** Lets standard output or error end in a file from now on: what is written is appended, so that others may do the
 * same. The file is made, readable as the program's own are, if it is not there. "": what is written is forgotten.
 * Errors: MPROC_E_OS; MPROC_E_NO_MEMORY. */
int platform_self_redirect(enum platform_output output, const char *path);

/** The same with a handle of the program's own, as platform_parcel_copy gives it: it is the output's from now on, and
 * closed after an error. Errors: MPROC_E_OS; MPROC_E_NO_MEMORY. */
int platform_self_redirect_to(enum platform_output output, mproc_os_handle handle);

/** Limits the memory of this process, and that of each process that it starts, for good: to so many bytes of address
 * space (RLIMIT_AS), or, where the system does not limit that, of memory committed. What needs more fails from now on,
 * and a stack that cannot grow is a fault. Errors: MPROC_E_LIMIT if the process has more already, or may not have as
 * much by a limit that it was under before; MPROC_E_NOT_SUPPORTED; MPROC_E_OS. */
int platform_limit_memory(size_t bytes);

/** Writes to stderr with one write; errors are ignored, and no signal is raised by them. May block as stderr does. */
void platform_write_stderr(const char *text, size_t size);

/* ---- Code ---- */

/** A module: the program or a shared library in memory. */
typedef struct platform_module {
    uint64_t key;   /**< first 8 bytes of its build-id (or, without one, a hash of its file), never 0 */
    uintptr_t base; /**< where it is loaded: function address = base + offset */
    size_t size;    /**< of its address range from base */
    char path[512]; /**< "" for the program itself */
} platform_module;

/** The module that an address lies in, and whose code may be called: false if none. About 1 us; the first question
 * about a module without a build-id reads its file. Waits for other threads in this function or the next. */
bool platform_module_of(const void *address, platform_module *ret_module);

/** The loaded module with this key: false if none. Else as platform_module_of. */
bool platform_module_find(uint64_t key, platform_module *ret_module);

/** A number that grows with every module that is unloaded, before its addresses can be another module's. About 60 ns.
 * In a child of platform_process_fork it is as it was then, as long as only modules of the parent's are asked about. */
uint64_t platform_module_unloads(void);

/** Loads a module that a function lives in, for good. Runs its initialisers. Not in a forked child of a process with
 * threads. Errors: MPROC_E_NO_FUNCTION. */
int platform_module_load(const char *path);

/** The symbol that begins at an address, from the dynamic symbol table; "" if there is none. Not in a forked child of a
 * process with threads. */
void platform_symbol_name(const void *address, char *ret_name, size_t capacity);

/* ---- Crashes ---- */

/* How many frames of a stack are kept: all of a short one; of a long one the innermost, and the outermost as a ring
 * behind them. And of how many files they may be. */
#define PLATFORM_CRASH_FRAMES  64u
#define PLATFORM_CRASH_OUTER   8u
#define PLATFORM_CRASH_MODULES 15u

/** A file with code, whatever its name is by now: the same in all processes that have mapped it. All zero is none. */
typedef struct platform_file_id {
    uint64_t part[2];
} platform_file_id;

enum platform_crash_state {
    PLATFORM_CRASH_NONE = 0,
    PLATFORM_CRASH_WRITING = 1, /**< by one thread; as much as is there is good */
    PLATFORM_CRASH_DONE = 2
};

/** What was the matter with an address. */
enum platform_fault_kind {
    PLATFORM_FAULT_NONE = 0,      /**< it was not the matter, or who knows; address and access mean nothing */
    PLATFORM_FAULT_NO_MEMORY = 1, /**< nothing is there */
    PLATFORM_FAULT_FORBIDDEN = 2, /**< memory that may not be accessed in this way */
    PLATFORM_FAULT_NO_PAGE = 3,   /**< memory that the system has nothing for: its file was cut, memory ran out */
    PLATFORM_FAULT_UNALIGNED = 4,
    PLATFORM_FAULT_NO_ADDRESS = 5, /**< the system does not say which: none that can be, or one that is not aligned */
    PLATFORM_FAULT_STACK = 6       /**< the stack had come to its end there */
};

enum platform_access {
    PLATFORM_ACCESS_UNKNOWN = 0,
    PLATFORM_ACCESS_READ = 1,
    PLATFORM_ACCESS_WRITE = 2,
    PLATFORM_ACCESS_EXECUTE = 3
};

/** What a thread tried that ended its process. */
typedef struct platform_fault {
    uint64_t address;
    uint32_t kind;   /**< enum platform_fault_kind */
    uint32_t access; /**< enum platform_access */
} platform_fault;

/** What a process writes of its own death, in memory that it shares with its parent. It is zero at the start, and not
 * to be believed by whoever reads it: the process may have been out of its mind. */
typedef struct platform_crash {
    _Atomic uint32_t state; /**< enum platform_crash_state; DONE is stored with release */
    uint32_t number;        /**< of the signal or the exception */
    int64_t pid;
    uint64_t thread;
    uint32_t overflow; /**< not 0: the stack had come to its end */
    uint32_t reserved;
    uint32_t frame_count; /**< of the stack, more than there are places */
    uint32_t module_count;
    platform_fault fault;
    /** Of a frame whose module is known: where in its file, or from where it is loaded, its instruction lies, of a
     * caller the call. Else it means nothing to others. */
    uint64_t offsets[PLATFORM_CRASH_FRAMES];
    uint8_t modules[PLATFORM_CRASH_FRAMES]; /**< its module's index and 1; 0: none is known */
    struct platform_crash_module {
        platform_file_id file;
        char name[40]; /**< the end of its path */
    } module[PLATFORM_CRASH_MODULES];
} platform_crash;

/** Makes ready, in a parent, that its children can record crashes: what forked ones could not load themselves is loaded
 * here. Errors: MPROC_E_NOT_SUPPORTED. */
int platform_crash_prepare(void);

/** In a child, by its main thread: has it leave a record when it dies of a fault. Handlers are installed for signals
 * that have none (Windows: in front of the program's), and the calling thread gets a stack for them; the rest of a
 * crash happens as it would have, with the same signal or exit code. They stay until the process ends, and record
 * nothing in a copy that the program forks. Whoever sets a handler of his own afterwards replaces this one. Calling it
 * again makes good what code of the program's has since closed or left without a handler.
 * Errors: MPROC_E_NOT_SUPPORTED, MPROC_E_NO_MEMORY, MPROC_E_OS. */
int platform_crash_record(platform_crash *record);

/** Says where the program's own code begins in the calling thread's stack: of the function in whose frame the address
 * lies, and of those that called it, nothing is recorded from now on. */
void platform_crash_base(const void *address);

/** Whether a record fits the end of its process, as the system tells it. */
bool platform_crash_fits(const platform_crash *record, platform_exit how);

/** Room for "function+0x1b (module), file.c:12". */
#define PLATFORM_PLACE_TEXT 200

/** Says of places in one file, which a record has named, what they are. Only files that this process itself has mapped
 * are opened, and what a record claims otherwise is "". May run a tool of the system's, for 2 s at most; a file that
 * the caller has mapped but nobody can read any more is told of by its name alone. Neither in a signal handler, nor
 * under a lock that others wait for. */
void platform_places_describe(platform_file_id file, const uint64_t *offsets, int count,
                              char (*ret_texts)[PLATFORM_PLACE_TEXT]);

/* ---- Endpoints: where other processes of the user find this one, and streams to it ---- */

/* A process that can be watched has an endpoint; whoever watches lists the endpoints and connects to one. Both ends see
 * to it that the other one is of the same user (the effective one; root is another user than his), whatever the
 * directories in between allow.
 *
 * A Unix keeps them in $XDG_RUNTIME_DIR/mproc or, without a run-time directory of the user's own, in mproc-UID in
 * $TMPDIR or /tmp. The directory must be one, no link to one, the user's, and closed to others; one that is not is
 * refused and left alone. In it are, per process, a socket, its card, and a file that the process keeps locked for as
 * long as it lives, so that what a dead one left is known and swept. Windows has named pipes, of which no name can be
 * guessed, and the cards in mproc in the user's local application data.
 *
 * No call here waits for the other end, but platform_streams_wait; none raises a signal. An endpoint, or a stream, is
 * used by one thread at a time. In a fork of the process that made them they are gone: what the others do with them is
 * MPROC_E_WRONG_PROCESS there, and freeing them gives back memory alone. A copy that the program made by its own fork
 * keeps neither the endpoint nor a stream's other end waiting, although it has the descriptors until it ends. */
typedef struct platform_endpoint platform_endpoint;
typedef struct platform_stream platform_stream;

/** Room for a card, with its final NUL. */
#define PLATFORM_CARD_SIZE 1001

/** Makes the endpoint of this process, of which it has one at a time. card: what the list shows, one line of JSON of at
 * most 1000 bytes; copied. It is listed, and can be connected to, when this returns; connections wait for
 * platform_endpoint_accept, about 16 of them.
 * Errors: MPROC_E_INVALID for a card that is none; MPROC_E_EXISTS if this process has one; MPROC_E_STATE if the
 * directory is not the user's alone, and MPROC_E_LIMIT if its path is too long for a socket, both with a text that says
 * what to do; MPROC_E_NO_MEMORY; MPROC_E_OS; MPROC_E_NOT_SUPPORTED. */
int platform_endpoint_create(const char *card, platform_endpoint **ret_endpoint);

/** Takes the endpoint off the list, and what it had put into the directory out of it. Streams go on. NULL is allowed. A
 * process that just ends leaves what others' lists then sweep. */
void platform_endpoint_free(platform_endpoint *endpoint);

/** Makes a platform_streams_wait of another thread that waits for the endpoint return, as a client would that has come
 * and gone: for who has lost the event that the thread waits for as well. Not while another thread frees the endpoint.
 * Errors: MPROC_E_NOT_SUPPORTED where no event can be lost; MPROC_E_OS. */
int platform_endpoint_rouse(const platform_endpoint *endpoint);

/** Gives the next connection, or 0 and NULL if there is none. A client of another user is sent away, and then there was
 * none. After an error platform_streams_wait looks away from the endpoint for 0.1 s; for want of descriptors or memory
 * the connection stays where it is until then. Errors: MPROC_E_LIMIT, MPROC_E_NO_MEMORY for that; MPROC_E_CLOSED if the
 * program has closed what the endpoint listens at; MPROC_E_WRONG_PROCESS; MPROC_E_OS. */
int platform_endpoint_accept(platform_endpoint *endpoint, platform_stream **ret_stream);

/** A process with an endpoint. The card is as its process wrote it, one line, and to be checked by whoever reads it. */
typedef struct platform_found {
    int64_t pid;
    uint64_t start_time; /**< as in platform_identity; 0 where it was not to be had */
    char card[PLATFORM_CARD_SIZE];
} platform_found;

/** Told of one; returns false to hear of no more. It may connect to it. */
typedef bool platform_found_fn(const platform_found *found, void *user);

/** Calls visit for each endpoint of this user's living processes, the calling one included, in no order. Sweeps what
 * dead ones left. No directory yet is an empty list. Errors: MPROC_E_STATE, MPROC_E_LIMIT as
 * platform_endpoint_create, if no directory could be looked into; MPROC_E_NO_MEMORY; MPROC_E_OS. */
int platform_endpoint_list(platform_found_fn *visit, void *user);

/** Writes where this user's endpoints are made, for people to read: the path of that directory, be it there or not.
 * Errors: MPROC_E_NOT_SUPPORTED where a path says nothing of it, as on Windows; MPROC_E_LIMIT if it has no room, or is
 * too long for a socket. */
int platform_endpoint_place(char *ret_path, size_t capacity);

/** Connects to the endpoint of a process. It need not have been accepted when this returns.
 * Errors: MPROC_E_NOT_FOUND if the process is not there or has no endpoint; MPROC_E_FOREIGN if who answers is not that
 * process, or of another user; MPROC_E_FULL if too many wait for it already: it does not accept; those of
 * platform_endpoint_list; all with a text. */
int platform_stream_connect(int64_t pid, platform_stream **ret_stream);

/** The same with whoever has an endpoint at an address: on a Unix the path of its socket, which may lead to another
 * machine if somebody has it forwarded; on Windows the name of its pipe. Errors: MPROC_E_NOT_FOUND if nobody is there;
 * MPROC_E_FOREIGN if this user may not go there, or another one is at the other end; MPROC_E_FULL as above;
 * MPROC_E_INVALID for what cannot be an address; MPROC_E_LIMIT for one that is too long; MPROC_E_NO_MEMORY; MPROC_E_OS;
 * all with a text. */
int platform_stream_connect_to(const char *address, platform_stream **ret_stream);

/** Makes a stream that only reads: from a pipe, whose other end is for a child to write to (platform_parcel_put,
 * platform_self_redirect_to), blocking as files do. Its end comes when all that have that end, this process included,
 * have closed it. It may be read by several threads, one at a time, while another waits for its handles.
 * Errors: MPROC_E_NO_MEMORY; MPROC_E_OS. */
int platform_stream_of_output(platform_stream **ret_stream, platform_handle *ret_writer);

/** Reads what is there, at most capacity bytes; 0 and size 0 if that is nothing. Errors: MPROC_E_END once the other end
 * is closed or dead, and all that it had sent was read; or the program has closed this end under the
 * stream; MPROC_E_WRONG_PROCESS; MPROC_E_OS. */
int platform_stream_read(platform_stream *stream, void *ret_bytes, size_t capacity, size_t *ret_size);

/** Sees to it that the next read gives what the other end had written before this call, as it does anyhow where the
 * system knows of it at once. On Windows it tells of it somewhat later, in the thread that has read last, and the
 * writer may be dead by then. For those who have to know; does not block. */
void platform_stream_settle(platform_stream *stream);

/** Writes as much as there is room for on the way; 0 and size 0 if there is none. Of what was written, the other end
 * reads all if it goes on reading. Errors: MPROC_E_BROKEN_PIPE if nobody is there to read it any more, or
 * the program has closed this end; MPROC_E_WRONG_PROCESS; MPROC_E_OS. */
int platform_stream_write(platform_stream *stream, const void *bytes, size_t size, size_t *ret_size);

/** Whether the system has taken all that was written, or will not any more: for whoever is about to close the stream.
 * True on a Unix. */
bool platform_stream_is_sent(platform_stream *stream);

/** Closes and frees the stream; NULL is allowed. What is on its way may still be read by the other end, as much of it
 * as the system has taken: on Windows not what there was no room for yet. */
void platform_stream_close(platform_stream *stream);

/** The process at the other end, as the system has told of it; 0 where it does not. */
int64_t platform_stream_peer(const platform_stream *stream);

/** What to wait for with platform_wait_handles, beside other handles, until platform_stream_read has something to give
 * or to say; after a read that gave nothing. Returns how many handles those are, 1 or 2. They are the stream's. */
int platform_stream_handles(const platform_stream *stream, platform_handle ret_handles[2]);

/** Waits until there is something to do: a connection to accept, something to read, or the end of it, at one of the
 * streams, room at one that wants to write, or the event is ready. Which it is the calls themselves tell. endpoint may
 * be NULL, as may be members of streams, and wants_to_write: then none does. event: any handle, or PLATFORM_NO_HANDLE.
 * Returns 1, or 0 at the deadline; may return 1 for nothing. Blocks until deadline_ns: absolute, on platform_now_ns;
 * INT64_MAX for no limit. Errors: MPROC_E_INVALID for an event that is not open; MPROC_E_WRONG_PROCESS;
 * MPROC_E_NO_MEMORY; MPROC_E_OS. */
int platform_streams_wait(platform_endpoint *endpoint, platform_stream *const *streams, const bool *wants_to_write,
                          size_t count, platform_handle event, int64_t deadline_ns);

/* ---- An application: a program of the library's own, not one that somebody has put it into ---- */

/** At its start, behind platform_setup: what it prints is seen in the console that it was called from, though it has a
 * window, is UTF-8 there until it ends, and is shown when it is flushed; lines that it prints end with one byte.
 * Libraries that it loads later come from where it lies itself or from the system, never from PATH or the current
 * directory. Only Windows has to be told of these. To write beyond the size that a file may have is an error of the
 * write from now on, and no end. By the only thread. */
void platform_application_begin(void);

/** Whether a window can be expected to be seen: there is a display, or a desktop of the user's. That it cannot be shown
 * all the same is seen when it is tried. */
bool platform_application_has_display(void);

/* ---- A terminal, for a program that shows something in one ---- */

/** Whether an output is a terminal on which a screen can be shown. */
bool platform_terminal_is_there(enum platform_output output);

/** Columns and rows of the terminal that standard output, or else standard error, is. False if there is none. */
bool platform_terminal_size(int *ret_columns, int *ret_rows);

/** From now on keys come one at a time from the terminal at standard input, unseen, until platform_terminal_end, which
 * the end of the program, by exit or by a signal that the terminal sends or platform_interrupts_begin tells of, also
 * brings about. Ctrl-C stays what it is. While the program is stopped (Ctrl-Z) the terminal is as before; when it goes
 * on in the foreground it has keys again. Errors: MPROC_E_NOT_SUPPORTED if standard input is no terminal, or this
 * process is in its background; MPROC_E_OS. */
int platform_terminal_begin(void);

/** From now on the screen of the terminal that standard output is belongs to this program: enter is what it writes to
 * take it, leave what gives it back, both control sequences in strings that stay. Enter is written now and when the
 * program goes on after a stop, leave before a stop, by platform_terminal_end and by all that brings that about. Where
 * a program can have a screen of its own there is nothing to give back, and what was shown before is shown again
 * instead. Errors: MPROC_E_NOT_SUPPORTED; MPROC_E_OS. */
int platform_terminal_show(const char *enter, const char *leave);

/** Writes to that screen: UTF-8 text, and these control sequences, which a port obeys where terminals do not: CSI
 * row;column H; CSI K and J, which erase what follows; CSI ?25 h and l, for the cursor; and CSI n m for one style at a
 * time: 0 none, 1 bold, 2 dim, 7 reverse, 31 to 34 colours. Blocks while the terminal takes nothing. Errors:
 * MPROC_E_OS. */
int platform_terminal_write(const char *text, size_t size);

/** Whether what is written to the terminal is seen as this program's: to be asked before it draws and before it takes
 * keys. False in the terminal's background, where a write would come between the lines of another program, and a read
 * would stop this one. Takes the screen and the keys if it is in the foreground now and was not before. */
bool platform_terminal_is_shown(void);

/** The terminal is as before. Nothing if it is. */
void platform_terminal_end(void);

/** The next byte of what was typed, 0 to 255, as UTF-8 and control sequences have it; -1 if there is none; -2 at the
 * end of the input, as when the terminal is gone. After platform_terminal_begin. */
int platform_terminal_key(void);

/** What to wait for until there may be a key; standard input. */
platform_handle platform_terminal_input(void);

/** From now on Ctrl-C, and a polite request to end (SIGTERM, SIGHUP; a closed console window), do not end the program
 * but set an event, which is the port's and stays. A second one ends it, as it would have without; the terminal is as
 * before then. A signal that this process was started to ignore, as nohup does it, or a shell for what it runs in its
 * background, it goes on to ignore. To write into a pipe that nobody reads is an error of the write from now on, and no
 * end either. Called once, by a program of its own, not by a library in somebody else's. Errors: MPROC_E_OS. */
int platform_interrupts_begin(platform_handle *ret_event);

/** The number of the signal that has come, as the exit status 128 + number tells it; 0: none yet. */
int platform_interrupts_number(void);

/** What another program is started with. */
typedef struct platform_program_options {
    const char *const *arguments;   /**< the first names the program, looked for in PATH; ends with NULL */
    const char *const *environment; /**< "NAME=value", added to this process's; ends with NULL; may be NULL */
    platform_exit_fn *on_exit;      /**< as in platform_process_options */
    void *user;
} platform_program_options;

/** Starts another program, as a shell would: with the three standard streams, the directory, the terminal and the
 * process group of this one, and nothing else that is open here. It lives on when this process ends. Where a terminal's
 * Ctrl-C reaches this process it reaches it as well. Blocks until it runs or has failed to.
 * Errors: MPROC_E_START_FAILED, with a text: no such program, it may not be run; MPROC_E_INVALID; MPROC_E_NO_MEMORY;
 * MPROC_E_OS. */
int platform_program_start(const platform_program_options *options, platform_process **ret_process);

/** In which file, and where in it, an address of the code of a process lies that belongs to this process's user; as
 * platform_places_describe wants it. False if there is no such process, nothing there that is a file's, or the system
 * does not say. Some 0.1 ms. Where that cannot be asked of a process that may be killed meanwhile, a port may take for
 * granted that what lies there is what lies there in this process, if both run the same program. */
bool platform_place_find(int64_t pid, uint64_t address, platform_file_id *ret_file, uint64_t *ret_offset);

/* ---- Files of the library's user ---- */

/** Makes a file that nobody but its owner can read or write, with these bytes in it. After an error it is not there;
 * a death in the middle can leave the beginning of it. A limit to the size of files is an error, and no signal.
 * Errors: MPROC_E_EXISTS; MPROC_E_NO_MEMORY; MPROC_E_OS. */
int platform_file_create(const char *path, const mproc_view *parts, int part_count);

/** The same, and leaves the file open for platform_file_append, until platform_handle_close. */
int platform_file_begin(const char *path, const mproc_view *parts, int part_count, platform_handle *ret_file);

/** Reads a whole file of at most limit bytes into memory for free(). Errors: MPROC_E_LIMIT; MPROC_E_NO_MEMORY;
 * MPROC_E_OS. */
int platform_file_read(const char *path, size_t limit, void **ret_data, size_t *ret_size);

/** Appends these bytes to a file that platform_file_begin made. *ret_done is always written: how many of them are
 * there, after an error, of a full disk for instance, only some. It may take as long as a disk takes.
 * Errors: MPROC_E_OS. */
int platform_file_append(platform_handle file, const void *bytes, size_t size, size_t *ret_done);

/** Takes the last bytes that were appended back, so many of them. Errors: MPROC_E_OS: they are still there. */
int platform_file_take_back(platform_handle file, size_t size);

/** Has the disk take what was written into a file: returns when it would outlive a loss of power, as far as system and
 * disk tell the truth. Its name is not meant. It may take as long as a disk takes.
 * Errors: MPROC_E_OS: some of it may be lost; also for what is no file. */
int platform_file_flush(const char *path);

/** Opens a file, to be read piece by piece from its beginning, until platform_handle_close.
 * Errors: MPROC_E_OS, also for what is no file. */
int platform_file_open(const char *path, platform_handle *ret_file);

/** Reads what comes next, at most capacity bytes; none is the end. Errors: MPROC_E_OS. */
int platform_file_next(platform_handle file, void *bytes, size_t capacity, size_t *ret_size);

#endif
