#!/usr/bin/env python3
"""Tests the exit status of every command: 0 passed, 1 a property failed, 2 bad input, 3 deadlock, 4
livelock or time limit, 5 nondeterminism, 6 crash, 8 call not simulated (harness/exit_status.hpp).

usage: exit_status_test.py REHEARSAL PLANTED [ARGUMENTS OF unittest]

PLANTED has the commands of REHEARSAL over scenarios that fail (planted/)."""

import pathlib
import re
import sys
import tempfile
import unittest

from commands import run

rehearsal = planted = None

KINDS = {  # scenario: status
    "refuses": 1,
    "waits": 3,
    "livelock": 4,
    "endless": 4,
    "always-crashes": 6,
}
STUMBLES = {"throws": 1, "segfaults": 6, "checks": 6, "exits": 6}  # if it chooses 7
STONE = "data=1 program/walker:stone/3=7"


class ExitStatus(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def assert_status(self, expected, *command):
        with self.subTest(command=command):
            status, out, err = run(planted, *command)
            self.assertEqual(status, expected, out + err)
            if status == 2:
                self.assertRegex(err, r"\A[^\n]+\n\Z")

    def test_of_run(self):
        for scenario, status in {**KINDS, "remembers": 5}.items():
            for flags in ((), ("--no-shrink",), ("--seeds", "1..3"),
                          ("--seeds", "1..3", "--no-shrink"), ("--policy", "delays:1"),
                          ("--policy", "exhaustive", "--no-shrink")):
                self.assert_status(status, "run", scenario, *flags)
        self.assert_status(6, "run", "overtakes", "--policy", "delays:1")
        self.assert_status(0, "run", "overtakes", "--policy", "nominal")
        self.assert_status(0, "run", "long")
        self.assert_status(0, "run", "long", "--seeds", "1..2")
        self.assert_status(1, "run", "never", "--seeds", "1..3")
        self.assert_status(2, "run", "nobody")
        self.assert_status(2, "run", "long", "--trace", "/no/such/folder/file")

    def test_of_files_that_show_a_run(self):
        for flag in ("--html", "--perfetto", "--pcapng", "--shiviz"):
            for scenario, flags, status in (
                    ("long", (), 0), ("waits", (), 3), ("always-crashes", (), 6),
                    ("overtakes", ("--policy", "nominal", "--seeds", "1..3"), 0),
                    ("waits", ("--policy", "delays:1"), 3),
                    ("throws", ("--policy", "delays:1"), 0)):
                file = self.folder / "file"
                self.assert_status(status, "run", scenario, *flags, flag, file)
                # ShiViz has no line for a run without events.
                empty = (flag, scenario) == ("--shiviz", "always-crashes")
                self.assertEqual(file.stat().st_size == 0, empty)
                file.unlink()
            self.assert_status(2, "run", "long", flag, "/no/such/folder/file")
            status, _, err = run(planted, "run", "waits", "--seeds", "1..3", flag, "/no/such/file")
            self.assertEqual(status, 2)
            self.assertIn("/no/such/file: the file cannot be written", err)
            self.assert_status(2, "run", "long", "--seeds", "1..3", "--shard", "1/2", flag, "file")
            self.assert_status(2, "replay", "long data=1", "--until", "3", flag, "file")
        self.assert_status(2, "trace", "show", "/no/such/file", "--html", self.folder / "file")
        self.assert_status(2, "trace", "show", "/no/such/file", "--no-payload")

    def test_of_run_in_two_processes(self):
        self.assert_status(0, "run", "waits", "--check-determinism")
        self.assert_status(6, "run", "always-crashes", "--check-determinism")

    def test_of_replay_and_shrink(self):
        for command in "replay", "shrink":
            for scenario, status in {**KINDS, "remembers": 5, "long": 0}.items():
                self.assert_status(status, command, f"{scenario} data=1")
            for scenario, status in STUMBLES.items():
                self.assert_status(status, command, f"{scenario} {STONE}")
            self.assert_status(2, command, "waits date=1")
            self.assert_status(2, command, "nobody data=1")

    def test_of_a_trace(self):
        trace, other = self.folder / "trace", self.folder / "other"
        for seed, file in (1, trace), (2, other):
            self.assert_status(0, "run", "long", "--seed", seed, "--trace", file)
        self.assert_status(0, "replay", trace)
        self.assert_status(0, "trace", "show", trace)
        self.assert_status(0, "trace", "diff", trace, trace)
        trace.write_text(re.sub('"digest":"[0-9a-f]{16}"', '"digest":"00000000000000aa"',
                                trace.read_text()))
        self.assert_status(1, "trace", "diff", trace, other)
        self.assert_status(5, "replay", trace)
        trace.write_text("{")
        for command in ("replay", trace), ("trace", "show", trace), ("trace", "diff", trace, other):
            self.assert_status(2, *command)

    def test_of_merge_is_that_of_the_sweep(self):
        for scenario, status in {**KINDS, "remembers": 5, "never": 1, "long": 0}.items():
            files = [self.folder / f"{scenario}-{shard}" for shard in (1, 2)]
            for shard, file in enumerate(files, 1):
                # Each shard exits with 0; the merge reports the kind of failure.
                self.assert_status(min(status, 1) if scenario != "never" else 0, "run", scenario,
                                   "--seeds", "1..2", "--shard", f"{shard}/2", "--results", file)
            self.assert_status(status, "merge", *files)
            self.assert_status(2, "merge", files[0])

    def test_of_keep(self):
        self.assert_status(0, "keep", f"throws {STONE}", "--in", self.folder)
        self.assert_status(0, "keep", f"segfaults {STONE}", "--in", self.folder)
        self.assert_status(5, "keep", "forgets data=1", "--in", self.folder)
        self.assert_status(2, "keep", "throws data=1 run/nobody/0=1", "--in", self.folder)

    def test_of_kept(self):
        file = self.folder / "kept.schedule"
        for line, status in ((f"{scenario} data=1", status) for scenario, status in KINDS.items()):
            file.write_text(f"{line}\nexpect pass\n")
            self.assert_status(status, "kept", file)
        for scenario, status in STUMBLES.items():
            file.write_text(f"{scenario} {STONE}\nexpect pass\n")
            self.assert_status(status, "kept", file)
        file.write_text("remembers data=1\nexpect pass\n")
        self.assert_status(5, "kept", file)
        file.write_text("long data=1 run/nobody/0=1\nexpect pass\n")  # outdated
        self.assert_status(1, "kept", file)
        file.write_text("long data=1\nexpect fail\nkind crash\nwhat it hurts\n")
        self.assert_status(1, "kept", file)
        file.write_text("nobody data=1\nexpect pass\n")
        self.assert_status(2, "kept", file)

    def test_of_many_kept_is_that_of_the_first_that_is_wrong(self):
        for name, line in ("a", "long data=1"), ("b", "waits data=1"), ("c", "refuses data=1"):
            (self.folder / f"{name}.schedule").write_text(f"{line}\nexpect pass\n")
        self.assert_status(3, "kept", self.folder)

    def test_of_the_version_which_is_that_of_the_library(self):
        cmake = pathlib.Path(__file__).parents[3] / "CMakeLists.txt"
        version = re.search(r"^  VERSION (\S+)$", cmake.read_text(), re.MULTILINE).group(1)
        for program in rehearsal, planted:
            status, out, err = run(program, "--version")
            self.assertEqual((status, out, err), (0, f"rehearsal {version}\n", ""))

    def test_of_list(self):
        self.assert_status(0, "list")
        self.assert_status(2, "list", "everything")


if __name__ == "__main__":
    if len(sys.argv) < 3:
        print(__doc__, file=sys.stderr)
        sys.exit(2)
    rehearsal, planted = sys.argv.pop(1), sys.argv.pop(1)
    unittest.main(verbosity=2, warnings="ignore")
