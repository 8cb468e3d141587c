#!/usr/bin/env python3
"""Compiles and runs the program that README.md consists of: its C code from the heading "Ten minutes" on.

usage: readme.py [--c COMPILER] README LIBRARY.a INCLUDE-DIRECTORY
"""
import argparse
import pathlib
import re
import shlex
import subprocess
import sys
import tempfile

EXPECTED = ["hello from process 1", "it ended with 7", "0 1 4 9 16 25 36 49 64 81", "0.5 1 1.5",
            "the first square above 1000 is 1024", "1: fine", "2: ", "3: ", "551 primes below 4002"]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--c", default="cc")
    parser.add_argument("readme", type=pathlib.Path)
    parser.add_argument("library")
    parser.add_argument("include")
    options = parser.parse_args()
    text = options.readme.read_text().split("## Ten minutes", 1)[1]
    code = "\n".join(re.findall(r"^```c\n(.*?)^```", text, re.M | re.S))
    print("1..1")
    with tempfile.TemporaryDirectory() as directory:
        source = pathlib.Path(directory, "readme.c")
        source.write_text(code)
        include, library = pathlib.Path(options.include).resolve(), pathlib.Path(options.library).resolve()
        built = subprocess.run([*shlex.split(options.c), "-std=c11", "-Wall", "-Wextra", "-Werror", "-I", str(include),
                                str(source), str(library), "-pthread", "-Wl,--build-id", "-o", "readme"],
                               cwd=directory, capture_output=True, text=True)
        ran = subprocess.run(["./readme"], cwd=directory, capture_output=True, text=True, timeout=120) \
            if built.returncode == 0 else built
        lines = ran.stdout.splitlines()
        missing = [line for line in EXPECTED if not any(seen.startswith(line) for seen in lines)]
        book = pathlib.Path(directory, "book.txt")
        if book.exists() and sorted(book.read_text().split()) != ["1", "2", "3", "4", "5"]:
            missing.append("book.txt with 1 to 5")
    good = ran.returncode == 0 and not missing
    print(f"{'ok' if good else 'not ok'} 1 - the program of the README")
    for line in [] if good else [*(f"missing: {line}" for line in missing), *(ran.stdout + ran.stderr).splitlines()]:
        print("#", line)
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
