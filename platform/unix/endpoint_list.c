/* Others' endpoints: finding them, sweeping what the dead left, and connecting to one. */
#define _GNU_SOURCE
#include "unix/calls.h"
#include "unix/endpoint.h"
#include "unix/error.h"
#include "unix/handle.h"
#include "unix/stream.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* A look through the directories, for one process or for all. */
struct search {
    int64_t pid; /* 0: all */
    /* Told of one that lives. Returns false to be told of no more. */
    bool (*found)(struct search *search, int64_t pid, uint64_t start_time);
    const struct platform__user_directory *directory; /* that is being looked through */
    bool is_over;

    platform_found_fn *visit; /* for a list */
    void *user;
    platform_stream *stream; /* for a connection */
    int code;
};

/* ---- Looking ---- */

/* Whether it is the name of a lock file as one of ours would be: written back it is the same. */
static bool is_lock_name(const char *name, int64_t *ret_pid, uint64_t *ret_start_time)
{
    char own[PLATFORM__ENDPOINT_NAME], *end;
    *ret_pid = strtoll(name, &end, 10);
    if (*ret_pid <= 0 || *end != '-')
        return false;
    *ret_start_time = strtoull(end + 1, NULL, 16);
    platform__endpoint_name(*ret_pid, *ret_start_time, PLATFORM__ENDPOINT_LOCK, own);
    return strcmp(name, own) == 0;
}

static bool is_own_file(int fd)
{
    struct stat status;
    return fstat(fd, &status) == 0 && S_ISREG(status.st_mode) && status.st_uid == geteuid() && status.st_nlink > 0;
}

static bool lacks_descriptors(void)
{
    return errno == EMFILE || errno == ENFILE;
}

/* Whether a process lives that has it locked. What nobody has locked and no living process has made is removed with
 * all that belongs to it: one that lives may be about to lock it, and whoever looks may be stopped anywhere here, and
 * remove much later what has the name by then. For want of descriptors nothing can be said, and the search is over.
 */
static bool lives(struct search *search, const char *name, int64_t pid, uint64_t start_time)
{
    int directory = search->directory->fd;
    int lock = platform__endpoint_open(directory, name, O_RDWR);
    if (lock < 0 && lacks_descriptors()) {
        search->code = platform__fail(MPROC_E_LIMIT, name);
        search->is_over = true;
    }
    if (lock < 0)
        return false;
    bool is_free = platform__endpoint_lock(lock);
    bool is_taken = !is_free && errno == EWOULDBLOCK;
    bool is_alive = platform_is_alive(pid, start_time);
    if (is_free && !is_alive && is_own_file(lock))
        platform__endpoint_remove(directory, pid, start_time);
    platform_handle_close(lock);
    return is_taken && is_alive;
}

static void look_at(struct search *search, const char *name)
{
    int64_t pid;
    uint64_t start_time;
    if (!is_lock_name(name, &pid, &start_time) || (search->pid != 0 && search->pid != pid))
        return;
    if (lives(search, name, pid, start_time))
        search->is_over = !search->found(search, pid, start_time);
}

/* The descriptor goes with the list of entries, so that the directory's own is not used up. */
static DIR *open_entries(int directory)
{
    int fd = platform__endpoint_open(directory, ".", O_RDONLY | O_DIRECTORY);
    DIR *entries = fd >= 0 ? fdopendir(fd) : NULL;
    if (!entries)
        platform_handle_close(fd);
    return entries;
}

/* The table is told first: from the close on the number may be anybody's. */
static void close_entries(DIR *entries)
{
    bool locked = platform__descriptors_lock();
    platform__disown(dirfd(entries));
    closedir(entries);
    platform__descriptors_unlock(locked);
}

static int look_through(struct search *search)
{
    DIR *entries = open_entries(search->directory->fd);
    if (!entries)
        return platform__fail(errno == ENOMEM ? MPROC_E_NO_MEMORY : MPROC_E_OS, search->directory->path);
    const struct dirent *entry;
    while (!search->is_over && (entry = readdir(entries)) != NULL)
        look_at(search, entry->d_name);
    close_entries(entries);
    return 0;
}

/* A directory that is refused matters only if there is no other: anybody can put something into the temporary one. But
 * for want of descriptors nothing can be said. */
static int look_everywhere(struct search *search)
{
    int first_code = 0;
    bool has_looked = false;
    for (int i = 0; i < PLATFORM__USER_DIRECTORIES && !search->is_over; i++) {
        struct platform__user_directory directory;
        int code = platform__user_directory_open(i, &directory);
        if (code == 0) {
            search->directory = &directory;
            code = look_through(search);
            platform_handle_close(directory.fd);
        }
        if (code == MPROC_E_OS && lacks_descriptors())
            return MPROC_E_LIMIT;
        has_looked = has_looked || code == 0;
        if (code != MPROC_E_NOT_FOUND && first_code == 0)
            first_code = code;
    }
    return has_looked ? 0 : first_code;
}

static int search_for(struct search *search)
{
    int cancel = platform_cancel_hold();
    int code = look_everywhere(search);
    platform_cancel_release(cancel);
    return code < 0 ? code : search->code;
}

int platform_endpoint_place(char *ret_path, size_t capacity)
{
    struct platform__user_directory directory;
    int code = platform__user_directory_find(&directory);
    if (code < 0)
        return code;
    if (strlen(directory.path) >= capacity)
        return platform__fail_text(MPROC_E_LIMIT, "there is no room for the path %s", directory.path);
    memcpy(ret_path, directory.path, strlen(directory.path) + 1);
    return 0;
}

/* ---- The list ---- */

/* Half a card, of a process that is about to write it or has failed to, is none. */
static bool read_card(int directory, platform_found *found)
{
    char name[PLATFORM__ENDPOINT_NAME];
    platform__endpoint_name(found->pid, found->start_time, PLATFORM__ENDPOINT_CARD, name);
    int fd = platform__endpoint_open(directory, name, O_RDONLY);
    if (fd < 0)
        return false;
    ssize_t length;
    do {
        length = is_own_file(fd) ? platform_calls.read(fd, found->card, sizeof found->card) : 0;
    } while (length < 0 && errno == EINTR);
    platform_handle_close(fd);
    const char *end = length > 0 ? memchr(found->card, '\n', (size_t)length) : NULL;
    if (!end || end + 1 != found->card + length)
        return false;
    found->card[length - 1] = '\0';
    return strlen(found->card) == (size_t)length - 1;
}

static bool show(struct search *search, int64_t pid, uint64_t start_time)
{
    platform_found found = { .pid = pid, .start_time = start_time };
    return !read_card(search->directory->fd, &found) || search->visit(&found, search->user);
}

int platform_endpoint_list(platform_found_fn *visit, void *user)
{
    struct search search = { .found = show, .visit = visit, .user = user };
    return search_for(&search);
}

/* ---- Connecting ---- */

static int fail_connect(void)
{
    switch (errno) {
    case ENOENT:
    case ENOTDIR:
    case ECONNREFUSED:
    case EPROTOTYPE:
        return platform__fail(MPROC_E_NOT_FOUND, "nobody listens there");
    case EAGAIN:
        return platform__fail_text(MPROC_E_FULL, "the process does not answer: is it stopped?");
    default:
        return platform__fail(errno == EACCES || errno == EPERM ? MPROC_E_FOREIGN : MPROC_E_OS, "connect");
    }
}

static int connect_to_any(const struct sockaddr_un *address, platform_stream **ret_stream)
{
    int result, fd = platform__stream_socket();
    if (fd < 0)
        return platform__fail(MPROC_E_OS, "socket");
    do {
        result = platform_calls.connect(fd, (const struct sockaddr *)address, sizeof *address);
    } while (result < 0 && errno == EINTR);
    if (result == 0)
        return platform__stream_new(fd, ret_stream);
    int code = fail_connect();
    platform_handle_close(fd);
    return code;
}

static int connect_to(const struct sockaddr_un *address, int64_t pid, platform_stream **ret_stream)
{
    platform_stream *stream = NULL;
    int code = connect_to_any(address, &stream);
    if (code < 0)
        return code;
    if (stream->peer_pid != pid) {
        code = platform__fail_text(MPROC_E_FOREIGN, "process %lld answers in the place of process %lld",
                                   (long long)stream->peer_pid, (long long)pid);
        platform_stream_close(stream);
        return code;
    }
    *ret_stream = stream;
    return 0;
}

static bool connect_found(struct search *search, int64_t pid, uint64_t start_time)
{
    char name[PLATFORM__ENDPOINT_NAME];
    struct sockaddr_un address;
    platform__endpoint_name(pid, start_time, PLATFORM__ENDPOINT_SOCKET, name);
    search->code = platform__user_directory_address(search->directory, name, &address);
    if (search->code == 0)
        search->code = connect_to(&address, pid, &search->stream);
    return search->code == MPROC_E_NOT_FOUND;
}

int platform_stream_connect(int64_t pid, platform_stream **ret_stream)
{
    if (!platform_is_alive(pid, 0))
        return platform__fail_text(MPROC_E_NOT_FOUND, "there is no process %lld", (long long)pid);
    struct search search = { .pid = pid, .found = connect_found, .code = MPROC_E_NOT_FOUND };
    int code = search_for(&search);
    if (code == MPROC_E_NOT_FOUND)
        return platform__fail_text(code, "process %lld has no endpoint that this user can find", (long long)pid);
    if (code == 0)
        *ret_stream = search.stream;
    return code;
}

int platform_stream_connect_to(const char *address, platform_stream **ret_stream)
{
    struct sockaddr_un socket = { .sun_family = AF_UNIX };
    size_t size = strlen(address);
    if (size == 0)
        return platform__fail_text(MPROC_E_INVALID, "the path of a socket is empty");
    if (size >= sizeof socket.sun_path)
        return platform__fail_text(MPROC_E_LIMIT, "the path is too long: that of a socket has up to %zu bytes",
                                   sizeof socket.sun_path - 1);
    memcpy(socket.sun_path, address, size);
    int cancel = platform_cancel_hold();
    int code = connect_to_any(&socket, ret_stream);
    platform_cancel_release(cancel);
    return code;
}
