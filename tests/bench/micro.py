"""The micro-benches: ns per resumption compared with asio, and bytes per task and connection."""

import json
import os
import statistics
import subprocess

COUNTS = ("2", "1000", "100000")


def run(bench, program, arguments=(), **environment):
    done = subprocess.run([*bench.on_server_core, str(program), *arguments], capture_output=True,
                          text=True, env={**os.environ, **environment})
    if done.returncode != 0:
        raise RuntimeError(f"{program.name} exited with {done.returncode}: {done.stderr.strip()}")
    return json.loads(done.stdout)


def run_micro(bench, programs, rounds, failures, wanted):
    """Runs both programs interleaved, prints medians, and returns the records."""
    if not wanted("micro"):
        return []
    results = {"micro_ours": [], "micro_asio": []}
    for program in results:
        if not (programs / program).exists():
            failures.append(f"{program} is not built")
    for turn in range(rounds):
        for program in results if turn % 2 == 0 else reversed(results):
            if not (programs / program).exists():
                continue
            try:
                results[program].append(run(bench, programs / program))
            except (RuntimeError, ValueError) as problem:
                failures.append(str(problem))
    records = records_of(results["micro_ours"], results["micro_asio"])
    print("\nMicro-benches (medians of interleaved runs)")
    for record in records:
        asio = "".join(f", {peer} {shown(value)}" for peer, value in record["peers"].items())
        print(f"  {record['name']:44} {shown(record['ours'])} {record['unit']}{asio}")
    return records


def shown(value):
    return "-" if value is None else f"{value:.1f}"


def median_of(runs, pick):
    return statistics.median(map(pick, runs)) if runs else None


def records_of(ours, asio):
    records = []
    for count in COUNTS:
        mine = median_of(ours, lambda result: result["yield_ns"][count])
        theirs = median_of(asio, lambda result: result["yield_ns"][count])
        by_token = median_of(asio, lambda result: result["yield_by_token_ns"][count])
        goal, met = None, None
        if count == "1000":
            goal = "under a tenth of asio"
            met = mine is not None and theirs is not None and mine < theirs / 10
        elif count == "100000":
            goal, met = "under 25 ns", mine is not None and mine < 25
        records.append({"name": f"yield among {count} tasks", "unit": "ns", "ours": mine,
                        "peers": {"asio": theirs, "asio by token": by_token},
                        "goal": goal, "met": met})
    for name, key, limit in (
            ("memory of a suspended task", "bytes_per_suspended_task", 250),
            ("user memory of an idle echo connection", "bytes_per_idle_connection", 1024)):
        value = median_of(ours, lambda result: result[key])
        records.append({"name": name, "unit": "bytes", "ours": value, "peers": {},
                        "goal": f"under {limit} bytes",
                        "met": value is not None and value < limit})
    by_hand = median_of(ours, lambda result: result["line_ns"]["by hand"])
    for name, key in (("recv_until", "recv_until"), ("peek and consume", "peek")):
        value = median_of(ours, lambda result, key=key: result["line_ns"][key])
        records.append({"name": f"a line of 20 B by {name}", "unit": "ns", "ours": value,
                        "peers": {"by hand": by_hand},
                        "goal": "at most twice a buffer written by hand",
                        "met": None not in (value, by_hand) and value <= 2 * by_hand})
    return records
