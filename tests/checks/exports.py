#!/usr/bin/env python3
"""Checks the exports of a monitor, as other programs read them: traces as JSON, tables of tasks as CSV.

usage: exports.py PROGRAM      that writes them: tests/helpers/export_sample.c
"""
import collections
import csv
import io
import json
import subprocess
import sys

PHASES = {"M", "X", "i", "s", "f", "C", "b", "e"}
TASKS = 200


def output(program, *arguments):
    done = subprocess.run([program, *arguments], capture_output=True, check=True)
    return done.stdout.decode("utf-8")


def events_of(program, *arguments):
    return json.loads(output(program, "trace", *arguments))["traceEvents"]


# ---- Traces ----

def check_form(events):
    """What holds of any trace, whatever the records said."""
    problems = []
    for event in events:
        if event["ph"] not in PHASES or not isinstance(event["name"], str):
            problems.append(f"no phase, or no name: {event}")
        if not all(isinstance(event[key], int) for key in ("pid", "tid")):
            problems.append(f"no process, or no thread: {event}")
        if event["ph"] != "M" and not isinstance(event["ts"], (int, float)):
            problems.append(f"no time: {event}")
        if event["ph"] == "X" and event["dur"] < 0:
            problems.append(f"a negative length: {event}")
        if event["ph"] == "i" and event["s"] not in "tpg":
            problems.append(f"an instant without scope: {event}")
        if event["ph"] == "C" and not all(isinstance(value, int) for value in event["args"].values()):
            problems.append(f"a counter of something else than numbers: {event}")
    return problems


def check_names(events):
    named = collections.defaultdict(set)
    for event in events:
        if event["ph"] == "M":
            named[event["name"]].add((event["pid"], event["tid"] if event["name"] == "thread_name" else 0))
    problems = [f"process {pid} has no name" for pid in {event["pid"] for event in events}
                if (pid, 0) not in named["process_name"]]
    lanes = {(event["pid"], event["tid"]) for event in events if event["ph"] in "Xisf"}
    return problems + [f"lane {lane} has no name" for lane in lanes if lane not in named["thread_name"]]


def check_arrows(events):
    """Each begins once and ends once, later, within a bar of its lane at both ends."""
    ends = {phase: {event["id"]: event for event in events if event["ph"] == phase} for phase in "sf"}
    problems = [f"{phase} {number} is alone" for number in ends["s"].keys() ^ ends["f"].keys() for phase in "sf"]
    bars = {(event["pid"], event["tid"], event["ts"]) for event in events if event["ph"] == "X"}
    for number, start in ends["s"].items():
        finish = ends["f"].get(number, start)
        if finish["ts"] < start["ts"] or (start["cat"], start["name"]) != (finish["cat"], finish["name"]):
            problems.append(f"arrow {number} does not lead from {start} to {finish}")
        problems += [f"arrow {number} ends in no bar" for end in (start, finish)
                     if (end["pid"], end["tid"], end["ts"]) not in bars]
    return problems + ([] if ends["s"] else ["there are no arrows"])


def check_bars(events):
    """Bars of a worker follow each other."""
    lanes = collections.defaultdict(list)
    for event in events:
        if event["ph"] == "X" and event["cat"] == "task":
            lanes[event["pid"], event["tid"]].append((event["ts"], event["dur"]))
    problems = []
    for lane, bars in lanes.items():
        bars.sort()
        problems += [f"lane {lane}: bars at {one[0]} and {other[0]} overlap" for one, other in zip(bars, bars[1:])
                     if one[0] + one[1] > other[0] + 0.0015]
    return problems


def expect(what, found, expected):
    return [] if found == expected else [f"{what}: {found}, not {expected}"]


def check_sample(events):
    names = {event["pid"]: event["args"]["name"] for event in events if event["name"] == "process_name"}
    tasks = [event for event in events if event["ph"] == "X" and event["cat"] == "task"]
    deaths = [(event["name"], event.get("args", {}).get("function")) for event in events if event.get("cat") == "death"]
    counters = {event["name"] for event in events if event["ph"] == "C"}
    failed = next(event for event in tasks if event["args"]["end"] == "failed")["args"]
    return [*expect("processes", names, {1: "./crawl", 2: 'crawler "one"'}),
            *expect("bars", len(tasks), TASKS + 1),
            *expect("running at the end", [event["args"]["task"] for event in tasks
                                           if event["args"]["end"] == "running"], [9002]),
            *expect("arrows", sum(event["ph"] == "s" for event in events), TASKS),
            *expect("bars they begin in", sum(event.get("cat") == "submit" for event in events), 2),
            *expect("deaths", deaths, [("worker died", "parse_page"), ("worker replaced", None), ("worker ended", "")]),
            *expect("counters", counters, {"tasks", "failed and died", "memory of worker 0", "memory of worker 3"}),
            *expect("a failure", (failed["code"], failed["error"], failed["result"]),
                    (-5, 'no "title"', "line\nbreak\t\x1b[31m")),
            *expect("maps", [event["ph"] for event in events if event.get("cat") == "map"], ["b", "e"]),
            *expect("instants", sorted(event["cat"] for event in events if event["ph"] == "i"),
                    ["death", "death", "death", "log", "lost", "task"])]


# ---- Tables ----

def check_table(program):
    rows = list(csv.DictReader(io.StringIO(output(program, "csv"), newline="")))
    first, last = rows[0], rows[-1]
    return [*expect("rows", len(rows), TASKS + 1),
            *expect("columns", [row for row in rows if None in row or None in row.values()], []),
            *expect("the first", (first["pool_name"], first["function"], first["end"], first["error"], first["label"]),
                    ('crawler "one"', "", "failed", 'no "title"', "page, with a comma")),
            *expect("when it was submitted", first["submitted_ns"], "1699999999999998000"),
            *expect("its result", first["result"], "line\nbreak\t\x1b[31m"),
            *expect("its place", rows[1]["place"], "crawl.c:12"),
            *expect("the last", (last["end"], last["worker"], last["begun_ns"]), ("cancelled", "-1", ""))]


def main():
    program = sys.argv[1]
    sample, nonsense = events_of(program), events_of(program, "nonsense")
    checks = [("a trace has the form of one", check_form(sample)),
              ("processes and lanes have names", check_names(sample)),
              ("arrows lead from where tasks were submitted to where they ran", check_arrows(sample)),
              ("bars of a worker do not overlap", check_bars(sample)),
              ("a trace tells of tasks, deaths, counts, maps, lines and losses", check_sample(sample)),
              ("a trace of records without sense is one", check_form(nonsense) + check_names(nonsense)),
              ("a table has a line for each attempt", check_table(program)),
              ("a table of records without sense is one",
               expect("columns", [row for row in csv.DictReader(io.StringIO(output(program, "csv", "nonsense"),
                                                                            newline=""))
                                  if None in row or None in row.values()], []))]
    print(f"1..{len(checks)}")
    for number, (name, problems) in enumerate(checks, 1):
        print(f"{'not ok' if problems else 'ok'} {number} - {name}")
        for problem in problems[:10]:
            print("# " + problem)
    return 1 if any(problems for _, problems in checks) else 0


if __name__ == "__main__":
    sys.exit(main())
