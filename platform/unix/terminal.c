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

static struct {
    struct termios before, own;    /* written before the flag */
    volatile sig_atomic_t is_ours; /* the modes are: a handler may have to give them back, or to take them again */
} terminal;

/* A process in the background is not let to change the modes, but stopped: then they are as its shell wants them. */
static bool is_in_foreground(void)
{
    return tcgetpgrp(STDIN_FILENO) == getpgrp();
}

void platform_terminal_end(void)
{
    int error_number = errno;
    if (terminal.is_ours && is_in_foreground())
        tcsetattr(STDIN_FILENO, TCSANOW, &terminal.before);
    terminal.is_ours = 0;
    errno = error_number;
}

/* Whoever had the terminal while this process was stopped has changed them. */
static void continue_with_modes(int number)
{
    int error_number = errno;
    (void)number;
    if (terminal.is_ours && is_in_foreground())
        tcsetattr(STDIN_FILENO, TCSANOW, &terminal.own);
    errno = error_number;
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
    static bool is_registered;
    if (!isatty(STDIN_FILENO) || !is_in_foreground())
        return platform__fail_text(MPROC_E_NOT_SUPPORTED, "standard input is no terminal, or another program's now");
    if (terminal.is_ours)
        return 0;
    if (tcgetattr(STDIN_FILENO, &terminal.before) < 0)
        return platform__fail(MPROC_E_OS, "tcgetattr");
    if (!is_registered && atexit(platform_terminal_end) != 0)
        return platform__fail_text(MPROC_E_OS, "atexit has no room");
    is_registered = true;
    int code = handle_signal(SIGCONT, continue_with_modes);
    return code == 0 ? set_modes() : code;
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
    platform_terminal_end();
    signal(number, SIG_DFL);
    /* It is held back until this handler is left, and then ends the program. */
    raise(number);
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
