/* os_posix.c: the harness's needs on POSIX. The census reads /proc; where there is none it says 0 before and after,
 * and so checks nothing.
 */
#define _GNU_SOURCE /* nftw */
#include "os.h"
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define TOKEN_NAME "MPROC_TEST_TOKEN"
#define TOKEN_MAX  256

static _Noreturn void die(const char *what)
{
    fprintf(stderr, "harness: %s: %s\n", what, strerror(errno));
    _exit(98);
}

/* ---- Time, environment, end ---- */

int64_t os_now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

int64_t os_now_ms(void)
{
    return os_now_ns() / 1000000;
}

void os_sleep_ms(int ms)
{
    struct timespec left = { ms / 1000, (long)(ms % 1000) * 1000000 };
    while (nanosleep(&left, &left) < 0 && errno == EINTR)
        continue;
}

void os_set_environment(const char *name, const char *value)
{
    if (setenv(name, value, 1) < 0)
        die("setenv");
}

static uint64_t digest_text(const char *text)
{
    /* FNV-1a. */
    uint64_t digest = 14695981039346656037u;
    for (; *text; text++)
        digest = (digest ^ (unsigned char)*text) * 1099511628211u;
    return digest;
}

uint64_t os_environment_digest(void)
{
    uint64_t sum = 0;
    for (char **entry = environ; *entry; entry++)
        sum += digest_text(*entry);
    return sum;
}

void os_exit_now(int code)
{
    _exit(code);
}

static volatile sig_atomic_t is_to_end;

static void note(int number)
{
    (void)number;
    is_to_end = 1;
}

void os_note_end(void)
{
    static const int numbers[] = { SIGINT, SIGTERM, SIGHUP };
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        if (signal(numbers[i], note) == SIG_IGN)
            signal(numbers[i], SIG_IGN);
}

bool os_is_to_end(void)
{
    return is_to_end;
}

void os_program_path(char ret_path[OS_PATH_MAX])
{
    ssize_t size = readlink("/proc/self/exe", ret_path, OS_PATH_MAX - 1);
    if (size < 0)
        die("/proc/self/exe");
    ret_path[size] = 0;
}

int64_t os_self_pid(void)
{
    return getpid();
}

int os_niceness(void)
{
    return getpriority(PRIO_PROCESS, 0);
}

/* ---- Files ---- */

void os_directory_make(char ret_path[OS_PATH_MAX])
{
    const char *parent = getenv("TMPDIR");
    snprintf(ret_path, OS_PATH_MAX, "%s/mproc-test-XXXXXX", parent ? parent : "/tmp");
    if (!mkdtemp(ret_path))
        die(ret_path);
}

void os_directory_make_at(const char *path)
{
    if (mkdir(path, 0700) < 0)
        die(path);
}

int os_directory_list(const char *path, char *ret_names, size_t capacity)
{
    int count = 0;
    size_t used = 0;
    ret_names[0] = 0;
    DIR *directory = opendir(path);
    if (!directory)
        die(path);
    for (struct dirent *entry; (entry = readdir(directory));) {
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        count++;
        if (used + strlen(entry->d_name) + 2 < capacity)
            used += (size_t)sprintf(ret_names + used, " %s", entry->d_name);
    }
    closedir(directory);
    return count;
}

static int remove_entry(const char *path, const struct stat *status, int type, struct FTW *place)
{
    (void)status, (void)type, (void)place;
    return remove(path);
}

void os_directory_remove(const char *path)
{
    nftw(path, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
}

bool os_limit_files(size_t bytes)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_FSIZE, &limit) < 0)
        die("getrlimit");
    limit.rlim_cur = bytes > 0 ? (rlim_t)bytes : limit.rlim_max;
    signal(SIGXFSZ, SIG_IGN);
    return setrlimit(RLIMIT_FSIZE, &limit) == 0;
}

void *os_map_file(const char *path, size_t size)
{
    int file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (file < 0 || ftruncate(file, (off_t)size) < 0)
        die(path);
    void *address = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    if (address == MAP_FAILED)
        die(path);
    close(file);
    return address;
}

/* ---- /proc ---- */

/* Reads a small file of /proc; returns its size, 0 if it is gone, which happens at any time. */
static size_t read_proc(const char *path, char *text, size_t capacity)
{
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0)
        return 0;
    size_t used = 0;
    for (ssize_t size; used < capacity - 1 && (size = read(file, text + used, capacity - 1 - used)) > 0;)
        used += (size_t)size;
    close(file);
    text[used] = 0;
    return used;
}

/* Calls visit for every process of the machine until it returns false. */
static void each_process(bool (*visit)(pid_t pid, void *user), void *user)
{
    DIR *directory = opendir("/proc");
    if (!directory)
        return;
    for (struct dirent *entry; (entry = readdir(directory));) {
        pid_t pid = (pid_t)strtol(entry->d_name, NULL, 10);
        if (pid > 0 && !visit(pid, user))
            break;
    }
    closedir(directory);
}

struct process_stat {
    char state;
    int parent, group, session;
};

/* Returns false if the process is gone. The name in front of what is read may hold anything. */
static bool read_stat(pid_t pid, struct process_stat *ret_stat)
{
    char path[64], text[512];
    snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
    if (read_proc(path, text, sizeof text) == 0)
        return false;
    const char *end = strrchr(text, ')');
    return end &&
           sscanf(end, ") %c %d %d %d", &ret_stat->state, &ret_stat->parent, &ret_stat->group, &ret_stat->session) == 4;
}

static bool lives(const struct process_stat *stat)
{
    return stat->state != 'Z' && stat->state != 'X';
}

bool os_is_alive(int64_t pid)
{
    struct process_stat stat;
    return read_stat((pid_t)pid, &stat) && lives(&stat);
}

void os_kill(int64_t pid)
{
    kill((pid_t)pid, SIGKILL);
}

/* ---- Programs ---- */

struct os_program {
    pid_t pid;
    bool has_ended;
    int64_t code;
    int hold; /* the other end of its stdin; -1: it has none */
    char token[TOKEN_MAX];
};

/* A family's token begins with that of the family it was started in: the outer one counts the inner one too. */
static void make_token(char token[TOKEN_MAX])
{
    static _Atomic int count;
    const char *outer = getenv(TOKEN_NAME);
    snprintf(token, TOKEN_MAX, "%s%d-%d.", outer ? outer : "", (int)getpid(), ++count);
}

/* As shells have it, whoever has started the tests and however: nohup, or a shell for what it leaves to itself. */
static void forget_ignored_signals(void)
{
    static const int numbers[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGPIPE, SIGTSTP };
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        signal(numbers[i], SIG_DFL);
}

static _Noreturn void become(const char *const *arguments, const char *directory, int input, int output,
                             const char *token)
{
    forget_ignored_signals();
    /* Also a process group of its own. */
    setsid();
    setenv(TOKEN_NAME, token, 1);
    if (directory && chdir(directory) < 0)
        _exit(97);
    dup2(input, 0);
    dup2(output, 1);
    dup2(output, 2);
    execv(arguments[0], (char *const *)(uintptr_t)arguments);
    _exit(97);
}

static int open_nothing(void)
{
    int input = open("/dev/null", O_RDONLY | O_CLOEXEC);
    if (input < 0)
        die("/dev/null");
    return input;
}

/* Nobody else gets the other end: not even who is started beside it. */
static int open_held(int *ret_hold)
{
    int ends[2];
    if (pipe(ends) < 0 || fcntl(ends[0], F_SETFD, FD_CLOEXEC) < 0 || fcntl(ends[1], F_SETFD, FD_CLOEXEC) < 0)
        die("pipe");
    *ret_hold = ends[1];
    return ends[0];
}

static os_program *start(const char *const *arguments, const char *directory, const char *output, bool is_held)
{
    os_program *program = calloc(1, sizeof *program);
    int file = open(output, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (!program || file < 0)
        die(output);
    program->hold = -1;
    int input = is_held ? open_held(&program->hold) : open_nothing();
    make_token(program->token);
    fflush(NULL);
    program->pid = fork();
    if (program->pid < 0)
        die("fork");
    if (program->pid == 0)
        become(arguments, directory, input, file, program->token);
    close(input);
    close(file);
    return program;
}

os_program *os_program_start(const char *const *arguments, const char *directory, const char *output)
{
    return start(arguments, directory, output, false);
}

os_program *os_program_start_held(const char *const *arguments, const char *directory, const char *output)
{
    return start(arguments, directory, output, true);
}

int64_t os_program_pid(const os_program *program)
{
    return program->pid;
}

bool os_program_wait(os_program *program, int64_t timeout_ms, int64_t *ret_code)
{
    int64_t deadline_ms = os_now_ms() + timeout_ms;
    while (!program->has_ended) {
        int status;
        pid_t pid = waitpid(program->pid, &status, WNOHANG);
        if (pid < 0 && errno != EINTR)
            die("waitpid");
        if (pid == program->pid) {
            program->has_ended = true;
            program->code = WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
        } else if (os_now_ms() > deadline_ms)
            return false;
        else
            os_sleep_ms(1);
    }
    *ret_code = program->code;
    return true;
}

struct family_visit {
    const os_program *program;
    int count;
    bool kill;
};

/* Whether the environment a process was started with carries the token. ret_is_empty: it has none, which is how a
 * process looks in the middle of an exec and of its end. */
static bool carries(pid_t pid, const char *token, bool *ret_is_empty)
{
    char path[64], wanted[TOKEN_MAX + sizeof TOKEN_NAME];
    static char text[262144];
    snprintf(path, sizeof path, "/proc/%d/environ", (int)pid);
    size_t size = read_proc(path, text, sizeof text);
    *ret_is_empty = size == 0;
    int wanted_size = snprintf(wanted, sizeof wanted, TOKEN_NAME "=%s", token);
    for (size_t at = 0; at < size; at += strlen(text + at) + 1)
        if (strncmp(text + at, wanted, (size_t)wanted_size) == 0)
            return true;
    return false;
}

/* By its environment, or, while that is not to be had, by its session, which an exec does not change. */
static bool is_of_family(pid_t pid, const os_program *program)
{
    struct process_stat stat;
    bool is_empty;
    bool has_token = carries(pid, program->token, &is_empty);
    if ((!has_token && !is_empty) || !read_stat(pid, &stat) || !lives(&stat))
        return false;
    return has_token || stat.session == program->pid;
}

static bool visit_family(pid_t pid, void *user)
{
    struct family_visit *visit = user;
    if (!is_of_family(pid, visit->program))
        return true;
    visit->count++;
    if (visit->kill)
        kill(pid, SIGKILL);
    return true;
}

int os_program_family_size(const os_program *program)
{
    struct family_visit visit = { .program = program };
    each_process(visit_family, &visit);
    return visit.count;
}

/* Repeated, because a process may start another one while we look. */
void os_program_kill(os_program *program)
{
    struct family_visit visit = { .program = program, .kill = true };
    if (!program->has_ended)
        kill(program->pid, SIGKILL);
    do {
        visit.count = 0;
        each_process(visit_family, &visit);
        os_sleep_ms(1);
    } while (visit.count);
}

void os_program_let_go(os_program *program)
{
    if (program->hold >= 0)
        close(program->hold);
    program->hold = -1;
}

void os_program_free(os_program *program)
{
    os_program_let_go(program);
    free(program);
}

/* ---- Census ---- */

static bool visit_child(pid_t pid, void *user)
{
    struct process_stat stat;
    if (read_stat(pid, &stat) && stat.parent == getpid())
        ++*(int *)user;
    return true;
}

int os_child_count(void)
{
    int count = 0;
    each_process(visit_child, &count);
    return count;
}

static int count_entries(const char *path)
{
    DIR *directory = opendir(path);
    int count = 0;
    while (directory && readdir(directory))
        count++;
    if (directory)
        closedir(directory);
    return count;
}

int os_handle_count(void)
{
    return count_entries("/proc/self/fd");
}

int os_thread_count(void)
{
    return count_entries("/proc/self/task");
}

/* The inode of an anonymous segment that a line of the map is about; 0 if it is about something else. */
static unsigned long segment_inode(const char *line)
{
    unsigned long inode = 0;
    return strstr(line, "memfd:") && sscanf(line, "%*s %*s %*s %*s %lu", &inode) == 1 ? inode : 0;
}

int os_segment_count(void)
{
    enum { MOST = 256 };
    unsigned long inodes[MOST], inode;
    char line[1024];
    int count = 0, known;
    FILE *maps = fopen("/proc/self/maps", "re");
    while (maps && count < MOST && fgets(line, sizeof line, maps)) {
        inode = segment_inode(line);
        for (known = 0; known < count && inodes[known] != inode; known++)
            ;
        if (inode && known == count)
            inodes[count++] = inode;
    }
    if (maps)
        fclose(maps);
    return count;
}

void os_open_inheritable(int count)
{
    /* Without O_CLOEXEC on purpose. */
    while (count-- > 0)
        if (open("/dev/null", O_RDONLY) < 0)
            die("/dev/null");
}

void os_print_handles(void)
{
    char path[64], target[256];
    for (int fd = 0; fd < 1024; fd++) {
        snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
        ssize_t size = readlink(path, target, sizeof target - 1);
        if (size > 0)
            fprintf(stderr, "  fd %d: %.*s\n", fd, (int)size, target);
    }
}

/* ---- Modules ---- */

void (*os_module_function(const char *path, const char *name))(void)
{
    void *module = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    void *symbol = module ? dlsym(module, name) : NULL;
    void (*function)(void);
    if (!module)
        fprintf(stderr, "%s\n", dlerror());
    /* ISO C has no cast from data to code. */
    memcpy(&function, &symbol, sizeof function);
    return function;
}

void os_module_unload(const char *path)
{
    void *module = dlopen(path, RTLD_NOW | RTLD_NOLOAD);
    if (!module || dlclose(module) != 0 || dlclose(module) != 0)
        die("dlclose");
}

bool os_modules_stay(void)
{
#if defined(__linux__) && !defined(__GLIBC__)
    return true;
#else
    return false;
#endif
}

void (*os_code_without_module(void))(void)
{
    void *memory = mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    void (*function)(void);
    if (memory == MAP_FAILED)
        die("mmap");
    memcpy(&function, &memory, sizeof function);
    return function;
}

/* ---- Threads and things to wait for ---- */

struct os_thread {
    pthread_t thread;
    void (*function)(void *);
    void *argument;
};

static void *run_thread(void *user)
{
    os_thread *thread = user;
    thread->function(thread->argument);
    return NULL;
}

os_thread *os_thread_start(void (*function)(void *), void *argument)
{
    os_thread *thread = malloc(sizeof *thread);
    if (!thread)
        die("malloc");
    *thread = (os_thread){ .function = function, .argument = argument };
    if (pthread_create(&thread->thread, NULL, run_thread, thread) != 0)
        die("pthread_create");
    return thread;
}

void os_thread_join(os_thread *thread)
{
    pthread_join(thread->thread, NULL);
    free(thread);
}

void os_thread_exit(void)
{
    pthread_exit(NULL);
}

os_waitable os_waitable_create(void)
{
    int ends[2];
    if (pipe(ends) < 0)
        die("pipe");
    fcntl(ends[0], F_SETFD, FD_CLOEXEC);
    fcntl(ends[1], F_SETFD, FD_CLOEXEC);
    return (os_waitable){ ends[0], ends[1] };
}

void os_waitable_set(os_waitable *waitable)
{
    if (write((int)waitable->other, "x", 1) != 1)
        die("write");
}

void os_waitable_close(os_waitable *waitable)
{
    close((int)waitable->handle);
    close((int)waitable->other);
}
