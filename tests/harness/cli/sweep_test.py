#!/usr/bin/env python3
"""Tests the report of a sweep, however its seeds are divided: among processes, among
shards, in time.

usage: sweep_test.py PROGRAM PLANTED [ARGUMENTS OF unittest]

PROGRAM is `rehearsal`; PLANTED has the same commands over scenarios that fail (planted/)."""

import json
import os
import pathlib
import re
import signal
import subprocess
import sys
import tempfile
import unittest

from commands import PATIENCE, failed_seeds, replay_lines, resuming_lines, run

program = None
planted = None


class OneLineEach(unittest.TestCase):
    def test_and_an_explanation_of_the_first(self):
        status, out, _ = run(planted, "run", "throws", "--seeds", "1..500")
        self.assertEqual(status, 1)
        seeds = failed_seeds(out)
        self.assertGreater(len(seeds), 5)
        lines = out.splitlines()
        self.assertEqual(lines[:len(seeds) + 2], [
            *(f"FAILED throws, seed {seed}: task walker/walk failed: it hurts" for seed in seeds),
            "", next(line for line in lines if line.startswith(f"throws, seed {seeds[0]}: "))])
        self.assertEqual(len(replay_lines(out)), 1)
        # The commands of the failing seeds differ only in the seed.
        again = re.search(r"\n  run the first failure again:\n(.*)\n", out).group(1)
        for seed in seeds[:2]:
            status, single, _ = run("sh", "-c", again.replace(f"{seeds[0]}", f"{seed}"))
            self.assertEqual(status, 1)
            self.assertIn("it hurts", single)


class Jobs(unittest.TestCase):
    """The report is the same text, whatever the number of workers."""

    def assert_same_report(self, scenario, seeds, status, of=None, more=()):
        reports = [run(of or planted, "run", scenario, "--seeds", seeds, "--jobs", jobs, *more)
                   for jobs in ("1", "2", "7")]
        for report in reports:
            self.assertEqual(report[0], status, report[2])
            self.assertEqual(report[1], reports[0][1])
        return reports[0][1]

    def test_of_failures(self):
        told = failed_seeds(self.assert_same_report("throws", "1..2000", 1))
        self.assertEqual(told, sorted(told))
        self.assertGreater(len(told), 20)

    def test_of_more_failures_than_are_named(self):
        text = self.assert_same_report("throws", "1..20000", 1)
        self.assertEqual(len(failed_seeds(text)), 100)
        named, counted, failed = (
            100, *(int(number.replace(",", "")) for number in
                   re.search(r"and ([\d,]+) more failed\n.* ([\d,]+) failed,", text).groups()))
        self.assertEqual(named + counted, failed)

    def test_of_a_policy_of_the_scenarios_own(self):
        said = self.assert_same_report("throws", "1..120", 1, more=("--policy", "own"))
        self.assertEqual(failed_seeds(said), [7, 47, 87])
        again = re.search(r"\n  run the first failure again:\n(.*)\n", said).group(1)
        self.assertTrue(again.endswith("run throws --seed 7 --policy own"), again)
        self.assertEqual(run("sh", "-c", again)[0], 1)

    def test_of_crashes(self):
        for scenario in ("checks", "exits"):
            with self.subTest(scenario=scenario):
                self.assert_same_report(scenario, "1..300", 6)

    def test_of_runs_that_are_guided_by_earlier_ones(self):
        out = self.assert_same_report("climbs", "1..700", 1)
        # A run that does not fall crashes. A sanitizer reports a crash in its own words.
        crashed = [int(seed) for seed in
                   re.findall(r"(?m)^FAILED climbs, seed (\d+): (?!.*it falls)", out)]
        fell = [seed for seed in failed_seeds(out) if seed not in crashed]
        self.assertGreater(len(crashed), 2)
        self.assertGreater(len(fell), 10)
        # A single seed is the run that it was among the others, after the crashes before it.
        last = next(seed for seed in reversed(fell) if crashed[0] < seed and
                    any((seed - 1) // 128 == (crash - 1) // 128 and crash < seed
                        for crash in crashed))
        for seed in fell[0], last:
            status, single, _ = run(planted, "run", "climbs", "--seed", str(seed), "--no-shrink")
            self.assertEqual(status, 1)
            self.assertIn("it falls", single)
            again = run(planted, "run", "climbs", "--seeds", f"{seed}..{seed}")[1]
            self.assertIn(f"FAILED climbs, seed {seed}: ", again)
        for seed in range(fell[0] + 1, fell[0] + 20):
            status, single, _ = run(planted, "run", "climbs", "--seed", str(seed), "--no-shrink")
            self.assertEqual(status, 6 if seed in crashed else 1 if seed in fell else 0)
            self.assertNotIn("stale", single)
        self.assert_repeated_elsewhere(last)

    def assert_repeated_elsewhere(self, seed):
        """The run of a seed that depends on others is the same in a trace and as a schedule."""
        with tempfile.TemporaryDirectory() as folder:
            trace = f"{folder}/trace.jsonl"
            single = run(planted, "run", "climbs", "--seed", str(seed), "--trace", trace)
            self.assertEqual(single[0], 1, single)
            self.assertNotIn("stale", single[1])
            self.assertIn("\nPoint of no return\n", single[1])
            digest = re.search(r"digest (\w+)", single[1])[1]
            self.assertGreater(pathlib.Path(trace).read_text().count('"op":"choose"'), 2)
            status, replayed, _ = run(planted, "replay", trace)
            self.assertEqual(status, 1, replayed)
            self.assertIn(f"digest {digest}\n", replayed)
        status, checked, _ = run(planted, "run", "climbs", "--seed", str(seed),
                                 "--check-determinism")
        self.assertEqual(status, 0, checked)

    def test_of_a_guided_run_that_does_not_fail_again(self):
        out = self.assert_same_report("tires", "1..128", 5)
        seed = failed_seeds(out)[0]
        schedule = run(planted, "run", "tires", "--seed", str(seed), "--no-fork")[1]
        self.assertNotIn(f"'tires data={seed} ", schedule)  # the run begins as an earlier one
        self.assertIn("replaying the same schedule passes", out)
        self.assertIn(f"{planted} run tires --seed {seed} --check-determinism\n", out)

    def test_of_runs_that_all_crash(self):
        self.assertEqual(failed_seeds(self.assert_same_report("always-crashes", "1..30", 6)),
                         list(range(1, 31)))

    def test_of_what_never_came(self):
        self.assertIn("never fired", self.assert_same_report("never", "1..50", 1))
        self.assertIn("never judged", self.assert_same_report("unchecked", "1..50", 1))

    def test_of_runs_that_all_pass(self):
        self.assert_same_report("echo.resets", "1..200", 0, of=program)

    def test_all_cores_are_used_unless_it_is_said_otherwise(self):
        cores = len(os.sched_getaffinity(0))
        err = run(planted, "run", "throws", "--seeds", "1..1000")[2]
        self.assertRegex(err, rf", (?:[1-{cores}]) workers?\n\Z")
        err = run("taskset", "-c", str(min(os.sched_getaffinity(0))), planted, "run", "throws",
                  "--seeds", "1..1000")[2]
        self.assertRegex(err, r", 1 worker\n\Z")


class Nondeterminism(unittest.TestCase):
    """The command that looks for its cause repeats the run that was found."""

    def test_of_a_sweep_is_found_with_its_policy(self):
        status, out, _ = run(planted, "run", "recalls", "--seeds", "1..9", "--policy", "swarm",
                             "--jobs", "1")
        self.assertEqual(status, 5)
        self.assertIn(f"{planted} run recalls --seed 3 --policy swarm --check-determinism\n", out)

    def test_of_a_trace_is_found_with_its_seed_and_policy(self):
        with tempfile.TemporaryDirectory() as folder:
            trace = f"{folder}/trace.jsonl"
            run(planted, "run", "forgets", "--seed", "5", "--policy", "swarm", "--trace", trace)
            command = f"{planted} run forgets --seed 5 --policy swarm --check-determinism\n"
            for again in ["keep", trace, "--in", folder], ["replay", trace]:
                with self.subTest(command=again[0]):
                    status, out, _ = run(planted, *again)
                    self.assertEqual(status, 5, out)
                    self.assertIn(command, out)


class Searches(unittest.TestCase):
    """A search says what no run came to, as a sweep does."""

    def test_of_every_kind(self):
        for policy in "exhaustive", "delays:1", "faults:1":
            with self.subTest(policy=policy):
                status, out, _ = run(planted, "run", "unchecked", "--policy", policy)
                self.assertEqual(status, 1)
                self.assertRegex(out, r"\n  'it was dry' was evaluated only before a task ran\n")
                self.assertRegex(out, r"\nFAILED unchecked: action \(main\.cpp:\d+\) never happen")
                self.assertRegex(out, r"\nFAILED unchecked: eventually 'it rains' \(main\.cpp:\d+"
                                      r"\) was never judged: every run ended before its deadline")

    def test_a_condition_that_never_held_is_noted(self):
        status, out, _ = run(planted, "run", "never", "--policy", "delays:1")
        self.assertEqual(status, 0)
        self.assertIn("\n  'the moon is blue' never held: it was evaluated only before", out)


class InTime(unittest.TestCase):
    def test_it_runs_the_first_seeds_and_says_which(self):
        status, milliseconds = 0, 300
        while status == 0:  # a busy machine takes longer to reach the first failing seed
            status, out, err = run(planted, "run", "throws", "--for", f"{milliseconds}ms",
                                   "--jobs", "2")
            milliseconds *= 2
        self.assertEqual(status, 1, err)
        first, last = re.search(r"; run them again with --seeds (\d+)\.\.(\d+)\n", out).groups()
        self.assertEqual(first, "1")
        self.assertGreater(int(last), 1)
        again = run(planted, "run", "throws", "--seeds", f"1..{last}")
        self.assertEqual(again[1], re.sub(r"  these seeds started.*\n", "", out))

    def test_it_ends_with_the_seeds(self):
        status, out, err = run(program, "run", "echo.clients", "--seeds", "5..9", "--for", "100h")
        self.assertEqual(status, 0, err)
        self.assertIn("echo.clients: 5 runs of seeds 5..9,", out)


class Stops(unittest.TestCase):
    def test_a_signal_to_the_whole_job_is_no_crash_of_a_worker(self):
        sweep = subprocess.Popen([planted, "run", "long", "--seeds", "1..1000000", "--jobs", "2"],
                                 stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                                 start_new_session=True)
        children = pathlib.Path(f"/proc/{sweep.pid}/task/{sweep.pid}/children")
        while len(children.read_text().split()) < 2:
            self.assertIsNone(sweep.poll())
        os.killpg(sweep.pid, signal.SIGTERM)
        out, err = sweep.communicate(timeout=PATIENCE)
        self.assertEqual(sweep.returncode, 130, err)
        self.assertIn(" 0 failed", out)
        self.assertIn("  interrupted after seeds ", out)


class Shards(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def shard(self, number, shards, scenario="throws", seeds="1..2000", of=None, more=()):
        file = self.folder / "-".join([scenario, seeds, str(number), str(shards), *more])
        status, out, err = run(of or planted, "run", scenario, "--seeds", seeds, "--shard",
                               f"{number}/{shards}", "--results", str(file), *more)
        self.assertIn(status, (0, 1), err)
        self.assertIn(f"shard {number}/{shards}: `merge` checks", out)
        return file

    def merge(self, *files, of=None):
        return run(of or planted, "merge", *map(str, files))

    def assert_refused(self, files, *parts):
        status, out, err = self.merge(*files)
        self.assertEqual((status, out), (2, ""), err)
        self.assertRegex(err, r"\A[^\n]+\n\Z")
        for part in parts:
            self.assertIn(part, err)

    def test_merged_say_what_the_whole_sweep_says(self):
        for scenario, seeds, shards, of in (
                ("throws", "1..2000", 3, planted), ("throws", "7..9000", 7, planted),
                ("checks", "1..100", 4, planted), ("never", "1..20", 2, planted),
                ("always-crashes", "1..3", 5, planted), ("climbs", "1..500", 3, planted),
                ("echo.resets", "1..100", 3, program)):
            with self.subTest(scenario=scenario, shards=shards):
                files = [self.shard(number, shards, scenario, seeds, of)
                         for number in range(1, shards + 1)]
                whole = run(of, "run", scenario, "--seeds", seeds)
                merged = self.merge(*reversed(files), of=of)
                self.assertEqual(merged[:2], whole[:2])

    def test_merged_is_shrunk_as_far_as_it_is_said(self):
        files = [self.shard(number, 2, "bank", "1..20") for number in (1, 2)]
        whole = run(planted, "run", "bank", "--seeds", "1..20")[1]
        self.assertRegex(whole, r"\n  shrunk from \d+ deviations to 1 in \d+ runs\n")
        for flags, part in ((("--no-shrink",), "\nFailure\n"),
                            (("--shrink-runs", "3"), "in 3 runs (run limit reached")):
            with self.subTest(flags=flags):
                status, out, _ = run(planted, "merge", *flags, *files)
                self.assertEqual(status, 1)
                self.assertIn(part, out)
                self.assertEqual("shrunk" in out, "--shrink-runs" in flags)
                self.assertEqual(out, run(planted, "run", "bank", "--seeds", "1..20", *flags)[1])
        line, = resuming_lines(out)  # as for a schedule on the command line
        status, out, _ = run("sh", "-c", line)
        self.assertEqual(status, 1)
        self.assertNotEqual(resuming_lines(out), [line])

    def test_a_whole_sweep_is_one_shard(self):
        file = self.folder / "whole.jsonl"
        whole = run(planted, "run", "never", "--seeds", "1..9", "--results", str(file))
        self.assertEqual(whole[0], 1)
        self.assertEqual(self.merge(file)[:2], whole[:2])

    def test_a_shard_does_not_judge_what_never_came(self):
        file = self.folder / "results"
        status, out, _ = run(planted, "run", "never", "--seeds", "1..9", "--shard", "2/3",
                             "--results", str(file))
        self.assertEqual(status, 0, out)
        self.assertIn("never: 3 runs of seeds 4..6,", out)

    def test_shards_divide_the_seeds(self):
        lines = [json.loads(line) for number in range(1, 4)
                 for line in self.shard(number, 3).read_text().splitlines()]
        self.assertEqual(sum(line["runs"] for line in lines if line["line"] == "tally"), 2000)
        seeds = [line["seed"] for line in lines if line["line"] == "failure"]
        self.assertEqual(seeds, sorted(set(seeds)))

    def test_missing_and_doubled_shards(self):
        one, two, three = (self.shard(number, 3) for number in (1, 2, 3))
        self.assert_refused([one, three], f"{one}: line 1: expected the results of 3 shards; "
                                          "missing: 2\n")
        self.assert_refused([one, two, three, two],
                            f"{two}: line 1: shard 2/3 is also in {two}\n")

    def test_shards_of_other_sweeps(self):
        one = self.shard(1, 2)
        for other, part in (
                (self.shard(2, 2, "checks", "1..20"), "scenario is checks; expected throws"),
                (self.shard(2, 2, seeds="1..2001"),
                 "range of seeds is 1..2001; expected 1..2000"),
                (self.shard(2, 3), "number of shards is 3; expected 2"),
                (self.shard(2, 2, more=("--policy", "nominal")),
                 "policy is nominal; expected mix")):
            with self.subTest(part=part):
                self.assert_refused([one, other], f"{other}: line 1: ", part, f", as in {one}\n")

    def test_another_build(self):
        one, two = self.shard(1, 2), self.shard(2, 2)
        text = two.read_text()
        two.write_text(re.sub(r'"build":"[0-9a-f]{16}"', '"build":"00000000000000aa"', text))
        self.assert_refused([one, two], f"{two}: line 1: build is 00000000000000aa; expected ")

    def test_damaged_files(self):
        one, two = self.shard(1, 2), self.shard(2, 2)
        whole = two.read_text().splitlines(keepends=True)
        tally = next(n for n, line in enumerate(whole, 1) if '"line":"tally"' in line)
        for damaged, part in (
                (whole[:-1], f"line {len(whole)}: expected the results of a whole shard"),
                (whole[:-1] + [whole[-1][:9]], f"line {len(whole)}: the line is cut short"),
                (whole[1:], "line 1: expected a header first"),
                (whole[:1] + whole, "line 2: expected one header only"),
                (whole[:2] + whole[1:], 'line 3: the field "seed" must be above'),
                (whole[:1] + whole[2:], f"line {len(whole) - 1}: the end counts"),
                (whole + whole[-1:], f"line {len(whole) + 1}: expected nothing after the end"),
                (whole[:1] + ["hello\n"] + whole[1:], "line 2: column 1"),
                (whole[:1] + [re.sub(r'"seed":\d+', '"seed":7', whole[1])] + whole[2:],
                 'line 2: the field "seed" must be from 1001 to 2000'),
                ([re.sub(r'"time":', '"time":-', line) for line in whole],
                 f'line {tally}: the field "time" must be at least 0'),
                (["{}\n"], 'line 1: the field "line" is missing'),
                ([], "line 1: expected the results of a whole shard")):
            with self.subTest(part=part):
                two.write_text("".join(damaged))
                self.assert_refused([one, two], f"{two}: {part}")

    def test_an_interrupted_shard_is_not_a_whole_one(self):
        file = self.folder / "results"
        sweep = subprocess.Popen(
            [planted, "run", "long", "--seeds", "1..1000000", "--results", str(file)],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        while not file.exists() or not file.read_text():
            self.assertIsNone(sweep.poll())
        sweep.send_signal(signal.SIGINT)
        sweep.communicate(timeout=PATIENCE)
        self.assertEqual(sweep.returncode, 130)
        self.assert_refused([file], f"{file}: line 2: expected the results of a whole shard")


if __name__ == "__main__":
    if len(sys.argv) < 3:
        print(__doc__, file=sys.stderr)
        sys.exit(2)
    program = sys.argv.pop(1)
    planted = sys.argv.pop(1)
    unittest.main(verbosity=2, warnings="ignore")
