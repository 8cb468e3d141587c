"""What of a build some of its tests need, for tests/run: the rest would take its time as well.

usage: targets.py BUILD-DIRECTORY [NAME]...            prints the files that ninja is to make
       targets.py --programs BUILD-DIRECTORY           prints the names of all programs that are tests, without ".exe"
NAME: a test as meson lists it ("lock-fork"), all tests of a suite ("suite:demos"), or a program ("mproc-monitor"); of a
program that is a test ("test_lock") also what the test has beside it.
"""
import json
import pathlib
import sys


def read(build, what):
    return json.loads((build / "meson-info" / f"intro-{what}.json").read_text(encoding="utf-8"))


def files_of(build, target):
    return [pathlib.Path(file).relative_to(build).as_posix() for file in target["filename"]]


def programs_of(build, targets):
    """{name: id}"""
    return {pathlib.Path(file).name.removesuffix(".exe"): target["id"] for target in targets
            if target["type"] == "executable" for file in files_of(build, target)}


def is_named(test, names):
    return test["name"] in names or any(f"suite:{suite.rpartition(':')[2]}" in names for suite in test["suite"])


def needed(build, targets, names):
    """The ids of what the tests of these names depend on, as meson itself would have it made for them."""
    programs = programs_of(build, targets)
    ids = {programs[name] for name in names if name in programs}
    return ids.union(*(test["depends"] for test in read(build, "tests")
                       if is_named(test, names) or ids.intersection(test["depends"])))


def main():
    arguments = sys.argv[1:]
    list_programs = arguments[:1] == ["--programs"]
    build = pathlib.Path(arguments[list_programs]).resolve()
    targets = read(build, "targets")
    if list_programs:
        print("\n".join(sorted(name for name in programs_of(build, targets) if name.startswith("test_"))))
        return
    ids = needed(build, targets, set(arguments[1:]))
    print("\n".join(sorted({file for target in targets if target["id"] in ids for file in files_of(build, target)})))


if __name__ == "__main__":
    main()
