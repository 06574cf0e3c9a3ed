#!/usr/bin/env python3
"""Tests how a failure is shrunk and explained, and its exit status.

usage: explain_test.py PLANTED [ARGUMENTS OF unittest]

PLANTED has the commands of `rehearsal` over scenarios that fail (planted/)."""

import re
import shutil
import subprocess
import sys
import unittest

from commands import PATIENCE, failed_seeds, on_a_terminal, paste, replay_lines, resuming_lines, run

planted = None

# Fails because one segment is late enough for two deposits to overlap.
RACE = "bank data=3 late/client-0/deposit#0>/3=1300"


class Shrinking(unittest.TestCase):
    BANK = "bank data=3 late/client-0/deposit#0>/3=1700 late/client-1/deposit#0>/2=9 " \
           "run/bank/serve/1=2"

    def test_takes_away_what_the_failure_does_not_need(self):
        status, out, _ = run(planted, "shrink", self.BANK)
        self.assertEqual(status, 1)
        self.assertRegex(out, r"(?m)^  shrunk from 3 deviations to 1 in \d+ runs, .*s$")
        line, = replay_lines(out)
        self.assertTrue(line.endswith(" replay '" + RACE + "'"), line)
        again, = replay_lines(run(planted, "shrink", re.search("'(.*)'", line).group(1))[1])
        self.assertEqual(again, line)

    def test_stops_at_its_bound_and_says_so(self):
        status, out, _ = run(planted, "shrink", self.BANK, "--shrink-runs", "3")
        self.assertEqual(status, 1)
        self.assertIn("in 3 runs", out)
        line, = resuming_lines(out)
        self.assertRegex(line, r" shrink 'bank data=3 .*' --shrink-runs 3 --shrink-tried \d+$")

    def test_gets_to_its_end_by_what_it_says_however_low_its_bound(self):
        status, out, _ = run(planted, "shrink", self.BANK, "--shrink-runs", "1")
        lines = resuming_lines(out)
        self.assertTrue(lines[0].endswith(" --shrink-runs 2 --shrink-tried 0"), lines)
        while resuming_lines(out):
            self.assertEqual(status, 1)
            self.assertNotIn(resuming_lines(out)[0], lines[:-1])
            self.assertLess(len(lines), 100)
            status, out, _ = paste(resuming_lines(out)[0])
            lines += resuming_lines(out)
        self.assertRegex(out, r"(?m)^  shrunk from 1 deviation to 1 in [12] runs?, \S+ \S+$")
        self.assertTrue(replay_lines(out)[0].endswith(" replay '" + RACE + "'"), out)

    def test_of_what_passes_is_a_run(self):
        status, out, _ = run(planted, "shrink", "bank data=3")
        self.assertEqual(status, 0)
        self.assertNotIn("shrunk", out)

    def test_may_be_left_out(self):
        seed = failed_seeds(run(planted, "run", "bank", "--seeds", "1..40", "--no-shrink")[1])[0]
        status, out, _ = run(planted, "run", "bank", "--seed", str(seed), "--no-shrink")
        self.assertEqual(status, 1)
        self.assertNotIn("shrunk", out)

    def test_of_a_crash_runs_each_attempt_in_a_child(self):
        schedule = "segfaults data=1 program/walker:stone/8=7 program/walker:stone/9=3 " \
                   "run/walker/walk/3=2"
        status, out, _ = run(planted, "shrink", schedule)
        self.assertEqual(status, 6)
        self.assertRegex(out, r"shrunk from \d+ deviations to 1 ")
        line, = replay_lines(out)
        self.assertTrue(line.endswith("'segfaults data=1 program/walker:stone/8=7'"), line)


class SweepReports(unittest.TestCase):
    def test_explain_the_first_failure(self):
        reports = []
        for jobs in ("1", "3"):
            status, out, _ = run(planted, "run", "bank", "--seeds", "1..40", "--jobs", jobs)
            self.assertEqual(status, 1)
            self.assertGreater(len(failed_seeds(out)), 3)
            reports.append(re.sub(r", in \S+ runs, .*", "", out[out.index("\nbank, seed "):
                                                              out.index("\nbank: ")]))
        self.assertEqual(reports[0], reports[1])
        line, = replay_lines(reports[0])
        self.assertIn(f"\nbank, seed {failed_seeds(out)[0]}: failed, after", reports[0])
        self.assertLess(line.count("="), 5)
        status, replayed, _ = paste(line)
        self.assertEqual(status, 1)
        self.assertIn("'no deposit is lost' violated (racy_bank.hpp:", replayed)
        self.assertEqual(replay_lines(replayed), [line])


class Explaining(unittest.TestCase):
    def test_says_what_it_takes_and_where_it_was_decided(self):
        _, out, _ = run(planted, "replay", RACE)
        for part in ("  check at racy_bank.hpp:",
                     "1. at 4.500 ms, the 4th segment of client-0/deposit#0> was sent and delayed "
                     "by 1.30 ms",
                     "event 47, at 4.500 ms (resumed at racy_bank.hpp:",
                     " of 40 other continuations fail; after it, ",
                     "  failing     54     0.006100000 s  bank  deliver client-1/deposit#0< = 2",
                     "  default     52     0.004800000 s  bank/serve/client-0/deposit#0  resume ",
                     "bank/serve/client-1/deposit#0  receive on 5, at racy_bank.hpp:",
                     "client-1  3   tcp   ESTAB"):
            self.assertIn(part, out)

    def test_says_what_a_deviation_hit_and_shows_the_events_around_it(self):
        _, out, _ = run(planted, "replay", RACE)
        self.assertRegex(out, r"(?m)^     bank/serve/client-0/deposit#0, which waited for it at "
                              r"racy_bank\.hpp:\d+, received hex 00 1\.30 ms late; next: send "
                              r"client-0/deposit#0< = 1 hex 00 at racy_bank\.hpp:\d+$")
        events = out[out.index("\nEvents\n"):out.index("\nTasks\n")].splitlines()[2:]
        self.assertLessEqual(len([line for line in events if "..." not in line]), 30)
        self.assertNotIn("1 bytes", out)

    def test_lists_the_faults_of_hosts_and_links(self):
        _, out, _ = run(planted, "replay", "early-answer-scripted data=1")
        part = out[out.index("\nFaults\n"):out.index("\nEvents\n")]
        for line in (r"  at 1\.700 ms, shop and client were cut off from each other .*",
                     r'  at 1\.700 ms, shop crashed \(shop/sell: send client/buy#0< = 5 "done\\n" '
                     r"at main\.cpp:\d+, 300 us before\)",
                     r"  at 5\.000 ms, the links between shop and client were healed",
                     r"  at 5\.000 ms, shop restarted"):
            self.assertRegex(part, f"(?m)^{line}$")
        self.assertIn("  shop  link client cut\n", out)

    def test_says_what_a_crash_of_a_host_hit(self):
        _, out, _ = run(planted, "run", "early-answer", "--seeds", "1..2000", "--jobs", "1")
        self.assertRegex(out, r"(?m)^  1\. at \S+ ms, shop crashed, and restarted \S+ ms later\n"
                              r'     it hit shop/sell after send client/buy#0< = 5 "done\\n" at '
                              r"main\.cpp:\d+$")

    def test_compares_with_a_default_run_that_never_ends(self):
        _, out, _ = run(planted, "replay", "loses-the-leader data=1 run/walker/lead/1=1")
        self.assertRegex(out, r"(?m)^  default +3 .* walker/lead  resume$")
        self.assertIn("\nReproduce\n", out)

    def test_does_not_compare_with_a_default_run_that_crashes(self):
        status, out, _ = run(planted, "replay", "falls data=1 program/walker:step/0=1")
        self.assertEqual(status, 1)
        self.assertRegex(out, r"\nCause: 1 deviation from the default run\n"
                              r"  not compared with the default run, which crashes: \S.*\n"
                              r"  1\. at 0.000 ms, walker chose 1 ")
        self.assertNotIn("First difference", out)
        self.assertEqual(len(replay_lines(out)), 1)

    def test_never_says_that_the_default_run_fails_if_the_scenario_chose(self):
        _, out, _ = run(planted, "replay", "stumbles data=1 program/world:stone/0=1")
        self.assertNotIn("default run fails", out)
        self.assertIn("  no delay and no fault: the run fails with these choices of the scenario "
                      "alone\n", out)
        self.assertIn("  stone = 1\n", out)

    def test_of_a_crash_shows_the_task_that_ran(self):
        _, out, _ = run(planted, "replay", "segfaults data=16 program/walker:stone/8=7")
        self.assertIn("1. at 9.000 ms, walker chose 7 at its 9th 'stone'", out)
        self.assertRegex(out, r"(?m)^running .* walker/walk  at main.cpp:\d+$")
        self.assertIn("walker/walk  info: stumbles at step 8", out)

    def test_fits_the_terminal(self):
        for width in (40, 80, 160):
            with self.subTest(width=width):
                status, shown, _ = on_a_terminal(width, "stdout", planted, "replay", RACE)
                self.assertEqual(status, 1)
                text = re.sub(r"\x1b\[\d*m", "", shown).replace("\r", "")
                text = text[text.index("Failure"):text.index("Reproduce")]
                self.assertLessEqual(max(map(len, text.splitlines())), width)
                self.assertEqual("(no room for" in text, width == 40)

    @unittest.skipUnless(shutil.which("gdb"), "there is no gdb")
    def test_under_gdb_stops_at_the_failing_step(self):
        done = subprocess.run(
            [planted, "replay", RACE, "--gdb"],
            input="kill\nquit\n", capture_output=True, text=True, timeout=PATIENCE)
        self.assertIn("--no-fork --reach 25", done.stdout)
        self.assertRegex(done.stdout, r"Breakpoint 1, .*rehearsal_reached")

    def test_without_gdb_is_refused(self):
        done = subprocess.run([planted, "replay", "bank data=3", "--gdb"], env={"PATH": "/nowhere"},
                              capture_output=True, text=True, timeout=PATIENCE)
        self.assertEqual((done.returncode, done.stdout), (2, ""))
        self.assertRegex(done.stderr, r"\A[^\n]*--gdb: gdb cannot be started[^\n]*\n\Z")


if __name__ == "__main__":
    if len(sys.argv) < 2:
        print(__doc__, file=sys.stderr)
        sys.exit(2)
    planted = sys.argv.pop(1)
    unittest.main(verbosity=2, warnings="ignore")
