#!/usr/bin/env python3
"""Tests the commands that keep failures and replay them: keep and kept.

usage: keep_test.py PLANTED [ARGUMENTS OF unittest]

PLANTED has the commands of `rehearsal` over scenarios that fail (planted/)."""

import pathlib
import re
import sys
import tempfile
import unittest

from commands import paste, replay_lines, resuming_lines, run

planted = None


class Keep(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.file = pathlib.Path(self.folder.name, "hurt.schedule")

    def failing(self):
        """Returns a schedule under which `throws` fails, with all random values that
        the run used."""
        trace = pathlib.Path(self.folder.name, "trace")
        for seed in range(1, 300):
            status, _, _ = run(planted, "run", "throws", "--seed", str(seed), "--policy", "random",
                               "--trace", str(trace))
            if status == 1:
                return trace
        self.fail("throws does not throw")

    def keep(self, *flags):
        status, out, err = run(planted, "keep", str(self.failing()), "--as", "hurt", "--in",
                               self.folder.name, *flags)
        self.assertEqual(status, 0, out + err)
        return out

    def test_a_failure_is_shrunk_and_kept(self):
        out = self.keep()
        self.assertRegex(out, r"it hurts: shrunk from \d+ deviations? to 1 in \d+ runs?\n")
        self.assertRegex(self.file.read_text(),
                         r"\Athrows data=\d+ program/walker:stone/\d=7\nexpect pass\n"
                         r"kind a property failed\nwhat task walker/walk failed: it hurts\n\Z")
        # The printed command works, and fails until the bug is fixed.
        status, out, _ = run("sh", "-c", out.splitlines()[-1])
        self.assertEqual(status, 1)
        self.assertIn(f"FAILED {self.file}: fails: task walker/walk failed: it hurts", out)
        # The failure is explained, with a command that reproduces it.
        self.assertIn(", walker chose 7 at its ", out)
        line, = replay_lines(out)
        status, out, _ = run("sh", "-c", line)
        self.assertEqual(status, 1)
        self.assertIn("task walker/walk failed: it hurts", out)

    def test_shrinking_is_bounded(self):
        schedule = "throws data=1 program/walker:stone/3=7 program/walker:stone/1=5 " \
                   "program/walker:stone/2=5"
        status, out, _ = run(planted, "keep", schedule, "--as", "hurt", "--in", self.folder.name,
                             "--shrink-runs", "2")
        self.assertEqual(status, 0)
        self.assertRegex(out, r" in 2 runs \(run limit reached; may not be minimal\)\. "
                              r"Continue with:\n")
        while resuming_lines(out):
            before = self.file.read_text()
            line, = resuming_lines(out)
            status, out, err = paste(line)
            self.assertEqual(status, 0, out + err)
            self.assertTrue(before != self.file.read_text() or line not in out, out)
        self.assertRegex(self.file.read_text(), r"\Athrows data=1 program/walker:stone/3=7\n")
        self.assert_refused(["keep", schedule, "--shrink-runs", "0"], "--shrink-runs: '0'")

    def test_one_that_is_expected_to_fail_passes_where_it_does(self):
        self.keep("--fails")
        self.assertIn("\nexpect fail\n", self.file.read_text())
        status, out, _ = run(planted, "kept", self.folder.name)
        self.assertEqual((status, out), (0, f"{self.file}: fails as expected\n"))
        self.file.write_text(re.sub(" program.*=7", "", self.file.read_text()))
        status, out, _ = run(planted, "kept", self.folder.name)
        self.assertEqual(status, 1)
        self.assertIn(f"FAILED {self.file}: passes but is marked 'expect fail'", out)

    def test_one_that_passes_is_kept_as_it_is(self):
        status, out, err = run(planted, "keep", "throws data=1 program/walker:stone/3=5", "--as",
                               "hurt", "--in", self.folder.name)
        self.assertEqual(status, 0, err)
        self.assertEqual(self.file.read_text(),
                         "throws data=1 program/walker:stone/3=5\nexpect pass\n")
        self.assertEqual(run(planted, "kept", str(self.file))[0], 0)

    def test_a_stale_one_fails_with_the_first_deviation_that_did_not_apply(self):
        self.file.write_text("throws data=1 program/walker:stone/3=5 run/nobody/0=1 "
                             "run/nobody/1=1\nexpect pass\n")
        status, out, _ = run(planted, "kept", str(self.file))
        self.assertEqual(status, 1)
        self.assertIn(f"FAILED {self.file}: stale: deviation run/nobody/0=1 does not apply, "
                      "nor do 1 more; its run passes\n", out)
        self.assertIn("find the failure of ", out)
        self.assertIn(f"rm {self.file}", out)

    def assert_refused(self, command, *parts):
        status, out, err = run(planted, *command)
        self.assertEqual((status, out), (2, ""), err)
        self.assertRegex(err, r"\A[^\n]+\n\Z")
        for part in parts:
            self.assertIn(part, err)

    def test_what_cannot_be_kept_is_refused(self):
        here = ["--in", self.folder.name]
        self.assert_refused(["keep"], "schedule")
        self.assert_refused(["keep", "throws data=x", *here], "keep: column 13: expected")
        self.assert_refused(["keep", "no-such-file", *here], "is neither a file nor a schedule")
        self.assert_refused(["keep", "other data=1", *here], "keep: unknown scenario 'other'")
        self.assert_refused(["keep", "throws data=1 run/a/0=1", *here],
                            "keep: deviation run/a/0=1 does not apply")
        self.assert_refused(["keep", "throws data=1", "--fails", *here],
                            "keep: the schedule passes; omit --fails")
        self.assert_refused(["keep", "throws data=1", "--as", "a/b", *here],
                            "--as: 'a/b' is not a plain file name")
        self.assertEqual(list(pathlib.Path(self.folder.name).iterdir()), [])

    def test_a_folder_that_is_missing_is_refused_before_anything_is_run(self):
        self.assert_refused(["keep", self.failing(), "--in", "/no/such/folder"],
                            "keep: folder '/no/such/folder' does not exist; create it")

    def test_nothing_is_overwritten(self):
        self.file.write_text("mine")
        status, _, err = run(planted, "keep", "throws data=1", "--as", "hurt", "--in",
                             self.folder.name)
        self.assertEqual(status, 2)
        self.assertIn(f"{self.file} already exists", err)
        self.assertEqual(self.file.read_text(), "mine")

    def test_a_folder_without_any_is_refused(self):
        self.assert_refused(["kept", self.folder.name],
                            f"kept: folder '{self.folder.name}' has no kept schedules; expected ")

    def test_bad_files_are_refused_with_their_line(self):
        self.assert_refused(["kept", "/no/such/file"], "/no/such/file: cannot be read; expected")
        for text, said in (("", "line 1: column 1: expected"),
                           ("throws date=1\n", "line 1: column 8: expected"),
                           ("other data=1\nexpect pass\n", "line 1: unknown scenario 'other'"),
                           ("throws data=1\n", "line 2: expected a line 'expect pass'"),
                           ("throws data=1\nexpect rain\n", "line 2: expected 'expect pass'")):
            self.file.write_text(text)
            self.assert_refused(["kept", str(self.file)], f"{self.file}: {said}")


if __name__ == "__main__":
    planted = sys.argv.pop(1)
    unittest.main(verbosity=2)
