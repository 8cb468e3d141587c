#!/usr/bin/env python3
"""mproc-monitor in a console of Windows: what is seen there, its keys, and that the console is as it was, however it
ends. Under wine, or on Windows.

usage: console.py MONITOR MONITORED CONSOLE
MONITORED: the program to be watched (tests/helpers/monitored.c). CONSOLE: the program that has the console
(tests/helpers/console.c).
"""
import re
import subprocess
import sys
import time

sys.dont_write_bytecode = True
from monitoring import FINE, LIMIT_S, Skipped, Test, Watched, resolved, run_all, wait_until  # noqa: E402

BEFORE = "what was there before"


class Console:
    """The monitor in a console of its own; ends with the block."""

    def __init__(self, test, *arguments):
        self.process = subprocess.Popen([*test.prefix, test.programs["console"], test.monitor, *map(str, arguments)],
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                                        text=True, encoding="utf-8", env=test.environment, cwd=test.folder)
        said = self.process.stdout.readline()
        if said == "none\n":
            self.__exit__()
            raise Skipped("there is no console to be had: wine without a display needs the registry's "
                          r"HKCU\Software\Wine\Drivers, Graphics = null")
        assert said == "ready\n", said

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.stdout.close()
        try:
            self.process.wait(LIMIT_S)
        finally:
            self.process.kill()

    def do(self, command):
        self.process.stdin.write(command + "\n")
        self.process.stdin.flush()
        lines = []
        while (line := self.process.stdout.readline()) != ".\n":
            assert line, (command, lines)
            lines.append(line.rstrip("\n"))
        return lines

    def screen(self):
        """Rows as they are seen."""
        return self.do("screen")

    def wait_for(self, *parts):
        """Until all that is seen at a time; returns the rows."""
        end = time.monotonic() + LIMIT_S
        while not all(part in "\n".join(rows := self.screen()) for part in parts):
            assert time.monotonic() < end, (parts, rows)
        return rows

    def press(self, keys):
        self.do(f"press {keys}")

    def check_end(self, status=FINE):
        """It ends so, and the console is as before, and shows what it did."""
        lines = self.do("end")
        assert lines == [str(status)], lines
        rows = self.screen()
        assert rows[0] == BEFORE, rows
        return rows


# ---- What is seen ----

def pids_of(rows):
    return [int(row.split()[2]) for row in rows if re.match(r"(Idle|Running) ", row)]


def workers_results_and_deaths_are_seen(test):
    with Watched(test, "work") as program, Console(test, "--text") as console:
        console.do("size 132 30")
        console.wait_for("100 succeeded", "2 failed", "1 death")
        own, = program.stats()
        wait_until(lambda: pids_of(console.screen()) == [worker["pid"] for worker in own["workers"]])
        program.do("read page.html")
        console.press("3")
        console.wait_for('read_page("page.html")', '"13 links"')
        console.press("2")
        program.do("read crash.html")
        rows = console.wait_for("2 deaths", "the last 2", "Live")
        assert any(re.search(r"worker \d of pages \(pid \d+\): exited with code 3", row) for row in rows), rows
        assert any('last task read_page("crash.html"), task 104, attempt 1: failed' in row for row in rows), rows
        console.press("q")
        console.check_end()


def a_deadlock_is_seen_by_name(test):
    with Watched(test, "deadlock"), Console(test, "--text") as console:
        console.wait_for("Deadlock for", "holds “pages” and waits for “seen” in take_both",
                         "holds “seen” and waits for “pages” in take_both", "Neither can ever go on.")
        console.press("4")
        console.wait_for("Deadlock    pages", "Deadlock    seen", "Held by")
        console.press("q")
        console.check_end()


def keys_and_sizes_change_what_is_seen(test):
    with Watched(test, "work") as program, Console(test, "--text") as console:
        console.wait_for("100 succeeded", "q quit")
        for columns, rows in [(40, 12), (100, 30), (20, 5), (80, 25)]:
            assert console.do(f"size {columns} {rows}") == []
            wait_until(lambda rows=rows: "Live" in console.screen()[rows - 1])
            shown = console.screen()
            assert len(shown) == rows and all(len(row) <= columns for row in shown), shown
        for key, part in {"4": "no named lock", "5": "logged", "3": "None was told of yet", "1": "State"}.items():
            console.do("arrow")
            console.press(key)
            console.wait_for(part)
        console.press("\\s")
        console.wait_for("Display frozen")
        console.press("\\sp")
        console.wait_for("Pause pool pages?")
        console.press("y")
        console.wait_for("paused")
        program.do("later 5")
        console.wait_for("5 waiting")
        console.press("ry")
        console.wait_for("105 succeeded")
        console.press("q")
        console.check_end()


# ---- Ends ----

def end_by(test, way):
    """Whether the system has such an end."""
    with Console(test, "--text") as console:
        console.wait_for("100 succeeded", "Live")
        is_there = console.do(way) != ["refused"]
        if not is_there:
            console.do("ctrl-c")
        console.check_end()
    return is_there


def however_it_ends_the_console_is_as_before(test):
    with Watched(test, "work"):
        if end_by(test, "ctrl-break"):
            end_by(test, "ctrl-c")
        # Between the lines of others.
        with Console(test, "--once") as console:
            rows = console.check_end()
            assert any("0 of 2 busy ·" in row and "100 succeeded" in row for row in rows), rows


TESTS = [workers_results_and_deaths_are_seen, a_deadlock_is_seen_by_name, keys_and_sizes_change_what_is_seen,
         however_it_ends_the_console_is_as_before]


if __name__ == "__main__":
    monitor, monitored, console = resolved(sys.argv[1:4])
    sys.exit(run_all(TESTS, lambda folder: Test(monitor, folder, {"monitored": monitored, "console": console})))
