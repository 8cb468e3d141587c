#!/usr/bin/env python3
"""mproc-monitor in a terminal: what it draws on a live process and on a recording, its keys, and that the terminal is
as it was, however it ends and while it is stopped.

usage: terminal.py MONITOR MONITORED FALSE RECORDING
MONITORED, FALSE: programs to be watched (tests/helpers/monitored.c, monitor_false.c). RECORDING: the program that
writes one (tests/helpers/monitor_recording.c).
"""
import json
import os
import re
import signal
import subprocess
import sys
import time

sys.dont_write_bytecode = True
from monitoring import CORRUPT, FINE, OTHER, Terminal, Test, Watched, resolved, run_all, wait_until  # noqa: E402

ENTER, LEAVE = "\x1b[?1049h\x1b[?25l", "\x1b[?25h\x1b[?1049l"
FRAME = "\x1b[H"


def story_of(test):
    path = test.folder / "story.mproc"
    subprocess.run([test.programs["recording"], path], check=True)
    return path


def seen(line):
    return re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]|\r", "", line)


def frames_of(text):
    """Whole ones, as lines of what is seen."""
    return [[seen(line) for line in frame.split("\n")] for frame in text.split(FRAME)[1:-1]]


def check_last_columns(frame, columns):
    """What is left of a line is erased; a terminal would erase the last character of one that is full."""
    for line in frame.split("\r\n")[:-1]:
        assert line.rstrip("\r").endswith("\x1b[K") == (len(seen(line)) < columns), (columns, line)


def press_and_end(terminal, keys="q", status=FINE):
    terminal.press(keys)
    check_end(terminal, status)


def check_end(terminal, status=FINE):
    assert terminal.end() == (status, True)
    assert terminal.sent.count(ENTER) == terminal.sent.count(LEAVE) > 0
    assert FRAME not in terminal.sent[terminal.sent.rindex(LEAVE):], terminal.sent[-500:]


# ---- What is drawn ----

def the_page_is_drawn_anew_and_for_each_size(test):
    with Watched(test, "work") as program:
        terminal = Terminal(test, "--text", "--pid", program.pid)
        terminal.wait_for(f"pid {program.pid}")
        terminal.wait_for("100 succeeded")
        program.do("read page.html")
        terminal.wait_for("101 succeeded")
        for rows, columns in [(5, 20), (50, 200), (2, 7), (3, 8), (24, 80)]:
            terminal.resize(rows, columns)
            terminal.text = ""
            if rows > 2:
                for _ in range(2):
                    terminal.wait_for(f"\x1b[{rows};1H")
                terminal.wait_for(FRAME)
            frames = frames_of(terminal.sent)
            assert rows == 2 or all(len(line) <= columns for line in frames[-1]), (columns, frames[-1])
            assert rows == 2 or len(frames[-1]) <= rows, (rows, frames[-1])
            check_last_columns(terminal.sent.split(FRAME)[-2], columns if rows > 2 else 200)
        press_and_end(terminal)


def without_control_sequences_there_are_lines(test):
    for kind in ["dumb", "", None]:
        terminal = Terminal(test, "--text", story_of(test) if kind == "dumb" else "story.mproc", terminal=kind)
        assert terminal.end() == (FINE, True)
        assert "\x1b" not in terminal.sent and "of the recording" in terminal.sent, terminal.sent


def keys_change_the_page(test):
    terminal = Terminal(test, "--text", story_of(test))
    terminal.wait_for("pages")
    terminal.press("e")
    terminal.wait_for("The end of the recording")
    terminal.press("3")
    terminal.wait_for("the last 205 of 205")
    terminal.press("4")
    terminal.wait_for("Held by")
    terminal.press("5")
    terminal.wait_for("a warning")
    terminal.press("2")
    terminal.wait_for("stack:")
    terminal.press("p")
    terminal.wait_for("nobody is there")
    terminal.press(" ")
    press_and_end(terminal, "\x1b[A\x1bOPq")


def a_duration_ends_it(test):
    terminal = Terminal(test, "--duration", "0.5", "--text", story_of(test))
    terminal.wait_for("Replaying")
    check_end(terminal)


# ---- Control ----

def counts_of(program):
    pool, = json.loads(program.do("stats"))
    return pool["counts"]


def a_pool_is_paused_and_goes_on(test):
    with Watched(test, "work") as program:
        terminal = Terminal(test, "--text", "--pid", program.pid)
        terminal.wait_for("100 succeeded")
        terminal.press("p")
        terminal.wait_for("Pause pool pages?")
        terminal.press("y")
        terminal.wait_for("paused")
        program.do("later 5")
        terminal.wait_for("5 waiting")
        counts = counts_of(program)
        assert (counts["queued"], counts["running"], counts["succeeded"]) == (5, 0, 100), counts
        terminal.press("r")
        terminal.wait_for("Resume pool pages?")
        terminal.press("y")
        terminal.wait_for("105 succeeded")
        wait_until(lambda: counts_of(program)["succeeded"] == 105)
        press_and_end(terminal)


def the_chosen_pool_is_one_that_is_there(test):
    with Watched(test, "pools", program=test.programs["false"]) as watched:
        terminal = Terminal(test, "--text", "--pid", watched.pid)
        terminal.wait_for("second")
        for pool in ["first", "second", "first"]:
            terminal.press("p")
            terminal.wait_for(f"Pause pool {pool}?")
            terminal.press("n\t")
        press_and_end(terminal)


# ---- Ends ----

def however_it_ends_the_terminal_is_as_before(test):
    story = story_of(test)
    ends = {signal.SIGINT: FINE, signal.SIGTERM: FINE, signal.SIGHUP: FINE, signal.SIGQUIT: -signal.SIGQUIT}
    for number, status in ends.items():
        terminal = Terminal(test, "--text", story)
        terminal.wait_for("Replaying")
        terminal.signal(number)
        check_end(terminal, status)
    for keys, status in {"q": FINE, "\x03": FINE, "\x1c": -signal.SIGQUIT}.items():
        terminal = Terminal(test, "--text", story)
        terminal.wait_for("Replaying")
        press_and_end(terminal, keys, status)


def what_ended_it_is_said_where_it_is_seen(test):
    with Watched(test, "damage", program=test.programs["false"]) as watched:
        terminal = Terminal(test, "--text", "--pid", watched.pid)
        assert terminal.end() == (CORRUPT, True)
        assert terminal.sent.index(LEAVE) < terminal.sent.index("mproc-monitor: "), terminal.sent


def that_a_program_was_killed_is_said_in_plain_words(test):
    with Watched(test, "work") as program:
        terminal = Terminal(test, "--text", "--pid", program.pid)
        terminal.wait_for("Live")
        program.process.kill()
        terminal.wait_for("It was killed or it crashed.")
    assert re.search(r"Died \S+ \S+ ago\. It was", seen(terminal.sent)), terminal.sent[-500:]
    press_and_end(terminal)


def what_there_is_of_a_recording_that_was_cut_short_is_said(test):
    path = story_of(test)
    path.write_bytes(path.read_bytes()[:-3])
    terminal = Terminal(test, "--text", path)
    terminal.wait_for("This recording ends in the middle of an event. Everything before is here")
    press_and_end(terminal)


def a_full_device_is_an_error(test):
    if not os.path.exists("/dev/full"):
        return
    with Watched(test, "work") as program, open("/dev/full", "w") as full:
        for arguments in [["--text"], ["--json"], ["--once"]]:
            done = test.run(*arguments, "--pid", program.pid, stdout=full)
            assert done.returncode == OTHER and "No space left" in done.stderr, (arguments, done)


# ---- Stops ----

class Job(Terminal):
    """The monitor as a job of a shell, which is this program and knows two commands: fg and bg. The terminal's modes it
    leaves alone."""

    def begin(self, command, environment):
        signal.signal(signal.SIGTTOU, signal.SIG_IGN)
        job = os.fork()
        if job == 0:
            os.setpgid(0, 0)
            os.tcsetpgrp(0, os.getpid())
            signal.signal(signal.SIGTTOU, signal.SIG_DFL)
            os.execve(command[0], command, environment)
        status = os.waitpid(job, os.WUNTRACED)[1]
        while os.WIFSTOPPED(status):
            self.stopped(job, os.WSTOPSIG(status))
            status = os.waitpid(job, os.WUNTRACED)[1]
        os._exit(os.waitstatus_to_exitcode(status) & 0xff)

    def stopped(self, job, number):
        os.tcsetpgrp(0, os.getpgrp())
        os.write(1, f"[stopped by {number}][job {job}]\n".encode())
        if os.read(0, 100) == b"bg\n":
            os.killpg(job, signal.SIGCONT)
            os.write(1, b"[in the background]\n")
            os.read(0, 100)
        os.tcsetpgrp(0, job)
        os.killpg(job, signal.SIGCONT)


def while_it_is_stopped_the_terminal_is_as_before(test):
    terminal = Job(test, "--text", story_of(test))
    terminal.wait_for("Replaying")
    terminal.press("\x1a")
    terminal.wait_for(LEAVE)
    terminal.wait_for(f"[stopped by {int(signal.SIGTSTP)}]")
    assert terminal.settings() == terminal.before and FRAME not in terminal.text
    terminal.press("fg\n")
    terminal.wait_for(ENTER)
    terminal.wait_for(FRAME)
    assert terminal.settings() != terminal.before
    press_and_end(terminal)


def in_the_background_nothing_is_drawn_and_no_key_taken(test):
    terminal = Job(test, "--text", story_of(test))
    terminal.wait_for("Replaying")
    terminal.press("\x1a")
    terminal.wait_for("[stopped by")
    terminal.press("bg\n")
    terminal.wait_for("[in the background]")
    # It would be drawn twice in that time, which no other event ends.
    end = time.monotonic() + 0.6
    while time.monotonic() < end:
        terminal.read()
    assert FRAME not in terminal.text and "[stopped" not in terminal.text, terminal.text
    assert terminal.settings() == terminal.before
    terminal.press("q fg\n")
    terminal.wait_for(ENTER)
    terminal.wait_for(FRAME)
    press_and_end(terminal)


def is_running(process):
    try:
        with open(f"/proc/{process}/stat", encoding="utf-8") as status:
            return status.read().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def in_the_background_of_a_terminal_that_goes_it_ends(test):
    terminal = Job(test, "--text", story_of(test))
    terminal.wait_for("Replaying")
    terminal.press("\x1a")
    terminal.wait_for("[job ")
    terminal.press("bg\n")
    terminal.wait_for("[in the background]")
    job = int(re.search(r"\[job (\d+)\]", terminal.sent).group(1))
    assert is_running(job)
    terminal.hang_up()
    os.waitpid(terminal.process, 0)
    wait_until(lambda: not is_running(job))


TESTS = [the_page_is_drawn_anew_and_for_each_size, without_control_sequences_there_are_lines, keys_change_the_page,
         a_duration_ends_it, a_pool_is_paused_and_goes_on, the_chosen_pool_is_one_that_is_there,
         however_it_ends_the_terminal_is_as_before, what_ended_it_is_said_where_it_is_seen,
         that_a_program_was_killed_is_said_in_plain_words, what_there_is_of_a_recording_that_was_cut_short_is_said,
         a_full_device_is_an_error,
         while_it_is_stopped_the_terminal_is_as_before, in_the_background_nothing_is_drawn_and_no_key_taken,
         in_the_background_of_a_terminal_that_goes_it_ends]


if __name__ == "__main__":
    monitor, *programs = resolved(sys.argv[1:5])
    programs = dict(zip(["monitored", "false", "recording"], programs))
    sys.exit(run_all(TESTS, lambda folder: Test(monitor, folder, programs)))
