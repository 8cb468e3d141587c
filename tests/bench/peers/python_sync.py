"""The rows about locks and meetings, done with CPython's multiprocessing; see python_pool.py."""
import ctypes
import time

from python_pool import FORK, check, main


def alone(made, pairs=300000):
    start = time.perf_counter()
    for _ in range(pairs):
        made.acquire()
        made.release()
    return pairs / (time.perf_counter() - start)


def fight(lock, first, second, over, done):
    pairs = 0
    while not over.value:
        lock.acquire()
        first.value += 1
        second.value += 1
        lock.release()
        pairs += 1
    done.put(pairs)


def contended(processes):
    lock, done = FORK.Lock(), FORK.SimpleQueue()
    first, second, over = (FORK.RawValue(ctypes.c_int64) for _ in range(3))
    crowd = [FORK.Process(target=fight, args=(lock, first, second, over, done)) for _ in range(processes)]
    start = time.perf_counter()
    for process in crowd:
        process.start()
    time.sleep(0.3)
    over.value = 1
    pairs = sum(done.get() for _ in crowd)
    elapsed = time.perf_counter() - start
    for process in crowd:
        process.join()
    check(first.value == second.value == pairs, 'contended')
    return pairs / elapsed


def take_turns(condition, turn, mine, rounds):
    for _ in range(rounds):
        with condition:
            while turn.value != mine:
                condition.wait()
            turn.value = 1 - mine
            condition.notify()


def answer_events(there, back, rounds):
    for _ in range(rounds):
        there.wait()
        there.clear()
        back.set()


def ask_events(there, back, rounds):
    for _ in range(rounds):
        there.set()
        back.wait()
        back.clear()


def meet(barrier, rounds):
    for _ in range(rounds):
        barrier.wait()


def round_time(rounds, *bodies):
    crowd = [FORK.Process(target=body, args=(*args, rounds)) for body, *args in bodies]
    start = time.perf_counter()
    for process in crowd:
        process.start()
    for process in crowd:
        process.join()
        check(process.exitcode == 0, 'a process failed')
    return (time.perf_counter() - start) / rounds


def condition_roundtrip():
    condition, turn = FORK.Condition(), FORK.RawValue(ctypes.c_int64)
    return round_time(3000, *((take_turns, condition, turn, mine) for mine in range(2)))


def event_roundtrip():
    there, back = FORK.Event(), FORK.Event()
    return round_time(3000, (ask_events, there, back), (answer_events, there, back))


def barrier_4():
    barrier = FORK.Barrier(4)
    return round_time(2000, *((meet, barrier) for _ in range(4)))


ROWS = {  # row: unit, repeats, measure
    'lock_alone': ('pairs/s', 5, lambda: alone(FORK.Lock())),
    'semaphore_alone': ('pairs/s', 5, lambda: alone(FORK.Semaphore())),
    'lock_contended_2': ('pairs/s', 5, lambda: contended(2)),
    'lock_contended_4': ('pairs/s', 5, lambda: contended(4)),
    'condition_roundtrip': ('s', 3, condition_roundtrip),
    'event_roundtrip': ('s', 3, event_roundtrip),
    'barrier_4': ('s', 3, barrier_4),
}


if __name__ == '__main__':
    main(ROWS)
