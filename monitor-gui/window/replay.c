#include "window/replay.h"

#include "base/error.h"
#include "model/source.h"
#include "window/watch_limits.h"
#include <mproc/base.h>

/* So many records are read before somebody looks at the clock. */
#define STRIDE 256

/* What happened when, of the first reading. */
struct mark {
    int64_t time_ns;
    uint64_t lost; /* 0: a death */
};

struct replay {
    char *path;
    struct source *source;
    struct model *model;
    struct model *before; /* shown instead, from its beginning on until it knows a pool; NULL: it is shown itself */
    struct wire_frame held_frame; /* of a later time than that at which it stands */
    union record held;
    bool is_held, is_known, is_cut, is_over, has_begun; /* begun: behind what was known at its beginning */
    int64_t first_ns;                                   /* when its first record was written */
    int64_t begin_ns, end_ns, at_ns;
    unsigned turns;
    uint64_t records, lost;
    GArray *marks;   /* struct mark */
    GArray *seconds; /* uint64_t: tasks that ended in each */
    struct replay_part parts[REPLAY_PARTS];
};

int replay_open(const char *path, struct replay **ret_replay)
{
    struct source *source;
    int code = source_open(path, &source);
    if (code < 0)
        return code;
    struct replay *replay = g_new0(struct replay, 1);
    replay->path = g_strdup(path);
    replay->source = source;
    replay->at_ns = INT64_MAX;
    replay->marks = g_array_new(FALSE, FALSE, sizeof(struct mark));
    replay->seconds = g_array_new(FALSE, TRUE, sizeof(uint64_t));
    code = watch_create_model(&replay->model);
    if (code < 0) {
        replay_free(replay);
        return code;
    }
    *ret_replay = replay;
    return 0;
}

void replay_free(struct replay *replay)
{
    if (replay == NULL)
        return;
    source_close(replay->source);
    watch_discard_model(replay->before);
    watch_discard_model(replay->model);
    g_array_unref(replay->marks);
    g_array_unref(replay->seconds);
    g_free(replay->path);
    g_free(replay);
}

/* ---- The first reading ---- */

#define NS_PER_S INT64_C(1000000000)
/* A recording of a month; what is later counts for its end. */
#define SECONDS_MAX 2600000

static void note_end(struct replay *replay, int64_t time_ns)
{
    int64_t second = (time_ns - replay->begin_ns) / NS_PER_S;
    if (second < 0 || second >= SECONDS_MAX)
        return;
    if (replay->seconds->len <= second)
        g_array_set_size(replay->seconds, (guint)second + 1);
    g_array_index(replay->seconds, uint64_t, second)++;
}

/* What was there already is told at once, but behind the greeting: it begins when all of that is known. */
static void note_begin(struct replay *replay, const struct wire_frame *frame)
{
    if (!replay->has_begun)
        replay->begin_ns = frame->time_ns;
    replay->has_begun |= frame->type == RECORD_SNAPSHOT_END;
}

static void note(struct replay *replay, const struct wire_frame *frame, const union record *record)
{
    if (replay->records == 0)
        replay->first_ns = frame->time_ns;
    if (replay->records++ == 0 || frame->type == RECORD_SNAPSHOT_END)
        note_begin(replay, frame);
    if (frame->time_ns > replay->end_ns)
        replay->end_ns = frame->time_ns;
    if (frame->type == RECORD_TASK_ENDED)
        note_end(replay, frame->time_ns);
    if (frame->type == RECORD_LOST && record->lost.count > 0) {
        g_array_append_val(replay->marks, ((struct mark){ frame->time_ns, record->lost.count }));
        replay->lost += record->lost.count;
    }
}

/* A death is told again as soon as there is a successor, and who begins to watch is told of those before: neither
 * happened at that time. */
static void note_deaths(struct replay *replay, int64_t time_ns, uint64_t known_before)
{
    if (replay->has_begun && replay->model->events.death_total > known_before)
        g_array_append_val(replay->marks, ((struct mark){ time_ns, 0 }));
}

static size_t part_at(const struct replay *replay, int64_t time_ns)
{
    double length = (double)(replay->end_ns - replay->begin_ns);
    double part = length > 0 ? (double)(time_ns - replay->begin_ns) / length * REPLAY_PARTS : 0;
    return part < 0 ? 0 : part >= REPLAY_PARTS ? REPLAY_PARTS - 1 : (size_t)part;
}

/* A second that is longer than a part goes to all parts that it covers. */
static void spread_second(struct replay *replay, guint second)
{
    int64_t begin_ns = replay->begin_ns + second * NS_PER_S;
    size_t first = part_at(replay, begin_ns), last = part_at(replay, begin_ns + NS_PER_S - 1);
    uint64_t done = g_array_index(replay->seconds, uint64_t, second);
    for (size_t i = first; i <= last; i++)
        replay->parts[i].done = MAX(replay->parts[i].done, done);
}

static void finish_first_reading(struct replay *replay)
{
    replay->is_known = true;
    for (guint i = 0; i < replay->seconds->len; i++)
        spread_second(replay, i);
    for (guint i = 0; i < replay->marks->len; i++) {
        const struct mark *mark = &g_array_index(replay->marks, struct mark, i);
        struct replay_part *part = &replay->parts[part_at(replay, mark->time_ns)];
        part->lost += mark->lost;
        part->death |= mark->lost == 0;
    }
    g_array_set_size(replay->seconds, 0);
}

/* ---- Reading ---- */

/* 1 if a record was taken; 0 if it stands where it is to stand; an error, MPROC_E_END at the end of the file. */
static int take_next(struct replay *replay)
{
    if (!replay->is_held) {
        int code = source_next(replay->source, &replay->held_frame, &replay->held);
        if (code <= 0)
            return code == 0 ? MPROC_E_END : code;
        replay->is_held = true;
    }
    if (replay->held_frame.time_ns > replay->at_ns && replay->held_frame.type != RECORD_GREETING)
        return 0;
    replay->is_held = false;
    uint64_t deaths = replay->model->events.death_total;
    if (!replay->is_known)
        note(replay, &replay->held_frame, &replay->held);
    int code = model_take(replay->model, &replay->held_frame, &replay->held);
    if (!replay->is_known)
        note_deaths(replay, replay->held_frame.time_ns, deaths);
    if (replay->held_frame.type == RECORD_GREETING)
        model_set_told_of_tasks(replay->model, true);
    return code < 0 ? code : 1;
}

static void reach_end(struct replay *replay)
{
    replay->is_over = true;
    replay->is_cut = source_is_cut(replay->source);
    if (!replay->is_known) {
        finish_first_reading(replay);
        replay->at_ns = replay->end_ns;
    }
}

/* Until then nothing is known, and what is shown would be gone for a moment. */
static void reveal(struct replay *replay)
{
    if (replay->before == NULL)
        return;
    watch_discard_model(g_steal_pointer(&replay->before));
    replay->turns++;
}

static bool stop_at(struct replay *replay, int code, int *ret_code)
{
    reveal(replay);
    if (code == 0) {
        model_tick(replay->model, replay->at_ns);
        return false;
    }
    *ret_code = code == MPROC_E_END ? 0 : code;
    reach_end(replay);
    model_tick(replay->model, replay->at_ns);
    return false;
}

bool replay_step(struct replay *replay, int64_t slice_us, int *ret_code)
{
    int64_t end_us = g_get_monotonic_time() + slice_us;
    *ret_code = 0;
    if (replay->is_over)
        return false;
    do {
        for (int i = 0; i < STRIDE; i++) {
            int code = take_next(replay);
            if (code != 1)
                return stop_at(replay, code, ret_code);
        }
        if (replay->model->pools.all.count > 0)
            reveal(replay);
    } while (g_get_monotonic_time() < end_us);
    return true;
}

/* Mostly it was removed or moved: that is said as such. */
static int open_again(const struct replay *replay, struct source **ret_source)
{
    int code = source_open(replay->path, ret_source);
    if (code < 0 && !g_file_test(replay->path, G_FILE_TEST_EXISTS))
        return mproc__error(code, "its file is not there any more");
    return code;
}

/* Its first record is the next one. Another recording may have that name by now. */
static int read_first(const struct replay *replay, struct source *source, struct wire_frame *ret_frame,
                      union record *ret_record)
{
    int code = source_next(source, ret_frame, ret_record);
    if (code < 0)
        return code;
    if (code == 0 || ret_frame->time_ns != replay->first_ns)
        return mproc__error(MPROC_E_CORRUPT, "its file is another recording by now");
    return 0;
}

static int open_same(const struct replay *replay, struct source **ret_source, struct wire_frame *ret_frame,
                     union record *ret_record)
{
    struct source *source;
    int code = open_again(replay, &source);
    if (code < 0)
        return code;
    code = read_first(replay, source, ret_frame, ret_record);
    if (code < 0)
        source_close(source);
    else
        *ret_source = source;
    return code;
}

int replay_check(const struct replay *replay)
{
    struct source *source;
    struct wire_frame frame;
    union record record;
    int code = open_same(replay, &source, &frame, &record);
    if (code == 0)
        source_close(source);
    return code;
}

/* From the beginning once more: records can only be put together forwards. */
static int begin_again(struct replay *replay)
{
    struct source *source;
    struct model *model;
    struct wire_frame frame;
    union record record;
    int code = open_same(replay, &source, &frame, &record);
    if (code < 0)
        return code;
    code = watch_create_model(&model);
    if (code < 0) {
        source_close(source);
        return code;
    }
    source_close(replay->source);
    if (replay->before == NULL)
        replay->before = replay->model;
    else
        watch_discard_model(replay->model);
    replay->source = source;
    replay->model = model;
    replay->held_frame = frame;
    replay->held = record;
    replay->is_held = true;
    replay->is_over = false;
    return 0;
}

int replay_seek(struct replay *replay, int64_t time_ns)
{
    if (!replay->is_known)
        return 0;
    time_ns = CLAMP(time_ns, replay->begin_ns, replay->end_ns);
    int code = time_ns < replay->model->now_ns ? begin_again(replay) : 0;
    if (code == 0)
        replay->at_ns = time_ns;
    return code;
}

int replay_renew(struct replay *replay)
{
    return replay->is_known ? begin_again(replay) : 0;
}

struct tasks *replay_tasks(struct replay *replay)
{
    return &replay->model->tasks;
}

/* ---- Questions ---- */

const struct model *replay_model(const struct replay *replay)
{
    return replay->before != NULL ? replay->before : replay->model;
}

unsigned replay_turns(const struct replay *replay)
{
    return replay->turns;
}

bool replay_is_known(const struct replay *replay)
{
    return replay->is_known;
}

int64_t replay_begin_ns(const struct replay *replay)
{
    return replay->begin_ns;
}

int64_t replay_end_ns(const struct replay *replay)
{
    return replay->end_ns;
}

int64_t replay_at_ns(const struct replay *replay)
{
    return replay->at_ns;
}

bool replay_is_at_end(const struct replay *replay)
{
    return replay->is_over || replay->at_ns >= replay->end_ns;
}

bool replay_is_cut(const struct replay *replay)
{
    return replay->is_cut;
}

uint64_t replay_records(const struct replay *replay)
{
    return replay->records;
}

uint64_t replay_lost(const struct replay *replay)
{
    return replay->lost;
}

const struct replay_part *replay_parts(const struct replay *replay)
{
    return replay->parts;
}

bool replay_find_death(const struct replay *replay, int64_t time_ns, int direction, int64_t *ret_time_ns)
{
    bool found = false;
    for (guint i = 0; i < replay->marks->len; i++) {
        const struct mark *mark = &g_array_index(replay->marks, struct mark, i);
        bool is_behind = direction > 0 ? mark->time_ns > time_ns : mark->time_ns < time_ns;
        if (mark->lost > 0 || !is_behind)
            continue;
        *ret_time_ns = mark->time_ns;
        found = true;
        if (direction > 0)
            break;
    }
    return found;
}
