/* screen.c: a screen of the program's own in its console.
 *
 * Not every console obeys control sequences, wine's does not, and the mode in which others do would be the shell's as
 * well. So they are obeyed here, by calls that all consoles know, on a second screen buffer of the console: the first
 * one stays as it was, and is shown again in the end.
 */
#include "internal.h"

#include <stdlib.h>

#define RED     FOREGROUND_RED
#define GREEN   FOREGROUND_GREEN
#define BLUE    FOREGROUND_BLUE
#define BRIGHT  FOREGROUND_INTENSITY
#define GROUND  0xf0 /* the bits of the background */
#define RUN_MAX 512  /* bytes that are written at a time */

static struct {
    HANDLE buffer;         /* NULL until it is made; not closed, since another thread may be about to write */
    WORD plain;            /* how text without a style looks */
    _Atomic bool is_shown; /* relaxed: whoever ends it needs to see nothing else */
} screen;

/* ---- Coming and going ---- */

static int make(void)
{
    HANDLE buffer = CreateConsoleScreenBuffer(GENERIC_READ | GENERIC_WRITE, FILE_SHARE_READ | FILE_SHARE_WRITE, NULL,
                                              CONSOLE_TEXTMODE_BUFFER, NULL);
    if (buffer == INVALID_HANDLE_VALUE)
        return platform__fail(MPROC_E_OS, "CreateConsoleScreenBuffer");
    /* A line that is full is not followed by another one. */
    SetConsoleMode(buffer, ENABLE_PROCESSED_OUTPUT);
    screen.buffer = buffer;
    return 0;
}

int platform__screen_begin(void)
{
    CONSOLE_SCREEN_BUFFER_INFO before;
    if (!GetConsoleScreenBufferInfo(GetStdHandle(STD_OUTPUT_HANDLE), &before))
        return platform__fail_text(MPROC_E_NOT_SUPPORTED, "standard output is no console");
    int code = screen.buffer == NULL ? make() : 0;
    if (code < 0)
        return code;
    screen.plain = before.wAttributes;
    if (!SetConsoleActiveScreenBuffer(screen.buffer))
        return platform__fail(MPROC_E_OS, "SetConsoleActiveScreenBuffer");
    atomic_store_explicit(&screen.is_shown, true, memory_order_relaxed);
    return 0;
}

void platform__screen_end(void)
{
    if (atomic_exchange_explicit(&screen.is_shown, false, memory_order_relaxed))
        SetConsoleActiveScreenBuffer(GetStdHandle(STD_OUTPUT_HANDLE));
}

bool platform__screen_info(CONSOLE_SCREEN_BUFFER_INFO *ret_info)
{
    return atomic_load_explicit(&screen.is_shown, memory_order_relaxed) &&
           GetConsoleScreenBufferInfo(screen.buffer, ret_info);
}

/* ---- Control sequences ---- */

/** As large as the window, which the user may have changed: so there is nothing to scroll to. */
static void fit(void)
{
    CONSOLE_SCREEN_BUFFER_INFO info;
    if (!GetConsoleScreenBufferInfo(screen.buffer, &info))
        return;
    COORD size = { (SHORT)(info.srWindow.Right - info.srWindow.Left + 1),
                   (SHORT)(info.srWindow.Bottom - info.srWindow.Top + 1) };
    if (size.X != info.dwSize.X || size.Y != info.dwSize.Y)
        SetConsoleScreenBufferSize(screen.buffer, size);
}

static void go_to(long row, long column)
{
    COORD place = { (SHORT)(column > 0 ? column - 1 : 0), (SHORT)(row > 0 ? row - 1 : 0) };
    SetConsoleCursorPosition(screen.buffer, place);
}

/** From the cursor on: to the end of its line, or of all. */
static void erase(bool all)
{
    CONSOLE_SCREEN_BUFFER_INFO info;
    DWORD done;
    if (!GetConsoleScreenBufferInfo(screen.buffer, &info))
        return;
    COORD at = info.dwCursorPosition;
    DWORD rows = all ? (DWORD)(info.dwSize.Y - at.Y) : 1;
    DWORD cells = rows * (DWORD)info.dwSize.X - (DWORD)at.X;
    FillConsoleOutputCharacterW(screen.buffer, L' ', cells, at, &done);
    FillConsoleOutputAttribute(screen.buffer, screen.plain, cells, at, &done);
}

static void set_style(long style)
{
    WORD ground = screen.plain & GROUND;
    const struct {
        long style;
        WORD look;
    } looks[] = { { 1, (WORD)(screen.plain | BRIGHT) },
                  { 2, (WORD)(ground | BRIGHT) },
                  { 7, (WORD)((screen.plain & ~GROUND) << 4 | ground >> 4) },
                  { 31, (WORD)(ground | RED | BRIGHT) },
                  { 32, (WORD)(ground | GREEN | BRIGHT) },
                  { 33, (WORD)(ground | RED | GREEN | BRIGHT) },
                  { 34, (WORD)(ground | BLUE | BRIGHT) } };
    WORD look = screen.plain;
    for (size_t i = 0; i < sizeof looks / sizeof *looks; i++)
        look = looks[i].style == style ? looks[i].look : look;
    SetConsoleTextAttribute(screen.buffer, look);
}

/** What else a terminal is told of itself, a screen of its own has already. */
static void set_mode(long mode, bool on)
{
    const CONSOLE_CURSOR_INFO cursor = { .dwSize = 25, .bVisible = on };
    if (mode == 25)
        SetConsoleCursorInfo(screen.buffer, &cursor);
}

/** parameters: what stands before the letter. */
static void obey(const char *parameters, char letter)
{
    bool is_private = *parameters == '?';
    char *end;
    long first = strtol(parameters + is_private, &end, 10);
    if (is_private)
        set_mode(first, letter == 'h');
    else if (letter == 'm')
        set_style(first);
    else if (letter == 'K' || letter == 'J')
        erase(letter == 'J');
    else if (letter == 'H') {
        fit();
        go_to(first, *end == ';' ? strtol(end + 1, NULL, 10) : 1);
    }
}

/** Returns what stands behind the sequence that begins here. */
static const char *take_sequence(const char *text, const char *end)
{
    const char *letter = text + 1;
    if (letter == end || *letter != '[')
        return letter;
    do
        letter++;
    while (letter < end && (*letter < '@' || *letter > '~'));
    if (letter == end)
        return end;
    obey(text + 2, *letter);
    return letter + 1;
}

/* ---- Text ---- */

/** How many of these bytes are text, and are written at a time: whole characters. */
static size_t run_size(const char *text, const char *end)
{
    size_t left = (size_t)(end - text), size = 0;
    while (size < left && size < RUN_MAX && text[size] != '\x1b')
        size++;
    size_t whole = size;
    while (size == RUN_MAX && size < left && whole > 0 && (text[whole] & 0xc0) == 0x80)
        whole--;
    return whole > 0 ? whole : size;
}

static bool write_run(const char *text, size_t size)
{
    wchar_t wide[RUN_MAX];
    DWORD written;
    int length = MultiByteToWideChar(CP_UTF8, 0, text, (int)size, wide, RUN_MAX);
    return WriteConsoleW(screen.buffer, wide, (DWORD)length, &written, NULL);
}

int platform__screen_write(const char *text, size_t size)
{
    const char *end = text + size;
    while (text < end && atomic_load_explicit(&screen.is_shown, memory_order_relaxed)) {
        size_t run = run_size(text, end);
        if (run > 0 && !write_run(text, run))
            return platform__fail(MPROC_E_OS, "WriteConsole");
        text = run > 0 ? text + run : take_sequence(text, end);
    }
    return 0;
}
