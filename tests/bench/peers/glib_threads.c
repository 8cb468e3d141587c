/* A pool of threads as GLib has it: GThreadPool runs a function per request, and a GAsyncQueue collects replies. */
#include "peer.h"

#include <glib.h>

/* A request, then the reply to it. */
struct message {
    int64_t value;
};

static GThreadPool *pool;
static GAsyncQueue *replies;

static void answer(gpointer data, gpointer user)
{
    struct message *message = data;
    (void)user;
    message->value = peer_answer(message->value);
    g_async_queue_push(replies, message);
}

static void start(int workers)
{
    replies = g_async_queue_new();
    pool = g_thread_pool_new(answer, NULL, workers, TRUE, NULL);
    if (!pool)
        peer_fail("g_thread_pool_new");
}

static void send_request(int64_t request)
{
    struct message *message = g_new(struct message, 1);
    message->value = request;
    g_thread_pool_push(pool, message, NULL);
}

static int64_t take(struct message *message)
{
    int64_t value = message->value;
    g_free(message);
    return value;
}

static int64_t receive(void)
{
    return take(g_async_queue_pop(replies));
}

static int try_receive(int64_t *reply)
{
    struct message *message = g_async_queue_try_pop(replies);
    if (!message)
        return 0;
    *reply = take(message);
    return 1;
}

static void stop(void)
{
    g_thread_pool_free(pool, FALSE, TRUE);
    g_async_queue_unref(replies);
}

int main(int argc, char **argv)
{
    static const struct peer peer = { "glib", start, send_request, receive, try_receive, stop, 1 };
    return peer_main(argc, argv, &peer);
}
