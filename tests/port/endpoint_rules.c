/* Who may have an endpoint where, and who may not: what only systems with directories of users have. */
#include "port_test.h"

#ifndef _WIN32
#include "calls.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

/* ---- Help ---- */

enum { SOMEBODY_ELSE = 65534 };

static const char card[] = "{\"name\":\"tests\"}";
static char directory[OS_PATH_MAX], temporary[OS_PATH_MAX];

static void begin(void)
{
    const char *before = getenv("TMPDIR");
    snprintf(temporary, sizeof temporary, "%s", before ? before : "");
    os_directory_make(directory);
    os_set_environment("XDG_RUNTIME_DIR", directory);
    os_set_environment("TMPDIR", directory);
}

static void end(void)
{
    CHECK_OK(platform_self_setenv("TMPDIR", temporary[0] ? temporary : NULL));
    os_directory_remove(directory);
}

/* A path in the test's directory, which stays until the next one. */
static const char *path_of(const char *format, ...) MPROC_PRINTF(1, 2);
static const char *path_of(const char *format, ...)
{
    static char path[OS_PATH_MAX + 200];
    va_list arguments;
    int used = snprintf(path, sizeof path, "%s/", directory);
    va_start(arguments, format);
    vsnprintf(path + used, sizeof path - (size_t)used, format, arguments);
    va_end(arguments);
    return path;
}

static platform_endpoint *create(void)
{
    platform_endpoint *endpoint;
    CHECK_OK(platform_endpoint_create(card, &endpoint));
    return endpoint;
}

static bool count_one(const platform_found *found, void *user)
{
    (void)found;
    ++*(int *)user;
    return true;
}

static int list(void)
{
    int count = 0;
    CHECK_OK(platform_endpoint_list(count_one, &count));
    return count;
}

static mode_t mode_of(const char *path)
{
    struct stat status;
    CHECK(lstat(path, &status) == 0);
    return status.st_mode;
}

static void make_file(const char *path)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    CHECK(fd >= 0);
    close(fd);
}

/* Until it is killed; not for ever, should the test fail before. */
static _Noreturn void stay(void)
{
    alarm(60);
    for (;;)
        pause();
}

/* ---- Directories ---- */

static void all_is_closed_to_others(void)
{
    begin();
    mode_t before = umask(0);
    platform_endpoint *endpoint = create();
    umask(before);
    const long long pid = (long long)platform_self_pid();
    const unsigned long long start_time = platform_self_start_time();
    CHECK_EQ(mode_of(path_of("mproc")), S_IFDIR | 0700);
    CHECK_EQ(mode_of(path_of("mproc/%lld-%llx.sock", pid, start_time)), S_IFSOCK | 0600);
    CHECK_EQ(mode_of(path_of("mproc/%lld-%llx.card", pid, start_time)), S_IFREG | 0600);
    CHECK_EQ(mode_of(path_of("mproc/%lld-%llx.lock", pid, start_time)), S_IFREG | 0600);
    platform_endpoint_free(endpoint);
    char names[100];
    CHECK_EQ(os_directory_list(path_of("mproc"), names, sizeof names), 0);
    end();
}

/* Nothing is made, nothing changed, and the text names the path. */
static void check_refused(void)
{
    platform_endpoint *endpoint;
    platform_stream *stream;
    int count = 0;
    struct stat before, after;
    CHECK(lstat(path_of("mproc"), &before) == 0);
    CHECK_EQ(platform_endpoint_create(card, &endpoint), MPROC_E_STATE);
    CHECK(strstr(platform_error_text(), "mproc") && strstr(platform_error_text(), "remove it"));
    CHECK_EQ(platform_endpoint_list(count_one, &count), MPROC_E_STATE);
    CHECK_EQ(platform_stream_connect(platform_self_pid(), &stream), MPROC_E_STATE);
    CHECK_EQ(count, 0);
    CHECK(lstat(path_of("mproc"), &after) == 0);
    CHECK(before.st_ino == after.st_ino && before.st_mode == after.st_mode && before.st_uid == after.st_uid);
}

static void a_planted_link_is_refused(void)
{
    begin();
    char target[OS_PATH_MAX + 200];
    snprintf(target, sizeof target, "%s", path_of("target"));
    CHECK(mkdir(target, 0700) == 0);
    CHECK(symlink(target, path_of("mproc")) == 0);
    check_refused();
    CHECK(rmdir(target) == 0);
    check_refused();
    end();
}

static void a_planted_file_is_refused(void)
{
    begin();
    make_file(path_of("mproc"));
    check_refused();
    end();
}

static void a_directory_open_to_others_is_refused(void)
{
    const mode_t modes[] = { 0710, 0701, 0750, 0777 };
    begin();
    CHECK(mkdir(path_of("mproc"), 0700) == 0);
    for (size_t i = 0; i < sizeof modes / sizeof *modes; i++) {
        CHECK(chmod(path_of("mproc"), modes[i]) == 0);
        check_refused();
    }
    CHECK(chmod(path_of("mproc"), 0700) == 0);
    platform_endpoint_free(create());
    end();
}

static void another_users_directory_is_refused(void)
{
    if (geteuid() != 0)
        SKIP("only root can make what is another user's");
    begin();
    CHECK(mkdir(path_of("mproc"), 0700) == 0);
    CHECK(chown(path_of("mproc"), SOMEBODY_ELSE, SOMEBODY_ELSE) == 0);
    check_refused();
    end();
}

/* Anybody can put something into the temporary directory: it keeps nobody from his own. */
static void what_is_planted_beside_hurts_nobody(void)
{
    begin();
    make_file(path_of("mproc-%lu", (unsigned long)geteuid()));
    platform_endpoint *endpoint = create();
    CHECK_EQ(list(), 1);
    platform_endpoint_free(endpoint);
    end();
}

static void a_path_too_long_for_a_socket_is_told(void)
{
    char name[101] = "";
    platform_endpoint *endpoint;
    begin();
    memset(name, 'x', sizeof name - 1);
    CHECK(mkdir(path_of("%s", name), 0700) == 0);
    os_set_environment("XDG_RUNTIME_DIR", path_of("%s", name));
    CHECK_EQ(platform_endpoint_create(card, &endpoint), MPROC_E_LIMIT);
    CHECK(strstr(platform_error_text(), "XDG_RUNTIME_DIR"));
    /* Room for the directory, but not for what is in it. */
    CHECK(rmdir(path_of("%s", name)) == 0);
    name[95 - strlen(directory)] = '\0';
    CHECK(mkdir(path_of("%s", name), 0700) == 0);
    os_set_environment("XDG_RUNTIME_DIR", path_of("%s", name));
    CHECK_EQ(platform_endpoint_create(card, &endpoint), MPROC_E_LIMIT);
    CHECK(strstr(platform_error_text(), "XDG_RUNTIME_DIR"));
    char names[100];
    CHECK_EQ(os_directory_list(path_of("%s/mproc", name), names, sizeof names), 0);
    end();
}

/* Without a session there is the temporary directory, and who has one looks there too. */
static void without_a_run_time_directory(void)
{
    char home[OS_PATH_MAX];
    const char *const strange[] = { "", "relative", "/no/such/directory" };
    begin();
    snprintf(home, sizeof home, "%s", getenv("HOME") ? getenv("HOME") : "");
    CHECK_OK(platform_self_setenv("HOME", NULL));
    CHECK_OK(platform_self_setenv("XDG_RUNTIME_DIR", NULL));
    platform_endpoint *endpoint = create();
    CHECK_EQ(list(), 1);
    CHECK_EQ(mode_of(path_of("mproc-%lu", (unsigned long)geteuid())), S_IFDIR | 0700);
    for (size_t i = 0; i < sizeof strange / sizeof *strange; i++) {
        os_set_environment("XDG_RUNTIME_DIR", strange[i]);
        CHECK_EQ(list(), 1);
    }
    os_set_environment("XDG_RUNTIME_DIR", directory);
    CHECK_EQ(list(), 1);
    platform_endpoint_free(endpoint);
    CHECK_OK(platform_self_setenv("HOME", home));
    end();
}

static void where_there_is_no_directory_nobody_is_found(void)
{
    platform_endpoint *endpoint;
    begin();
    make_file(path_of("file"));
    CHECK_OK(platform_self_setenv("XDG_RUNTIME_DIR", NULL));
    const char *const names[] = { "file", "file/below", "nothing" };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        os_set_environment("TMPDIR", path_of("%s", names[i]));
        CHECK_EQ(list(), 0);
        CHECK_EQ(platform_endpoint_create(card, &endpoint), MPROC_E_OS);
        CHECK(strstr(platform_error_text(), names[i]) != NULL);
    }
    end();
}

static void the_place_that_is_told_is_where_endpoints_are_made(void)
{
    char place[OS_PATH_MAX], small[4];
    begin();
    CHECK_OK(platform_endpoint_place(place, sizeof place));
    CHECK(strcmp(place, path_of("mproc")) == 0);
    CHECK_EQ(platform_endpoint_place(small, sizeof small), MPROC_E_LIMIT);
    CHECK_OK(platform_self_setenv("XDG_RUNTIME_DIR", NULL));
    CHECK_OK(platform_endpoint_place(place, sizeof place));
    CHECK(strcmp(place, path_of("mproc-%lu", (unsigned long)geteuid())) == 0);
    CHECK(access(place, F_OK) < 0);
    platform_endpoint_free(create());
    CHECK(access(place, F_OK) == 0);
    end();
}

static void another_users_run_time_directory_is_none(void)
{
    if (geteuid() != 0)
        SKIP("only root can make what is another user's");
    begin();
    CHECK(mkdir(path_of("run"), 0700) == 0);
    CHECK(chown(path_of("run"), SOMEBODY_ELSE, SOMEBODY_ELSE) == 0);
    os_set_environment("XDG_RUNTIME_DIR", path_of("run"));
    platform_endpoint_free(create());
    CHECK(access(path_of("run/mproc"), F_OK) < 0);
    CHECK(access(path_of("mproc-0"), F_OK) == 0);
    end();
}

/* What is named as ours and locked by nobody is what a dead process left; all else is somebody's. */
static void only_ours_is_swept(void)
{
    char names[200];
    begin();
    platform_endpoint_free(create());
    const char *const others[] = { "notes.txt", "12-0z.lock", "12.lock", "012-1.lock", "1-1.sock", "x-1.lock" };
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        make_file(path_of("mproc/%s", others[i]));
    CHECK(symlink("/dev/null", path_of("mproc/7-7.lock")) == 0);
    CHECK(mkdir(path_of("mproc/8-8.lock"), 0700) == 0);
    make_file(path_of("mproc/99-aa.lock"));
    make_file(path_of("mproc/99-aa.card"));
    CHECK_EQ(list(), 0);
    CHECK_EQ(os_directory_list(path_of("mproc"), names, sizeof names), 8);
    CHECK(!strstr(names, "99-aa"));
    end();
}

/* It is made, and not locked so far, when somebody finds it. */
static void what_a_living_process_is_making_is_not_swept(void)
{
    char names[100];
    begin();
    platform_endpoint_free(create());
    make_file(path_of("mproc/%lld-%llx.lock", (long long)platform_self_pid(),
                      (unsigned long long)platform_self_start_time()));
    CHECK_EQ(list(), 0);
    CHECK_EQ(os_directory_list(path_of("mproc"), names, sizeof names), 1);
    platform_endpoint *endpoint = create();
    CHECK_EQ(list(), 1);
    platform_endpoint_free(endpoint);
    CHECK_EQ(os_directory_list(path_of("mproc"), names, sizeof names), 0);
    end();
}

/* ---- Users ---- */

/* A copy that goes on as another user. */
static pid_t fork_as_somebody_else(int (*function)(void))
{
    pid_t pid = fork();
    CHECK(pid >= 0);
    if (pid > 0)
        return pid;
    /* From within, since the directories above may be closed to others. */
    if (chdir(directory) != 0 || setgid(SOMEBODY_ELSE) != 0 || setuid(SOMEBODY_ELSE) != 0)
        _exit(99);
    _exit(function());
}

static bool has_ended(pid_t pid, int *ret_code)
{
    int status;
    if (waitpid(pid, &status, WNOHANG) != pid)
        return false;
    *ret_code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    return true;
}

static char others_socket[100]; /* seen from the directory */

static struct sockaddr_un address_of(const char *path)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    size_t size = strlen(path) + 1;
    CHECK(size <= sizeof address.sun_path);
    memcpy(address.sun_path, path, size);
    return address;
}

/* Connects whatever the directories say, and is sent away. */
static int be_a_client(void)
{
    struct sockaddr_un address = address_of(others_socket);
    char byte;
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    if (connect(fd, (struct sockaddr *)&address, sizeof address) != 0)
        return 1;
    return read(fd, &byte, 1) == 0 ? 0 : 2;
}

static void another_users_client_is_sent_away(void)
{
    platform_stream *stream;
    int code = -1;
    if (geteuid() != 0)
        SKIP("only root can become another user");
    begin();
    platform_endpoint *endpoint = create();
    snprintf(others_socket, sizeof others_socket, "mproc/%lld-%llx.sock", (long long)platform_self_pid(),
             (unsigned long long)platform_self_start_time());
    CHECK(chmod(directory, 0755) == 0 && chmod(path_of("mproc"), 0755) == 0 &&
          chmod(path_of("%s", others_socket), 0777) == 0);
    pid_t pid = fork_as_somebody_else(be_a_client);
    while (!has_ended(pid, &code)) {
        CHECK_OK(platform_endpoint_accept(endpoint, &stream));
        CHECK(stream == NULL);
        platform_streams_wait(endpoint, NULL, NULL, 0, PLATFORM_NO_HANDLE, platform_now_ns() + 5000000);
    }
    CHECK_EQ(code, 0);
    platform_endpoint_free(endpoint);
    end();
}

static int ready_pipe[2];

/* Listens where the endpoint of a process of this user would be. */
static int be_a_server(void)
{
    char name[100];
    uint64_t start_time = platform_self_start_time();
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    snprintf(name, sizeof name, "mproc/%d-%llx.sock", (int)getpid(), (unsigned long long)start_time);
    struct sockaddr_un address = address_of(name);
    if (bind(fd, (struct sockaddr *)&address, sizeof address) != 0 || listen(fd, 5) != 0 ||
        write(ready_pipe[1], &start_time, sizeof start_time) != sizeof start_time)
        return 1;
    pause();
    return 0;
}

static void another_users_server_is_not_spoken_with(void)
{
    platform_stream *stream;
    uint64_t start_time;
    int code;
    if (geteuid() != 0)
        SKIP("only root can become another user");
    begin();
    platform_endpoint_free(create());
    CHECK(pipe(ready_pipe) == 0);
    CHECK(chmod(directory, 0755) == 0 && chmod(path_of("mproc"), 0777) == 0);
    pid_t pid = fork_as_somebody_else(be_a_server);
    close(ready_pipe[1]);
    CHECK(read(ready_pipe[0], &start_time, sizeof start_time) == sizeof start_time);
    CHECK(chmod(path_of("mproc"), 0700) == 0);
    int lock = open(path_of("mproc/%d-%llx.lock", (int)pid, (unsigned long long)start_time), O_RDWR | O_CREAT, 0600);
    CHECK(flock(lock, LOCK_EX) == 0);
    CHECK_EQ(platform_stream_connect(pid, &stream), MPROC_E_FOREIGN);
    CHECK(strstr(platform_error_text(), "65534"));
    kill(pid, SIGKILL);
    WAIT_UNTIL(has_ended(pid, &code));
    close(lock);
    close(ready_pipe[0]);
    CHECK_EQ(list(), 0);
    end();
}

/* ---- Forks ---- */

/* As after an exec, with a copy of what was before it still alive. */
static void a_lock_that_is_none_of_an_endpoint_is_passed_by(void)
{
    platform_endpoint *second;
    begin();
    platform_endpoint_free(create());
    int lock = open(path_of("mproc/%d-%llx.lock", (int)getpid(), (unsigned long long)platform_self_start_time()),
                    O_RDWR | O_CREAT, 0600);
    CHECK(flock(lock, LOCK_EX) == 0);
    platform_endpoint *endpoint = create();
    CHECK_EQ(list(), 1);
    CHECK_EQ(platform_endpoint_create(card, &second), MPROC_E_EXISTS);
    platform_endpoint_free(endpoint);
    close(lock);
    CHECK_EQ(list(), 0);
    end();
}

/* In the copy: says by the pipe what it is told, and stays. */
static _Noreturn void be_a_copy(platform_endpoint *endpoint)
{
    platform_stream *stream;
    const int64_t news[2] = { getpid(), platform_endpoint_accept(endpoint, &stream) };
    platform_endpoint_free(endpoint);
    CHECK(write(ready_pipe[1], news, sizeof news) == sizeof news);
    stay();
}

/* Makes an endpoint, has the program's own fork copy it, and stays. Values 1 and 2: what the copy says. */
static int child_be_found_and_fork(const struct port_child_context *context)
{
    struct port_board board = port_board_open(context->handles[0]);
    int64_t news[2];
    platform_endpoint *endpoint = create();
    CHECK(pipe(ready_pipe) == 0);
    if (fork() == 0)
        be_a_copy(endpoint);
    CHECK(read(ready_pipe[0], news, sizeof news) == sizeof news);
    atomic_store(&board.values[1], news[0]);
    atomic_store(&board.values[2], news[1]);
    atomic_store(&board.values[0], 1);
    return port_stay(&board);
}

static void a_copy_neither_answers_nor_removes(void)
{
    char names[200], byte;
    size_t size;
    platform_stream *stream;
    begin();
    struct port_board board = port_board_create();
    struct port_process *child = port_spawn("be_found_and_fork", "", &board.segment, 1);
    WAIT_UNTIL(atomic_load(&board.values[0]) == 1);
    CHECK_EQ(atomic_load(&board.values[2]), MPROC_E_WRONG_PROCESS);
    CHECK_EQ(list(), 1);
    int64_t pid = platform_process_pid(child->process), copy = atomic_load(&board.values[1]);
    CHECK_OK(platform_stream_connect(pid, &stream));
    port_kill(child);
    /* The copy has the socket, and the lock. */
    CHECK_EQ(platform_streams_wait(NULL, &stream, NULL, 1, PLATFORM_NO_HANDLE, port_deadline_ns(30000)), 1);
    CHECK_EQ(platform_stream_read(stream, &byte, 1, &size), MPROC_E_END);
    platform_stream_close(stream);
    CHECK_EQ(list(), 0);
    CHECK_EQ(platform_stream_connect(pid, &stream), MPROC_E_NOT_FOUND);
    CHECK_EQ(platform_stream_connect(copy, &stream), MPROC_E_NOT_FOUND);
    os_kill(copy);
    WAIT_UNTIL(!os_is_alive(copy));
    CHECK_EQ(list(), 0);
    CHECK_EQ(os_directory_list(path_of("mproc"), names, sizeof names), 0);
    port_board_free(&board);
    end();
}

/* A worker has nothing of it: the other end sees the close at once. */
static void a_forked_child_keeps_nobody_waiting(void)
{
    platform_process_options options;
    platform_stream *client, *server;
    char byte;
    size_t size;
    begin();
    struct port_process *object = port_process_new(&options);
    platform_endpoint *endpoint = create();
    CHECK_OK(platform_stream_connect(platform_self_pid(), &client));
    CHECK_OK(platform_endpoint_accept(endpoint, &server));
    CHECK(server != NULL);
    int code = platform_process_fork(&options, &object->process);
    if (code == 1) {
        CHECK_EQ(platform_stream_read(client, &byte, 1, &size), MPROC_E_WRONG_PROCESS);
        CHECK_EQ(platform_stream_write(client, "x", 1, &size), MPROC_E_WRONG_PROCESS);
        CHECK_EQ(platform_streams_wait(endpoint, NULL, NULL, 0, PLATFORM_NO_HANDLE, 0), MPROC_E_WRONG_PROCESS);
        platform_stream_close(client);
        platform_stream_close(server);
        platform_endpoint_free(endpoint);
        stay();
    }
    CHECK_OK(code);
    platform_stream_close(server);
    /* The child closes what is not its own before anything else that it does. */
    CHECK_EQ(platform_streams_wait(NULL, &client, NULL, 1, PLATFORM_NO_HANDLE, port_deadline_ns(30000)), 1);
    CHECK_EQ(platform_stream_read(client, &byte, 1, &size), MPROC_E_END);
    platform_stream_close(client);
    CHECK_EQ(list(), 1);
    platform_endpoint_free(endpoint);
    CHECK_EQ(list(), 0);
    port_kill(object);
    end();
}

/* ---- Want and malice ---- */

static void want_of_descriptors_is_waited_out(void)
{
    platform_stream *client, *server = NULL;
    begin();
    platform_endpoint *endpoint = create();
    CHECK_OK(platform_stream_connect(platform_self_pid(), &client));
    CHECK_OK(platform_calls_fail_nth("accept", 1, EMFILE));
    CHECK_EQ(platform_endpoint_accept(endpoint, &server), MPROC_E_LIMIT);
    platform_calls_reset();
    int64_t now_ns = platform_now_ns();
    CHECK_EQ(platform_streams_wait(endpoint, NULL, NULL, 0, PLATFORM_NO_HANDLE, now_ns + 20000000), 0);
    CHECK_EQ(platform_streams_wait(endpoint, NULL, NULL, 0, PLATFORM_NO_HANDLE, port_deadline_ns(30000)), 1);
    CHECK(platform_now_ns() - now_ns >= 20000000);
    CHECK_OK(platform_endpoint_accept(endpoint, &server));
    CHECK(server != NULL);
    platform_stream_close(client);
    platform_stream_close(server);
    platform_endpoint_free(endpoint);
    end();
}

/* Descriptors that somebody sends along are not taken, and do not stay open. */
static void what_is_sent_along_is_dropped(void)
{
    union {
        struct cmsghdr header;
        char bytes[CMSG_SPACE(sizeof(int))];
    } control = { .header = { .cmsg_len = CMSG_LEN(sizeof(int)), .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS } };
    struct iovec part = { "x", 1 };
    struct msghdr message = {
        .msg_iov = &part, .msg_iovlen = 1, .msg_control = control.bytes, .msg_controllen = sizeof control.bytes
    };
    platform_stream *client, *server;
    platform_handle handles[2];
    char byte;
    size_t size;
    begin();
    platform_endpoint *endpoint = create();
    CHECK_OK(platform_stream_connect(platform_self_pid(), &client));
    CHECK_OK(platform_endpoint_accept(endpoint, &server));
    const int before = os_handle_count(), sent = STDERR_FILENO;
    memcpy(CMSG_DATA(&control.header), &sent, sizeof sent);
    platform_stream_handles(client, handles);
    for (int i = 0; i < 10; i++) {
        CHECK(sendmsg((int)handles[0], &message, MSG_NOSIGNAL) == 1);
        CHECK_OK(platform_stream_read(server, &byte, 1, &size));
        CHECK(size == 1 && byte == 'x');
    }
    CHECK_EQ(os_handle_count(), before);
    platform_stream_close(client);
    platform_stream_close(server);
    platform_endpoint_free(endpoint);
    end();
}

/* ---- A program that closes what is not its own ---- */

static void what_has_a_handles_number_is_not_taken_for_it(void)
{
    platform_handle event, other;
    platform_mark mark;
    CHECK_OK(platform_event_create(&event));
    platform_handle_mark(event, &mark);
    CHECK(platform_handle_is(event, &mark));
    platform_event_set(event);
    CHECK(platform_handle_is(event, &mark));
    platform_handle_close(event);
    CHECK(!platform_handle_is(event, &mark));
    /* Of the same kind, so that little tells them apart. */
    CHECK_OK(platform_event_create(&other));
    CHECK_EQ(other, event);
    CHECK(!platform_handle_is(event, &mark));
    platform_handle_close_marked(event, &mark);
    CHECK(fcntl((int)other, F_GETFD) >= 0);
    platform_handle_mark(other, &mark);
    platform_handle_close_marked(other, &mark);
    CHECK(fcntl((int)other, F_GETFD) < 0);
    CHECK(!platform_handle_is(PLATFORM_NO_HANDLE, &mark));
    platform_handle_close_marked(PLATFORM_NO_HANDLE, &mark);
}

enum { DESCRIPTORS = 256 };

static void note_open(bool *ret_open)
{
    for (int fd = 0; fd < DESCRIPTORS; fd++)
        ret_open[fd] = fcntl(fd, F_GETFD) >= 0;
}

static void close_later_than(const bool *before)
{
    for (int fd = 0; fd < DESCRIPTORS; fd++)
        if (!before[fd])
            close(fd);
}

static _Atomic int waited;

static void wait_for_endpoint(void *endpoint)
{
    atomic_store(&waited, 1);
    int code = platform_streams_wait(endpoint, NULL, NULL, 0, PLATFORM_NO_HANDLE, INT64_MAX);
    atomic_store(&waited, code == 1 ? 2 : -1);
}

static void who_waits_is_roused_though_all_was_closed(void)
{
    bool before[DESCRIPTORS];
    platform_stream *stream;
    platform_thread *thread;
    begin();
    note_open(before);
    platform_endpoint *endpoint = create();
    CHECK_OK(platform_thread_start(wait_for_endpoint, endpoint, "test", &thread));
    WAIT_UNTIL(atomic_load(&waited) == 1);
    /* It sleeps by then; if not, the descriptors are not open when it looks, which it says as well. */
    os_sleep_ms(50);
    close_later_than(before);
    CHECK_OK(platform_endpoint_rouse(endpoint));
    platform_thread_join(thread);
    CHECK_EQ(atomic_load(&waited), 2);
    CHECK_EQ(platform_endpoint_accept(endpoint, &stream), MPROC_E_CLOSED);
    platform_endpoint_free(endpoint);
    end();
}

static void a_stream_that_was_closed_is_at_its_end(void)
{
    bool before[DESCRIPTORS];
    platform_stream *client, *server = NULL;
    char byte = 'x';
    size_t size;
    begin();
    platform_endpoint *endpoint = create();
    note_open(before);
    CHECK_OK(platform_stream_connect(platform_self_pid(), &client));
    while (server == NULL)
        CHECK_OK(platform_endpoint_accept(endpoint, &server));
    close_later_than(before);
    int file = open(path_of("a file"), O_RDWR | O_CREAT, 0600);
    for (int i = 0; i < 3; i++)
        CHECK(dup(file) > 0);
    CHECK_EQ(platform_stream_write(client, &byte, 1, &size), MPROC_E_BROKEN_PIPE);
    CHECK_EQ(platform_stream_read(server, &byte, 1, &size), MPROC_E_END);
    platform_stream_close(client);
    platform_stream_close(server);
    CHECK_EQ(lseek(file, 0, SEEK_END), 0);
    CHECK(fcntl(file + 3, F_GETFD) >= 0);
    close_later_than(before);
    platform_endpoint_free(endpoint);
    end();
}

static const struct port_test tests[] = {
    TEST(all_is_closed_to_others),
    TEST(a_planted_link_is_refused),
    TEST(a_planted_file_is_refused),
    TEST(a_directory_open_to_others_is_refused),
    TEST(another_users_directory_is_refused),
    TEST(what_is_planted_beside_hurts_nobody),
    TEST(a_path_too_long_for_a_socket_is_told),
    TEST(without_a_run_time_directory),
    TEST(where_there_is_no_directory_nobody_is_found),
    TEST(the_place_that_is_told_is_where_endpoints_are_made),
    TEST(another_users_run_time_directory_is_none),
    TEST(only_ours_is_swept),
    TEST(what_a_living_process_is_making_is_not_swept),
    TEST(another_users_client_is_sent_away),
    TEST(another_users_server_is_not_spoken_with),
    TEST(a_lock_that_is_none_of_an_endpoint_is_passed_by),
    TEST(a_copy_neither_answers_nor_removes),
    TEST(a_forked_child_keeps_nobody_waiting),
    TEST(want_of_descriptors_is_waited_out),
    TEST(what_is_sent_along_is_dropped),
    TEST(what_has_a_handles_number_is_not_taken_for_it),
    TEST(who_waits_is_roused_though_all_was_closed),
    TEST(a_stream_that_was_closed_is_at_its_end),
};
static const struct port_child children[] = { CHILD(child_be_found_and_fork), { NULL, NULL } };

#else

#include <windows.h>

static char directory[OS_PATH_MAX];

static void begin(void)
{
    os_directory_make(directory);
    os_set_environment("LOCALAPPDATA", directory);
}

static void end(void)
{
    os_directory_remove(directory);
}

/* As this process would write it, but for the pipe. */
static void write_card(const char *pipe)
{
    char path[OS_PATH_MAX + 100];
    snprintf(path, sizeof path, "%s/mproc", directory);
    CreateDirectoryA(path, NULL);
    snprintf(path, sizeof path, "%s/mproc/%lld-%llx.card", directory, (long long)platform_self_pid(),
             (unsigned long long)platform_self_start_time());
    FILE *file = fopen(path, "wb");
    CHECK(file != NULL && fprintf(file, "%s\n{\"name\":\"tests\"}\n", pipe) > 0 && fclose(file) == 0);
}

static bool count_one(const platform_found *found, void *user)
{
    (void)found;
    (*(int *)user)++;
    return true;
}

static void check_connect(int expected)
{
    platform_stream *stream;
    CHECK_EQ(platform_stream_connect(platform_self_pid(), &stream), expected);
    CHECK(platform_error_text()[0] != '\0');
}

static void pipe_of(int64_t pid, char ret_name[64])
{
    snprintf(ret_name, 64, "\\\\.\\pipe\\mproc-port-%lld", (long long)pid);
}

static HANDLE make_pipe(const char *name)
{
    return CreateNamedPipeA(name, PIPE_ACCESS_DUPLEX, PIPE_TYPE_BYTE, PIPE_UNLIMITED_INSTANCES, 100, 100, 0, NULL);
}

/* ---- Servers that are not whom one means ---- */

static int child_serve(const struct port_child_context *context)
{
    char name[64];
    pipe_of(platform_self_pid(), name);
    HANDLE pipe = make_pipe(name);
    CHECK(pipe != INVALID_HANDLE_VALUE);
    platform_event_set(context->handles[0]);
    /* Until it is killed. */
    ConnectNamedPipe(pipe, NULL);
    Sleep(60000);
    return 0;
}

static void another_process_is_not_taken_for_the_one_that_was_meant(void)
{
    char name[64];
    unsigned char ready;
    platform_handle serves;
    begin();
    CHECK_OK(platform_event_create(&serves));
    struct port_process *child = port_spawn("serve", "", &serves, 1);
    CHECK_EQ(platform_wait_handles(&serves, 1, port_deadline_ns(30000), &ready), 1);
    pipe_of(platform_process_pid(child->process), name);
    write_card(name);
    check_connect(MPROC_E_FOREIGN);
    port_kill(child);
    platform_handle_close(serves);
    end();
}

/* Of this process, and none of an endpoint's: it is the one who reads that has to see it. */
static void who_answers_and_says_nothing_keeps_nobody(void)
{
    char name[64], bytes[8];
    size_t size = 1;
    platform_stream *stream;
    begin();
    pipe_of(platform_self_pid(), name);
    HANDLE pipe = make_pipe(name);
    write_card(name);
    CHECK_OK(platform_stream_connect(platform_self_pid(), &stream));
    CHECK_EQ(platform_stream_peer(stream), platform_self_pid());
    CHECK_OK(platform_stream_read(stream, bytes, sizeof bytes, &size));
    CHECK_EQ(size, 0);
    CHECK_EQ(platform_streams_wait(NULL, &stream, &(bool){ false }, 1, PLATFORM_NO_HANDLE, port_deadline_ns(50)), 0);
    CloseHandle(pipe);
    while (platform_stream_read(stream, bytes, sizeof bytes, &size) == 0)
        Sleep(1);
    platform_stream_close(stream);
    end();
}

static void where_there_is_no_directory_nobody_is_found(void)
{
    static const char card[] = "{\"name\":\"tests\"}";
    char path[OS_PATH_MAX + 100];
    platform_endpoint *endpoint;
    begin();
    snprintf(path, sizeof path, "%s/file", directory);
    FILE *file = fopen(path, "wb");
    CHECK(file != NULL && fclose(file) == 0);
    const char *const names[] = { "file", "file/below", "nothing" };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        int count = 0;
        snprintf(path, sizeof path, "%s/%s", directory, names[i]);
        os_set_environment("LOCALAPPDATA", path);
        CHECK_OK(platform_endpoint_list(count_one, &count));
        CHECK_EQ(count, 0);
        CHECK_EQ(platform_endpoint_create(card, &endpoint), MPROC_E_OS);
        CHECK(strstr(platform_error_text(), "LOCALAPPDATA") != NULL);
    }
    end();
}

static void what_is_no_name_of_a_pipe_is_not_opened(void)
{
    static const char *const names[] = { "",
                                         "C:\\windows\\win.ini",
                                         "\\\\.\\pipe\\..\\C:\\windows\\win.ini",
                                         "\\\\.\\pipe\\a/b",
                                         "\\\\server\\pipe\\mproc",
                                         "\\\\.\\COM1" };
    platform_stream *stream;
    begin();
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        int count = 0;
        CHECK_EQ(platform_stream_connect_to(names[i], &stream), MPROC_E_INVALID);
        write_card(names[i]);
        check_connect(MPROC_E_NOT_FOUND);
        CHECK_OK(platform_endpoint_list(count_one, &count));
        CHECK_EQ(count, 0);
    }
    write_card("\\\\.\\pipe\\mproc-port-nobody");
    check_connect(MPROC_E_NOT_FOUND);
    end();
}

static void pipes_are_in_no_place(void)
{
    char place[OS_PATH_MAX];
    CHECK_EQ(platform_endpoint_place(place, sizeof place), MPROC_E_NOT_SUPPORTED);
}

static const struct port_test tests[] = { TEST(another_process_is_not_taken_for_the_one_that_was_meant),
                                          TEST(who_answers_and_says_nothing_keeps_nobody),
                                          TEST(where_there_is_no_directory_nobody_is_found),
                                          TEST(pipes_are_in_no_place), TEST(what_is_no_name_of_a_pipe_is_not_opened) };
static const struct port_child children[] = { CHILD(child_serve), { NULL, NULL } };

#endif
PORT_MAIN(tests, children)
