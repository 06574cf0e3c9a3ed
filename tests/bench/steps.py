"""Measures how many steps a second each policy makes, with tasks that only yield."""

import micro
import simulator
from simulator import Goal

# Minimum steps a second, by the key that the program prints: "POLICY TASKS".
GOALS = {
    "random 2": Goal("at least", 12e6), "random 100": Goal("at least", 6e6),
    "pct 10": None, "pct 100": Goal("at least", 5e6), "pct 1000": None,
    "pct 10000": Goal("at least", 2e6),
    "pos 100": Goal("at least", 5e6), "pos 10000": Goal("at least", 2e6),
}


def title(case):
    policy, tasks = case.split()
    return f"steps under {policy}, {tasks} ready tasks"


def run_steps(bench, programs, rounds, failures, wanted):
    """Prints medians of several runs, and returns the records."""
    cases = [case for case in GOALS if wanted(title(case))]
    if not cases:
        return []
    printed = []
    for _ in range(rounds):
        try:
            printed.append(micro.run(bench, programs / "steps_ours"))
        except (OSError, RuntimeError, ValueError) as problem:
            if str(problem) not in failures:
                failures.append(str(problem))
    records = [simulator.record(title(case), "1/s", [one[case] for one in printed], {},
                                GOALS[case]) for case in cases]
    simulator.print_table("Steps of the simulator, processor time on one core", records)
    return records
