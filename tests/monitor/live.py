#!/usr/bin/env python3
"""mproc-monitor beside programs that run: which one it finds, how it is told what happens, and what becomes of it when
a program ends. That its figures are right is for watched.py.

usage: live.py MONITOR MONITORED
MONITORED: the program to be watched (tests/helpers/monitored.c).
"""
import json
import pathlib
import resource
import signal
import subprocess
import sys
import time

sys.dont_write_bytecode = True
from monitoring import (  # noqa: E402
    FINE, LIMIT_S, NOBODY, OTHER, REFUSED, Lines, Test, Watched, let_one_die, resolved, run_all)

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1] / "checks"))
import exports  # noqa: E402

MONITORED_ENDS_WITH = 3
# Who watches a process at a time.
WATCHERS_MAX = 16


def one_among_several_has_to_be_chosen(test):
    with Watched(test, "work") as one, Watched(test, "work") as other:
        done = test.run("--text")
        assert done.returncode == NOBODY and "--pid" in done.stderr, done
        assert str(one.pid) in done.stderr and str(other.pid) in done.stderr, done.stderr
        assert test.document("--pid", other.pid)["process"]["pid"] == other.pid


def what_happens_is_shown_soon(test):
    with Watched(test, "work"):
        process = test.start("--text")
        begun = time.monotonic()
        line = " "
        while "100 succeeded" not in line:
            assert line, process.communicate(timeout=LIMIT_S)
            line = process.stdout.readline()
        assert time.monotonic() - begun < LIMIT_S / 10
    out, err = process.communicate(timeout=LIMIT_S)
    assert process.returncode == FINE and " end: " in out.splitlines()[-1], (out, err)


def a_killed_worker_is_a_line_with_its_signal_and_last_task(test):
    with Watched(test, "work") as program:
        process = test.start("--text")
        test.wait_for_line(process, "100 succeeded")
        pid, _, _ = let_one_die(test, program)
        line = test.wait_for_line(process, f"(pid {pid}) died:")[-1]
        assert "signal 9" in line and 'last task read_page("stay.html")' in line and ": failed" in line, line
    out, err = process.communicate(timeout=LIMIT_S)
    assert process.returncode == FINE and " end: " in out.splitlines()[-1] and err == "", (out, err)


def a_program_is_started_and_its_exit_status_passed_on(test):
    process = test.start("--json", "--", test.programs["monitored"], "work", stdin=subprocess.PIPE)
    lines = test.wait_for_line(process, '"succeeded":100')
    process.stdin.close()
    out, err = process.stdout.read(), process.stderr.read()
    assert process.wait(LIMIT_S) == MONITORED_ENDS_WITH, (out, err)
    assert "ready\n" in lines + out.splitlines(True)
    process.stdout.close()
    process.stderr.close()


def a_recording_of_a_killed_program_has_its_last_state(test):
    with Watched(test, "work") as program:
        lines = Lines(test, "--record", "it.mproc", "--export", "it.csv")
        lines.wait_for("snapshot_end")
        program.do("read page.html")
        own, = program.stats()
        lines.wait_for("counts", lambda record: record["succeeded"] == own["counts"]["succeeded"] == 101)
        lines.wait_for("task_ended", lambda record: "page.html" in record["argument"])
        program.process.kill()
        lines.end()
    found = test.document("it.mproc")
    pool, = found["pools"]
    assert found["cut_short"] is False and pool["phase"] == "open" and pool["counts"]["succeeded"] == 101, found
    assert any("page.html" in task["ended"]["argument"] and task["state"] == "Done" for task in found["tasks"]), found
    assert "page.html" in (test.folder / "it.csv").read_text()


def a_trace_of_a_live_program_is_whole(test):
    with Watched(test, "work") as program:
        lines = Lines(test, "--export", "trace.json")
        lines.wait_for("snapshot_end")
        for page in ["one.html", "two.html", "none.html"]:
            program.do(f"read {page}")
            lines.wait_for("task_ended", lambda record, page=page: page in record["argument"])
        lines.wait_for("counts", lambda record: record["succeeded"] == 102)
        lines.process.send_signal(signal.SIGINT)
        lines.end()
    events = json.loads((test.folder / "trace.json").read_text())["traceEvents"]
    problems = [*exports.check_form(events), *exports.check_names(events), *exports.check_arrows(events),
                *exports.check_bars(events)]
    assert problems == [], problems
    bars = [event for event in events if event["ph"] == "X" and event["cat"] == "task"]
    flows = [event for event in events if event["ph"] == "s"]
    assert len(bars) == len(flows) == 3 and any(event["ph"] == "C" for event in events), events


def several_watch_at_a_time_until_there_are_too_many(test):
    with Watched(test, "work") as program:
        watchers = [Lines(test, "--pid", program.pid) for _ in range(WATCHERS_MAX)]
        for watcher in watchers:
            watcher.wait_for("snapshot_end")
        test.refused(REFUSED, "as many programs watch this process as may", "--json", "--pid", program.pid)
        program.do("read page.html")
        for watcher in watchers:
            ended = watcher.wait_for("task_ended", lambda record: "page.html" in record["argument"])
            assert "13 links" in ended["result"], ended
    for watcher in watchers:
        watcher.end()


def without_room(test, bytes_most, *arguments):
    """Of a file, so that it is as on a full disk. Returns what it said."""
    done = test.run(*arguments, "--duration", "0.3", preexec_fn=lambda: resource.setrlimit(
        resource.RLIMIT_FSIZE, (bytes_most, bytes_most)))
    assert done.returncode == OTHER and done.stderr.startswith("mproc-monitor: "), done
    assert "File too large" in done.stderr, done.stderr
    return done.stderr


def a_file_that_cannot_be_begun_is_not_left_behind(test):
    with Watched(test, "work"):
        for option, name in [("--record", "it.mproc"), ("--export", "it.json"), ("--export", "it.csv")]:
            said = without_room(test, 0, option, name)
            assert name in said and "not all of it" not in said, said
            assert not (test.folder / name).exists(), name


def of_an_export_that_finds_no_more_room_the_beginning_stays_and_is_told(test):
    with Watched(test, "work"):
        said = without_room(test, 100, "--export", "it.json")
        assert "it.json" in said and "what is there is not all of it" in said, said
        assert (test.folder / "it.json").stat().st_size == 100


def a_program_that_was_killed_has_died(test):
    with Watched(test, "work") as program:
        process = test.start("--text")
        test.wait_for_line(process, "100 succeeded")
        program.process.kill()
        out, err = process.communicate(timeout=LIMIT_S)
    assert process.returncode == FINE, (out, err)
    assert out.endswith("end: the program died. It was killed or it crashed.\n"), (out, err)


def for_want_of_descriptors_it_fails_as_for_want_of_anything(test):
    with Watched(test, "work") as program:
        for arguments in [["--list"], ["--metrics"], ["--metrics", "--pid", program.pid],
                          ["--metrics", "--record", "it.mproc"], ["--", "true"]]:
            tried = 0
            for limit in range(4, 40):
                done = test.run(*arguments, preexec_fn=lambda limit=limit: resource.setrlimit(
                    resource.RLIMIT_NOFILE, (limit, limit)))
                if done.returncode != OTHER and "error while loading" not in done.stderr:
                    break
                tried += done.returncode == OTHER
                assert "error while loading" in done.stderr or (
                    done.stderr.startswith("mproc-monitor: ") and "Too many open files" in done.stderr), (limit, done)
            assert tried > 0 and done.returncode == FINE, (arguments, limit, done)
            (test.folder / "it.mproc").unlink(missing_ok=True)


TESTS = [one_among_several_has_to_be_chosen, what_happens_is_shown_soon,
         a_killed_worker_is_a_line_with_its_signal_and_last_task, a_program_is_started_and_its_exit_status_passed_on,
         a_recording_of_a_killed_program_has_its_last_state, a_trace_of_a_live_program_is_whole,
         several_watch_at_a_time_until_there_are_too_many, a_file_that_cannot_be_begun_is_not_left_behind,
         of_an_export_that_finds_no_more_room_the_beginning_stays_and_is_told,
         a_program_that_was_killed_has_died, for_want_of_descriptors_it_fails_as_for_want_of_anything]


if __name__ == "__main__":
    monitor, monitored = resolved(sys.argv[1:3])
    sys.exit(run_all(TESTS, lambda folder: Test(monitor, folder, {"monitored": monitored})))
