#!/usr/bin/env python3
"""Checks the source text of a tree for problems that a compiler and clang-tidy cannot see.

usage: tidy.py [ROOT]

Prints one line for each finding, FILE:LINE: RULE: problem, and exits with 1 if there is one."""

import pathlib
import sys

import arrows
import classes
import coroutines
import guard
import lengths
import oracle
import standard
import words

FOLDERS = ("include", "sched", "record", "simnet", "realnet", "harness", "servers", "examples",
           "tests", "cmake", ".ci", "docs")
CPP = (".hpp", ".cpp")
TEXT = CPP + (".py", ".cmake", ".sh", "CMakeLists.txt", ".md")
TEXT_WITHOUT_SUFFIX = ("dev", ".ci/run")
PAGES = ("README.md", "CONTRIBUTING.md", "CHANGELOG.md")


def files(root):
    """Returns (path from the root, text) of every file that some rule reads, sorted by path."""
    found = [root / name for name in TEXT_WITHOUT_SUFFIX + PAGES + ("CMakeLists.txt",)]
    for folder in FOLDERS:
        found += (root / folder).rglob("*")
    for path in sorted(set(found)):
        name = path.relative_to(root).as_posix()
        if path.is_file() and (name.endswith(TEXT) or name in TEXT_WITHOUT_SUFFIX):
            yield name, path.read_text(encoding="utf-8")


def findings(tree):
    """Returns (path, line, rule, message) of every finding in a tree: a list of (path, text)."""
    coroutine_classes = coroutines.Classes()
    for path, text in tree:
        if path.endswith(CPP) and not path.startswith("tests/project/toolchain/"):
            coroutine_classes.add(text)
    for path, line, message in whole_classes(tree).strays():
        yield path, line, "class", message
    for path, line, lines, message in whole_classes(tree).long():
        if lines >= classes.ERROR_LINES:
            yield path, line, "class", message
    headers = standard.Headers([(path, text) for path, text in tree if path.endswith(CPP)])
    for path, text in tree:
        rules = [("words", words.check)]
        if not path.endswith(".md"):
            rules.append(("length", lengths.check))
        if path.endswith(CPP):
            rules += [
                ("arrow", arrows.check),
                ("guard", guard.check),
                ("oracle", oracle.check),
                ("standard", lambda path, text: standard.check(path, text, headers)),
                ("coroutine", lambda path, text: coroutines.check(path, text, coroutine_classes)),
            ]
        for rule, check in rules:
            for line, message in check(path, text):
                yield path, line, rule, message


def whole_classes(tree):
    return classes.Classes([(path, text) for path, text in tree
                            if path.endswith(CPP) and not path.startswith("tests/")])


def warnings(tree):
    """Returns (path, line, message) of what is long, but within the limit."""
    for path, text in tree:
        if path.endswith(".md"):
            continue
        for line, message in lengths.warnings(path, text):
            yield path, line, message
    for path, line, lines, message in whole_classes(tree).long():
        if lines < classes.ERROR_LINES:
            yield path, line, message


def main(arguments):
    root = pathlib.Path(arguments[0]) if arguments else pathlib.Path(__file__).parents[3]
    tree = list(files(root))
    if not tree:
        print(f"tidy.py: nothing to check in {root}", file=sys.stderr)
        return 2
    count = 0
    for path, line, rule, message in findings(tree):
        print(f"{path}:{line}: {rule}: {message}")
        count += 1
    for path, line, message in warnings(tree):
        print(f"{path}:{line}: warning: {message}")
    print(f"{len(tree)} files, {count} findings")
    return 1 if count else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
