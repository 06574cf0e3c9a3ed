#!/usr/bin/env python3
"""Tests ./dev prove with proofs that a stand-in for ./dev runs."""

import contextlib
import io
import os
import pathlib
import sys
import tempfile
import unittest
from unittest import mock

import prove

PROOFS = (
    prove.Proof("short", "It echoes", "echo 17 runs", r"^(\d+) runs"),
    prove.Proof("many", "It has two results", "printf a=1\\nb=2\\n", r"^.=\d$"),
)


class Prove(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.page = pathlib.Path(folder.name, "proofs.md")
        self.dev = pathlib.Path(folder.name, "dev")
        self.dev.write_text('#!/bin/sh\nexec "$@"\n')
        self.dev.chmod(0o755)
        self.addCleanup(os.chdir, os.getcwd())
        os.chdir(folder.name)

    def prove(self, *flags, proofs=PROOFS):
        """Returns (exit status, output)."""
        printed = io.StringIO()
        with mock.patch.object(prove, "PROOFS", proofs), \
             mock.patch.object(prove, "commit", lambda: "c0ffee"), \
             mock.patch.object(sys, "argv", ["prove.py", "./dev", str(self.page), *flags]), \
             contextlib.redirect_stdout(printed), contextlib.redirect_stderr(printed):
            try:
                return prove.main(), printed.getvalue()
            except SystemExit as end:
                return end.code, printed.getvalue()

    def rows(self):
        return [[cell.strip() for cell in line.strip("|").split("|")]
                for line in self.page.read_text().splitlines() if line.startswith("| ")][1:]

    def test_each_proof_has_a_line(self):
        status, printed = self.prove()
        self.assertEqual(status, 0, printed)
        self.assertEqual([row[:3] for row in self.rows()],
                         [["short", "It echoes", "17"], ["many", "It has two results", "a=1; b=2"]])
        for row in self.rows():
            self.assertRegex(row[3], r"\A\d+ s\Z")
            self.assertEqual(row[4], "c0ffee")
            self.assertRegex(row[5], r"\A\d{4}-\d\d-\d\d\Z")

    def test_one_alone_leaves_the_other_lines(self):
        self.prove("--only", "many")
        self.assertEqual([row[2] for row in self.rows()], ["not run", "a=1; b=2"])
        self.page.write_text(self.page.read_text().replace("a=1; b=2", "kept"))
        self.prove("--only", "short")
        self.assertEqual([row[2] for row in self.rows()], ["17", "kept"])

    def test_a_proof_that_fails_fails_the_verb_and_the_others_run(self):
        for verb, result in (("false", "FAILED: exit status 1"),
                             ("echo nothing", "FAILED: it prints no result")):
            status, _ = self.prove(proofs=(PROOFS[0]._replace(verb=verb), PROOFS[1]))
            self.assertEqual(status, 1)
            self.assertEqual([row[2] for row in self.rows()], [result, "a=1; b=2"])

    def test_what_a_failed_proof_printed_is_shown(self):
        self.dev.write_text("#!/bin/sh\necho why it failed\nexit 1\n")
        self.assertIn("why it failed", self.prove("--only", "short")[1])

    def test_a_name_that_is_none(self):
        status, printed = self.prove("--only", "all")
        self.assertEqual(status, 2)
        self.assertIn("invalid choice: 'all'", printed)
        self.assertFalse(self.page.exists())


if __name__ == "__main__":
    unittest.main(verbosity=2)
