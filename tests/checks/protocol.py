#!/usr/bin/env python3
"""Checks that docs/monitor-protocol.md tells of every record and field that core/src/trace/record.h lists, with number,
class, kind and order, and of no other; and of every word that a number stands for (core/src/trace/record_words.c).

usage: protocol.py TOP-DIRECTORY
       protocol.py --draft TOP-DIRECTORY    prints the tables, with the lists' comments, for what is to be written
"""
import pathlib
import re
import sys

HEADER, DOCUMENT = "core/src/trace/record.h", "docs/monitor-protocol.md"
WORDS = "core/src/trace/record_words.c"
# Where the numbers that the words belong to are.
NUMBERS = [HEADER, "core/include/mproc/init.h", "core/include/mproc/log.h", "core/include/mproc/pool.h",
           "core/include/mproc/stats.h"]
LIST = re.compile(r"#define RECORD_(\w+)_FIELDS\(F\)((?:.*\\\n)*.*\n)")
FIELD = re.compile(r"F\((\w+), (\w+)\)(?:\s*/\* (.*?) \*/)?")
RECORD = re.compile(r"R\((\d+), (\w+), (\w+), (\w+)\)")
SECTION = re.compile(r"^### (\d+) (\w+) \((\w+)\)\n(.*?)(?=^##|\Z)", re.M | re.S)
ROW = re.compile(r"^\| (\w+) \| `(\w+)` \|", re.M)
MEANING = re.compile(r"^\| \w+ \| `(\w+)` \|(.*)\|$", re.M)
NUMBER = re.compile(r"(\w+) = (\d+)")
WORD_LIST = re.compile(r"^static const char \*const (\w+)\[\] = \{(.*?)\};", re.S | re.M)
WORD = re.compile(r'\[(\w+)\] = "(\w+)"')
WORD_FIELD = re.compile(r"ENUM\(RECORD_(\w+), (\w+), (\w+)\)")


def listed(text):
    """{name: (number, class, [(kind, field, comment)])} of the header, in its order."""
    fields = {match.group(1): FIELD.findall(match.group(2)) for match in LIST.finditer(text)}
    return {name: (number, kind.lower(), [(field[0].lower(), *field[1:]) for field in fields[upper]])
            for number, name, upper, kind in RECORD.findall(text)}


def documented(text):
    """{name: (number, class, [(kind, field)])} of the document."""
    return {match.group(2): (match.group(1), match.group(3), ROW.findall(match.group(4)))
            for match in SECTION.finditer(text)}


def check_record(name, record, told):
    number, kind, fields = record
    if told is None:
        return [f"{DOCUMENT} has no section ### {number} {name} ({kind}): write one"]
    problems = []
    if told[:2] != (number, kind):
        problems.append(f"{DOCUMENT} says that {name} is {told[0]} ({told[1]}): it is {number} ({kind})")
    fields = [field[:2] for field in fields]
    for index, field in enumerate(fields):
        if index >= len(told[2]) or told[2][index] != field:
            there = f"{told[2][index][0]} {told[2][index][1]}" if index < len(told[2]) else "nothing"
            return [*problems, f"{DOCUMENT}, {name}: field {index + 1} is {field[0]} {field[1]}; it has {there}"]
    return problems + [f"{DOCUMENT}, {name}: there is no field {field}: take it out"
                       for _, field in told[2][len(fields):]]


def check(header, document):
    records, told = listed(header), documented(document)
    problems = [problem for name, record in records.items() for problem in check_record(name, record, told.get(name))]
    problems += [f"{DOCUMENT} tells of a record {name}, which {HEADER} does not list: take it out"
                 for name in told if name not in records]
    if len(records) < 2:
        problems.append(f"{HEADER} has no lists that this check finds: they are written in another way now")
    return problems


def words_of(text, numbers):
    """[(record, field, [(number, word)])] of the tables of words."""
    lists = {name: [(int(numbers.get(number, number)), word) for number, word in WORD.findall(words)]
             for name, words in WORD_LIST.findall(text)}
    return [(record.lower(), field, lists[name]) for record, field, name in WORD_FIELD.findall(text)]


def check_words(top, document):
    numbers = {name: number for path in NUMBERS
               for name, number in NUMBER.findall((top / path).read_text(encoding="utf-8"))}
    meanings = {match.group(2): dict(MEANING.findall(match.group(4))) for match in SECTION.finditer(document)}
    fields = words_of((top / WORDS).read_text(encoding="utf-8"), numbers)
    problems = [f"{DOCUMENT}, {record}: {field} does not say that {number} is {word}"
                for record, field, words in fields for number, word in words
                if not re.search(rf"\b{number} {word}\b", meanings[record][field])]
    return problems if fields else [f"{WORDS} has no tables that this check finds: they are written in another way now"]


def draft(header):
    for name, (number, kind, fields) in listed(header).items():
        print(f"### {number} {name} ({kind})\n\n| kind | field | |\n|---|---|---|")
        for field in fields:
            print(f"| {field[0]} | `{field[1]}` | {field[2].strip('*< ')} |")
        print()


def main():
    top = pathlib.Path(sys.argv[-1])
    header = (top / HEADER).read_text(encoding="utf-8")
    if sys.argv[1] == "--draft":
        draft(header)
        return 0
    document = (top / DOCUMENT).read_text(encoding="utf-8")
    problems = check(header, document) + check_words(top, document)
    print("1..1")
    print(f"{'not ok' if problems else 'ok'} 1 - the protocol's document tells of every record, field and word")
    for problem in problems:
        print("# " + problem)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
