"""Runs the commands of `rehearsal`, and finds in what they print what the tests compare."""

import re
import subprocess

PATIENCE = 60


def run(*command, **options):
    """(exit status, stdout, stderr)"""
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True,
                          timeout=PATIENCE, stdin=subprocess.DEVNULL, **options)
    return done.returncode, done.stdout, done.stderr


def paste(line):
    """Runs a line as a shell does."""
    return run("sh", "-c", line)


def replay_lines(text):
    return re.findall(r"(?m)^  replay it:\n(.*)$", text)


def resuming_lines(text):
    """The commands by which shrinking goes on that was stopped by its bound."""
    return re.findall(r"its bound was reached, more may go; go on:\n(.*)\n", text)


def failed_seeds(text):
    """In the order in which they are told."""
    return [int(seed) for seed in re.findall(r"(?m)^FAILED \S+, seed (\d+):", text)]


def digest(text):
    return re.search(r"digest ([0-9a-f]{16})", text).group(1)
