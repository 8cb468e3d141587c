/* The frame of the programs in this folder; see port_test.h. */
#include "port_test.h"
#include <stdarg.h>

/* ---- Checks ---- */

static const char *skipped;             /* why, while a test runs */
static const struct port_test *running; /* NULL in children */
static int running_number;

_Noreturn void port_fail(const char *file, int line, const char *format, ...)
{
    va_list arguments;
    char text[512];
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    if (running)
        printf("not ok %d - %s\n", running_number, running->name);
    printf("# %s:%d: %s\n# last error of the port: %s\n", file, line, text, platform_error_text());
    fflush(stdout);
    platform_exit_now(99);
}

void port_check_eq(const char *file, int line, const char *what, int64_t actual, int64_t expected)
{
    if (actual != expected)
        port_fail(file, line, "%s is %" PRId64 ", not %" PRId64, what, actual, expected);
}

void port_skip(const char *reason)
{
    skipped = reason;
}

int64_t port_deadline_ns(int64_t ms)
{
    const char *factor = getenv("MPROC_TEST_TIMEOUT_FACTOR");
    double times = factor ? atof(factor) : 1;
    return platform_now_ns() + (int64_t)((double)ms * (times > 1 ? times : 1)) * 1000000;
}

/* ---- Children ---- */

static platform_handle scope = PLATFORM_NO_HANDLE;

static bool has_scope;

platform_handle port_scope(void)
{
    if (!has_scope)
        CHECK_OK(platform_scope_create(&scope));
    has_scope = true;
    return scope;
}

static void note_end(platform_process *process, platform_exit how, void *user)
{
    struct port_process *object = user;
    (void)process;
    object->how = how;
    platform_event_set(object->ended);
}

struct port_process *port_process_new(platform_process_options *ret_options)
{
    struct port_process *object = calloc(1, sizeof *object);
    CHECK(object);
    CHECK_OK(platform_event_create(&object->ended));
    *ret_options = (platform_process_options){ .on_exit = note_end, .user = object };
    return object;
}

/* The boot text is "CHILD|ARGUMENT|SCOPE|HANDLE|HANDLE...". */
void port_start_fill(struct port_start *start, const char *child, const char *argument, const platform_handle *handles,
                     int count)
{
    platform_handle *all = start->handles;
    bool gives_scope = port_scope() != PLATFORM_NO_HANDLE;
    for (int i = 0; i < count; i++)
        all[i] = handles[i];
    if (gives_scope)
        all[count] = scope;
    int used = snprintf(start->boot, sizeof start->boot, "%s|%s|%" PRIdPTR, child, argument,
                        gives_scope ? platform_inherited_value(all, count) : PLATFORM_NO_HANDLE);
    for (int i = 0; i < count; i++)
        used += snprintf(start->boot + used, sizeof start->boot - (size_t)used, "|%" PRIdPTR,
                         platform_inherited_value(all, i));
    start->options =
        (platform_process_options){ .boot = start->boot, .handles = all, .handle_count = count + gives_scope };
}

static struct port_process *spawn(const char *child, const char *argument, const platform_handle *handles, int count,
                                  bool group)
{
    platform_process_options ended;
    struct port_start start;
    struct port_process *object = port_process_new(&ended);
    port_start_fill(&start, child, argument, handles, count);
    start.options.on_exit = ended.on_exit;
    start.options.user = ended.user;
    start.options.group = group;
    CHECK_OK(platform_process_spawn(&start.options, &object->process));
    return object;
}

struct port_process *port_spawn(const char *child, const char *argument, const platform_handle *handles, int count)
{
    return spawn(child, argument, handles, count, false);
}

struct port_process *port_spawn_group(const char *child, const char *argument, const platform_handle *handles,
                                      int count)
{
    return spawn(child, argument, handles, count, true);
}

platform_exit port_finish(struct port_process *object)
{
    unsigned char ready;
    CHECK_EQ(platform_wait_handles(&object->ended, 1, port_deadline_ns(30000), &ready), 1);
    platform_exit how = object->how;
    platform_process_free(object->process);
    platform_handle_close(object->ended);
    free(object);
    return how;
}

void port_finish_code(struct port_process *object, int64_t code)
{
    platform_exit how = port_finish(object);
    CHECK_EQ(how.kind, PLATFORM_EXIT_CODE);
    CHECK_EQ(how.code, code);
}

void port_kill(struct port_process *object)
{
    CHECK_OK(platform_process_kill(object->process));
    port_finish(object);
}

static char *next_field(char **rest)
{
    char *field = *rest, *end = field ? strchr(field, '|') : NULL;
    *rest = end ? end + 1 : NULL;
    if (end)
        *end = '\0';
    return field;
}

static _Noreturn void run_child(char *boot, const struct port_child *children)
{
    running = NULL;
    struct port_child_context context = { .handle_count = 0 };
    char *rest = boot;
    const char *name = next_field(&rest);
    context.argument = next_field(&rest);
    char *field = next_field(&rest);
    CHECK(field);
    scope = (platform_handle)strtoll(field, NULL, 10);
    has_scope = true;
    while ((field = next_field(&rest)) != NULL && context.handle_count < PLATFORM_MAX_HANDLES)
        context.handles[context.handle_count++] = (platform_handle)strtoll(field, NULL, 10);
    platform_child_prepare();
    if (scope != PLATFORM_NO_HANDLE)
        CHECK_OK(platform_scope_join(scope));
    while (children->name && strcmp(children->name, name) != 0)
        children++;
    CHECK(children->name);
    platform_exit_now(children->function(&context));
}

/* ---- Shared memory ---- */

#define BOARD_VALUES 64
#define BOARD_WORDS  8

struct port_board port_board_open(platform_handle segment)
{
    void *address;
    CHECK_OK(platform_segment_map(segment, 0, PLATFORM_SEGMENT_ALIGN, &address));
    struct port_board board = { segment, address, (platform_word *)((char *)address + BOARD_VALUES * sizeof(int64_t)) };
    return board;
}

struct port_board port_board_create(void)
{
    platform_handle segment;
    port_scope();
    CHECK_OK(platform_segment_create(PLATFORM_SEGMENT_ALIGN, &segment));
    struct port_board board = port_board_open(segment);
    CHECK_OK(platform_segment_commit(segment, (void *)board.values, 0, 4096));
    for (int i = 0; i < BOARD_WORDS; i++)
        board.words[i].key = 1000 + (uint64_t)i;
    return board;
}

int port_stay(struct port_board *board)
{
    while (atomic_load(&board->words[BOARD_WORDS - 1].value) == 0)
        platform_wait(&board->words[BOARD_WORDS - 1], 0, NULL, 0, INT64_MAX);
    return 0;
}

void port_board_free(struct port_board *board)
{
    platform_segment_unmap((void *)board->values, PLATFORM_SEGMENT_ALIGN);
    platform_handle_close(board->segment);
}

/* ---- The tests ---- */

static int child_nothing(const struct port_child_context *context)
{
    (void)context;
    return 0;
}

/* What the port or the system makes once is made before anything is counted: threads, the scope, this process's
 * identity, the directory of names. */
static void warm_up(void)
{
    platform_identity self;
    platform_handle unused;
    CHECK_OK(platform_self_identity(&self));
    CHECK(platform_named_open("mproc-port-no-such-name", &unused) < 0);
    port_finish_code(port_spawn("nothing", "", NULL, 0), 0);
}

static void run_test(const struct port_test *test, int number)
{
    skipped = NULL;
    running = test;
    running_number = number;
    int children = os_child_count(), handles = os_handle_count(), threads = os_thread_count();
    test->function();
    WAIT_UNTIL(os_child_count() == children);
    WAIT_UNTIL(os_handle_count() <= handles);
    WAIT_UNTIL(os_thread_count() <= threads);
    printf("ok %d - %s%s%s\n", number, test->name, skipped ? " # SKIP " : "", skipped ? skipped : "");
    fflush(stdout);
}

int port_main(const struct port_test *tests, size_t count, const struct port_child *children)
{
    char boot[PORT_BOOT_MAX];
    const struct port_child nothing[] = { { "nothing", child_nothing }, { NULL, NULL } };
    platform_setup();
    if (platform_boot_take(boot, sizeof boot))
        run_child(boot, strncmp(boot, "nothing|", 8) == 0 ? nothing : children);
    printf("1..%d\n", (int)count);
    fflush(stdout);
    warm_up();
    for (size_t i = 0; i < count; i++)
        run_test(&tests[i], (int)i + 1);
    return 0;
}
