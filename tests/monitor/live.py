#!/usr/bin/env python3
"""mproc-monitor beside programs that run: it finds them, tells their figures, deaths and deadlocks, and what it
recorded replays to the same.

usage: live.py MONITOR MONITORED FALSE
MONITORED: the program to be watched (tests/helpers/monitored.c). FALSE: one that publishes what no mproc does
(tests/helpers/monitor_false.c).
"""
import json
import os
import pathlib
import re
import signal
import subprocess
import sys
import tempfile
import time

from program import Terminal

FINE, OTHER, NOBODY, PROTOCOL, CORRUPT = 0, 1, 3, 5, 6
MONITORED_ENDS_WITH = 3
LIMIT_S = 60 * float(os.environ.get("MPROC_TEST_TIMEOUT_FACTOR", "1"))


class Watched:
    """A program that is ready to be looked at; ends with the block."""

    def __init__(self, test, what, program=None, **environment):
        self.process = subprocess.Popen([program or test.monitored, what], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
                                        env={**test.environment, "MPROC_MONITOR": "1", **environment})

    def __enter__(self):
        assert self.process.stdout.readline() == "ready\n"
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.wait(LIMIT_S)
        self.process.stdout.close()

    @property
    def pid(self):
        return self.process.pid


class Test:
    def __init__(self, monitor, monitored, false, folder):
        self.monitor, self.monitored, self.false, self.folder = monitor, monitored, false, folder
        # Where there is nobody but the test's own programs.
        self.environment = {**os.environ, "XDG_RUNTIME_DIR": str(folder), "TMPDIR": str(folder), "DISPLAY": "",
                            "WAYLAND_DISPLAY": ""}

    def start(self, *arguments, **options):
        return subprocess.Popen([self.monitor, *map(str, arguments)], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                stderr=subprocess.PIPE, text=True, encoding="utf-8", env=self.environment,
                                cwd=self.folder, **options)

    def run(self, *arguments):
        process = self.start(*arguments)
        out, err = process.communicate(timeout=LIMIT_S)
        return process.returncode, out, err

    def shown(self, *arguments):
        code, out, err = self.run(*arguments)
        assert code == FINE and err == "", (code, err)
        return out

    def document(self, *arguments):
        return json.loads(self.shown("--json", "--once", *arguments))

    def wait_until(self, condition):
        end = time.monotonic() + LIMIT_S
        while not (found := condition()):
            assert time.monotonic() < end, "waited in vain"
            time.sleep(0.05)
        return found


def check_work(found, pid):
    pool, = found["pools"]
    counts = pool["counts"]
    assert found["process"]["pid"] == pid and pool["name"] == "pages"
    assert (counts["succeeded"], counts["failed"], counts["deaths"]) == (100, 2, 1), counts
    death = [death for death in found["deaths"] if not death["expected"]][-1]
    assert "crash.html" in death["argument"] and "signal 6" in death["cause"], death


def the_list_names_process_and_pools(test):
    with Watched(test, "work") as watched:
        lines = test.shown("--list").splitlines()
        assert len(lines) == 2 and lines[1].split()[:3] == [str(watched.pid), "helper_monitored", "pages"], lines
    assert test.run("--list")[0] == NOBODY


def figures_deaths_and_last_tasks_are_those_of_the_program(test):
    with Watched(test, "work") as watched:
        check_work(test.document("--pid", watched.pid), watched.pid)
        text = test.shown("--once")
        assert "100 succeeded" in text and "2 failed" in text and "crash.html" in text, text
        assert 'pool="pages"' in test.shown("--metrics") and "# EOF" in test.shown("--metrics")


def one_among_several_has_to_be_chosen(test):
    with Watched(test, "work") as one, Watched(test, "work") as other:
        code, out, err = test.run("--text")
        assert code == NOBODY and "--pid" in err and str(one.pid) in err and str(other.pid) in err, err
        check_work(test.document("--pid", other.pid), other.pid)


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


def a_recording_replays_to_the_same_state(test):
    with Watched(test, "work") as watched:
        recorder = test.start("--record", "it.mproc", "--json", "--pid", watched.pid)
        while (line := recorder.stdout.readline()) and '"snapshot_end"' not in line:
            pass
        recorder.send_signal(signal.SIGINT)
        _, err = recorder.communicate(timeout=LIMIT_S)
        assert line and recorder.returncode == FINE and err == "", (line, recorder.returncode, err)
        check_work(test.document("it.mproc"), watched.pid)
        live = test.document("--pid", watched.pid)
    replayed = test.document("it.mproc")
    assert [pool["counts"] for pool in replayed["pools"]] == [pool["counts"] for pool in live["pools"]]
    assert replayed["process"]["start_time"] == live["process"]["start_time"]


def a_program_is_started_and_its_exit_status_passed_on(test):
    process = subprocess.Popen([test.monitor, "--json", "--", test.monitored, "work"], stdin=subprocess.PIPE,
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=test.environment)
    lines = []
    while '"succeeded":100' not in "".join(lines):
        lines.append(process.stdout.readline())
        assert lines[-1] != "", process.stderr.read()
    process.stdin.close()
    out, err = process.stdout.read(), process.stderr.read()
    assert process.wait(LIMIT_S) == MONITORED_ENDS_WITH, (out, err)
    assert "ready" in "".join(lines) + out
    process.stdout.close()
    process.stderr.close()


def a_deadlock_is_named(test):
    with Watched(test, "deadlock") as watched:
        def seen():
            return test.document("--pid", watched.pid)["deadlocks"]
        deadlock, = test.wait_until(seen)
        text = " ".join(deadlock["text"])
        assert "holds “pages” and waits for “seen”" in text and "holds “seen” and waits for “pages”" in text, text
        assert "Deadlock for" in test.shown("--once", "--pid", watched.pid)


def against(test, what, *arguments):
    """Status and errors of a monitor of that false publisher, and its output."""
    with Watched(test, what, program=test.false) as watched:
        code, out, err = test.run("--pid", watched.pid, *arguments)
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f]", err), err
    return code, err, out


def what_answers_no_hello_is_given_up(test):
    code, err, _ = against(test, "flood", "--json")
    assert code == CORRUPT and "no mproc publishes this" in err, (code, err)


def a_protocol_that_the_process_refuses_is_another_one(test):
    code, err, _ = against(test, "reject", "--json")
    assert code == PROTOCOL and "another version?[31m, use that" in err, (code, err)


def one_look_at_what_tells_nothing_is_no_success(test):
    for arguments in [["--once"], ["--json", "--once"], ["--metrics"]]:
        code, err, out = against(test, "close", *arguments)
        assert code == NOBODY and out == "" and "before it had told its state" in err, (code, out, err)
        code, err, out = against(test, "told", *arguments)
        assert code == FINE and out != "" and err == "", (code, out, err)


def a_connection_that_is_lost_is_told(test):
    for arguments in [["--text"], ["--json"], ["--record", "lost.mproc"]]:
        code, err, _ = against(test, "told", *arguments)
        assert code == OTHER and "the connection was lost" in err, (code, err)


def the_chosen_pool_is_one_that_is_there(test):
    with Watched(test, "pools", program=test.false) as watched:
        terminal = Terminal(test.monitor, ["--text", "--pid", watched.pid], test.folder, test.environment)
        terminal.wait_for("second")
        for pool in ["first", "second", "first"]:
            terminal.press("p")
            terminal.wait_for(f"Pause pool {pool}?")
            terminal.press("n\t")
        terminal.press("q")
        assert terminal.end() == (FINE, True)


TESTS = [the_list_names_process_and_pools, figures_deaths_and_last_tasks_are_those_of_the_program,
         one_among_several_has_to_be_chosen, what_happens_is_shown_soon,
         a_recording_replays_to_the_same_state, a_program_is_started_and_its_exit_status_passed_on, a_deadlock_is_named,
         what_answers_no_hello_is_given_up, a_protocol_that_the_process_refuses_is_another_one,
         one_look_at_what_tells_nothing_is_no_success, a_connection_that_is_lost_is_told,
         the_chosen_pool_is_one_that_is_there]


def main():
    programs = [str(pathlib.Path(argument).resolve()) for argument in sys.argv[1:4]]
    passed = True
    print(f"1..{len(TESTS)}")
    for number, each in enumerate(TESTS, 1):
        with tempfile.TemporaryDirectory() as folder:
            os.chmod(folder, 0o700)
            try:
                each(Test(*programs, pathlib.Path(folder)))
                print(f"ok {number} - {each.__name__}")
            except (AssertionError, subprocess.SubprocessError, OSError, ValueError, KeyError) as error:
                passed = False
                print(f"not ok {number} - {each.__name__}")
                print("# " + f"{type(error).__name__}: {error}".replace("\n", "\n# "))
    return 0 if passed else 1


if __name__ == "__main__":
    sys.exit(main())
