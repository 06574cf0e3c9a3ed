"""Runs a program of simulation tests, and finds the parts of its output that the tests compare."""

import os
import re
import subprocess

# Maximum seconds for a command; on a quiet machine none takes thirty.
PATIENCE = 600 * int(os.environ.get("REHEARSAL_TEST_PATIENCE", "1"))
program = None  # set by the script that imports this


def run(tests, *flags, **variables):
    """Returns (exit status, stdout, stderr)."""
    environment = {name: value for name, value in os.environ.items()
                   if not name.startswith(("REHEARSAL_", "GTEST_")) and name != "CI"}
    done = subprocess.run([program, f"--gtest_filter={tests}", *flags], capture_output=True,
                          text=True, timeout=PATIENCE, stdin=subprocess.DEVNULL,
                          env={**environment, **variables})
    return done.returncode, done.stdout, done.stderr


def paste(line):
    """Runs a line in a shell."""
    done = subprocess.run(["sh", "-c", line], capture_output=True, text=True, timeout=PATIENCE)
    return done.returncode, done.stdout, done.stderr


def commands(text):
    return re.findall(r"(?m)(?:^Reproduce|[Rr]eproduce it with:)\n(.*)$", text)


def digests(text):
    return re.findall(r"(?i)\bdigest:? ([0-9a-f]{16})", text)
