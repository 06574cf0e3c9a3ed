"""Measures how many runs a second one sweep worker makes, and how many more two make."""

import collections
import re
import resource
import subprocess
import time

from simulator import Goal, print_table, record

SEEDS = 100_000
RATE = "sweep of a server and three clients, ten messages each: runs"
TWO = "sweep: two workers to one"
JOBS = (1, 2)

Run = collections.namedtuple("Run", "wall cpu")  # seconds


def run_sweep(bench, programs, rounds, failures, wanted):
    """Runs both interleaved, prints medians with their spread, and returns the records."""
    if not (wanted(RATE) or wanted(TWO)):
        return []
    runs = {jobs: [] for jobs in JOBS}
    digests = set()
    for turn in range(rounds):
        print(f"round {turn + 1} of {rounds}: sweep", flush=True)
        for jobs in JOBS if turn % 2 == 0 else reversed(JOBS):
            try:
                runs[jobs].append(attempt(bench, programs / "sweep_ours", jobs, digests))
            except (OSError, RuntimeError) as problem:
                failures.append(str(problem))
                return []
    if len(digests) != 1:
        failures.append(f"the sweeps came to {len(digests)} digests; expected one")
    records = [
        # Uses processor time, so that time used by other programs does not count.
        record(RATE, "1/s a core", [SEEDS / run.cpu for run in runs[1]], {},
               Goal("at least", 30_000)),
        record(TWO, "times", [one.wall / two.wall for one, two in zip(runs[1], runs[2])], {},
               Goal("at least", 1.9)),
    ]
    print_table("The sweep", records)
    return records


def attempt(bench, program, jobs, digests):
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    start = time.monotonic()
    done = subprocess.run(
        [*bench.on_all_cores, program, "run", "clients", "--policy", "random",
         "--seeds", f"1..{SEEDS}", "--jobs", str(jobs)], capture_output=True, text=True)
    wall = time.monotonic() - start
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    digest = re.search(r"digest ([0-9a-f]{16})", done.stdout)
    if done.returncode != 0 or not digest:
        raise RuntimeError(f"{program.name} exited with {done.returncode}: {done.stderr.strip()}")
    digests.add(digest.group(1))
    return Run(wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
