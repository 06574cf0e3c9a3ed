"""Measures how much faster a recording is replayed than it was made under load."""

import re
import subprocess

import servers
import simulator
from measure import Scenario
from simulator import Goal

GOAL = Goal("at least", 5)
# Number of round trips that fit into the size limit of a recording, by bytes of a message.
ROUND_TRIPS = {64: 300_000, 16384: 12_000}
SCENARIOS = [Scenario(f"{size} B x 50", size, 50, 0) for size in ROUND_TRIPS]
REPLAYS = 3
UNITS = {"ns": 1e-9, "us": 1e-6, "ms": 1e-3, "s": 1.0}


def title(scenario):
    return f"replay of {scenario.name}"


def seconds_of_replay(bench, ours, directory):
    command = [*bench.on_server_core, str(ours), "replay", directory]
    done = subprocess.run(command, capture_output=True, text=True)
    took = re.search(r": identical for .* in ([\d.]+) (ns|us|ms|s)$", done.stdout.strip())
    if done.returncode != 0 or took is None:
        said = (done.stdout + done.stderr).strip()
        raise RuntimeError(f"replay exited with {done.returncode}: {said[-300:]}")
    return float(took.group(1)) * UNITS[took.group(2)]


def times_faster(bench, server, ours, scenario):
    """Returns the time of the round trips alone, by the load's clock, over the shortest time
    of a replay."""
    running = server.start(bench.on_server_core)
    with running:
        raw = bench.run_load(running, scenario, ["--round-trips", ROUND_TRIPS[scenario.size]])
    recorded = raw["seconds"] / raw["round_trips"] * raw["round_trips_with_warm_up"]
    directory = running.directory.name
    return recorded / min(seconds_of_replay(bench, ours, directory) for _ in range(REPLAYS))


def run_replays(bench, ours, rounds, failures, wanted):
    """Prints the medians, and returns the records."""
    scenarios = [scenario for scenario in SCENARIOS if wanted(title(scenario))]
    if not scenarios or ours is None:
        return []
    server = servers.recorded(ours)
    values = {scenario: [] for scenario in scenarios}
    for _ in range(rounds):
        for scenario in scenarios:
            try:
                values[scenario].append(times_faster(bench, server, ours, scenario))
            except (OSError, RuntimeError, servers.ServerFailure) as problem:
                if str(problem) not in failures:
                    failures.append(str(problem))
    records = [simulator.record(title(scenario), "times faster", values[scenario], {}, GOAL)
               for scenario in scenarios]
    simulator.print_table("Replays, beside the time that it took to record under load", records)
    return records
