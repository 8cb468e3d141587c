"""The source tree as the checks see it: its files, what each includes, declares and defines, and which file uses which
name of another, by the symbols of the objects."""
import collections
import pathlib
import re
import subprocess

TOKENS = re.compile(r"""/\*.*?\*/ | //[^\n]* | "(?:\\.|[^"\\\n])*" | '(?:\\.|[^'\\\n])*'""", re.S | re.X)
DIRECTIVE = re.compile(r"^[ \t]*#(?:[^\n]*\\\n)*[^\n]*", re.M)
INCLUDE = re.compile(r'^\s*#\s*include\s+([<"])([^>"]+)[>"]', re.M)
# What may stand beside a declaration: attributes, and the macros for them.
BESIDE_NAME = re.compile(r"\b(?:__attribute__|alignas|_Alignas|[A-Z][A-Z0-9_]*)\s*(?=\()")

Include = collections.namedtuple("Include", "line quoted name")
Statement = collections.namedtuple("Statement", "line head body")
Struct = collections.namedtuple("Struct", "line kind name body")


def blank(match):
    return "\n" * match.group().count("\n") or " "


def without_comments(text):
    """The text with every comment, and what strings hold, gone; lines keep their numbers."""
    return TOKENS.sub(lambda match: '""' if match.group()[0] == '"' else blank(match), text)


def line_of(text, position):
    return text.count("\n", 0, position) + 1


def closing(text, position):
    """Where the bracket at the position closes."""
    depth = 0
    for index in range(position, len(text)):
        if text[index] in "({[":
            depth += 1
        elif text[index] in ")}]":
            depth -= 1
            if depth == 0:
                return index
    return len(text) - 1


def without_attributes(head):
    while match := BESIDE_NAME.search(head):
        end = closing(head, match.end())
        head = head[:match.start()] + head[end + 1:]
    return head


def is_function(head):
    head = without_attributes(head).strip()
    return head.endswith(")") and "=" not in head


class File:
    """One source or header. path: from the top of the tree; name: as it is included, from core/src."""

    def __init__(self, top, path):
        self.path = path.relative_to(top).as_posix()
        self.text = path.read_text(encoding="utf-8")
        self.lines = self.text.count("\n")
        self.is_header = path.suffix == ".h"
        self.bare = without_comments(self.text)

    def includes(self):
        # Of the text, since the names are strings; what stands in a comment is not at the start of a line.
        return [Include(line_of(self.text, match.start(2)), match.group(1) == '"', match.group(2))
                for match in INCLUDE.finditer(self.text)]

    def statements(self):
        """What stands at the top level: declarations, and functions with their bodies."""
        text = DIRECTIVE.sub(blank, self.bare)
        found, start, position, head, body = [], 0, 0, "", None
        while match := re.compile(r"[;{]").search(text, position):
            head += text[position:match.start()]
            begin = start + len(text[start:]) - len(text[start:].lstrip())
            if match.group() == ";":
                found.append(Statement(line_of(text, begin), " ".join(head.split()), body))
            else:
                end = closing(text, match.start())
                body, position = text[match.start() + 1:end], end + 1
                if not is_function(head):
                    head += "{}"
                    continue
                found.append(Statement(line_of(text, begin), " ".join(head.split()), body))
            position = max(match.end(), position)
            start, head, body = position, "", None
        return found

    def structs(self):
        """Every struct and union that is defined here, those within others included."""
        pattern = re.compile(r"\b(struct|union)\s+(?:(?:alignas|_Alignas|__attribute__)\s*\([^{;]*\)\s*)?(\w+)\s*\{")
        return [Struct(line_of(self.bare, match.start()), match.group(1), match.group(2),
                       self.bare[match.end():closing(self.bare, match.end() - 1)])
                for match in pattern.finditer(self.bare)]


def function_name(head):
    match = re.search(r"(\w+)\s*\(", without_attributes(head))
    return match.group(1) if match else None


def variable_names(head):
    """Of a declaration of variables, which may have values."""
    first, *more = re.split(r",(?![^(\[{]*[)\]}])", re.sub(r"\{[^}]*\}", "", head))
    if re.fullmatch(r"\s*(?:struct|union|enum)\s*\w*\s*", first):
        return []
    return [re.findall(r"\w+", re.sub(r"\[[^\]]*\]|=.*", "", part))[-1] for part in [first, *more]]


def declared(file):
    """{name: line} of the functions and variables that a file declares for others and does not define."""
    names = {}
    for statement in file.statements():
        head = without_attributes(statement.head).strip()
        if statement.body is not None or head.startswith(("typedef", "static", "_Static_assert")):
            continue
        if head.startswith("extern") and "(" not in head:
            names.update((name, statement.line) for name in variable_names(head))
        elif "(" in head and "=" not in head:
            names[function_name(head)] = statement.line
    return names


def defined(file):
    """{name: line} of the functions and variables that a source defines for others."""
    names = {}
    for statement in file.statements():
        head = without_attributes(statement.head).strip()
        if head.startswith(("typedef", "static", "extern", "_Static_assert")):
            continue
        if statement.body is not None and is_function(statement.head):
            names[function_name(statement.head)] = statement.line
        elif "(" not in head.split("=")[0]:
            names.update((name, statement.line) for name in variable_names(head))
    return names


class Tree:
    def __init__(self, top):
        self.top = pathlib.Path(top)
        self.files = {}
        for pattern in ("core/**/*", "platform/**/*", "tests/port/**/*"):
            for path in sorted(self.top.glob(pattern)):
                if path.suffix in (".c", ".h"):
                    file = File(self.top, path)
                    self.files[file.path] = file

    def under(self, folder):
        return [file for path, file in self.files.items() if path.startswith(folder + "/")]


# ---- Symbols ----

def symbols(library, nm="nm"):
    """[(member, defined names, undefined names)] of an archive."""
    text = subprocess.run([nm, "-g", "-P", str(library)], check=True, capture_output=True, text=True).stdout
    members = []
    for line in text.splitlines():
        if head := re.fullmatch(r".*\[(.+)\]:|([^\s:]+):", line):
            # A thin archive has the paths of its members.
            members.append((pathlib.PurePath(head.group(1) or head.group(2)).name, set(), set()))
        elif entry := re.match(r"(\S+) (\w)", line):
            members[-1][2 if entry.group(2) in "Uwv" else 1].add(entry.group(1))
    return members


def source_of(member, paths):
    """Meson names an object after the path of its source, with every slash an underscore."""
    stem = re.sub(r"\.(o|obj)$", "", member)
    return next((path for path in paths if path.replace("/", "_") == stem), None)


Calls = collections.namedtuple("Calls", "edges strangers absent")


def calls(tree, library, nm="nm"):
    """edges: {(user, definer): names} of the sources in the tree. strangers: objects of the library that have no source
    there. absent: sources of core that have no object in the library."""
    paths = [path for path in tree.files if path.endswith(".c")]
    known, strangers, home = {}, [], {}
    for member, have, want in symbols(library, nm):
        path = source_of(member, paths)
        if path is None:
            strangers.append(member)
        else:
            known[path] = want
            home.update((name, path) for name in have)
    edges = collections.defaultdict(set)
    for path, want in known.items():
        for name in want:
            if home.get(name, path) != path:
                edges[path, home[name]].add(name)
    absent = [path for path in paths if path.startswith("core/src/") and path not in known]
    return Calls(dict(edges), strangers, absent)


# ---- Circles ----

def components(edges):
    """Sets of files that reach each other: Tarjan's strongly connected components, those of one file left out."""
    after = collections.defaultdict(list)
    for user, definer in sorted(edges):
        after[user].append(definer)
    order, low, stack, found = {}, {}, [], []

    def visit(node):
        order[node] = low[node] = len(order)
        stack.append(node)
        for other in after[node]:
            if other not in order:
                visit(other)
            if other in stack:
                low[node] = min(low[node], low[other])
        if low[node] == order[node]:
            at = stack.index(node)
            if len(stack) - at > 1:
                found.append(set(stack[at:]))
            del stack[at:]

    for node in sorted({*after}):
        if node not in order:
            visit(node)
    return found


def shortest_circle(nodes, edges):
    """The files of the shortest way from one of the nodes back to itself."""
    after = {node: sorted(definer for user, definer in edges if user == node and definer in nodes) for node in nodes}

    def circle_from(start):
        ways, seen = collections.deque([[start]]), set()
        while ways:
            way = ways.popleft()
            for node in after[way[-1]]:
                if node == start:
                    return way
                if node not in seen:
                    seen.add(node)
                    ways.append([*way, node])
        return None

    return min(filter(None, map(circle_from, sorted(nodes))), key=len)


def heights(nodes, edges):
    """{node: length of the longest way down from it}; what is in a circle stands as high as all of the circle."""
    group = {node: frozenset([node]) for node in nodes}
    for component in components(edges):
        group.update((node, frozenset(component)) for node in component if node in group)
    below = collections.defaultdict(set)
    for user, definer in edges:
        if user in group and definer in group and group[user] != group[definer]:
            below[group[user]].add(group[definer])
    known = {}

    def height(some):
        if some not in known:
            known[some] = 1 + max((height(other) for other in below[some]), default=-1)
        return known[some]

    return {node: height(group[node]) for node in nodes}
