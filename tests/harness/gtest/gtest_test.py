#!/usr/bin/env python3
"""Tests what users of simulation tests see: the output, the exit status, the XML.

usage: gtest_test.py PLANTED [ARGUMENTS OF unittest]

PLANTED is a program of simulation tests that fail (planted/)."""

import json
import os
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

    def test_nondeterminism_names_the_first_event_and_what_both_runs_fail_by(self):
        _, out, _ = run("Memory.of_earlier_runs_is_found")
        self.assertRegex(out, r"The first event that differs:\n"
                              r"  first:  +5 +0\.00\d+ s  sleeper/0  done\n"
                              r"  second: +5 +0\.00\d+ s  sleeper/0  resume at main\.cpp:\d+\n")
        status, out, _ = run("Memory.differs_and_fails")
        self.assertEqual(status, 1)
        self.assertIn("is not deterministic", out)
        self.assertIn("\nThe first event that differs:\n  first: ", out)
        self.assertRegex(out, r"\nBoth runs fail:\n  \S*main\.cpp:\d+: in no task(.|\n)*"
                              r"it has slept\n")

    def test_a_failure_that_comes_again_in_another_run_is_not_deterministic(self):
        status, out, _ = run("Memory.differs_after_other_runs_and_fails", REHEARSAL_JOBS="1")
        self.assertEqual(status, 1)
        self.assertRegex(out, "is not deterministic: two runs of seed [0-9]+ differ")
        self.assertRegex(out, r"\nBoth runs fail:\n(.|\n)*it drew a blank\n")
        self.assertNotIn("\nFailure\n", out)  # which is not explained

    def test_a_crash_in_one_of_two_runs_is_named(self):
        status, out, _ = run("Memory.that_makes_a_run_crash_is_found")
        self.assertEqual(status, 1)
        self.assertIn(" is not deterministic: two runs of ", out)
        self.assertRegex(out, r"\n  first:  passes, digest \w+, 0 steps"
                              r"\n  second: fails: the process crashed: signal 6 ")
        self.assertIn("\nOne of them fails:\n  the process crashed: signal 6 ", out)

    def test_whatever_the_body_throws_is_reported(self):
        status, out, err = run("Body.throws_what_is_no_exception")
        self.assertEqual((status, err), (1, ""))
        self.assertIn("the scenario threw: an exception not derived from std::exception\n", out)
        self.assertEqual(out.count("[  PASSED  ] 0 tests."), 1)

    def test_a_line_of_the_log_is_an_event(self):
        _, out, _ = run("Log.*")
        self.assertRegex(out, r"\n +\d+ +0\.003000000 s  queue/watch  "
                              r'log "the consumer is slow"')
        self.assertIn("  queue/watch  failed: a failed check ended it\n", out)

    def test_a_fault_that_never_comes_fails_the_test(self):
        status, out, _ = run("Fault.*")
        self.assertEqual(status, 1)
        self.assertRegex(out, r"no-such-send.*in 1,000 runs")
        self.assertEqual(run("Fault.*", REHEARSAL_RUNS="5")[0], 0)

    def test_a_check_that_is_never_reached_fails_the_test(self):
        status, out, _ = run("Check.*")
        self.assertEqual(status, 1)
        self.assertRegex(out, r"eventually 'it is late' \(main\.cpp:\d+\) was never judged: .*, "
                              r"in 1,000 runs")
        self.assertRegex(out, r"action \(main\.cpp:\d+\) never happened: .*, in 1,000 runs")
        self.assertIn("'it was early' was evaluated only before a task ran\n", out)
        self.assertEqual(run("Check.*", REHEARSAL_RUNS="5")[0], 0)
        status, out, _ = run("Check.*", REHEARSAL_POLICY="nominal")
        self.assertEqual(status, 1)
        self.assertIn("was never judged", out)
        status, out, _ = run("Check.*", REHEARSAL_REPLAY="Check.that_is_never_reached data=1")
        self.assertEqual(status, 0)
        self.assertRegex(out, r"\n  eventually 'it is late' \(main\.cpp:\d+\) was not judged")

    def test_a_test_without_runs_is_one_line(self):
        status, out, _ = run("Runs.are_none")
        self.assertEqual(status, 1)
        self.assertIn("runs in the options of the test: '0' is not a whole number from 1\n", out)

    def test_an_unknown_policy_of_its_options_is_one_line(self):
        status, out, _ = run("Policy.*")
        self.assertEqual(status, 1)
        self.assertIn("policy in the options of the test: 'bold' is not one of nominal", out)


class Pages(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def assert_page(self, file):
        data = re.search(r'id="data">(.*?)</script>', file.read_text(), re.DOTALL)[1]
        page = json.loads(data)
        self.assertEqual(page["scenario"], "Bank.loses_no_deposit")
        self.assertEqual(len(page["runs"]), 2)
        self.assertIn("REHEARSAL_REPLAY=", page["command"])

    def test_a_failing_test_has_one_in_the_folder_of_the_setting(self):
        status, out, err = run("Bank.loses_no_deposit", REHEARSAL_HTML=str(self.folder))
        self.assertEqual((status, err), (1, ""))
        file = self.folder / "Bank.loses_no_deposit.html"
        self.assertIn(f"Page: {file}\n", out)
        self.assert_page(file)

    def test_a_failing_test_has_one_beside_the_xml_in_ci(self):
        report = self.folder / "report.xml"
        run("Bank.loses_no_deposit", f"--gtest_output=xml:{report}", CI="1")
        self.assertEqual({file.name for file in self.folder.iterdir()},
                         {"report.xml", "Bank.loses_no_deposit.html"})
        self.assert_page(self.folder / "Bank.loses_no_deposit.html")

    def test_otherwise_there_is_none(self):
        report = self.folder / "report.xml"
        _, out, _ = run("Bank.loses_no_deposit", f"--gtest_output=xml:{report}")
        self.assertNotIn("Page:", out)
        run("Bank.loses_no_deposit", CI="1")
        self.assertEqual([file.name for file in self.folder.iterdir()], ["report.xml"])

    def test_a_folder_that_does_not_exist_is_one_line(self):
        status, out, err = run("Bank.loses_no_deposit", REHEARSAL_HTML="/no/such/folder")
        self.assertEqual(status, 2)
        self.assertRegex(
            err, r"\A[^\n]*REHEARSAL_HTML: folder '/no/such/folder' does not exist\n\Z")


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

    def test_a_time_limit_ends_a_test_early_and_says_so(self):
        status, out, _ = run("Good.takes_as_long_as_it_may")
        self.assertEqual(status, 0)
        said = re.search(r"takes_as_long_as_it_may: the time limit of 1 second ended the test "
                         r"after ([\d,]+) of [\d,]+ runs\. Repeat them with:\n(.*)\n", out)
        runs = said.group(1).replace(",", "")
        self.assertIn(f"REHEARSAL_RUNS={runs} ", said.group(2))
        status, out, _ = run("Good.takes_as_long_as_it_may", REHEARSAL_RUNS="30")
        self.assertEqual((status, "time limit" in out), (0, False))

    def test_no_seed_follows_the_last_one(self):
        last = str(2**64 - 1)
        status, out, _ = run("Good.passes", REHEARSAL_SEED=last)
        self.assertEqual((status, "time limit" in out), (0, False))
        self.assertEqual(self.properties("Good.passes", REHEARSAL_SEED=last)["passes"]["runs"], "1")

    def test_the_number_of_jobs_changes_no_result(self):
        for tests in "Good.passes", "Bank.*", "Walk.reads_at_zero", "Hall.*":
            found = {jobs: self.properties(tests, REHEARSAL_JOBS=jobs) for jobs in "125"}
            self.assertEqual(found["1"], found["2"])
            self.assertEqual(found["1"], found["5"])
            # A sanitizer prints addresses and process numbers.
            changes = r"\d+ ms|0x[0-9a-f]+|==\d+=="
            texts = {jobs: re.sub(changes, "", run(tests, REHEARSAL_JOBS=jobs)[1])
                     for jobs in "15"}
            self.assertEqual(texts["1"], texts["5"])

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
                ((), {"REHEARSAL_JOBS": "0"}, "REHEARSAL_JOBS: '0' is not a whole number from 1"),
                ((), {"REHEARSAL_WRITE_TRACE": "/nowhere/a.trace"},
                 "REHEARSAL_WRITE_TRACE: folder '/nowhere' does not exist"),
                ((), {"REHEARSAL_WRITE_TRACE": "/tmp"},
                 "REHEARSAL_WRITE_TRACE: '/tmp' is not the name of a file"),
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
        status, out, properties = self.xml_of("Search.finds_the_one_order")
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
        _, out, _ = run("Search.finds_the_one_order", REHEARSAL_RUNS="1")
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

    def test_a_crash_of_a_run_is_found_shrunk_and_replayed(self):
        status, out, properties = self.xml_of("Search.crashes_in_one_order:Good.passes_too")
        self.assertEqual(status, 1)
        self.assertIn("failed in run 2 of a search (policy exhaustive).\nShrunk from ", out)
        crash = r"the process crashed: (signal 11 \(Segmentation fault\)|exit status 1)\n"
        self.assertRegex(out, crash)
        self.assertIn("[       OK ] Good.passes_too", out)
        self.assertEqual(properties["kind"], "crash")
        command, = commands(out)
        status, again, _ = paste(command)
        self.assertEqual(status, 1)
        self.assertRegex(again, crash)

    def test_a_crash_before_any_event_is_replayed(self):
        _, out, _ = run("Body.crashes_before_any_event", REHEARSAL_POLICY="exhaustive")
        self.assertIn("failed in run 3 of a search (policy exhaustive).\n", out)
        command, = commands(out)
        self.assertIn("program/world:stone/0=2", command)
        self.assertIn("the process crashed: signal 6", paste(command)[1])

    def test_a_skip_ends_it(self):
        status, out, _ = run("Search.is_skipped")
        self.assertEqual(status, 0)
        self.assertIn("[  SKIPPED ] Search.is_skipped", out)

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
                done = subprocess.run(["sh", "-c", under_gdb], capture_output=True, text=True,
                                      input="rehearsal tasks\nkill\nquit\n", timeout=PATIENCE)
                self.assertIn(f"--rehearsal_reach={step}\n", done.stdout)
                self.assertIn(f" of virtual time, {step} steps\n", done.stdout)
                self.assertRegex(done.stdout, r"Breakpoint 1, .*rehearsal_reached")
                self.assertNotIn("Failure", done.stdout)

    @unittest.skipUnless(shutil.which("gdb"), "there is no gdb")
    def test_under_gdb_stops_at_the_step_that_is_asked_for(self):
        command, = commands(run("Bank.*")[1])
        done = subprocess.run(["sh", "-c", f"REHEARSAL_GDB=1 REHEARSAL_REACH=5 {command}"],
                              input="rehearsal tasks\nkill\nquit\n", capture_output=True,
                              text=True, timeout=PATIENCE)
        self.assertIn(" of virtual time, 5 steps\n", done.stdout)

    def test_without_gdb_is_refused(self):
        status, out, _ = run("Good.passes", PATH="/nowhere", REHEARSAL_GDB="1",
                             REHEARSAL_REPLAY="Good.passes data=1")
        self.assertEqual(status, 1)
        self.assertIn("REHEARSAL_GDB: gdb cannot be started", out)


class Crashes(unittest.TestCase):
    def test_a_crash_is_a_failure_as_any_other(self):
        sanitized = "AddressSanitizer" in run("Walk.reads_at_zero")[1]
        crashes = [("segfaults", "signal 11 (Segmentation fault)"),
                   ("reads_at_zero", "signal 11 (Segmentation fault)"),
                   ("overflows_its_stack", "signal 11 (Segmentation fault)"),
                   ("breaks_a_check", "CHECK failed: nobody stumbles")]
        if sanitized:
            crashes = [(name, "AddressSanitizer") for name, _ in crashes[1:3]]
            crashes += [("breaks_a_check", "CHECK failed: nobody stumbles"),
                        ("uses_what_is_freed", "heap-use-after-free"),
                        ("loses_memory", "LeakSanitizer: detected memory leaks")]
        for name, said in crashes:
            with self.subTest(name=name):
                status, out, _ = run(f"Walk.{name}:Good.passes_too")
                self.assertEqual(status, 1)
                self.assertIn(said, out)
                self.assertRegex(out, r"Shrunk from \d+ deviations? to 1 in \d+ runs\.\n")
                self.assertRegex(out, r"\n  in task walker/walk, step \d+, event \d+, at ")
                self.assertRegex(out, r"walker chose 7 at its \d+\w\w 'stone'\n")
                self.assertIn("[       OK ] Good.passes_too", out)
                command, = commands(out)
                status, again, _ = paste(command)
                self.assertEqual(status, 1)
                self.assertIn(said, again)
                self.assertIn("failed in the replay of a schedule.\n", again)

    def test_a_crash_of_a_fixtures_set_up_is_a_failure_as_any_other(self):
        status, out, _ = run("CrashingSetUp.*:Good.passes_too")
        self.assertEqual(status, 1)
        self.assertIn("the process crashed: signal 6", out)
        self.assertIn("[       OK ] Good.passes_too", out)

    def test_no_body_follows_a_set_up_that_fails_or_skips(self):
        status, out, _ = run("FailingSetUp.*:SkippingSetUp.*")
        self.assertEqual(status, 1)
        self.assertIn("  check at main.cpp:", out)
        self.assertIn("not today\n", out)
        self.assertIn("[  SKIPPED ] SkippingSetUp.skips_the_test", out)
        self.assertNotIn("crashed", out)

    def test_a_crash_is_kept_in_the_xml(self):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder, "report.xml")
            run("Walk.breaks_a_check", f"--gtest_output=xml:{path}")
            self.assertIn('<property name="kind" value="crash"/>', path.read_text())

    @unittest.skipUnless(shutil.which("gdb"), "there is no gdb")
    def test_a_debugger_stops_at_the_crash(self):
        for more in [], ["--rehearsal_replay=Walk.reads_at_zero data=1 program/walker:stone/0=7"]:
            done = subprocess.run(["gdb", "-batch", "-ex", "run", "-ex", "bt 1", "--args",
                                   rehearsed.program, "--gtest_filter=Walk.reads_at_zero", *more],
                                  capture_output=True, text=True, timeout=PATIENCE,
                                  stdin=subprocess.DEVNULL)
            self.assertIn("received signal SIGSEGV", done.stdout)
            self.assertRegex(done.stdout, r"#0 .*(Walk_reads_at_zero|main\.cpp:\d+)")

    def test_its_trace_is_written_to_its_last_event(self):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder, "run.trace")
            for test, end in (("Walk.breaks_a_check", "crash"), ("Bank.*", "failed"),
                              ("Body.crashes_before_any_event", "crash")):
                _, out, _ = run(test, REHEARSAL_WRITE_TRACE=str(path))
                self.assertIn(f"trace written to {path}\n", out)
                lines = [json.loads(line) for line in path.read_text().splitlines()]
                self.assertEqual(lines[-1]["end"], end)
                self.assertEqual(lines[-1]["events"], len(lines) - 2)
                command, = commands(out)
                self.assertIn(f"REHEARSAL_REPLAY='{lines[-1]['schedule']}'", command)
            status, out, _ = run("Good.passes", REHEARSAL_WRITE_TRACE=str(path),
                                 REHEARSAL_REPLAY="Good.passes data=1")
            self.assertEqual(status, 0)
            self.assertEqual(json.loads(path.read_text().splitlines()[-1])["end"], "done")

    def ended(self, test, **variables):
        """Returns what the program prints when a signal ends it in a run that never ends."""
        err, after = "", 0.5
        while "was running" not in err and "was searching" not in err:
            process = subprocess.Popen([rehearsed.program, f"--gtest_filter={test}"],
                                       stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
                                       env={**os.environ, **variables})
            time.sleep(after)  # a busy machine takes longer to start a run
            process.send_signal(signal.SIGTERM)
            _, err = process.communicate(timeout=PATIENCE)
            self.assertEqual(process.returncode, -signal.SIGTERM)
            self.assertLess(after, PATIENCE, "it never says so")
            after *= 2
        return err

    def test_a_run_that_never_ends_says_so_when_it_is_ended(self):
        self.assertRegex(self.ended("Walk.never_ends"),
                         r"Walk.never_ends was running seed \d+\. Reproduce it with:\n"
                         r"REHEARSAL_SEED=\d+ REHEARSAL_RUNS=1 REHEARSAL_POLICY=mix ")
        self.assertRegex(self.ended("Search.of_a_run_that_never_ends"),
                         r"was searching its schedules\. Reproduce it with:\nREHEARSAL_SEED=1 ")
        with tempfile.TemporaryDirectory() as folder:
            schedule = "Walk.never_ends data=1 program/walker:stone/0=7"
            pathlib.Path(folder, "hangs.schedule").write_text(schedule + "\nexpect pass\n")
            self.assertRegex(self.ended("Walk.never_ends", REHEARSAL_TRACES=folder),
                             r"was running the kept schedule \S+hangs.schedule\. Reproduce it "
                             rf"with:\nREHEARSAL_REPLAY='{schedule}' ")


if __name__ == "__main__":
    rehearsed.program = sys.argv.pop(1)
    unittest.main(verbosity=2)
