/* A console of Windows for a program, whose other side a test has: console PROGRAM ARGUMENT...
 *
 * The program runs in a console of its own. What the test wants is a line of standard input each, and the answer goes
 * to standard output, lines and then one with a dot alone:
 *
 *     screen        what the console shows, a line for each row
 *     press TEXT    that is typed; \e, \t, \r, \s and \n stand for escape, tab, return, blank and line feed
 *     arrow         the key that goes up
 *     size C R      the window has so many columns and rows
 *     ctrl-c, ctrl-break    as the keys; "refused" where the system has no such
 *     end           waits for the end of the program: its exit code, and what is not as before in the console
 *
 * It ends with its standard input. "none" as the first line: there is no console to be had here; else "ready".
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <windows.h>

#define COLUMNS_MAX 300
#define LIMIT_MS    60000

struct modes {
    DWORD input, output;
    UINT code_page;
    CONSOLE_CURSOR_INFO cursor;
    WORD look;
};

static HANDLE input, output; /* the console's, as it was made */
static PROCESS_INFORMATION program;
static struct modes before;

/* ---- The console ---- */

static HANDLE open_console(const char *name)
{
    SECURITY_ATTRIBUTES inherited = { .nLength = sizeof inherited, .bInheritHandle = TRUE };
    return CreateFileA(name, GENERIC_READ | GENERIC_WRITE, FILE_SHARE_READ | FILE_SHARE_WRITE, &inherited,
                       OPEN_EXISTING, 0, NULL);
}

static struct modes modes_now(void)
{
    struct modes modes = { .code_page = GetConsoleOutputCP() };
    CONSOLE_SCREEN_BUFFER_INFO info = { .wAttributes = 0 };
    GetConsoleMode(input, &modes.input);
    GetConsoleMode(output, &modes.output);
    GetConsoleCursorInfo(output, &modes.cursor);
    GetConsoleScreenBufferInfo(output, &info);
    modes.look = info.wAttributes;
    return modes;
}

/* Ctrl-C is the program's. */
static BOOL WINAPI go_on(DWORD event)
{
    (void)event;
    return TRUE;
}

static void write_marked(const char *text)
{
    DWORD written;
    WriteConsoleA(output, text, (DWORD)strlen(text), &written, NULL);
}

static bool make_console(void)
{
    CONSOLE_SCREEN_BUFFER_INFO info;
    FreeConsole();
    if (!AllocConsole() || !SetConsoleCtrlHandler(go_on, TRUE))
        return false;
    input = open_console("CONIN$");
    output = open_console("CONOUT$");
    if (!GetConsoleScreenBufferInfo(output, &info))
        return false;
    SetConsoleOutputCP(850);
    write_marked("what was there before\r\n");
    before = modes_now();
    return true;
}

/* ---- The program ---- */

static void add_quoted(char *line, size_t capacity, const char *argument)
{
    size_t used = strlen(line);
    snprintf(line + used, capacity - used, "%s\"%s\"", used > 0 ? " " : "", argument);
}

static bool start(int argc, char **argv)
{
    char line[4096] = "";
    STARTUPINFOA options = { .cb = sizeof options,
                             .dwFlags = STARTF_USESTDHANDLES,
                             .hStdInput = input,
                             .hStdOutput = output,
                             .hStdError = output };
    for (int i = 1; i < argc; i++)
        add_quoted(line, sizeof line, argv[i]);
    return CreateProcessA(NULL, line, NULL, NULL, TRUE, 0, NULL, NULL, &options, &program);
}

/* ---- What the test wants ---- */

static void say_row(HANDLE screen, const CONSOLE_SCREEN_BUFFER_INFO *info, SHORT row)
{
    wchar_t wide[COLUMNS_MAX];
    char text[COLUMNS_MAX * 3 + 1];
    DWORD length = 0;
    COORD at = { info->srWindow.Left, row };
    int columns = info->srWindow.Right - info->srWindow.Left + 1;
    ReadConsoleOutputCharacterW(screen, wide, (DWORD)(columns < COLUMNS_MAX ? columns : COLUMNS_MAX), at, &length);
    while (length > 0 && wide[length - 1] == ' ')
        length--;
    int size = WideCharToMultiByte(CP_UTF8, 0, wide, (int)length, text, sizeof text - 1, NULL, NULL);
    printf("%.*s\n", size, text);
}

/* What is seen, whichever of its screens that is. */
static void say_screen(void)
{
    CONSOLE_SCREEN_BUFFER_INFO info;
    HANDLE screen = open_console("CONOUT$");
    if (GetConsoleScreenBufferInfo(screen, &info))
        for (SHORT row = info.srWindow.Top; row <= info.srWindow.Bottom; row++)
            say_row(screen, &info, row);
    CloseHandle(screen);
}

static void press_key(WORD key, wchar_t character)
{
    INPUT_RECORD record = { .EventType = KEY_EVENT };
    DWORD written;
    record.Event.KeyEvent =
        (KEY_EVENT_RECORD){ .bKeyDown = TRUE, .wRepeatCount = 1, .wVirtualKeyCode = key, .uChar = { character } };
    WriteConsoleInputW(input, &record, 1, &written);
    record.Event.KeyEvent.bKeyDown = FALSE;
    WriteConsoleInputW(input, &record, 1, &written);
}

static char unescaped(char letter)
{
    static const char letters[] = "etrsn", characters[] = "\x1b\t\r \n";
    const char *found = strchr(letters, letter);
    return found != NULL && letter != '\0' ? characters[found - letters] : letter;
}

static void press(const char *text)
{
    for (; *text != '\0'; text++) {
        bool is_escaped = text[0] == '\\' && text[1] != '\0';
        text += is_escaped;
        press_key(0, (wchar_t)(is_escaped ? unescaped(*text) : *text));
    }
}

/* A window is never larger than what it shows, so that is grown first and shrunk last. */
static void set_size(int columns, int rows)
{
    HANDLE screen = open_console("CONOUT$");
    CONSOLE_SCREEN_BUFFER_INFO info;
    SMALL_RECT window = { 0, 0, (SHORT)(columns - 1), (SHORT)(rows - 1) };
    GetConsoleScreenBufferInfo(screen, &info);
    COORD room = { info.dwSize.X > columns ? info.dwSize.X : (SHORT)columns,
                   info.dwSize.Y > rows ? info.dwSize.Y : (SHORT)rows };
    SetConsoleScreenBufferSize(screen, room);
    if (!SetConsoleWindowInfo(screen, TRUE, &window))
        printf("refused\n");
    CloseHandle(screen);
}

/* Wine knows Ctrl-C alone. */
static void interrupt(DWORD event)
{
    if (!GenerateConsoleCtrlEvent(event, 0))
        printf("refused\n");
}

static void say_changes(void)
{
    struct modes now = modes_now();
    if (now.input != before.input)
        printf("input mode %lx, not %lx\n", now.input, before.input);
    if (now.output != before.output)
        printf("output mode %lx, not %lx\n", now.output, before.output);
    if (now.code_page != before.code_page)
        printf("code page %u, not %u\n", now.code_page, before.code_page);
    if (now.look != before.look || now.cursor.bVisible != before.cursor.bVisible)
        printf("look %x, cursor %d\n", now.look, now.cursor.bVisible);
}

static void say_end(void)
{
    DWORD code = 0;
    if (WaitForSingleObject(program.hProcess, LIMIT_MS) != WAIT_OBJECT_0) {
        printf("it does not end\n");
        return;
    }
    GetExitCodeProcess(program.hProcess, &code);
    printf("%ld\n", (long)code);
    say_changes();
}

static void obey(const char *line)
{
    int columns, rows;
    if (strcmp(line, "screen") == 0)
        say_screen();
    else if (strncmp(line, "press ", 6) == 0)
        press(line + 6);
    else if (strcmp(line, "arrow") == 0)
        press_key(VK_UP, 0);
    else if (sscanf(line, "size %d %d", &columns, &rows) == 2)
        set_size(columns, rows);
    else if (strncmp(line, "ctrl-", 5) == 0)
        interrupt(strcmp(line + 5, "c") == 0 ? CTRL_C_EVENT : CTRL_BREAK_EVENT);
    else if (strcmp(line, "end") == 0)
        say_end();
}

static void serve(FILE *wishes)
{
    char line[1024];
    while (fgets(line, sizeof line, wishes) != NULL) {
        line[strcspn(line, "\r\n")] = '\0';
        obey(line);
        printf(".\n");
        fflush(stdout);
    }
    TerminateProcess(program.hProcess, 78);
}

int main(int argc, char **argv)
{
    bool is_ready = argc > 1 && make_console();
    printf(is_ready ? "ready\n" : "none\n");
    fflush(stdout);
    if (!is_ready)
        return 2;
    if (!start(argc, argv)) {
        printf("%s does not start: %lu\n", argv[1], GetLastError());
        return 1;
    }
    serve(stdin);
    return 0;
}
