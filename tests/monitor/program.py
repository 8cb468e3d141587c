#!/usr/bin/env python3
"""mproc-monitor against recordings of a program that never ran: what it prints, draws, writes and refuses.

usage: program.py MONITOR HELPER
MONITOR: mproc-monitor. HELPER: the program that writes the recording (tests/helpers/monitor_recording.c).
"""
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import time

FINE, OTHER, USAGE, NOBODY, CORRUPT = 0, 1, 2, 3, 6
LIMIT_S = 60 * float(os.environ.get("MPROC_TEST_TIMEOUT_FACTOR", "1"))
FAMILY = re.compile(r"# TYPE (\w+) (counter|gauge|summary)$")
SAMPLE = re.compile(r'(\w+)\{((?:\w+="(?:[^"\\\n]|\\["\\n])*",?)*)\} (-?[0-9.]+(?:e[-+]?\d+)?)$')
SUFFIXES = {"counter": ["_total"], "gauge": [""], "summary": ["", "_count", "_sum"]}


class Test:
    def __init__(self, monitor, helper, folder):
        self.monitor, self.helper, self.folder = monitor, helper, folder
        self.story = self.record("story.mproc")

    def record(self, name, *arguments):
        path = self.folder / name
        subprocess.run([self.helper, path, *arguments], check=True)
        return path

    def run(self, *arguments, **options):
        environment = {**os.environ, "XDG_RUNTIME_DIR": str(self.folder), "TMPDIR": str(self.folder), "TZ": "UTC",
                       "DISPLAY": "", "WAYLAND_DISPLAY": ""}
        return subprocess.run([self.monitor, *arguments], capture_output=True, text=True, encoding="utf-8",
                              timeout=LIMIT_S, env=environment, cwd=self.folder, stdin=subprocess.DEVNULL, **options)

    def shown(self, *arguments):
        done = self.run(*arguments)
        assert done.returncode == FINE and done.stderr == "", (done.returncode, done.stderr)
        return done.stdout

    def document(self, *arguments):
        return json.loads(self.shown("--json", "--once", *arguments))

    def refused(self, status, text, *arguments):
        done = self.run(*arguments)
        assert done.returncode == status, (arguments, done.returncode, done.stderr)
        assert done.stderr.startswith("mproc-monitor: ") and text in done.stderr, done.stderr
        assert done.stdout == "", done.stdout


# ---- What is shown ----

def one_look_tells_figures_deaths_and_the_deadlock(test):
    text = test.shown("--once", test.story)
    for part in ["201 succeeded", "2 failed", "2 deaths", "Deadlock for", "Worker 0 holds “pages” and waits for “seen”",
                 "Segmentation fault (signal 11, SIGSEGV)", 'last task parse_page("corpus/0419.html"), task 400',
                 "attribute_value, parse.c:218", "no such file", "x62 the median", "unclosed <table>"]:
        assert part in text, (part, text)


def controls_of_the_program_reach_no_terminal(test):
    for text in [test.shown("--once", test.story), test.shown("--text", test.story)]:
        assert "a warning ?[31mwith a control" in text
        assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]", text)


def piped_it_is_one_line_per_event_and_second(test):
    lines = test.shown("--text", test.story).splitlines()
    assert all(re.match(r"\d\d:\d\d:\d\d\.\d\d\d \S+: ", line) for line in lines), lines
    died = [line for line in lines if "died:" in line]
    assert len(died) == 2 and "worker 0 (pid 5000)" in died[0] and "attempt 2: failed" in died[1]
    assert sum("deadlock:" in line for line in lines) == 1
    assert any("201 succeeded" in line for line in lines)
    assert lines[-1].endswith("of the recording")


def json_has_every_record_on_a_line_of_its_own(test):
    records = [json.loads(line) for line in test.shown("--json", test.story).splitlines()]
    assert records[0]["record"] == "greeting" and records[0]["pid"] == 4711
    assert sum(record["record"] == "death" for record in records) == 2
    times = [record["time_ns"] for record in records]
    assert times == sorted(times)


def json_of_one_look_is_one_document(test):
    found = test.document(test.story)
    pool, = found["pools"]
    assert pool["name"] == "pages" and pool["counts"]["succeeded"] == 201
    assert [worker["pid"] for worker in pool["workers"]] == [5000, 5001]
    assert {task["task"]: task["state"] for task in found["tasks"]}[400] == "Died"
    assert len(found["deadlocks"]) == 1 and len(found["deaths"]) == 2 and found["lost"] == 37
    assert found["ignored"] == 0


def metrics_of(text):
    """{family: (type, [(sample, labels, value)])}; asserts that the text is as OpenMetrics has it."""
    families, current = {}, None
    lines = text.split("\n")
    assert lines[-2:] == ["# EOF", ""], lines[-2:]
    for line in lines[:-2]:
        if family := FAMILY.match(line):
            current = family.group(1)
            assert current not in families, line
            families[current] = (family.group(2), [])
        elif line.startswith("# UNIT "):
            assert line.split(" ")[2] == current and current.endswith("_" + line.split(" ")[3]), line
        elif line.startswith("# HELP "):
            assert line.split(" ")[2] == current and line.endswith("."), line
        else:
            sample = SAMPLE.match(line)
            assert sample, line
            kind, samples = families[current]
            assert sample.group(1) in [current + suffix for suffix in SUFFIXES[kind]], line
            samples.append((sample.group(1), sample.group(2), float(sample.group(3))))
    return families


def metrics_are_open_metrics(test):
    families = metrics_of(test.shown("--metrics", test.story))
    kind, (sample,) = families["mproc_tasks_succeeded"]
    assert kind == "counter" and sample[2] == 201 and 'pool="pages"' in sample[1]
    assert families["mproc_deadlocks"][1][0][2] == 1
    assert len(families["mproc_worker_busy"][1]) == 2
    assert any('quantile="0.99"' in labels and value == 0.001 for _, labels, value in families["mproc_run_seconds"][1])
    series = [(name, labels) for _, samples in families.values() for name, labels, _ in samples]
    assert len(series) > 20 and len(series) == len(set(series)), series
    assert all('function_number="' in labels for _, labels, _ in families["mproc_run_seconds"][1])


# ---- Recordings and exports ----

def a_recording_of_a_recording_is_the_same(test):
    assert test.shown("--record", "copy.mproc", test.story) == ""
    assert (test.folder / "copy.mproc").read_bytes() == test.story.read_bytes()
    assert test.document("copy.mproc") == test.document(test.story)


def a_recording_that_was_cut_short_is_read_up_to_the_cut(test):
    size = test.story.stat().st_size
    for part in [size - 1, size - 30, size // 2, 400]:
        cut = test.record("cut.mproc", str(part))
        found = test.document(cut)
        assert found["cut_short"] is True and found["process"]["pid"] == 4711, part
        cut.unlink()
    cut = test.record("cut.mproc", str(size - 3))
    assert "in the middle of an event" in test.shown("--text", cut).splitlines()[-1]


def exports_are_written_from_a_recording(test):
    assert test.shown("--export", "trace.json", test.story) == ""
    events = json.loads((test.folder / "trace.json").read_text())
    events = events["traceEvents"] if isinstance(events, dict) else events
    assert any(event.get("ph") == "X" for event in events)
    test.shown("--export=tasks.csv", test.story)
    assert len((test.folder / "tasks.csv").read_text().splitlines()) > 200


def a_file_that_is_there_is_not_recorded_over(test):
    (test.folder / "there.mproc").write_text("mine")
    test.refused(OTHER, "there.mproc", "--record", "there.mproc", test.story)
    assert (test.folder / "there.mproc").read_text() == "mine"


# ---- Bad input ----

def bad_input_gets_a_line_that_says_what_to_do(test):
    test.refused(USAGE, "there is no such option", "--frobnicate")
    test.refused(USAGE, "--help", "--frobnicate")
    test.refused(USAGE, "not the number of a process", "--pid", "x1")
    test.refused(USAGE, "its value is missing", "--pid")
    test.refused(USAGE, "seconds", "--duration", "-1")
    test.refused(USAGE, ".json", "--export", "trace.txt")
    test.refused(USAGE, "another option", "--json", "--metrics")
    test.refused(USAGE, "one recording", "a.mproc", "b.mproc")
    test.refused(USAGE, "one of them", "a.mproc", "--pid", "1")
    test.refused(USAGE, "the program to start is missing", "--")


def what_is_no_recording_is_refused(test):
    (test.folder / "text").write_text("not a recording, but some text that is long enough\n" * 9)
    (test.folder / "empty").write_text("")
    test.refused(CORRUPT, "not a recording", "text")
    test.refused(CORRUPT, "recording", "empty")
    test.refused(OTHER, "No such file", "not-there.mproc")


def damage_within_a_recording_is_told(test):
    damaged = test.folder / "damaged.mproc"
    content = bytearray(test.story.read_bytes())
    middle = len(content) // 2
    content[middle:middle + 4000] = b"\xff" * 4000
    damaged.write_bytes(content)
    done = test.run("--json", "--once", damaged)
    assert done.returncode == CORRUPT and "mproc-monitor: " in done.stderr, (done.returncode, done.stderr)


def nobody_to_watch_is_told(test):
    test.refused(NOBODY, "MPROC_MONITOR=1", "--list")
    test.refused(NOBODY, "MPROC_MONITOR=1", "--text")
    test.refused(NOBODY, "MPROC_MONITOR=1", "--pid", str(os.getpid()))


def a_program_that_publishes_nothing_keeps_its_exit_status(test):
    for status in [0, 7]:
        done = test.run("--", sys.executable, "-c", f"import sys; print('own'); sys.exit({status})")
        assert done.returncode == status and done.stdout == "own\n", (done.returncode, done.stdout)
        assert "ended before it could be watched" in done.stderr, done.stderr
    done = test.run("--", sys.executable, "-c", "import os; os.kill(os.getpid(), 9)")
    assert done.returncode == 137, done.returncode
    test.refused(NOBODY, "no-such-program", "--", "./no-such-program")


def without_its_program_there_is_no_window(test):
    done = subprocess.run([test.monitor, test.story], capture_output=True, text=True, timeout=LIMIT_S,
                          env={**os.environ, "DISPLAY": ":99"})
    assert done.returncode == FINE and "mproc-monitor-gtk is not installed" in done.stderr, done.stderr
    assert "of the recording" in done.stdout
    window = pathlib.Path(test.folder / "mproc-monitor-gtk")
    window.write_text("#!/bin/sh\necho window \"$@\"; exit 9\n")
    window.chmod(0o755)
    (test.folder / "mproc-monitor").write_bytes(pathlib.Path(test.monitor).read_bytes())
    (test.folder / "mproc-monitor").chmod(0o755)
    done = subprocess.run([test.folder / "mproc-monitor", test.story], capture_output=True, text=True, timeout=LIMIT_S,
                          env={**os.environ, "DISPLAY": ":99"})
    assert (done.returncode, done.stdout) == (9, f"window {test.story}\n"), done


def help_and_version_are_told(test):
    assert test.shown("--help").startswith("usage: mproc-monitor ")
    assert re.match(r"mproc-monitor \d+\.\d+\.\d+$", test.shown("--version"))


# ---- Output that ends ----

def a_full_disk_is_an_error(test):
    if not os.path.exists("/dev/full"):
        return
    for arguments in [["--once"], ["--json"], ["--metrics"], ["--text"]]:
        with open("/dev/full", "w") as full:
            done = subprocess.run([test.monitor, *arguments, test.story], stdout=full, stderr=subprocess.PIPE,
                                  text=True, timeout=LIMIT_S)
        assert done.returncode == OTHER and "No space left" in done.stderr, (done.returncode, done.stderr)


def a_closed_pipe_is_an_error(test):
    for arguments in [["--json"], ["--text"]]:
        reader, writer = os.pipe()
        os.close(reader)
        done = subprocess.run([test.monitor, *arguments, test.story], stdout=writer, stderr=subprocess.PIPE, text=True,
                              timeout=LIMIT_S)
        os.close(writer)
        assert done.returncode == OTHER and "standard output" in done.stderr, (done.returncode, done.stderr)


# ---- A terminal ----

class Terminal:
    """The monitor in a terminal of its own, and what it has written there."""

    def __init__(self, monitor, arguments, folder, environment=None):
        import pty
        self.process, self.descriptor = pty.fork()
        if self.process == 0:
            os.chdir(folder)
            os.execve(monitor, [monitor, *map(str, arguments)], {**(environment or os.environ), "TERM": "xterm"})
        self.text = ""
        self.before = self.settings()

    def settings(self):
        import termios
        return termios.tcgetattr(self.descriptor)

    def read(self):
        """False at the end."""
        import select
        if select.select([self.descriptor], [], [], 0.05)[0]:
            try:
                got = os.read(self.descriptor, 65536)
            except OSError:
                return False
            self.text += got.decode("utf-8", "replace")
        return True

    def wait_for(self, part):
        end = time.monotonic() + LIMIT_S
        while part not in self.text:
            assert self.read() and time.monotonic() < end, (part, self.text[-2000:])
        self.text = self.text[self.text.index(part) + len(part):]

    def press(self, keys):
        os.write(self.descriptor, keys.encode())

    def end(self):
        """Its exit status, once it has ended; and whether the terminal is as before."""
        end = time.monotonic() + LIMIT_S
        done = 0
        while not done:
            self.read()
            done, status = os.waitpid(self.process, os.WNOHANG)
            assert done or time.monotonic() < end, "it does not end"
        settings = self.settings()
        while self.read():
            assert time.monotonic() < end, "its terminal does not end"
        return os.waitstatus_to_exitcode(status), settings == self.before


def keys_change_the_page(test):
    terminal = Terminal(test.monitor, ["--text", test.story], test.folder)
    terminal.wait_for("pages")
    terminal.press("e")
    terminal.wait_for("The end of the recording")
    terminal.press("3")
    terminal.wait_for("the last 203 of 203")
    terminal.press("4")
    terminal.wait_for("Held by")
    terminal.press("5")
    terminal.wait_for("a warning")
    terminal.press("2")
    terminal.wait_for("stack:")
    terminal.press("p")
    terminal.wait_for("nobody is there")
    terminal.press(" ")
    terminal.press("\x1b[A\x1bOPq")
    assert terminal.end() == (FINE, True)
    assert "\x1b[?1049l" in terminal.text


def ctrl_c_restores_the_terminal(test):
    terminal = Terminal(test.monitor, ["--text", test.story], test.folder)
    terminal.wait_for("Replaying")
    terminal.press("\x03")
    assert terminal.end() == (FINE, True)
    assert "\x1b[?25h\x1b[?1049l" in terminal.text


def a_duration_ends_it(test):
    terminal = Terminal(test.monitor, ["--duration", "0.5", "--text", test.story], test.folder)
    terminal.wait_for("Replaying")
    assert terminal.end() == (FINE, True)


TESTS = [one_look_tells_figures_deaths_and_the_deadlock, controls_of_the_program_reach_no_terminal,
         piped_it_is_one_line_per_event_and_second, json_has_every_record_on_a_line_of_its_own,
         json_of_one_look_is_one_document, metrics_are_open_metrics, a_recording_of_a_recording_is_the_same,
         a_recording_that_was_cut_short_is_read_up_to_the_cut, exports_are_written_from_a_recording,
         a_file_that_is_there_is_not_recorded_over, bad_input_gets_a_line_that_says_what_to_do,
         what_is_no_recording_is_refused, damage_within_a_recording_is_told, nobody_to_watch_is_told,
         a_program_that_publishes_nothing_keeps_its_exit_status, without_its_program_there_is_no_window,
         help_and_version_are_told, a_full_disk_is_an_error,
         a_closed_pipe_is_an_error, keys_change_the_page, ctrl_c_restores_the_terminal, a_duration_ends_it]


def main():
    monitor, helper = (str(pathlib.Path(argument).resolve()) for argument in sys.argv[1:3])
    passed = True
    print(f"1..{len(TESTS)}")
    for number, each in enumerate(TESTS, 1):
        with tempfile.TemporaryDirectory() as folder:
            os.chmod(folder, 0o700)
            try:
                each(Test(monitor, helper, pathlib.Path(folder)))
                print(f"ok {number} - {each.__name__}")
            except (AssertionError, subprocess.SubprocessError, OSError, ValueError, KeyError) as error:
                passed = False
                print(f"not ok {number} - {each.__name__}")
                print("# " + f"{type(error).__name__}: {error}".replace("\n", "\n# "))
    return 0 if passed else 1


if __name__ == "__main__":
    sys.exit(main())
