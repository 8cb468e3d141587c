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
# How a harness ends that the system refused a process or a handle, as wine does now and then.
REFUSED = 98


def run(wrapper, libraries, program, arguments):
    """Exit status and output; None where windows cannot be shown."""
    with tempfile.TemporaryDirectory(prefix="mproc-gui-") as scratch, \
            wine.system(wrapper, pathlib.Path(scratch)) as system:
        if not system.can_show:
            return None
        return system.finish(system.start(program, *arguments, WINEPATH=libraries), LIMIT_S)


def main():
    wrapper, libraries, program, *arguments = sys.argv[1:]
    libraries, program = (str(pathlib.Path(path).resolve()) for path in (libraries, program))
    result = run(wrapper, libraries, program, arguments)
    if wrapper and result and result[0] == REFUSED:
        print("# wine failed: once more")
        result = run(wrapper, libraries, program, arguments)
    if not result:
        print("1..0 # SKIP there is no display: Xvfb is not installed")
        return 0
    print(result[1].replace("\r", ""), end="")
    return result[0]


if __name__ == "__main__":
    sys.exit(main())
