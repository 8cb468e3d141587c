#!/usr/bin/env python3
"""Configures the project in the ways that others do: as a part of another project, with one kind of library, with
several files as one for the compiler, and on systems that are too old. One of them is built, without optimization.

usage: configure.py [--c COMPILER] TOP-DIRECTORY
"""
import argparse
import collections
import json
import os
import pathlib
import sys
import tempfile

sys.dont_write_bytecode = True
import tap  # noqa: E402

PROJECT = """
project('user', 'c')
executable('user', 'user.c', dependencies: dependency('mproc', fallback: 'mproc'))
"""
QUICK = ["-Ddebug=false", "-Doptimization=0"]
EXPECTED = "map: 1 4 9\napply_async: 9\n"

Place = collections.namedtuple("Place", "top scratch environment")


def setup(place, name, source, *options, **others):
    tap.run(["meson", "setup", place.scratch / name, source, *QUICK, *options], place.environment, **others)
    return place.scratch / name


def targets(build):
    """The files of what is built by default."""
    listed = json.loads(tap.run(["meson", "introspect", "--targets", build]))
    return {pathlib.Path(file).name for target in listed for file in target["filename"] if target["build_by_default"]}


def check_kind(build, wanted, unwanted):
    built = targets(build)
    tap.expect(any(name.startswith(wanted) for name in built), f"no {wanted} among {built}")
    tap.expect(not any(name.startswith(unwanted) for name in built), f"{unwanted} among {built}")


def check_subproject(place):
    """as a subproject, with --unity=on: dependency('mproc') is found, and only the library is built."""
    user = place.scratch / "user"
    (user / "subprojects").mkdir(parents=True)
    (user / "subprojects/mproc").symlink_to(place.top)
    (user / "meson.build").write_text(PROJECT)
    (user / "user.c").write_text((place.top / "demos/hello.c").read_text())
    build = setup(place, "subproject", user, "--wrap-mode=forcefallback", "--unity=on",
                  "-Dmproc:default_library=static")
    check_kind(build, "libmproc.a", "libmproc.so")
    others = {name for name in targets(build) if "mproc" not in name and name != "user"}
    tap.expect(not others, f"built as well: {others}")
    tap.run(["ninja", "-C", build])
    tap.expect(tap.run([build / "user"]) == EXPECTED, "the program prints something else")


def check_kinds(place):
    """default_library is obeyed, and what pkg-config is told of the static library has all that it needs."""
    check_kind(setup(place, "shared", place.top, "-Ddefault_library=shared", "-Dlibrary_only=true"), "libmproc.so",
               "libmproc.a")
    static = setup(place, "static", place.top, "-Ddefault_library=static", "-Dlibrary_only=true")
    check_kind(static, "libmproc.a", "libmproc.so")
    flags = tap.run(["pkg-config", "--libs", "mproc"],
                    {**os.environ, "PKG_CONFIG_PATH": str(static / "meson-private")})
    tap.expect("-pthread" in flags or "-lpthread" in flags, f"no threads in {flags}")


def refusal(place, name, *options, environment=None):
    """The one line that meson says."""
    try:
        setup(place._replace(environment=environment or place.environment), name, place.top, *options)
    except tap.Failed as failure:
        return "\n".join(line for line in str(failure).splitlines() if "ERROR:" in line)
    raise tap.Failed("it was not refused")


def check_old_kernel(place):
    """an older kernel is refused by its name."""
    tools = place.scratch / "tools"
    tools.mkdir()
    (tools / "uname").write_text("#!/bin/sh\necho 5.3.18-old\n")
    (tools / "uname").chmod(0o755)
    environment = {**place.environment, "PATH": f"{tools}:{os.environ['PATH']}"}
    said = refusal(place, "kernel", environment=environment)
    tap.expect("Linux 5.4" in said and "5.3.18-old" in said, said)


def check_old_library(place):
    """an older C library is refused by its name."""
    said = refusal(place, "library", "-Dc_args=-Dmemfd_create=not_there_yet")
    tap.expect("glibc 2.27" in said and "memfd_create" in said, said)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--c", default="cc")
    parser.add_argument("top", type=pathlib.Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as directory:
        environment = {**os.environ, "CC": options.c}
        place = Place(options.top.resolve(), pathlib.Path(directory), environment)
        return tap.check_all([check_subproject, check_kinds, check_old_kernel, check_old_library], place)


if __name__ == "__main__":
    sys.exit(main())
