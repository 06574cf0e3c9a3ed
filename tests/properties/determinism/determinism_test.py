#!/usr/bin/env python3
"""Tests that `run --check-determinism` finds each planted dependence on something outside the
schedule, and names the event, the task and the line; and that it reports nothing if there is
no such dependence.

usage: determinism_test.py LEAKS REHEARSAL [ARGUMENTS OF unittest]"""

import os
import subprocess
import sys
import tempfile
import unittest

PATIENCE = 600 * int(os.environ.get("REHEARSAL_TEST_PATIENCE", "1"))
leaks = None
rehearsal = None


def check(program, scenario, *more):
    done = subprocess.run([program, "run", scenario, "--check-determinism", *more],
                          capture_output=True, text=True, timeout=PATIENCE)
    return done.returncode, done.stdout + done.stderr


class Leaks(unittest.TestCase):
    def assert_found(self, scenario):
        status, said = check(leaks, scenario)
        self.assertEqual(status, 5, said)
        self.assertRegex(said, r"identical for \d+ events, then different\n")
        self.assertRegex(said, r"leaky/main .*leaks\.cpp:\d+")

    def test_the_order_of_addresses(self):
        self.assert_found("address")

    def test_the_order_of_a_hash_table_of_pointers(self):
        self.assert_found("hash")

    def test_the_clock(self):
        self.assert_found("clock")

    def test_a_random_device(self):
        self.assert_found("chance")

    def test_memory_that_nobody_has_written(self):
        self.assert_found("accident")


class NoLeaks(unittest.TestCase):
    def test_in_a_scenario_without_one(self):
        status, said = check(leaks, "none")
        self.assertEqual(status, 0, said)

    def test_in_the_echo_server(self):
        for scenario in ("echo.clients", "echo.resets", "echo.restart", "echo.partition"):
            status, said = check(rehearsal, scenario, "--seeds", "1..3")
            self.assertEqual(status, 0, said)
            self.assertEqual(said.count("in two processes: identical:"), 3, said)


class Killed(unittest.TestCase):
    def test_it_leaves_no_file_behind(self):
        with tempfile.TemporaryDirectory() as folder:
            process = subprocess.Popen(
                [rehearsal, "run", "echo.restart", "--check-determinism", "--seeds", "1..10000"],
                stdout=subprocess.PIPE, text=True, env=dict(os.environ, TMPDIR=folder))
            self.assertIn("in two processes: identical:", process.stdout.readline())
            process.kill()
            process.wait(timeout=PATIENCE)
            process.stdout.close()
            self.assertEqual(os.listdir(folder), [])


if __name__ == "__main__":
    if len(sys.argv) < 3:
        print(__doc__, file=sys.stderr)
        sys.exit(2)
    leaks = sys.argv.pop(1)
    rehearsal = sys.argv.pop(1)
    unittest.main(verbosity=2)
