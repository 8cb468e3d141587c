/* Other programs: arguments, environment, input and output, ends. This program is the other one as well, if it is given
 * arguments.
 */
#include "port_test.h"
#ifdef _WIN32
#include <windows.h>
#endif

/* ---- The other program ---- */

static const char *const arguments[] = {
    "plain",     "",      " ",         "two words", "\"",          "\\",        "\\\\",         "a\\b",
    "a\\\"b",    "a b\\", "a b\\\\",   "\"a b\"",   "a\"b\\\\\"c", "tab\there", "%PATH% $PATH", "* ? ~ `ls`",
    "a&b|c<d>e", "^'!;",  "c:\\dir\\", "",
#ifndef _WIN32 /* where main is not told what there is in no 8-bit code page */
    "\xc3\xa9",
#endif
};
enum { ARGUMENTS = sizeof arguments / sizeof *arguments };

static bool is_value(const char *name, const char *value)
{
    const char *found = getenv(name);
    return found && strcmp(found, value) == 0;
}

/* Its first argument says what it does; its exit code, how it went. */
static int be_the_other(int count, char **given)
{
    if (strcmp(given[1], "exit") == 0)
        return atoi(given[2]);
    if (strcmp(given[1], "environment") == 0)
        return is_value("PORT_NEW", "new value") && is_value("PORT_CHANGED", "after") && is_value("PORT_KEPT", "as is")
                   ? 0
                   : 1;
#ifdef _WIN32
    if (strcmp(given[1], "console") == 0)
        return GetConsoleWindow() == NULL ? 0 : 1;
#endif
    if (strcmp(given[1], "stay") == 0)
        for (;;)
            os_sleep_ms(1000);
    if (count != 2 + ARGUMENTS)
        return 100 + count;
    for (int i = 0; i < ARGUMENTS; i++)
        if (strcmp(given[2 + i], arguments[i]) != 0)
            return 1 + i;
    return 0;
}

/* ---- Starting it ---- */

struct ending {
    platform_handle event;
    platform_exit how; /* written before it */
};

static void note_end(platform_process *process, platform_exit how, void *user)
{
    struct ending *ending = user;
    (void)process;
    ending->how = how;
    platform_event_set(ending->event);
}

static platform_process *start(const char *const *given, const char *const *environment, struct ending *ending)
{
    platform_process *process;
    CHECK_OK(platform_event_create(&ending->event));
    platform_program_options options = {
        .arguments = given, .environment = environment, .on_exit = note_end, .user = ending
    };
    CHECK_OK(platform_program_start(&options, &process));
    CHECK(platform_process_pid(process) > 0);
    return process;
}

static platform_exit finish(platform_process *process, struct ending *ending)
{
    unsigned char ready;
    CHECK_EQ(platform_wait_handles(&ending->event, 1, port_deadline_ns(30000), &ready), 1);
    platform_process_free(process);
    platform_handle_close(ending->event);
    return ending->how;
}

static void run(const char *const *given, const char *const *environment, int64_t code)
{
    struct ending ending;
    platform_exit how = finish(start(given, environment, &ending), &ending);
    CHECK_EQ(how.kind, PLATFORM_EXIT_CODE);
    CHECK_EQ(how.code, code);
}

static void exit_codes_are_told(void)
{
    char path[OS_PATH_MAX];
    os_program_path(path);
    const char *const well[] = { path, "exit", "0", NULL }, *const badly[] = { path, "exit", "77", NULL };
    run(well, NULL, 0);
    run(badly, NULL, 77);
}

static void arguments_arrive_as_they_are(void)
{
    char path[OS_PATH_MAX];
    const char *given[2 + ARGUMENTS + 1] = { path, "arguments" };
    os_program_path(path);
    for (int i = 0; i < ARGUMENTS; i++)
        given[2 + i] = arguments[i];
    run(given, NULL, 0);
}

static void variables_are_added(void)
{
    char path[OS_PATH_MAX];
    os_program_path(path);
    const char *const given[] = { path, "environment", NULL };
    const char *const environment[] = { "PORT_NEW=new value", "PORT_CHANGED=after", NULL };
    os_set_environment("PORT_CHANGED", "before");
    os_set_environment("PORT_KEPT", "as is");
    run(given, environment, 0);
    CHECK(getenv("PORT_NEW") == NULL);
    CHECK(is_value("PORT_CHANGED", "before"));
}

static void it_can_be_killed(void)
{
    char path[OS_PATH_MAX];
    struct ending ending;
    os_program_path(path);
    const char *const given[] = { path, "stay", NULL };
    platform_process *process = start(given, NULL, &ending);
    CHECK_OK(platform_process_kill(process));
    platform_exit how = finish(process, &ending);
    CHECK_EQ(how.code, PORT_IS_WINDOWS ? -15 : 9);
}

static void no_such_program(void)
{
    platform_process *process;
    const char *const given[] = { "no-such-program-anywhere", NULL }, *const none[] = { NULL },
                      *const empty[] = { "", NULL };
    platform_program_options options = { .arguments = given };
    CHECK_EQ(platform_program_start(&options, &process), MPROC_E_START_FAILED);
    CHECK(platform_error_text()[0] != '\0');
    options.arguments = none;
    CHECK_EQ(platform_program_start(&options, &process), MPROC_E_INVALID);
    options.arguments = empty;
    CHECK_EQ(platform_program_start(&options, &process), MPROC_E_INVALID);
    options.arguments = NULL;
    CHECK_EQ(platform_program_start(&options, &process), MPROC_E_INVALID);
}

#ifndef _WIN32
#include <signal.h>

/* By its name alone, found in PATH. */
static void it_is_looked_for(void)
{
    const char *const given[] = { "sh", "-c", "exit 5", NULL }, *const killed[] = { "sh", "-c", "kill -TERM $$", NULL };
    struct ending ending;
    run(given, NULL, 5);
    platform_exit how = finish(start(killed, NULL, &ending), &ending);
    CHECK_EQ(how.kind, PLATFORM_EXIT_SIGNAL);
    CHECK_EQ(how.code, SIGTERM);
}
#else

static void it_is_looked_for(void)
{
    const char *const given[] = { "cmd", "/c", "exit 5", NULL };
    run(given, NULL, 5);
}

static void a_program_of_one_without_console_opens_none(void)
{
    char path[OS_PATH_MAX];
    os_program_path(path);
    const char *const given[] = { path, "console", NULL };
    FreeConsole();
    run(given, NULL, 0);
}
#endif

static const struct port_test tests[] = {
    TEST(exit_codes_are_told),
    TEST(arguments_arrive_as_they_are),
    TEST(variables_are_added),
    TEST(it_can_be_killed),
    TEST(no_such_program),
    TEST(it_is_looked_for),
#ifdef _WIN32
    TEST(a_program_of_one_without_console_opens_none),
#endif
};
static const struct port_child children[] = { { NULL, NULL } };

int main(int count, char **given)
{
    /* All programs of the tests may be given a method. */
    if (count > 1 && strcmp(given[1], "--method") != 0)
        return be_the_other(count, given);
    return port_main(tests, sizeof tests / sizeof *tests, children);
}
