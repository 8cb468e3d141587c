#!/usr/bin/env python3
"""Checks how the sources are set: by .clang-format, in lines of 120 columns, with section headings on one line.

usage: style.py TOP-DIRECTORY
"""
import pathlib
import re
import shutil
import subprocess
import sys

COLUMNS_MAX = 120
C_FILES = {".c", ".h"}
FILES = {*C_FILES, ".cpp", ".py", ".sh", ".pml", ".build"}
# Other versions set some things otherwise.
CLANG_FORMAT_MAJOR = 14
# tests/models/run takes all of a check from one line.
WHOLE_LINE = re.compile(r"^ \* (?:CHECK|MUTANT) ")
HEADING = re.compile(r"^\s*(?:/\*|\*|//|#)\s*(?:-{3,}\s*\w|={3,}\s*\w)")
HEADING_WHOLE = re.compile(r"^(?:/\* ---- \S.* ---- \*/|# ---- \S.* ----)$")


def is_script(path):
    with path.open("rb") as file:
        return file.read(2) == b"#!"


def sources(top):
    """Sources and scripts, built and hidden ones left out."""
    found = []
    for path in sorted(top.rglob("*")):
        parts = path.relative_to(top).parts
        if parts[0].startswith("build") or any(part.startswith(".") for part in parts) or not path.is_file():
            continue
        if path.suffix in FILES or path.suffix == "" and is_script(path):
            found.append(path)
    return found


def lines_of(paths, top):
    """Yields (file:line, text)."""
    for path in paths:
        for number, line in enumerate(path.read_text(encoding="utf-8").split("\n"), 1):
            yield f"{path.relative_to(top).as_posix()}:{number}", line


def check_columns(paths, top):
    return [f"{place} has {len(line)} columns: break the line before column {COLUMNS_MAX}"
            for place, line in lines_of(paths, top) if len(line) > COLUMNS_MAX and not WHOLE_LINE.match(line)]


def check_blanks(paths, top):
    problems = [f"{place} has a tab, a carriage return or blanks at its end, which .editorconfig forbids: take them out"
                for place, line in lines_of(paths, top) if "\t" in line or line != line.rstrip()]
    return problems + [f"{path.relative_to(top).as_posix()} does not end with a line end: add one"
                       for path in paths if path.stat().st_size and not path.read_bytes().endswith(b"\n")]


def check_headings(paths, top):
    return [f"{place} is a section heading that is not on one line of its own: write /* ---- Text ---- */ in C, "
            f"# ---- Text ---- in scripts"
            for place, line in lines_of(paths, top) if HEADING.match(line) and not HEADING_WHOLE.match(line)]


def clang_format():
    """(program, None), or (None, why it cannot be used)."""
    program = shutil.which(f"clang-format-{CLANG_FORMAT_MAJOR}") or shutil.which("clang-format")
    if program is None:
        return None, "clang-format is not there"
    text = subprocess.run([program, "--version"], capture_output=True, text=True).stdout
    match = re.search(r"version (\d+)", text)
    if match is None or int(match.group(1)) != CLANG_FORMAT_MAJOR:
        return None, f"the tree is formatted by clang-format {CLANG_FORMAT_MAJOR}; this is {text.strip()}"
    return program, None


def check_format(program, paths, top):
    """.clang-format takes the braces off bodies of one line, too."""
    names = [path.relative_to(top).as_posix() for path in paths if path.suffix in C_FILES]
    done = subprocess.run([program, "--dry-run", "-Werror", "--style=file", *names], cwd=top, capture_output=True,
                          text=True)
    wrong = [line for line in done.stderr.splitlines() if "error:" in line]
    files = sorted({line.split(":")[0] for line in wrong})
    if done.returncode and not files:
        return [f"clang-format failed: {done.stderr.strip()}"]
    return [f"{name} is not as .clang-format has it, first in line "
            f"{next(line.split(':')[1] for line in wrong if line.startswith(name + ':'))}: run clang-format -i {name}"
            for name in files]


def report(number, name, problems):
    print(f"{'not ok' if problems else 'ok'} {number} - {name}")
    for problem in problems:
        print("# " + problem)
    return not problems


def main():
    top = pathlib.Path(sys.argv[1])
    paths = sources(top)
    print("1..4")
    passed = report(1, f"no line is longer than {COLUMNS_MAX} columns", check_columns(paths, top))
    passed &= report(2, "no tabs, no blanks at the ends of lines", check_blanks(paths, top))
    passed &= report(3, "section headings stand on one line", check_headings(paths, top))
    program, reason = clang_format()
    if program is None:
        print(f"ok 4 - C files are as .clang-format has them # SKIP {reason}")
    else:
        passed &= report(4, "C files are as .clang-format has them", check_format(program, paths, top))
    return 0 if passed else 1


if __name__ == "__main__":
    sys.exit(main())
