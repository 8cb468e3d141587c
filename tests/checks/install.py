#!/usr/bin/env python3
"""Installs a build into a scratch directory and builds and runs a program against it, by pkg-config, with the shared
library and with the static one.

usage: install.py [--c COMPILER] BUILD-DIRECTORY PROGRAM.c EXPECTED-OUTPUT
"""
import argparse
import os
import pathlib
import shlex
import subprocess
import sys
import tempfile


def run(command, environment=None):
    done = subprocess.run(command, capture_output=True, text=True, env=environment)
    return done.returncode == 0, done.stdout, done.stdout + done.stderr


def build_and_run(compiler, program, scratch, root, static):
    module = next(root.rglob("mproc.pc"))
    environment = {**os.environ, "PKG_CONFIG_PATH": str(module.parent), "PKG_CONFIG_SYSROOT_DIR": str(root),
                   "LD_LIBRARY_PATH": str(module.parent.parent)}
    good, flags, text = run(["pkg-config", "--cflags", "--libs", *(["--static"] if static else []), "mproc"],
                            environment)
    if not good:
        return text
    if static:
        flags = flags.replace("-lmproc", "-l:libmproc.a")
    output = scratch / ("static" if static else "shared")
    good, _, text = run([*compiler, str(program), *shlex.split(flags), "-o", str(output)])
    if not good:
        return text
    good, printed, text = run([str(output)], environment)
    return printed if good else text


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--c", default="cc")
    parser.add_argument("build")
    parser.add_argument("program", type=pathlib.Path)
    parser.add_argument("expected")
    options = parser.parse_args()
    print("1..2")
    with tempfile.TemporaryDirectory() as directory:
        scratch = pathlib.Path(directory)
        root = scratch / "root"
        good, _, text = run(["meson", "install", "-C", options.build, "--no-rebuild", "--quiet", "--destdir",
                             str(root)])
        failed = 0
        for number, static in enumerate([False, True], 1):
            printed = build_and_run(shlex.split(options.c), options.program, scratch, root, static) if good else text
            passed = printed.split() == options.expected.split()
            failed += not passed
            print(f"{'ok' if passed else 'not ok'} {number} - a program with the installed "
                  f"{'static' if static else 'shared'} library")
            for line in [] if passed else printed.splitlines():
                print("#", line)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
