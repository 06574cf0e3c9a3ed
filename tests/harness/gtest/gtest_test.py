#!/usr/bin/env python3
"""Tests what users of simulation tests see: the output, the exit status, the XML.

usage: gtest_test.py PLANTED [ARGUMENTS OF unittest]

PLANTED is a program of simulation tests that fail (planted/)."""

import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest
import xml.etree.ElementTree as xml

import rehearsed
from rehearsed import PATIENCE, commands, digests, paste, run


class Failures(unittest.TestCase):
    def test_shrinking_gets_to_its_end_by_what_it_says_however_low_its_bound(self):
        status, out, _ = run("Bank.*", REHEARSAL_SHRINK_RUNS="2")
        resumed = 0
        while lines := re.findall(r"Continue with:\n(REHEARSAL_SHRINK_RUNS=2 .*)\n", out):
            resumed += 1
            self.assertLess(resumed, 300)
            status, out, err = paste(lines[0])
            self.assertEqual((status, err), (1, ""))
        self.assertGreater(resumed, 2)
        self.assertRegex(out, r"Shrunk from 1 deviation to 1 in [12] runs?\.\n")

    def test_it_is_reported_once_and_shrunk(self):
        for name in ("Bank.loses_no_deposit", "Hall.loses_no_deposit"):
            status, out, err = run(name)
            self.assertEqual((status, err), (1, ""))
            self.assertEqual(out.count(": Failure\n"), 1)
            self.assertRegex(out, rf"{name} failed in run \d+ of 1000 \(seed \d+, policy random\)")
            before, after = re.search(r"Shrunk from (\d+) deviations? to (\d+) in", out).groups()
            self.assertGreater(int(before), int(after))
            self.assertEqual(after, "1")
            self.assertRegex(out, r"bank_world\.hpp:\d+: in task bank/\S+ at \d+\.\d{3} ms")
            self.assertIn("a deposit is lost", out)

    def test_the_command_that_it_prints_fails_identically(self):
        for name in ("Bank.loses_no_deposit", "Hall.loses_no_deposit"):
            _, out, _ = run(name)
            command, = commands(out)
            self.assertIn(f"REHEARSAL_REPLAY='{name} data=", command)
            status, again, _ = paste(command)
            self.assertEqual(status, 1)
            self.assertEqual(commands(again), [command])
            self.assertEqual(digests(again), digests(out))
            self.assertIn("a deposit is lost", again)

    def test_by_default_it_passes(self):
        status, out, _ = run("Bank.*", REHEARSAL_REPLAY="Bank.loses_no_deposit data=1")
        self.assertEqual(status, 0, out)

    def test_it_is_explained_as_on_the_command_line(self):
        _, out, _ = run("Bank.*")
        for part in ("\nFailure\n  ", "  check at bank_world.hpp:",
                     "\nCause: 1 deviation from the default run\n  1. at ",
                     " ms, the 6th datagram of client-2/0:udp/0 was sent and ",
                     " other continuations fail; after it, ",
                     "\nFirst difference from the default run\n  default ",
                     "\nEvents\n", "\nTasks\n", "\nSockets\n", "\nReproduce\n"):
            self.assertIn(part, out)
        self.assertRegex(
            out, r"\nPoint of no return\n  in task client-2/0, step \d+, event \d+, at 17\.000 ms")

    def test_an_explanation_survives_a_crash_of_what_it_tries(self):
        status, out, err = run("Trap.*")
        self.assertEqual((status, err), (1, ""))
        self.assertIn("\nPoint of no return\n", out)
        self.assertIn("\nReproduce\n", out)

    def test_an_assertion_cannot_be_swallowed(self):
        status, out, _ = run("Swallow.*")
        self.assertEqual(status, 1)
        self.assertIn("swallowed", out)
        self.assertIn("program/glutton:stone/0=3", out)

    def test_a_deadlock_names_the_task_and_the_line(self):
        status, out, _ = run("Deadlock.*")
        self.assertEqual(status, 1)
        self.assertRegex(out, r"deadlock(.|\n)*\nwaiting .* waiter/wait  event, at main\.cpp:\d+")
        self.assertIn("  no deviations: the default run fails\n", out)

    def test_what_an_earlier_run_left_is_found(self):
        status, out, _ = run("Memory.of_earlier_runs_is_found")
        self.assertEqual(status, 1)
        self.assertIn("is not deterministic: two runs of seed 1 differ", out)
        status, out, _ = run("Memory.that_makes_a_run_fail_is_found")
        self.assertEqual(status, 1)
        self.assertRegex(out, "is not deterministic: two runs of seed [0-9]+ differ")

    def test_a_fault_that_never_comes_fails_the_test(self):
        status, out, _ = run("Fault.*")
        self.assertEqual(status, 1)
        self.assertRegex(out, r"no-such-send.*in 100 runs")
        self.assertEqual(run("Fault.*", REHEARSAL_RUNS="5")[0], 0)

    def test_a_check_that_is_never_reached_fails_the_test(self):
        status, out, _ = run("Check.*")
        self.assertEqual(status, 1)
        self.assertRegex(out, r"eventually 'it is late' \(main\.cpp:\d+\) was never judged: .*, "
                              r"in 100 runs")
        self.assertRegex(out, r"action \(main\.cpp:\d+\) never happened: .*, in 100 runs")
        self.assertIn("'it was early' was evaluated only before a task ran\n", out)
        self.assertEqual(run("Check.*", REHEARSAL_RUNS="5")[0], 0)
        status, out, _ = run("Check.*", REHEARSAL_POLICY="nominal")
        self.assertEqual(status, 1)
        self.assertIn("was never judged", out)
        status, out, _ = run("Check.*", REHEARSAL_REPLAY="Check.that_is_never_reached data=1")
        self.assertEqual(status, 0)
        self.assertRegex(out, r"\n  eventually 'it is late' \(main\.cpp:\d+\) was not judged")

    def test_an_unknown_policy_of_its_options_is_one_line(self):
        status, out, _ = run("Policy.*")
        self.assertEqual(status, 1)
        self.assertIn("policy in the options of the test: 'bold' is not one of nominal", out)


class OwnPolicies(unittest.TestCase):
    def test_make_the_runs_where_they_are_asked_for(self):
        status, out, _ = run("Own.policy_makes_the_runs")
        self.assertEqual(status, 1)
        self.assertIn("failed in run 1 of 1 (seed 1, policy own)", out)
        self.assertIn("it was overtaken", out)
        self.assertEqual(run("Own.policy_makes_the_runs", REHEARSAL_POLICY="nominal")[0], 0)

    def test_that_are_missing_fail_the_test(self):
        for tests, variables in (("Own.policy_is_missing", {}),
                                 ("Good.passes", {"REHEARSAL_POLICY": "own"})):
            status, out, _ = run(tests, **variables)
            self.assertEqual(status, 1)
            self.assertIn("policy 'own' needs own_policy in the options of the test", out)


class Budgets(unittest.TestCase):
    def properties(self, tests, **variables):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder, "report.xml")
            run(tests, f"--gtest_output=xml:{path}", **variables)
            return {case.get("name"): {p.get("name"): p.get("value")
                                       for p in case.iter("property")}
                    for case in xml.parse(path).getroot().iter("testcase")}

    def test_the_xml_has_what_was_run(self):
        found = self.properties("Good.passes")["passes"]
        self.assertEqual((found["runs"], found["seed"], found["policy"]), ("50", "1", "mix"))
        self.assertEqual(found, self.properties("Good.passes")["passes"])
        other = self.properties("Good.passes", REHEARSAL_SEED="51")["passes"]
        self.assertNotEqual(found["digest"], other["digest"])

    def test_the_xml_of_a_failure_has_its_schedule(self):
        found = self.properties("Bank.*")["loses_no_deposit"]
        command, = commands(run("Bank.*")[1])
        self.assertIn(f"REHEARSAL_REPLAY='{found['schedule']}'", command)
        self.assertRegex(found["digest"], "^[0-9a-f]{16}$")
        self.assertEqual(found["kind"], "a property failed")
        self.assertEqual(self.properties("Deadlock.*")["is_reported"]["kind"], "deadlock")

    def test_the_environment_and_the_flags_say_how_much_is_run(self):
        found = self.properties("Good.passes", REHEARSAL_RUNS="7", REHEARSAL_POLICY="pct:2",
                                REHEARSAL_SEED="3")["passes"]
        self.assertEqual((found["runs"], found["seed"], found["policy"]), ("7", "3", "pct:2"))
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder, "report.xml")
            status, _, _ = run("Good.passes", f"--gtest_output=xml:{path}", "--rehearsal_runs=9",
                               REHEARSAL_RUNS="7")
            self.assertEqual(status, 0)
            self.assertIn('name="runs" value="9"', path.read_text())

    def test_seconds_alone_have_as_many_runs_as_fit(self):
        runs, seconds = 0, 1
        while runs <= 50:  # a busy machine takes longer to do as many as a test does by default
            found = self.properties("Good.passes", REHEARSAL_SECONDS=str(seconds))["passes"]
            runs, seconds = int(found["runs"]), 2 * seconds

    def test_whole_tests_go_to_shards(self):
        ran = {}
        for shard in ("0", "1"):
            ran.update({(shard, name): found for name, found in self.properties(
                "Good.passes*", GTEST_TOTAL_SHARDS="2", GTEST_SHARD_INDEX=shard).items() if found})
        self.assertEqual(sorted(name for _, name in ran), ["passes", "passes_too"])
        self.assertEqual({found["runs"] for found in ran.values()}, {"50"})
        self.assertEqual(len({shard for shard, _ in ran}), 2)

    def test_bad_settings_are_one_line_and_exit_status_2(self):
        for flags, variables, part in (
                ((), {"REHEARSAL_RUNS": "0"}, "REHEARSAL_RUNS: '0' is not a whole number from 1"),
                ((), {"REHEARSAL_POLICY": "bold"}, "REHEARSAL_POLICY: 'bold' is not one of"),
                (("--rehearsal_runs=x",), {}, "--rehearsal_runs: 'x' is not a whole number"),
                (("--rehearsal_runs",), {}, "--rehearsal_runs: no value"),
                (("--rehearsal_fast=1",), {}, "--rehearsal_fast: 'fast' is not one of"),
                ((), {"REHEARSAL_REPLAY": "No.such_test data=1"},
                 "REHEARSAL_REPLAY: unknown test 'No.such_test'"),
                ((), {"REHEARSAL_SHRINK_TRIED": "3"},
                 "REHEARSAL_SHRINK_TRIED needs REHEARSAL_REPLAY"),
                ((), {"REHEARSAL_REPLAY": ""}, "REHEARSAL_REPLAY: column 1: expected the name"),
                ((), {"REHEARSAL_REPLAY": "Good.passes data=1 run/a/0"},
                 "REHEARSAL_REPLAY: column 27: expected =VALUE"),
                (("--rehearsal_replay=Good.passes",), {}, "--rehearsal_replay: column 12: "),
                ((), {"REHEARSAL_GDB": "1"}, "REHEARSAL_GDB needs REHEARSAL_REPLAY"),
                (("--rehearsal_reach=0",), {}, "--rehearsal_reach: '0' is not a whole number"),
                ((), {"REHEARSAL_KEEP": "lost"}, "REHEARSAL_KEEP needs REHEARSAL_REPLAY")):
            status, out, err = run("Good.passes", *flags, **variables)
            self.assertEqual(status, 2, out)
            self.assertRegex(err, r"\A[^\n]+\n\Z")
            self.assertIn(part, err)
            self.assertNotIn("[ RUN", out)


class Searches(unittest.TestCase):
    def xml_of(self, tests, **variables):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder, "report.xml")
            status, out, _ = run(tests, f"--gtest_output=xml:{path}", **variables)
            return status, out, {one.get("name"): one.get("value")
                                 for one in xml.parse(path).getroot().iter("property")}

    def test_what_is_found_is_shrunk_and_replayed(self):
        status, out, properties = self.xml_of("Search.*")
        self.assertEqual(status, 1)
        said = "2 runs, 2 distinct traces, 1 failed, the first in run 2; stopped at a failure"
        self.assertIn(f"Search.finds_the_one_order: {said}\n", out)
        self.assertIn("failed in run 2 of a search (policy exhaustive).\nShrunk from ", out)
        self.assertEqual((properties["search"], properties["runs"]), (said, "2"))
        command, = commands(out)
        self.assertIn(f"REHEARSAL_REPLAY='{properties['schedule']}'", command)
        status, again, _ = paste(command)
        self.assertEqual(status, 1)
        self.assertEqual(digests(again), digests(out))
        self.assertIn("it was overtaken", again)

    def test_the_environment_asks_for_one_and_what_bounds_it(self):
        status, out, properties = self.xml_of("Good.passes_too", REHEARSAL_POLICY="exhaustive")
        self.assertEqual(status, 0)
        self.assertIn("Good.passes_too: 1 run, 1 distinct trace; not tried, although their rates "
                      "allow it: timer; all orders of steps explored\n", out)
        self.assertEqual(properties["policy"], "exhaustive")
        _, out, _ = run("Search.*", REHEARSAL_RUNS="1")
        self.assertIn(": 1 run, 1 distinct trace; stopped by the limit on runs\n", out)
        for policy in "delays:0", "delays:02":
            status, out, _ = run("Good.passes_too", REHEARSAL_POLICY=policy)
            self.assertEqual(status, 2)

    def test_what_no_run_came_to_fails_the_test(self):
        for policy in "exhaustive", "faults:1":
            with self.subTest(policy=policy):
                status, out, _ = run("Check.*", REHEARSAL_POLICY=policy)
                self.assertEqual(status, 1)
                self.assertRegex(out, r"eventually 'it is late' \(main\.cpp:\d+\) was never "
                                      r"judged: .*, in \d+ runs?\n")
                self.assertIn("'it was early' was evaluated only before a task ran\n", out)
        status, out, _ = run("Check.*", REHEARSAL_POLICY="faults:1", REHEARSAL_RUNS="1")
        self.assertEqual(status, 0, out)

    def test_what_is_not_deterministic_is_found_before(self):
        status, out, _ = run("Memory.of_earlier_runs_is_found", REHEARSAL_POLICY="exhaustive")
        self.assertEqual(status, 1)
        self.assertIn("is not deterministic: two runs of seed 1 differ", out)


class Replays(unittest.TestCase):
    def test_a_schedule_of_another_test_skips(self):
        status, out, _ = run("Good.*:Bank.*", REHEARSAL_REPLAY="Good.passes data=1")
        self.assertEqual(status, 0)
        self.assertIn("[       OK ] Good.passes ", out)
        self.assertIn("[  SKIPPED ] Bank.loses_no_deposit", out)
        self.assertIn("REHEARSAL_REPLAY names the test Good.passes", out)

    def test_what_was_not_applied_is_told(self):
        status, out, _ = run("Good.passes", REHEARSAL_REPLAY="Good.passes data=1 run/a/0/0=1")
        self.assertEqual(status, 0)
        self.assertIn("not applied:\n  run/a/0/0=1\n", out)


class Debugging(unittest.TestCase):
    def test_neither_breaks_nor_throws_in_a_run_that_is_tried(self):
        for flag, number in (("break", signal.SIGTRAP), ("throw", signal.SIGABRT)):
            status, out, _ = run("Bank.*", f"--gtest_{flag}_on_failure")
            self.assertEqual(status, -number)  # raised by the report, as GoogleTest does
            self.assertEqual(digests(out), digests(run("Bank.*")[1]))

    @unittest.skipUnless(shutil.which("gdb"), "there is no gdb")
    def test_under_gdb_stops_at_the_failing_step(self):
        _, out, _ = run("Bank.*")
        self.assertIn("  Set REHEARSAL_GDB=1 as well to stop in gdb", out)
        command, = commands(out)
        step = re.search(r"(?m)^  in task \S+, step (\d+), ", out).group(1)
        for under_gdb in f"REHEARSAL_GDB=1 {command}", f"{command} --rehearsal_gdb=1":
            with self.subTest(command=under_gdb):
                done = subprocess.run(["sh", "-c", under_gdb], input="kill\nquit\n",
                                      capture_output=True, text=True, timeout=PATIENCE)
                self.assertIn(f"--rehearsal_reach={step}\n", done.stdout)
                self.assertRegex(done.stdout, r"Breakpoint 1, .*rehearsal_reached")
                self.assertNotIn("Failure", done.stdout)

    def test_without_gdb_is_refused(self):
        status, out, _ = run("Good.passes", PATH="/nowhere", REHEARSAL_GDB="1",
                             REHEARSAL_REPLAY="Good.passes data=1")
        self.assertEqual(status, 1)
        self.assertIn("REHEARSAL_GDB: gdb cannot be started", out)


class Crashes(unittest.TestCase):
    def assert_last_words(self, name, status, out, err):
        said = re.findall(rf"(?m)^{re.escape(name)} was .*\. Reproduce it with:\n(.*)$", err)
        self.assertEqual(len(said), 1, err)
        self.assertEqual(out.count("[ RUN"), 1)
        again, _, words = paste(said[0])
        self.assertEqual(again, status if status > 0 else 128 - status)
        self.assertIn(said[0], words)

    def test_the_line_that_repeats_it_comes_before_the_end(self):
        sanitized = "AddressSanitizer" in run("Walk.reads_at_zero")[2]
        for name, number in (("segfaults", signal.SIGSEGV), ("reads_at_zero", signal.SIGSEGV),
                             ("overflows_its_stack", signal.SIGSEGV),
                             ("breaks_a_check", signal.SIGABRT)):
            with self.subTest(name=name):
                status, out, err = run(f"Walk.{name}")
                self.assertNotIn(status, (0, 2))
                if not sanitized:
                    self.assertEqual(status, -number)
                self.assert_last_words(f"Walk.{name}", status, out, err)
        if sanitized:
            status, out, err = run("Walk.uses_what_is_freed")
            self.assertIn("heap-use-after-free", err)
            self.assert_last_words("Walk.uses_what_is_freed", status, out, err)

    def test_a_run_that_never_ends_says_so_when_it_is_ended(self):
        err, after = "", 0.5
        while "was running" not in err:  # a busy machine takes longer to start one
            process = subprocess.Popen([rehearsed.program, "--gtest_filter=Walk.never_ends"],
                                       stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
            time.sleep(after)
            process.send_signal(signal.SIGTERM)
            _, err = process.communicate(timeout=PATIENCE)
            self.assertEqual(process.returncode, -signal.SIGTERM)
            after *= 2
        self.assertRegex(err, r"Walk.never_ends was running seed \d+\. Reproduce it with:\n"
                              r"REHEARSAL_SEED=\d+ REHEARSAL_RUNS=1 REHEARSAL_POLICY=mix ")


if __name__ == "__main__":
    rehearsed.program = sys.argv.pop(1)
    unittest.main(verbosity=2)
