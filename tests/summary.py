"""What a run of meson's tests came to, for tests/run.

usage: summary.py STAGE TESTLOG-JSON SKIPS-FILE

Prints why programs failed, then a line "counts PASSED FAILED SKIPPED", and appends to the file a line for each skip:
where, what, why. What a program printed as TAP counts test by test; a program without TAP counts as one. A program of
which nothing was to run does not count. To meson one that is to print TAP and prints nothing was skipped; here it
failed.
"""
import json
import re
import sys

BAD = ("FAIL", "ERROR", "TIMEOUT", "INTERRUPT", "UNEXPECTEDPASS")
SHOWN_LINES = 400
# The harness says it of a program whose tests all belong to another start method, or were not asked for.
NOTHING_TO_RUN = "no test of this program applies"


def failed_lines(text):
    """Of TAP the tests that are not ok, with the lines they wrote: meson would not show these, comments to it."""
    lines, shown = [], False
    for line in text.splitlines():
        shown = line.startswith("not ok ") or shown and line.startswith("#")
        if shown:
            lines.append(line)
    return lines


def short_name(entry):
    return entry["name"].split(" / ")[-1]


def skips_of(entry):
    """Pairs of a name and a reason."""
    found = []
    for line in entry.get("stdout", "").splitlines():
        test = re.match(r"ok \d+ -? ?(.*?) # SKIP ?(.*)", line)
        plan = re.match(r"1\.\.0 # SKIP ?(.*)", line)
        if test:
            found.append((f"{short_name(entry)}: {test[1]}", test[2]))
        elif plan and plan[1] != NOTHING_TO_RUN:
            found.append((short_name(entry), plan[1]))
    if not found and entry["result"] == "SKIP" and entry["returncode"] == 77:
        said = (entry.get("stdout", "") + entry.get("stderr", "")).split("\n")
        found.append((short_name(entry), next((line for line in said if line), "it did not say why")))
    return found


def count(entry):
    """Passed, failed, skipped."""
    lines = entry.get("stdout", "").splitlines()
    skipped = len(skips_of(entry))
    passed = sum(line.startswith("ok ") and "# SKIP" not in line for line in lines)
    failed = sum(line.startswith("not ok ") for line in lines)
    if entry["result"] in BAD:
        failed = max(failed, 1)
    elif passed + failed + skipped == 0:
        if entry["result"] != "SKIP":
            passed = 1
        elif not any(NOTHING_TO_RUN in line for line in lines):
            failed = 1
    return passed, failed, skipped


def show_failure(entry):
    out, err = entry.get("stdout", ""), entry.get("stderr", "").splitlines()
    print(f"   {entry['name']}: {entry['result']} after {entry['duration']:.2f} s, "
          f"exit status {entry['returncode']}")
    lines = (failed_lines(out) or out.splitlines()[-100:]) + err[-100:]
    for text in lines[:SHOWN_LINES]:
        print("   | " + text)


def main(stage, log, skips):
    totals = [0, 0, 0]
    with open(log, encoding="utf-8", errors="replace") as lines, open(skips, "a", encoding="utf-8") as out:
        for entry in map(json.loads, lines):
            counted = count(entry)
            totals = [total + more for total, more in zip(totals, counted)]
            if counted[1] > 0:
                show_failure(entry)
            for name, reason in skips_of(entry):
                out.write(f"{stage}: {name}: {reason}\n")
    print("counts", *totals)


main(*sys.argv[1:])
