#!/usr/bin/env python3
"""mproc-monitor against recordings of a program that never ran: what it prints, draws, writes and refuses.

usage: program.py MONITOR HELPER
MONITOR: mproc-monitor. HELPER: the program that writes the recording (tests/helpers/monitor_recording.c).
"""
import csv
import os
import pathlib
import re
import subprocess
import sys

sys.dont_write_bytecode = True
from monitoring import (  # noqa: E402
    CORRUPT, FINE, LIMIT_S, NOBODY, OTHER, USAGE, Skipped, Test, resolved, run_all, strict_json)

FAMILY = re.compile(r"# TYPE (\w+) (counter|gauge|summary)$")
SAMPLE = re.compile(r'(\w+)\{((?:\w+="(?:[^"\\\n]|\\["\\n])*",?)*)\} (-?[0-9.]+(?:e[-+]?\d+)?)$')
# Of ASCII, of ISO 6429, and what turns the direction of writing.
CONTROLS = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069]")
SUFFIXES = {"counter": ["_total"], "gauge": [""], "summary": ["", "_count", "_sum"]}


class Recorded(Test):
    """With a recording, of which all is known."""

    def __init__(self, monitor, folder, helper):
        super().__init__(monitor, folder)
        self.helper = helper
        self.story = self.record("story.mproc")

    def record(self, name, *arguments):
        path = self.folder / name
        subprocess.run([self.helper, path, *arguments], check=True)
        return path


# ---- What is shown ----

def one_look_tells_figures_deaths_and_the_deadlock(test):
    text = test.shown("--once", test.story)
    for part in ["201 succeeded", "2 failed", "2 deaths", "Deadlock for", "Worker 0 holds “pages” and waits for “seen”",
                 "Segmentation fault (signal 11, SIGSEGV)",
                 "  It read address 0x18, which is no memory of this process: a NULL pointer, most likely.\n",
                 'last task parse_page("corpus/0419.html"), task 400',
                 "attribute_value, parse.c:218", "no such file", "x62 the median", "unclosed <table>"]:
        assert part in text, (part, text)
    for death in strict_json(test.shown("--json", "--once", test.story))["deaths"]:
        assert [death["fault"], death["access"], death["address"]] == ["no_memory", "read", 0x18], death


def controls_of_the_program_reach_no_terminal(test):
    for text in [test.shown("--once", test.story), test.shown("--text", test.story)]:
        assert "a warning ?[31mwith a control?[0m, to ?the left" in text
        assert not CONTROLS.search(text), text
    for text in [test.shown("--json", "--once", test.story), test.shown("--json", test.story)]:
        assert r"a warning \u001b[31mwith a control\u001b[0m, to \u202ethe left" in text
        assert not CONTROLS.search(text), text


def texts_that_everybody_would_take_for_his_own_are_shown_as_texts(test):
    hostile = test.record("hostile.mproc", "hostile")
    for arguments in [["--once"], ["--text"], ["--json", "--once"], ["--json"], ["--metrics"]]:
        text = test.shown(*arguments, hostile)
        assert not CONTROLS.search(text), (arguments, text)
    for text in [test.shown("--json", "--once", hostile), *test.shown("--json", hostile).splitlines()]:
        strict_json(text)
    assert len(metrics_of(test.shown("--metrics", hostile))["mproc_worker_busy"][1]) == 2
    test.shown("--export", "hostile.json", hostile)
    assert not CONTROLS.search((test.folder / "hostile.json").read_text(encoding="utf-8"))
    strict_json((test.folder / "hostile.json").read_text(encoding="utf-8"))
    test.shown("--export", "hostile.csv", hostile)
    with (test.folder / "hostile.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file, strict=True))
    assert len(rows) > 200 and {len(row) for row in rows} == {24}, rows
    assert "a\r\nb\tc\v\f\b\x7f" in {row[-3] for row in rows}, rows


def piped_it_is_one_line_per_event_and_second(test):
    lines = test.shown("--text", test.story).splitlines()
    assert all(re.match(r"\d\d:\d\d:\d\d\.\d\d\d \S+: ", line) for line in lines), lines
    died = [line for line in lines if "died:" in line]
    assert len(died) == 2 and "worker 0 (pid 5000)" in died[0] and "attempt 2: failed" in died[1]
    assert sum("deadlock:" in line for line in lines) == 1
    assert any("201 succeeded" in line for line in lines)
    assert [line[13:] for line in lines if " lost: " in line] == ["lost: 37 details"], lines
    assert lines[-1].endswith("of the recording")


def json_has_every_record_on_a_line_of_its_own(test):
    records = [strict_json(line) for line in test.shown("--json", test.story).splitlines()]
    assert records[0]["record"] == "greeting" and records[0]["pid"] == 4711
    assert sum(record["record"] == "death" for record in records) == 2
    times = [record["time_ns"] for record in records]
    assert times == sorted(times)


def in_json_states_are_words(test):
    records = [strict_json(line) for line in test.shown("--json", test.story).splitlines()]
    words = {(record["record"], name): record[name] for record in records for name in
             ["kind", "method", "phase", "paused", "state", "end", "expected", "decision", "wait", "level"]
             if name in record}
    assert len(words) > 9 and not any(type(word) is int for word in words.values()), words
    assert words["death", "decision"] == "failed" and words["worker", "state"] in ["idle", "busy", "none"], words


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


def metrics_are_read_by_a_strict_parser(test):
    try:
        from prometheus_client.openmetrics.parser import text_string_to_metric_families
    except ImportError as error:
        raise Skipped("python3-prometheus-client is not installed") from error
    families = {family.name: family for family in text_string_to_metric_families(test.shown("--metrics", test.story))}
    assert families["mproc_tasks_succeeded"].type == "counter"
    assert [sample.value for sample in families["mproc_tasks_succeeded"].samples] == [201]
    assert families["mproc_busy_seconds"].unit == "seconds" and families["mproc_run_seconds"].type == "summary"


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
    last = test.shown("--text", cut).splitlines()[-1]
    assert "This recording ends in the middle of an event. Everything before is here" in last, last


def exports_are_written_from_a_recording(test):
    assert test.shown("--export", "trace.json", test.story) == ""
    events = strict_json((test.folder / "trace.json").read_text())
    events = events["traceEvents"] if isinstance(events, dict) else events
    assert any(event.get("ph") == "X" for event in events)
    test.shown("--export=tasks.csv", test.story)
    assert len((test.folder / "tasks.csv").read_text().splitlines()) > 200


def a_file_that_is_there_is_not_written_over(test):
    for option, name in [("--record", "there.mproc"), ("--export", "there.json"), ("--export", "there.csv")]:
        (test.folder / name).write_text("mine")
        test.refused(OTHER, f"{name} is there already", option, name, test.story)
        assert (test.folder / name).read_text() == "mine"
    test.refused(OTHER, "there.json is there already", "--record", "new.mproc", "--export", "there.json", test.story)
    assert not (test.folder / "new.mproc").exists()
    test.refused(OTHER, "is there already", "--record", "same.json", "--export", "same.json", test.story)
    assert not (test.folder / "same.json").exists()


def a_file_that_cannot_be_made_is_told(test):
    os.mkdir(test.folder / "folder.json")
    for option in ["--record", "--export"]:
        test.refused(OTHER, "folder.json is there already", option, "folder.json", test.story)
        test.refused(OTHER, "No such file or directory", option, "none/it.json", test.story)
    if os.getuid() == 0:
        # Whom no permission keeps off, but this file system does.
        test.refused(OTHER, "/proc/it.json", "--export", "/proc/it.json", test.story)
        return
    os.chmod(test.folder / "folder.json", 0o500)
    for option in ["--record", "--export"]:
        test.refused(OTHER, "Permission denied", option, "folder.json/it.json", test.story)


def on_small_disk(test, size, *arguments):
    """The monitor with a file system of so many bytes in the folder "small", of which a copy is left."""
    (test.folder / "small").mkdir()
    (test.folder / "copy").mkdir()
    script = f'mount -t tmpfs -o size={size} none small && "$@"; status=$?; cp small/* copy; exit $status'
    done = subprocess.run(["unshare", "--mount", "sh", "-c", script, "sh", *test.command(*arguments)],
                          capture_output=True, text=True, cwd=test.folder, env=test.environment, timeout=LIMIT_S)
    if "unshare" in done.stderr or "mount:" in done.stderr:
        raise Skipped("no file system can be mounted here")
    return done


def what_a_full_disk_has_room_for_is_a_recording(test):
    content = test.story.read_bytes()
    size = len(content) // 2 // 4096 * 4096
    done = on_small_disk(test, size, "--record", "small/it.mproc", test.story)
    assert done.returncode == OTHER and "small/it.mproc: " in done.stderr and "No space left" in done.stderr, done
    kept = (test.folder / "copy/it.mproc").read_bytes()
    assert size // 2 < len(kept) <= size and content.startswith(kept), (size, len(kept))
    found = test.document("copy/it.mproc")
    assert found["cut_short"] is False and found["process"]["pid"] == 4711


# ---- Bad input ----

def bad_input_gets_a_line_that_says_what_to_do(test):
    test.refused(USAGE, "there is no such option", "--frobnicate")
    test.refused(USAGE, "--help", "--frobnicate")
    test.refused(USAGE, "not the number of a process", "--pid", "x1")
    test.refused(USAGE, "not the number of a process", "--pid", "9" * 20)
    test.refused(USAGE, "its value is missing", "--pid")
    test.refused(USAGE, "seconds", "--duration", "-1")
    test.refused(USAGE, ".json", "--export", "trace.txt")
    test.refused(USAGE, "another option", "--json", "--metrics")
    test.refused(USAGE, "stands alone", "--list", "--record", "it.mproc")
    test.refused(USAGE, "one recording", "a.mproc", "b.mproc")
    test.refused(USAGE, "one of them", "a.mproc", "--pid", "1")
    test.refused(USAGE, "one of them", "--connect", "here", "--pid", "1")
    test.refused(USAGE, "is missing", "--connect", "")
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
    for pid in [os.getpid(), 1, 999999999, 99999999999999]:
        test.refused(NOBODY, "MPROC_MONITOR=1", "--pid", pid)


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

def a_full_device_is_an_error(test):
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


TESTS = [one_look_tells_figures_deaths_and_the_deadlock, controls_of_the_program_reach_no_terminal,
         texts_that_everybody_would_take_for_his_own_are_shown_as_texts,
         piped_it_is_one_line_per_event_and_second, json_has_every_record_on_a_line_of_its_own,
         in_json_states_are_words, json_of_one_look_is_one_document, metrics_are_open_metrics,
         metrics_are_read_by_a_strict_parser, a_recording_of_a_recording_is_the_same,
         a_recording_that_was_cut_short_is_read_up_to_the_cut, exports_are_written_from_a_recording,
         a_file_that_is_there_is_not_written_over, a_file_that_cannot_be_made_is_told,
         what_a_full_disk_has_room_for_is_a_recording, bad_input_gets_a_line_that_says_what_to_do,
         what_is_no_recording_is_refused, damage_within_a_recording_is_told, nobody_to_watch_is_told,
         a_program_that_publishes_nothing_keeps_its_exit_status, without_its_program_there_is_no_window,
         help_and_version_are_told, a_full_device_is_an_error, a_closed_pipe_is_an_error]


if __name__ == "__main__":
    monitor, helper = resolved(sys.argv[1:3])
    sys.exit(run_all(TESTS, lambda folder: Recorded(monitor, folder, helper)))
