#!/usr/bin/env python3
"""Compiles the examples of docs/from-python.md, all at once: one function per table row, around all code of its second
column.

usage: from_python.py [--c COMPILER] DOCUMENT INCLUDE-DIRECTORY
"""
import argparse
import pathlib
import re
import shlex
import subprocess
import sys
import tempfile

FLAGS = ["-std=c11", "-Wall", "-Wextra", "-Werror", "-Wno-unknown-warning-option", "-Wno-unused",
         "-Wno-maybe-uninitialized", "-Wno-uninitialized", "-fsyntax-only", "-x", "c"]
# What the compiler is told that the file is called.
ROW = "row"
# What the examples name besides their variables.
PREAMBLE = """#include <mproc.h>
#include <stdio.h>
bool is_ready(void *user);
int on_all_there(mproc_barrier barrier, const void *user);
int run(mproc_task *task);
int kernel(const void *in, void *out, mproc_task *task);
int next_item(void *user, mproc_view *ret_args);
int on_done(const mproc_outcome *outcome, void *user);
"""


def variables_of(text):
    return re.search(r"^```c\n(.*?)^```", text, re.M | re.S).group(1)


def rows_of(text):
    for number, line in enumerate(text.splitlines(), 1):
        cells = re.match(r"\| (.*?) \| (.*) \|$", line)
        if cells and cells.group(1) != "Python":
            code = " ".join(part for part in re.findall(r"`([^`]*)`", cells.group(2)) if part.endswith(";"))
            yield number, cells.group(1), code


def function_of(line, variables, code):
    """Errors in it name the document's line."""
    lines = f"\n#line {line} \"{ROW}\"\n".join(["", *f"{variables}\n{code}".splitlines()])
    return f"void example{line}(void);\nvoid example{line}(void)\n{{{lines}\n}}\n"


def compile_rows(compiler, include, variables, rows):
    """{line: errors} of the rows that do not compile."""
    source = PREAMBLE + "".join(function_of(line, variables, code) for line, _, code in rows if code)
    with tempfile.NamedTemporaryFile("w", suffix=".c") as file:
        file.write(source)
        file.flush()
        run = subprocess.run([*compiler, *FLAGS, "-I", include, file.name], capture_output=True, text=True)
    errors = {line: "".join(part for part in re.findall(rf"^{ROW}:{line}:.*\n(?:(?!{ROW}:).*\n)*", run.stderr, re.M))
              for line, _, _ in rows}
    errors = {line: text for line, text in errors.items() if text}
    assert (run.returncode == 0) == (not errors), run.stderr
    return errors


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--c", default="cc")
    parser.add_argument("document", type=pathlib.Path)
    parser.add_argument("include")
    options = parser.parse_args()
    text = options.document.read_text()
    compiler = shlex.split(options.c)
    rows = list(rows_of(text))
    errors = compile_rows(compiler, options.include, variables_of(text), rows)
    print(f"1..{len(rows)}")
    for index, (line, name, code) in enumerate(rows, 1):
        what = name.replace("#", "") if code else name + ", which has no example"
        print(f"{'not ok' if line in errors else 'ok'} {index} - line {line}: {what}")
        for error in errors.get(line, "").splitlines():
            print("#", error)
    return 1 if errors or not rows else 0


if __name__ == "__main__":
    sys.exit(main())
