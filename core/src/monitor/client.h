/* Who has connected: what he says, and what he is told.
 *
 * A client is greeted, has to say hello, and watches from then on until he goes, says what cannot be understood, or
 * takes nothing for a while. No call here waits for him.
 */
#ifndef MPROC_MONITOR_CLIENT_H
#define MPROC_MONITOR_CLIENT_H

#include "monitor/card.h"
#include "monitor/outbox.h"
#include "pool/job_search.h"
#include "trace/wire_reader.h"

enum client_phase {
    CLIENT_NONE = 0,
    CLIENT_GREETED = 1, /**< he has to say hello */
    CLIENT_WATCHES = 2,
    CLIENT_LEAVES = 3 /**< he is told the last that there is for him */
};

struct client {
    enum client_phase phase;
    platform_stream *stream;
    struct wire_reader reader;
    struct outbox outbox;
    uint32_t wants;           /**< RECORD_WANTS_..., as he said last */
    bool asks;                /**< for everything: at first, at a resync, and when he wants more */
    bool in_snapshot;         /**< he has been told of its begin, and not of its end */
    bool has_all;             /**< the state of everything, as it is now */
    int64_t next_snapshot_ns; /**< not before */
    int64_t deadline_ns;      /**< GREETED: for the hello; LEAVES: for the rest */
    int64_t taken_ns;         /**< when he last took something, or there was nothing to take */
    bool has_deed;            /**< one that he asked for, for which a task is still being looked for */
    struct record_control deed;
    struct job_search search;
    char name[CARD_NAME_BYTES];
};

/** How long a client may take for what. */
struct client_limits {
    int64_t hello_ns, stuck_ns, leave_ns;
};

/** Begins with a stream, which becomes the client's, and greets him. On an error the stream is closed. */
int mproc__client_begin(struct client *client, platform_stream *stream, const struct card *card,
                        const struct client_limits *limits);

/** Ends him, whatever there is for him: CLIENT_NONE. */
void mproc__client_end(struct client *client);

/** Reads what he says, as much as one look allows, and does it; after until_ns one thing at the most. full: nobody else
 * may watch. */
void mproc__client_hear(struct client *client, bool full, int64_t interval_ns, int64_t until_ns,
                        const struct client_limits *limits);

/** Sends what there is for him, as much as he takes now, and ends him if he is over: gone, late or stuck. */
void mproc__client_serve(struct client *client, const struct client_limits *limits);

/** Lets him go once he has taken what there is for him. */
void mproc__client_dismiss(struct client *client, const struct client_limits *limits);

#endif
