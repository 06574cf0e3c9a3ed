"""Files under 400 lines, functions under 70, lines of at most 100 characters."""

import ast

from structure import parse

FILE_LINES = 400
FUNCTION_LINES = 70
LINE_CHARACTERS = 100


def check(path, text):
    lines = text.split("\n")
    count = len(lines) - (lines[-1] == "")
    if count >= FILE_LINES:
        yield 1, f"{count} lines; a file stays under {FILE_LINES}"
    for number, line in enumerate(lines, 1):
        if len(line) > LINE_CHARACTERS:
            yield number, f"{len(line)} characters; a line has at most {LINE_CHARACTERS}"
    for name, first, last in _functions(path, text):
        length = last - first + 1
        if length >= FUNCTION_LINES:
            yield first, f"{name} has {length} lines; a function stays under {FUNCTION_LINES}"


def _functions(path, text):
    if path.endswith((".hpp", ".cpp")):
        for function in parse(text).functions:
            yield function.name, function.first_line, function.last_line
    elif path.endswith(".py"):
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                yield node.name, node.lineno, node.end_lineno
