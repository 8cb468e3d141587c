/* A terminal, its keys, and the requests to end that come from it.
 *
 * Handlers are installed here, and nowhere else in the port but for crashes: a program of its own asks for them. They
 * do what may be done in one, which includes giving the terminal its modes back.
 */
#define _GNU_SOURCE
#include "platform.h"
#include "unix/calls.h"
#include "unix/error.h"
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

/* ---- What it is ---- */

bool platform_terminal_is_there(enum platform_output output)
{
    const char *kind = getenv("TERM");
    return isatty((int)output) && kind && kind[0] != '\0' && strcmp(kind, "dumb") != 0;
}

bool platform_terminal_size(int *ret_columns, int *ret_rows)
{
    struct winsize size;
    if ((ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) < 0 && ioctl(STDERR_FILENO, TIOCGWINSZ, &size) < 0) ||
        size.ws_col == 0 || size.ws_row == 0)
        return false;
    *ret_columns = size.ws_col;
    *ret_rows = size.ws_row;
    return true;
}

/* ---- Keys ---- */

/* What somebody has the program ignore, as nohup does, it goes on to ignore. */
static int handle_signal(int number, void (*function)(int))
{
    struct sigaction before, action = { .sa_handler = function, .sa_flags = SA_RESTART };
    sigemptyset(&action.sa_mask);
    if (sigaction(number, NULL, &before) < 0 || (before.sa_handler != SIG_IGN && sigaction(number, &action, NULL) < 0))
        return platform__fail(MPROC_E_OS, "sigaction");
    return 0;
}

/* The flags are written last of what they tell of: a handler may have to give it back, or to take it again. */
static struct {
    struct termios before, own;
    volatile sig_atomic_t is_ours; /* the modes are */
    const char *enter, *leave;
    volatile sig_atomic_t has_screen, is_entered; /* there are the two; enter is the last of them that was written */
    volatile sig_atomic_t is_leaving;             /* it is being given back: no handler takes it again meanwhile */
} terminal;

/* A process in the background is not let to change the modes, but stopped: then they are as its shell wants them. */
static bool is_in_foreground(void)
{
    return tcgetpgrp(STDIN_FILENO) == getpgrp();
}

/* Nobody's background is one that is not this session's, another one's window for instance. Nor is one that is gone:
 * who writes is to see the error. */
static bool is_seen(void)
{
    pid_t group = tcgetpgrp(STDOUT_FILENO);
    return group == getpgrp() || (group < 0 && (errno == EIO || (errno == ENOTTY && isatty(STDOUT_FILENO))));
}

static void write_text(const char *text)
{
    for (size_t left = strlen(text); left > 0;) {
        ssize_t length = write(STDOUT_FILENO, text, left);
        if (length < 0 && errno != EINTR)
            return;
        text += length > 0 ? length : 0;
        left -= length > 0 ? (size_t)length : 0;
    }
}

/* What is called by a handler keeps what the program was about to read. */
static void give_back(void)
{
    int error_number = errno;
    if (terminal.is_entered && is_seen())
        write_text(terminal.leave);
    terminal.is_entered = 0;
    if (terminal.is_ours && is_in_foreground())
        tcsetattr(STDIN_FILENO, TCSANOW, &terminal.before);
    errno = error_number;
}

/* The flag first: to leave what was not yet entered does no harm. */
static void take(void)
{
    int error_number = errno;
    if (terminal.is_leaving)
        return;
    if (terminal.is_ours && is_in_foreground())
        tcsetattr(STDIN_FILENO, TCSANOW, &terminal.own);
    terminal.is_entered = terminal.has_screen && is_seen();
    if (terminal.is_entered)
        write_text(terminal.enter);
    errno = error_number;
}

void platform_terminal_end(void)
{
    terminal.is_leaving = 1;
    give_back();
    terminal.is_ours = terminal.has_screen = 0;
    terminal.is_leaving = 0;
}

/* Whoever had the terminal while this process was stopped has changed it. */
static void go_on(int number)
{
    (void)number;
    take();
}

/* The terminal is as its shell wants it while this process is stopped, which happens where the signal is let through. A
 * process that nobody could let go on is not stopped: then this goes on at once. */
static void stop(int number)
{
    int error_number = errno, was_leaving = terminal.is_leaving;
    sigset_t signals, before;
    struct sigaction own, action = { .sa_handler = SIG_DFL };
    sigemptyset(&signals);
    sigaddset(&signals, number);
    terminal.is_leaving = 1;
    give_back();
    sigaction(number, &action, &own);
    raise(number);
    pthread_sigmask(SIG_UNBLOCK, &signals, &before);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    sigaction(number, &own, NULL);
    terminal.is_leaving = was_leaving;
    if (!terminal.is_entered)
        take();
    errno = error_number;
}

/* It is held back until this handler is left, and then ends the program. */
static void end_by(int number)
{
    platform_terminal_end();
    signal(number, SIG_DFL);
    raise(number);
}

/* What is the terminal's is given back however the program is left, and while it is stopped. */
static int look_after(void)
{
    static bool is_registered;
    if (!is_registered && atexit(platform_terminal_end) != 0)
        return platform__fail_text(MPROC_E_OS, "atexit has no room");
    is_registered = true;
    int code = handle_signal(SIGCONT, go_on);
    if (code == 0)
        code = handle_signal(SIGTSTP, stop);
    return code == 0 ? handle_signal(SIGQUIT, end_by) : code;
}

/* Echo and the collecting of lines are off. Signals stay, so that Ctrl-C is one. A read does not wait: what was there
 * may have been thrown away in between. */
static int set_modes(void)
{
    terminal.own = terminal.before;
    terminal.own.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
    terminal.own.c_cc[VMIN] = 0;
    terminal.own.c_cc[VTIME] = 0;
    terminal.is_ours = 1;
    if (tcsetattr(STDIN_FILENO, TCSANOW, &terminal.own) == 0)
        return 0;
    int code = platform__fail(MPROC_E_OS, "tcsetattr");
    terminal.is_ours = 0;
    return code;
}

int platform_terminal_begin(void)
{
    if (!isatty(STDIN_FILENO) || !is_in_foreground())
        return platform__fail_text(MPROC_E_NOT_SUPPORTED, "standard input is no terminal, or another program's now");
    if (terminal.is_ours)
        return 0;
    if (tcgetattr(STDIN_FILENO, &terminal.before) < 0)
        return platform__fail(MPROC_E_OS, "tcgetattr");
    int code = look_after();
    return code == 0 ? set_modes() : code;
}

int platform_terminal_show(const char *enter, const char *leave)
{
    int code = look_after();
    if (code < 0)
        return code;
    terminal.enter = enter;
    terminal.leave = leave;
    terminal.has_screen = 1;
    take();
    return 0;
}

bool platform_terminal_is_shown(void)
{
    if (!is_seen()) {
        terminal.is_entered = 0;
        return false;
    }
    if (terminal.has_screen && !terminal.is_entered)
        take();
    return true;
}

/* Whether there is room now. Another program may have made this a terminal that does not wait for who writes. */
static bool wait_for_room(void)
{
    struct pollfd output = { .fd = STDOUT_FILENO, .events = POLLOUT };
    return errno == EINTR || (errno == EAGAIN && (platform_calls.ppoll(&output, 1, NULL, NULL) >= 0 || errno == EINTR));
}

int platform_terminal_write(const char *text, size_t size)
{
    while (size > 0) {
        ssize_t length = platform_calls.write(STDOUT_FILENO, text, size);
        if (length < 0 && !wait_for_room())
            return platform__fail(MPROC_E_OS, "write");
        text += length > 0 ? length : 0;
        size -= length > 0 ? (size_t)length : 0;
    }
    return 0;
}

int platform_terminal_key(void)
{
    struct pollfd input = { .fd = STDIN_FILENO, .events = POLLIN };
    const struct timespec now = { 0 };
    unsigned char byte;
    if (platform_calls.ppoll(&input, 1, &now, NULL) <= 0)
        return -1;
    ssize_t length = platform_calls.read(STDIN_FILENO, &byte, 1);
    if (length == 1)
        return byte;
    if (length == 0)
        return (input.revents & POLLHUP) != 0 ? -2 : -1;
    return errno == EINTR || errno == EAGAIN ? -1 : -2;
}

platform_handle platform_terminal_input(void)
{
    return STDIN_FILENO;
}

/* ---- Requests to end ---- */

static struct {
    platform_handle event;
    volatile sig_atomic_t number;
} interrupt = { .event = PLATFORM_NO_HANDLE };

static void note_signal(int number)
{
    if (interrupt.number == 0) {
        interrupt.number = number;
        platform_event_set(interrupt.event);
        return;
    }
    end_by(number);
}

static void do_nothing(int number)
{
    (void)number;
}

int platform_interrupts_begin(platform_handle *ret_event)
{
    int code = interrupt.event == PLATFORM_NO_HANDLE ? platform_event_create(&interrupt.event) : 0;
    if (code == 0)
        code = handle_signal(SIGINT, note_signal);
    if (code == 0)
        code = handle_signal(SIGTERM, note_signal);
    if (code == 0)
        code = handle_signal(SIGHUP, note_signal);
    /* A handler and not SIG_IGN, which the programs that are started would inherit. */
    if (code == 0)
        code = handle_signal(SIGPIPE, do_nothing);
    if (code == 0)
        *ret_event = interrupt.event;
    return code;
}

int platform_interrupts_number(void)
{
    return interrupt.number;
}
