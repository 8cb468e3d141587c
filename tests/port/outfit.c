/* What a child changes about itself: how nice it is, its CPU, its environment, where its output goes. */
#include "port_test.h"

static int child_be_nice(const struct port_child_context *context)
{
    struct port_board board = port_board_open(context->handles[0]);
    int before = os_niceness();
    int code = platform_self_nice(atoi(context->argument));
    if (code == MPROC_E_NOT_SUPPORTED)
        return 1;
    CHECK_OK(code);
    CHECK_OK(platform_self_nice(0));
    atomic_store(&board.values[0], os_niceness() - before);
    return 0;
}

static void niceness(void)
{
    int before = os_niceness();
    struct port_board board = port_board_create();
    platform_exit how = port_finish(port_spawn("be_nice", "1", &board.segment, 1));
    CHECK_EQ(how.kind, PLATFORM_EXIT_CODE);
    if (how.code == 0)
        CHECK_EQ(atomic_load(&board.values[0]), before < 19 ? 1 : 0);
    CHECK_EQ(os_niceness(), before);
    port_board_free(&board);
}

/* The lowest number, or -1. */
static int some_cpu(void)
{
    for (int cpu = 0; cpu < 4096; cpu++)
        if (platform_cpu_check(cpu) == 0)
            return cpu;
    return -1;
}

static int child_run_on_one_cpu(const struct port_child_context *context)
{
    CHECK_OK(platform_self_pin(atoi(context->argument)));
    CHECK_EQ(platform_cpu_count(), 1);
    CHECK_OK(platform_cpu_check(atoi(context->argument)));
    return 0;
}

static void one_cpu(void)
{
    char text[16];
    int cpu = some_cpu(), before = platform_cpu_count();
    if (cpu < 0)
        SKIP("this system does not pin processes");
    snprintf(text, sizeof text, "%d", cpu);
    port_finish_code(port_spawn("run_on_one_cpu", text, NULL, 0), 0);
    CHECK_EQ(platform_cpu_count(), before);
    CHECK_EQ(platform_cpu_check(-1), MPROC_E_INVALID);
    CHECK_EQ(platform_cpu_check(60000), MPROC_E_INVALID);
    CHECK_EQ(platform_cpu_check(INT32_MAX), MPROC_E_INVALID);
    CHECK_EQ(platform_self_pin(INT32_MAX), MPROC_E_INVALID);
    CHECK(platform_error_text()[0] != '\0');
    CHECK_EQ(platform_cpu_count(), before);
}

static int child_set_variables(const struct port_child_context *context)
{
    (void)context;
    CHECK_OK(platform_self_setenv("PORT_TEST", "one"));
    CHECK(strcmp(getenv("PORT_TEST"), "one") == 0);
    CHECK_OK(platform_self_setenv("PORT_TEST", "two=2"));
    CHECK(strcmp(getenv("PORT_TEST"), "two=2") == 0);
    CHECK_OK(platform_self_setenv("PORT_TEST", ""));
    CHECK_OK(platform_self_setenv("PORT_TEST", NULL));
    CHECK(getenv("PORT_TEST") == NULL);
    CHECK_OK(platform_self_setenv("PORT_TEST", NULL));
    CHECK_EQ(platform_self_setenv("", "x"), MPROC_E_INVALID);
    CHECK_EQ(platform_self_setenv("A=B", "x"), MPROC_E_INVALID);
    return 0;
}

static void variables(void)
{
    port_finish_code(port_spawn("set_variables", "", NULL, 0), 0);
    CHECK(getenv("PORT_TEST") == NULL);
}

static int child_write(const struct port_child_context *context)
{
    CHECK_OK(platform_self_redirect(PLATFORM_STDOUT, context->argument));
    CHECK_OK(platform_self_redirect(PLATFORM_STDERR, context->argument));
    printf("out\n");
    fflush(stdout);
    fprintf(stderr, "error\n");
    fflush(stderr);
    platform_write_stderr("direct\n", 7);
    CHECK_EQ(platform_self_redirect(PLATFORM_STDOUT, "no-such-directory/file"), MPROC_E_OS);
    printf("still\n");
    fflush(stdout);
    CHECK_OK(platform_self_redirect(PLATFORM_STDERR, ""));
    platform_write_stderr("nowhere\n", 8);
    return 0;
}

static void output(void)
{
    char text[200];
    char directory[OS_PATH_MAX], path[OS_PATH_MAX + 16];
    os_directory_make(directory);
    snprintf(path, sizeof path, "%s/output", directory);
    for (int round = 0; round < 2; round++)
        port_finish_code(port_spawn("write", path, NULL, 0), 0);
    FILE *file = fopen(path, "rb");
    CHECK(file != NULL);
    size_t size = 0;
    /* Whatever the system ends lines with. */
    for (int c; (c = fgetc(file)) != EOF && size < sizeof text - 1;)
        if (c != '\r')
            text[size++] = (char)c;
    text[size] = '\0';
    fclose(file);
    CHECK(strcmp(text, "out\nerror\ndirect\nstill\nout\nerror\ndirect\nstill\n") == 0);
    os_directory_remove(directory);
}

static const struct port_test tests[] = { TEST(niceness), TEST(one_cpu), TEST(variables), TEST(output) };
static const struct port_child children[] = {
    CHILD(child_be_nice), CHILD(child_run_on_one_cpu), CHILD(child_set_variables), CHILD(child_write), { NULL, NULL }
};
PORT_MAIN(tests, children)
