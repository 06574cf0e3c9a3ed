#!/usr/bin/env python3
"""Tests the commands that run simulations: list, run, replay and trace.

usage: rehearse_test.py PROGRAM PLANTED [ARGUMENTS OF unittest]

PROGRAM is `rehearsal`; PLANTED has the same commands over scenarios that fail (planted/)."""

import os
import pathlib
import re
import signal
import subprocess
import sys
import tempfile
import time
import unittest

from commands import PATIENCE, digest, failed_seeds, on_a_terminal, paste, replay_lines, run

program = None
planted = None

ECHO = ("echo.clients", "echo.jitter", "echo.short", "echo.resets", "echo.restart",
        "echo.partition", "echo.greedy")


def catches(process, number):
    """Returns whether the process has a handler for the signal."""
    status = pathlib.Path(f"/proc/{process}/status").read_text()
    return int(re.search(r"^SigCgt:\s+(\w+)$", status, re.M)[1], 16) >> number - 1 & 1 == 1


class Refusals(unittest.TestCase):
    def assert_refused(self, command, *parts):
        status, out, err = run(*command)
        self.assertEqual((status, out), (2, ""), err)
        self.assertRegex(err, r"\A[^\n]+\n\Z")
        for part in parts:
            self.assertIn(part, err)

    def test_bad_flags(self):
        for flags, part in (
                (["run"], "scenario"),
                (["run", "no.such"], "unknown scenario 'no.such'; expected one of echo.clients"),
                (["run", "echo.clients", "--seed", "x"], "'x' is not a whole number"),
                (["run", "echo.clients", "--seed", "-1"], "'-1' is not a whole number"),
                (["run", "echo.clients", "--seeds", "7"], "'7' is not FIRST..LAST"),
                (["run", "echo.clients", "--seeds", "9..1"], "'9..1' is not FIRST..LAST"),
                (["run", "echo.clients", "--seeds", "1..2", "--seed", "1"], "--seed"),
                (["run", "echo.clients", "--seeds", "0..18446744073709551615"], "FIRST..LAST"),
                (["run", "echo.clients", "--jobs", "0", "--seeds", "1..2"], "--jobs: '0'"),
                (["run", "echo.clients", "--jobs", "2"], "--jobs needs a sweep"),
                (["run", "echo.clients", "--shard", "1/2"], "--seeds"),
                (["run", "echo.clients", "--seeds", "1..9", "--shard", "0/2"], "'0/2' is not S"),
                (["run", "echo.clients", "--seeds", "1..9", "--shard", "3/2"], "'3/2' is not S"),
                (["run", "echo.clients", "--seeds", "1..9", "--shard", "1"], "'1' is not SHARD/"),
                (["run", "echo.clients", "--for", "10"], "'10' is not a time"),
                (["run", "echo.clients", "--for", "0s"], "'0s' is not a time"),
                (["run", "echo.clients", "--for", "9999999999999h"], "is not a time"),
                (["run", "echo.clients", "--for", "1s", "--seed", "1"], "--seed"),
                (["run", "echo.clients", "--seeds", "1..9", "--results", "/no/such/file"],
                 "/no/such/file: cannot be written; check the folder and the space on the disk"),
                (["merge"], "files"),
                (["merge", "no-such-file"], "no-such-file: cannot be read"),
                (["run", "echo.clients", "--seeds", "1..2", "--trace", "f"], "--trace"),
                (["run", "echo.clients", "--policy", "bold"], "'bold' is not one of nominal"),
                (["run", "echo.clients", "--policy", "own"],
                 "run: scenario 'echo.clients' has no custom policy"),
                (["run", "echo.clients", "--policy", "delays:0"], "'delays:0' is not one of"),
                (["run", "echo.clients", "--policy", "faults:101"], "'faults:101' is not one of"),
                *((["run", "echo.clients", "--policy", policy], f"'{policy}' is not one of")
                  for policy in ("exhaustively", "pct:03", "sparse:02", "delays:01", "faults:01")),
                (["run", "echo.clients", "--runs", "5"], "--runs needs a search"),
                (["run", "echo.clients", "--policy", "delays", "--seeds", "1..2"],
                 "a search accepts --runs and --seed"),
                (["replay"], "schedule"),
                (["replay", "no-such-file"], "'no-such-file' is neither a file nor a schedule"),
                (["replay", "echo.clients data=x"], "column 19: expected"),
                (["replay", "echo.clients data=1 run/a/0"], "column"),
                (["replay", "other data=1"], "unknown scenario 'other'"),
                (["replay", "echo.clients data=1", "--until", "0"], "--until: '0'"),
                (["replay", "echo.clients data=1", "--reach", "1"], "--no-fork"),
                (["shrink", "echo.clients data=x"], "column 19: expected"),
                (["shrink", "no-such-file"], "'no-such-file' is neither a file nor a schedule"),
                (["shrink", "echo.clients data=1", "--shrink-runs", "0"], "--shrink-runs: '0'"),
                (["shrink", "echo.clients data=1", "--shrink-tried", "x"], "--shrink-tried: 'x'"),
                (["run", "echo.clients", "--seeds", "1..2", "--no-fork"], "--no-fork"),
                # Flags that would have no effect.
                (["run", "echo.clients", "--check-determinism", "--no-fork"], "--no-fork"),
                (["run", "echo.clients", "--check-determinism", "--trace", "f"], "--trace"),
                (["run", "echo.clients", "--check-determinism", "--seeds", "1..2", "--jobs", "2"],
                 "--jobs"),
                (["run", "echo.clients", "--policy", "exhaustive", "--no-fork"],
                 "a search accepts --runs and --seed"),
                (["replay", "echo.clients data=1", "--gdb", "--until", "3"], "--until"),
                (["replay", "echo.clients data=1", "--gdb", "--trace", "f"], "--trace"),
                (["replay", "echo.clients data=1", "--gdb", "--no-fork"], "--no-fork"),
                (["trace", "show", "no-such-file"], "no-such-file: cannot be read"),
                (["trace", "diff", "a"], "right"),
                (["trace"], "trace: no command; expected one of show, diff"),
                (["trace", "hide"], "trace: unknown command 'hide'; expected one of show, diff"),
                (["serve", "no.such"], "serve: unknown command 'no.such'"),
                (["fly"], "unknown command 'fly'; expected one of serve, list, run, merge, "
                          "replay, shrink, keep, kept, trace"),
                ([], "expected one of serve, list, run, merge, replay, shrink, keep, kept, trace")):
            with self.subTest(flags=flags):
                self.assert_refused([program, *flags], part)

    def test_damaged_traces(self):
        with tempfile.TemporaryDirectory() as folder:
            whole = pathlib.Path(folder, "whole")
            self.assertEqual(run(program, "run", "echo.clients", "--trace", str(whole))[0], 0)
            lines = whole.read_text().splitlines(keepends=True)
            cut = pathlib.Path(folder, "cut")
            cut.write_text("".join(lines[:20]) + lines[20][:30])
            self.assert_refused([program, "replay", str(cut)], f"{cut}: line 21: ")
            status, out, err = run(program, "trace", "show", str(cut))
            self.assertEqual(status, 2)
            self.assertEqual(len(out.splitlines()), 20)
            self.assertIn(f"{cut}: line 21: ", err)
            foreign = pathlib.Path(folder, "foreign")
            foreign.write_text('{"trace":"other"}\n')
            self.assert_refused([program, "replay", str(foreign)], f"{foreign}: line 1: ")
            foreign.write_text("hello\n")
            self.assert_refused([program, "replay", str(foreign)], f"{foreign}: line 1: column")


class Runs(unittest.TestCase):
    def test_list_names_every_scenario(self):
        status, out, _ = run(program, "list")
        self.assertEqual(status, 0)
        self.assertEqual(tuple(line.split()[0] for line in out.splitlines()), ECHO)

    def test_every_scenario_of_echo_holds(self):
        for scenario in ECHO:
            with self.subTest(scenario=scenario):
                status, out, err = run(program, "run", scenario, "--seeds", "1..50")
                self.assertEqual(status, 0, out + err)
                status, out, _ = run(program, "run", scenario, "--policy", "nominal")
                self.assertEqual(status, 0, out)
                self.assertIn(" 0 deviations", out)

    def test_a_seed_gives_the_same_digest_again_and_another_seed_another(self):
        first, again, other = (run(program, "run", "echo.jitter", "--seed", seed)[1]
                               for seed in ("5", "5", "6"))
        self.assertEqual(first, again)
        self.assertNotEqual(digest(first), digest(other))

    def test_a_failure_prints_the_line_that_fails_identically(self):
        status, out, _ = run(planted, "run", "throws", "--seeds", "1..300", "--no-shrink")
        self.assertEqual(status, 1)
        line, = replay_lines(out)
        status, single, _ = run(planted, "run", "throws", "--seed", failed_seeds(out)[0])
        self.assertEqual(status, 1)
        status, replayed, err = paste(line)
        self.assertEqual(status, 1, err)
        self.assertEqual(digest(replayed), digest(single))
        self.assertIn("task walker/walk failed: it hurts", replayed)
        self.assertEqual(replay_lines(replayed), [line])

    def test_the_log_is_shown_for_the_run_that_failed(self):
        _, out, _ = run(planted, "run", "throws", "--seeds", "1..300", "--no-shrink")
        logged = re.findall(r"(?m)^ +0\.\d{9} s  walker/walk  info: stumbles at step \d$", out)
        self.assertEqual(len(logged), 1)  # the run that is explained
        self.assertNotIn("connected", run(program, "run", "echo.clients")[1])

    def test_a_deadlock_names_the_task_and_the_line(self):
        status, out, _ = run(planted, "run", "waits")
        self.assertEqual(status, 3)
        self.assertRegex(out, r"deadlock.*\n  waiter/wait waits: event at main\.cpp:\d+")

    def test_a_scenario_that_throws_has_failed(self):
        status, out, _ = run(planted, "run", "refuses")
        self.assertEqual(status, 1)
        self.assertIn("the scenario threw: no bricks", out)


class Searches(unittest.TestCase):
    def test_a_search_says_how_far_it_came(self):
        for policy in "exhaustive", "delays:1", "delays", "faults":
            with self.subTest(policy=policy):
                status, out, err = run(program, "run", "echo.clients", "--policy", policy,
                                       "--runs", "8")
                self.assertEqual(status, 0, out + err)
                self.assertRegex(out, r"^echo\.clients: 8 runs, \d+ distinct traces?.*; stopped "
                                      r"by the limit on runs\n$")

    def test_what_it_finds_is_replayed(self):
        for policy in "exhaustive", "delays:2", "faults:2":
            with self.subTest(policy=policy):
                status, out, err = run(planted, "run", "waits", "--policy", policy)
                self.assertEqual(status, 3, out + err)
                self.assertIn("FAILED waits: 1 run, 1 distinct trace, 1 failed", out)
                status, replayed, err = paste(replay_lines(out)[0])
                self.assertEqual(status, 3, err)
                self.assertIn("deadlock", replayed)
                self.assertEqual(digest(replayed), digest(out))

    def test_a_crash_within_it_has_its_schedule(self):
        for policy in "exhaustive", "delays:2":
            with self.subTest(policy=policy):
                status, out, err = run(planted, "run", "overtakes", "--policy", policy)
                self.assertEqual((status, err), (6, ""), out)
                self.assertRegex(out, r"\AFAILED overtakes: run \d+ of the search: the process "
                                      r"crashed: signal 11|AddressSanitizer")
                self.assertRegex(out, r"shrunk from 2 deviations to 1 in \d+ runs")
                self.assertIn(": walker/follow", out)
                for line in replay_lines(out):
                    self.assertIn("=", line)
                    self.assertEqual(paste(line)[0], 6)

    def test_a_crash_by_a_fault_has_its_schedule(self):
        status, out, err = run(planted, "run", "slow-name", "--policy", "faults:2")
        self.assertEqual((status, err), (6, ""), out)
        self.assertRegex(out, r"\AFAILED slow-name: run 3 of the search: the process crashed")
        self.assertIn("resolve/walker:walker/0=", out)
        for line in replay_lines(out):
            self.assertEqual(paste(line)[0], 6)

    def test_faults_are_counted_and_what_is_not_tried_is_named(self):
        status, out, err = run(program, "run", "echo.clients", "--policy", "faults")
        self.assertEqual(status, 0, out + err)
        self.assertRegex(out, r"\Aecho\.clients: \d+ runs, \d+ distinct traces; all \d+ single "
                              r"faults \(\d+ late, \d+ recv, .*\) tried; further values of choices "
                              r"left out: \d+; not tried, although their rates allow it: run, tie, "
                              r"program\n\Z")

    def test_a_crash_that_does_not_come_again_ends_it_all_the_same(self):
        with tempfile.TemporaryDirectory() as folder:
            status, out, _ = run(planted, "run", "crashes-once", "--policy", "exhaustive",
                                 env={**os.environ, "PLANTED_MARK": f"{folder}/mark"})
        self.assertEqual(status, 5, out)
        self.assertIn("NONDETERMINISTIC: replaying the same schedule passes", out)


class Traces(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.trace = os.path.join(self.folder.name, "trace")
        self.made = run(program, "run", "echo.resets", "--seed", "3", "--trace", self.trace)
        self.assertEqual(self.made[0], 0)

    def test_a_trace_is_replayed_to_the_same_digest(self):
        again = os.path.join(self.folder.name, "again")
        status, out, err = run(program, "replay", self.trace, "--trace", again)
        self.assertEqual(status, 0, out + err)
        self.assertEqual(digest(out), digest(self.made[1]))
        status, out, _ = run(program, "trace", "diff", self.trace, again)
        self.assertEqual(status, 0, out)
        self.assertRegex(out, r"\Aidentical: \S+ events\n\Z")

    def test_diff_shows_where_two_runs_part(self):
        other = os.path.join(self.folder.name, "other")
        run(program, "run", "echo.resets", "--seed", "4", "--trace", other)
        status, out, _ = run(program, "trace", "diff", self.trace, other)
        self.assertEqual(status, 1)
        self.assertIn(f"{other}:", out)

    def test_another_digest_than_recorded_fails(self):
        text = pathlib.Path(self.trace).read_text()
        wrong = re.sub(r'"digest":"[0-9a-f]{16}"(.*)\n\Z', r'"digest":"00000000000000aa"\1\n', text)
        pathlib.Path(self.trace).write_text(wrong)
        status, out, _ = run(program, "replay", self.trace)
        self.assertEqual(status, 5)
        self.assertIn("the digest differs from 00000000000000aa", out)

    def test_until_stops_at_the_event_and_lists_the_tasks(self):
        status, out, _ = run(program, "replay", self.trace, "--until", "60")
        self.assertEqual(status, 0)
        numbers = [int(number) for number in re.findall(r"(?m)^ +(\d+)  +\d+\.\d{9} s  ", out)]
        self.assertEqual(numbers, list(range(41, 61)))
        self.assertRegex(out, r"(?m)^waiting .*client-0/talk")
        status, out, _ = run(program, "replay", self.trace, "--until", "1000000")
        self.assertEqual(status, 0)
        self.assertIn("the run has only", out)

    def test_a_schedule_may_stand_in_a_file(self):
        path = pathlib.Path(self.folder.name, "schedule")
        path.write_text("echo.clients data=7\n")
        status, out, _ = run(program, "replay", str(path))
        self.assertEqual(status, 0)
        self.assertIn("echo.clients, replayed: done", out)
        path.write_text("echo.clients date=7\n")
        status, _, err = run(program, "replay", str(path))
        self.assertEqual(status, 2)
        self.assertIn(f"{path}: line 1: column 14: expected", err)


class Sweeps(unittest.TestCase):
    def test_a_crash_is_reported_and_the_sweep_goes_on(self):
        throws = failed_seeds(run(planted, "run", "throws", "--seeds", "1..200")[1])
        self.assertGreater(len(throws), 2)
        for scenario, sign in (("segfaults", "signal 11|AddressSanitizer"),
                               ("checks", "CHECK failed: nobody"),
                               ("exits", "exit status 0")):
            with self.subTest(scenario=scenario):
                status, out, _ = run(planted, "run", scenario, "--seeds", "1..200", "--no-shrink")
                self.assertEqual(status, 6)
                self.assertEqual(failed_seeds(out), throws)
                self.assertRegex(out, sign)
                self.assertIn("walker/walk  info: stumbles at step", out)
                self.assertIn(f"{scenario}: 200 runs of seeds 1..200", out)
                line = replay_lines(out)[0]
                self.assertIn(" replay ", line)
                status, again, _ = paste(line)
                self.assertNotIn("replayed: done", again)
                self.assertEqual(status, 6)
                self.assertRegex(again, sign)
                status, _, err = paste(line + " --no-fork")
                self.assertEqual(status == 0, scenario == "exits")
                if scenario == "checks":
                    self.assertIn(line, err)

    def test_every_run_may_crash(self):
        status, out, _ = run(planted, "run", "always-crashes", "--seeds", "5..24", "--jobs", "2")
        self.assertEqual(status, 6)
        self.assertEqual(failed_seeds(out), list(range(5, 25)))

    def test_jobs_share_the_seeds_and_come_to_the_same(self):
        for scenario in ("throws", "checks"):
            with self.subTest(scenario=scenario):
                one, two, five = (run(planted, "run", scenario, "--seeds", "1..150", "--jobs", jobs)
                                  for jobs in ("1", "2", "5"))
                self.assertEqual(one[0], 6 if scenario == "checks" else 1)
                for other in (two, five):
                    self.assertEqual(other[0], one[0])
                    self.assertEqual(replay_lines(other[1]), replay_lines(one[1]))
                    self.assertEqual(failed_seeds(other[1]), failed_seeds(one[1]))
                    self.assertEqual(digest(other[1]), digest(one[1]))

    def test_what_never_came_fails_a_sweep_and_no_single_run(self):
        status, out, _ = run(planted, "run", "never", "--seeds", "1..5", "--jobs", "2")
        self.assertEqual(status, 1)
        self.assertEqual(re.findall(r"(?m)^FAILED never: (.*)$", out), [
            "fault 'no-such-send' never fired (0 operations matched)",
            "fault 'duplicate' never fired although the scenario sets its rate",
            "'the moon is blue' never held: it was evaluated only before a task ran"])
        status, out, _ = run(planted, "run", "never", "--seed", "1")
        self.assertEqual(status, 0, out)
        status, out, _ = run(planted, "replay", "never data=1")
        self.assertEqual(status, 0, out)

    def test_what_no_run_comes_to_fails_a_sweep_and_is_noted_of_a_single_run(self):
        notes = (r"eventually 'it rains' \(main\.cpp:\d+\)", r"action \(main\.cpp:\d+\)")
        for command in (("run", "unchecked", "--seed", "1"), ("replay", "unchecked data=1")):
            status, out, _ = run(planted, *command)
            self.assertEqual(status, 0)
            self.assertRegex(out, rf"(?m)^  {notes[0]} was not judged: the run ended before its "
                                  r"deadline, at 1 h$")
            self.assertRegex(out, rf"(?m)^  {notes[1]} did not happen: the run ended before its "
                                  r"time, 2 h$")
            self.assertIn("  sometimes 'it was dry' was evaluated only before a task ran\n", out)
        for jobs in ("1", "2"):
            status, out, _ = run(planted, "run", "unchecked", "--seeds", "1..20", "--jobs", jobs)
            self.assertEqual(status, 1)
            self.assertRegex(out, rf"(?m)^FAILED unchecked: {notes[0]} was never judged")
            self.assertRegex(out, rf"(?m)^FAILED unchecked: {notes[1]} never happened")
            self.assertEqual(out.count("FAILED"), 2)
            self.assertIn("\n  'it was dry' was evaluated only before a task ran\n", out)

    def test_a_program_that_reads_more_than_its_world_is_told_so(self):
        status, out, _ = run(planted, "run", "remembers", "--seed", "1")
        self.assertEqual(status, 5)
        self.assertIn("replaying the same schedule has another digest", out)
        status, out, _ = run(planted, "run", "remembers", "--seeds", "1..2", "--jobs", "1")
        self.assertEqual(status, 5)
        self.assertIn("replaying the same schedule has another digest", out)
        # A seed that fails only in a process that has run others before.
        status, out, _ = run(planted, "run", "recalls", "--seeds", "1..9", "--jobs", "1")
        self.assertEqual(status, 5)
        self.assertIn("replaying the same schedule has another digest", out)

    def interrupt(self, *command, after=0.5):
        """Sends SIGINT after `after` seconds of work. Returns (exit status, stdout, stderr)."""
        sweep = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                 text=True)
        while sweep.poll() is None and not catches(sweep.pid, signal.SIGINT):
            time.sleep(0.01)
        time.sleep(after)
        sweep.send_signal(signal.SIGINT)
        out, err = sweep.communicate(timeout=PATIENCE)
        return sweep.returncode, out, err

    def test_an_interrupt_stops_it_with_what_it_had(self):
        out, after = "", 0.5
        while not re.search(r"long: [1-9]", out):  # a busy machine takes longer for its first run
            status, out, err = self.interrupt(planted, "run", "long", "--seeds", "1..1000000",
                                              "--jobs", "2", after=after)
            self.assertEqual(status, 130, err)
            after *= 2
        self.assertRegex(out, r"long: [1-9][\d,]* runs? of seeds 1\.\.1000000, .* 0 failed")
        self.assertRegex(out, r"interrupted after seeds 1\.\.[1-9]\d*;")

    def test_an_interrupt_ends_a_search(self):
        status, out, err = self.interrupt(program, "run", "echo.clients", "--policy", "delays:9")
        self.assertEqual(status, 130, err)
        self.assertRegex(out, r"^echo\.clients: \d+ runs?, .*; interrupted\n$")

    def with_progress(self, columns):
        """Returns (output to the terminal, stdout) of a sweep long enough to show progress."""
        shown, seeds = "", 300
        while not re.search(r"\rlong: [1-9]", shown):
            status, shown, out = on_a_terminal(columns, "stderr", planted, "run", "long",
                                               "--seeds", f"1..{seeds}")
            self.assertEqual(status, 0)
            seeds *= 2
        return shown, out

    def test_progress_on_a_terminal_is_one_line(self):
        shown, out = self.with_progress(120)
        self.assertRegex(shown, r"\rlong: [\d,]+ of [\d,]+ runs, 0 failures, [\w ]+ left, "
                                r"[\d,]+/s, .* of virtual time\x1b\[K")
        # The terminal finally shows the duration.
        self.assertRegex(shown, r"\A[^\n]*\r\x1b\[K[\w. ]+, [\d,]+ runs/s, "
                                r"\d+ workers?\r\n\Z")
        self.assertNotIn("\x1b", out)

    def test_progress_does_not_wrap_on_a_narrow_terminal(self):
        shown, _ = self.with_progress(20)
        lines = re.findall(r"\r(long:[^\x1b]*)\x1b", shown)
        self.assertEqual({len(line) for line in lines}, {19})


if __name__ == "__main__":
    if len(sys.argv) < 3:
        print(__doc__, file=sys.stderr)
        sys.exit(2)
    program = sys.argv.pop(1)
    planted = sys.argv.pop(1)
    unittest.main(verbosity=2, warnings="ignore")
