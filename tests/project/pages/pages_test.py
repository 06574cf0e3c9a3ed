#!/usr/bin/env python3
"""Tests that a page is true: its code is compiled, its commands run, and their output is as shown.
README.md beside this file describes the convention.

usage: pages_test.py PAGE PROGRAMS REHEARSAL WORK [PREFIX] [SETTINGS OF CMAKE...]

PAGE is relative to the root of the tree. PROGRAMS is where the programs of this folder are built,
REHEARSAL the program `rehearsal`. WORK may be written to. Rehearsal is installed in PREFIX; a page
that is tested with a PREFIX starts in an empty folder."""

import os
import pathlib
import re
import shutil
import subprocess
import sys
import textwrap

PATIENCE = 900 * int(os.environ.get("REHEARSAL_TEST_PATIENCE", "1"))
HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[2]

# Sources that a test compiles or runs, by the language of the blocks that quote them.
SOURCES = {
    "cpp": ("examples/*/*.hpp", "examples/*/*.cpp", "tests/project/pages/**/*.hpp",
            "tests/project/pages/**/*.cpp", "tests/project/consumer/*.cpp",
            "tests/corpus/broker/*.hpp"),
    "cmake": ("examples/*/CMakeLists.txt", "tests/project/consumer/CMakeLists.txt",
              "tests/project/pages/**/CMakeLists.txt"),
    "yaml": ("tests/project/pages/**/*.yml", "harness/sweep/clusters/*"),
    "sh": ("tests/project/pages/**/*.sh", "harness/sweep/clusters/*"),
}

BLOCK = re.compile(r"(?ms)^```(\w*)\n(.*?)^```$")
MARK = "=====end of command====="


class Untrue(Exception):
    pass


class Block:
    """A block of a page. `before` is the last line above it that is not empty."""

    def __init__(self, page, text, found):
        above = text[:found.start()].rstrip().splitlines()
        self.before = above[-1].strip() if above else ""
        self.language, self.text = found.groups()
        self.where = f"{page}:{text.count(chr(10), 0, found.start()) + 1}"

    def option(self, name):
        found = re.fullmatch(rf"<!-- {name}:? ?(.*?) ?-->", self.before)
        return found and found.group(1)

    def file(self):
        """(what is done, its name) if the block is a file that the reader writes or changes."""
        found = re.fullmatch(r"(In|Append to)? ?`([\w./-]+)`:", self.before)
        return found and (found.group(1) or "Write", found.group(2))


def blocks(page):
    text = (ROOT / page).read_text()
    return [Block(page, text, found) for found in BLOCK.finditer(text)]


def parts(text):
    """The runs of lines between those that elide."""
    run = []
    for line in text.splitlines():
        if line.strip() in ("...", "// ...", "# ..."):
            yield run
            run = []
        else:
            run.append(line.rstrip())
    yield run


def dedent(lines):
    return textwrap.dedent("\n".join(lines))


def index(part, lines, start):
    """Where in `lines` the part ends, or None."""
    wanted = dedent(part)
    for i in range(start, len(lines) - len(part) + 1):
        if lines[i].strip() == part[0].strip() and dedent(lines[i:i + len(part)]) == wanted:
            return i + len(part)
    return None


def is_excerpt(text, source):
    lines = [line.rstrip() for line in source.splitlines()]
    place = 0
    for part in parts(text):
        if part:
            place = index(part, lines, place)
            if place is None:
                return False
    return True


def has_lines(text, source):
    """For a list of commands such as CMake's: each line is one of the source."""
    return {line.strip() for line in text.splitlines()} <= {s.strip() for s in source.splitlines()}


def check_excerpt(block):
    match = has_lines if block.language == "cmake" else is_excerpt
    for pattern in SOURCES[block.language]:
        for path in ROOT.glob(pattern):
            if match(block.text, path.read_text()):
                return
    raise Untrue(f"{block.where}: no test compiles or runs this:\n{block.text}")


def commands(block):
    """[(command, lines of output shown)]"""
    found = []
    for line in block.text.splitlines():
        if line.startswith("$ "):
            found.append((line[2:], []))
        elif found and found[-1][0].endswith("\\") and not found[-1][1]:
            found[-1] = found[-1][0] + "\n" + line, []
        elif found:
            found[-1][1].append(line)
        else:
            raise Untrue(f"{block.where}: a console block starts with '$ COMMAND'")
    return found


def plain(line):
    """Without what differs from run to run: real times and process numbers."""
    line = re.sub(r"\(\d+ ms( total)?\)", r"(N ms\1)", line)
    return line.rstrip()


def is_shown(shown, printed):
    printed, place = [plain(line) for line in printed], 0
    for i, part in enumerate(parts("\n".join(shown))):
        part = [plain(line) for line in part]
        if not part:
            continue
        while printed[place:place + len(part)] != part:
            if i == 0 or place >= len(printed):
                return False
            place += 1
        place += len(part)
    rest = printed[place:]
    return (shown and shown[-1].strip() == "...") or not any(rest)


def environment(programs, prefix, settings):
    mine = {name: value for name, value in os.environ.items()
            if not name.startswith(("REHEARSAL_", "GTEST_", "RC_"))}
    mine["PATH"] = f"{programs}:{mine['PATH']}"
    if prefix:
        mine["CMAKE_PREFIX_PATH"] = prefix
    names = {"CMAKE_CXX_COMPILER": "CXX", "CMAKE_CXX_FLAGS": "CXXFLAGS",
             "CMAKE_BUILD_TYPE": "CMAKE_BUILD_TYPE"}
    for setting in settings:
        name, _, value = setting.removeprefix("-D").partition("=")
        if name in names and value:
            mine[names[name]] = value
    return mine


class Page:
    def __init__(self, page, folder, variables):
        self.page, self.folder, self.variables = page, folder, variables
        self.printed = ""

    def check(self):
        for block in blocks(self.page):
            if block.file():
                self.write(block)
            elif block.language == "console":
                self.run(block)
            elif block.language in SOURCES:
                if block.option("not compared") is None:
                    check_excerpt(block)
            elif block.language == "text":
                if block.option("not compared") is None:
                    self.check_text(block)
            else:
                raise Untrue(f"{block.where}: unknown kind of block '{block.language}'")

    def write(self, block):
        action, name = block.file()
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        old = path.read_text() if path.exists() else ""
        if block.language == "diff":
            path.write_text(patched(block, old))
        elif action == "Write":
            path.write_text(block.text)
        elif action == "Append to":
            path.write_text(old + "\n" + block.text)
        else:
            raise Untrue(f"{block.where}: 'In `{name}`:' takes a diff block")

    def run(self, block):
        script = ""
        for command, _ in commands(block):
            script += f"{command}\nstatus=$?; printf '\\n{MARK}%d\\n' $status; (exit $status)\n"
        script += 'for job in $(jobs -p); do kill $job; done\n'
        folder = self.folder / (block.option("in") or ".")
        done = subprocess.run(["bash", "-c", script], cwd=folder, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, text=True,
                              timeout=PATIENCE, env=self.variables)
        self.printed += done.stdout
        rest = done.stdout
        for command, shown in commands(block):
            printed, status, rest = re.split(rf"\n{MARK}(\d+)\n", rest, maxsplit=1)
            if shown:
                if not is_shown(shown, printed.splitlines()):
                    raise Untrue(f"{block.where}: '{command}' prints another text, which follows "
                                 f"to be copied:\n{printed}")
            elif status != "0":
                raise Untrue(f"{block.where}: '{command}' exits with {status}:\n{printed}")

    def check_text(self, block):
        printed = [plain(line) for line in self.printed.splitlines()]
        for part in parts(block.text):
            if part and index([plain(line) for line in part], printed, 0) is None:
                raise Untrue(f"{block.where}: no command of this page prints this:\n" +
                             "\n".join(part))


def patched(block, old):
    """The file after the change that a diff block shows, which stands for one place in it."""
    before, after = "", ""
    for line in block.text.splitlines(keepends=True):
        if line[0] in " -\n":
            before += line[1:] or "\n"
        if line[0] in " +\n":
            after += line[1:] or "\n"
    if old.count(before) != 1:
        raise Untrue(f"{block.where}: {old.count(before)} places have these lines:\n{before}")
    return old.replace(before, after)


def main(page, programs, rehearsal, work, prefix="", *settings):
    folder = pathlib.Path(work) / pathlib.Path(page).stem
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    programs = pathlib.Path(programs)
    tools = folder.with_name(folder.name + ".bin")
    shutil.rmtree(tools, ignore_errors=True)
    tools.mkdir()
    (tools / "rehearsal").symlink_to(rehearsal)
    if not prefix:
        for program in programs.iterdir():
            if program.name == "planted" or (program.is_file() and os.access(program, os.X_OK)):
                (folder / program.name).symlink_to(program)
    Page(page, folder, environment(tools, prefix, settings)).check()


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except Untrue as wrong:
        sys.exit(str(wrong))
