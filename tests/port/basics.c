/* Time, chance, CPUs, errors, stderr. */
#include "port_test.h"

static void clock_goes_on(void)
{
    int64_t before_ns = platform_now_ns(), before_ms = os_now_ms();
    for (int i = 0; i < 100000; i++) {
        int64_t now_ns = platform_now_ns();
        CHECK(now_ns >= before_ns);
        before_ns = now_ns;
    }
    WAIT_UNTIL(os_now_ms() > before_ms + 20);
    CHECK(platform_now_ns() > before_ns);
}

static int child_tell_time(const struct port_child_context *context)
{
    struct port_board board = port_board_open(context->handles[0]);
    atomic_store(&board.values[0], platform_now_ns());
    return 0;
}

static void clock_is_the_machines(void)
{
    struct port_board board = port_board_create();
    int64_t before_ns = platform_now_ns();
    port_finish_code(port_spawn("tell_time", "", &board.segment, 1), 0);
    CHECK(atomic_load(&board.values[0]) > before_ns);
    CHECK(atomic_load(&board.values[0]) < platform_now_ns());
    port_board_free(&board);
}

/* What was counted lies between two readings of the clock, and those lie between two counts: so the ticks of a time can
 * be judged however long this process is kept from running. */
static void judge_ticks(int64_t span_ns)
{
    int64_t outer_ns = platform_now_ns(), outer_ticks = platform_ticks();
    int64_t inner_ns = platform_now_ns(), inner_ticks = platform_ticks();
    WAIT_UNTIL(platform_now_ns() > inner_ns + span_ns);
    int64_t ticks = platform_ticks(), now_ns = platform_now_ns(), later_ticks = platform_ticks();
    CHECK(platform_ticks_ns(ticks - inner_ticks) <= (now_ns - outer_ns) / 1000 * 1001 + 1000);
    CHECK(platform_ticks_ns(later_ticks - outer_ticks) >= (now_ns - inner_ns) / 1001 * 1000 - 1000);
}

static void ticks_are_of_known_length(void)
{
    for (uint32_t source = 0; source <= platform_ticks_choose(); source++) {
        platform_ticks_use(source);
        judge_ticks(100000);
        judge_ticks(60000000);
        judge_ticks(1000000);
        int64_t before = platform_ticks();
        for (int i = 0; i < 100000; i++) {
            int64_t now = platform_ticks();
            CHECK(now >= before);
            before = now;
        }
    }
}

static int child_tell_ticks(const struct port_child_context *context)
{
    struct port_board board = port_board_open(context->handles[0]);
    platform_ticks_use((uint32_t)strtoul(context->argument, NULL, 10));
    atomic_store(&board.values[0], platform_ticks());
    return 0;
}

static void ticks_are_the_machines(void)
{
    struct port_board board = port_board_create();
    char source[16];
    snprintf(source, sizeof source, "%" PRIu32, platform_ticks_choose());
    platform_ticks_use(platform_ticks_choose());
    int64_t before = platform_ticks();
    port_finish_code(port_spawn("tell_ticks", source, &board.segment, 1), 0);
    CHECK(atomic_load(&board.values[0]) > before);
    CHECK(atomic_load(&board.values[0]) < platform_ticks());
    port_board_free(&board);
}

static void chance_differs(void)
{
    static unsigned char one[70000], other[70000];
    CHECK_OK(platform_random(one, sizeof one));
    CHECK_OK(platform_random(other, sizeof other));
    CHECK(memcmp(one, other, sizeof one) != 0);
    CHECK(memcmp(one, one + 35000, 35000) != 0);
    CHECK_OK(platform_random(one, 0));
}

static void has_a_cpu(void)
{
    CHECK(platform_cpu_count() >= 1);
    platform_yield();
    platform_pause();
    platform_prefetch_write(NULL);
}

static void errors_have_a_text(void)
{
    const platform_handle none = PLATFORM_NO_HANDLE;
    unsigned char ready;
    CHECK(platform_error_text());
    CHECK_EQ(platform_wait_handles(&none, 1, 0, &ready), MPROC_E_INVALID);
    CHECK(platform_error_text()[0]);
}

static void clock_on_the_wall_goes_with_the_other(void)
{
    int64_t wall = platform_wall_ns(), now = platform_now_ns();
    CHECK(wall / 1000000000 > INT64_C(1700000000));
    WAIT_UNTIL(platform_wall_ns() > wall + 1000000 && platform_now_ns() > now + 1000000);
}

static void program_and_system_have_names(void)
{
    char path[4096], own[OS_PATH_MAX], end[6], system[64];
    os_program_path(own);
    platform_self_program(path, sizeof path);
    CHECK(strcmp(path, own) == 0);
    platform_self_program(end, sizeof end);
    CHECK(strcmp(end, own + strlen(own) - 5) == 0);
    platform_system_name(system, sizeof system);
    CHECK(system[0] != '\0');
}

static void set_up_twice(void)
{
    platform_setup();
    platform_setup();
}

static const struct port_test tests[] = { TEST(clock_goes_on),
                                          TEST(clock_is_the_machines),
                                          TEST(ticks_are_of_known_length),
                                          TEST(ticks_are_the_machines),
                                          TEST(chance_differs),
                                          TEST(has_a_cpu),
                                          TEST(errors_have_a_text),
                                          TEST(clock_on_the_wall_goes_with_the_other),
                                          TEST(program_and_system_have_names),
                                          TEST(set_up_twice) };
static const struct port_child children[] = { CHILD(child_tell_time), CHILD(child_tell_ticks), { NULL, NULL } };
PORT_MAIN(tests, children)
