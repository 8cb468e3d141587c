#include "window/feed.h"

#include "model/source.h"
#include <mproc/base.h>

#define CONNECT_NS INT64_C(5000000000)
/* Batches come at most this often. */
#define FRAME_MS 16u
/* The thread hands over when it has so much, or nothing more to read; and waits when so much has not been fetched. */
#define PIECE_BYTES (64u << 10)
#define BATCH_BYTES (256u << 10)
/* For so long what nobody looks at may gather before it is read, unless it was so much the last time. */
#define ASIDE_NS    (FEED_LATE_NS * 2 / 3)
#define ASIDE_BYTES (BATCH_BYTES / 2)
/* Behind drawing: however much there is to read, frames are drawn. */
#define PRIORITY    (G_PRIORITY_HIGH_IDLE + 30)
#define HANDLES_MAX 4

/* What is to be said to the process. */
struct word {
    enum record_type type;
    uint32_t wants;
    struct record_control control;
};

struct feed {
    int64_t pid;
    uint32_t wants;
    struct feed_listener listener;
    GThread *thread;
    platform_handle stop, wake;
    GMutex lock; /* of all below */
    GCond fetched;
    GByteArray *frames;
    GArray *words; /* struct word */
    guint timeout;
    bool is_looked_at, is_stopping, is_over;
    int code;
    char *why;
};

/* ---- In the main loop ---- */

static gboolean deliver(gpointer data);

/* With the lock. */
static void call_main(struct feed *feed)
{
    if (feed->timeout == 0 && !feed->is_stopping)
        feed->timeout = g_timeout_add_full(PRIORITY, FRAME_MS, deliver, feed, NULL);
}

static GByteArray *fetch(struct feed *feed, bool *ret_is_over)
{
    g_mutex_lock(&feed->lock);
    GByteArray *frames = g_steal_pointer(&feed->frames);
    *ret_is_over = feed->is_over;
    feed->frames = g_byte_array_new();
    feed->timeout = 0;
    g_cond_signal(&feed->fetched);
    g_mutex_unlock(&feed->lock);
    return frames;
}

/* Before what has come meanwhile. */
static void put_back(struct feed *feed, GByteArray *frames)
{
    g_mutex_lock(&feed->lock);
    g_byte_array_append(frames, feed->frames->data, feed->frames->len);
    g_byte_array_unref(feed->frames);
    feed->frames = frames;
    call_main(feed);
    g_mutex_unlock(&feed->lock);
}

static void call_again(struct feed *feed)
{
    g_mutex_lock(&feed->lock);
    call_main(feed);
    g_mutex_unlock(&feed->lock);
}

/* Nothing of the feed is used behind over that has taken it, and may have freed it. */
static gboolean deliver(gpointer data)
{
    struct feed *feed = data;
    bool is_over;
    GByteArray *frames = fetch(feed, &is_over);
    if (frames->len > 0)
        g_byte_array_remove_range(frames, 0,
                                  (guint)feed->listener.frames(feed->listener.user, frames->data, frames->len));
    if (frames->len > 0) {
        put_back(feed, frames);
        return G_SOURCE_REMOVE;
    }
    g_byte_array_unref(frames);
    if (is_over && !feed->listener.over(feed->listener.user, feed->code, feed->why))
        call_again(feed);
    return G_SOURCE_REMOVE;
}

/* ---- On the thread ---- */

static bool hand_over(struct feed *feed, GByteArray *piece)
{
    if (piece->len == 0)
        return true;
    g_mutex_lock(&feed->lock);
    while (feed->frames->len > BATCH_BYTES && !feed->is_stopping)
        g_cond_wait(&feed->fetched, &feed->lock);
    g_byte_array_append(feed->frames, piece->data, piece->len);
    call_main(feed);
    bool goes_on = !feed->is_stopping;
    g_mutex_unlock(&feed->lock);
    g_byte_array_set_size(piece, 0);
    return goes_on;
}

static bool next_word(struct feed *feed, struct word *ret_word)
{
    g_mutex_lock(&feed->lock);
    bool found = feed->words->len > 0;
    if (found) {
        *ret_word = g_array_index(feed->words, struct word, 0);
        g_array_remove_index(feed->words, 0);
    }
    g_mutex_unlock(&feed->lock);
    return found;
}

static void send_word(struct source *source, const struct word *word)
{
    uint32_t request;
    if (word->type == RECORD_CONTROL)
        source_control(source, &word->control, &request);
    else if (word->type == RECORD_WANTS)
        source_want(source, word->wants);
    else
        source_resync(source);
}

/* One that the process does not take is lost like the connection, which the next read tells. */
static void send_words(struct feed *feed, struct source *source)
{
    struct word word;
    platform_event_clear(feed->wake);
    while (next_word(feed, &word))
        send_word(source, &word);
}

static bool is_stopping(struct feed *feed)
{
    g_mutex_lock(&feed->lock);
    bool stopping = feed->is_stopping;
    g_mutex_unlock(&feed->lock);
    return stopping;
}

static void wait_for_more(struct feed *feed, struct source *source)
{
    platform_handle handles[HANDLES_MAX];
    unsigned char ready[HANDLES_MAX];
    size_t count = (size_t)source_handles(source, handles);
    handles[count++] = feed->stop;
    handles[count++] = feed->wake;
    platform_wait_handles(handles, count, INT64_MAX, ready);
}

static bool may_gather(struct feed *feed, size_t taken)
{
    g_mutex_lock(&feed->lock);
    bool may = !feed->is_looked_at && taken < ASIDE_BYTES;
    g_mutex_unlock(&feed->lock);
    return may;
}

/* Ends at once if there is something to be said, or somebody looks. */
static void let_gather(struct feed *feed)
{
    const platform_handle handles[] = { feed->stop, feed->wake };
    unsigned char ready[2];
    platform_wait_handles(handles, 2, platform_now_ns() + ASIDE_NS, ready);
}

static int take_next(struct source *source, GByteArray *piece)
{
    struct wire_frame frame;
    union record record;
    size_t size;
    int code = source_next(source, &frame, &record);
    if (code == 1) {
        const unsigned char *bytes = source_frame(source, &size);
        g_byte_array_append(piece, bytes, (guint)size);
    }
    return code;
}

static int read_all(struct feed *feed, struct source *source)
{
    g_autoptr(GByteArray) piece = g_byte_array_new();
    size_t taken = 0; /* since it was waited for */
    for (;;) {
        int code = take_next(source, piece);
        if (code != 1 || piece->len >= PIECE_BYTES) {
            taken += piece->len;
            if (!hand_over(feed, piece))
                return MPROC_E_CANCELLED;
            send_words(feed, source); /* however much there is to read */
        }
        if (code < 0)
            return code;
        if (code == 0) {
            if (may_gather(feed, taken))
                let_gather(feed);
            taken = 0;
            wait_for_more(feed, source);
            if (is_stopping(feed))
                return MPROC_E_CANCELLED;
        }
    }
}

static gpointer run(gpointer data)
{
    struct feed *feed = data;
    struct source *source = NULL;
    int64_t deadline_ns = platform_now_ns() + CONNECT_NS;
    int code = source_connect(feed->pid, feed->wants, "mproc-monitor", feed->stop, deadline_ns, &source);
    if (code == 0)
        code = read_all(feed, source);
    char *why = g_strdup(mproc_last_error());
    source_close(source);
    g_mutex_lock(&feed->lock);
    feed->code = code;
    feed->why = why;
    feed->is_over = true;
    call_main(feed);
    g_mutex_unlock(&feed->lock);
    return NULL;
}

/* ---- From outside ---- */

static struct feed *allocate(int64_t pid, uint32_t wants, const struct feed_listener *listener)
{
    struct feed *feed = g_new0(struct feed, 1);
    feed->pid = pid;
    feed->wants = wants;
    feed->listener = *listener;
    feed->stop = feed->wake = PLATFORM_NO_HANDLE;
    feed->frames = g_byte_array_new();
    feed->words = g_array_new(FALSE, FALSE, sizeof(struct word));
    g_mutex_init(&feed->lock);
    g_cond_init(&feed->fetched);
    return feed;
}

struct feed *feed_start(int64_t pid, uint32_t wants, const struct feed_listener *listener)
{
    struct feed *feed = allocate(pid, wants, listener);
    if (platform_event_create(&feed->stop) == 0 && platform_event_create(&feed->wake) == 0)
        feed->thread = g_thread_try_new("feed", run, feed, NULL);
    if (feed->thread == NULL) {
        feed_free(feed);
        return NULL;
    }
    return feed;
}

static void stop(struct feed *feed)
{
    g_mutex_lock(&feed->lock);
    feed->is_stopping = true;
    g_cond_signal(&feed->fetched);
    g_mutex_unlock(&feed->lock);
    platform_event_set(feed->stop);
    g_thread_join(feed->thread);
}

void feed_free(struct feed *feed)
{
    if (feed == NULL)
        return;
    if (feed->thread != NULL)
        stop(feed);
    if (feed->timeout != 0)
        g_source_remove(feed->timeout);
    if (feed->stop != PLATFORM_NO_HANDLE)
        platform_handle_close(feed->stop);
    if (feed->wake != PLATFORM_NO_HANDLE)
        platform_handle_close(feed->wake);
    g_byte_array_unref(feed->frames);
    g_array_unref(feed->words);
    g_mutex_clear(&feed->lock);
    g_cond_clear(&feed->fetched);
    g_free(feed->why);
    g_free(feed);
}

void feed_look(struct feed *feed, bool is_looked_at)
{
    g_mutex_lock(&feed->lock);
    feed->is_looked_at = is_looked_at;
    g_mutex_unlock(&feed->lock);
    platform_event_set(feed->wake);
}

bool feed_has_news(struct feed *feed)
{
    g_mutex_lock(&feed->lock);
    bool has_news = feed->timeout != 0;
    g_mutex_unlock(&feed->lock);
    return has_news;
}

static void say(struct feed *feed, const struct word *word)
{
    g_mutex_lock(&feed->lock);
    g_array_append_val(feed->words, *word);
    g_mutex_unlock(&feed->lock);
    platform_event_set(feed->wake);
}

void feed_control(struct feed *feed, const struct record_control *control)
{
    say(feed, &(struct word){ .type = RECORD_CONTROL, .control = *control });
}

void feed_want(struct feed *feed, uint32_t wants)
{
    say(feed, &(struct word){ .type = RECORD_WANTS, .wants = wants });
}

void feed_resync(struct feed *feed)
{
    say(feed, &(struct word){ .type = RECORD_RESYNC });
}
