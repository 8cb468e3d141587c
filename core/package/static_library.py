#!/usr/bin/env python3
"""Makes the static library that is installed: all objects in one, in which only the interface's names are global, so
that no name of the library's inside can meet one of the program's.

usage: static_library.py --objcopy OBJCOPY --ar AR ALL.a SYMBOLS OUTPUT.a COMPILER...
"""
import argparse
import pathlib
import subprocess
import tempfile


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--objcopy", required=True)
    parser.add_argument("--ar", required=True)
    parser.add_argument("all")
    parser.add_argument("symbols")
    parser.add_argument("output", type=pathlib.Path)
    parser.add_argument("compiler", nargs=argparse.REMAINDER)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as directory:
        whole = directory + "/mproc.o"
        subprocess.run([*options.compiler, "-r", "-nostdlib", "-o", whole, "-Wl,--whole-archive", options.all,
                        "-Wl,--no-whole-archive"], check=True)
        subprocess.run([options.objcopy, f"--keep-global-symbols={options.symbols}", whole], check=True)
        options.output.unlink(missing_ok=True)
        subprocess.run([options.ar, "crs", str(options.output), whole], check=True)


if __name__ == "__main__":
    main()
