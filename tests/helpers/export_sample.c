/* Exports that are made of records of all kinds, for checks/exports.py.
 *
 * usage: helper_export_sample trace|csv
 */
#include "model/export.h"
#include "records.h"

#define WORKERS 4
#define TASKS   200

static struct export *export;
static int64_t now_ns = 5000000000;

static int write_out(const void *bytes, size_t size, void *user)
{
    (void)user;
    return fwrite(bytes, 1, size, stdout) == size ? 0 : MPROC_E_OS;
}

static void tell(unsigned type, const void *what, size_t size)
{
    union record record;
    struct wire_frame frame = { .type = (uint16_t)type, .time_ns = now_ns };
    memset(&record, 0, sizeof record);
    memcpy(&record, what, size);
    if (export_take(export, &frame, &record) != 0)
        exit(1);
}
#define TELL(type, name, ...) tell(type, &(struct record_##name){ __VA_ARGS__ }, sizeof(struct record_##name))

/* ---- What happened ---- */

static void tell_names(void)
{
    TELL(RECORD_GREETING, greeting, .magic = RECORD_MAGIC, .pid = 4711, .now_ns = now_ns,
         .wall_ns = 1700000000000000000, .program = record_text_of("./crawl"));
    TELL(RECORD_POOL, pool, .pool = 1, .name = record_text_of("crawler \"one\""));
    TELL(RECORD_FUNCTION, function, .pool = 1, .function = 1, .name = record_text_of("parse_page"),
         .place = record_text_of("crawl.c:12"));
    TELL(RECORD_COUNTS, counts, .pool = 1, .queued = TASKS, .running = 0);
}

static void tell_task(unsigned n)
{
    int64_t begun = now_ns + n / WORKERS * 1000001;
    TELL(RECORD_TASK_ENDED, task_ended, .pool = 1, .task = n + 1, .item = -1, .items = 1, .function = n % 3 ? 1 : 2,
         .worker = n % WORKERS, .pid = 5000 + n % WORKERS, .attempt = 1, .end = n % 7 ? 1 : 2, .code = n % 7 ? 0 : -5,
         .submitted_ns = now_ns - (n < TASKS / 2 ? 2000 : 1000), .begun_ns = begun, .ended_ns = begun + 900000,
         .wait_ns = 1000, .run_ns = 800000, .copy_ns = 1, .label = record_text_of(n % 5 ? "" : "page, with a comma"),
         .argument = record_text_of("\"corpus/0419.html\""), .result = record_text_of("line\nbreak\t\x1b[31m"),
         .error = record_text_of(n % 7 ? "" : "no \"title\""));
}

static void tell_the_unrun(void)
{
    TELL(RECORD_TASK_ENDED, task_ended, .pool = 1, .task = 9001, .item = -1, .items = 1, .function = 1, .worker = -1,
         .end = RECORD_END_CANCELLED, .code = MPROC_E_CANCELLED, .submitted_ns = now_ns, .ended_ns = now_ns + 7);
}

/* Each death is told of three times: as it happens, when there is a successor, and in a snapshot. */
static void tell_deaths(void)
{
    for (int i = 0; i < 3; i++)
        TELL(RECORD_DEATH, death, .pool = 1, .worker = 2, .pid = 5002, .lives = 1, .time_ns = now_ns + 60000000,
             .exit_code = -11, .task = 77, .item = -1, .items = 1, .function = 1, .attempt = 1,
             .decision = RECORD_DECISION_RETRIED, .replaced_ns = i > 0 ? now_ns + 60500000 : 0,
             .cause = record_text_of("killed (signal 11, SIGSEGV)"), .stack = record_text_of("#0 parse\n#1 main\n"));
}

static void tell_an_end(void)
{
    TELL(RECORD_DEATH, death, .pool = 1, .worker = 2, .pid = 5003, .lives = 2, .time_ns = now_ns + 90000000,
         .expected = 1, .item = -1, .cause = record_text_of("exit code 0"));
}

static void tell_the_rest(void)
{
    now_ns += 100000000;
    TELL(RECORD_WORKER, worker, .pool = 1, .worker = 3, .state = MPROC_WORKER_BUSY, .task = 9002, .item = -1,
         .items = 1, .attempt = 1, .function = 1, .since_ns = now_ns - 5000, .memory = 1 << 20);
    TELL(RECORD_WORKER, worker, .pool = 1, .worker = 0, .state = MPROC_WORKER_IDLE, .memory = 2 << 20);
    TELL(RECORD_MAP, map, .pool = 1, .task = 5, .function = 1, .items = 100, .done = 100,
         .submitted_ns = now_ns - 90000000, .ended = 1);
    TELL(RECORD_LOG, log, .time_ns = now_ns, .pid = 4711, .pool = 1, .worker = -1,
         .text = record_text_of("a \"line\"\\"));
    TELL(RECORD_LOST, lost, .kind = RECORD_CLASS_DETAIL, .count = 12, .from_ns = now_ns - 100, .to_ns = now_ns,
         .worker = -1);
    TELL(RECORD_COUNTS, counts, .pool = 1, .queued = 0, .running = 1, .failed = 29, .deaths = 1);
    TELL(RECORD_ENDED, ended, .reserved = 0);
}

/* Of a pool that nobody named, with all numbers by chance. */
static void tell_nonsense(void)
{
    static struct record_room room;
    const struct wire_type *type;
    unsigned seed = 5;
    for (int round = 0; round < 20; round++)
        for (size_t i = 0; (type = mproc__wire_type_at(i)) != NULL; i++) {
            union record record;
            if (type->type == RECORD_GREETING)
                continue;
            record_fill(type, &record, &room, &seed);
            now_ns = (int64_t)record_number(&seed);
            tell(type->type, &record, sizeof record);
        }
}

int main(int argc, char **argv)
{
    if (argc < 2)
        return 2;
    int code = strcmp(argv[1], "csv") == 0 ? export_csv_begin(write_out, NULL, &export)
                                           : export_trace_begin(write_out, NULL, &export);
    if (code != 0)
        return 1;
    tell_names();
    for (unsigned n = 0; n < TASKS; n++)
        tell_task(n);
    tell_the_unrun();
    tell_deaths();
    tell_an_end();
    tell_the_rest();
    if (argc > 2)
        tell_nonsense();
    return export_end(export) == 0 ? 0 : 1;
}
