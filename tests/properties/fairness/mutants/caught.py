#!/usr/bin/env python3
"""Checks whether a mutant is caught: caught.py PROGRAM NAME.mutant

Each property must fail under each of several seeds, so that it is not luck. A crash does not count,
because any test would find it."""

import os
import pathlib
import subprocess
import sys

from mutate import SWITCH, parts

SEEDS = range(1, 6)
PATIENCE = 600 * int(os.environ.get("REHEARSAL_TEST_PATIENCE", "1"))


def main():
    program, path = sys.argv[1], pathlib.Path(sys.argv[2])
    fields, _, _ = parts(path)
    for wanted in fields["catches"]:
        for seed in SEEDS:
            done = subprocess.run([program, f"--gtest_filter={wanted}"], capture_output=True,
                                  text=True, timeout=PATIENCE,
                                  env={**os.environ, SWITCH: path.stem,
                                       "RC_PARAMS": f"seed={seed} noshrink=1"})
            if done.returncode != 1 or f"[  FAILED  ] {wanted}" not in done.stdout:
                print(f"NOT caught by {wanted} under seed {seed}: exit status {done.returncode}",
                      file=sys.stderr)
                print(done.stdout[-2000:] + done.stderr[-2000:], file=sys.stderr)
                return 1
        print(f"caught by {wanted}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
