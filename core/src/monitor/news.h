/* One look at everything that is told of, and to whom it is told.
 *
 * What the pools say is copied while they say it, put into bytes once, and into the outbox of each client that wants
 * it: the states first, since they say what the events are about; and last that pools have gone.
 */
#ifndef MPROC_MONITOR_NEWS_H
#define MPROC_MONITOR_NEWS_H

#include "monitor/batch.h"
#include "monitor/client.h"
#include "monitor/state.h"
#include "trace/wire.h"

/** Deaths that were told of, each as often as there was news of it: a pool tells of its last ones again when everything
 * is asked for. */
#define NEWS_DEATHS 512

struct news_death {
    uint32_t pool, worker;
    uint64_t lives;
    int64_t replaced_ns;
};

struct news {
    struct client *clients; /**< each at its place */
    unsigned client_count;  /**< at most STATE_PLACES */
    struct state state;
    struct batch batch;
    uint32_t wants;                                          /**< of all clients together */
    bool is_open;                                            /**< somebody watches */
    int64_t now_ns;                                          /**< when this look began */
    int64_t objects_ns, functions_ns, processes_ns, cost_ns; /**< when these are next looked at */
    uint64_t events, bytes, deaths;                          /**< that there were; bytes to clients that are gone */
    struct news_death told[NEWS_DEATHS];
    unsigned char frame[WIRE_OWN_MAX];
};

/** After clients have come, gone or changed what they want: tells the pools what to note. Returns how many watch. */
unsigned mproc__news_prepare(struct news *news);

/** Looks, and puts what is new into the outboxes of those who watch. */
void mproc__news_gather(struct news *news);

/** A client is about to go. */
void mproc__news_forget(struct news *news, const struct client *client);

/** Nobody watches any more. */
void mproc__news_close(struct news *news);

#endif
