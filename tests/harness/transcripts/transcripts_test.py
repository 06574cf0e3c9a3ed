#!/usr/bin/env python3
"""Compares what the programs print with the transcripts in this folder.

usage: transcripts_test.py [--update] [FOLDER_OF_REHEARSAL FOLDER_OF_PLANTED_SCENARIOS
                                       FOLDER_OF_PLANTED_REHEARSALS]

The folders are those of build/release by default. With --update, rewrites the transcripts, so that
a reviewer reads the difference. README.md describes the format."""

import os
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[2]
BUILD = ROOT / "build/release"
PATIENCE = 600 * int(os.environ.get("REHEARSAL_TEST_PATIENCE", "1"))
folders = [BUILD / "servers", BUILD / "tests/harness/cli", BUILD / "tests/harness/gtest"]

# What differs between machines, compilers and versions of the code under test.
VARIES = (
    (re.escape(str(ROOT)) + "/", ""),
    (r"(?m)^( *)\S*/((?:tests|examples)/\S+\.[ch]pp):", r"\1\2:"),
    (r"\(\S*/((?:tests|examples)/\S+\.[ch]pp):", r"(\1:"),
    (r"\b(\w+\.[ch]pp):\d+", r"\1:LINE"),
    (r"\b[0-9a-f]{16}\b", "DIGEST"),
    (r"(?m)(\d runs?), [\d.]+ (?:ns|us|ms|s)( \(run limit.*)?$", r"\1, TIME\2"),
    (r"(?m)^[\d.]+ (?:ns|us|ms|s), [\d,]+ runs/s, ", "TIME, N runs/s, "),
    (r"\(\d+ ms( total)?\)", r"(TIME\1)"),
    (r"/dev/fd/\d+", "/dev/fd/N"),
)


def parse(text):
    """Returns the lines before the first command, and [command, its expected lines] for each."""
    head, steps = [], []
    for line in text.splitlines():
        if line.startswith("$ "):
            steps.append([line[2:], []])
        elif steps:
            steps[-1][1].append(line)
        else:
            head.append(line)
    for _, lines in steps:
        if lines and not lines[-1]:
            lines.pop()  # the empty line before the next command
    return head, steps


def perform(command, folder):
    """Runs a command in a shell. Returns its lines, and its exit status unless that is 0."""
    environment = {name: value for name, value in os.environ.items()
                   if not name.startswith(("REHEARSAL_", "GTEST_"))}
    environment["PATH"] = ":".join([*map(str, folders), environment["PATH"]])
    done = subprocess.run(["sh", "-c", command], cwd=folder, env=environment, text=True,
                          timeout=PATIENCE, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT)
    text = done.stdout
    for pattern, plain in VARIES:
        text = re.sub(pattern, plain, text)
    lines = [line.rstrip() for line in text.splitlines()]
    if lines and not lines[-1]:
        lines.pop()
    return lines + ([f"[exit status {done.returncode}]"] if done.returncode else [])


def matches(expected, lines):
    """Whether the lines are as expected. A line "..." stands for any number of lines."""
    pattern = "".join(r"(?:.*\n)*" if line == "..." else re.escape(line) + "\n"
                      for line in expected)
    return re.fullmatch(pattern, "".join(line + "\n" for line in lines)) is not None


def elided(expected, lines):
    """Returns the lines with a "..." that leaves as many before and after it as it did."""
    if "..." not in expected:
        return lines
    before = expected.index("...")
    after = expected[::-1].index("...")
    return lines[:before] + ["..."] + (lines[-after:] if after else [])


def transcripts():
    return sorted(HERE.glob("*.txt"))


def update(file):
    head, steps = parse(file.read_text())
    with tempfile.TemporaryDirectory() as folder:
        parts = ["\n".join(head).rstrip() + "\n"] if head else []
        for command, expected in steps:
            lines = perform(command, folder)
            shown = expected if matches(expected, lines) else elided(expected, lines)
            parts.append("\n".join([f"$ {command}", *shown]) + "\n")
    file.write_text("\n".join(parts))


class Transcripts(unittest.TestCase):
    maxDiff = None

    def test_every_command_prints_what_its_transcript_shows(self):
        self.assertTrue(transcripts())
        for file in transcripts():
            with tempfile.TemporaryDirectory() as folder:
                for command, expected in parse(file.read_text())[1]:
                    with self.subTest(file=file.name, command=command):
                        lines = perform(command, folder)
                        if not matches(expected, lines):
                            self.assertEqual("\n".join(expected), "\n".join(lines))


if __name__ == "__main__":
    updates = "--update" in sys.argv
    given = [pathlib.Path(word).resolve() for word in sys.argv[1:] if not word.startswith("-")]
    if given and len(given) != len(folders):
        print(__doc__, file=sys.stderr)
        sys.exit(2)
    folders = given or folders
    if updates:
        for transcript in transcripts():
            update(transcript)
    else:
        unittest.main(argv=sys.argv[:1], verbosity=2)
