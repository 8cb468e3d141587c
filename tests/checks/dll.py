#!/usr/bin/env python3
"""Checks what a build for Windows installs: what the DLL and mproc-worker need, and that the one finds the other.

usage: dll.py [--objdump OBJDUMP] [--wrapper PROGRAM] BUILD-DIRECTORY
"""
import argparse
import collections
import pathlib
import re
import sys
import tempfile

sys.dont_write_bytecode = True
import tap  # noqa: E402

# What every Windows has.
SYSTEM = re.compile(r"(kernel32|ntdll|advapi32|bcrypt|msvcrt|ucrtbase|api-ms-win-crt-.*)\.dll", re.I)

Place = collections.namedtuple("Place", "objdump wrapper programs")


def needed(place, file):
    return re.findall(r"DLL Name: (\S+)", tap.run([place.objdump, "-p", file]))


def check_imports(place):
    """the DLL and mproc-worker need no DLL of a compiler's."""
    own = next(place.programs.glob("libmproc-*.dll"))
    for file in [own, next(place.programs.glob("mproc-worker-*.exe"))]:
        others = [name for name in needed(place, file) if not SYSTEM.fullmatch(name) and name != own.name]
        tap.expect(not others, f"{file.name} needs {others}")


def check_worker(place):
    """the installed mproc-worker finds its DLL."""
    tap.run([*place.wrapper, next(place.programs.glob("mproc-worker-*.exe"))], status=2)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--objdump", default="objdump")
    parser.add_argument("--wrapper")
    parser.add_argument("build")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as directory:
        prefix = tap.installed(options.build, pathlib.Path(directory, "root"))
        place = Place(options.objdump, [options.wrapper] if options.wrapper else [], prefix / "bin")
        return tap.check_all([check_imports, check_worker], place)


if __name__ == "__main__":
    sys.exit(main())
