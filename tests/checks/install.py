#!/usr/bin/env python3
"""Installs a build into a scratch directory and builds and runs programs against it: by pkg-config and by CMake, with
the shared library, the static one, and as a plug-in.

usage: install.py [--c COMPILER] BUILD-DIRECTORY DEMOS-DIRECTORY
"""
import argparse
import collections
import os
import pathlib
import shlex
import shutil
import sys
import tempfile

sys.dont_write_bytecode = True
import tap  # noqa: E402

HELLO = "map: 1 4 9 apply_async: 9"
PROJECT = """
cmake_minimum_required(VERSION 3.13)
project(user C)
find_package(mproc 0.1 QUIET)
if(mproc_FOUND)
  message(FATAL_ERROR "a version of another ABI was found")
endif()
find_package(mproc 0.2 REQUIRED)
add_executable(default hello.c)
target_link_libraries(default mproc::mproc)
if(TARGET mproc::static)
  add_executable(static hello.c)
  target_link_libraries(static mproc::static)
endif()
if(TARGET mproc::worker)
  get_target_property(worker mproc::worker IMPORTED_LOCATION)
  if(NOT EXISTS "${worker}")
    message(FATAL_ERROR "there is no ${worker}")
  endif()
endif()
"""
# Names that the library has inside.
NAMESAKES = """
int platform_setup, platform_calls, platform__fail, mproc__error;
int namesakes(void) { return platform_setup + platform_calls + platform__fail + mproc__error; }
"""

Place = collections.namedtuple("Place", "compiler demos scratch prefix module")


def package(place, *question):
    """What pkg-config says, of where the prefix is now."""
    environment = {**os.environ, "PKG_CONFIG_PATH": str(place.module.parent)}
    text = tap.run(["pkg-config", f"--define-variable=prefix={place.prefix}", *question, "mproc"], environment)
    return shlex.split(text)


def library(place, name):
    found = place.module.parent.parent / name
    if not found.exists():
        raise tap.Skipped(f"{name} was not built")
    return found


def expect_hello(program, environment=None):
    printed = tap.run([program], environment)
    tap.expect(printed.split() == HELLO.split(), printed)


def check_shared(place):
    """a program with the installed shared library."""
    shared = library(place, "libmproc.so")
    program = place.scratch / "shared"
    tap.run([*place.compiler, place.demos / "hello.c", *package(place, "--cflags", "--libs"), "-o", program])
    expect_hello(program, {**os.environ, "LD_LIBRARY_PATH": str(shared.parent)})


def check_static(place):
    """a program with the installed static library, and with names of its own that the library has inside."""
    library(place, "libmproc.a")
    namesakes = place.scratch / "namesakes.c"
    namesakes.write_text(NAMESAKES)
    flags = [flag.replace("-lmproc", "-l:libmproc.a") for flag in package(place, "--static", "--cflags", "--libs")]
    program = place.scratch / "static"
    tap.run([*place.compiler, place.demos / "hello.c", namesakes, *flags, "-o", program])
    expect_hello(program)


def check_plugin(place):
    """a plug-in in a host without mproc, with the installed mproc-worker, in a prefix that no loader knows."""
    shared = library(place, "libmproc.so")
    host, plugin = place.scratch / "plugin_host", place.scratch / "plugin.so"
    tap.run([*place.compiler, "-shared", "-fPIC", "-fvisibility=hidden", place.demos / "plugin.c",
             *package(place, "--cflags", "--libs"), f"-Wl,-rpath,{shared.parent},--build-id", "-o", plugin])
    tap.run([*place.compiler, place.demos / "plugin_host.c", place.demos / "system_posix.c", "-ldl", "-o", host])
    worker, = package(place, "--variable=worker")
    environment = {name: value for name, value in os.environ.items() if name != "LD_LIBRARY_PATH"}
    printed = tap.run([host, plugin, worker], environment)
    tap.expect(printed == "squares: 1 4 9 16\n", printed)


def check_worker_name(place):
    """mproc-worker carries the number of the ABI, as the library does."""
    shared = library(place, "libmproc.so")
    abi = {path.name.removeprefix("libmproc.so.") for path in shared.parent.glob("libmproc.so.*")}
    worker = pathlib.Path(*package(place, "--variable=worker"))
    tap.expect(worker.name.removeprefix("mproc-worker-") in abi, f"{worker.name} beside {abi}")
    tap.run([worker], status=2)


def check_cmake(place):
    """programs with the package for CMake, which refuses versions of another ABI."""
    if shutil.which("cmake") is None:
        raise tap.Skipped("cmake is not installed")
    folder = place.scratch / "cmake"
    folder.mkdir()
    (folder / "CMakeLists.txt").write_text(PROJECT)
    shutil.copy(place.demos / "hello.c", folder)
    tap.run(["cmake", "-G", "Ninja", f"-DCMAKE_C_COMPILER={';'.join(place.compiler)}",
             f"-DCMAKE_PREFIX_PATH={place.prefix}", "-S", folder, "-B", folder / "build"])
    tap.run(["cmake", "--build", folder / "build"])
    programs = [path for path in [folder / "build/default", folder / "build/static"] if path.exists()]
    for program in programs:
        expect_hello(program)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--c", default="cc")
    parser.add_argument("build")
    parser.add_argument("demos", type=pathlib.Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as directory:
        scratch = pathlib.Path(directory)
        prefix = tap.installed(options.build, scratch / "root")
        place = Place(shlex.split(options.c), options.demos.resolve(), scratch, prefix, next(prefix.rglob("mproc.pc")))
        return tap.check_all([check_shared, check_static, check_plugin, check_worker_name, check_cmake], place)


if __name__ == "__main__":
    sys.exit(main())
