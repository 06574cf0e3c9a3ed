"""Limits lengths: files under 900 lines with a warning from 400 on, policies under 250, functions
under 70, lines of at most 100 characters."""

import ast
import pathlib

from structure import parse

WARNING_LINES = 400
FILE_LINES = 900
POLICY_LINES = 250
POLICIES = {
    "simnet/choices": ("random_walk", "pct", "pos", "sparse", "swarm", "mixed_policy"),
    "simnet/search": ("fuzz", "delay_bounded", "exhaustive"),
}
FUNCTION_LINES = 70
LINE_CHARACTERS = 100


def warnings(path, text):
    count = _count(text)
    if WARNING_LINES <= count < FILE_LINES:
        yield 1, f"{count} lines; a file stays under {WARNING_LINES}"


def check(path, text):
    lines = text.split("\n")
    count = _count(text)
    most = POLICY_LINES if is_policy(path) else FILE_LINES
    if count >= most:
        yield 1, f"{count} lines; a file stays under {most}"
    for number, line in enumerate(lines, 1):
        if len(line) > LINE_CHARACTERS:
            yield number, f"{len(line)} characters; a line has at most {LINE_CHARACTERS}"
    for name, first, last in _functions(path, text):
        length = last - first + 1
        if length >= FUNCTION_LINES:
            yield first, f"{name} has {length} lines; a function stays under {FUNCTION_LINES}"


def _count(text):
    lines = text.split("\n")
    return len(lines) - (lines[-1] == "")


def is_policy(path):
    """Returns whether the file is an algorithm that makes choices, whole in one file."""
    name = pathlib.PurePosixPath(path)
    return name.stem in POLICIES.get(str(name.parent), ())


def _functions(path, text):
    if path.endswith((".hpp", ".cpp")):
        for function in parse(text).functions:
            yield function.name, function.first_line, function.last_line
    elif path.endswith(".py"):
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                yield node.name, node.lineno, node.end_lineno
