/* What a process and its template say to each other.
 *
 * There are two socket pairs of packets. On the first the maker asks and the template answers, in the order of the
 * requests, of which several may be under way. On the second the template tells of deaths, to the maker's watcher
 * thread; so an answer never waits for that thread, and a worker may be made on it.
 */
#ifndef MPROC_UNIX_TEMPLATE_H
#define MPROC_UNIX_TEMPLATE_H

#include "platform.h"
#include <signal.h>
#include <sys/types.h>

enum platform__request_kind {
    PLATFORM__FORK = 1, /**< answered */
    PLATFORM__KILL = 2  /**< not answered: the maker had no descriptor left for this worker */
};

struct platform__request {
    uint32_t kind;
    uint32_t group, apart, inherit_input; /**< as in the options */
    uint64_t serial;
    sigset_t mask;        /**< for the worker */
    int32_t makers_group; /**< for a worker that is to have no group of its own */
    uint32_t handle_count;
    uint32_t present; /**< bit i: handles[i] travels with the packet; the others are none */
};

/** Travels with the worker's descriptor, unless error_number is set, or the worker is known by its number. */
struct platform__answer {
    uint64_t serial;
    int32_t pid;
    int32_t error_number;
    uint32_t by_number;
    uint32_t reserved;
};

struct platform__death {
    uint64_t serial;
    int32_t kind; /**< of platform_exit */
    int32_t code;
};

/** Sends a packet with descriptors, without blocking. Returns 0, or -1 with errno set. */
int platform__packet_send(int fd, const void *data, size_t size, const int *fds, int fd_count);

/** Receives a packet of exactly this size without blocking. The descriptors, at most PLATFORM_MAX_HANDLES, become the
 * port's; when there was no room for all of them, fewer are returned.
 * Returns 1, 0 at the end of the stream, or -1 with errno set: EAGAIN if there is none, EPROTO for a wrong size. Then
 * no descriptor is returned. */
int platform__packet_receive(int fd, void *ret_data, size_t size, int *ret_fds, int *ret_fd_count);

/** The same, and the packet stays where it is: the descriptors are further duplicates. Of packets that keep their
 * boundaries 0 is one of no bytes. ret_lost: whether a descriptor came for which there was no room. */
int platform__packet_peek(int fd, void *ret_data, size_t size, int *ret_fds, int *ret_fd_count, bool *ret_lost);

/** So many handles of a template that is spawned are the port's, and the last ones: its ends of the two sockets, and
 * the segment of the word `answered`, which is not mapped as segments are, so that it is there in what the template
 * forks. */
#define PLATFORM__TEMPLATE_HANDLES 3

/** Maps that word: of a segment, or, without one, to be shared by fork. Returns NULL with errno set. */
platform_word *platform__map_word(platform_handle segment);

/** What the template process works with. */
struct platform__template_server {
    platform_child_main *child_main;
    void *argument;
    const platform_handle *keep; /**< for its workers */
    int keep_count;
    int requests, deaths; /**< its ends of the sockets */
    platform_identity maker;

    /** Shared with the maker and the workers: the last serial that was answered. A worker begins only when its own was,
     * so that a template killed between the fork and the answer leaves nobody behind of whom the maker does not know.
     * Both write it, the template when it has answered and the maker when it has the answer: one stopped in between
     * keeps nobody waiting. */
    platform_word *answered;
};

/** Runs the template, in its process. */
_Noreturn void platform__template_serve(const struct platform__template_server *server);

#endif
