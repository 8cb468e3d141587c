/* One look at everything that is told of. */
#include "monitor/news.h"
#include "monitor/log_lines.h"
#include "monitor/objects.h"
#include "pool/observe.h"

/* What takes longer to find out is looked at less often. */
#define OBJECTS_NS   50000000
#define FUNCTIONS_NS 250000000
#define COST_NS      1000000000

/* Who asks for everything again and again has it so often. */
#define SNAPSHOTS_NS 500000000

static unsigned place_of(const struct news *news, const struct client *client)
{
    return (unsigned)(client - news->clients);
}

/* ---- Who wants what ---- */

/* Of events; a state is for everybody. */
static uint32_t wants_of_class(unsigned class)
{
    static const uint32_t wants[RECORD_CLASSES] = { [RECORD_CLASS_LIFE] = RECORD_WANTS_LIFE,
                                                    [RECORD_CLASS_DETAIL] = RECORD_WANTS_DETAIL,
                                                    [RECORD_CLASS_LOG] = RECORD_WANTS_LOG };
    return class < RECORD_CLASSES ? wants[class] : 0;
}

static uint32_t all_wants(const struct news *news, unsigned *ret_watchers)
{
    uint32_t wants = 0;
    *ret_watchers = 0;
    for (unsigned i = 0; i < news->client_count; i++)
        if (news->clients[i].phase == CLIENT_WATCHES) {
            /* The ends of maps and pools are states, for everybody, and come with what they live through. */
            wants |= news->clients[i].wants | RECORD_WANTS_LIFE;
            ++*ret_watchers;
        }
    return wants;
}

static void stop_objects(struct news *news)
{
    for (unsigned i = 0; i < news->client_count; i++)
        if ((news->clients[i].wants & RECORD_WANTS_OBJECTS) == 0)
            mproc__state_want_no_objects(&news->state, i);
}

static void want(struct news *news, uint32_t wants)
{
    uint32_t changed = wants ^ news->wants;
    news->wants = wants;
    if (changed & (RECORD_WANTS_LIFE | RECORD_WANTS_DETAIL))
        mproc__observe_want(wants & (RECORD_WANTS_LIFE | RECORD_WANTS_DETAIL));
    if (changed & wants & RECORD_WANTS_LOG)
        mproc__log_lines_open();
    else if (changed & RECORD_WANTS_LOG)
        mproc__log_lines_close();
    if (changed & ~wants & RECORD_WANTS_OBJECTS) {
        mproc__objects_end();
        mproc__state_forget_objects(&news->state);
    }
}

unsigned mproc__news_prepare(struct news *news)
{
    unsigned watchers;
    uint32_t wants = all_wants(news, &watchers);
    stop_objects(news);
    want(news, wants);
    if (watchers == 0 && news->is_open)
        mproc__news_close(news);
    news->is_open = watchers > 0;
    return watchers;
}

void mproc__news_forget(struct news *news, const struct client *client)
{
    mproc__state_want_no_more(&news->state, place_of(news, client));
    news->bytes += client->outbox.gone;
}

/* The next client begins with everything anew: what is there now may have changed by then with nobody looking. */
void mproc__news_close(struct news *news)
{
    want(news, 0);
    mproc__state_free(&news->state);
    mproc__batch_free(&news->batch);
    news->deaths = 0;
    news->is_open = false;
}

/* ---- Snapshots ---- */

static bool begin_snapshots(struct news *news)
{
    const struct record_snapshot_begin begin = { 0 };
    bool any = false;
    for (unsigned i = 0; i < news->client_count; i++) {
        struct client *client = &news->clients[i];
        if (client->phase != CLIENT_WATCHES || !client->asks || news->now_ns < client->next_snapshot_ns ||
            !mproc__outbox_word(&client->outbox, RECORD_SNAPSHOT_BEGIN, &begin, news->now_ns))
            continue;
        client->next_snapshot_ns = news->now_ns + SNAPSHOTS_NS;
        mproc__state_want(&news->state, i, client->wants & RECORD_WANTS_OBJECTS);
        client->asks = false;
        client->in_snapshot = any = true;
    }
    return any;
}

/* A client that has everything knows that what he was not told of is gone. */
static void end_snapshot(struct news *news, struct client *client)
{
    const struct record_snapshot_end end = { 0 };
    if (client->in_snapshot && client->has_all &&
        mproc__outbox_word(&client->outbox, RECORD_SNAPSHOT_END, &end, news->now_ns))
        client->in_snapshot = false;
}

/* ---- What there is ---- */

static bool is_due(int64_t *next_ns, int64_t interval_ns, int64_t now_ns, bool all)
{
    if (!all && now_ns < *next_ns)
        return false;
    *next_ns = now_ns + interval_ns;
    return true;
}

/* At the end of the batch, and so of what is told. Where there is no room it comes too soon rather than never. */
static void keep_end(struct news *news, const struct record_pool *pool)
{
    size_t used = news->batch.used;
    mproc__batch_add(&news->batch, RECORD_POOL, pool);
    if (news->batch.used == used)
        mproc__state_put(&news->state, RECORD_POOL, pool, news->now_ns);
}

static bool is_end(enum record_type type, const void *record)
{
    return type == RECORD_POOL && ((const struct record_pool *)record)->phase == RECORD_PHASE_GONE;
}

/* States at once, since no lock of a pool is held: what a thing was last is said but once, and must not be lost. */
static void take(void *user, enum record_type type, const void *record)
{
    struct news *news = user;
    if (is_end(type, record))
        keep_end(news, record);
    else if (mproc__state_is_of_thing(type))
        mproc__state_put(&news->state, type, record, news->now_ns);
    else
        mproc__batch_add(&news->batch, type, record);
}

static void ask_pools(struct news *news, bool all)
{
    unsigned what = all ? OBSERVE_ALL : 0;
    if (is_due(&news->functions_ns, FUNCTIONS_NS, news->now_ns, all))
        what |= OBSERVE_FUNCTIONS;
    if (is_due(&news->processes_ns, RECORD_MEASURED_NS, news->now_ns, all))
        what |= OBSERVE_PROCESSES;
    mproc__observe(what, take, news);
    if (news->wants & RECORD_WANTS_LOG)
        mproc__log_lines_read(mproc__batch_add, &news->batch);
}

/* ---- States ---- */

static void take_objects(struct news *news, bool all)
{
    if ((news->wants & RECORD_WANTS_OBJECTS) && is_due(&news->objects_ns, OBJECTS_NS, news->now_ns, all))
        mproc__objects_observe(take, news);
}

static void tell_states(struct news *news)
{
    for (unsigned i = 0; i < news->client_count; i++) {
        struct client *client = &news->clients[i];
        if (client->phase == CLIENT_WATCHES)
            client->has_all = mproc__state_tell(&news->state, i, &client->outbox);
    }
}

/* ---- Events ---- */

/* Whether the same was told before, since the first of those who watch now came. */
static bool was_told(struct news *news, const struct record_death *death)
{
    const struct news_death this = { death->pool, death->worker, death->lives, death->replaced_ns };
    uint64_t known = news->deaths < NEWS_DEATHS ? news->deaths : NEWS_DEATHS;
    for (uint64_t i = 0; i < known; i++) {
        const struct news_death *told = &news->told[i];
        if (told->pool == this.pool && told->worker == this.worker && told->lives == this.lives &&
            told->replaced_ns == this.replaced_ns)
            return true;
    }
    news->told[news->deaths++ % NEWS_DEATHS] = this;
    return false;
}

static void tell_losses(struct news *news, const struct record_lost *lost)
{
    for (unsigned i = 0; i < news->client_count; i++) {
        struct client *client = &news->clients[i];
        if (client->phase == CLIENT_WATCHES && (client->wants & wants_of_class(lost->kind)) != 0 &&
            !mproc__outbox_word(&client->outbox, RECORD_LOST, lost, news->now_ns))
            mproc__outbox_lose(&client->outbox, lost);
    }
}

/* again: it is for those alone who have asked for everything. */
static void tell_event(struct news *news, const struct wire_type *type, const void *record, bool again)
{
    bool is_event = batch_is_event(type->type, record);
    const struct wire_frame head = { .type = type->type, .time_ns = news->now_ns };
    uint32_t wanted = wants_of_class(type->class);
    size_t size = news->wants & wanted ? mproc__wire_encode(news->frame, sizeof news->frame, &head, record) : 0;
    for (unsigned i = 0; size > 0 && i < news->client_count; i++) {
        struct client *client = &news->clients[i];
        if (client->phase != CLIENT_WATCHES || (client->wants & wanted) == 0 || (again && !client->in_snapshot))
            continue;
        if (is_event)
            mproc__outbox_event(&client->outbox, (enum record_class)type->class, news->frame, size, news->now_ns);
        else
            mproc__outbox_state(&client->outbox, news->frame, size);
    }
}

static void tell_item(struct news *news, const struct batch_item *item, bool all)
{
    const struct wire_type *type = mproc__wire_type(item->type);
    bool again = item->type == RECORD_DEATH && was_told(news, item->record) && all;
    if (item->type == RECORD_LOST)
        tell_losses(news, item->record);
    else if (type->class != RECORD_CLASS_STATE)
        tell_event(news, type, item->record, again);
    news->events += (type->class == RECORD_CLASS_LIFE || type->class == RECORD_CLASS_DETAIL) &&
                    batch_is_event(type->type, item->record);
}

static void tell_events(struct news *news, bool all)
{
    struct batch_item item;
    for (size_t place = 0; mproc__batch_at(&news->batch, place, &item); place = item.next)
        tell_item(news, &item, all);
    for (unsigned class = 0; class < RECORD_CLASSES; class ++)
        if (news->batch.losses[class].count > 0)
            tell_losses(news, &news->batch.losses[class]);
}

/* ---- Pools that have gone ---- */

/* After all else of them. */
static void tell_ends(struct news *news)
{
    struct batch_item item;
    bool any = false;
    for (size_t place = 0; mproc__batch_at(&news->batch, place, &item); place = item.next)
        if (item.type == RECORD_POOL) {
            mproc__state_put(&news->state, item.type, item.record, news->now_ns);
            any = true;
        }
    if (any)
        tell_states(news);
}

/* ---- What it costs ---- */

static void tell_cost(struct news *news)
{
    struct record_cost cost = { .cpu_ns = platform_thread_cpu_ns(), .bytes = news->bytes, .events = news->events };
    for (unsigned i = 0; i < news->client_count; i++) {
        bool watches = news->clients[i].phase == CLIENT_WATCHES;
        cost.bytes += watches ? news->clients[i].outbox.gone : 0;
        cost.clients += watches;
    }
    for (unsigned i = 0; i < news->client_count; i++)
        if (news->clients[i].phase == CLIENT_WATCHES)
            mproc__outbox_word(&news->clients[i].outbox, RECORD_COST, &cost, news->now_ns);
}

void mproc__news_gather(struct news *news)
{
    news->now_ns = platform_now_ns();
    if (mproc__batch_begin(&news->batch, news->now_ns) < 0)
        return;
    bool all = begin_snapshots(news);
    ask_pools(news, all);
    take_objects(news, all);
    tell_states(news);
    tell_events(news, all);
    tell_ends(news);
    for (unsigned i = 0; i < news->client_count; i++)
        if (news->clients[i].phase == CLIENT_WATCHES)
            end_snapshot(news, &news->clients[i]);
    if (is_due(&news->cost_ns, COST_NS, news->now_ns, false))
        tell_cost(news);
}
