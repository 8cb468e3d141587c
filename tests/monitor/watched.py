#!/usr/bin/env python3
"""mproc-monitor beside a program with work, under a start method: what it shows is what the library itself counts, and
what it recorded replays to the same.

usage: watched.py MONITOR MONITORED [METHOD]
MONITORED: the program to be watched (tests/helpers/monitored.c). METHOD: that of its workers. Programs of Windows, by
the end of their names, run under wine.
"""
import re
import signal
import sys

sys.dont_write_bytecode = True
from monitoring import (  # noqa: E402
    NOBODY, WORKER_STATES, Lines, Test, Watched, let_one_die, resolved, run_all, strict_json,
    wait_until)

# What the page calls them, and the metrics.
FIGURES = {"succeeded": "succeeded", "items": "items", "failed": "failed", "cancelled": "cancelled",
           "retried": "retried", "deaths": "deaths?"}
METRICS = {"mproc_workers": "workers", "mproc_workers_idle": "idle", "mproc_tasks_queued": "queued",
           "mproc_tasks_running": "running", "mproc_tasks_submitted_total": "submitted",
           "mproc_tasks_succeeded_total": "succeeded", "mproc_tasks_failed_total": "failed",
           "mproc_tasks_cancelled_total": "cancelled", "mproc_tasks_retried_total": "retried",
           "mproc_map_items_total": "items", "mproc_worker_deaths_total": "deaths",
           "mproc_worker_restarts_total": "restarts"}
TOTALS = ["submitted", "succeeded", "failed", "deaths", "restarts"]


def watched(test, what):
    return Watched(test, what, *([test.method] if test.method else []))


# ---- The same figures ----

def same(what, shown, own, names):
    """names: {as it is shown: as the library has it}."""
    for name, own_name in names.items():
        assert shown[name] == own[own_name], (what, name, shown[name], own[own_name])


def alike(*names):
    return {name: name for name in names}


def check_workers(shown, own):
    assert len(shown) == len(own), (shown, own)
    for worker, own_worker in zip(shown, own):
        same("worker", worker, own_worker,
             alike("worker", "pid", "lives", "start_ns", "init_ns", "tasks", "chunks", "busy_ns", "held"))
        assert worker["state"] == WORKER_STATES[own_worker["state"]], worker


def check_functions(shown, own):
    shown = {(function["name"], function["place"]): function["stats"] for function in shown}
    for function in own:
        stats = shown[function["name"], function["place"]]
        same("function", stats, function,
             alike("succeeded", "failed", "cancelled", "died", "retried", "chunks", "items"))
        # Kept in the processor's ticks, of which the library knows better from call to call how long they are.
        for name in ["queued_ns", "copy_ns", "return_ns"]:
            assert abs(stats[name] - function[name]) <= function[name] / 100 + 1, (name, stats, function)
        same("run", stats, function["run"],
             {f"run_{name}": name for name in ["count", "total_ns", "min_ns", "max_ns", "p50_ns", "p90_ns", "p99_ns",
                                               "p999_ns"]})
        same("wait", stats, function["wait"],
             {f"wait_{name}": name for name in ["count", "total_ns", "max_ns", "p50_ns", "p90_ns", "p99_ns"]})


def check_document(document, own):
    assert [pool["name"] for pool in document["pools"]] == ["pages", "lines"][:len(own)]
    for pool, own_pool in zip(document["pools"], own):
        same("counts", pool["counts"], own_pool["counts"], alike(*(set(own_pool["counts"]) - {"number"})))
        check_workers(pool["workers"], own_pool["workers"])
        check_functions(pool["functions"], own_pool["functions"])


def check_page(text, own, document):
    """Of each pool the line of its figures, and a line for each of its workers, with what that did itself: the library
    counts what was done in its place."""
    before = [worker["tasks_before"] for pool in document["pools"] for worker in pool["workers"]]
    figures = [line for line in text.splitlines() if " busy · " in line]
    assert len(figures) == len(own), text
    for line, pool in zip(figures, own):
        counts = pool["counts"]
        assert line.startswith(f"0 of {counts['workers']} busy · {counts['queued']} waiting"), line
        for name, word in FIGURES.items():
            shown = re.search(rf"· (\d+) {word}( ·|$)", line)
            assert int(shown.group(1) if shown else 0) == counts[name], (name, line)
    rows = [line.split() for line in text.splitlines() if re.match(r"(Idle|Running) ", line)]
    shown = [(int(row[1]), int(row[2]), int(row[3])) for row in rows]
    workers = [worker for pool in own for worker in pool["workers"]]
    assert shown == [(worker["worker"], worker["pid"], worker["tasks"] - others)
                     for worker, others in zip(workers, before, strict=True)]
    assert any(before)


def samples_of(text):
    """{(name, pool number, other labels): value} of metrics."""
    samples = {}
    for line in text.splitlines():
        if sample := re.match(r'(\w+)\{(.*)\} (\S+)$', line):
            labels = dict(re.findall(r'(\w+)="((?:[^"\\]|\\.)*)"', sample.group(2)))
            key = labels.pop("quantile", None) or labels.get("worker")
            samples[sample.group(1), labels.get("pool_number"), key, labels.get("function")] = float(sample.group(3))
    return samples


def check_metrics(text, own):
    samples = samples_of(text)
    for pool in own:
        number, counts = str(pool["counts"]["number"]), pool["counts"]
        for name, own_name in METRICS.items():
            assert samples[name, number, None, None] == counts[own_name], (name, samples)
        assert samples["mproc_busy_seconds_total", number, None, None] == round(counts["busy_ns"] / 1e9, 9)
        for function in pool["functions"]:
            def sample(name, quantile=None):
                return samples["mproc_run_seconds" + name, number, quantile, function["name"]]
            if (run := function["run"])["count"] > 0:
                assert (sample("_count"), sample("_sum")) == (run["count"], round(run["total_ns"] / 1e9, 9)), run
                for quantile, name in {"0.5": "p50_ns", "0.9": "p90_ns", "0.99": "p99_ns", "0.999": "p999_ns"}.items():
                    assert sample("", quantile) == round(run[name] / 1e9, 9), (quantile, run)


def all_figures_are_the_librarys_own(test):
    with watched(test, "figures") as program:
        own = program.stats()
        document, page, metrics = test.shown_by_all(["--json", "--once"], ["--once"], ["--metrics"])
        check_document(strict_json(document), own)
        check_page(page, own, strict_json(document))
        check_metrics(metrics, own)
        counts = own[0]["counts"]
        assert (counts["succeeded"], counts["failed"], counts["cancelled"], counts["retried"], counts["deaths"],
                counts["items"], counts["chunks"]) == (101, 3, 1, 1, 3, 50, 5), counts


# ---- What happens ----

def check_death(death, pid, cause, argument):
    assert pid in [None, death["pid"]] and cause in death["cause"] and argument in death["argument"], death
    assert death["decision"] == "failed" and death["expected"] is False and death["task"] > 0, death


def check_replay(replayed, live):
    """Of workers, what does not change while they rest."""
    volatile = ["cpu", "cpu_ns", "memory"]
    for document in [replayed, live]:
        for worker in (worker for pool in document["pools"] for worker in pool["workers"]):
            for name in volatile:
                worker.pop(name, None)
        for pool in document["pools"]:
            pool.pop("done_per_second", None)
        # The two greetings were said at different times.
        for name in ["now_ns", "wall_ns"]:
            document["process"].pop(name, None)
    for name in ["process", "pools", "deaths"]:
        assert replayed[name] == live[name], (name, replayed[name], live[name])


def what_happens_is_told_and_its_recording_replays_to_the_same(test):
    with watched(test, "work") as program:
        lines = Lines(test, "--record", "it.mproc")
        lines.wait_for("snapshot_end")
        program.do("read page.html")
        ended = lines.wait_for("task_ended", lambda record: "page.html" in record["argument"])
        assert ended["end"] == "done" and "13 links" in ended["result"] and ended["attempt"] == 1, ended
        pid, cause, argument = let_one_die(test, program)
        check_death(lines.wait_for("death", lambda death: argument in death["argument"] and death["replaced_ns"] > 0
                                   and death["time_ns"] > ended["ended_ns"]), pid, cause, argument)
        own, = program.stats()
        counts = lines.wait_for("counts", lambda record: all(record[name] == own["counts"][name] for name in
                                                             [*TOTALS, "workers", "idle", "running", "queued"]))
        assert counts["deaths"] == 2, counts
        if not test.is_wine:
            live = test.document("--pid", program.pid)
            lines.process.send_signal(signal.SIGINT)
            lines.end()
            check_replay(test.document("it.mproc"), live)
    if test.is_wine:
        lines.end()
        pool, = test.document("it.mproc")["pools"]
        same("replay", pool["counts"], own["counts"], alike(*TOTALS))


def a_look_and_its_recording_are_the_same(test):
    with watched(test, "work"):
        live = test.document("--record", "look.mproc")
    replayed = test.document("look.mproc")
    for document in [live, replayed]:
        del document["now_ns"]
        document.pop("cost", None)
    assert replayed.keys() == live.keys()
    check_replay(replayed, live)
    for name in live:
        assert replayed[name] == live[name], (name, replayed[name], live[name])


def a_deadlock_is_named(test):
    with watched(test, "deadlock"):
        def seen():
            document, page = test.shown_by_all(["--json", "--once"], ["--once"])
            return "Deadlock for" in page and strict_json(document)["deadlocks"]
        deadlock, = wait_until(seen)
        text = " ".join(deadlock["text"])
        assert "holds “pages” and waits for “seen”" in text and "holds “seen” and waits for “pages”" in text, text


def lines_end_with_one_byte_on_every_system(test):
    with watched(test, "work"):
        for arguments in [["--metrics"], ["--json", "--once"], ["--text", "--once"], ["--list"]]:
            shown = test.shown_bytes(*arguments)
            assert shown.endswith(b"\n") and b"\r" not in shown, (arguments, shown[:200])


def the_list_names_process_and_pools(test):
    with watched(test, "work"):
        lines = test.shown("--list").splitlines()
        assert len(lines) == 2 and lines[1].split()[1:3] in [["helper_monitored", "pages"],
                                                             ["helper_monitored.exe", "pages"]], lines
    assert test.run("--list").returncode == NOBODY


TESTS = [all_figures_are_the_librarys_own, what_happens_is_told_and_its_recording_replays_to_the_same,
         a_deadlock_is_named, lines_end_with_one_byte_on_every_system, the_list_names_process_and_pools]
# Which are the same on all systems, and each process takes its time to start under wine.
MORE_TESTS = [a_look_and_its_recording_are_the_same]


if __name__ == "__main__":
    monitor, monitored = resolved(sys.argv[1:3])
    chosen = sys.argv[3] if len(sys.argv) > 3 else None
    sys.exit(run_all(TESTS if monitor.endswith(".exe") else TESTS + MORE_TESTS,
                     lambda folder: Test(monitor, folder, {"monitored": monitored}, chosen)))
