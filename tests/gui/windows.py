#!/usr/bin/env python3
"""A test program of the window's for Windows, on a display without a screen. Prints its TAP.

usage: windows.py WRAPPER FOLDER-OF-DLLS PROGRAM [ARGUMENT]...
"""
import pathlib
import sys
import tempfile

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "checks"))
import wine  # noqa: E402

LIMIT_S = 1500


def main():
    wrapper, libraries, program, *arguments = sys.argv[1:]
    libraries, program = (str(pathlib.Path(path).resolve()) for path in (libraries, program))
    with tempfile.TemporaryDirectory(prefix="mproc-gui-") as scratch, \
            wine.system(wrapper, pathlib.Path(scratch)) as system:
        if not system.can_show:
            print("1..0 # SKIP there is no display: Xvfb is not installed")
            return 0
        code, text = system.finish(system.start(program, *arguments, WINEPATH=libraries), LIMIT_S)
        print(text.replace("\r", ""), end="")
        return code


if __name__ == "__main__":
    sys.exit(main())
