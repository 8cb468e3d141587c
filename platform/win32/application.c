/* application.c: what a program that is the library's own asks of the system.
 */
#include "internal.h"

#include <fcntl.h>
#include <io.h>
#include <stdio.h>

/** Written before there is a handler of Ctrl-C that may read it; 0: nothing was changed. */
static UINT code_page;

void platform__application_give_back(void)
{
    if (code_page != 0)
        SetConsoleOutputCP(code_page);
}

/** What goes to a console is UTF-8. The C library would write it byte by byte, and a character is several; and as text
 * it may take it for something else than the console does. */
static void begin_console(void)
{
    UINT before = GetConsoleOutputCP();
    DWORD mode;
    if (before == 0 || (before != CP_UTF8 && !SetConsoleOutputCP(CP_UTF8)))
        return;
    if (before != CP_UTF8 && atexit(platform__application_give_back) == 0)
        code_page = before;
    if (GetConsoleMode(GetStdHandle(STD_OUTPUT_HANDLE), &mode))
        setvbuf(stdout, NULL, _IOFBF, (size_t)1 << 16);
}

/** Lines end as they do everywhere: others' programs read them, and of metrics that is the rule. A standard output that
 * is closed has no number. */
static void begin_output(void)
{
    int descriptor = _fileno(stdout);
    if (descriptor >= 0)
        _setmode(descriptor, _O_BINARY);
}

void platform_application_begin(void)
{
    SetDefaultDllDirectories(LOAD_LIBRARY_SEARCH_DEFAULT_DIRS);
    /* One with a window starts without a console: what it complains of, and what the programs print that it starts, is
     * seen where it was called. Fails where it has one, or nobody had. */
    AttachConsole(ATTACH_PARENT_PROCESS);
    begin_output();
    begin_console();
}

/* Session 0 is that of services, of whom comes in by ssh too: no window of its is seen. */
bool platform_application_has_display(void)
{
    DWORD session;
    return !ProcessIdToSessionId(GetCurrentProcessId(), &session) || session != 0;
}
