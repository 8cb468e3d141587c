/* The thread that serves those who watch. */
#include "monitor/publisher.h"
#include "base/error.h"
#include "base/log.h"
#include "monitor/log_lines.h"
#include "monitor/news.h"
#include "monitor/objects.h"
#include "process/threads.h"
#include <stdlib.h>

/* Beyond those who watch there is room for some who are being greeted, or sent away. */
#define PLACES           24u
#define ACCEPTS          8
#define HEARD_NS         4000000
#define FAREWELL_NS      100000000
#define FAREWELL_TICK_NS 2000000
/* For so long after the farewell the thread is waited for: it may be in the middle of a look. */
#define END_NS 3000000000
/* Or for so long, if it cannot be roused: then it comes by the clock, or never. */
#define LOST_NS 300000000

struct client_limits mproc__publisher_limits = { .hello_ns = 2000000000,
                                                 .stuck_ns = 5000000000,
                                                 .leave_ns = 1000000000 };

/* What the thread alone uses while it runs. */
struct service {
    struct card card;
    struct client clients[PLACES];
    struct news news;
    unsigned first_heard; /* of the clients, at the next round */
    bool is_deaf;         /* the program has closed the endpoint under it */
    /* From here on others' as well. */
    platform_handle wake;
    platform_mark wake_mark;
    _Atomic bool stopping; /* relaxed: a request that is also an event */
    platform_mutex lock;
    platform_condition ended;
    /* With the lock. */
    bool has_ended;
    platform_endpoint *endpoint; /* the thread alone changes it, and needs the lock for that alone */
};

static struct {
    struct service *service; /* NULL: it does not run */
    platform_thread *thread;
    struct service *lost; /* its thread could not be told to end: neither is touched again, and there is no other */
    bool has_run;         /* or is about to: what its thread keeps may be in use */
} publisher;

/* Relaxed: counts for whoever asks. */
static _Atomic unsigned watchers;
static _Atomic uint64_t looks;

/* ---- Clients ---- */

static unsigned count_phase(const struct service *service, enum client_phase phase)
{
    unsigned count = 0;
    for (unsigned i = 0; i < PLACES; i++)
        count += service->clients[i].phase == phase;
    return count;
}

static struct client *free_place(struct service *service)
{
    for (unsigned i = 0; i < PLACES; i++)
        if (service->clients[i].phase == CLIENT_NONE)
            return &service->clients[i];
    return NULL;
}

/* Those that find no place wait at the endpoint. */
static void accept_some(struct service *service)
{
    platform_stream *stream;
    struct client *place;
    for (int i = 0; i < ACCEPTS && (place = free_place(service)) != NULL; i++) {
        int code = platform_endpoint_accept(service->endpoint, &stream);
        service->is_deaf = service->is_deaf || code == MPROC_E_CLOSED;
        if (code < 0 || stream == NULL)
            return;
        mproc__client_begin(place, stream, &service->card, &mproc__publisher_limits);
    }
}

static void hear(struct service *service, struct client *client, int64_t until_ns)
{
    bool full = count_phase(service, CLIENT_WATCHES) >= PUBLISHER_WATCHERS;
    if (client->phase != CLIENT_NONE)
        mproc__client_hear(client, full, PUBLISHER_INTERVAL_NS, until_ns, &mproc__publisher_limits);
}

/* Once the time for it is over the others come first the next time, since what one of them asks for may take longer
 * than a look. */
static void hear_all(struct service *service)
{
    int64_t until_ns = platform_now_ns() + HEARD_NS;
    unsigned first = service->first_heard;
    for (unsigned i = 0; i < PLACES && (i == 0 || platform_now_ns() < until_ns); i++) {
        service->first_heard = (first + i + 1) % PLACES;
        hear(service, &service->clients[(first + i) % PLACES], until_ns);
    }
}

static void serve_all(struct service *service)
{
    for (unsigned i = 0; i < PLACES; i++)
        if (service->clients[i].phase != CLIENT_NONE)
            mproc__client_serve(&service->clients[i], &mproc__publisher_limits);
}

/* What is known of those who have gone in this round, by whatever way. */
static void forget_gone(struct service *service, const enum client_phase *before)
{
    for (unsigned i = 0; i < PLACES; i++)
        if (before[i] == CLIENT_WATCHES && service->clients[i].phase != CLIENT_WATCHES)
            mproc__news_forget(&service->news, &service->clients[i]);
}

static void note_phases(const struct service *service, enum client_phase *ret_phases)
{
    for (unsigned i = 0; i < PLACES; i++)
        ret_phases[i] = service->clients[i].phase;
}

/* ---- Rounds ---- */

/* Whoever came, went or said what he wants: the pools note no more than that, and nothing for nobody. */
static unsigned settle(struct service *service)
{
    unsigned count = mproc__news_prepare(&service->news);
    atomic_store_explicit(&watchers, count, memory_order_relaxed);
    return count;
}

static void look(struct service *service)
{
    if (settle(service) == 0)
        return;
    atomic_fetch_add_explicit(&looks, 1, memory_order_relaxed);
    mproc__news_gather(&service->news);
}

static void round_of_all(struct service *service)
{
    enum client_phase before[PLACES];
    accept_some(service);
    note_phases(service, before);
    hear_all(service);
    forget_gone(service, before);
    look(service);
    note_phases(service, before);
    serve_all(service);
    forget_gone(service, before);
    /* There may be no next round. */
    settle(service);
}

static bool is_stopping(struct service *service)
{
    return atomic_load_explicit(&service->stopping, memory_order_relaxed);
}

/* A program that closes handles that are not its own, as one does that becomes a daemon, has closed the event as well,
 * and may have a file of its own under its number. */
static bool has_wake(const struct service *service)
{
    return platform_handle_is(service->wake, &service->wake_mark);
}

/* By the clock, whatever clients do: nobody makes this thread run more often by talking, or by coming and going. */
static int wait_for_clock(struct service *service, int64_t next_ns)
{
    int code = platform_streams_wait(NULL, NULL, NULL, 0, service->wake, next_ns);
    if (code > 0 && !is_stopping(service))
        code = has_wake(service) ? platform_streams_wait(NULL, NULL, NULL, 0, PLATFORM_NO_HANDLE, next_ns)
                                 : MPROC_E_CLOSED;
    return code;
}

/* Without clients until the first one comes. */
static int wait_for_round(struct service *service, int64_t next_ns)
{
    int code = wait_for_clock(service, next_ns);
    if (code != 0 || is_stopping(service) || count_phase(service, CLIENT_NONE) < PLACES)
        return code;
    if (service->is_deaf)
        return MPROC_E_CLOSED;
    return platform_streams_wait(service->endpoint, NULL, NULL, 0, service->wake, INT64_MAX);
}

/* ---- The end ---- */

static void dismiss_all(struct service *service)
{
    const struct record_ended ended = { 0 };
    for (unsigned i = 0; i < PLACES; i++) {
        struct client *client = &service->clients[i];
        if (client->phase == CLIENT_WATCHES)
            mproc__outbox_word(&client->outbox, RECORD_ENDED, &ended, platform_now_ns());
        if (client->phase != CLIENT_NONE)
            mproc__client_dismiss(client, &mproc__publisher_limits);
    }
}

static void say_farewell(struct service *service)
{
    int64_t until = platform_now_ns() + FAREWELL_NS;
    look(service);
    dismiss_all(service);
    for (serve_all(service); count_phase(service, CLIENT_NONE) < PLACES; serve_all(service)) {
        int64_t now = platform_now_ns();
        if (now > until)
            break;
        platform_streams_wait(NULL, NULL, NULL, 0, PLATFORM_NO_HANDLE, now + FAREWELL_TICK_NS);
    }
    for (unsigned i = 0; i < PLACES; i++)
        if (service->clients[i].phase != CLIENT_NONE)
            mproc__client_end(&service->clients[i]);
    mproc__news_close(&service->news);
    atomic_store_explicit(&watchers, 0, memory_order_relaxed);
}

static void say_that_it_has_ended(struct service *service)
{
    platform_mutex_lock(&service->lock);
    service->has_ended = true;
    platform_condition_signal(&service->ended);
    platform_mutex_unlock(&service->lock);
}

static void close_endpoint(struct service *service)
{
    platform_mutex_lock(&service->lock);
    platform_endpoint *endpoint = service->endpoint;
    service->endpoint = NULL;
    platform_mutex_unlock(&service->lock);
    platform_endpoint_free(endpoint);
}

static void say_why(int code)
{
    mproc__log(MPROC_LOG_WARNING, "nobody can watch this process any more: %s",
               code == MPROC_E_CLOSED ? "the program has closed handles that are not its own" : platform_error_text());
}

static void serve(void *argument)
{
    struct service *service = argument;
    int64_t next_ns = 0;
    int code = 0;
    while ((code = wait_for_round(service, next_ns)) >= 0 && !is_stopping(service)) {
        next_ns = platform_now_ns() + PUBLISHER_INTERVAL_NS;
        round_of_all(service);
    }
    if (code < 0)
        say_why(code);
    close_endpoint(service);
    say_farewell(service);
    say_that_it_has_ended(service);
}

/* ---- Starting and stopping ---- */

static int make_endpoint(struct service *service, const char *name)
{
    char card[PLATFORM_CARD_SIZE];
    mproc__card_fill(&service->card, name);
    mproc__card_write(&service->card, card);
    int code = platform_endpoint_create(card, &service->endpoint);
    return code < 0 ? mproc__error_platform(code, "letting this process be watched") : 0;
}

static int start_thread(struct service *service)
{
    int code = platform_event_create(&service->wake);
    platform_handle_mark(service->wake, &service->wake_mark);
    if (code == 0)
        code = platform_thread_start(serve, service, "mproc-monitor", &publisher.thread);
    if (code == 0)
        return 0;
    platform_handle_close(service->wake);
    return mproc__error_platform(code, "letting this process be watched");
}

static int make_service(struct service **ret_service)
{
    struct service *service = calloc(1, sizeof *service);
    if (service == NULL)
        return mproc__error(MPROC_E_NO_MEMORY, "letting this process be watched");
    int code = platform_condition_init(&service->ended);
    if (code < 0) {
        free(service);
        return mproc__error_platform(code, "letting this process be watched");
    }
    platform_mutex_init(&service->lock);
    service->news.clients = service->clients;
    service->news.client_count = PLACES;
    service->wake = PLATFORM_NO_HANDLE;
    *ret_service = service;
    return 0;
}

static void free_service(struct service *service)
{
    platform_condition_destroy(&service->ended);
    platform_mutex_destroy(&service->lock);
    free(service);
}

int mproc__publisher_start(const char *name)
{
    struct service *service = NULL;
    if (publisher.lost != NULL)
        return mproc__error(MPROC_E_STATE, "the thread that let this process be watched could not be ended");
    publisher.has_run = true;
    int code = make_service(&service);
    if (code < 0)
        return code;
    code = make_endpoint(service, name);
    if (code == 0 && (code = start_thread(service)) < 0)
        platform_endpoint_free(service->endpoint);
    if (code < 0) {
        free_service(service);
        return code;
    }
    mproc__threads_publisher_runs(true);
    publisher.service = service;
    return 0;
}

/* False if the thread hears nothing. Without its event it is told as by a client, in case it waits for one. */
static bool rouse(struct service *service)
{
    if (has_wake(service)) {
        platform_event_set(service->wake);
        return true;
    }
    platform_mutex_lock(&service->lock);
    bool is_roused = service->endpoint == NULL || platform_endpoint_rouse(service->endpoint) == 0;
    platform_mutex_unlock(&service->lock);
    return is_roused;
}

/* Whether the thread has ended in that time. */
static bool wait_for_end(struct service *service, int64_t limit_ns)
{
    int64_t until = platform_now_ns() + limit_ns;
    bool in_time = true;
    platform_mutex_lock(&service->lock);
    while (!service->has_ended && in_time)
        in_time = platform_condition_wait(&service->ended, &service->lock, until);
    bool has_ended = service->has_ended;
    platform_mutex_unlock(&service->lock);
    return has_ended;
}

/* Nothing is closed: the numbers may be those of others' handles by now. */
static void leave_alone(struct service *service)
{
    mproc__log(MPROC_LOG_WARNING, "the thread that lets this process be watched does not end: it is left alone");
    platform_thread_forget(publisher.thread);
    publisher.lost = service;
}

void mproc__publisher_stop(void)
{
    struct service *service = publisher.service;
    if (service == NULL)
        return;
    publisher.service = NULL;
    atomic_store_explicit(&service->stopping, true, memory_order_relaxed);
    bool is_roused = rouse(service);
    if (!wait_for_end(service, FAREWELL_NS + (is_roused ? END_NS : LOST_NS))) {
        leave_alone(service);
        return;
    }
    platform_thread_join(publisher.thread);
    mproc__threads_publisher_runs(false);
    platform_handle_close_marked(service->wake, &service->wake_mark);
    free_service(service);
}

/* Its thread may have ended by itself, or sleep without what it is woken by, and so be of no use: the program has
 * closed that. */
bool mproc__publisher_runs(void)
{
    struct service *service = publisher.service;
    if (service == NULL)
        return false;
    platform_mutex_lock(&service->lock);
    bool has_ended = service->has_ended;
    platform_mutex_unlock(&service->lock);
    return !has_ended && has_wake(service);
}

unsigned mproc__publisher_watchers(void)
{
    return atomic_load_explicit(&watchers, memory_order_relaxed);
}

uint64_t mproc__publisher_looks(void)
{
    return atomic_load_explicit(&looks, memory_order_relaxed);
}

void mproc__publisher_adopt(void)
{
    /* Forgotten, not freed: the parent's thread may have been changing any of it. */
    publisher.service = publisher.lost = NULL;
    /* Nothing else was touched, and to write to it would give each child pages of its own. */
    if (!publisher.has_run)
        return;
    publisher.has_run = false;
    atomic_store_explicit(&watchers, 0, memory_order_relaxed);
    mproc__log_lines_adopt();
    mproc__objects_adopt();
}
