#!/usr/bin/env python3
"""Tests that schedules of failing simulation tests are kept, and that they are replayed.

usage: gtest_kept_test.py PLANTED [ARGUMENTS OF unittest]

PLANTED is a program of simulation tests that fail (planted/)."""

import pathlib
import re
import sys
import tempfile
import unittest

import rehearsed
from rehearsed import run


class Kept(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.traces = {"REHEARSAL_TRACES": self.folder.name}
        self.file = pathlib.Path(self.folder.name, "lost.schedule")

    def keep(self):
        _, out, _ = run("Bank.*", **self.traces)
        self.assertRegex(out, r"Save it[^\n]*\nREHEARSAL_KEEP=Bank.loses_no_deposit-[0-9a-f]{8} ")
        schedule = re.search("REHEARSAL_REPLAY='(.*?)'", out).group(1)
        status, out, _ = run("Bank.*", REHEARSAL_REPLAY=schedule, REHEARSAL_KEEP="lost",
                             **self.traces)
        self.assertEqual(status, 1)
        self.assertIn(f"kept in {self.file}", out)
        return schedule

    def test_a_failure_is_kept_and_fails_first(self):
        schedule = self.keep()
        self.assertRegex(self.file.read_text(), re.escape(schedule) + r"\nexpect pass\n"
                         r"kind a property failed\nwhat [^\n]+\nwhere bank_world\.hpp:\d+\n\Z")
        status, out, _ = run("Bank.*", REHEARSAL_RUNS="1", REHEARSAL_POLICY="nominal",
                             **self.traces)
        self.assertEqual(status, 1)
        self.assertIn(f"failed in the kept schedule {self.file}", out)
        self.assertIn("a deposit is lost", out)
        status, out, _ = run("Bank.*", REHEARSAL_REPLAY=schedule, REHEARSAL_KEEP="lost",
                             **self.traces)
        self.assertIn("already exists", out)

    def test_one_that_passes_passes(self):
        self.file.write_text("Bank.loses_no_deposit data=1\nexpect pass\n")
        status, out, _ = run("Bank.*", REHEARSAL_RUNS="1", REHEARSAL_POLICY="nominal",
                             **self.traces)
        self.assertEqual(status, 0, out)

    def test_one_that_is_expected_to_fail_does(self):
        self.keep()
        self.file.write_text(self.file.read_text().replace("expect pass", "expect fail"))
        status, out, _ = run("Bank.*", REHEARSAL_RUNS="1", REHEARSAL_POLICY="nominal",
                             **self.traces)
        self.assertEqual(status, 0, out)

    def test_a_stale_one_fails_and_says_how_to_renew_it(self):
        self.file.write_text("Bank.loses_no_deposit data=1 run/nobody/0/3=1\nexpect pass\n")
        status, out, _ = run("Bank.*", REHEARSAL_RUNS="1", REHEARSAL_POLICY="nominal",
                             **self.traces)
        self.assertEqual(status, 1)
        self.assertIn(f"{self.file}: stale: deviation run/nobody/0/3=1 does not apply", out)
        self.assertIn("find the failure of ", out)

    def test_a_bad_file_fails_with_its_line(self):
        for text, said in (("Bank.loses_no_deposit date=1\n", "line 1: column 23: expected"),
                           ("Bank.loses_no_deposit data=1\nexpect luck\n", "line 2: expected"),
                           ("No.such_test data=1\nexpect pass\n",
                            "line 1: unknown test 'No.such_test'")):
            self.file.write_text(text)
            status, out, _ = run("Good.passes", REHEARSAL_RUNS="1", **self.traces)
            self.assertEqual(status, 1)
            self.assertIn(f"{self.file}: {said}", out)
        status, out, err = run("Good.passes", REHEARSAL_TRACES="/no/such/folder")
        self.assertEqual(status, 2, out)
        self.assertIn("REHEARSAL_TRACES: folder '/no/such/folder' does not exist", err)


if __name__ == "__main__":
    rehearsed.program = sys.argv.pop(1)
    unittest.main(verbosity=2)
