#include "window/says.h"

#include "model/text.h"
#include <inttypes.h>
#include <mproc/pool.h>
#include <mproc/stats.h>

#define NS_PER_MS INT64_C(1000000)
/* Windows' exceptions begin here. */
#define LEAST_EXCEPTION 0xC0000000
#define SIGNALLED       "killed by signal "
/* What has just begun has run for no time that could be told. */
#define LEAST_RUN_NS 1000
/* Of a process so many. */
#define DEADLOCKS_LOOKED_AT 8

/* ---- Pools ---- */

static bool has_name_of_its_own(const struct view *view)
{
    const char *name = view->pool != NULL ? kept_string(view->pool->said.name) : "";
    size_t others = 0;
    for (size_t i = 0; name[0] != '\0' && i < view->model->pools.all.count; i++) {
        const struct model_pool *pool = pools_at(&view->model->pools, i);
        others += pool != view->pool && strcmp(kept_string(pool->said.name), name) == 0;
    }
    return name[0] != '\0' && others == 0;
}

struct words says_title(const struct view *view)
{
    bool has_name = view->pool != NULL && kept_string(view->pool->said.name)[0] != '\0';
    bool is_only = view->model == NULL || view->model->pools.all.count < 2;
    if (view->watch->path != NULL && is_only)
        return words_format("%s", view->watch->program);
    if (has_name_of_its_own(view))
        return words_format("%s", view->pool->said.name.data);
    if (has_name)
        return words_format("%s %" PRIu32, view->pool->said.name.data, view->pool->number);
    if (view->pool != NULL && view->model->pools.all.count > 1)
        return words_format("%s %" PRIu32, view->watch->program, view->pool->number);
    return words_format("%s", view->watch->program);
}

static const char *program_name(const struct view *view)
{
    return words_file(kept_string(view->model->greeting.program));
}

static int64_t now_us(void)
{
    return g_get_monotonic_time();
}

static struct words running_time(const struct view *view)
{
    bool runs = watch_is_fresh(view->watch) && view->pool->over_ns == 0;
    if (view->pool->said.created_ns == 0)
        return words_format("%s", "");
    return words_format(DOT "%s %s", runs ? "running" : "ran",
                        text_span(pool_age_ns(view->pool, view->model->now_ns)).text);
}

static struct words recorded_day(const struct view *view)
{
    g_autoptr(GDateTime) when = g_date_time_new_from_unix_local(view->model->greeting.wall_ns / 1000000000);
    g_autofree char *day = when != NULL ? g_date_time_format(when, "%a %e %b %H:%M:%S") : g_strdup("");
    return words_format("recorded %s", day);
}

static struct number_text recorded_length(const struct view *view)
{
    return text_span(replay_end_ns(view->watch->replay) - replay_begin_ns(view->watch->replay));
}

static struct words recorded_facts(const struct view *view)
{
    return words_format("%s" DOT "%s" DOT "pid %" PRId64 DOT "%s" DOT "%s events", recorded_day(view).text,
                        view->pool != NULL ? words_pool(view->model, view->pool->number).text : program_name(view),
                        view->model->greeting.pid, recorded_length(view).text,
                        text_about((double)replay_records(view->watch->replay)).text);
}

struct words says_facts(const struct view *view)
{
    if (view->watch->replay != NULL)
        return recorded_facts(view);
    if (view->pool == NULL)
        return words_format("pid %" PRId64, view->watch->pid);
    return words_format("pid %" PRId64 DOT "%s" DOT "%s%s", view->watch->pid, words_method(view->pool),
                        program_name(view), running_time(view).text);
}

struct words says_brief_facts(const struct view *view)
{
    if (view->watch->replay != NULL)
        return words_format("%s" DOT "%s", recorded_day(view).text, recorded_length(view).text);
    if (view->pool == NULL)
        return says_facts(view);
    return words_format("pid %" PRId64 DOT "%s%s", view->watch->pid, words_method(view->pool), running_time(view).text);
}

/* Whether a worker of the pool is in it; of one without workers, of threads of the process itself, each pool is told.
 */
static bool is_of_pool(const struct view *view, const struct deadlock *deadlock)
{
    bool has_workers = false;
    for (size_t i = 0; i < deadlock->count; i++) {
        const struct model_pool *pool;
        const struct model_worker *worker;
        if (!model_worker_of(view->model, deadlock->waiters[i]->said.pid, &pool, &worker))
            continue;
        if (view->pool == NULL || pool->number == view->pool->number)
            return true;
        has_workers = true;
    }
    return !has_workers;
}

static bool has_deadlock(const struct view *view)
{
    struct deadlock deadlocks[DEADLOCKS_LOOKED_AT];
    size_t count = objects_deadlocks(&view->model->objects, view->model->now_ns, deadlocks, DEADLOCKS_LOOKED_AT);
    for (size_t i = 0; i < count; i++)
        if (is_of_pool(view, &deadlocks[i]))
            return true;
    return false;
}

bool says_has_died(const struct watch *watch)
{
    return watch->state == WATCH_ENDED && watch->model != NULL && !watch->model->ended;
}

bool says_is_over(const struct view *view)
{
    bool is_freed = view->pool != NULL && view->pool->said.phase >= RECORD_PHASE_OVER;
    return view->watch->path == NULL && (is_freed || view->watch->state == WATCH_ENDED);
}

enum glyph says_pool_glyph(const struct view *view)
{
    enum watch_state state = view->watch->state;
    if (state == WATCH_REPLAY || view->watch->path != NULL)
        return GLYPH_RECORDING;
    if (state == WATCH_ENDED)
        return says_has_died(view->watch) ? GLYPH_DEAD : GLYPH_DONE;
    if (state == WATCH_ATTACHING)
        return GLYPH_STARTING;
    if (state != WATCH_LIVE)
        return GLYPH_BROKEN;
    if (has_deadlock(view))
        return GLYPH_DEADLOCK;
    if (view->pool != NULL && view->pool->said.phase == RECORD_PHASE_BROKEN)
        return GLYPH_FAILED;
    if (view->pool != NULL && view->pool->said.paused)
        return GLYPH_PAUSED;
    if (view->pool != NULL && view->pool->said.phase >= RECORD_PHASE_TERMINATED)
        return GLYPH_DONE;
    return view->pool != NULL && view->pool->counts.running > 0 ? GLYPH_RUNNING : GLYPH_IDLE;
}

const char *says_chip(const struct view *view, const char **ret_class)
{
    const char *phase = view->pool != NULL ? words_phase(view->pool) : "";
    *ret_class = "bad";
    if (view->watch->state == WATCH_LOST)
        return "not connected";
    if (says_has_died(view->watch))
        return "died";
    if (view->watch->state == WATCH_LIVE && has_deadlock(view))
        return "deadlock";
    if (view->watch->state == WATCH_LIVE && strcmp(phase, "broken") == 0)
        return phase;
    *ret_class = view->watch->replay != NULL ? "accent" : strcmp(phase, "paused") == 0 ? "warn" : "";
    if (view->watch->replay != NULL)
        return "recording";
    return view->watch->state == WATCH_ENDED ? "ended" : phase;
}

static struct words pool_trouble(const struct view *view)
{
    if (has_deadlock(view))
        return words_format("deadlock");
    if (view->pool != NULL && view->pool->said.phase == RECORD_PHASE_BROKEN)
        return words_format("broken");
    if (view->pool != NULL && view->pool->counts.deaths > 0)
        return words_format("%s died", text_about((double)view->pool->counts.deaths).text);
    return words_format("%s", "");
}

static struct words recording_summary(const struct view *view)
{
    if (view->watch->state == WATCH_SHELVED)
        return words_format("not open");
    if (view->watch->is_gone)
        return words_format("file is gone");
    if (view->watch->replay == NULL)
        return words_format("cannot be read");
    if (view->watch->state == WATCH_STUCK)
        return words_format("cannot be read again");
    if (!replay_is_known(view->watch->replay))
        return words_format("reading...");
    g_autoptr(GDateTime) when = g_date_time_new_from_unix_local(view->model->greeting.wall_ns / 1000000000);
    g_autofree char *day = when != NULL ? g_date_time_format(when, "%a %H:%M") : g_strdup("");
    int64_t length_ns = replay_end_ns(view->watch->replay) - replay_begin_ns(view->watch->replay);
    if (view->model->pools.all.count > 1)
        return words_format("%s" DOT "%s", view->watch->program, text_span(length_ns).text);
    return words_format("%s" DOT "%s", day, text_span(length_ns).text);
}

struct words says_summary(const struct view *view, const char **ret_class)
{
    *ret_class = "bad";
    if (view->watch->state == WATCH_LOST)
        return words_format("no answer");
    if (view->watch->state == WATCH_REFUSED)
        return words_format("refused");
    if (view->watch->state == WATCH_INCOMPATIBLE)
        return words_format("another protocol");
    if (says_has_died(view->watch))
        return words_format("%" PRId64 DOT "died", view->watch->pid);
    *ret_class = view->watch->state == WATCH_UNREADABLE || view->watch->state == WATCH_STUCK ? "bad" : "dim";
    if (view->watch->path != NULL)
        return recording_summary(view);
    *ret_class = "dim";
    if (view->watch->state == WATCH_ATTACHING)
        return words_format("%" PRId64 DOT "reading...", view->watch->pid);
    if (view->watch->state == WATCH_ENDED)
        return words_format("%" PRId64 DOT "ended", view->watch->pid);
    struct words trouble = pool_trouble(view);
    *ret_class = trouble.text[0] != '\0' ? "bad" : "dim";
    if (trouble.text[0] != '\0')
        return words_format("%" PRId64 DOT "%s", view->watch->pid, trouble.text);
    if (view->pool == NULL)
        return words_format("%" PRId64 DOT "no pool", view->watch->pid);
    if (says_is_over(view))
        return words_format("%" PRId64 DOT "ended", view->watch->pid);
    return words_format("%" PRId64 DOT "%s", view->watch->pid, words_many(view->pool->counts.workers, "worker").text);
}

static const char *state_word(const struct view *view)
{
    const char *class;
    switch (view->watch->state) {
    case WATCH_ATTACHING:
        return "reading";
    case WATCH_REFUSED:
        return "refused";
    case WATCH_INCOMPATIBLE:
        return "another protocol";
    case WATCH_UNREADABLE:
        return view->watch->is_gone ? "file is gone" : "cannot be read";
    default:
        return says_chip(view, &class);
    }
}

struct words says_window(const struct view *view)
{
    if (view->watch == NULL)
        return words_format(NO_POOL_TITLE);
    const char *state = state_word(view);
    return words_format(state[0] != '\0' ? "%s (%s)" : "%s", says_title(view).text, state);
}

/* ---- Times ---- */

/* text.h writes it in ASCII. */
struct words says_ratio(double times)
{
    return words_format("\xc3\x97%s", text_ratio(times).text + 1);
}

struct words says_ago(int64_t ns)
{
    int64_t seconds = ns / 1000000000;
    if (seconds < 2)
        return words_format("now");
    if (seconds < 60)
        return words_format("%d" TEXT_BLANK "s", (int)seconds);
    if (seconds < 3600)
        return words_format("%d" TEXT_BLANK "min", (int)(seconds / 60));
    return words_format("%d" TEXT_BLANK "h", (int)(seconds / 3600));
}

struct words says_since(int64_t since_us)
{
    int64_t seconds = (now_us() - since_us) / G_USEC_PER_SEC;
    if (seconds < 60)
        return words_format("%d" TEXT_BLANK "s", (int)seconds);
    return words_format("%s", text_span(seconds * 1000000000).text);
}

/* ---- Workers ---- */

static const struct model_waiter *wait_of(const struct model *model, const struct model_pool *pool, int64_t pid)
{
    return pool->said.kind == MPROC_POOL_PROCESSES ? objects_waiter_in(&model->objects, pid) : NULL;
}

static struct words slow_worker(const struct model *model, const struct model_pool *pool,
                                const struct model_worker *worker)
{
    double ratio = 0;
    model_worker_is_slow(model, pool, worker, &ratio);
    return words_format("Slow %s", says_ratio(ratio).text);
}

static enum glyph glyph_of_state(unsigned state)
{
    return state == MPROC_WORKER_IDLE ? GLYPH_IDLE : state == MPROC_WORKER_BUSY ? GLYPH_RUNNING : GLYPH_STARTING;
}

/* What it did last stands beside that. */
static struct words worker_of_the_past(const struct model_worker *worker, enum glyph *ret_glyph, const char **ret_class)
{
    *ret_class = "dim";
    *ret_glyph = GLYPH_ABSENT;
    return words_format(worker->said.state == MPROC_WORKER_NONE ? "No worker" : "Ended");
}

/* One that is stopped is told to be that. */
static const struct model_waiter *waiter_in(const struct model *model, const struct model_pool *pool,
                                            const struct model_worker *worker)
{
    bool may_wait = worker->said.state == MPROC_WORKER_BUSY && !worker->said.stopped && !model_is_over(model, pool);
    return may_wait ? wait_of(model, pool, worker->said.pid) : NULL;
}

bool says_waits(const struct model *model, const struct model_pool *pool, const struct model_worker *worker)
{
    return waiter_in(model, pool, worker) != NULL;
}

bool says_is_deadlocked(const struct model *model, const struct model_pool *pool, const struct model_worker *worker)
{
    return says_waits(model, pool, worker) && objects_deadlocked(&model->objects, worker->said.pid, model->now_ns);
}

struct words says_worker(const struct model *model, const struct model_pool *pool, const struct model_worker *worker,
                         enum glyph *ret_glyph, const char **ret_class)
{
    const char *state = words_worker_state(model, pool, worker);
    if (worker->said.state == MPROC_WORKER_NONE || model_is_over(model, pool))
        return worker_of_the_past(worker, ret_glyph, ret_class);
    *ret_class = "bad";
    if (says_is_deadlocked(model, pool, worker)) {
        *ret_glyph = GLYPH_DEADLOCK;
        return words_format("Deadlock");
    }
    *ret_class = "warn";
    if (says_waits(model, pool, worker)) {
        *ret_glyph = GLYPH_WAITING;
        return words_format("Waiting");
    }
    if (strcmp(state, "Slow") == 0) {
        *ret_glyph = GLYPH_SLOW;
        return slow_worker(model, pool, worker);
    }
    *ret_class = worker->said.stopped ? "warn" : NULL;
    *ret_glyph = worker->said.stopped ? GLYPH_PAUSED : glyph_of_state(worker->said.state);
    return words_format("%s", state);
}

static struct words waits_for(const struct model *model, const struct model_pool *pool,
                              const struct model_waiter *waiter)
{
    const struct model_object *object = objects_find(&model->objects, waiter->said.object);
    const char *name = object != NULL ? kept_string(object->said.name) : "";
    if (object == NULL || object->said.holder_pid == 0)
        return words_format("waits for \xe2\x80\x9c%s\xe2\x80\x9d", name);
    return words_format("waits for \xe2\x80\x9c%s\xe2\x80\x9d (%s)", name,
                        words_who_beside(model, pool, object->said.holder_pid, object->said.holder).text);
}

struct words says_doing(const struct model *model, const struct model_pool *pool, const struct model_worker *worker,
                        const char **ret_class)
{
    const struct model_waiter *waiter = wait_of(model, pool, worker->said.pid);
    if (waiter == NULL || worker->said.state != MPROC_WORKER_BUSY || model_is_over(model, pool))
        return words_worker_call(pool, worker);
    *ret_class = "dim";
    return waits_for(model, pool, waiter);
}

/* The state beside it is that it waits, or that it runs. */
struct words says_for(const struct model *model, const struct model_pool *pool, const struct model_worker *worker)
{
    int64_t run_ns;
    const struct model_waiter *waiter = waiter_in(model, pool, worker);
    if (waiter != NULL)
        return words_format("%s", text_duration(model->now_ns - waiter->said.since_ns).text);
    if (model_is_over(model, pool) || worker->said.task == 0)
        return (struct words){ "" };
    if (!model_worker_run_ns(model, worker, &run_ns))
        return words_format("?");
    return words_format("%s", text_duration(MAX(run_ns, LEAST_RUN_NS)).text);
}

/* ---- Deaths ---- */

bool says_is_own_code(int64_t code)
{
    return code < 0 && code > -10000;
}

/* What stands behind these words; NULL if they are not in it. */
static const char *behind(const char *sentence, const char *words)
{
    const char *found = strstr(sentence, words);
    return found != NULL ? found + strlen(words) : NULL;
}

/* A limit is a round number as a rule. */
static struct words exceeded(const char *what, struct number_text limit)
{
    text_drop_zeros(limit.text);
    return words_format("%s %s", what, limit.text);
}

struct words says_limit(const char *sentence)
{
    const char *time = behind(sentence, "took longer than "), *memory = behind(sentence, "more memory than ");
    const char *ms = behind(sentence, "_ms = "), *bytes = behind(sentence, "max_worker_memory = ");
    if (time != NULL && ms != NULL)
        return exceeded("timed out after", text_duration(strtoll(ms, NULL, 10) * NS_PER_MS));
    if (time != NULL)
        return words_format("timed out after %s", time);
    if (memory != NULL && bytes != NULL)
        return exceeded("took more memory than", text_bytes(strtoull(bytes, NULL, 10)));
    return memory != NULL ? words_format("took more memory than %s", memory) : (struct words){ "" };
}

struct words says_death(const struct record_death *death)
{
    const char *cause = kept_string(death->cause), *signal = behind(cause, "signal ");
    struct words limit = says_limit(cause);
    if (limit.text[0] != '\0')
        return words_format("%s", limit.text[1] == 'i' ? "Timed out" : "Memory limit");
    if (signal != NULL && atoi(signal) > 0)
        return words_format("Signal %d", atoi(signal));
    if (death->expected)
        return words_format("Left");
    if (death->exit_code >= LEAST_EXCEPTION)
        return words_format("Exception");
    return death->exit_code != 0 ? words_format("Exit %" PRId64, death->exit_code) : words_format("Died");
}

/* Of signals that have the same number on all systems. */
static const struct {
    int64_t number;
    const char *what, *name;
} signals[] = {
    { 1, "hung up", "SIGHUP" },       { 2, "interrupted", "SIGINT" },
    { 3, "quit", "SIGQUIT" },         { 4, "illegal instruction", "SIGILL" },
    { 6, "aborted", "SIGABRT" },      { 8, "arithmetic error", "SIGFPE" },
    { 9, "killed", "SIGKILL" },       { 11, "segmentation fault", "SIGSEGV" },
    { 13, "broken pipe", "SIGPIPE" }, { 15, "terminated", "SIGTERM" },
};

/* rest: what the library says behind the number. */
static struct words by_signal(int64_t number, const char *rest)
{
    for (size_t i = 0; i < G_N_ELEMENTS(signals); i++)
        if (signals[i].number == number)
            return words_format("%s (signal %" PRId64 ", %s)%s", signals[i].what, number, signals[i].name, rest);
    return words_format("killed by signal %" PRId64 "%s", number, rest);
}

struct words says_exit(const platform_exit *how)
{
    if (how->kind == PLATFORM_EXIT_SIGNAL)
        return words_format(", %s", by_signal(how->code, "").text);
    if (how->kind == PLATFORM_EXIT_CODE && how->code >= LEAST_EXCEPTION)
        return words_format(" with exception 0x%08" PRIx64, (uint64_t)how->code);
    return how->kind == PLATFORM_EXIT_CODE ? words_format(" with exit code %" PRId64, how->code)
                                           : words_format("%s", "");
}

/* What was the matter, without where the task was: that is told by the call. */
static struct words cause_alone(const struct record_death *death)
{
    struct words cause = words_cause(death), label = words_format(", at \"%s\"", kept_string(death->label));
    if (g_str_has_suffix(cause.text, label.text))
        cause.text[strlen(cause.text) - strlen(label.text)] = '\0';
    return cause;
}

/* The library's own sentence is "was killed by signal 9", and why the pool did that stands behind it. */
struct words says_why(const struct record_death *death)
{
    struct words cause = cause_alone(death), limit = says_limit(cause.text);
    const char *text = g_str_has_prefix(cause.text, "was ") ? cause.text + strlen("was ") : cause.text;
    const char *number = g_str_has_prefix(text, SIGNALLED) ? text + strlen(SIGNALLED) : NULL;
    if (limit.text[0] != '\0')
        return words_format("%s, killed", limit.text);
    return number != NULL ? by_signal(atoi(number), number + strspn(number, "0123456789")) : words_format("%s", text);
}

struct words says_cause(const struct record_death *death)
{
    struct words words = says_why(death);
    words.text[0] = g_ascii_toupper(words.text[0]);
    return words;
}

struct words says_brief_why(const struct record_death *death)
{
    struct words words = says_why(death);
    char *name = strstr(words.text, ", SIG"), *end = name != NULL ? strchr(name, ')') : NULL;
    if (end != NULL)
        memmove(name, end, strlen(end) + 1);
    return words;
}

struct words says_brief_cause(const struct record_death *death)
{
    struct words words = says_brief_why(death);
    words.text[0] = g_ascii_toupper(words.text[0]);
    return words;
}

struct words says_error(int64_t code, const char *error)
{
    if (says_is_own_code(code))
        return words_format("%" PRId64 "%s%s", code, error[0] != '\0' ? ": " : "", error);
    return words_format("%s", error[0] != '\0' ? error : mproc_error_text((int)code));
}

struct words says_sentence(const char *text)
{
    size_t size = strlen(text);
    bool is_open = size > 0 && strchr(".!?", text[size - 1]) == NULL;
    struct words words = words_format("%s%s", text, is_open ? "." : "");
    words.text[0] = g_ascii_toupper(words.text[0]);
    return words;
}

/* Without what, if it begins with that. */
static const char *without(const char *text, const char *what)
{
    size_t size = strlen(what);
    bool has_it = size > 0 && strncmp(text, what, size) == 0 && strncmp(text + size, ": ", 2) == 0;
    return has_it ? text + size + 2 : text;
}

struct words says_reason(int code, const char *text)
{
    return says_sentence(without(without(text, code < 0 ? mproc_error_text(code) : ""), "reading a recording"));
}

char *says_unwritten(const char *path, const char *why)
{
    return g_strdup_printf("%s: %s\nWhat was there before was not changed. Make room there, or choose another place.",
                           path, says_sentence(why).text);
}

const char *says_why_stuck(const struct watch *watch)
{
    if (watch->state != WATCH_STUCK)
        return NULL;
    return watch->is_gone ? "The file of this recording is gone." : "The file of this recording cannot be read again.";
}

struct words says_path(const char *path)
{
    const char *home = g_get_home_dir();
    size_t size = home != NULL ? strlen(home) : 0;
    if (size > 1 && g_str_has_prefix(path, home) && (path[size] == '\0' || G_IS_DIR_SEPARATOR(path[size])))
        return words_format("~%s", path + size);
    return words_format("%s", path);
}
