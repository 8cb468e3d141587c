#!/usr/bin/env python3
"""Checks rules of the source tree: core/ and monitor-gui/ include no header of an operating system and have no #ifdef
of one, monitor-gui/window/ alone knows GTK and GLib, and no function of theirs or of platform/ is longer than 100
lines.

usage: source.py TOP-DIRECTORY
"""
import pathlib
import re
import sys

# What C11 itself has, and what the compiler brings.
C_HEADERS = {
    "assert.h", "ctype.h", "errno.h", "float.h", "inttypes.h", "limits.h", "locale.h", "math.h", "setjmp.h",
    "signal.h", "stdalign.h", "stdarg.h", "stdatomic.h", "stdbool.h", "stddef.h", "stdint.h", "stdio.h", "stdlib.h",
    "stdnoreturn.h", "string.h", "time.h", "wchar.h",
    # And C++, for the parts of public headers that are for it.
    "type_traits",
}
# What a window is made of, which is the same on every system.
WINDOW_FOLDER = "monitor-gui/window/"
WINDOW_HEADERS = {"gio/gio.h", "glib.h", "glib/gstdio.h", "gmodule.h", "gtk/gtk.h"}
OS_MACRO = re.compile(
    r"^\s*#\s*(?:if|ifdef|ifndef|elif)\b.*\b(_WIN32|_WIN64|__MINGW32__|__linux__|__unix__|__APPLE__|__FreeBSD__)\b")
# base.h decides how a symbol is exported and which printf a format is checked for: matters of the compiler's target
# that every includer of a public header shares, and that no port can decide.
MACRO_EXCEPTIONS = {"core/include/mproc/base.h"}
LINES_MAX = 100


def included(path):
    return re.findall(r'^\s*#\s*include\s+<([^>]+)>', path.read_text(), re.M)


def may_include(name, header):
    if name.startswith(WINDOW_FOLDER) and header in WINDOW_HEADERS:
        return True
    return header in C_HEADERS or header.startswith("mproc")


def check_includes(top, files):
    return [f"{path.relative_to(top)} includes <{header}>" for path in files for header in included(path)
            if not may_include(path.relative_to(top).as_posix(), header)]


def check_macros(top, files):
    problems = []
    for path in files:
        name = path.relative_to(top).as_posix()
        if name in MACRO_EXCEPTIONS:
            continue
        for number, line in enumerate(path.read_text().splitlines(), 1):
            match = OS_MACRO.match(line)
            if match:
                problems.append(f"{name}:{number} asks for {match.group(1)}")
    return problems


def function_lengths(path):
    """Yields (first line, name, lines). clang-format puts the braces of a function, and nothing else but those of
    types and tables, at the start of a line."""
    lines = path.read_text().splitlines()
    start = None
    for number, line in enumerate(lines, 1):
        if line == "{":
            start = number
        elif line == "}" and start:
            head = " ".join(lines[max(0, start - 4):start - 1])
            names = re.findall(r"(\w+)\s*\(", head)
            yield start, names[-1] if names else "?", number - start + 1
            start = None


def check_lengths(top, files):
    problems, lengths = [], []
    for path in files:
        for start, name, length in function_lengths(path):
            lengths.append(length)
            if length > LINES_MAX:
                problems.append(f"{path.relative_to(top)}:{start} {name} has {length} lines, more than {LINES_MAX}")
    lengths.sort()
    if lengths:
        print(f"# {len(lengths)} functions, median {lengths[len(lengths) // 2]}, nine in ten within "
              f"{lengths[len(lengths) * 9 // 10]}, longest {lengths[-1]} lines")
    return problems


def report(number, name, problems):
    print(f"{'not ok' if problems else 'ok'} {number} - {name}")
    for problem in problems:
        print("# " + problem)
    return not problems


def main():
    top = pathlib.Path(sys.argv[1])
    core = sorted(path for folder in ("core", "monitor-gui") for path in top.glob(f"{folder}/**/*.[ch]"))
    code = sorted([*core, *top.glob("platform/**/*.c"), *top.glob("platform/**/*.h")])
    print("1..3")
    passed = report(1, "core and monitor-gui include no header of an operating system", check_includes(top, core))
    passed &= report(2, "core and monitor-gui have no #ifdef of an operating system", check_macros(top, core))
    passed &= report(3, "no function is too long", check_lengths(top, code))
    return 0 if passed else 1


if __name__ == "__main__":
    sys.exit(main())
