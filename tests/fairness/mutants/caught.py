#!/usr/bin/env python3
"""Whether a mutant is caught: caught.py PROGRAM PROPERTY.

The property must fail, and not by a crash, which would be found by any test.
"""

import subprocess
import sys


def main():
    program, wanted = sys.argv[1:]
    done = subprocess.run([program, f"--gtest_filter={wanted}"], capture_output=True, text=True,
                          timeout=100)
    if done.returncode == 1 and f"[  FAILED  ] {wanted}" in done.stdout:
        print(f"caught by {wanted}")
        return 0
    print(f"NOT caught by {wanted}: exit status {done.returncode}", file=sys.stderr)
    print(done.stdout[-2000:] + done.stderr[-2000:], file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
