/* A pool over ZeroMQ: the parent pushes requests to workers that pull, workers push replies to the parent. */
#include "peer.h"

#include <stdio.h>
#include <unistd.h>
#include <zmq.h>

static char request_address[64], reply_address[64];
static void *context, *requests, *replies;

static void check(int ok, const char *text)
{
    if (!ok)
        peer_fail(text);
}

static void run_worker(int index)
{
    (void)index;
    /* A context does not survive fork: the worker makes its own. */
    void *own = zmq_ctx_new();
    void *pull = zmq_socket(own, ZMQ_PULL);
    void *push = zmq_socket(own, ZMQ_PUSH);
    check(zmq_connect(pull, request_address) == 0 && zmq_connect(push, reply_address) == 0, "connect");
    int64_t value;
    while (zmq_recv(pull, &value, sizeof value, 0) == sizeof value) {
        value = peer_answer(value);
        check(zmq_send(push, &value, sizeof value, 0) == sizeof value, "worker's send");
    }
}

static void start(int workers)
{
    snprintf(request_address, sizeof request_address, "ipc://@bench-requests-%d", (int)getpid());
    snprintf(reply_address, sizeof reply_address, "ipc://@bench-replies-%d", (int)getpid());
    peer_fork_workers(workers, run_worker);
    context = zmq_ctx_new();
    requests = zmq_socket(context, ZMQ_PUSH);
    replies = zmq_socket(context, ZMQ_PULL);
    check(zmq_bind(requests, request_address) == 0 && zmq_bind(replies, reply_address) == 0, zmq_strerror(zmq_errno()));
    /* PUSH hands out to those that are connected: all of them have to be. */
    usleep(200000);
}

static void send_request(int64_t request)
{
    check(zmq_send(requests, &request, sizeof request, 0) == sizeof request, "send");
}

static int64_t receive(void)
{
    int64_t reply;
    check(zmq_recv(replies, &reply, sizeof reply, 0) == sizeof reply, "receive");
    return reply;
}

static int try_receive(int64_t *reply)
{
    return zmq_recv(replies, reply, sizeof *reply, ZMQ_DONTWAIT) == sizeof *reply;
}

static void stop(void)
{
    peer_kill_workers();
    int linger = 0;
    zmq_setsockopt(requests, ZMQ_LINGER, &linger, sizeof linger);
    zmq_close(requests);
    zmq_close(replies);
    zmq_ctx_term(context);
}

int main(int argc, char **argv)
{
    const struct peer peer = { "zeromq", start, send_request, receive, try_receive, stop };
    return peer_main(argc, argv, &peer);
}
