#!/usr/bin/env python3
"""Tests the tool that plants mutants: mutants_test.py CLANG"""

import contextlib
import io
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest
import unittest.mock

import candidates
import mutants
import planting
import runs

ROOT = pathlib.Path(__file__).resolve().parents[3]
CLANG = ""

SOURCE = """// A comment.
#include <system_error>
#define TWICE(x) ((x) + (x))
static_assert(1 < 2);
int calls = 0;
void call(int a, int b) { calls += a * 10 + b; }
int clamp(int value, int limit) {
  if (value > limit) {
    return limit;
  }
  return value;
}
int test(int first, int second) {
  call(first, second);
  constexpr int most = 100 + 1;
  return calls < most ? TWICE(first) : 0;
}
std::errc error() { return std::errc::timed_out; }
int max(int a, int b);
int draw(int seed, int entity, int ordinal);
inline int of_three(int x, int y, int z) { return max(x, y) + draw(x, y, z); }
"""


class Tree(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.root = pathlib.Path(cls.folder.name)
        (cls.root / "sched").mkdir()
        (cls.root / "sched/a.cpp").write_text(SOURCE)
        cls.mutants, _ = candidates.candidates(cls.root)

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    def find(self, old, new):
        found = [mutant for mutant in self.mutants if (mutant.old, mutant.new) == (old, new)]
        self.assertEqual(len(found), 1, "\n".join(map(str, self.mutants)))
        return found[0]

    def output(self, mutants, call, active):
        """What a program with the mutants prints."""
        main = self.root / "main.cpp"
        planted = planting.planted(SOURCE.encode(), mutants).decode()
        main.write_text(planted + f"#include <cstdio>\nint main() {{ std::printf(\"%d\", {call}); "
                        "std::printf(\" %d\", calls); }\n")
        subprocess.run([CLANG, "-std=c++20", f"-I{ROOT}", main, "-o", self.root / "main"],
                       check=True)
        return subprocess.run([self.root / "main"], check=True, stdout=subprocess.PIPE, text=True,
                              env={**os.environ, "REHEARSAL_MUTANT": str(active)}).stdout


class Candidates(Tree):
    def test_each_kind_of_mistake_is_made(self):
        for old, new, kind in (("value > limit", "value >= limit", "comparison"),
                               ("value > limit", "!static_cast<bool>(value > limit)", "condition"),
                               ("value > limit", "false", "branch"),
                               ("a * 10 + b", "a * 10 - b", "operator"),
                               ("10", "(10 + 1)", "constant"),
                               ("call(first, second);", "", "statement"),
                               ("first, second", "second, first", "arguments"),
                               ("std::errc::timed_out", "std::errc::invalid_argument", "error")):
            self.assertEqual(self.find(old, new).kind, kind)

    def test_a_mutant_names_its_line(self):
        mutant = self.find("call(first, second);", "")
        self.assertEqual(str(mutant), "sched/a.cpp:14: without `call(first, second);`")
        self.assertEqual(mutant.identity,
                         ("sched/a.cpp", "call(first, second);", "call(first, second);", "", 1))

    def test_macros_and_constant_expressions_stay_as_they_are(self):
        for mutant in self.mutants:
            self.assertNotIn(mutant.line, (3, 4, 15), mutant)
            self.assertNotIn("TWICE", mutant.old)


    def test_arguments_whose_order_does_not_matter_stay_where_they_are(self):
        swaps = [mutant.old for mutant in self.mutants if mutant.kind == "arguments"]
        self.assertEqual(swaps, ["first, second", "y, z"])


class Planting(Tree):
    def test_a_mutant_acts_if_it_is_switched_on(self):
        mutants = {1: self.find("first, second", "second, first"),
                   2: self.find("value > limit", "false"), 3: self.find("0", "(0 + 1)"),
                   4: self.find("calls += a * 10 + b;", "")}
        self.assertEqual(self.output(mutants, "test(1, 2)", 0), "2 12")
        self.assertEqual(self.output(mutants, "test(1, 2)", 1), "2 21")
        self.assertEqual(self.output(mutants, "test(1, 2)", 4), "2 0")
        self.assertEqual(self.output(mutants, "clamp(9, 5)", 0), "5 0")
        self.assertEqual(self.output(mutants, "clamp(9, 5)", 2), "9 0")
        self.assertEqual(self.output(mutants, "test(99, 9)", 0), "0 999")
        self.assertEqual(self.output(mutants, "test(99, 9)", 3), "1 999")

    def test_lines_keep_their_numbers(self):
        lines = SOURCE.splitlines()
        mutants = {1: self.find("call(first, second);", "")}
        planted = planting.planted(SOURCE.encode(), mutants).decode().splitlines()
        self.assertEqual(planted[1], "#line 1")
        self.assertEqual([line for line in planted[2:] if line in lines],
                         [line for line in lines if "  call(" not in line])

    def test_the_code_that_runs_is_noted(self):
        mutants = {1: self.find("call(first, second);", ""), 2: self.find("value > limit", "false")}
        self.output(mutants, "clamp(1, 2)", 0)
        run = runs.Run(("it",), (str(self.root / "main"),), dict(os.environ), self.root, "", 0.0)
        _, numbers, failure = runs.reached(run, 1, self.root)
        self.assertEqual((numbers, failure), ({2}, None))

    def test_a_sample_keeps_its_mutants_if_others_go(self):
        (drawn, count), = mutants.draw(self.mutants, ["sched"], 3, 1)
        self.assertEqual((count, set(drawn)), (3, set(self.mutants)))
        left = [mutant for mutant in self.mutants if mutant not in drawn[:2]]
        self.assertEqual(mutants.draw(left, ["sched"], 3, 1), [(drawn[2:], 3)])
        self.assertNotEqual(mutants.draw(self.mutants, ["sched"], 3, 2), [(drawn, 3)])

    def test_mutants_of_one_place_overlap(self):
        one, other = (self.find("value > limit", "false"),
                      self.find("value > limit", "value >= limit"))
        self.assertTrue(planting.overlap(one, other))
        self.assertFalse(planting.overlap(one, self.find("10", "(10 + 1)")))


class Report(Tree):
    def report(self, noticed, listed, least):
        """(whether it is good, what it prints) for the first 4 mutants."""
        four = dict(enumerate(self.mutants[:4], 1))
        results = {str(number): {"noticed": {"test": "It.notices"} if number in noticed else None,
                                 "tests": ["It.runs"]} for number in four}
        known = {four[number].identity: "a reason" for number in listed}
        with unittest.mock.patch.object(mutants, "equivalents", lambda: known), \
                contextlib.redirect_stdout(io.StringIO()) as out:
            good = mutants.report(four, results, ["sched"], least)
        return good, out.getvalue()

    def test_enough_of_those_that_are_not_listed_must_be_noticed(self):
        good, said = self.report({1, 2, 3}, {}, 75)
        self.assertTrue(good)
        self.assertIn(f"{self.mutants[3]}\n", said)
        self.assertIn("not noticed by It.runs", said)
        self.assertIn("sched: 3 of 4 noticed (75.0 %), 0 equivalent", said)
        self.assertFalse(self.report({1, 2, 3}, {}, 76)[0])
        self.assertEqual(self.report({1, 2, 3}, {4}, 100)[0], True)

    def test_a_listed_one_that_is_noticed_is_an_error(self):
        good, said = self.report({1, 2, 3, 4}, {4}, 0)
        self.assertFalse(good)
        self.assertIn("is listed as equivalent (a reason), but It.notices notices it", said)


class BadInput(unittest.TestCase):
    def test_it_is_one_line_and_exit_status_2(self):
        for words, said in ((["nowhere"], "'nowhere' is not a folder or file in sched, record,"),
                            (["sched,docs"], "'docs' is not a folder or file in sched, record,"),
                            (["--sample", "0"], "--sample: '0' is not a positive integer"),
                            (["--least", "101"], "--least: '101' is not an integer from 0 to 100"),
                            (["--sample", "2", "sched", "record", "harness"],
                             "--sample: expected at least 3, one for each place")):
            done = subprocess.run([sys.executable, pathlib.Path(__file__).with_name("mutants.py"),
                                   *words], stderr=subprocess.PIPE, text=True, check=False)
            self.assertEqual(done.returncode, 2)
            self.assertIn(said, done.stderr.splitlines()[-1])


class Runs(unittest.TestCase):
    def run_of(self, *command):
        return runs.Run(("a test",), command, dict(os.environ), "/", "", 0.0)

    def test_a_failure_and_a_crash_and_a_hang_notice(self):
        for command, how in ((("sh", "-c", "exit 3"), "failed"),
                             (("sh", "-c", "kill -SEGV $$"), "SIGSEGV")):
            self.assertEqual(runs.notice([self.run_of(*command)], 1)["how"], how)
        for command, limit, silent in (("sleep 1000", 0.1, 100), ("yes", 0.1, 100),
                                       ("echo begins; sleep 1000", 100, 0.1)):
            self.assertEqual(runs.outcome(self.run_of("sh", "-c", command), {}, limit, silent)[0],
                             "time limit")
        self.assertIsNone(runs.notice([self.run_of("true")], 1))

    def test_the_output_decides_if_a_pattern_says_so(self):
        for text, how in (("found it", None), ("lost it", "failed")):
            run = self.run_of("sh", "-c", f"echo {text}; exit 3")._replace(passes="found|seen")
            self.assertEqual(runs.outcome(run, {}, 100, 100)[0], how)

    def test_the_tests_of_one_program_run_together(self):
        tests = [runs.Run((name,), ("program", f"--gtest_filter={name}", "--x"), {}, "/", "", 2.0)
                 for name in ("A.b", "A.c")]
        joined, = runs.together(tests)
        self.assertEqual(joined.command[:2], ("program", "--gtest_filter=A.b:A.c"))
        self.assertEqual(joined[:1] + joined[-2:], (("A.b", "A.c"), 4.0, 2.0))


if __name__ == "__main__":
    CLANG = sys.argv.pop(1)
    unittest.main()
