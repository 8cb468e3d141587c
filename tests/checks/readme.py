#!/usr/bin/env python3
"""Does what README.md says: compiles and runs the program that its C code consists of from the heading "Ten minutes"
on, and follows the lines by which mproc is installed, word for word, in a copy of the sources with a home of its own.

usage: readme.py [--c COMPILER] TOP-DIRECTORY LIBRARY.a
"""
import argparse
import collections
import os
import pathlib
import re
import shlex
import shutil
import sys
import tempfile

sys.dont_write_bytecode = True
import tap  # noqa: E402

HEADING = "In your own program"
EXPECTED = ["hello from process 1", "it ended with 7", "0 1 4 9 16 25 36 49 64 81", "0.5 1 1.5",
            "the first square above 1000 is 1024", "1: fine", "2: ", "3: ", "551 primes below 4002"]


Place = collections.namedtuple("Place", "compiler top library readme scratch")


def check_program(place):
    """the program of the README."""
    code = "\n".join(re.findall(r"^```c\n(.*?)^```", place.readme.split("## Ten minutes", 1)[1], re.M | re.S))
    (place.scratch / "readme.c").write_text(code)
    tap.run([*place.compiler, "-std=c11", "-Wall", "-Wextra", "-Werror", "-I", place.top / "core/include", "readme.c",
             place.library, "-pthread", "-Wl,--build-id", "-o", "readme"], directory=place.scratch)
    lines = tap.run(["./readme"], directory=place.scratch).splitlines()
    missing = [line for line in EXPECTED if not any(seen.startswith(line) for seen in lines)]
    tap.expect(not missing, "\n".join(f"missing: {line}" for line in missing) + "\n" + "\n".join(lines))
    book = sorted((place.scratch / "book.txt").read_text().split())
    tap.expect(book == ["1", "2", "3", "4", "5"], f"book.txt has {book}")


def command_blocks(place, heading):
    section = place.readme.split(f"\n## {heading}\n", 1)[1].split("\n## ", 1)[0]
    return ["".join(line[4:] + "\n" for line in block.splitlines())
            for block in re.findall(r"(?:^    .*\n)+", section, re.M)]


def copy_of_sources(place):
    copy = place.scratch / "mproc"
    shutil.copytree(place.top, copy, ignore=shutil.ignore_patterns("build*", ".git"))
    return copy


def check_own_folder(place):
    """the lines that install it into a folder of one's own; not optimized, which takes the least time."""
    environment = {name: value for name, value in os.environ.items() if name not in ("PKG_CONFIG_PATH",
                                                                                     "LD_LIBRARY_PATH")}
    home = place.scratch / "home"
    home.mkdir()
    printed = tap.run(["sh", "-euc", command_blocks(place, HEADING)[0]],
                      {**environment, "HOME": str(home), "CFLAGS": "-O0"}, copy_of_sources(place))
    tap.expect(printed.endswith("map: 1 4 9\napply_async: 9\n"), printed)


def check_everybody(place):
    """the lines that install it for everybody, but for the building, which the others have shown."""
    tools = place.scratch / "tools"
    tools.mkdir()
    for name in ["meson", "ldconfig"]:
        (tools / name).write_text(f'#!/bin/sh\necho {name} "$@"\n')
        (tools / name).chmod(0o755)
    own, everybody = command_blocks(place, HEADING)
    said = tap.run(["sh", "-euc", everybody], {**os.environ, "PATH": f"{tools}:{os.environ['PATH']}"}, place.scratch)
    first, second, third = said.splitlines()
    tap.expect(first.split()[1:] == [word.replace("release", "system") if "/" in word else word
                                     for word in shlex.split(own.splitlines()[0])[1:-2]], first)
    tap.expect(second == "meson install -C build/system", second)
    tap.expect(third == "ldconfig", third)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--c", default="cc")
    parser.add_argument("top", type=pathlib.Path)
    parser.add_argument("library", type=pathlib.Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as directory:
        top = options.top.resolve()
        place = Place(shlex.split(options.c), top, options.library.resolve(), (top / "README.md").read_text(),
                      pathlib.Path(directory))
        return tap.check_all([check_program, check_own_folder, check_everybody], place)


if __name__ == "__main__":
    sys.exit(main())
