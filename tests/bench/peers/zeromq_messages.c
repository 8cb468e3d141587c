/* Messages over ZeroMQ, from one process that pushes to one that pulls: a socket shares out by turns, so that of
 * several consumers none knows when it has its part. */
#include "messages.h"
#include "peer.h"

#include <stdio.h>
#include <unistd.h>
#include <zmq.h>

static char address[64];
static int depth_of_queue;
static void *context, *queue;

static void check(int ok, const char *text)
{
    if (!ok)
        peer_fail(text);
}

static void make(size_t depth, size_t size)
{
    (void)size;
    depth_of_queue = (int)depth;
    snprintf(address, sizeof address, "ipc://@bench-messages-%d", (int)getpid());
}

/* A context does not survive fork: each process makes its own. */
static void open_queue(int is_consumer)
{
    context = zmq_ctx_new();
    queue = zmq_socket(context, is_consumer ? ZMQ_PULL : ZMQ_PUSH);
    zmq_setsockopt(queue, is_consumer ? ZMQ_RCVHWM : ZMQ_SNDHWM, &depth_of_queue, sizeof depth_of_queue);
    check((is_consumer ? zmq_bind : zmq_connect)(queue, address) == 0, "bind or connect");
}

static void put(const void *data, size_t size)
{
    check(zmq_send(queue, data, size, 0) == (int)size, "send");
}

static void get(void *data, size_t size)
{
    check(zmq_recv(queue, data, size, 0) == (int)size, "receive");
}

static void end(void)
{
}

int main(int argc, char **argv)
{
    const struct message_peer peer = { "zeromq", 1, make, open_queue, put, get, end };
    return message_peer_main(argc, argv, &peer);
}
