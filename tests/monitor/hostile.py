#!/usr/bin/env python3
"""mproc-monitor against publishers that lie: whatever they send, or do not, it ends with a line that says what is wrong
and with the status that its manual has for that.

usage: hostile.py MONITOR FALSE
FALSE: the program that publishes what no mproc does (tests/helpers/monitor_false.c).
"""
import json
import os
import sys

sys.dont_write_bytecode = True
from monitoring import (  # noqa: E402
    CORRUPT, FINE, NOBODY, OTHER, PROTOCOL, Skipped, Terminal, Test, Watched, resolved, run_all)


def against(test, what):
    return Watched(test, what, program=test.programs["false"])


def refused(test, what, status, text, *arguments):
    with against(test, what) as program:
        test.refused(status, text, *(arguments or ["--json"]), "--pid", program.pid)


def what_is_no_frame_is_no_mproc(test):
    refused(test, "garbage", CORRUPT, "cannot be read")


def half_a_greeting_is_none(test):
    refused(test, "half", NOBODY, "closed the connection")


def a_later_protocol_is_another_one(test):
    refused(test, "later", PROTOCOL, "speaks protocol 99")


def a_protocol_that_the_process_refuses_is_another_one(test):
    refused(test, "reject", PROTOCOL, "another version?[31m, use that")


def what_answers_no_hello_is_given_up(test):
    refused(test, "flood", CORRUPT, "no mproc publishes this")


def who_accepts_nobody_is_given_up(test):
    if "MPROC_TEST_SOAK" not in os.environ:
        raise Skipped("takes 10 s: --soak runs it")
    refused(test, "silent", OTHER, "does not answer")
    refused(test, "silent", OTHER, "does not answer", "--once")


def the_list_does_not_wait_for_who_does_not_answer(test):
    with against(test, "silent") as program:
        lines = test.shown("--list").splitlines()
        assert len(lines) == 2 and str(program.pid) in lines[1] and "(does not answer)" in lines[1], lines


def one_look_at_what_tells_nothing_is_no_success(test):
    for arguments in [["--once"], ["--metrics"]]:
        refused(test, "close", NOBODY, "before it had told its state", *arguments)
    with against(test, "told") as program:
        assert test.shown("--json", "--once", "--pid", program.pid) != ""


def a_connection_that_is_lost_is_told(test):
    for what, *arguments in [("told", "--text"), ("told", "--json"), ("cut", "--record", "cut.mproc")]:
        with against(test, what) as program:
            done = test.run(*arguments, "--pid", program.pid)
        assert done.returncode == OTHER and "the connection was lost" in done.stderr, (what, arguments, done)


def damage_on_the_way_is_told_and_what_came_before_is_recorded(test):
    for arguments in [["--text"], ["--record", "damaged.mproc"]]:
        with against(test, "damage") as program:
            done = test.run(*arguments, "--pid", program.pid)
        assert done.returncode == CORRUPT and "cannot be read any further" in done.stderr, (arguments, done)
    found = test.document("damaged.mproc")
    assert found["cut_short"] is False and found["process"]["pid"] == program.pid, found


def a_deluge_ends_when_it_is_to(test):
    for arguments in [["--json"], ["--text"]]:
        with against(test, "deluge") as program, open(os.devnull, "w", encoding="utf-8") as nowhere:
            done = test.run(*arguments, "--duration", "0.3", "--pid", program.pid, stdout=nowhere)
        assert done.returncode == FINE and done.stderr == "", (arguments, done)


SHOWN = [["--json"], ["--text"], ["--metrics"], ["--once"], ["--json", "--once"]]


def numbers_that_nobody_can_add_are_shown_and_hurt_nobody(test):
    """Where a build looks for overflows, it says so."""
    files = [["--record", "extremes.mproc"], ["--export", "extremes.json"], ["--export", "extremes.csv"]]
    for arguments in SHOWN + files:
        with against(test, "extremes") as program:
            ends = [] if "--once" in arguments or "--metrics" in arguments else ["--duration", "0.3"]
            done = test.run(*arguments, *ends, "--pid", program.pid)
        assert (done.returncode, done.stderr) == (FINE, ""), (arguments, done.returncode, done.stderr[-2000:])
    for arguments in SHOWN + [["--export", "again.json"], ["--export", "again.csv"]]:
        done = test.run(*arguments, "extremes.mproc")
        assert (done.returncode, done.stderr) == (FINE, ""), (arguments, done.returncode, done.stderr[-2000:])
    for name in ["extremes.json", "again.json"]:
        with open(test.folder / name, encoding="utf-8") as file:
            json.load(file)


def numbers_that_nobody_can_add_are_drawn(test):
    with against(test, "extremes") as program:
        terminal = Terminal(test, "--text", "--pid", program.pid)
        terminal.wait_for("9223372036854775807")
        for key in "12345":
            terminal.press(key)
            terminal.wait_for("\x1b[H")
        terminal.press("q")
        assert terminal.end() == (FINE, True)
    assert "runtime error" not in terminal.sent, terminal.sent[-2000:]


TESTS = [what_is_no_frame_is_no_mproc, half_a_greeting_is_none, a_later_protocol_is_another_one,
         a_protocol_that_the_process_refuses_is_another_one, what_answers_no_hello_is_given_up,
         who_accepts_nobody_is_given_up, the_list_does_not_wait_for_who_does_not_answer,
         one_look_at_what_tells_nothing_is_no_success, a_connection_that_is_lost_is_told,
         damage_on_the_way_is_told_and_what_came_before_is_recorded,
         a_deluge_ends_when_it_is_to, numbers_that_nobody_can_add_are_shown_and_hurt_nobody,
         numbers_that_nobody_can_add_are_drawn]


if __name__ == "__main__":
    monitor, false = resolved(sys.argv[1:3])
    sys.exit(run_all(TESTS, lambda folder: Test(monitor, folder, {"false": false})))
