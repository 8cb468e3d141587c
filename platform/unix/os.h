/* os.h: what one Unix's own folder adds to this one.
 *
 * A port to a Unix is two folders: unix/, which keeps to POSIX and to what all Unix systems have beside it, and one of
 * its own, such as linux/. That one supplies
 *
 * - port.h, the constants that platform.h wants of a port, and os_calls.h, its own part of the table of calls.h;
 * - of platform.h: events, segments, private memory, named segments, words, the scope and the parcels, platform_random,
 *   platform_cpu_count, platform_thread_id, platform_thread_count, platform_self_start_time, platform_is_alive;
 * - all that is declared here.
 *
 * Of what is younger than POSIX.1-2008, unix/ itself uses ppoll, accept4, SOCK_CLOEXEC, MSG_CMSG_CLOEXEC and dup3 (all
 * of POSIX.1-2024), flock, dl_iterate_phdr, and socket pairs of SOCK_SEQPACKET.
 *
 * Unless its text says otherwise a function here may be called from any thread, does not block, allocates nothing and
 * takes no lock but that of handle.h, so that it can be called in a forked child.
 */
#ifndef MPROC_UNIX_OS_H
#define MPROC_UNIX_OS_H

#include "platform.h"
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* ---- Processes by descriptor ---- */

/* A process descriptor stands for one process, whatever becomes of its number, and is ready to be read from the
 * process's death on: Linux's pidfd, a kqueue that waits for NOTE_EXIT. It is the sentinel that core waits on.
 * Templates send theirs through a socket; a system whose descriptors cannot travel so has no templates, and supplies
 * platform_template_create and its like as stubs in place of unix/template.c.
 *
 * Where the system has none, or a sandbox does not let programs have them, processes are known by their numbers: the
 * functions below take -1 for the descriptor then, and deaths are looked for by the clock. */

/** Opens a process by its number, close-on-exec and not adopted: the caller is within platform__descriptors_lock.
 * Returns -1 with errno set: ESRCH if there is no such process; ENOSYS. */
int platform__os_process_open(pid_t pid);

/** Sends a signal to the process and to nobody else. number 0 asks whether it could be sent. pid: its number, which may
 * be recycled by now. Returns -1 with errno set: ESRCH if it is dead and reaped, EBADF if the descriptor is none. */
int platform__os_process_signal(int descriptor, pid_t pid, int number);

/** waitid for a child, not blocking and with EINTR retried: options may be WNOWAIT. si_pid is 0 in ret_info if it has
 * not ended. Returns -1 with errno set; ECHILD means that it is not ours to reap. */
int platform__os_process_wait(int descriptor, pid_t pid, siginfo_t *ret_info, int options);

/** What the system can say about an exit status that somebody else reaps. */
enum platform__exit_answer { PLATFORM__EXIT_KNOWN, PLATFORM__EXIT_NOT_YET, PLATFORM__EXIT_NEVER };

/** The wait status of a dead process that is not, or no longer, ours to reap. NOT_YET: it is about to be reaped. A
 * system that cannot tell answers NEVER; such exits are PLATFORM_EXIT_UNKNOWN then. */
enum platform__exit_answer platform__os_process_status(int descriptor, pid_t pid, int *ret_status);

/** Whether a signal or a tracer has stopped the process; false where the system does not say. */
bool platform__os_process_is_stopped(int descriptor, pid_t pid);

/** How many bytes of memory the process has resident. Returns false with errno set. */
bool platform__os_process_memory(int descriptor, pid_t pid, size_t *ret_bytes);

/** How many it has had at most. Returns false with errno set. */
bool platform__os_process_memory_peak(int descriptor, pid_t pid, size_t *ret_bytes);

/** How many bytes of address space this process has; 0 if that cannot be found out. */
size_t platform__os_self_address_space(void);

/** Whether the first thread of a process that lives, or lived a moment ago, has ended. False if that cannot be found
 * out. */
bool platform__os_process_is_headless(int descriptor, pid_t pid);

/** Kills the process group that the process leads. A system that can name the group only by its number does nothing
 * unless number_is_safe says that the leader is unreaped, so that the number cannot have been recycled. */
void platform__os_group_kill(int descriptor, pid_t pid, bool number_is_safe);

/* ---- What a process has started ---- */

/** Kills all descendants of a process, deepest first. The caller has stopped the process, so that it starts no more.
 * descriptor: stands for the process, and proves that the number still means it. A system that cannot list processes
 * finds nobody. Out of reach: a process whose own parent has died, and that therefore belongs to init. */
void platform__os_tree_kill_below(pid_t pid, int descriptor);

/** The same for the calling process, which goes on meanwhile. */
void platform__os_tree_kill_below_self(void);

/** Whether all descendants that are found are of the process group that the process leads, so that one signal to the
 * group reaches them all. descriptor as above; -1 for the calling process. */
bool platform__os_tree_is_in_group(pid_t pid, int descriptor);

/* ---- Waiting for many descriptors: epoll, kqueue ---- */

/** Makes a set of descriptors to wait for, close-on-exec and not adopted: within platform__descriptors_lock. Returns -1
 * with errno set. */
int platform__os_poller_open(void);

/** Adds a descriptor that is to be ready to be read. pointer: what wait returns then. Returns -1 with errno set. */
int platform__os_poller_add(int poller, int fd, void *pointer);

/** Removes it, whether or not it is still open elsewhere. */
void platform__os_poller_remove(int poller, int fd);

/** Waits until one is ready, or for timeout_ms; -1: for ever. Blocks. Returns 1, 0, or -1 with errno set. */
int platform__os_poller_wait(int poller, int timeout_ms, void **ret_pointer);

/** Who is at the other end of a connected Unix socket: the effective user and the process that connected, or that
 * listened, at that moment. pid 0: nobody that has a number here. Returns false with errno set. */
bool platform__os_socket_peer(int socket, uid_t *ret_user, pid_t *ret_pid);

/* ---- The program and its descriptors ---- */

/** Marks an open file that is in no file system, an event for instance, with a number that other files of its kind do
 * not have, and that it keeps. 0: that cannot be done. */
uint64_t platform__os_mark_anonymous(int fd);

/** The number that it was marked with; 0: none. */
uint64_t platform__os_anonymous_mark(int fd);

/** The path of the running program, "" if it cannot be found out. */
void platform__os_program_path(char *ret_path, size_t capacity);

/** A path by which the file of the running program can be opened and started even when it was replaced or removed; on a
 * system without such a path it is the one above. A string that stays. */
const char *platform__os_program_file(void);

/** In a spawned child: gives the process the name that its program has, should the system call it by the path above. */
void platform__os_program_name(void);

/** By the main thread of a child: should the child become another program by exec, that one is to end when the thread
 * ends that has started the child. Nothing where the system cannot. */
void platform__os_end_program_with_parent(void);

/** Names the calling thread for debuggers, where threads have names. */
void platform__os_thread_name(const char *name);

/** Whether a module that begins here is the kernel's own, in no file. */
bool platform__os_is_kernel_module(uintptr_t start);

/** Calls function for each number that may be an open descriptor of this process. Returns false with errno set if that
 * cannot be found out. */
typedef void platform__number_fn(int number, void *context);
bool platform__os_each_descriptor(platform__number_fn *function, void *context);

/** Has the pages be zero in every child that anybody's fork makes. Returns -1 where the system cannot: the pid is
 * compared then. */
int platform__os_wipe_on_fork(void *address, size_t size);

/* ---- Crashes: in handlers of signals, but for what says otherwise ---- */

/** A part of this process's memory, and which part of which file it is. */
struct platform__mapping {
    uintptr_t start, end;
    uint64_t file_offset;
    platform_file_id file; /**< all zero: of no file */
    bool is_code;
    const char *path; /**< "" if there is none; valid during the call */
};

/** Told of a mapping; returns false to hear of no more. */
typedef bool platform__mapping_fn(const struct platform__mapping *mapping, void *context);

/** Opens what the next function reads, so that a process that can open nothing any more can still read it. Returns -1
 * if it cannot be opened. Not in a handler. */
int platform__os_mappings_open(void);

/** The same of another process, which must be this user's. Not in a handler. */
int platform__os_process_mappings_open(pid_t pid);

/** Calls function for each mapping of the process, in order of addresses. mappings: as opened by the calling process.
 * Uses 6 KiB of stack. */
void platform__os_each_mapping(int mappings, platform__mapping_fn *function, void *context);

/** Whether an open file is the one of a mapping. Not in a handler. */
bool platform__os_file_is(int fd, platform_file_id file);

/** The instruction that the context of a signal stands at; 0 where registers are not known. */
uintptr_t platform__os_context_pc(const void *context);

/** Its stack pointer; 0 likewise. */
uintptr_t platform__os_context_sp(const void *context);

/** Changes the context of a signal as if the call that led to its instruction had just returned, and returns where to;
 * 0 where registers are not known. May fault: the return address is read. */
uintptr_t platform__os_context_undo_call(void *context);

/** Takes back what the last function has done. */
void platform__os_context_redo_call(void *context, uintptr_t pc);

/** What the instruction tried that faulted; UNKNOWN where it cannot be told, or was no access to memory. */
enum platform_access platform__os_context_access(const void *context);

/** Sends a signal that somebody has sent to the calling thread once more, with all that came with it. */
void platform__os_signal_again(int number, siginfo_t *info);

#endif
