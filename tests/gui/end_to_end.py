#!/usr/bin/env python3
"""The window beside a program that works, seen from outside: what a screen reader reads there is what the program
counts itself, and what is pressed there happens to its pool.

usage: end_to_end.py WINDOW MONITOR WATCHED
WINDOW: mproc-monitor-gtk. MONITOR: mproc-monitor. WATCHED: the program to be watched (tests/gui/watched.c).

It brings a display without a screen and a session bus of its own (xvfb-run, dbus-run-session).
"""
import contextlib
import importlib.util
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import time

LIMIT_S = 30 * float(os.environ.get("MPROC_TEST_TIMEOUT_FACTOR", "1"))
INSIDE = "MPROC_TEST_INSIDE"
WATCHED_ENDS_WITH = 3
LAUNCHERS = ["/usr/libexec/at-spi-bus-launcher", "/usr/lib/at-spi2-core/at-spi-bus-launcher"]
REQUESTS_TO_END = [signal.SIGTERM, signal.SIGINT, signal.SIGHUP]


def missing():
    """What is not there, or None."""
    for program in ["xvfb-run", "dbus-run-session"]:
        if shutil.which(program) is None:
            return program
    if not any(os.path.exists(path) for path in LAUNCHERS):
        return "at-spi2-core"
    return None if importlib.util.find_spec("gi") else "python3-gi"


def wait_until(what, condition):
    """Of what is asked a part may be gone by then: it is asked again."""
    from accessible import Gone
    end = time.monotonic() + LIMIT_S
    while True:
        with contextlib.suppress(Gone):
            if found := condition():
                return found
        assert time.monotonic() < end, f"waited in vain for: {what}"
        time.sleep(0.05)


def plain(text):
    """A number without the blanks between its groups."""
    return text.replace("\u00a0", "")


def forget_ignored_signals():
    """As shells have it, whoever has started the tests and however: what nohup, or a shell for what runs in its
    background, has ignored, the window would go on to ignore."""
    for number in REQUESTS_TO_END:
        signal.signal(number, signal.SIG_DFL)


class Watched:
    """The program, and what it says of itself."""

    def __init__(self, test):
        self.process = subprocess.Popen([test.watched], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=subprocess.PIPE, text=True,
                                        env={**os.environ, "MPROC_MONITOR": "1"})
        self.stats = json.loads(self.process.stdout.readline())

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.wait(LIMIT_S)
        self.process.stdout.close()
        self.process.stderr.close()

    def do(self, command):
        self.process.stdin.write(f"{command}\n")
        self.process.stdin.flush()
        self.stats = json.loads(self.process.stdout.readline())
        return self.stats


class Window:
    """The monitor's window, and what is read in it."""

    def __init__(self, test, *arguments, display=None, stdin=None):
        self.test = test
        self.process = subprocess.Popen([test.window, *map(str, arguments)], stdin=stdin, stdout=subprocess.DEVNULL,
                                        stderr=subprocess.PIPE, text=True, preexec_fn=forget_ignored_signals,
                                        env={**os.environ, **({"DISPLAY": display} if display else {})})
        self.root = self.complaints = None

    def __enter__(self):
        try:
            self.root = wait_until("the window", self.look_for)
        except BaseException:
            self.process.kill()  # the next test would take it for its own
            self.process.communicate()
            raise
        return self

    def __exit__(self, kind, *_):
        if kind is not None and os.environ.get("MPROC_TEST_SHOW"):
            self.root.print()
        self.process.terminate()
        complaints = self.finish()
        # Themes and input methods that are not installed are no news; what GTK thinks of the program is, and what
        # looks for leaks at its end.
        wrong = [line for line in complaints.splitlines() if "-CRITICAL" in line]
        assert kind is not None or (self.process.returncode == 0 and not wrong), wrong or complaints

    def finish(self):
        """Waits for its end. What it complained of."""
        if self.complaints is None:
            _, self.complaints = self.process.communicate(timeout=LIMIT_S)
        return self.complaints

    def end(self, number):
        """Requests its end by that signal, upon which it ends as if its user had closed it."""
        self.process.send_signal(number)
        complaints = self.finish()
        assert self.process.returncode == 0, (number, complaints)

    def look_for(self):
        assert self.process.poll() is None, self.process.stderr.read()
        from accessible import programs
        return next((program for program in programs(self.test.bus) if "monitor" in program.text.lower()), None)

    def wait_for(self, text, role=None):
        return wait_until(f"“{text}” in the window", lambda: self.root.find_part(text, role))

    def press(self, text, role="button"):
        def is_pressed():
            if button := self.root.find(text, role):
                button.do()
            return button
        wait_until(f"the button “{text}”", is_pressed)

    def figure(self, name):
        """What stands in the group of that name, or []."""
        group = self.root.find(name, "group")
        return [plain(text) for text in group.texts()[1:]] if group else []

    def has_figure(self, name, value):
        return str(value) in self.figure(name)

    def cells(self, table):
        """The rows of a table that are shown, each as {column: text}."""
        found = self.root.find(table, "tree grid")
        rows = []
        for node in found.shown() if found else []:
            if column := node.description:
                if not rows or column in rows[-1]:
                    rows.append({})
                rows[-1][column] = plain(node.text)
        return rows

    def row(self, table, **wanted):
        return next((row for row in self.cells(table) if all(row.get(key) == value for key, value in wanted.items())),
                    None)

    def click(self, node):
        x, y, width, height = node.extents
        self.test.generate("GenerateMouseEvent", "(iis)", (x + width // 2, y + height // 2, "b1c"))

    def save_as(self, path):
        """Answers the question for a file."""
        def chooser():
            return self.root.find("GtkFileChooserWidget")
        asked = wait_until("the question for a file", chooser)
        next(asked.shown(lambda node: node.can("EditableText"))).write(str(path))
        self.root.find_part("Save", "button").do()
        wait_until("that the question is answered", lambda: not chooser())


class Test:
    def __init__(self, window, monitor, watched, folder):
        import accessible
        self.window, self.monitor, self.watched, self.folder = window, monitor, watched, folder
        self.bus = accessible.connect()

    def generate(self, method, signature, arguments):
        """Has the display say that the user has done something."""
        from gi.repository import Gio, GLib
        self.bus.call_sync("org.a11y.atspi.Registry", "/org/a11y/atspi/registry/deviceeventcontroller",
                           "org.a11y.atspi.DeviceEventController", method, GLib.Variant(signature, arguments), None,
                           Gio.DBusCallFlags.NONE, 30000)


# ---- What is tested ----

def figures_and_cells_are_the_programs_own_counts(test):
    with Watched(test) as watched, Window(test, "--pid", watched.process.pid) as window:
        begun = time.monotonic()
        window.wait_for("Live")
        print(f"# live {time.monotonic() - begun:.2f} s after the window was there")
        watched.do("done 1000")
        stats = watched.do("fail 7")
        ended = stats["succeeded"] + stats["failed"]
        wait_until("the number of tasks that have ended", lambda: window.has_figure("Done", ended))
        wait_until("the number of failed tasks", lambda: window.has_figure("Failed", stats["failed"]))
        wait_until("the number of workers", lambda: window.has_figure("Workers busy", f"of {stats['workers']}"))
        rows = wait_until("a row for each worker", lambda: len(rows := window.cells("Workers")) == 3 and rows)
        assert sum(int(row["Done"]) for row in rows) == ended, (rows, stats)
        assert {row["State"] for row in rows} == {"Idle"} and len({row["PID"] for row in rows}) == 3, rows


def a_killed_worker_has_a_certificate(test):
    with Watched(test) as watched, Window(test, "--pid", watched.process.pid, "--page", "workers") as window:
        window.wait_for("Live")
        watched.do("linger slow.html")
        row = wait_until("the worker that runs it", lambda: next(
            (row for row in window.cells("Workers") if "slow.html" in row.get("Doing now, or last task", "")), None))
        os.kill(int(row["PID"]), signal.SIGKILL)
        wait_until("its death", lambda: window.row("Workers", PID=row["PID"], State="Signal 9"))
        assert watched.do("look")["deaths"] == 1
        window.click(window.root.find("Signal 9"))
        window.wait_for("What was decided")
        for part in ["SIGKILL", f"pid {row['PID']}", "slow.html", "No stack: the worker was killed from outside.",
                     "Why workers died"]:
            window.wait_for(part)
        watched.do("crash bad.html")
        window.wait_for("Aborted (signal 6)", role="button")


def pause_in_the_window_pauses_the_pool(test):
    with Watched(test) as watched, Window(test, "--pid", watched.process.pid) as window:
        window.press("Pause pool")
        window.wait_for("Resume pool")
        stats = watched.do("submit 5")
        assert (stats["queued"], stats["succeeded"]) == (5, 0), stats
        wait_until("five that wait", lambda: window.has_figure("Waiting", 5))
        assert watched.do("look")["queued"] == 5
        window.press("Resume pool")
        wait_until("that they are done", lambda: watched.do("look")["succeeded"] == 5)
        wait_until("that it is shown", lambda: window.has_figure("Done", 5))


def failed_tasks_can_be_shown_alone(test):
    with Watched(test) as watched, Window(test, "--pid", watched.process.pid, "--page", "tasks") as window:
        if window.root.find("Tasks", "tab") is None:
            return "there is no page of tasks"
        window.wait_for("Live")
        watched.do("done 20")
        watched.do("fail 3")
        wait_until("the tasks", lambda: len(window.cells("Tasks")) > 3)
        wait_until("the filter", lambda: window.root.find("Failed 3", "button")).do()
        rows = wait_until("the failed ones alone", lambda: len(rows := window.cells("Tasks")) == 3 and rows)
        assert {row["State"] for row in rows} == {"Failed"}, rows
        assert all("no such page" in row["Result or error"] for row in rows), rows
    return None


def a_recording_made_here_replays_to_the_same_numbers(test):
    recording, trace = test.folder / "it.mproc", test.folder / "it.json"
    with Watched(test) as watched, Window(test, "--pid", watched.process.pid) as window:
        window.press("Record")
        window.save_as(recording)
        window.wait_for("recording, ")
        watched.do("done 50")
        watched.do("fail 2")
        stats = watched.do("crash bad.html")
        wait_until("the last figures", lambda: window.has_figure("Failed", stats["failed"]))
        window.press("Stop")
        wait_until("the end of the recording", lambda: not window.root.find_part("recording, "))
    with Window(test, recording) as window:
        window.wait_for("complete")
        for name, value in [("Done", stats["succeeded"] + stats["failed"]), ("Failed", stats["failed"])]:
            wait_until(f"{name}: {value}", lambda: window.has_figure(name, value))
        assert window.root.find_part(f"{stats['deaths']} died"), window.root.texts()
        window.press("Export\u2026")
        window.save_as(trace)
        wait_until("the trace, which is whole or not there", trace.exists)
    events = json.loads(trace.read_text())["traceEvents"]
    ends = [event["args"]["end"] for event in events if event["ph"] == "X" and event["cat"] == "task"]
    assert (ends.count("done"), ends.count("failed"), ends.count("died")) == (50, 2, 1), ends


def a_program_that_cannot_be_started_is_told(test):
    done = subprocess.run([test.monitor, "--", str(test.folder / "none")], capture_output=True, text=True,
                          timeout=LIMIT_S, check=False)
    assert done.returncode == 3 and "none" in done.stderr, done


def a_program_that_was_started_here_ends_with_its_exit_code(test):
    reading, writing = os.pipe()
    with os.fdopen(reading) as program_input:
        window = Window(test, "--", test.watched, stdin=program_input)
    with window:
        window.wait_for("Live")
        os.close(writing)
        window.wait_for(f"with exit code {WATCHED_ENDS_WITH}, after ")


def a_request_to_end_closes_the_window_as_its_user_does(test):
    remembered, recording = test.folder / "mproc-monitor/window.conf", test.folder / "it.mproc"
    for number in REQUESTS_TO_END:
        with Watched(test) as watched, Window(test, "--pid", watched.process.pid) as window:
            window.press("Record")
            if number == signal.SIGTERM:
                window.save_as(recording)
                window.wait_for("recording, ")
            else:
                wait_until("the question for a file", lambda: window.root.find("GtkFileChooserWidget"))
            window.end(number)
        assert remembered.exists() and recording.exists(), number
        remembered.unlink()


TASK_ENDED = 22
MANY = 100000


def swell(recording):
    """Tells of its last task again and again, so that it takes a while to export it."""
    data, frames, at = recording.read_bytes(), [], 16
    while at < len(data):
        size = int.from_bytes(data[at:at + 4], "little")
        frames.append(data[at:at + size])
        at += size
    task = next(frame for frame in reversed(frames) if int.from_bytes(frame[4:6], "little") == TASK_ENDED)
    last = int.from_bytes(frames[-1][8:16], "little")
    with recording.open("ab") as file:
        for number in range(last + 1, last + 1 + MANY):
            file.write(task[:8] + number.to_bytes(8, "little") + frames[-1][16:24] + task[24:])


def what_is_being_written_is_written_to_its_end(test):
    recording, trace = test.folder / "it.mproc", test.folder / "it.json"
    with Watched(test) as watched:
        arguments = [test.monitor, "--record", str(recording), "--pid", str(watched.process.pid)]
        with subprocess.Popen(arguments, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as recorder:
            wait_until("a recording", recording.exists)
            watched.do("done 5")
            wait_until("its tasks", lambda: recording.stat().st_size > 4000)
            recorder.terminate()
    swell(recording)
    with Window(test, recording) as window:
        window.wait_for("complete")
        window.press("Export\u2026")
        window.save_as(trace)
        wait_until("the file", lambda: any(path.name.startswith(trace.name) for path in test.folder.iterdir()))
        window.end(signal.SIGTERM)
    assert len(json.loads(trace.read_text())["traceEvents"]) > MANY
    left = [path.name for path in test.folder.iterdir() if ".part" in path.name]
    assert not left, left


def a_display_that_goes_away_is_told(test):
    reading, writing = os.pipe()
    with subprocess.Popen(["Xvfb", "-noreset", "-displayfd", str(writing)], pass_fds=[writing],
                          stderr=subprocess.DEVNULL) as display:
        os.close(writing)
        with os.fdopen(reading) as numbers:
            name = f":{numbers.readline().strip()}"
        window = Window(test, display=name)
        wait_until("the window", window.look_for)
        display.kill()
        complaints = window.finish()
        assert window.process.returncode == 1, window.process.returncode
        assert "the display is gone" in complaints, complaints


TESTS = [figures_and_cells_are_the_programs_own_counts, a_killed_worker_has_a_certificate,
         pause_in_the_window_pauses_the_pool, failed_tasks_can_be_shown_alone,
         a_recording_made_here_replays_to_the_same_numbers, a_program_that_cannot_be_started_is_told,
         a_program_that_was_started_here_ends_with_its_exit_code,
         a_request_to_end_closes_the_window_as_its_user_does, what_is_being_written_is_written_to_its_end,
         a_display_that_goes_away_is_told]


# ---- Running them ----

def run_one(each, programs):
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        os.environ["XDG_CONFIG_HOME"] = str(folder)
        return each(Test(*programs, folder))


def run_all(programs):
    passed = True
    only = os.environ.get("MPROC_TEST_ONLY", "")
    tests = [each for each in TESTS if only in each.__name__]
    print(f"1..{len(tests)}" + ("" if tests else " # SKIP no test of this program applies"))
    for number, each in enumerate(tests, 1):
        try:
            skip = run_one(each, programs)
            print(f"ok {number} - {each.__name__}" + (f" # SKIP {skip}" if skip else ""), flush=True)
        except Exception as error:  # whatever it is, the tests behind it run
            passed = False
            print(f"not ok {number} - {each.__name__}")
            print("# " + f"{type(error).__name__}: {error}".replace("\n", "\n# "), flush=True)
    return 0 if passed else 1


def run_inside(arguments):
    """The same once more, with a display and buses of its own, which end with it."""
    # In the user's own directories nothing is written: neither what GTK notes of files, nor what the bus starts.
    with tempfile.TemporaryDirectory() as folder:
        own = dict.fromkeys(["HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME", "XDG_STATE_HOME",
                             "XDG_RUNTIME_DIR", "TMPDIR"], folder)
        environment = {**os.environ, **own, INSIDE: "1", "GSETTINGS_BACKEND": "memory",
                       "GSK_RENDERER": "cairo", "NO_AT_BRIDGE": "0", "LC_ALL": "C.UTF-8"}
        environment.pop("GTK_A11Y", None)
        # Behind its last client it would begin anew, and drop a window that comes meanwhile.
        display = "-screen 0 1400x900x24 -noreset"
        command = ["xvfb-run", "-a", "-s", display, "dbus-run-session", "--", sys.executable, "-B", __file__,
                   *arguments]
        return subprocess.run(command, env=environment, check=False).returncode


def main():
    if INSIDE in os.environ:
        return run_all([str(pathlib.Path(argument).resolve()) for argument in sys.argv[1:4]])
    if lacks := missing():
        print(f"1..0 # SKIP {lacks} is not there")
        return 0
    return run_inside(sys.argv[1:4])


if __name__ == "__main__":
    sys.exit(main())
