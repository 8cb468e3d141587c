"""The rows about queues, done with CPython's multiprocessing; see python_pool.py."""
import time

from python_pool import FORK, check, main


def produce(queue, ready, go, messages, size):
    text = b'\1' * size
    ready.put(1)
    go.wait()
    for _ in range(messages):
        queue.put(text)


def consume(queue, ready, go, done, messages, size):
    ready.put(1)
    go.wait()
    total = 0
    for _ in range(messages):
        total += len(queue.get())
    done.put(total)


def rate(pairs, messages, size, depth=1000):
    queue, ready, done, go = FORK.Queue(depth), FORK.SimpleQueue(), FORK.SimpleQueue(), FORK.Event()
    each = messages // pairs
    crowd = [FORK.Process(target=produce, args=(queue, ready, go, each, size)) for _ in range(pairs)]
    crowd += [FORK.Process(target=consume, args=(queue, ready, go, done, each, size)) for _ in range(pairs)]
    for process in crowd:
        process.start()
    for _ in crowd:
        ready.get()
    start = time.perf_counter()
    go.set()
    total = sum(done.get() for _ in range(pairs))
    elapsed = time.perf_counter() - start
    for process in crowd:
        process.join()
    check(total == each * pairs * size, 'queue')
    return messages / elapsed


ROWS = {
    'queue_8_1x1': ('messages/s', 3, lambda: rate(1, 100000, 8)),
    'queue_8_4x4': ('messages/s', 3, lambda: rate(4, 60000, 8)),
    'queue_1k_1x1': ('messages/s', 3, lambda: rate(1, 80000, 1024)),
    'queue_1m_1x1': ('bytes/s', 3, lambda: rate(1, 300, 1 << 20, 8) * (1 << 20)),
}

if __name__ == '__main__':
    main(ROWS)
