#!/usr/bin/env python3
"""Checks that core is a house with floors: who may include whom, who may call whom, what stands in which file.
docs/DESIGN.md, section 1, says what each floor is for.

usage: floors.py TOP-DIRECTORY [LIBRARY.a [NM]]        the checks; without a library none of symbols
       floors.py --plan TOP-DIRECTORY LIBRARY.a [NM]   prints floors, rooms, arrows and circles
"""
import collections
import fnmatch
import re
import sys

sys.dont_write_bytecode = True
import tree as sources  # noqa: E402

# The folders of core/src, bottom to top: a file uses its own folder and lower ones. Folders of one floor may not use
# each other. "" is core/src itself, the entry. What is not there yet has its place all the same.
FLOORS = [["base"], ["family"], ["memory"], ["word"], ["sync"], ["channel"], ["process"], ["data", "trace"], ["pool"],
          ["manager", "net", "monitor"], [""]]
# Who uses whom on one floor, and why.
BESIDE = {
    ("manager", "net"): "a manager serves programs that come by address",
}
# What a folder uses of those below, where that is not all of them; "base" everyone does.
USES = {
    "process": {"family", "memory"},
    "data": {"family", "memory", "word", "sync", "process"},
    "trace": set(),
}
# The same for the folders of platform/, whose sources see platform.h and nothing of core.
PORT_FLOORS = [["unix"], ["linux", "win32"]]
# What tests/port may see beside its own headers: it drives ports through the contract alone, the call tables by which
# calls into the system are made to fail, and the harness.
PORT_TEST_HEADERS = {"platform.h", "calls.h", "test.h", "os.h", "mproc/base.h"}

# Structs with atomic members, or words to wait on, that one process has for its threads: they are no layout of shared
# memory.
PRIVATE = {
    "crash_report": "the parent's account of a death",
    "cache_entry": "of the table of functions in base/function.c",
    "family_local": "how this process has mapped the family segment",
    "family_window": "where it has mapped each part of it",
    "message_slot": "of the table of messages in channel/message.c",
    "job": "the parent's record of a task",
    "process_link": "the parent's side of a worker",
    "thread_link": "a worker that is a thread",
    "process_source": "how a pool starts its workers",
    "service": "the thread that publishes",
    "mproc_pool": "a pool as its parent has it",
    "mix": "what one call of mproc_wait_any waits for",
    "helper": "the thread of one call of mproc_wait_any",
}
# Structs whose members some files alone may touch. A pool asks its workers by functions, for there may be other kinds
# of workers.
LINK_FILES = ["core/src/pool/link*.c", "core/src/pool/link*.h"]
SEALED = {"link": LINK_FILES, "ring_link": LINK_FILES, "process_link": LINK_FILES, "thread_link": LINK_FILES}
# What was added to a pool: the files of its own, and the names by which others would know of it. docs/DESIGN.md,
# section 1, says which others do.
Feature = collections.namedtuple("Feature", "own names")
FEATURES = {
    "time limit of a task": Feature(
        ["process/task_time.c", "pool/task_limit.*"],
        r"mproc__task_limit_\w+|(?:task_|soft_|task_soft_)timeout_ms|soft_ns|hard_ns|pool/task_limit\.h"),
    "ring of events, for who watches": Feature(
        ["trace/event_ring*", "pool/teller*", "pool/trace*", "pool/look*", "pool/obituary.*"],
        r"mproc__event_(?:skip|take|loss|lose|write)|event_(?:has_room|ring|reader|writer|loss|entry)"
        r"|EVENT_(?:BEGUN|ENDED)|mproc__(?:teller|trace)_\w+|struct trace|trace_(?:is_on|wants_detail|loses)"
        r"|(?:trace/event_ring|pool/(?:teller|trace))\w*\.h"),
    "workers that are threads": Feature(
        ["pool/link_thread.*"], r"MPROC_POOL_THREADS|mproc__thread_link_\w+|thread_link|pool/link_thread\.h"),
    "changing the number of workers": Feature(
        ["pool/size.*"], r"mproc__size_\w+|mproc_pool_resize|pool/size\.h"),
}
# As many other files may know of it.
KNOWN_TO = 3
PARAGRAPHS = ["Lives here:", "May use:", "Must not know:"]

House = collections.namedtuple("House", "floors beside uses port_floors private sealed features")
HOUSE = House(FLOORS, BESIDE, USES, PORT_FLOORS, PRIVATE, SEALED, FEATURES)


# ---- Where a file lives ----

def folder_of(path):
    """The folder of core/src that a file lives in, "" for the entry; None if it is no file of core/src."""
    if not path.startswith("core/src/"):
        return None
    return path[len("core/src/"):].rpartition("/")[0]


def called(folder):
    return f"{folder}/" if folder else "the entry"


def floor_of(floors, folder):
    return next((height for height, floor in enumerate(floors, 1) if folder in floor), None)


def may_use(house, user, used):
    if user == used or (user, used) in house.beside:
        return True
    is_below = floor_of(house.floors, used) < floor_of(house.floors, user)
    return is_below and (used == "base" or user not in house.uses or used in house.uses[user])


def where(house, folder):
    uses = house.uses.get(folder)
    of_them = "" if uses is None else f" and uses {', '.join(map(called, sorted(uses | {'base'})))} of those below"
    return f"{called(folder)} is floor {floor_of(house.floors, folder)}{of_them}"


# ---- Includes ----

def check_folders(tree, house):
    names = {folder for floor in house.floors for folder in floor}
    strangers = sorted({folder_of(path) for path in tree.files if path.startswith("core/src/")} - names)
    return [f"core/src/{name}/ is on no floor: put it into FLOORS in tests/checks/floors.py and into DESIGN.md, "
            f"section 1, or its files into folders that are there" for name in strangers]


def judge_core_include(tree, house, file, include):
    """What is wrong with an include of core/src, or None."""
    user, name = folder_of(file.path), include.name
    if name == "platform.h":
        return None
    target = f"core/src/{name}"
    if target not in tree.files:
        beside = f"{file.path.rpartition('/')[0]}/{name}"
        if beside in tree.files:
            return f'say the folder: "{beside[len("core/src/"):]}"'
        return "core includes headers of core/src, by folder, and platform.h: this is neither"
    used = folder_of(target)
    if floor_of(house.floors, user) is None or floor_of(house.floors, used) is None or may_use(house, user, used):
        return None
    return (f"{where(house, user)}, {where(house, used)}: move what is needed down to {called(user)} or lower, or let "
            f"{called(used)} hand it in as an argument")


def judge_port_include(tree, house, file, include):
    folder, name = file.path.split("/")[1], include.name
    if name == "platform.h":
        return None
    target = f"platform/{name}" if "/" in name else f"platform/{folder}/{name}"
    height = floor_of(house.port_floors, folder)
    above = [other for floor in house.port_floors[height or 0:] for other in floor]
    if "/" not in name and any(f"platform/{other}/{name}" in tree.files for other in above):
        return None  # a header that every port on top of this folder has
    if target not in tree.files:
        return "a port includes its own headers and platform.h: what it needs of core has to come through platform.h"
    used = target.split("/")[1]
    if used == folder or height is None or (floor_of(house.port_floors, used) or 0) < height:
        return None
    return f"platform/{folder}/ may not know platform/{used}/: move what both need down, or behind a name of their own"


def judge_port_test_include(tree, file, include):
    if include.name in PORT_TEST_HEADERS or f"tests/port/{include.name}" in tree.files:
        return None
    if not include.quoted and not include.name.startswith("mproc"):
        return None
    return "tests/port drives ports through platform.h alone: what needs the library is a test of tests/conformance"


def judge_public_include(include):
    return "a public header includes public headers, as <mproc/x.h>" if include.quoted else None


def judge_include(tree, house, file, include):
    if file.path.startswith("tests/port/"):
        return judge_port_test_include(tree, file, include)
    if file.path.startswith("core/include/"):
        return judge_public_include(include)
    if not include.quoted:
        return None
    if file.path.startswith("core/src/"):
        return judge_core_include(tree, house, file, include)
    if file.path.startswith("platform/"):
        return judge_port_include(tree, house, file, include)
    return None


def check_includes(tree, house):
    problems = []
    for file in tree.files.values():
        for include in file.includes():
            wrong = judge_include(tree, house, file, include)
            if wrong:
                name = f'"{include.name}"' if include.quoted else f"<{include.name}>"
                problems.append(f"{file.path}:{include.line} includes {name}. {wrong}")
    return problems


# ---- Symbols ----

def some_of(names):
    names = sorted(names)
    return ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")


def check_circles(edges):
    problems = []
    for nodes in sources.components(edges):
        way = sources.shortest_circle(nodes, edges)
        within = {edge: names for edge, names in edges.items() if nodes.issuperset(edge)}
        steps = list(zip(way, [*way[1:], way[0]]))
        problems.append(f"{len(nodes)} files use each other in a circle, by {len(within)} arrows. Turn one arrow of "
                        f"each circle: move the name to where it is used, or hand it in as an argument. The shortest:")
        problems += [f"    {user} -> {definer}: {some_of(within[user, definer])}" for user, definer in steps]
        rest = sorted(edge for edge in within if edge not in steps)
        problems += ["  The others among these files:"] if rest else []
        problems += [f"    {user} -> {definer}: {some_of(within[user, definer])}" for user, definer in rest]
    return problems


def check_upward(edges, house):
    problems = []
    for (user_path, definer_path), names in sorted(edges.items()):
        user, used = folder_of(user_path), folder_of(definer_path)
        if used is None:
            continue
        if user is None:
            problems.append(f"{user_path} uses {some_of(names)} of {definer_path}. A port knows nothing of core: hand "
                            f"it in through platform.h")
        elif None not in (floor_of(house.floors, user), floor_of(house.floors, used)) and \
                not may_use(house, user, used):
            problems.append(f"{user_path} uses {some_of(names)} of {definer_path}. {where(house, user)}, "
                            f"{where(house, used)}: move it down, or let the upper floor hand it in as an argument")
    return problems


def check_objects(calls):
    problems = [f"{member} of the library is the object of no source in core/ or platform/: build the library anew"
                for member in calls.strangers]
    return problems + [f"{path} has no object in the library: name it in core/meson.build, or delete it"
                       for path in calls.absent]


# ---- What stands where ----

def definers(tree):
    return {name: file.path for file in tree.under("core/src") if not file.is_header for name in sources.defined(file)}


def place_of(homes, name):
    return f"it is defined in {homes[name]}: declare it in {homes[name][:-1]}h" if name in homes else \
        "it is defined nowhere in core/src: take the declaration out"


def check_declarations(tree):
    """A name that X.h declares is defined in X.c. A source declares nothing for others."""
    homes, problems = definers(tree), []
    for file in tree.under("core/src"):
        source = file.path[:-1] + "c"
        if file.is_header:
            problems += [f"{file.path}:{line} declares {name}; {place_of(homes, name)}"
                         for name, line in sources.declared(file).items() if homes.get(name) != source]
        else:
            problems += [f"{file.path}:{line} declares {name}, which is another file's: include {homes[name][:-1]}h"
                         for name, line in sources.declared(file).items() if homes.get(name, file.path) != file.path]
    return problems


def is_layout(file):
    return file.path.endswith("_layout.h")


def by_value(body, pattern):
    """Whether a member of the struct is of the type itself and no pointer to it."""
    return any(re.search(pattern, member) and "*" not in member for member in body.split(";"))


def check_layouts(tree):
    """Whatever lies in shared memory has a size that somebody has thought of, and holds no address."""
    problems = []
    for file in filter(is_layout, tree.under("core/src")):
        for struct in file.structs():
            size = rf"_Static_assert\s*\([^;]*\bsizeof\s*\(\s*{struct.kind}\s+{struct.name}\s*\)\s*=="
            if not re.search(size, file.bare):
                problems.append(f"{file.path}:{struct.line} {struct.kind} {struct.name} has no size asserted: add "
                                f"_Static_assert(sizeof({struct.kind} {struct.name}) == ..., \"why\") to this header")
            if "*" in struct.body:
                problems.append(f"{file.path}:{struct.line} {struct.kind} {struct.name} has a pointer in it, which "
                                f"means nothing in another process: keep an offset or an id, or take the struct out")
    return problems


def check_outside_layouts(tree, house):
    """By machine it cannot be seen where a struct lies. But what processes share has atomic members or words to wait
    on, and what threads alone share seldom has: so each such struct is in a layout, or in the list."""
    problems, seen = [], set()
    for file in tree.under("core/src"):
        for struct in [] if is_layout(file) else file.structs():
            seen.add(struct.name)
            if by_value(struct.body, r"\b(?:_Atomic|platform_word)\b") and struct.name not in house.private:
                problems.append(f"{file.path}:{struct.line} {struct.kind} {struct.name} has atomic members: move it to "
                                f"a *_layout.h, or, if one process has it for itself, name it in PRIVATE and say why")
    return problems + [f"PRIVATE of tests/checks/floors.py names {name}, which is in core/src no more: take it out"
                       for name in sorted(house.private) if name not in seen]


def member_names(struct):
    """What stands in brackets, braces or a parameter list is no name of a member."""
    body = re.sub(r"\(\s*\*\s*(\w+)\s*\)\s*\([^)]*\)", r"\1", struct.body)
    body = re.sub(r"\[[^\]]*\]|\{[^}]*\}|:\s*\w+", "", body)
    return set(re.findall(r"(\w+)\s*[;,]", body))


def declarations(file, struct, end):
    """[(name, end)] of what the file declares as such a struct, or its address."""
    return re.findall(rf"\bstruct\s+{struct}\s+(?:const\s+)?\**\s*(\w+)\s*({end})", file.bare)


def names_of_headers(tree, struct):
    """{(name, "(" for a function)} of the members and functions of headers that are such a struct, or its address."""
    return {(name, end.strip("[;")) for header in tree.under("core/src") if header.is_header
            for name, end in declarations(header, struct, r"[;\[(]")}


def accesses(file, struct, names):
    """Yields (line, what) for what looks like a member of the struct by . or ->, of these names and the file's own."""
    names = names.union(declarations(file, struct.name, r"\(?"))
    if names:
        owners = "|".join(sorted(name + (r"\([^()]*\)" if call else r"(?:\[[^\]]*\])*") for name, call in names))
        access = rf"\b(?:{owners})\s*(?:->|\.)\s*(?:{'|'.join(sorted(member_names(struct)))})\b"
        for match in re.finditer(access, file.bare):
            yield sources.line_of(file.bare, match.start()), match.group()


def check_sealed(tree, house):
    problems = []
    structs = {struct.name: struct for file in tree.under("core/src") for struct in file.structs()}
    for name, patterns in house.sealed.items():
        if name not in structs:
            problems.append(f"SEALED of tests/checks/floors.py names {name}, which is in core/src no more: take it out")
            continue
        shown = names_of_headers(tree, name)
        for file in tree.under("core/src"):
            if not any(fnmatch.fnmatch(file.path, pattern) for pattern in patterns):
                problems += [f"{file.path}:{line} touches {what}: members of struct {name} are for "
                             f"{', '.join(patterns)} alone. Call a function of theirs that does what is wanted"
                             for line, what in accesses(file, structs[name], shown)]
    return problems


def is_own(feature, name):
    return any(fnmatch.fnmatch(name, pattern) for pattern in feature.own)


def knowers(tree, feature):
    """The files of core/src, from there, that know of the feature by name and are none of its own."""
    names = re.compile(rf"\b(?:{feature.names})\b")
    known = (file for file in tree.under("core/src")
             if names.search(file.bare) or any(names.search(include.name) for include in file.includes()))
    return [name for name in (file.path[len("core/src/"):] for file in known) if not is_own(feature, name)]


def row_of_design(tree, name):
    """What the last column of the feature's row names, or None without a row."""
    path = tree.top / "docs/DESIGN.md"
    for line in path.read_text(encoding="utf-8").splitlines() if path.exists() else []:
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if cells[0] == name:
            return re.findall(r"`([^`]+)`", cells[-1])
    return None


def check_features(tree, house):
    """Whoever adds something to a pool writes a file, and a row here and there; nobody else has to know."""
    problems = []
    files = [path[len("core/src/"):] for path in tree.files if path.startswith("core/src/")]
    for name, feature in house.features.items():
        others, said = knowers(tree, feature), row_of_design(tree, name)
        if not any(is_own(feature, file) for file in files):
            problems.append(f"FEATURES of tests/checks/floors.py names no file of: {name}")
        if len(others) > KNOWN_TO:
            problems.append(f"{name}: {len(others)} files beside its own know of it, {', '.join(others)}. "
                            f"{KNOWN_TO} may: docs/DESIGN.md, section 1, says where what adds to a pool hangs in it")
        if said is None or sorted(said) != sorted(others):
            problems.append(f"docs/DESIGN.md, section 1, has {'no row' if said is None else ', '.join(said) or 'none'} "
                            f"for: {name}. Beside its own know of it {', '.join(others) or 'none'}")
    return problems


def first_comment(file):
    match = re.match(r"/\*(.*?)\*/", file.text, re.S)
    return [re.sub(r"^ \* ?", "", line) for line in match.group(1).splitlines()] if match else []


def check_main_headers(tree, house):
    problems = []
    for folder in (folder for floor in house.floors for folder in floor if folder):
        if not tree.under(f"core/src/{folder}"):
            continue
        path = f"core/src/{folder}/{folder}.h"
        if path not in tree.files:
            problems.append(f"{path} is not there: each folder has a main header, whose first comment has paragraphs "
                            f"that begin with {', '.join(PARAGRAPHS)}")
            continue
        lines = first_comment(tree.files[path])
        begins = {line for before, line in zip(["", *lines], lines) if not before.strip()}
        problems += [f'{path}: no paragraph of its first comment begins with "{words}"' for words in PARAGRAPHS
                     if not any(line.startswith(words) for line in begins)]
    return problems


def check_port_tests(tree):
    """A port that is complete but for one call passes tests/port only if that call is not driven there."""
    words = {word for file in tree.under("tests/port") for word in re.findall(r"\w+", file.bare)}
    contract = tree.files.get("platform/platform.h")
    return [f"platform/platform.h:{line} declares {name}, which tests/port does not call: a new port would not know "
            f"whether it keeps to it. Add a test of what its comment promises"
            for name, line in (sources.declared(contract) if contract else {}).items() if name not in words]


def guard_of(path):
    *_, folder, name = path.split("/")
    return "MPROC_" + re.sub(r"\W", "_", f"{folder}_{name}").upper()


def check_guards(tree):
    problems = []
    for file in tree.under("core/src") + [file for file in tree.under("platform") if file.path.count("/") > 1]:
        guard = guard_of(file.path)
        opening = re.search(r"^#ifndef (\w+)\n#define (\w+)\n", file.text, re.M)
        if file.is_header and (opening is None or set(opening.groups()) != {guard} or
                               not file.text.rstrip().endswith("#endif")):
            has = opening.group(1) if opening else "none"
            problems.append(f"{file.path}: its include guard is {has}: call it {guard}, from the folder and the file, "
                            f"and let it end the file")
    return problems


# ---- The checks ----

def checks(tree, house, calls):
    """Yields (name, problems); problems are None for what cannot be checked without a library."""
    yield "every folder has a floor", check_folders(tree, house)
    yield "includes go down, and say the folder", check_includes(tree, house)
    yield "every source has its object", calls and check_objects(calls)
    yield "calls go down", calls and check_upward(calls.edges, house)
    yield "no circle of files", calls and check_circles(calls.edges)
    yield "what X.h declares is defined in X.c", check_declarations(tree)
    yield "layouts of shared memory have sizes and no pointers", check_layouts(tree)
    yield "what lies in shared memory is in a layout", check_outside_layouts(tree, house)
    yield "sealed structs are touched by their own files", check_sealed(tree, house)
    yield "what adds to a pool is known to few", check_features(tree, house)
    yield "every folder says what it is for", check_main_headers(tree, house)
    yield "tests/port drives all of platform.h", check_port_tests(tree)
    yield "include guards are named for folder and file", check_guards(tree)


def report(number, name, problems):
    if problems is None:
        print(f"ok {number} - {name} # SKIP no library was given")
        return True
    print(f"{'not ok' if problems else 'ok'} {number} - {name}")
    for problem in problems:
        print("# " + problem)
    if problems:
        print(f"# {sum(not problem.startswith(' ') for problem in problems)} to mend")
    return not problems


def run_checks(tree, house, calls):
    results = list(checks(tree, house, calls))
    print(f"1..{len(results)}")
    return all([report(number, *result) for number, result in enumerate(results, 1)])


# ---- The plan ----

def room_of(path):
    """A room is a source with its header."""
    return path.rpartition(".")[0]


def plan_of_folder(tree, house, folder, edges):
    files = [file for file in tree.under("core/src") if folder_of(file.path) == folder]
    if not files:
        print(f"{floor_of(house.floors, folder):>3}  {called(folder):<12} (not there yet)")
        return
    rooms = sorted({room_of(file.path) for file in files})
    own = {room_of(path): 0 for path in tree.files if folder_of(path) == folder and path.endswith(".c")}
    within = {(room_of(user), room_of(definer)): names for (user, definer), names in edges.items()
              if folder_of(user) == folder == folder_of(definer)}
    height = sources.heights(own, within)
    print(f"{floor_of(house.floors, folder):>3}  {called(folder):<12} {len(rooms)} rooms, "
          f"{sum(file.lines for file in files)} lines, {max(height.values(), default=-1) + 1} floors inside, "
          f"{len(within)} arrows inside")
    used = collections.Counter(folder_of(definer) for user, definer in edges
                               if folder_of(user) == folder and folder_of(definer) not in (folder, None))
    for other in sorted(used, key=lambda other: -(floor_of(house.floors, other) or 0)):
        upward = "" if may_use(house, folder, other) else "   UPWARD"
        print(f"       -> {called(other):<12} {used[other]}{upward}")
    for level in sorted(set(height.values()), reverse=True):
        names = sorted(room.rpartition("/")[2] for room in height if height[room] == level)
        print(f"       {level + 1:>2}: {' '.join(names)}")
    headers = [room.rpartition("/")[2] + ".h" for room in rooms if room not in own]
    if headers:
        print(f"        headers alone: {' '.join(headers)}")


def print_plan(tree, house, edges):
    inside = {edge: names for edge, names in edges.items() if None not in map(folder_of, edge)}
    for floor in reversed(house.floors):
        for folder in floor:
            plan_of_folder(tree, house, folder, inside)
    between = {pair for pair in (tuple(map(folder_of, edge)) for edge in inside) if pair[0] != pair[1]}
    upward = [pair for pair in between if not may_use(house, *pair)]
    circles = sources.components(inside)
    rooms = {room_of(file.path) for file in tree.under("core/src")}
    print(f"\n{len(rooms)} rooms; {len(inside)} arrows between sources, {len(circles)} circles of them; {len(between)} "
          f"arrows between folders, {len(upward)} of them upward")
    for nodes in circles:
        print("circle: " + " ".join(room_of(path)[len("core/src/"):] for path in sorted(nodes)))


def main():
    arguments = sys.argv[1:]
    plan = arguments[:1] == ["--plan"]
    top, *rest = arguments[plan:]
    tree = sources.Tree(top)
    calls = sources.calls(tree, *rest) if rest else None
    if plan:
        print_plan(tree, HOUSE, calls.edges)
        return 0
    return 0 if run_checks(tree, HOUSE, calls) else 1


if __name__ == "__main__":
    sys.exit(main())
