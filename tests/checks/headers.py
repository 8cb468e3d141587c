#!/usr/bin/env python3
"""Checks what a compiler does not check in the public headers.

Every public function has a comment that says what it does and carries the lines Blocks, Threads, Fork and Since. Every
header compiles alone, as pedantic C11 and as C++17. In C++ MPROC_ARG takes what can be copied byte by byte, structs
with pointers of the program's own in them too, and nothing else; and the roles of a queue can be joined.

usage: headers.py [--c COMPILER] [--cpp COMPILER] INCLUDE-DIRECTORY
"""
import argparse
import pathlib
import re
import shlex
import subprocess
import sys
import tempfile

LABELS = {
    "Blocks": r"\bBlocks:|[Rr]eturns, blocks, threads, fork:",
    "Threads": r"\bThreads:|[Rr]eturns, blocks, threads, fork:",
    "Fork": r"\bFork:|[Rr]eturns, blocks, threads, fork:",
    "Since": r"\bSince: \d+\.\d+",
}
# A declaration begins with MPROC_API at the start of a line and ends with the next semicolon. A name that ends in _ is
# called by the inline function of that name, which carries the comment.
DECLARATION = re.compile(r"^(?:MPROC_API\b[^;]*?\b(mproc_\w*[^\W_])\s*\([^;]*;"
                         r"|static inline int (mproc_\w*[^\W_])\([^;]*?\)\n\{)", re.M | re.S)
COMMENT_BEFORE = re.compile(r"/\*\*(?:(?!\*/).)*\*/\s*$", re.S)
C_FLAGS = ["-std=c11", "-pedantic-errors", "-Wall", "-Wextra", "-Werror", "-fsyntax-only", "-x", "c"]
CPP_FLAGS = ["-std=c++17", "-pedantic-errors", "-Wall", "-Wextra", "-Werror", "-fsyntax-only", "-x", "c++"]

CPP_ARG = """
#include <mproc/task.h>
#include <memory>
#include <string>
#include <vector>
struct plain { int number; const char *text; struct plain *next; };
struct addressed { int *target; int *operator&() const { return target; } };
int main()
{
    int number = 1;
    int numbers[3] = { 1, 2, 3 };
    plain object = { number, "text", nullptr }, *pointer = &object;
    const plain constant = object;
    volatile int changing = 1;
    addressed odd = { &number };
    std::string string = "text";
    std::vector<int> vector(3);
    std::unique_ptr<plain> owner(new plain(object));
    mproc_view args[] = { %s };
    return args[0].size == 0;
}
"""
CPP_ARG_GOOD = ["MPROC_ARG(number)", "MPROC_ARG(numbers)", "MPROC_ARG(object)", "MPROC_ARG(constant)",
                "MPROC_ARG(pointer)", "MPROC_ARG(*pointer)", "MPROC_ARG(changing)", "MPROC_ARG(odd)", "MPROC_NO_ARGS",
                "MPROC_ARG_STRING(string.c_str())",
                "MPROC_ARG_BYTES(vector.data(), vector.size() * sizeof vector[0])", "MPROC_ARG(*owner)"]
CPP_ARG_BAD = ["MPROC_ARG(string)", "MPROC_ARG(vector)", "MPROC_ARG(owner)"]

CPP_ROLES = """
#include <mproc/queue.h>
int main()
{
    mproc_queue queue = {};
    int code = mproc_queue_attach(queue, MPROC_QUEUE_PRODUCER | MPROC_QUEUE_CONSUMER);
    return code + mproc_queue_detach(queue, MPROC_QUEUE_PRODUCER | MPROC_QUEUE_CONSUMER);
}
"""


def check_comments(path):
    text = path.read_text()
    problems = []
    # Preprocessor lines define MPROC_API itself.
    for match in DECLARATION.finditer(text):
        name = match.group(1) or match.group(2)
        comment = COMMENT_BEFORE.search(text[: match.start()])
        if not comment:
            problems.append(f"{path.name}: {name} has no comment")
            continue
        flat = re.sub(r"\s*\n\s*\*\s*", " ", comment.group(0))
        missing = [label for label, pattern in LABELS.items() if not re.search(pattern, flat)]
        if missing:
            problems.append(f"{path.name}: {name} does not say: {', '.join(missing)}")
    return problems, len(DECLARATION.findall(text))


def compile_alone(compiler, flags, include, header):
    with tempfile.NamedTemporaryFile("w", suffix=".c") as source:
        # An empty translation unit would be a warning of its own; including twice tests the guard.
        source.write(f"#include <{header}>\n#include <{header}>\nextern int not_empty;\n")
        source.flush()
        run = subprocess.run([*compiler, *flags, "-I", str(include), source.name], capture_output=True, text=True)
    return [] if run.returncode == 0 else [f"{header} does not compile alone: {run.stderr.strip()}"]


def compile_cpp_args(compiler, include, *arguments):
    """The errors. Variables that are not used are no fault."""
    run = subprocess.run([*compiler, *CPP_FLAGS, "-Wno-unused", "-I", str(include), "-"],
                         input=CPP_ARG % ",\n".join(arguments), capture_output=True, text=True)
    return run.stderr.strip() or "does not compile" if run.returncode else ""


def check_cpp_args(compiler, include):
    """Whether all compile that should, and none that should not."""
    problems = [compile_cpp_args(compiler, include, *CPP_ARG_GOOD)]
    return [problem for problem in problems if problem] + [
        f"{argument}: compiles" for argument in CPP_ARG_BAD if not compile_cpp_args(compiler, include, argument)]


def check_cpp_roles(compiler, include):
    """Flags are joined by |, whose result is no enumerator in C++."""
    run = subprocess.run([*compiler, *CPP_FLAGS, "-I", str(include), "-"], input=CPP_ROLES, capture_output=True,
                         text=True)
    return [] if run.returncode == 0 else [run.stderr.strip()]


def has_cpp(compiler):
    run = subprocess.run([*compiler, "-x", "c++", "-fsyntax-only", "-"], input="#include <stdint.h>\n",
                         capture_output=True, text=True)
    return run.returncode == 0


def report(number, name, problems, skip=""):
    print(f"{'not ok' if problems else 'ok'} {number} - {name}{' # SKIP ' + skip if skip else ''}")
    for problem in problems:
        print("\n".join("# " + line for line in problem.splitlines()))
    return not problems


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--c", type=shlex.split, default=["cc"])
    parser.add_argument("--cpp", type=shlex.split, default=["c++"])
    parser.add_argument("include", type=pathlib.Path)
    arguments = parser.parse_args()
    headers = sorted(arguments.include.rglob("*.h"))
    names = [str(path.relative_to(arguments.include)) for path in headers]
    problems, count = [], 0
    for path in headers:
        found, functions = check_comments(path)
        problems += found
        count += functions
    if count < 20:
        problems.append(f"only {count} public functions were found in {arguments.include}")
    print("1..5")
    passed = report(1, f"each of {count} public functions is documented", problems)
    problems = [p for name in names for p in compile_alone(arguments.c, C_FLAGS, arguments.include, name)]
    passed &= report(2, "each header compiles alone as C11", problems)
    skip = "" if has_cpp(arguments.cpp) else "no C++ compiler"
    problems = [] if skip else [
        p for name in names for p in compile_alone(arguments.cpp, CPP_FLAGS, arguments.include, name)]
    passed &= report(3, "each header compiles alone as C++17", problems, skip)
    problems = [] if skip else check_cpp_args(arguments.cpp, arguments.include)
    passed &= report(4, "C++: what MPROC_ARG takes", problems, skip)
    problems = [] if skip else check_cpp_roles(arguments.cpp, arguments.include)
    passed &= report(5, "C++: both roles of a queue", problems, skip)
    return 0 if passed else 1


if __name__ == "__main__":
    sys.exit(main())
