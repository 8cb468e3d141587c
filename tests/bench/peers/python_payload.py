"""The rows about large arguments and values, done with CPython's multiprocessing; see python_pool.py.

Copied: bytes go to a pool's task and come back. In place: two blocks of shared memory for each task under way, made
once and used again and again; the task gets their names.
"""
import time
from multiprocessing import shared_memory

from python_pool import FORK, check, main

KIB, MIB = 1 << 10, 1 << 20
SIZES = {'4k': 4 * KIB, '32k': 32 * KIB, '256k': 256 * KIB, '1m': MIB, '16m': 16 * MIB, '64m': 64 * MIB}
attached = {}


def identity(data):
    return data


def attach(name):
    if name not in attached:
        attached[name] = shared_memory.SharedMemory(name)
    return attached[name].buf


def copy_blocks(names, size):
    argument, value = map(attach, names)
    value[:size] = argument[:size]
    return size


def depth_for(size):
    return min(64, max(4, 4 * MIB // size))


def tasks_of(size):
    return max(8, (256 * MIB if size >= 16 * MIB else 64 * MIB) // size)


def rate(size, submit, fetch):
    tasks, depth, under_way = tasks_of(size), depth_for(size), []
    for warm in (True, False):
        start = time.perf_counter()
        count = 2 * depth if warm else tasks
        for n in range(count + depth):
            if n >= depth:
                fetch(under_way.pop(0), n - depth)
            if n < count:
                under_way.append(submit(n))
    return 2 * tasks * size / (time.perf_counter() - start)


def copied(size):
    text = b'\1' * size
    with FORK.Pool(2) as pool:
        return rate(size, lambda n: pool.apply_async(identity, (text,)),
                    lambda result, n: check(len(result.get()) == size, 'payload'))


def in_place(size):
    text, depth = b'\1' * size, depth_for(size)
    blocks = [[shared_memory.SharedMemory(create=True, size=size) for _ in range(2)] for _ in range(depth)]
    names = [[block.name for block in pair] for pair in blocks]

    def submit(n):
        blocks[n % depth][0].buf[:size] = text
        return pool.apply_async(copy_blocks, (names[n % depth], size))

    def fetch(result, n):
        check(result.get() == size and blocks[n % depth][1].buf[size - 1] == 1, 'payload_in_place')

    with FORK.Pool(2) as pool:
        value = rate(size, submit, fetch)
    for pair in blocks:
        for block in pair:
            block.close()
            block.unlink()
    return value


ROWS = {}
for name, size in SIZES.items():
    ROWS[f'payload_{name}'] = ('bytes/s', 3, lambda size=size: copied(size))
    ROWS[f'payload_{name}_in_place'] = ('bytes/s', 3, lambda size=size: in_place(size))

if __name__ == '__main__':
    main(ROWS)
