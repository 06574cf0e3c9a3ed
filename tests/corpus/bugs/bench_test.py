#!/usr/bin/env python3
"""Tests the bench of planted bugs: it meets its goals, reports missed goals, and README.md shows
what it prints.

usage: bench_test.py BENCH_BUGS [ARGUMENTS OF unittest]"""

import json
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

README = pathlib.Path(__file__).resolve().with_name("README.md")
bench_bugs = None


def run(*flags):
    done = subprocess.run([bench_bugs, "bench-bugs", *flags], capture_output=True, text=True)
    return done.returncode, done.stdout


def rows(text):
    """Returns the cells of each row of the first table, including the heading."""
    first = re.search(r"(?m)(^\|.*\n)+", text).group(0)
    return [[cell.strip() for cell in row.strip("|\n").split("|")] for row in
            first.splitlines() if not row.startswith("|---")]


class Bench(unittest.TestCase):
    def test_it_meets_its_goals_and_readme_has_its_figures(self):
        # The whole bench takes a minute: the other policies, and 20,000 runs of each fixed variant.
        with tempfile.NamedTemporaryFile(mode="r", suffix=".json") as file:
            status, printed = run("--policy", "mix", "--twins", "300", "--json", file.name)
            figures = [json.loads(line) for line in file]
        self.assertEqual(status, 0, printed)
        self.assertEqual(re.findall("(?m)^(met|MISSED): ", printed), ["met"] * 5, printed)

        shown = rows(README.read_text())
        measured = rows(printed)
        self.assertEqual([(row[0], row[1], row[-2], row[-1]) for row in measured],
                         [(row[0], row[1], row[-2], row[-1]) for row in shown])
        self.assertIn("in each of 20 seed sets", README.read_text())
        longest, = re.findall(r"the longest of which took (\d+)", printed)
        self.assertIn(f"by `mix` took {longest} runs", README.read_text())

        self.assertEqual([figure["kind"] for figure in figures], [row[0] for row in measured[1:]])
        for figure, row in zip(figures, measured[1:]):
            self.assertEqual((figure["sets"], figure["found"], figure["false_alarms"]), (20, 20, 0))
            self.assertEqual(str(figure["median_runs"]), row[1])
            self.assertEqual(str(figure["median_shrink_runs"]), row[-2])
            self.assertEqual(str(figure["median_deviations"]), row[-1])
            self.assertLessEqual(figure["most_microseconds"], 5_000_000)

    def test_it_says_which_goal_it_misses(self):
        status, printed = run("stale_fill", "--policy", "mix", "--sets", "3", "--runs", "2",
                              "--twins", "0")
        self.assertEqual(status, 1, printed)
        self.assertRegex(printed, "(?m)^MISSED: mix finds each bug in each seed set within 2 runs")
        self.assertRegex(printed, r"(?m)^missed: stale_fill: mix finds it in \d of 3 seed sets")

    def test_each_policy_has_its_runs_its_time_and_its_deviations(self):
        status, printed = run("lost_update", "--policy", "mix", "pos", "--sets", "3",
                              "--twins", "0")
        self.assertEqual(status, 0, printed)
        table = r"(?m)^\| bug \| mix \| pos \|.*\n\|[-|]*\n\| lost update \|.*$"
        tables = re.findall(table, printed)
        self.assertEqual(len(tables), 3, printed)


if __name__ == "__main__":
    bench_bugs = pathlib.Path(sys.argv.pop(1)).resolve()
    unittest.main(verbosity=2)
