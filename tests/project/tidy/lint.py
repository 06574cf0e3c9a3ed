#!/usr/bin/env python3
"""Writes a ninja build that runs clang-tidy over every source of a build, and again over sources
that changed or whose headers or .clang-tidy changed.

usage: lint.py BUILD      writes BUILD/lint.ninja from BUILD/compile_commands.json"""

import json
import pathlib
import shlex
import sys

RULE = """builddir = lint
rule tidy
  command = $preprocess -MM -MT $out -MF $out.d && $
    { clang-tidy-19 -p . --quiet --warnings-as-errors='*' $in 2> $out.log || $
      { cat $out.log; false; }; } && touch $out
  depfile = $out.d
  deps = gcc
  description = clang-tidy $in
"""


def preprocess(command):
    """Returns the arguments of a compilation, without its output."""
    words = shlex.split(command)
    output = words.index("-o")
    return shlex.join(word for word in words[:output] + words[output + 2 :] if word != "-c")


def statements(commands, root):
    settings = " ".join(str(path) for path in sorted(root.glob("**/.clang-tidy")))
    for source, command in commands.items():
        yield f"build lint/{source.relative_to(root)}.ok: tidy {source} | {settings}\n"
        yield f"  preprocess = {preprocess(command)}\n".replace("$", "$$")


def main(arguments):
    build = pathlib.Path(arguments[0]).resolve()
    root = pathlib.Path(__file__).resolve().parents[3]
    entries = json.loads((build / "compile_commands.json").read_text(encoding="utf-8"))
    commands = {pathlib.Path(entry["file"]): entry["command"] for entry in entries}
    # Generated and fetched sources are not checked.
    ours = {
        path: command for path, command in sorted(commands.items()) if build not in path.parents
    }
    (build / "lint.ninja").write_text(RULE + "".join(statements(ours, root)), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
