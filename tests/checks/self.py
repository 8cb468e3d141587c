#!/usr/bin/env python3
"""Checks the checks: builds small trees that are wrong in one way each, and expects floors.py, style.py, names.py
and protocol.py to name it.

usage: self.py [--c COMPILER]
"""
import argparse
import contextlib
import io
import pathlib
import shlex
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
import floors  # noqa: E402
import names  # noqa: E402
import protocol  # noqa: E402
import style  # noqa: E402
import tree as sources  # noqa: E402

HOUSE = floors.House(
    floors=[["base"], ["word"], ["data", "trace"], ["pool"], [""]],
    beside={},
    uses={"data": set()},
    port_floors=[["unix"], ["linux"]],
    private={"table": "one process's"},
    sealed={"worker_link": ["core/src/pool/link*"]},
    features={"resize": floors.Feature(["pool/size.*"], r"width_\w+|pool/size\.h")})


def header(path, text, comment="/* What it is. */"):
    guard = floors.guard_of(path)
    return {path: f"{comment}\n#ifndef {guard}\n#define {guard}\n\n{text}\n\n#endif\n"}


def main_header(folder, text="", comment="/* A folder.\n *\n * Lives here: this.\n *\n * May use: that.\n *\n"
                                         " * Must not know: others.\n */"):
    return header(f"core/src/{folder}/{folder}.h", text, comment)


# Nothing is wrong with this tree.
GOOD = {
    "core/include/mproc/base.h": "#define MPROC_PRINTF(a, b)\nint mproc_error(void);\nint mproc_pool_size(void);\n",
    **main_header("base"),
    **header("core/src/base/error.h", "/* A (comment; */\n#include <mproc/base.h>\n"
                                      "int mproc__error(const char *text, ...) MPROC_PRINTF(1, 2);\n"
                                      "extern int mproc__errors[2];"),
    "core/src/base/error.c": '#include "base/error.h"\n'
                             'int mproc__errors[2] = { 1, 2 };\nint mproc__error(const char *text, ...)\n{\n'
                             '    return text ? mproc__errors[0] : 0;\n}\n'
                             'int mproc_error(void)\n{\n    return mproc__errors[1];\n}\n',
    **main_header("word", '#include "platform.h"\nstruct table {\n    _Atomic int used;\n};\n'
                          "struct seen {\n    platform_word *word;\n    _Atomic int *count;\n};\n"
                          "int mproc__word_look(void);\n"
                          "static inline int word_twice(int n)\n{\n    return 2 * n;\n}"),
    **header("core/src/word/word_layout.h", '#include "platform.h"\nstruct cell {\n    platform_word word;\n};\n'
                                            '_Static_assert(sizeof(struct cell) == 4, "one word");'),
    "core/src/word/word.c": '#include "word/word.h"\n#include "base/error.h"\n#include "word/word_layout.h"\n'
                            'int mproc__word_look(void)\n{\n    return platform_now() + mproc__error("{");\n}\n',
    **main_header("pool"),
    **header("core/src/pool/link.h", "struct worker_link {\n    int state, tasks[4];\n    void (*ended)(int state);\n"
                                     "};\nstruct worker_link *mproc__link_first(void);"),
    "core/src/pool/link.c": '#include "pool/link.h"\n#include "word/word.h"\nstatic struct worker_link first;\n'
                            'struct worker_link *mproc__link_first(void)\n{\n    first.state = mproc__word_look();\n'
                            '    return &first;\n}\n',
    "core/src/pool/size.c": '#include "pool/link.h"\n#include <mproc/base.h>\nstruct other {\n    int state;\n};\n'
                            'static struct other other;\nint mproc_pool_size(void)\n{\n'
                            '    return mproc__link_first() ? other.state : 0;\n}\n',
    "docs/DESIGN.md": "| feature | its own | others |\n|---|---|---|\n| resize | `size.c` | |\n",
    "platform/platform.h": "typedef int platform_word;\nint platform_now(void);\n",
    "platform/unix/time.c": '#include "platform.h"\n#include "unix/time.h"\n#include "seam.h"\n'
                            'int platform_now(void)\n{\n    return 1;\n}\n',
    **header("platform/unix/time.h", "int platform__tick(void);"),
    **header("platform/linux/seam.h", '#include "unix/time.h"'),
    "tests/port/time.c": '#include "platform.h"\n#include "test.h"\n#include <mproc/base.h>\n#include <stdio.h>\n'
                         'int main(void)\n{\n    return platform_now();\n}\n',
}

# The other cases need no library, nor to compile.
OF_SYMBOLS = {"every source has its object", "calls go down", "no circle of files"}
# (what is wrong, {path: text}, the check that says so, what it says)
FLOORS_CASES = [
    ("a folder without a floor", header("core/src/attic/old.h", ""), "every folder has a floor", ["core/src/attic/"]),
    ("an include of a higher floor", {"core/src/base/log.c": '#include "word/word.h"\n'},
     "includes go down, and say the folder", ["core/src/base/log.c:1", "base/ is floor 1, word/ is floor 2"]),
    ("an include of the entry", {"core/src/word/log.c": '#include "init.h"\n', **header("core/src/init.h", "")},
     "includes go down, and say the folder", ["core/src/word/log.c:1", "the entry is floor 5"]),
    ("an include of the same floor", {**main_header("data"), **main_header("trace", '#include "data/data.h"')},
     "includes go down, and say the folder", ["core/src/trace/trace.h:12", "data/ is floor 3"]),
    ("an include of a lower floor that is none of its business", main_header("data", '#include "word/word.h"'),
     "includes go down, and say the folder", ["data/ is floor 3 and uses base/ of those below"]),
    ("an include without its folder", {"core/src/word/log.c": '#include "word.h"\n'},
     "includes go down, and say the folder", ['say the folder: "word/word.h"']),
    ("core includes a port", {"core/src/word/log.c": '#include "unix/time.h"\n'},
     "includes go down, and say the folder", ["core/src/word/log.c:1", "neither"]),
    ("a public header includes an internal one", {"core/include/mproc/pool.h": '#include "pool/pool.h"\n'},
     "includes go down, and say the folder", ["core/include/mproc/pool.h:1"]),
    ("a port includes core", {"platform/unix/log.c": '#include "base/error.h"\n'},
     "includes go down, and say the folder", ["platform/unix/log.c:1", "through platform.h"]),
    ("a port includes one that stands on it", {"platform/unix/log.c": '#include "linux/seam.h"\n'},
     "includes go down, and say the folder", ["platform/unix/log.c:1", "may not know platform/linux/"]),
    ("a test of ports includes the library", {"tests/port/pool.c": "#include <mproc/pool.h>\n"},
     "includes go down, and say the folder", ["tests/port/pool.c:1", "tests/conformance"]),
    ("a source that nobody builds", {"core/src/base/left.c": "\n", "unbuilt": "core/src/base/left.c"},
     "every source has its object", ["core/src/base/left.c", "core/meson.build"]),
    ("a public function of an upper floor is called",
     {"core/src/base/log.c": "#include <mproc/base.h>\nint mproc_log(void)\n{\n    return mproc_pool_size();\n}\n"},
     "calls go down", ["core/src/base/log.c uses mproc_pool_size of core/src/pool/size.c"]),
    ("a port calls core",
     {"platform/unix/log.c": "int mproc_error(void);\nint platform_log(void)\n{\n    return mproc_error();\n}\n"},
     "calls go down", ["platform/unix/log.c uses mproc_error of core/src/base/error.c"]),
    ("a circle in a folder",
     {**header("core/src/pool/one.h", "int mproc__one(void);"),
      **header("core/src/pool/two.h", "int mproc__two(void);"),
      "core/src/pool/one.c": '#include "pool/two.h"\nint mproc__one(void)\n{\n    return mproc__two();\n}\n',
      "core/src/pool/two.c": '#include "pool/one.h"\nint mproc__two(void)\n{\n    return mproc__one();\n}\n'},
     "no circle of files", ["2 files", "core/src/pool/one.c -> core/src/pool/two.c: mproc__two",
                            "core/src/pool/two.c -> core/src/pool/one.c: mproc__one"]),
    ("a lodger", {**header("core/src/word/other.h", "extern int mproc__lodger;\nint mproc__nowhere(void);"),
                  "core/src/word/log.c": "int mproc__lodger = 1;\n"},
     "what X.h declares is defined in X.c",
     ["core/src/word/other.h:5 declares mproc__lodger; it is defined in core/src/word/log.c: declare it in "
      "core/src/word/log.h", "mproc__nowhere; it is defined nowhere"]),
    ("a source declares what is another's", {"core/src/pool/log.c": "int mproc__word_look(void);\n"},
     "what X.h declares is defined in X.c", ["core/src/pool/log.c:1", "include core/src/word/word.h"]),
    ("a layout without a size", header("core/src/pool/log_layout.h", "struct line {\n    int length;\n};"),
     "layouts of shared memory have sizes and no pointers", ["core/src/pool/log_layout.h:5", "sizeof(struct line)"]),
    ("a layout with a pointer",
     header("core/src/pool/log_layout.h",
            'struct line {\n    char *text;\n};\n_Static_assert(sizeof(struct line) == sizeof(char *), "");'),
     "layouts of shared memory have sizes and no pointers", ["core/src/pool/log_layout.h:5", "has a pointer"]),
    ("a word outside of layouts", header("core/src/pool/log.h", "struct bell {\n    platform_word word;\n};"),
     "what lies in shared memory is in a layout", ["core/src/pool/log.h:5", "struct bell has atomic members"]),
    ("atomic members outside of layouts", {"core/src/pool/log.c": "struct count {\n    _Atomic int lines;\n};\n"},
     "what lies in shared memory is in a layout", ["core/src/pool/log.c:1", "struct count has atomic members"]),
    ("an exception that is needed no more", main_header("word", "int mproc__word_look(void);"),
     "what lies in shared memory is in a layout", ["names table"]),
    ("a member of a sealed struct",
     {"core/src/pool/log.c": '#include "pool/link.h"\nint mproc_logs(void)\n{\n'
                             '    return mproc__link_first()->state;\n}\n',
      "core/src/pool/more.c": '#include "pool/link.h"\nstatic int more(struct worker_link *link)\n{\n'
                              '    return link[1].tasks[0] + (link->ended != 0);\n}\n'},
     "sealed structs are touched by their own files",
     ["core/src/pool/log.c:4 touches mproc__link_first()->state", "core/src/pool/more.c:4 touches link[1].tasks",
      "link->ended"]),
    ("a feature that is known to many",
     {"docs/DESIGN.md": "| resize | `size.c` | " + ", ".join(f"`pool/{n}.c`" for n in "abcd") + " |\n",
      **{f"core/src/pool/{n}.c": f"/* width_0 */\nstatic int width_{n};\n" for n in "abcd"}},
     "what adds to a pool is known to few", ["resize: 4 files", "pool/a.c, pool/b.c, pool/c.c, pool/d.c"]),
    ("a feature that is known to one of whom the plan does not say it",
     {"core/src/pool/log.c": '#include "pool/size.h"\n', **header("core/src/pool/size.h", "")},
     "what adds to a pool is known to few", ["has none for: resize", "pool/log.c"]),
    ("a feature without a row", {"docs/DESIGN.md": "# Plan\n"},
     "what adds to a pool is known to few", ["has no row for: resize"]),
    ("a folder without a main header", header("core/src/data/array.h", ""),
     "every folder says what it is for", ["core/src/data/data.h is not there"]),
    ("a main header that does not say what it must not know",
     main_header("data", comment="/* A folder.\n *\n * Lives here: this.\n * May use: that.\n */"),
     "every folder says what it is for", ['core/src/data/data.h', '"May use:"', '"Must not know:"']),
    ("a call of the port that nothing drives",
     {"platform/platform.h": "typedef int platform_word;\nint platform_now(void);\n\n"
                             "/** platform_then is new. */\nint platform_then(int *now);\n"},
     "tests/port drives all of platform.h", ["platform/platform.h:5 declares platform_then"]),
    ("a guard that is another's", {"core/src/word/log.h": "#ifndef MPROC_LOG_H\n#define MPROC_LOG_H\n#endif\n"},
     "include guards are named for folder and file", ["core/src/word/log.h", "MPROC_WORD_LOG_H"]),
    ("no guard", {"platform/linux/log.h": "int platform__log(void);\n"},
     "include guards are named for folder and file", ["platform/linux/log.h", "MPROC_LINUX_LOG_H"]),
]

STYLE_CASES = [
    ("a long line", {"core/x.c": "/* " + "x" * 116 + " */\n"}, style.check_columns, ["core/x.c:1 has 122 columns"]),
    ("a long line of a script", {"tests/run": "#!/bin/sh\n# " + "x" * 120 + "\n"}, style.check_columns,
     ["tests/run:2"]),
    ("blanks at the end of a line", {"core/x.c": "int x; \n"}, style.check_blanks, ["core/x.c:1"]),
    ("a last line without end", {"core/x.c": "int x;"}, style.check_blanks, ["core/x.c does not end"]),
    ("a heading on two lines", {"core/x.c": "/* ---- Making, attaching ----\n */\n"}, style.check_headings,
     ["core/x.c:1"]),
    ("a heading of another kind", {"tests/x.py": "# ----- Making\n"}, style.check_headings, ["tests/x.py:1"]),
]
STYLE_GOOD = {
    "core/x.c": "/* ---- Making, attaching ---- */\n\nint x(int y)\n{\n    if (y)\n        return 1;\n"
                "    return 0;\n}\n",
    "tests/run": "#!/bin/sh\n# ---- Running ----\n",
    "build/x.c": "int x;   \n",
    "docs/x.md": "x" * 200 + "\n",
}
NAMES_GOOD = {
    "core/src/pool/pool.c": "int mproc__pool_size(void)\n{\n    return size_of();\n}\n",
    "core/src/pool/link_ring.c": "\n",
    "docs/DESIGN.md": "`pool.c`, pool/pool.c and `po*.c` have `mproc__pool_size`, of `mproc__pool_*`;\n"
                      "`size_of`\n(pool.c).\n### What stands in which file\n`pool.c`, `link*.c`\n## Others\n",
}
NAMES_CASES = [
    ("a file that was renamed", {"docs/DESIGN.md": "See\n`pool/feed.c`.\n"},
     ["docs/DESIGN.md:2 names the file pool/feed.c"]),
    ("a function that was renamed", {"tests/models/x.pml": "/* mproc__pool_feed */\n"}, ["tests/models/x.pml:1"]),
    ("a file of which the plan says nothing", {"core/src/pool/link.c": "\n", "core/src/pool/size.c": "\n"},
     ["docs/DESIGN.md does not say what core/src/pool/size.c is"]),
    ("a function that was moved", {"docs/DESIGN.md": "`size_of`,\n`other` (pool.c): there\n"},
     ["docs/DESIGN.md:1 says that other is in pool.c"]),
]
FORMAT_CASES = [
    ("braces around one line",
     {"core/x.c": "int x(int y)\n{\n    if (y) {\n        return 1;\n    }\n    return 0;\n}\n"}),
    ("a wrong indent", {"core/x.c": "int x(int y)\n{\n  return y;\n}\n"}),
]

RECORDS = '''#define RECORD_POOL_FIELDS(F) \\
    F(U32, pool) /* its number */ \\
    F(NAME, name)
#define RECORD_LOG_FIELDS(F) F(LINE, text)
#define RECORDS(R) R(10, pool, POOL, STATE) R(40, log, LOG, LOG)
'''
PROTOCOL = '''## Records
### 10 pool (state)
| u32 | `pool` | |
| name | `name` | |

### 40 log (log)
| line | `text` | |
'''
# (what is wrong, what stands in the document, what stands there instead, what the check says)
PROTOCOL_CASES = [
    ("a record without a section", "### 40 log (log)", "### Log", "no section ### 40 log (log)"),
    ("another number", "### 40 log", "### 41 log", "it is 40 (log)"),
    ("another class", "log (log)", "log (state)", "it is 40 (log)"),
    ("a field that is missing", "| name | `name` | |\n", "", "field 2 is name name; it has nothing"),
    ("another kind", "| u32 | `pool`", "| u16 | `pool`", "field 1 is u32 pool; it has u16 pool"),
    ("a field too many", "| line | `text` | |\n", "| line | `text` | |\n| u8 | `level` | |\n", "no field level"),
    ("a record that there is not", "### 40", "### 50 gone (log)\n### 40", "tells of a record gone"),
]


def write(top, files):
    for path, text in files.items():
        (top / path).parent.mkdir(parents=True, exist_ok=True)
        (top / path).write_text(text)


def build_library(compiler, top, unbuilt):
    """As meson names the objects. unbuilt: a source to leave out."""
    (top / "objects").mkdir()
    objects = []
    for path in sorted([*top.glob("core/**/*.c"), *top.glob("platform/**/*.c")]):
        name = path.relative_to(top).as_posix()
        if name != unbuilt:
            objects.append(f"objects/{name.replace('/', '_')}.o")
            subprocess.run([*compiler, "-w", "-c", "-Icore/src", "-Icore/include", "-Iplatform", "-Iplatform/linux",
                            name, "-o", objects[-1]], cwd=top, check=True)
    subprocess.run(["ar", "rc", "library.a", *objects], cwd=top, check=True)
    return top / "library.a"


def run_floors(compiler, files):
    """({check: problems}, whether all is well) of a tree. compiler: None for no library."""
    files = dict(files)
    unbuilt = files.pop("unbuilt", None)
    with tempfile.TemporaryDirectory() as directory:
        top = pathlib.Path(directory)
        write(top, files)
        tree = sources.Tree(top)
        calls = compiler and sources.calls(tree, build_library(compiler, top, unbuilt))
        return dict(floors.checks(tree, HOUSE, calls)), quietly(lambda: floors.run_checks(tree, HOUSE, calls))


def quietly(call):
    with contextlib.redirect_stdout(io.StringIO()):
        return call()


def missing(problems, texts):
    return [f"it does not say: {text}" for text in texts if not any(text in problem for problem in problems)]


def test_floors_good(compiler):
    found, passed = run_floors(compiler, GOOD)
    return [f"{check}: {problem}" for check, problems in found.items() for problem in problems] + \
        ([] if passed else ["the checks fail"])


def test_floors_case(compiler, files, check, texts):
    found, passed = run_floors(compiler if check in OF_SYMBOLS else None, {**GOOD, **files})
    others = [f"{other} says: {problem}" for other, problems in found.items() if other != check
              for problem in problems or []]
    return missing(found[check], texts) + others + (["the checks pass"] if passed else [])


def run_style(files, check):
    with tempfile.TemporaryDirectory() as directory:
        top = pathlib.Path(directory)
        write(top, {**STYLE_GOOD, **files})
        return check(style.sources(top), top)


def test_style_good():
    checks = [style.check_columns, style.check_blanks, style.check_headings]
    return [problem for check in checks for problem in run_style({}, check)]


def run_names(files):
    with tempfile.TemporaryDirectory() as directory:
        write(pathlib.Path(directory), {**NAMES_GOOD, **files})
        return names.check_names(pathlib.Path(directory))


def check_format(paths, top):
    configuration = pathlib.Path(__file__).resolve().parents[2] / ".clang-format"
    (top / ".clang-format").write_text(configuration.read_text())
    return style.check_format(style.clang_format()[0], paths, top)


def tests(compiler):
    """Yields (name, function that returns what is wrong, reason to skip it)."""
    yield "floors: a tree without fault", lambda: test_floors_good(compiler), None
    for name, files, check, texts in FLOORS_CASES:
        yield f"floors: {name}", lambda f=files, c=check, t=texts: test_floors_case(compiler, f, c, t), None
    yield "style: a tree without fault", test_style_good, None
    for name, files, check, texts in STYLE_CASES:
        yield f"style: {name}", lambda f=files, c=check, t=texts: missing(run_style(f, c), t), None
    yield "names: a tree without fault", lambda: run_names({}), None
    for name, files, texts in NAMES_CASES:
        yield f"names: {name}", lambda f=files, t=texts: missing(run_names(f), t), None
    yield "protocol: a document without fault", lambda: protocol.check(RECORDS, PROTOCOL), None
    for name, old, new, text in PROTOCOL_CASES:
        yield f"protocol: {name}", lambda o=old, n=new, t=text: missing(
            protocol.check(RECORDS, PROTOCOL.replace(o, n)), [t]), None
    reason = style.clang_format()[1]
    yield "style: well formatted", lambda: run_style({}, check_format), reason
    for name, files in FORMAT_CASES:
        yield f"style: {name}", lambda f=files: missing(run_style(f, check_format), ["clang-format -i"]), reason


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--c", default="cc")
    compiler = shlex.split(parser.parse_args().c)
    cases = list(tests(compiler))
    print(f"1..{len(cases)}")
    failed = 0
    for number, (name, run, skip) in enumerate(cases, 1):
        problems = [] if skip else run()
        print(f"{'not ok' if problems else 'ok'} {number} - {name}{f' # SKIP {skip}' if skip else ''}")
        for problem in problems:
            print("# " + problem)
        failed += bool(problems)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
