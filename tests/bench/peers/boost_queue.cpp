/* A pool of two Boost.Interprocess message queues: requests to any worker, replies to the parent. A worker that is
 * killed while it holds a queue's lock stops everybody; the figures are for a pool without that promise. */
#include "peer.h"

#include <boost/interprocess/ipc/message_queue.hpp>
#include <cstdio>
#include <memory>
#include <string>
#include <unistd.h>

namespace ipc = boost::interprocess;

namespace
{
const std::size_t depth = 1000;
std::unique_ptr<ipc::message_queue> requests, replies;
std::string request_name, reply_name;

void run_worker(int)
{
    std::int64_t value;
    ipc::message_queue::size_type size;
    unsigned priority;
    for (;;) {
        requests->receive(&value, sizeof value, size, priority);
        value = peer_answer(value);
        replies->send(&value, sizeof value, 0);
    }
}

std::unique_ptr<ipc::message_queue> make_queue(const std::string &name)
{
    ipc::message_queue::remove(name.c_str());
    return std::unique_ptr<ipc::message_queue>(
        new ipc::message_queue(ipc::create_only, name.c_str(), depth, sizeof(std::int64_t)));
}

void start(int workers)
{
    request_name = "bench-requests-" + std::to_string(getpid());
    reply_name = "bench-replies-" + std::to_string(getpid());
    requests = make_queue(request_name);
    replies = make_queue(reply_name);
    /* The names are not needed once everybody has the memory, and nothing is left behind whatever happens. */
    ipc::message_queue::remove(request_name.c_str());
    ipc::message_queue::remove(reply_name.c_str());
    peer_fork_workers(workers, run_worker);
}

void send(std::int64_t request)
{
    requests->send(&request, sizeof request, 0);
}

std::int64_t receive()
{
    std::int64_t reply;
    ipc::message_queue::size_type size;
    unsigned priority;
    replies->receive(&reply, sizeof reply, size, priority);
    return reply;
}

int try_receive(std::int64_t *reply)
{
    ipc::message_queue::size_type size;
    unsigned priority;
    return replies->try_receive(reply, sizeof *reply, size, priority);
}

void stop()
{
    peer_kill_workers();
    requests.reset();
    replies.reset();
}
} // namespace

int main(int argc, char **argv)
{
    const struct peer peer = { "boost", start, send, receive, try_receive, stop };
    try {
        return peer_main(argc, argv, &peer);
    } catch (const ipc::interprocess_exception &error) {
        peer_fail(error.what());
        return 1;
    }
}
