/* What workers write to standard error, on its way through their parent.
 */
#include "os.h"
#include "platform.h"
#include "pool/observe.h"
#include "pool/outputs.h"
#include "pool_tasks.h"

#define FILE_NAME "stderr.txt"
#define LINES     4000
#define DEATHS    6

static mproc_pool *make(int workers)
{
    mproc_pool *pool;
    mproc_pool_options options = {
        .workers = workers, .monitor_output = 1, .max_restarts = 1000, .start_method = test_method()
    };
    CHECK_OK(platform_self_redirect(PLATFORM_STDERR, FILE_NAME));
    CHECK_OK(mproc_pool_create(&pool, &options));
    return pool;
}

/* ---- Passing on ---- */

static int write_lines(mproc_task *task)
{
    int64_t number;
    CHECK_OK(mproc_task_read(task, &number, sizeof number));
    for (int i = 0; i < LINES; i++)
        fprintf(stderr, "task %d writes line %04d of many\n", (int)number, i);
    return 0;
}

/* Whole lines of each task, in their order; of all together those that there must be. */
static void check_lines(int tasks)
{
    char line[100];
    int next[8] = { 0 }, task, number;
    FILE *file = fopen(FILE_NAME, "r");
    CHECK(file != NULL);
    while (fgets(line, sizeof line, file) != NULL) {
        CHECK_EQ(sscanf(line, "task %d writes line %d of many", &task, &number), 2);
        CHECK(task >= 0 && task < tasks);
        CHECK_EQ(number, next[task]++);
    }
    fclose(file);
    CHECK(remove(FILE_NAME) == 0);
    for (task = 0; task < tasks; task++)
        CHECK_EQ(next[task], LINES);
}

/* One worker, so that no line is cut by another's. It is more than a pipe holds. */
static void all_that_workers_write_is_passed_on(void)
{
    int64_t numbers[3] = { 0, 1, 2 };
    mproc_pool *pool = make(1);
    for (int i = 0; i < 3; i++)
        CHECK_OK(mproc_pool_apply(pool, write_lines, MPROC_ARG(numbers[i]), NULL, NULL, 0, NULL));
    CHECK_OK(mproc_pool_free(pool));
    check_lines(3);
}

/* ---- Last words ---- */

static struct {
    char last_output[OUTPUT_TAIL_BYTES + 1];
    size_t last_size;
    char pieces[200000];
    size_t pieces_size;
} seen;

static void keep_piece(const struct record_output *record)
{
    CHECK(seen.pieces_size + record->text.size + 1 < sizeof seen.pieces);
    memcpy(seen.pieces + seen.pieces_size, record->text.data, record->text.size);
    seen.pieces_size += record->text.size;
    seen.pieces[seen.pieces_size++] = '\n';
}

static void see(void *unused, enum record_type type, const void *record)
{
    (void)unused;
    const struct record_death *death = type == RECORD_DEATH ? record : NULL;
    if (type == RECORD_OUTPUT)
        keep_piece(record);
    if (death == NULL)
        return;
    seen.last_size = death->output.size;
    CHECK_LE(death->output.size, OUTPUT_TAIL_BYTES);
    memcpy(seen.last_output, death->output.data, death->output.size);
    seen.last_output[death->output.size] = '\0';
}

static void look(void)
{
    mproc__observe(0, see, NULL);
}

static int say_and_die(mproc_task *task)
{
    int64_t number;
    CHECK_OK(mproc_task_read(task, &number, sizeof number));
    for (int i = 0; i < 200; i++)
        fprintf(stderr, "task %d writes line %04d of many\n", (int)number, i);
    fprintf(stderr, "last words of %d\n", (int)number);
    os_kill(os_self_pid());
    return 0;
}

/* They end what it wrote, but for the end of the line, which is longer on Windows. */
static bool sees_words_of(int number)
{
    char words[40];
    int size = snprintf(words, sizeof words, "last words of %d", number);
    look();
    return seen.last_size > (size_t)size + 2 &&
           strstr(seen.last_output + seen.last_size - (size_t)size - 2, words) != NULL;
}

/* Pieces are kept for who looks again soon: while a task waits for the start of a worker, too. */
static void the_last_that_a_worker_wrote_is_told_with_its_death(void)
{
    mproc_pool *pool = make(1);
    look();
    for (int64_t i = 0; i < DEATHS; i++) {
        mproc_result *result;
        CHECK_OK(mproc_pool_apply_async(pool, say_and_die, MPROC_ARG(i), NULL, &result));
        WAIT_UNTIL(sees_words_of((int)i));
        CHECK_CODE(mproc_result_get(result, MPROC_FOREVER, NULL, 0, NULL), MPROC_E_WORKER_DIED);
        mproc_result_free(result);
        CHECK_EQ(seen.last_size, OUTPUT_TAIL_BYTES);
    }
    look();
    for (int i = 0; i < DEATHS; i++) {
        char words[40];
        snprintf(words, sizeof words, "last words of %d", i);
        CHECK_CONTAINS(seen.pieces, words);
    }
    CHECK_OK(mproc_pool_free(pool));
    char line[100];
    int lines = 0;
    FILE *file = fopen(FILE_NAME, "r");
    while (file != NULL && fgets(line, sizeof line, file) != NULL)
        lines += strncmp(line, "task ", 5) == 0 || strncmp(line, "last ", 5) == 0;
    CHECK(file != NULL && fclose(file) == 0 && remove(FILE_NAME) == 0);
    CHECK_EQ(lines, DEATHS * 201);
}

/* ---- The end ---- */

static int say_word(mproc_task *task)
{
    (void)task;
    fprintf(stderr, "a word before the end\nand another\n");
    return 0;
}

/* It is freed right after, so that nobody has come by since. */
static void what_was_not_told_yet_when_its_pool_is_freed_is_told(void)
{
    mproc__observe_want(RECORD_WANTS_LIFE | RECORD_WANTS_LOG);
    mproc_pool *pool = make(2);
    seen.pieces_size = 0;
    CHECK_OK(mproc_pool_apply(pool, say_word, MPROC_NO_ARGS, NULL, NULL, 0, NULL));
    CHECK_OK(mproc_pool_free(pool));
    look();
    mproc__observe_want(0);
    seen.pieces[seen.pieces_size] = 0;
    CHECK_CONTAINS(seen.pieces, "a word before the end");
    CHECK_CONTAINS(seen.pieces, "and another");
    CHECK(remove(FILE_NAME) == 0);
}

/* As a process would that a worker has left behind. */
static void whoever_keeps_the_pipe_open_holds_up_nobody(void)
{
    struct outputs *outputs;
    struct output *output;
    platform_handle writer;
    char tail[OUTPUT_TAIL_BYTES];
    CHECK_OK(mproc__outputs_new(&outputs));
    CHECK_OK(mproc__output_begin(outputs, 0, &output, &writer));
    CHECK_EQ(mproc__output_tail(output, tail), 0);
    mproc__output_end(output);
    mproc__outputs_end(outputs);
    mproc__outputs_free(outputs);
    platform_handle_close(writer);
}

/* ---- Refusals ---- */

static void refuse(const mproc_pool_options *options, const char *text)
{
    mproc_pool *pool = NULL;
    CHECK_CODE(mproc_pool_create(&pool, options), MPROC_E_INVALID);
    CHECK_CONTAINS(mproc_last_error(), text);
    CHECK(pool == NULL);
}

static void output_goes_one_way_only(void)
{
    refuse(&(mproc_pool_options){ .monitor_output = 1, .stderr_path = "all.txt" }, "stderr_path = \"all.txt\"");
    refuse(&(mproc_pool_options){ .monitor_output = 2 }, "monitor_output = 2");
    refuse(&(mproc_pool_options){ .monitor_output = 1, .kind = MPROC_POOL_THREADS }, "threads");
}

static const struct test tests[] = {
    TEST_WITH(all_that_workers_write_is_passed_on, TEST_PROCESSES, 0),
    TEST_WITH(the_last_that_a_worker_wrote_is_told_with_its_death, TEST_PROCESSES, 0),
    TEST_WITH(what_was_not_told_yet_when_its_pool_is_freed_is_told, TEST_PROCESSES, 0),
    TEST_WITH(whoever_keeps_the_pipe_open_holds_up_nobody, TEST_ONCE, 0),
    TEST_WITH(output_goes_one_way_only, TEST_ONCE, 0),
};

TEST_MAIN_PLAIN(tests)
