"""Counts system calls per echoed message with strace."""

import re
import shutil
import tempfile
import time

from measure import Scenario
from servers import HAND_WRITTEN, OURS, ServerFailure

SCENARIOS = [Scenario(f"64 B x {connections}", 64, connections, 0) for connections in (1, 50)]
SHORT, LONG = 1000, 3000


def counts_in(report):
    """Returns calls by name from the table of strace -c, or None while the table
    is not complete."""
    if not re.search(r"^100\.00.*\btotal$", report, re.MULTILINE):
        return None
    counts = {}
    for line in report.splitlines():
        fields = line.split()
        if len(fields) in (5, 6) and fields[3].isdigit() and fields[-1] != "total":
            counts[fields[-1]] = int(fields[3])
    return counts


def counted_run(bench, server, scenario, round_trips):
    with tempfile.NamedTemporaryFile("r") as report:
        # With -D, the process that was started is the server and not strace.
        tracer = ["strace", "-D", "-f", "-c", "-o", report.name]
        with server.start(bench.on_server_core + tracer) as running:
            raw = bench.run_load(running, scenario, ["--round-trips", round_trips])
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            counts = counts_in(open(report.name).read())
            if counts is not None:
                return counts, raw["round_trips_with_warm_up"]
            time.sleep(0.02)
    raise ServerFailure(f"{server.name}: strace printed no table")


def calls_per_message(bench, server, scenario):
    """Returns calls by name: a long run minus a short run, so that start, accept and
    end cancel out."""
    short, short_trips = counted_run(bench, server, scenario, SHORT)
    long, long_trips = counted_run(bench, server, scenario, LONG)
    calls = {name: (count - short.get(name, 0)) / (long_trips - short_trips)
             for name, count in long.items()}
    return {name: count for name, count in calls.items() if abs(count) >= 0.005}


def chosen_scenarios(wanted):
    return [scenario for scenario in SCENARIOS if wanted(f"system calls {scenario.name}")]


def count_system_calls(bench, servers, failures, wanted):
    """Prints calls per message of ours and of the hand-written loops; returns the records."""
    scenarios = chosen_scenarios(wanted)
    if not scenarios:
        return []
    if shutil.which("strace") is None:
        failures.append("system calls were not counted: strace is not installed")
        return []
    print("\nSystem calls per echoed message (strace -c)")
    totals = {}
    for scenario in scenarios:
        for server in servers:
            if server.name not in (*OURS.values(), *HAND_WRITTEN.values()):
                continue
            try:
                calls = calls_per_message(bench, server, scenario)
            except ServerFailure as failure:
                failures.append(str(failure))
                continue
            totals[scenario.name, server.name] = round(sum(calls.values()), 3)
            parts = ", ".join(f"{name} {count:.2f}" for name, count in
                              sorted(calls.items(), key=lambda item: -item[1]))
            print(f"  {scenario.name:12} {server.name:14} {sum(calls.values()):5.2f}  ({parts})")
    return records_of(totals, scenarios)


def records_of(totals, scenarios):
    return [{
        "name": f"echo {scenario.name}, {source}: system calls per message",
        "unit": "calls",
        "ours": totals.get((scenario.name, OURS[source])),
        "peers": {HAND_WRITTEN[source]: totals.get((scenario.name, HAND_WRITTEN[source]))},
        "goal": None,
        "met": None,
    } for scenario in scenarios for source in OURS]
