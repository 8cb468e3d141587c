#!/usr/bin/env python3
"""Checks that the files and functions that documents and models name are there, and that the plan of the house in
docs/DESIGN.md names every source of core.

usage: names.py TOP-DIRECTORY
"""
import functools
import os
import pathlib
import re
import sys

DOCUMENTS = ["docs/*.md", "tests/models/*.pml", "tests/models/*.md", "README.md", "demos/*.md"]
CODE = ["core/**/*.[ch]", "platform/**/*.[ch]", "monitor-gui/**/*.[ch]", "tests/**/*.[ch]", "demos/**/*.[ch]"]
FILE = re.compile(r"(?<![\w./<*-])([\w*./-]*[\w*]\.(?:c|h|pml|py))\b(?!\()")
STATIC = re.compile(r"((?:`\w+`(?:,\s+|\s+and\s+)?)+)\s+\((\w+\.[ch])\b")
FUNCTION = re.compile(r"\b(?:mproc__|platform_)\w+")
# Not ours, or any.
OTHERS = {"pan.c", "program.c", "x.c", "x.h"}


def files_below(top):
    for folder, below, names in os.walk(top):
        below[:] = [name for name in below if not name.startswith((".", "build"))]
        yield from (pathlib.Path(folder, name) for name in names)


def pattern_of(name):
    """Of paths that end as the name says, at a slash; the name may have stars."""
    return re.escape("/" + name.lstrip("./")).replace(r"\*", r"[^\n]*") + "$"


class Paths:
    """Those of the files that are there."""

    def __init__(self, top):
        self.text = "".join(f"/{path.relative_to(top).as_posix()}\n" for path in files_below(top))

    @functools.lru_cache(maxsize=None)
    def has(self, name):
        return re.search(pattern_of(name), self.text, re.M) is not None


def check_statics(text, name, sources):
    """Of "`one`, `other` (file.c)": whether the file has them."""
    return [f"{name}:{text.count(chr(10), 0, match.start()) + 1} says that {word} is in {match.group(2)}, which does "
            f"not have it: say where it is now"
            for match in STATIC.finditer(text) for word in re.findall(r"\w+", match.group(1))
            if match.group(2) in sources and not re.search(rf"\b{word}\b", sources[match.group(2)])]


def check_document(text, name, paths, words):
    problems = []
    for number, line in enumerate(text.splitlines(), 1):
        problems += [f"{name}:{number} names the file {file}, which is not there: say what it is called now"
                     for file in FILE.findall(line) if file not in OTHERS and not paths.has(file)]
        problems += [f"{name}:{number} names {word}, which no source has: say what it is called now"
                     for word in FUNCTION.findall(line) if word not in words]
    return problems


def check_plan(text, paths):
    """What stands in which file: all of core has a place there."""
    plan = re.search(r"^### What stands in which file$(.*?)^## ", text, re.M | re.S)
    named = [re.compile(pattern_of(name)) for name in set(FILE.findall(plan.group(1)) if plan else [])]
    return [f"docs/DESIGN.md does not say what {path} is: give it a place under \"What stands in which file\""
            for path in re.findall(r"^/(core/src/.*\.c)$", paths.text, re.M)
            if not any(name.search("/" + path) for name in named)]


def check_names(top):
    paths = Paths(top)
    sources = {}
    for path in (path for pattern in CODE for path in top.glob(pattern)):
        sources[path.name] = sources.get(path.name, "") + path.read_text(encoding="utf-8")
    words = set(re.findall(r"\w+", "\n".join(sources.values())))
    # Of a family of names the document may give the beginning.
    words |= {word[:end.end()] for word in words for end in re.finditer("_+", word)}
    problems = []
    for path in (path for pattern in DOCUMENTS for path in sorted(top.glob(pattern))):
        text, name = path.read_text(encoding="utf-8"), path.relative_to(top).as_posix()
        problems += check_document(text, name, paths, words) + check_statics(text, name, sources)
        problems += check_plan(text, paths) if name == "docs/DESIGN.md" else []
    return problems


def main():
    problems = check_names(pathlib.Path(sys.argv[1]))
    print("1..1")
    print(f"{'not ok' if problems else 'ok'} 1 - documents and models name what is there")
    for problem in problems:
        print("# " + problem)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
