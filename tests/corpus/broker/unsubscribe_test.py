#!/usr/bin/env python3
"""Tests that a test with default settings finds a broker that sends news after UNSUB, and that its
report shows the cause.

usage: unsubscribe_test.py PLANTED [ARGUMENTS OF unittest]"""

import os
import re
import subprocess
import sys
import unittest

# Maximum seconds for a command.
PATIENCE = 600 * int(os.environ.get("REHEARSAL_TEST_PATIENCE", "1"))
program = None


def run(test):
    environment = {name: value for name, value in os.environ.items()
                   if not name.startswith(("REHEARSAL_", "GTEST_"))}
    done = subprocess.run([program, f"--gtest_filter={test}"], capture_output=True, text=True,
                          timeout=PATIENCE, stdin=subprocess.DEVNULL, env=environment)
    return done.returncode, done.stdout


class Unsubscribe(unittest.TestCase):
    def test_the_bug_is_found_and_its_report_shows_the_cause(self):
        status, out = run("Unsubscribe.ends_the_news")
        self.assertEqual(status, 1)
        self.assertIn("news after the answer to UNSUB", out)
        task = re.search(r"\n  in task (\w+/subscribe), ", out).group(1)
        events = out[out.index("\nEvents\n"):out.index("\nTasks\n")].splitlines()
        broker = [line for line in events if "  broker/serve/" in line]
        delivery = [number for number, line in enumerate(broker)
                    if re.search(rf"send {task}#0< = \d+ \"MSG weather ", line)][-1]
        unsub = [number for number, line in enumerate(broker)
                 if re.search(rf"recv {task}#0< = \d+ \"UNSUB weather", line)
                 and number < delivery][-1]
        # The first bytes of the command may have come in an earlier receive.
        copies = [number for number, line in enumerate(broker)
                  if re.search(r"recv press/publish#0< = \d+ \"", line) and number < unsub]
        self.assertTrue(copies, "\n".join(broker))

    def test_without_the_bug_it_passes(self):
        status, out = run("Unsubscribe.ends_the_news_without_the_bug")
        self.assertEqual(status, 0, out)


if __name__ == "__main__":
    program = sys.argv.pop(1)
    unittest.main(verbosity=2)
