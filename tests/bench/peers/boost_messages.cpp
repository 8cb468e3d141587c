/* A Boost.Interprocess message queue. A process that is killed while it holds its lock stops everybody; the figures are
 * for a queue without that promise. */
#include "messages.h"

#include <boost/interprocess/ipc/message_queue.hpp>
#include <memory>
#include <string>
#include <unistd.h>

namespace ipc = boost::interprocess;

namespace
{
std::unique_ptr<ipc::message_queue> queue;

void make(std::size_t depth, std::size_t size)
{
    const std::string name = "bench-messages-" + std::to_string(getpid());
    ipc::message_queue::remove(name.c_str());
    queue.reset(new ipc::message_queue(ipc::create_only, name.c_str(), depth, size));
    /* The name is not needed once everybody has the memory, and nothing is left behind whatever happens. */
    ipc::message_queue::remove(name.c_str());
}

void open(int)
{
}

void put(const void *data, std::size_t size)
{
    queue->send(data, size, 0);
}

void get(void *data, std::size_t size)
{
    ipc::message_queue::size_type got;
    unsigned priority;
    queue->receive(data, size, got, priority);
}

void end()
{
    queue.reset();
}
} // namespace

int main(int argc, char **argv)
{
    const message_peer peer = { "boost", 4, make, open, put, get, end };
    return message_peer_main(argc, argv, &peer);
}
