/* A terminal: what it is, its keys, Ctrl-C, and that it is as before in the end. */
#define _GNU_SOURCE
#include "port_test.h"

/* Neither of a test's streams need be one; what there is not says so. */
static void without_a_terminal(void)
{
    int columns = -1, rows = -1;
    if (!platform_terminal_size(&columns, &rows))
        CHECK(columns == -1 && rows == -1);
    platform_terminal_is_there(PLATFORM_STDOUT);
    platform_terminal_is_there(PLATFORM_STDERR);
    platform_terminal_end();
}

#ifndef _WIN32
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

/* ---- A session with a terminal, whose other side the test has ---- */

struct session {
    pid_t pid;
    int typist;
};

/* The copy has the terminal as its standard input and output, leads the session, and ends with what function says. */
static struct session session_start(int (*function)(void))
{
    struct session session = { .typist = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC) };
    struct winsize size = { .ws_col = 91, .ws_row = 37 };
    CHECK(session.typist >= 0 && grantpt(session.typist) == 0 && unlockpt(session.typist) == 0);
    CHECK(ioctl(session.typist, TIOCSWINSZ, &size) == 0);
    session.pid = fork();
    CHECK(session.pid >= 0);
    if (session.pid > 0)
        return session;
    alarm(60);
    /* Who runs the tests in the background of a script has them ignored. */
    signal(SIGINT, SIG_DFL);
    signal(SIGQUIT, SIG_DFL);
    setsid();
    int terminal = open(ptsname(session.typist), O_RDWR);
    ioctl(terminal, TIOCSCTTY, 0);
    dup2(terminal, STDIN_FILENO);
    dup2(terminal, STDOUT_FILENO);
    close(session.typist);
    exit(function());
}

/* Returns its wait status. */
static int session_finish(struct session *session)
{
    int status;
    CHECK(waitpid(session->pid, &status, 0) == session->pid);
    close(session->typist);
    return status;
}

static void type(const struct session *session, const char *text)
{
    CHECK(write(session->typist, text, strlen(text)) == (ssize_t)strlen(text));
}

/* Reads what the session shows until that is in it. */
static void expect(const struct session *session, const char *text)
{
    char shown[2000];
    size_t used = 0;
    do {
        ssize_t length = read(session->typist, shown + used, sizeof shown - 1 - used);
        CHECK(length > 0);
        used += (size_t)length;
        shown[used] = '\0';
    } while (!strstr(shown, text));
}

/* How often the process is told to go on just after the next changes of the terminal's modes. */
static int goings_on;

/* In the C library's place, for the port as well. */
int tcsetattr(int terminal, int actions, const struct termios *modes)
{
    int (*change)(int, int, const struct termios *);
    void *symbol = dlsym(RTLD_NEXT, "tcsetattr");
    memcpy(&change, &symbol, sizeof change);
    int code = change(terminal, actions, modes);
    if (goings_on > 0) {
        goings_on--;
        raise(SIGCONT);
    }
    return code;
}

static tcflag_t local_modes(void)
{
    struct termios modes;
    if (tcgetattr(STDIN_FILENO, &modes) < 0)
        _exit(90);
    return modes.c_lflag;
}

static void show(const char *text)
{
    if (write(STDOUT_FILENO, text, strlen(text)) < 0)
        _exit(91);
}

static int next_key(void)
{
    platform_handle input = platform_terminal_input();
    unsigned char ready;
    int key;
    while ((key = platform_terminal_key()) == -1)
        if (platform_wait_handles(&input, 1, port_deadline_ns(30000), &ready) != 1)
            return -3;
    return key;
}

/* ---- Keys ---- */

static int take_keys(void)
{
    int columns, rows;
    os_set_environment("TERM", "xterm");
    if (!platform_terminal_is_there(PLATFORM_STDOUT) || !platform_terminal_size(&columns, &rows) || columns != 91 ||
        rows != 37)
        return 1;
    os_set_environment("TERM", "dumb");
    if (platform_terminal_is_there(PLATFORM_STDOUT))
        return 2;
    tcflag_t before = local_modes();
    if (platform_terminal_begin() != 0 || platform_terminal_begin() != 0)
        return 3;
    if (platform_terminal_key() != -1 || (local_modes() & (ICANON | ECHO)))
        return 4;
    show("ready");
    if (next_key() != 'q' || next_key() != ' ' || next_key() != 0xc3 || next_key() != 0xa9 || next_key() != 27)
        return 5;
    platform_terminal_end();
    platform_terminal_end();
    return local_modes() == before ? 0 : 6;
}

static void keys_come_one_at_a_time(void)
{
    struct session session = session_start(take_keys);
    expect(&session, "ready");
    type(&session, "q \xc3\xa9\033");
    CHECK_EQ(session_finish(&session), 0);
}

static int see_the_end(void)
{
    signal(SIGHUP, SIG_IGN);
    if (platform_terminal_begin() != 0)
        return 1;
    show("ready");
    return next_key() == -2 ? 0 : 2;
}

static void a_terminal_that_goes_is_the_end_of_keys(void)
{
    struct session session = session_start(see_the_end);
    expect(&session, "ready");
    int typist = session.typist;
    session.typist = open("/dev/null", O_RDONLY);
    close(typist);
    CHECK_EQ(session_finish(&session), 0);
}

/* ---- Ctrl-C ---- */

static int be_interrupted(void)
{
    platform_handle event;
    unsigned char ready;
    if (platform_terminal_begin() != 0 || platform_interrupts_begin(&event) != 0)
        return 1;
    if (platform_wait_handles(&event, 1, 0, &ready) != 0 || platform_interrupts_number() != 0)
        return 2;
    show("ready");
    if (platform_wait_handles(&event, 1, port_deadline_ns(30000), &ready) != 1)
        return 3;
    if (platform_interrupts_number() != SIGINT)
        return 4;
    show("once");
    for (;;)
        pause();
}

/* The first is told, the second ends it. */
static void ctrl_c_is_told_once(void)
{
    struct session session = session_start(be_interrupted);
    expect(&session, "ready");
    type(&session, "\003");
    expect(&session, "once");
    type(&session, "\003");
    int status = session_finish(&session);
    CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGINT);
}

/* Leaves in a child of the session's leader, who then looks at what the terminal is like. */
static int leave_without_a_word(void)
{
    const tcflag_t before = local_modes();
    pid_t pid = fork();
    if (pid == 0)
        exit(platform_terminal_begin() == 0 && !(local_modes() & ECHO) ? 0 : 1);
    int status;
    if (waitpid(pid, &status, 0) != pid || status != 0)
        return 2;
    return local_modes() == before ? 0 : 3;
}

static int be_ended_in_a_child(void)
{
    const tcflag_t before = local_modes();
    signal(SIGINT, SIG_IGN);
    pid_t pid = fork();
    if (pid == 0) {
        signal(SIGINT, SIG_DFL);
        exit(be_interrupted());
    }
    int status;
    if (waitpid(pid, &status, 0) != pid || !WIFSIGNALED(status))
        return 2;
    return local_modes() == before ? 0 : 3;
}

static int leave_while_told_to_go_on(void)
{
    const tcflag_t before = local_modes();
    if (platform_terminal_begin() != 0 || platform_terminal_show("<enter>", "<leave>") != 0)
        return 1;
    goings_on = 1;
    platform_terminal_end();
    show("left");
    return local_modes() == before ? 0 : 2;
}

static void who_is_told_to_go_on_as_he_leaves_takes_nothing_again(void)
{
    struct session session = session_start(leave_while_told_to_go_on);
    expect(&session, "<enter><leave>left");
    CHECK_EQ(session_finish(&session), 0);
}

static void the_terminal_is_as_before_after_exit(void)
{
    struct session session = session_start(leave_without_a_word);
    CHECK_EQ(session_finish(&session), 0);
}

static void the_terminal_is_as_before_after_ctrl_c(void)
{
    struct session session = session_start(be_ended_in_a_child);
    expect(&session, "ready");
    type(&session, "\003");
    expect(&session, "once");
    type(&session, "\003");
    CHECK_EQ(session_finish(&session), 0);
}

/* ---- The screen ---- */

static int show_until_q(void)
{
    if (platform_terminal_begin() != 0 || platform_terminal_show("<enter>", "<leave>") != 0)
        return 1;
    goings_on = 1;
    show("ready");
    return next_key() == 'q' && platform_terminal_is_shown() ? 0 : 2;
}

/* A job of the session's leader, who lets it go on once it is stopped. */
static int be_stopped_once(void)
{
    const tcflag_t before = local_modes();
    int status;
    signal(SIGTTOU, SIG_IGN);
    pid_t pid = fork();
    if (pid == 0) {
        setpgid(0, 0);
        tcsetpgrp(STDIN_FILENO, getpid());
        signal(SIGTTOU, SIG_DFL);
        exit(show_until_q());
    }
    if (waitpid(pid, &status, WUNTRACED) != pid || !WIFSTOPPED(status) || WSTOPSIG(status) != SIGTSTP)
        return 90;
    tcsetpgrp(STDIN_FILENO, getpgrp());
    if (local_modes() != before)
        return 91;
    show("stopped");
    tcsetpgrp(STDIN_FILENO, pid);
    kill(pid, SIGCONT);
    if (waitpid(pid, &status, 0) != pid || !WIFEXITED(status))
        return 92;
    tcsetpgrp(STDIN_FILENO, getpgrp());
    return local_modes() == before ? WEXITSTATUS(status) : 93;
}

static void the_screen_is_left_in_the_end(void)
{
    struct session session = session_start(show_until_q);
    expect(&session, "<enter>ready");
    type(&session, "q");
    expect(&session, "<leave>");
    CHECK_EQ(session_finish(&session), 0);
}

static void the_screen_is_left_by_a_signal_that_ends_it(void)
{
    struct session session = session_start(show_until_q);
    expect(&session, "<enter>ready");
    type(&session, "\034");
    expect(&session, "<leave>");
    int status = session_finish(&session);
    CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGQUIT);
}

static void while_it_is_stopped_the_terminal_is_as_before(void)
{
    struct session session = session_start(be_stopped_once);
    expect(&session, "<enter>ready");
    type(&session, "\032");
    expect(&session, "<leave>stopped<enter>");
    type(&session, "q");
    expect(&session, "<leave>");
    CHECK_EQ(session_finish(&session), 0);
}

/* More than a terminal takes at a time, and it is told not to wait. */
static int write_without_waiting(void)
{
    enum { LINES = 3000 };
    static char text[LINES * 10 + 1];
    for (int i = 0; i < LINES; i++)
        memcpy(text + 10 * i, "a line\x1b[K\n", 10);
    if (fcntl(STDOUT_FILENO, F_SETFL, fcntl(STDOUT_FILENO, F_GETFL) | O_NONBLOCK) < 0)
        return 1;
    return platform_terminal_write(text, sizeof text - 1) == 0 && platform_terminal_write("done", 4) == 0 ? 0 : 2;
}

static void what_is_written_comes_whole(void)
{
    struct session session = session_start(write_without_waiting);
    char shown[4096];
    size_t lines = 0;
    ssize_t length;
    bool is_done = false;
    while (!is_done && (length = read(session.typist, shown, sizeof shown)) > 0)
        for (ssize_t i = 0; i < length; i++) {
            lines += shown[i] == '\n';
            is_done = is_done || shown[i] == 'd';
        }
    CHECK_EQ(lines, 3000);
    CHECK_EQ(session_finish(&session), 0);
}

/* ---- Others ---- */

static int child_write_into_nothing(const struct port_child_context *context)
{
    int ends[2];
    platform_handle event;
    (void)context;
    CHECK(signal(SIGPIPE, SIG_DFL) != SIG_ERR);
    CHECK_OK(platform_interrupts_begin(&event));
    CHECK(pipe(ends) == 0 && close(ends[0]) == 0);
    CHECK(write(ends[1], "x", 1) < 0);
    return platform_interrupts_number();
}

static void a_pipe_that_nobody_reads_is_an_error(void)
{
    port_finish_code(port_spawn("write_into_nothing", "", NULL, 0), 0);
}

static int child_write_too_much(const struct port_child_context *context)
{
    struct rlimit limit = { 4, 4 };
    (void)context;
    platform_application_begin();
    FILE *file = tmpfile();
    CHECK(file && setrlimit(RLIMIT_FSIZE, &limit) == 0);
    CHECK(write(fileno(file), "too much", 8) == 4);
    return write(fileno(file), "much", 4) < 0 && errno == EFBIG ? 0 : 1;
}

static void for_an_application_a_file_that_may_not_grow_is_an_error(void)
{
    port_finish_code(port_spawn("write_too_much", "", NULL, 0), 0);
}

static int child_ignore_as_before(const struct port_child_context *context)
{
    platform_handle event;
    struct sigaction action;
    (void)context;
    CHECK(signal(SIGHUP, SIG_IGN) != SIG_ERR && signal(SIGINT, SIG_IGN) != SIG_ERR);
    CHECK_OK(platform_interrupts_begin(&event));
    CHECK(sigaction(SIGHUP, NULL, &action) == 0 && action.sa_handler == SIG_IGN);
    CHECK(sigaction(SIGINT, NULL, &action) == 0 && action.sa_handler == SIG_IGN);
    CHECK_EQ(raise(SIGHUP) + raise(SIGINT), 0);
    return platform_interrupts_number();
}

static void what_nohup_or_a_shell_ignores_stays_ignored(void)
{
    port_finish_code(port_spawn("ignore_as_before", "", NULL, 0), 0);
}

static int child_ask_for_keys(const struct port_child_context *context)
{
    (void)context;
    return platform_terminal_begin() == MPROC_E_NOT_SUPPORTED && platform_error_text()[0] != '\0' ? 0 : 1;
}

static void no_keys_without_a_terminal(void)
{
    port_finish_code(port_spawn("ask_for_keys", "", NULL, 0), 0);
}

static int child_look_for_a_display(const struct port_child_context *context)
{
    (void)context;
    os_set_environment("DISPLAY", "");
    os_set_environment("WAYLAND_DISPLAY", "");
    if (platform_application_has_display())
        return 1;
    os_set_environment("DISPLAY", ":0");
    if (!platform_application_has_display())
        return 2;
    os_set_environment("DISPLAY", "");
    os_set_environment("WAYLAND_DISPLAY", "wayland-0");
    return platform_application_has_display() ? 0 : 3;
}

static void a_display_is_what_the_environment_names(void)
{
    port_finish_code(port_spawn("look_for_a_display", "", NULL, 0), 0);
}

static const struct port_test tests[] = {
    TEST(without_a_terminal),
    TEST(a_display_is_what_the_environment_names),
    TEST(keys_come_one_at_a_time),
    TEST(a_terminal_that_goes_is_the_end_of_keys),
    TEST(ctrl_c_is_told_once),
    TEST(the_terminal_is_as_before_after_exit),
    TEST(the_terminal_is_as_before_after_ctrl_c),
    TEST(who_is_told_to_go_on_as_he_leaves_takes_nothing_again),
    TEST(the_screen_is_left_in_the_end),
    TEST(the_screen_is_left_by_a_signal_that_ends_it),
    TEST(while_it_is_stopped_the_terminal_is_as_before),
    TEST(what_is_written_comes_whole),
    TEST(a_pipe_that_nobody_reads_is_an_error),
    TEST(for_an_application_a_file_that_may_not_grow_is_an_error),
    TEST(what_nohup_or_a_shell_ignores_stays_ignored),
    TEST(no_keys_without_a_terminal),
};
static const struct port_child children[] = { CHILD(child_write_into_nothing), CHILD(child_write_too_much),
                                              CHILD(child_ignore_as_before),   CHILD(child_ask_for_keys),
                                              CHILD(child_look_for_a_display), { NULL, NULL } };

#else
#include <windows.h>

static int child_ask_for_keys(const struct port_child_context *context)
{
    (void)context;
    return platform_terminal_begin() == MPROC_E_NOT_SUPPORTED && platform_error_text()[0] != '\0' ? 0 : 1;
}

static void no_keys_without_a_console(void)
{
    port_finish_code(port_spawn("ask_for_keys", "", NULL, 0), 0);
}

static int child_be_interrupted(const struct port_child_context *context)
{
    platform_handle event;
    unsigned char ready;
    (void)context;
    CHECK_OK(platform_interrupts_begin(&event));
    CHECK_EQ(platform_wait_handles(&event, 1, 0, &ready), 0);
    return platform_interrupts_number();
}

static void interrupts_begin_with_none(void)
{
    port_finish_code(port_spawn("be_interrupted", "", NULL, 0), 0);
}

/* ---- The screen ---- */

/* What is seen at a place, in whichever screen is shown. */
static bool shows(short column, short row, const wchar_t *text)
{
    wchar_t seen[32] = { 0 };
    DWORD length;
    HANDLE screen = CreateFileA("CONOUT$", GENERIC_READ | GENERIC_WRITE, FILE_SHARE_READ | FILE_SHARE_WRITE, NULL,
                                OPEN_EXISTING, 0, NULL);
    ReadConsoleOutputCharacterW(screen, seen, (DWORD)wcslen(text), (COORD){ column, row }, &length);
    CloseHandle(screen);
    return wcscmp(seen, text) == 0;
}

static WORD look_at(short column, short row)
{
    WORD look = 0;
    DWORD length;
    HANDLE screen = CreateFileA("CONOUT$", GENERIC_READ | GENERIC_WRITE, FILE_SHARE_READ | FILE_SHARE_WRITE, NULL,
                                OPEN_EXISTING, 0, NULL);
    ReadConsoleOutputAttribute(screen, &look, 1, (COORD){ column, row }, &length);
    CloseHandle(screen);
    return look;
}

static void draw(const char *text)
{
    CHECK_OK(platform_terminal_write(text, strlen(text)));
}

/* NULL: there is no console to be had. */
static HANDLE begin_console(void)
{
    DWORD written;
    FreeConsole();
    AllocConsole();
    HANDLE output = CreateFileA("CONOUT$", GENERIC_READ | GENERIC_WRITE, FILE_SHARE_READ | FILE_SHARE_WRITE, NULL,
                                OPEN_EXISTING, 0, NULL);
    if (!WriteConsoleA(output, "before", 6, &written, NULL))
        return NULL;
    SetStdHandle(STD_OUTPUT_HANDLE, output);
    return output;
}

static void draw_long_text(void)
{
    static char text[3 * 300 + 1];
    for (int i = 0; i < 300; i++)
        memcpy(text + 3 * i, "\xe2\x82\xac", 3);
    draw("\x1b[3;1H");
    CHECK_OK(platform_terminal_write(text, 3 * 60));
    CHECK(shows(59, 2, L"\u20ac "));
    draw("\x1b[3;1H");
    draw(text);
}

static int child_draw(const struct port_child_context *context)
{
    int columns, rows;
    (void)context;
    if (begin_console() == NULL)
        return 77;
    CHECK(platform_terminal_is_there(PLATFORM_STDOUT) && platform_terminal_size(&columns, &rows));
    CHECK_OK(platform_terminal_show("\x1b[?1049h\x1b[?25l\x1b[2J", "\x1b[?1049l"));
    CHECK(shows(0, 0, L"      "));
    draw("\x1b[Hone\x1b[31mtwo\x1b[0m\r\n\xe2\x80\x9cx\xe2\x80\x9d\x1b[?25h\x1b[9999m\x1b[");
    CHECK(shows(0, 0, L"onetwo") && shows(0, 1, L"\u201cx\u201d "));
    CHECK_EQ(look_at(3, 0) & 0xf, FOREGROUND_RED | FOREGROUND_INTENSITY);
    CHECK_EQ(look_at(0, 1), look_at(0, 0));
    draw("\x1b[1;3H\x1b[K");
    CHECK(shows(0, 0, L"on    ") && shows(0, 1, L"\u201cx"));
    draw_long_text();
    draw("\x1b[2;1H\x1b[J");
    CHECK(shows(0, 0, L"on") && shows(0, 1, L"   ") && shows(0, 2, L"   "));
    platform_terminal_end();
    CHECK(shows(0, 0, L"before"));
    draw("nobody sees that");
    CHECK(shows(0, 0, L"before   "));
    return 0;
}

/* Also where the console itself obeys none. */
static void a_screen_of_its_own_obeys_control_sequences(void)
{
    platform_exit how = port_finish(port_spawn("draw", "", NULL, 0));
    if (how.kind == PLATFORM_EXIT_CODE && how.code == 77)
        SKIP("there is no console to be had");
    CHECK(how.kind == PLATFORM_EXIT_CODE && how.code == 0);
}

/* One that any program finds in the current directory; an application does not. */
static int child_load_from_here(const struct port_child_context *context)
{
    (void)context;
    wchar_t system[MAX_PATH];
    CHECK(GetSystemDirectoryW(system, MAX_PATH) > 0);
    wcscat(system, L"\\version.dll");
    CHECK(CopyFileW(system, L"here.dll", FALSE));
    platform_application_begin();
    bool is_found = LoadLibraryW(L"here.dll") != NULL;
    DeleteFileW(L"here.dll");
    return is_found ? 1 : LoadLibraryW(L"version.dll") != NULL ? 0 : 2;
}

static void an_application_loads_nothing_from_the_current_directory(void)
{
    port_finish_code(port_spawn("load_from_here", "", NULL, 0), 0);
}

static const struct port_test tests[] = { TEST(without_a_terminal), TEST(no_keys_without_a_console),
                                          TEST(interrupts_begin_with_none),
                                          TEST(a_screen_of_its_own_obeys_control_sequences),
                                          TEST(an_application_loads_nothing_from_the_current_directory) };
static const struct port_child children[] = { CHILD(child_ask_for_keys),
                                              CHILD(child_be_interrupted),
                                              CHILD(child_draw),
                                              CHILD(child_load_from_here),
                                              { NULL, NULL } };

#endif

PORT_MAIN(tests, children)
