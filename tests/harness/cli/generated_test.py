#!/usr/bin/env python3
"""Tests properties of every command over generated scenarios.

usage: generated_test.py GENERATED [ARGUMENTS OF unittest]

GENERATED has the commands of `rehearsal` over scenarios that are made from their numbers
(generated/). The environment may name others: GENERATED_NUMBERS="$(seq -s ' ' 1000)"."""

import os
import pathlib
import re
import shlex
import sys
import tempfile
import unittest

from commands import failed_seeds, replay_lines, run

generated = None
NUMBERS = os.environ.get("GENERATED_NUMBERS", "15 17 18 20 22 24 25").split()
SCENARIOS = [f"generated-{number}" for number in NUMBERS]
SEEDS = 40
ALONE = range(10, 14)  # seeds that are run alone; some runs begin as an earlier one


def failure(out):
    """Returns the first line of the failure in a report, without its numbers."""
    return re.sub(r"\d+", "N", re.search(r"(?m)^Failure\n  (.*)$", out)[1])


def digest(out):
    """Returns the digest of a run; nothing of a crash."""
    return re.findall(r" digest ([0-9a-f]{16})", out)[:1]


def schedule(out):
    """Returns the schedule that a report ends with."""
    line, = replay_lines(out)
    return shlex.split(line)[-1]


def without_each(line):
    """Returns the schedule without its first deviation, without its second, and so on."""
    scenario, data, *deviations = line.split()
    return [" ".join([scenario, data, *deviations[:i], *deviations[i + 1:]])
            for i in range(len(deviations))]


class Generated(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def sweep(self, scenario, *flags, seeds=(1, SEEDS)):
        status, out, err = run(generated, "run", scenario, "--seeds", f"{seeds[0]}..{seeds[1]}",
                               *flags)
        self.assertIn(status, (0, 1, 3, 4, 6), err)
        return status, out


class Sweeps(Generated):
    """A sweep reports what its parts report."""

    def merged(self, scenario, shards):
        files = [self.folder / f"{scenario}-{number}-{shards}" for number in range(shards)]
        for number, file in enumerate(files, 1):
            status, _ = self.sweep(scenario, "--shard", f"{number}/{shards}", "--results", file)
            self.assertIn(status, (0, 1))
        return run(generated, "merge", *reversed(files))[:2]

    def test_in_any_number_of_processes_and_shards(self):
        for scenario in SCENARIOS:
            with self.subTest(scenario=scenario):
                whole = self.sweep(scenario, "--jobs", "1")
                self.assertEqual(self.sweep(scenario, "--jobs", "2"), whole)
                for shards in 2, 3:
                    self.assertEqual(self.merged(scenario, shards), whole)

    def test_in_ranges_and_seed_by_seed(self):
        failing = 0
        for scenario in SCENARIOS:
            with self.subTest(scenario=scenario):
                seeds = failed_seeds(self.sweep(scenario, "--no-shrink")[1])
                parts = [failed_seeds(self.sweep(scenario, "--no-shrink", seeds=part)[1])
                         for part in ((1, 7), (8, SEEDS))]
                self.assertEqual(sum(parts, []), seeds)
                for seed in ALONE:
                    status = run(generated, "run", scenario, "--seed", seed, "--no-shrink")[0]
                    self.assertEqual(status != 0, seed in seeds)
                failing += bool(seeds)
        self.assertGreater(failing, len(SCENARIOS) // 3)


class Failures(Generated):
    """A failure is found again: from its seed, its schedule, its trace and its kept file."""

    def of_each(self, check):
        """Calls check(report, trace) for the run of the first failing seed of each scenario."""
        checked = 0
        for scenario in SCENARIOS:
            for seed in failed_seeds(self.sweep(scenario, "--no-shrink")[1])[:1]:
                with self.subTest(scenario=scenario, seed=seed):
                    trace = self.folder / f"{scenario}-{seed}"
                    status, out, err = run(generated, "run", scenario, "--seed", seed,
                                           "--no-shrink", "--trace", trace)
                    self.assertIn(status, (1, 3, 4, 6), err)
                    check(out, trace)
                checked += 1
        self.assertGreater(checked, len(SCENARIOS) // 3)

    def assert_found_again(self, out, command, *arguments):
        """Returns the report of a command that must end in the same failure."""
        status, again, err = run(generated, command, *arguments)
        self.assertIn(status, (1, 3, 4, 6), again + err)
        self.assertEqual(failure(again), failure(out))
        self.assertNotIn("not applied", again)
        return again

    def check_traces(self, out, trace):
        again = self.folder / "again"
        replayed = self.assert_found_again(out, "replay", trace, "--trace", again)
        self.assertEqual(digest(replayed), digest(out))
        self.assertEqual(schedule(replayed), schedule(out))
        events = len(trace.read_text().splitlines()) - 2
        for file in trace, again:  # of the seed, of a replay
            status, rewritten, err = run(generated, "rewrite", file)
            self.assertEqual(status, 0, err)
            self.assertTrue(rewritten == file.read_text(), file)  # too long to show a difference
        self.assertEqual(len(run(generated, "trace", "show", trace)[1].splitlines()), events + 2)
        status, difference, _ = run(generated, "trace", "diff", trace, again)
        self.assertEqual(status, 0, difference)
        self.assertRegex(difference.replace(",", ""), rf"\Aidentical: {events} events?\n\Z")
        third = self.folder / "third"
        self.assert_found_again(out, "replay", again, "--trace", third)
        self.assertTrue(third.read_bytes() == again.read_bytes())
        if digest(out):  # that of a crash is not known
            text = trace.read_text()
            trace.write_text("0123456789abcdef".join(text.rsplit(digest(out)[0], 1)))
            said = run(generated, "replay", trace)[1]
            self.assertIn("the digest differs from 0123456789abcdef, that of the trace\n", said)

    def test_from_its_trace(self):
        self.of_each(self.check_traces)

    def check_shrinking(self, out, trace):
        shrunk = schedule(self.assert_found_again(out, "shrink", trace))
        for command in "shrink", "replay":
            self.assertEqual(schedule(self.assert_found_again(out, command, shrunk)), shrunk)
        for other in without_each(shrunk):
            status, said, _ = run(generated, "replay", other)
            self.assertTrue(status == 0 or failure(said) != failure(out), other)
        self.check_kept(out, trace, shrunk)

    def check_kept(self, out, trace, shrunk):
        files = [self.folder / f"{trace.name}{end}.schedule" for end in ("", "-again")]
        for source, file in zip((trace, files[0]), files):
            status, said, err = run(generated, "keep", source, "--as", file.stem, "--in",
                                    self.folder, "--fails")
            self.assertEqual(status, 0, said + err)
        kept, again = (file.read_text() for file in files)
        self.assertEqual(kept.splitlines()[0], shrunk)
        self.assertEqual(again, kept)
        file = files[0]
        self.assertEqual(run(generated, "kept", file)[:2], (0, f"{file}: fails as expected\n"))
        self.assert_found_again(out, "replay", file)
        altered = [(kept.replace("expect fail", "expect pass"), "fails: "),
                   (re.sub("(?m)^what .*$", "what it rained", kept), "fails differently ")]
        if digest(out):  # after a crash nobody knows which deviations applied
            altered.append((kept.replace("\n", " run/nobody/0=1\n", 1),
                            "stale: deviation run/nobody/0=1 "))
        for text, said in altered:
            file.write_text(text)
            status, printed, _ = run(generated, "kept", file)
            self.assertNotEqual(status, 0)
            self.assertIn(f"FAILED {file}: {said}", printed)

    def test_from_the_least_that_it_needs(self):
        self.of_each(self.check_shrinking)


if __name__ == "__main__":
    generated = sys.argv.pop(1)
    unittest.main(verbosity=2)
