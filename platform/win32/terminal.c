/* terminal.c: the console, its keys, and the requests to end that come from it.
 */
#include "internal.h"

#include <string.h>

#ifndef ENABLE_VIRTUAL_TERMINAL_INPUT
#define ENABLE_VIRTUAL_TERMINAL_INPUT 0x0200
#endif

static HANDLE output_handle(enum platform_output output)
{
    return GetStdHandle(output == PLATFORM_STDOUT ? STD_OUTPUT_HANDLE : STD_ERROR_HANDLE);
}

/* ---- What it is ---- */

bool platform_terminal_is_there(enum platform_output output)
{
    CONSOLE_SCREEN_BUFFER_INFO console;
    return GetConsoleScreenBufferInfo(output_handle(output), &console);
}

bool platform_terminal_size(int *ret_columns, int *ret_rows)
{
    CONSOLE_SCREEN_BUFFER_INFO screen;
    if (!platform__screen_info(&screen) && !GetConsoleScreenBufferInfo(output_handle(PLATFORM_STDOUT), &screen) &&
        !GetConsoleScreenBufferInfo(output_handle(PLATFORM_STDERR), &screen))
        return false;
    *ret_columns = screen.srWindow.Right - screen.srWindow.Left + 1;
    *ret_rows = screen.srWindow.Bottom - screen.srWindow.Top + 1;
    return true;
}

/* ---- Keys ---- */

static struct {
    DWORD before;          /**< modes; written before the flag */
    _Atomic bool is_ours;  /**< relaxed: the thread of a Ctrl-C that reads it finds before as the system has kept it */
    unsigned char keys[8]; /**< of a character that was typed: what was not yet told */
    int at, end;
    wchar_t high; /**< the first half of a pair */
} terminal;

void platform_terminal_end(void)
{
    platform__screen_end();
    if (atomic_exchange_explicit(&terminal.is_ours, false, memory_order_acq_rel))
        SetConsoleMode(GetStdHandle(STD_INPUT_HANDLE), terminal.before);
}

/** However the program is left it gives the terminal back. */
static int look_after(void)
{
    static bool is_registered;
    if (!is_registered && atexit(platform_terminal_end) != 0)
        return platform__fail_text(MPROC_E_OS, "atexit has no room");
    is_registered = true;
    return 0;
}

int platform_terminal_show(const char *enter, const char *leave)
{
    (void)leave;
    int code = look_after();
    if (code == 0)
        code = platform__screen_begin();
    return code == 0 ? platform__screen_write(enter, strlen(enter)) : code;
}

int platform_terminal_write(const char *text, size_t size)
{
    return platform__screen_write(text, size);
}

/* Consoles have no background. */
bool platform_terminal_is_shown(void)
{
    return true;
}

int platform_terminal_begin(void)
{
    HANDLE input = GetStdHandle(STD_INPUT_HANDLE);
    if (atomic_load_explicit(&terminal.is_ours, memory_order_relaxed))
        return 0;
    if (!GetConsoleMode(input, &terminal.before))
        return platform__fail_text(MPROC_E_NOT_SUPPORTED, "standard input is no console");
    int code = look_after();
    if (code < 0)
        return code;
    DWORD mode = terminal.before & ~(DWORD)(ENABLE_LINE_INPUT | ENABLE_ECHO_INPUT | ENABLE_MOUSE_INPUT);
    if (!SetConsoleMode(input, mode | ENABLE_PROCESSED_INPUT | ENABLE_VIRTUAL_TERMINAL_INPUT) &&
        !SetConsoleMode(input, mode | ENABLE_PROCESSED_INPUT))
        return platform__fail(MPROC_E_OS, "SetConsoleMode");
    /* Release pairs with the exchange above. */
    atomic_store_explicit(&terminal.is_ours, true, memory_order_release);
    return 0;
}

/** Takes a character of the console's into the keys, as UTF-8. */
static void take_character(wchar_t character)
{
    wchar_t text[2] = { terminal.high, character };
    bool is_second = terminal.high != 0 && IS_LOW_SURROGATE(character);
    terminal.high = IS_HIGH_SURROGATE(character) ? character : 0;
    if (terminal.high != 0)
        return;
    terminal.at = 0;
    terminal.end = WideCharToMultiByte(CP_UTF8, 0, is_second ? text : text + 1, is_second ? 2 : 1,
                                       (char *)terminal.keys, sizeof terminal.keys, NULL, NULL);
}

/** Takes the next event of the console. Returns 1, 0 if there is none, -1 if the console is gone. */
static int take_event(HANDLE input)
{
    INPUT_RECORD record;
    DWORD count = 0;
    if (!GetNumberOfConsoleInputEvents(input, &count))
        return -1;
    if (count == 0)
        return 0;
    if (!ReadConsoleInputW(input, &record, 1, &count))
        return -1;
    if (count == 1 && record.EventType == KEY_EVENT && record.Event.KeyEvent.bKeyDown &&
        record.Event.KeyEvent.uChar.UnicodeChar != 0)
        take_character(record.Event.KeyEvent.uChar.UnicodeChar);
    return 1;
}

int platform_terminal_key(void)
{
    HANDLE input = GetStdHandle(STD_INPUT_HANDLE);
    while (terminal.at == terminal.end) {
        int taken = take_event(input);
        if (taken <= 0)
            return taken < 0 ? -2 : -1;
    }
    return terminal.keys[terminal.at++];
}

platform_handle platform_terminal_input(void)
{
    return (platform_handle)GetStdHandle(STD_INPUT_HANDLE);
}

/* ---- Requests to end ---- */

static struct {
    platform_handle event; /**< written before there is a handler */
    _Atomic int number;    /**< relaxed: the event tells of it */
} interrupt = { .event = PLATFORM_NO_HANDLE };

/** On a thread of the system's own. A console window that was closed takes the program along as soon as this returns,
 * so it does not, until the program has ended by itself; the system waits for some seconds. */
static BOOL WINAPI note_control(DWORD event)
{
    bool is_key = event == CTRL_C_EVENT || event == CTRL_BREAK_EVENT;
    int none = 0;
    bool is_first = atomic_compare_exchange_strong_explicit(&interrupt.number, &none, is_key ? 2 : 1,
                                                            memory_order_relaxed, memory_order_relaxed);
    if (is_key && !is_first) {
        platform_terminal_end();
        platform__application_give_back();
        return FALSE;
    }
    platform_event_set(interrupt.event);
    if (!is_key)
        Sleep(INFINITE);
    return TRUE;
}

int platform_interrupts_begin(platform_handle *ret_event)
{
    if (interrupt.event == PLATFORM_NO_HANDLE) {
        int code = platform_event_create(&interrupt.event);
        if (code < 0)
            return code;
        if (!SetConsoleCtrlHandler(note_control, TRUE))
            return platform__fail(MPROC_E_OS, "SetConsoleCtrlHandler");
    }
    *ret_event = interrupt.event;
    return 0;
}

int platform_interrupts_number(void)
{
    return atomic_load_explicit(&interrupt.number, memory_order_relaxed);
}
