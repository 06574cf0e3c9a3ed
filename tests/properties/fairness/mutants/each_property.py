#!/usr/bin/env python3
"""Checks whether each property of tests/properties/fairness catches a mutant.

usage: each_property.py TESTS MUTANT...

Prints the properties that no mutant names, and exits with 1 if there is one."""

import pathlib
import re
import sys

from mutate import parts

DECLARED = re.compile(r"^(?:RC_GTEST_PROP|TEST)\((\w+),\s*(\w+)", re.MULTILINE)


def main():
    tests, *mutants = map(pathlib.Path, sys.argv[1:])
    caught = {wanted for mutant in mutants for wanted in parts(mutant)[0]["catches"]}
    idle = [f"{test}: {suite}.{name} catches no mutant"
            for test in sorted(tests.glob("*_test.cpp"))
            for suite, name in DECLARED.findall(test.read_text())
            if f"{suite}.{name}" not in caught]
    print("\n".join(idle), file=sys.stderr, end="\n" if idle else "")
    return 1 if idle else 0


if __name__ == "__main__":
    sys.exit(main())
