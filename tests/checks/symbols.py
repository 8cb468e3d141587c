#!/usr/bin/env python3
"""Checks that a library exports exactly what a file lists, one name a line. Of an archive all global names count.

usage: symbols.py LIBRARY LIST [NM]
"""
import pathlib
import subprocess
import sys


def exported(library, nm):
    kind = "-g" if library.endswith(".a") else "-D"
    text = subprocess.run([nm, kind, "--defined-only", library], check=True, capture_output=True, text=True).stdout
    # Versions and what sanitizers add are not ours.
    names = {line.split()[-1].split("@")[0] for line in text.splitlines() if len(line.split()) > 1}
    others = ("__asan", "__odr_asan", "__ubsan", "__tsan", "_init", "_fini")
    return {name for name in names if not name.startswith(others)}


def main():
    library, listing = sys.argv[1], pathlib.Path(sys.argv[2])
    nm = sys.argv[3] if len(sys.argv) > 3 else "nm"
    wanted = {line.strip() for line in listing.read_text().splitlines() if line.strip()}
    found = exported(library, nm)
    problems = [f"exported and not listed: {name}" for name in sorted(found - wanted)]
    problems += [f"listed and not exported: {name}" for name in sorted(wanted - found)]
    print("1..1")
    print(f"{'not ok' if problems else 'ok'} 1 - the {len(wanted)} listed symbols are exported and no others")
    for problem in problems:
        print("# " + problem)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
