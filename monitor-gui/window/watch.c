#include "window/watch.h"

#include "model/bounds.h"
#include "platform.h"
#include "window/feed.h"
#include "window/watch_limits.h"
#include <mproc/base.h>

/* A process says what it costs once a second; one that is silent for so long does not answer. */
#define SILENCE_US (4 * G_USEC_PER_SEC)
/* For so long after the last word the clock goes on; then all stands as it was told last. */
#define FRESH_US    (3 * G_USEC_PER_SEC / 2)
#define RETRY_MAX_S 8u
/* What comes is taken for so long at a time, a few at once, and the next frame of the screen comes first. There may be
 * many that nobody looks at. */
#define TAKING_US       6000
#define TAKING_ASIDE_US 2000
#define FRAMES_AT_ONCE  32u
/* Of a recording so much is read at a time, of each frame of the screen. */
#define SLICE_US   8000
#define SLICE_MS   16u
#define SPEED_ONCE 1.0
/* So often it is looked whether the file of a recording is still there. */
#define CHECK_US G_USEC_PER_SEC

static void settle(struct watch *watch);

static int64_t slice_us(const struct watch *watch)
{
    return watch->is_looked_at ? TAKING_US : TAKING_ASIDE_US;
}

static void set_state(struct watch *watch, enum watch_state state, const char *why)
{
    bool is_new = watch->state != state;
    if (state != WATCH_LIVE)
        settle(watch);
    if (is_new)
        watch->since_us = g_get_monotonic_time();
    watch->state = state;
    if (is_new && watch->model != NULL && (state == WATCH_LOST || state == WATCH_ENDED))
        model_silence(watch->model);
    if (is_new && watch->model != NULL && state == WATCH_ENDED)
        model_end(watch->model);
    if (g_strcmp0(watch->why, why) != 0) {
        g_free(watch->why);
        watch->why = g_strdup(why);
    }
    if (is_new && watch->listener.changed != NULL)
        watch->listener.changed(watch, watch->listener.user);
}

/* ---- What comes ---- */

/* Its program may be one that is told in the hello alone. */
static bool can_want(const struct watch *watch)
{
    return watch->feed != NULL && (watch->model->greeting.capabilities & RECORD_CAN_WANT) != 0;
}

/* A recording has all of it. */
static uint32_t wants_of(const struct watch *watch)
{
    return watch->is_looked_at || watch->recorder != NULL ? WATCH_WANTS_DETAIL : WATCH_WANTS_LIFE;
}

/* What it is to tell no more is not waited for, but for what was told and is not known so far. */
static void look_less(struct watch *watch)
{
    if (watch->wants != WATCH_WANTS_DETAIL && !watch_is_behind(watch))
        model_look(watch->model, false);
}

/* What it begins to tell now it tells of by the next snapshot at the latest. */
static void say_wants(struct watch *watch)
{
    watch->wants = wants_of(watch);
    feed_want(watch->feed, watch->wants);
    look_less(watch);
}

/* Ends the recording; error: the text of what went wrong before, or NULL. */
static void end_recording(struct watch *watch, const char *error)
{
    struct recorder *recorder = g_steal_pointer(&watch->recorder);
    if (recorder == NULL)
        return;
    g_autofree char *path = recorder_has_begun(recorder) ? g_strdup(recorder_path(recorder)) : NULL;
    g_autofree char *first = g_strdup(error);
    int code = recorder_end(recorder);
    const char *why = first != NULL ? first : code < 0 ? mproc_last_error() : "";
    bool is_there = path != NULL && g_file_test(path, G_FILE_TEST_EXISTS);
    if (can_want(watch))
        say_wants(watch);
    if (watch->listener.recorded != NULL)
        watch->listener.recorded(watch, is_there ? path : "", why, watch->listener.user);
}

static void record_frame(struct watch *watch, const struct wire_frame *frame, const unsigned char *bytes)
{
    if (watch->recorder != NULL && recorder_take(watch->recorder, frame, bytes) < 0)
        end_recording(watch, mproc_last_error());
}

/* Its number was given to another process, which can be watched, too. */
static bool is_of_another(const struct watch *watch, const struct record_greeting *greeting)
{
    const struct record_greeting *known = &watch->model->greeting;
    return known->magic != 0 && (greeting->pid != known->pid || greeting->start_time != known->start_time);
}

static void keep_greeting(struct watch *watch, const unsigned char *bytes, size_t size)
{
    g_clear_pointer(&watch->greeting, g_bytes_unref);
    watch->greeting = g_bytes_new(bytes, size);
}

/* How tasks end is told from the beginning on; what else is wanted, from the snapshot on with which that begins. */
static void begin_telling(struct watch *watch, unsigned type)
{
    if (type == RECORD_GREETING)
        model_set_told_of_tasks(watch->model, true);
    else if (type == RECORD_SNAPSHOT_BEGIN)
        model_look(watch->model, watch->wants == WATCH_WANTS_DETAIL);
}

static void know(struct watch *watch, const struct wire_frame *frame, const union record *record)
{
    model_take(watch->model, frame, record);
    begin_telling(watch, frame->type);
}

static void hear(struct watch *watch, const struct wire_frame *frame, const union record *record,
                 const unsigned char *bytes, size_t size)
{
    watch->events++;
    if (frame->type == RECORD_REPLY)
        requests_take(watch->requests, &record->reply);
    record_frame(watch, frame, bytes);
    if (frame->type == RECORD_GREETING)
        keep_greeting(watch, bytes, size);
}

/* ---- Frozen ---- */

bool watch_is_frozen(const struct watch *watch)
{
    return watch->frozen.is_on;
}

bool watch_is_behind(const struct watch *watch)
{
    return watch->frozen.is_on || watch->frozen.frames != NULL;
}

uint64_t watch_held(const struct watch *watch)
{
    return watch->events - watch->model->records;
}

/* It was decoded when it came. */
static size_t take_held(struct watch *watch)
{
    struct wire_frame frame;
    union record record;
    const GByteArray *held = watch->frozen.frames;
    size_t taken = watch->frozen.taken;
    int size = mproc__wire_decode(held->data + taken, held->len - taken, &frame, &record);
    if (size <= 0)
        return held->len - taken;
    bounds_apply(&frame, &record);
    know(watch, &frame, &record);
    return (size_t)size;
}

static void catch_up(struct watch *watch, int64_t until_us)
{
    if (watch->frozen.frames == NULL)
        return;
    while (watch->frozen.taken < watch->frozen.frames->len && g_get_monotonic_time() < until_us)
        for (unsigned i = 0; i < FRAMES_AT_ONCE && watch->frozen.taken < watch->frozen.frames->len; i++)
            watch->frozen.taken += take_held(watch);
    if (watch->frozen.taken < watch->frozen.frames->len)
        return;
    g_clear_pointer(&watch->frozen.frames, g_byte_array_unref);
    watch->frozen.taken = 0;
    look_less(watch);
}

static gboolean catch_up_some(gpointer data)
{
    struct watch *watch = data;
    catch_up(watch, g_get_monotonic_time() + slice_us(watch));
    if (watch->frozen.frames != NULL)
        return G_SOURCE_CONTINUE;
    watch->frozen.step = 0;
    return G_SOURCE_REMOVE;
}

/* Goes on, if it does not already. */
static void thaw(struct watch *watch)
{
    watch->frozen.is_on = false;
    if (watch->frozen.frames != NULL && watch->frozen.step == 0)
        watch->frozen.step = g_timeout_add(SLICE_MS, catch_up_some, watch);
}

/* At once, which may be longer than a frame: for what cannot wait, and is done to a model that knows all that came. */
static void settle(struct watch *watch)
{
    watch->frozen.is_on = false;
    g_clear_handle_id(&watch->frozen.step, g_source_remove);
    catch_up(watch, INT64_MAX);
}

/* Before a connection ends all that came by it is to be known; what is frozen goes on for that. */
static bool is_caught_up(struct watch *watch)
{
    if (watch_is_behind(watch))
        thaw(watch);
    return !watch_is_behind(watch);
}

void watch_freeze(struct watch *watch, bool is_frozen)
{
    if (watch->frozen.is_on == is_frozen || (is_frozen && watch->state != WATCH_LIVE))
        return;
    if (!is_frozen) {
        thaw(watch);
        return;
    }
    /* One that has not caught up yet stands where it has got to. */
    g_clear_handle_id(&watch->frozen.step, g_source_remove);
    watch->frozen.is_on = true;
    watch->frozen.is_full = false;
    watch->frozen.since_us = g_get_monotonic_time();
}

static void hold(struct watch *watch, const unsigned char *bytes, size_t size)
{
    if (watch->frozen.frames == NULL)
        watch->frozen.frames = g_byte_array_new();
    g_byte_array_append(watch->frozen.frames, bytes, (guint)size);
    if (!watch->frozen.is_on || watch->frozen.frames->len < watch->frozen.limit)
        return;
    watch->frozen.is_full = true;
    thaw(watch);
    if (watch->listener.changed != NULL)
        watch->listener.changed(watch, watch->listener.user);
}

/* ---- Taking ---- */

static size_t take_frame(struct watch *watch, const unsigned char *bytes, size_t size)
{
    struct wire_frame frame;
    union record record;
    int taken = mproc__wire_decode(bytes, size, &frame, &record);
    if (taken <= 0)
        return size;
    bounds_apply(&frame, &record);
    if (frame.type == RECORD_GREETING && is_of_another(watch, &record.greeting))
        watch->is_succeeded = true;
    if (watch->is_succeeded)
        return size;
    if (watch_is_behind(watch))
        hold(watch, bytes, (size_t)taken);
    else
        know(watch, &frame, &record);
    hear(watch, &frame, &record, bytes, (size_t)taken);
    return (size_t)taken;
}

static size_t take_some(struct watch *watch, const unsigned char *bytes, size_t size)
{
    size_t taken = 0;
    for (unsigned i = 0; i < FRAMES_AT_ONCE && taken < size; i++)
        taken += take_frame(watch, bytes + taken, size - taken);
    return taken;
}

static size_t on_frames(void *user, const unsigned char *bytes, size_t size)
{
    struct watch *watch = user;
    /* What came before it comes first. */
    if (watch_is_behind(watch) && !watch->frozen.is_on)
        return 0;
    int64_t until_us = g_get_monotonic_time() + slice_us(watch);
    size_t taken = 0;
    do
        taken += take_some(watch, bytes + taken, size - taken);
    while (taken < size && g_get_monotonic_time() < until_us);
    if (watch->is_succeeded)
        return taken;
    watch->heard_us = g_get_monotonic_time();
    watch->wait_s = 1;
    watch->retry_us = 0;
    if (!watch->model->whole)
        return taken;
    watch->code = 0;
    set_state(watch, WATCH_LIVE, "");
    return taken;
}

/* ---- Connecting ---- */

static bool is_gone(const struct watch *watch, int code)
{
    return watch->model->ended || watch->is_succeeded || code == MPROC_E_NOT_FOUND || !watch->is_announced;
}

static void disconnect(struct watch *watch)
{
    settle(watch);
    feed_free(g_steal_pointer(&watch->feed));
    requests_lose(watch->requests);
    model_set_told_of_tasks(watch->model, false);
    if (watch->model->looks.since_ns != 0)
        model_look(watch->model, false);
}

static void retry_later(struct watch *watch)
{
    watch->retry_us = g_get_monotonic_time() + watch->wait_s * G_USEC_PER_SEC;
    watch->wait_s = MIN(watch->wait_s * 2, RETRY_MAX_S);
}

/* One whose end was no farewell is first tried once more: what is not on the list then has died. */
static bool on_over(void *user, int code, const char *told)
{
    struct watch *watch = user;
    if (!is_caught_up(watch))
        return false;
    /* The feed's own, which goes with it. */
    g_autofree char *why = g_strdup(told);
    watch->code = code;
    disconnect(watch);
    /* It is not tried again, so nothing more comes to be recorded. */
    if (code == MPROC_E_FOREIGN || code == MPROC_E_STATE || code == MPROC_E_MISMATCH)
        end_recording(watch, why);
    if (code == MPROC_E_FOREIGN || code == MPROC_E_STATE)
        set_state(watch, WATCH_REFUSED, why);
    else if (code == MPROC_E_MISMATCH)
        set_state(watch, WATCH_INCOMPATIBLE, why);
    else if (is_gone(watch, code)) {
        end_recording(watch, NULL);
        set_state(watch, WATCH_ENDED, why);
    } else {
        retry_later(watch);
        set_state(watch, WATCH_LOST, why);
    }
    return true;
}

/* The other one is found by who looks for processes. */
static void end_succeeded(struct watch *watch)
{
    disconnect(watch);
    end_recording(watch, NULL);
    watch->retry_us = 0;
    set_state(watch, WATCH_ENDED, "");
}

static void connect_feed(struct watch *watch)
{
    const struct feed_listener listener = { on_frames, on_over, watch };
    watch->retry_us = 0;
    watch->heard_us = g_get_monotonic_time();
    watch->wants = wants_of(watch);
    watch->feed = feed_start(watch->pid, watch->wants, &listener);
    if (watch->feed == NULL)
        retry_later(watch);
    else
        feed_look(watch->feed, watch->is_looked_at);
}

/* The numbers of all that there are, of the main loop alone. */
static GHashTable *watches;

static void enlist(struct watch *watch)
{
    static uint64_t last;
    watch->number = ++last;
    if (watches == NULL)
        watches = g_hash_table_new(g_int64_hash, g_int64_equal);
    g_hash_table_add(watches, &watch->number);
}

bool watch_is_there(uint64_t number)
{
    return watches != NULL && g_hash_table_contains(watches, &number);
}

static struct watch *allocate(const struct watch_listener *listener)
{
    struct watch *watch = g_new0(struct watch, 1);
    enlist(watch);
    watch->since_us = g_get_monotonic_time();
    watch->why = g_strdup("");
    watch->stuck = g_strdup("");
    watch->listener = *listener;
    watch->wait_s = 1;
    watch->speed = SPEED_ONCE;
    watch->frozen.limit = WATCH_HELD_BYTES;
    return watch;
}

static void on_answer(const struct answer *answer, void *user)
{
    struct watch *watch = user;
    if (watch->listener.answered != NULL)
        watch->listener.answered(watch, answer, watch->listener.user);
}

struct watch *watch_process(int64_t pid, const char *program, const struct watch_listener *listener)
{
    struct watch *watch = allocate(listener);
    watch->pid = pid;
    watch->program = g_path_get_basename(program);
    watch->is_announced = true;
    watch->requests = requests_new(on_answer, watch);
    if (watch_create_model(&watch->model) < 0)
        g_error("out of memory");
    tasks_bound(&watch->model->tasks, WATCH_BYTES_ASIDE);
    connect_feed(watch);
    return watch;
}

void watch_free(struct watch *watch)
{
    if (watch == NULL)
        return;
    g_hash_table_remove(watches, &watch->number);
    if (watch->step != 0)
        g_source_remove(watch->step);
    g_clear_handle_id(&watch->frozen.step, g_source_remove);
    g_clear_pointer(&watch->frozen.frames, g_byte_array_unref);
    feed_free(watch->feed);
    g_clear_pointer(&watch->greeting, g_bytes_unref);
    recorder_end(watch->recorder);
    replay_free(watch->replay);
    requests_free(watch->requests);
    watch_discard_model(watch->model);
    g_free(watch->path);
    g_free(watch->program);
    g_free(watch->why);
    g_free(watch->stuck);
    g_free(watch);
}

const struct model *watch_model(const struct watch *watch)
{
    return watch->replay != NULL ? replay_model(watch->replay) : watch->model;
}

struct tasks *watch_tasks(struct watch *watch)
{
    if (watch->replay != NULL)
        return replay_tasks(watch->replay);
    return watch->model != NULL ? &watch->model->tasks : NULL;
}

bool watch_is_fresh(const struct watch *watch)
{
    return watch->state == WATCH_LIVE || watch->state == WATCH_REPLAY || watch->state == WATCH_STUCK;
}

static void reconnect(struct watch *watch)
{
    disconnect(watch);
    connect_feed(watch);
}

static void look_at_process(struct watch *watch)
{
    if (watch->feed != NULL)
        feed_look(watch->feed, watch->is_looked_at);
    if (can_want(watch))
        say_wants(watch);
    else if (watch->feed != NULL && watch->wants != wants_of(watch))
        reconnect(watch);
}

static void look_at_recording(struct watch *watch);

void watch_look(struct watch *watch, bool is_looked_at)
{
    struct tasks *tasks = watch_tasks(watch);
    if (watch->is_looked_at == is_looked_at)
        return;
    watch->is_looked_at = is_looked_at;
    if (!is_looked_at)
        thaw(watch);
    if (tasks == NULL)
        return;
    tasks_bound(tasks, is_looked_at ? WATCH_BYTES : WATCH_BYTES_ASIDE);
    if (watch->replay != NULL)
        look_at_recording(watch);
    else
        look_at_process(watch);
}

void watch_announce(struct watch *watch, bool is_announced)
{
    watch->is_announced = is_announced;
    if (!is_announced && watch->feed == NULL && watch->state == WATCH_LOST)
        set_state(watch, WATCH_ENDED, watch->why);
}

/* What has come, and was not taken so far because the window had other things to do, is no silence. */
static bool has_news(const struct watch *watch)
{
    return watch->feed != NULL && feed_has_news(watch->feed);
}

static bool is_silent(const struct watch *watch, int64_t now_us)
{
    return now_us - watch->heard_us > SILENCE_US && !has_news(watch);
}

/* What nobody looks at tells late what was: until then nothing is taken to hold, or a second of it would have less than
 * what it did, and the next one more. */
static int64_t time_of(const struct watch *watch)
{
    return platform_now_ns() - (watch->is_looked_at ? 0 : FEED_LATE_NS);
}

static void check_file(struct watch *watch);

void watch_beat(struct watch *watch)
{
    int64_t now_us = g_get_monotonic_time();
    if (watch->path != NULL) {
        if (watch->is_looked_at && now_us - watch->checked_us >= CHECK_US)
            check_file(watch);
        return;
    }
    if (watch->is_succeeded && watch->feed != NULL && is_caught_up(watch))
        end_succeeded(watch);
    if (!has_news(watch))
        requests_beat(watch->requests, now_us);
    if (watch->recorder != NULL && recorder_write_due(watch->recorder) < 0)
        end_recording(watch, mproc_last_error());
    if (watch->state == WATCH_LIVE && now_us - watch->heard_us < FRESH_US && !watch_is_behind(watch))
        model_tick(watch->model, time_of(watch));
    if (watch->state == WATCH_LIVE && is_silent(watch, now_us) && is_caught_up(watch))
        set_state(watch, WATCH_LOST, "");
    if (watch->retry_us != 0 && now_us >= watch->retry_us)
        connect_feed(watch);
}

void watch_control(struct watch *watch, const struct record_control *control)
{
    struct record_control numbered = *control;
    if (watch->requests == NULL)
        return;
    requests_add(watch->requests, &numbered, g_get_monotonic_time());
    if (watch->feed != NULL)
        feed_control(watch->feed, &numbered);
    else
        requests_lose(watch->requests);
}

/* ---- Recording ---- */

bool watch_is_recorded(const struct watch *watch)
{
    return watch->recorder != NULL;
}

void watch_record(struct watch *watch, const char *path)
{
    size_t size;
    if (watch->recorder != NULL || watch->greeting == NULL)
        return;
    const unsigned char *greeting = g_bytes_get_data(watch->greeting, &size);
    watch->recorder = recorder_new(path, greeting, size);
    if (can_want(watch)) {
        say_wants(watch);
        feed_resync(watch->feed);
    } else
        reconnect(watch);
}

void watch_record_end(struct watch *watch)
{
    end_recording(watch, NULL);
}

uint64_t watch_recorded_bytes(const struct watch *watch)
{
    return watch->recorder != NULL ? recorder_bytes(watch->recorder) : 0;
}

/* ---- Replay ---- */

static gboolean step(gpointer data);

static void step_soon(struct watch *watch)
{
    if (watch->step == 0 && watch->replay != NULL)
        watch->step = g_timeout_add(SLICE_MS, step, watch);
}

static bool is_there(const struct watch *watch)
{
    return g_file_test(watch->path, G_FILE_TEST_EXISTS);
}

/* code: what came of an attempt to read it once more. */
static void note_stuck(struct watch *watch, int code)
{
    if (code < 0)
        watch->code = code;
    g_free(watch->stuck);
    watch->stuck = g_strdup(code < 0 ? mproc_last_error() : "");
    watch->is_gone = code < 0 && !is_there(watch);
    set_state(watch, code < 0 ? WATCH_STUCK : WATCH_REPLAY, watch->why);
}

/* Forwards one that is stuck goes on, and is stuck all the same. */
static void seek(struct watch *watch, int64_t time_ns)
{
    int code = replay_seek(watch->replay, time_ns);
    if (code < 0)
        note_stuck(watch, code);
}

static void look_at_recording(struct watch *watch)
{
    uint64_t first = watch_tasks(watch)->first;
    if (!watch->is_looked_at)
        watch->first_left = first;
    else if (first != watch->first_left)
        note_stuck(watch, replay_renew(watch->replay));
    step_soon(watch);
}

static void open_file(struct watch *watch)
{
    int code = replay_open(watch->path, &watch->replay);
    watch->code = code;
    watch->is_gone = code < 0 && !is_there(watch);
    if (code < 0)
        set_state(watch, code == MPROC_E_MISMATCH ? WATCH_INCOMPATIBLE : WATCH_UNREADABLE, mproc_last_error());
    else
        set_state(watch, WATCH_REPLAY, "");
    step_soon(watch);
}

void watch_again(struct watch *watch)
{
    if (watch->path == NULL) {
        reconnect(watch);
    } else if (watch->state == WATCH_STUCK) {
        note_stuck(watch, replay_renew(watch->replay));
        step_soon(watch);
    } else if (watch->state == WATCH_UNREADABLE) {
        open_file(watch);
    }
}

/* It may be removed while it is shown, and it may come back. While it is read for the first time it is open. */
static void check_file(struct watch *watch)
{
    watch->checked_us = g_get_monotonic_time();
    if (watch->replay != NULL && replay_is_known(watch->replay))
        note_stuck(watch, replay_check(watch->replay));
    else if (watch->state == WATCH_UNREADABLE && watch->is_gone && is_there(watch))
        open_file(watch);
}

/* One that is not read to its end is not read on while nobody looks: what it tells of would have to make room. */
static bool reads_on(const struct watch *watch)
{
    return watch->is_looked_at || replay_is_known(watch->replay);
}

static void move_head(struct watch *watch)
{
    int64_t now_us = g_get_monotonic_time();
    double passed_ns = (double)(now_us - watch->played_us) * 1000 * watch->speed;
    watch->played_us = now_us;
    seek(watch, replay_at_ns(watch->replay) + (int64_t)passed_ns);
    if (replay_is_at_end(watch->replay))
        watch->is_playing = false;
}

static gboolean step(gpointer data)
{
    struct watch *watch = data;
    int code = 0;
    if (watch->is_playing)
        move_head(watch);
    bool more = reads_on(watch) && replay_step(watch->replay, SLICE_US, &code);
    if (code < 0 && g_strcmp0(watch->why, "") == 0) {
        watch->code = code;
        g_free(watch->why);
        watch->why = g_strdup(mproc_last_error());
    }
    if (more || watch->is_playing)
        return G_SOURCE_CONTINUE;
    watch->step = 0;
    return G_SOURCE_REMOVE;
}

struct watch *watch_recording(const char *path, const struct watch_listener *listener)
{
    struct watch *watch = allocate(listener);
    watch->path = g_strdup(path);
    watch->program = g_path_get_basename(path);
    if (g_str_has_suffix(watch->program, ".mproc"))
        watch->program[strlen(watch->program) - strlen(".mproc")] = '\0';
    watch->state = WATCH_SHELVED;
    return watch;
}

void watch_open(struct watch *watch)
{
    if (watch->state == WATCH_SHELVED)
        open_file(watch);
}

void watch_seek(struct watch *watch, int64_t time_ns)
{
    if (watch->replay == NULL)
        return;
    seek(watch, time_ns);
    step_soon(watch);
}

/* At its end it begins from the beginning. */
void watch_play(struct watch *watch, bool is_playing)
{
    if (watch->replay == NULL || !replay_is_known(watch->replay))
        return;
    if (is_playing && replay_is_at_end(watch->replay))
        seek(watch, replay_begin_ns(watch->replay));
    watch->is_playing = is_playing && watch_can_play(watch);
    watch->played_us = g_get_monotonic_time();
    step_soon(watch);
}

void watch_set_speed(struct watch *watch, double speed)
{
    watch->speed = speed;
}

bool watch_can_play(const struct watch *watch)
{
    return watch->state == WATCH_REPLAY || (watch->state == WATCH_STUCK && !replay_is_at_end(watch->replay));
}
