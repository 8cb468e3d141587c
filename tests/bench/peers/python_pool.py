"""The rows of the benchmark, done with CPython's multiprocessing.

Prints "ROW.python value unit" and "# ROW.python min max" for each row named on the command line that it knows.
Rows that the reference's pool cannot do at all (a killed worker) use concurrent.futures and are called
"ROW.python_executor".
"""
import concurrent.futures
import multiprocessing
import os
import signal
import statistics
import sys
import time

TIME_LIMIT_SECONDS = 170
FORK = multiprocessing.get_context('fork')
SPAWN = multiprocessing.get_context('spawn')


def check(condition, text):
    if not condition:
        sys.exit(f'python_pool.py: wrong result: {text}')


def small(n):
    return 2 * n + 1


def identity(n):
    return n


def find(n):
    time.sleep(0.001)
    return n == 10000


def affine(n):
    return n * 3 + 1


def apply_async(workers, tasks, batch):
    with FORK.Pool(workers) as pool:
        pool.apply(small, (1,))
        start = time.perf_counter()
        for first in range(0, tasks, batch):
            results = [pool.apply_async(small, (n,)) for n in range(first, first + batch)]
            for n, result in enumerate(results, first):
                check(result.get() == 2 * n + 1, 'apply_async')
        return tasks / (time.perf_counter() - start)


def imap_unordered():
    items = 50000
    with FORK.Pool(2) as pool:
        pool.apply(small, (1,))
        start = time.perf_counter()
        total = sum(pool.imap_unordered(small, range(items)))
        elapsed = time.perf_counter() - start
    check(total == items * items, 'imap_unordered')
    return items / elapsed


def map_int():
    items = range(1000000)
    with FORK.Pool(2) as pool:
        pool.map(affine, range(1000))
        start = time.perf_counter()
        out = pool.map(affine, items)
        elapsed = time.perf_counter() - start
    check(out == [3 * n + 1 for n in items], 'map')
    return len(items) / elapsed


def roundtrip(share, rounds=5000, pause=0.0):
    times = []
    with FORK.Pool(2) as pool:
        for n in range(100):
            pool.apply(small, (n,))
        for n in range(rounds):
            if pause:
                time.sleep(pause)
            start = time.perf_counter()
            value = pool.apply(small, (n,))
            times.append(time.perf_counter() - start)
            check(value == 2 * n + 1, 'apply')
    times.sort()
    return times[round(share * (rounds - 1))]


def long_task(n):
    time.sleep(0.05)
    return small(n)


def long_after_short(away):
    with FORK.Pool(8) as pool:
        results = [pool.apply_async(small, (n,)) for n in range(20000)]
        for result in results:
            result.get()
        start = time.perf_counter()
        results = [pool.apply_async(long_task, (n,)) for n in range(32)]
        time.sleep(away)
        for n, result in enumerate(results):
            check(result.get() == 2 * n + 1, 'long_after_short')
        return time.perf_counter() - start


def documents_50000():
    start = time.perf_counter()
    pool = FORK.Pool(processes=10)
    results = [pool.apply_async(identity, args=(i,)) for i in range(50000)]
    pool.close()
    pool.join()
    for i, result in enumerate(results):
        check(result.get() == i, 'documents_50000')
    return time.perf_counter() - start


def documents_stop_early():
    start = time.perf_counter()
    pool = FORK.Pool(processes=10)
    results = [pool.apply_async(find, args=(i,)) for i in range(50000)]
    for i, result in enumerate(results):
        if result.get():
            pool.terminate()
            break
    pool.join()
    check(i == 10000, 'documents_stop_early')
    return time.perf_counter() - start


def print_ten(n):
    with open(os.devnull, 'w', encoding='ascii') as null:
        for _ in range(10):
            print(n + 1, file=null)
    return n + 1


def time_processes():
    start = time.perf_counter()
    processes = []
    for i in range(100):
        process = FORK.Process(target=print_ten, args=(i,))
        processes.append(process)
        process.start()
    for process in processes:
        process.join()
    return time.perf_counter() - start


def documents_pool_vs_processes():
    processes = time_processes()
    start = time.perf_counter()
    pool = FORK.Pool(5)
    out = pool.map(print_ten, range(100))
    elapsed = time.perf_counter() - start
    pool.terminate()
    pool.join()
    check(out == list(range(1, 101)), 'documents_pool_vs_processes')
    return processes / elapsed


def pool_start(context, workers):
    start = time.perf_counter()
    pool = context.Pool(workers)
    value = pool.apply(small, (20,))
    elapsed = time.perf_counter() - start
    pool.terminate()
    pool.join()
    check(value == 41, 'pool_start')
    return elapsed


def say_pid_and_wait(writer):
    os.write(writer, os.getpid().to_bytes(8, 'little'))
    time.sleep(30)


def death_to_error():
    reader, writer = os.pipe()
    executor = concurrent.futures.ProcessPoolExecutor(2, mp_context=FORK)
    future = executor.submit(say_pid_and_wait, writer)
    pid = int.from_bytes(os.read(reader, 8), 'little')
    time.sleep(0.005)
    start = time.perf_counter()
    os.kill(pid, signal.SIGKILL)
    try:
        future.result()
        check(False, 'a killed task returned')
    except concurrent.futures.process.BrokenProcessPool:
        pass
    elapsed = time.perf_counter() - start
    executor.shutdown()
    os.close(reader)
    os.close(writer)
    return elapsed


def private_bytes(pid):
    with open(f'/proc/{pid}/smaps_rollup', encoding='ascii') as rollup:
        return sum(int(line.split()[1]) * 1024 for line in rollup if line.startswith('Private_'))


def worker_memory():
    reader, writer = os.pipe()
    bare = os.fork()
    if bare == 0:
        os.write(writer, b'x')
        time.sleep(30)
        os._exit(0)
    os.read(reader, 1)
    bare_bytes = private_bytes(bare)
    os.kill(bare, signal.SIGKILL)
    os.waitpid(bare, 0)
    with FORK.Pool(8) as pool:
        pool.map(small, range(1600), 10)
        time.sleep(0.1)
        pids = [child.pid for child in multiprocessing.active_children()]
        check(len(pids) == 8, 'worker_memory')
        return sum(map(private_bytes, pids)) / 8 - bare_bytes


def idle_cost():
    switches = ns = 0
    pids = [os.getpid()] + [child.pid for child in multiprocessing.active_children()]
    for pid in pids:
        for thread in os.listdir(f'/proc/{pid}/task'):
            if int(thread) == os.getpid():
                continue
            with open(f'/proc/{pid}/task/{thread}/status', encoding='ascii') as status:
                switches += sum(int(line.split()[1]) for line in status if 'ctxt_switches' in line)
            with open(f'/proc/{pid}/task/{thread}/schedstat', encoding='ascii') as schedstat:
                ns += int(schedstat.read().split()[0])
    return switches, ns * 1e-9


def idle(which):
    with FORK.Pool(8) as pool:
        for n in range(100):
            pool.apply(small, (n,))
        time.sleep(0.5)
        before = idle_cost()[which]
        time.sleep(3)
        return (idle_cost()[which] - before) / 3


def send_numbers(connection, count):
    for n in range(count + 1):
        connection.send_bytes(n.to_bytes(8, 'little'))


def pipe_rate(count=100000):
    here, there = FORK.Pipe()
    process = FORK.Process(target=send_numbers, args=(there, count))
    process.start()
    here.recv_bytes()
    start = time.perf_counter()
    for n in range(1, count + 1):
        check(int.from_bytes(here.recv_bytes(), 'little') == n, 'pipe_8')
    elapsed = time.perf_counter() - start
    process.join()
    return count / elapsed


def echo(connection, count):
    for _ in range(count):
        connection.send_bytes(connection.recv_bytes())


def pipe_round_trip(count=10000):
    here, there = FORK.Pipe()
    process = FORK.Process(target=echo, args=(there, count))
    process.start()
    start = time.perf_counter()
    for n in range(count):
        here.send_bytes(n.to_bytes(8, 'little'))
        check(int.from_bytes(here.recv_bytes(), 'little') == n, 'pipe_8_roundtrip')
    elapsed = time.perf_counter() - start
    process.join()
    return elapsed / count


def add_for_a_while(value, begin, seconds, counts, place):
    begin.wait()
    end = time.perf_counter() + seconds
    done = 0
    while time.perf_counter() < end:
        for _ in range(100):
            with value.get_lock():
                value.value += 1
        done += 100
    counts[place] = done


def value_add(processes, seconds=0.3):
    value, counts = FORK.Value('q', 0), FORK.Array('q', processes)
    begin = FORK.Barrier(processes)
    started = [FORK.Process(target=add_for_a_while, args=(value, begin, seconds, counts, place))
               for place in range(processes)]
    for process in started:
        process.start()
    for process in started:
        process.join()
    check(value.value == sum(counts), 'every addition counts')
    return value.value / seconds


ROWS = {  # row: unit, repeats, measure
    'apply_async_w2': ('tasks/s', 3, lambda: apply_async(2, 30000, 10000)),
    'apply_async_w8': ('tasks/s', 3, lambda: apply_async(8, 30000, 10000)),
    'apply_async_w2_all': ('tasks/s', 3, lambda: apply_async(2, 30000, 30000)),
    'imap_unordered_w2': ('items/s', 3, imap_unordered),
    'map_int': ('items/s', 3, map_int),
    'roundtrip_p50': ('s', 3, lambda: roundtrip(0.5)),
    'roundtrip_p99': ('s', 3, lambda: roundtrip(0.99)),
    'roundtrip_asleep_p50': ('s', 3, lambda: roundtrip(0.5, 200, 0.002)),
    'long_after_short': ('s', 3, lambda: long_after_short(0)),
    'long_after_short_away': ('s', 3, lambda: long_after_short(0.2)),
    'documents_50000': ('s', 3, documents_50000),
    'documents_stop_early': ('s', 2, documents_stop_early),
    'documents_pool_vs_processes': ('ratio', 5, documents_pool_vs_processes),
    'documents_100_processes': ('s', 5, time_processes),
    'pool_start_fork_2': ('s', 9, lambda: pool_start(FORK, 2)),
    'pool_start_fork_8': ('s', 9, lambda: pool_start(FORK, 8)),
    'pool_start_spawn_2': ('s', 5, lambda: pool_start(SPAWN, 2)),
    'pool_start_spawn_8': ('s', 3, lambda: pool_start(SPAWN, 8)),
    'death_to_error': ('s', 9, death_to_error),
    'idle_wakeups': ('1/s', 3, lambda: idle(0)),
    'idle_cpu': ('share', 3, lambda: idle(1)),
    'worker_memory': ('bytes', 3, worker_memory),
    'pipe_8': ('messages/s', 5, pipe_rate),
    'pipe_8_roundtrip': ('s', 5, pipe_round_trip),
    'array_atomic_add': ('adds/s', 3, lambda: value_add(2)),
    'array_atomic_add_alone': ('adds/s', 3, lambda: value_add(1)),
}
PEER = {'death_to_error': 'python_executor'}


def main(rows):
    signal.alarm(TIME_LIMIT_SECONDS)
    names = sys.argv[1:] or list(rows)
    for row in names:
        if row not in rows:
            continue
        unit, repeats, measure = rows[row]
        values = sorted(measure() for _ in range(repeats))
        name = f'{row}.{PEER.get(row, "python")}'
        print(f'{name} {statistics.median(values):.6g} {unit}')
        print(f'# {name} {values[0]:.6g} {values[-1]:.6g}', flush=True)


if __name__ == '__main__':
    main(ROWS)
