#!/usr/bin/env python3
"""Runs every echo server in turn, round after round, and prints what a round trip costs.

Then it runs the parts without a server: the micro-benches and the simulator.

The server has one core and the load generator the other. The machine is assumed to be noisy, so the
decisive figure is the paired server CPU time per round trip. A round starts all servers for each
scenario in turn and puts load on them slice by slice, one server after the other. Each slice yields
one ratio for each pair of servers. The goals apply to the median of all slices of all rounds."""

import argparse
import os
import pathlib
import resource
import shutil
import signal
import sys

import compile_time
import echo_check
import measure
import micro
import page
import replay
import report
import servers
import simulator
import steps
import sweep
import system_calls
import tls

ROOT = pathlib.Path(__file__).resolve().parents[2]


def flags():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--ours", type=pathlib.Path, metavar="PATH",
                        help="the program `rehearsal`; without it the hand-written loops replace "
                             "it, which shows the error of the method")
    parser.add_argument("--programs", type=pathlib.Path, metavar="DIRECTORY",
                        default=ROOT / "build/bench-release/tests/bench",
                        help="directory of load, the peers and the micro-benches (%(default)s)")
    parser.add_argument("--out", type=pathlib.Path, metavar="FILE",
                        default=ROOT / "build/bench.json", help="records go here (%(default)s)")
    parser.add_argument("--rounds", type=int, help="default 7, with --quick 2")
    parser.add_argument("--slices", type=int, default=4,
                        help="how often each server is measured in a round (%(default)s)")
    parser.add_argument("--seconds", type=float, default=0.1, help="of one slice (%(default)s)")
    parser.add_argument("--quick", action="store_true", help="only two rounds")
    parser.add_argument("--only", default="", metavar="SUBSTRING",
                        help="run the part of this name, or else those whose name holds it, such "
                             "as '64 B x 50', '16384', 'silent', 'TLS', 'system calls', "
                             "'replay', 'micro', 'sim', 'steps', 'sweep', 'compile time'")
    parser.add_argument("--servers", default="", metavar="SUBSTRING,...",
                        help="run ours and the servers whose name holds one of these")
    parser.add_argument("--strict", action="store_true", help="exit 3 when a goal is not met")
    parser.add_argument("--nice", type=int, default=0, metavar="N",
                        help="run server and load at this priority; -20, as root, keeps other "
                             "programs out of the way")
    parser.add_argument("--server-core", type=int)
    parser.add_argument("--load-core", type=int)
    options = parser.parse_args()
    options.rounds = options.rounds or (2 if options.quick else 7)
    return options


def choose_cores(options):
    """Returns the two cores. The first one usually takes device interrupts, so the server
    gets the last."""
    cores = sorted(os.sched_getaffinity(0))
    if len(cores) < 2:
        print("warning: there is only one core; server and load share it", file=sys.stderr)
    server_core = cores[-1] if options.server_core is None else options.server_core
    load_core = cores[0] if options.load_core is None else options.load_core
    return server_core, load_core


def allow_many_descriptors():
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def chosen_servers(options):
    every = servers.all_servers(options.ours, options.programs)
    names = [part for part in options.servers.split(",") if part]
    if not names:
        return every
    return [server for server in every
            if server.name in servers.OURS.values() or any(name in server.name for name in names)]


def check_servers(chosen, bench, failures):
    """Returns the servers that start, echo correctly, and stop on SIGTERM."""
    good = []
    for server in chosen:
        try:
            with server.start(bench.on_server_core) as running:
                echo_check.check_echo(running.port)
            good.append(server)
        except (servers.ServerFailure, echo_check.WrongEcho, OSError) as problem:
            say_failure(failures, f"{server.name} is left out: {problem}")
    return good


def say_failure(failures, text):
    failures.append(text)
    print(f"error: {text}", file=sys.stderr, flush=True)


def run_rounds(options, bench, chosen, scenarios, failures):
    """Runs all scenarios in each round, so that a noisy minute touches one round of each."""
    results = report.Results()
    planned = options.rounds * options.slices * len(scenarios) * len(chosen)
    measurer = measure.Measurer(bench, planned)
    failed = set()
    for turn in range(options.rounds):
        for scenario in scenarios:
            print(f"round {turn + 1} of {options.rounds}: {scenario.name}",
                  file=sys.stderr, flush=True)
            willing = [server for server in chosen if (scenario, server) not in failed]
            block = measure.Block(bench, willing, lambda text: say_failure(failures, text))
            with block:
                block.run_slices(measurer, scenario, options.slices, results)
            failed.update((scenario, server) for server in block.failed)
    if measurer.still_disturbed:
        print(f"warning: {measurer.still_disturbed} of {measurer.measurements} measurements were "
              "disturbed by other programs, each time they were tried", file=sys.stderr)
    return results


def main():
    options = flags()
    for tool in ("taskset", "nice"):
        if shutil.which(tool) is None:
            sys.exit(f"the bench needs {tool}")
    if not (options.programs / "load").exists():
        sys.exit(f"{options.programs} holds no load generator: build the target bench_peers first")
    # Raises an exception on SIGTERM, so that the running servers end with the bench.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    allow_many_descriptors()
    failures = []
    bench = measure.Bench(options.programs, *choose_cores(options), options.seconds, options.nice)

    exact = options.only in [scenario.name for scenario in measure.SCENARIOS]

    def wanted(name):
        return options.only == name if exact else options.only in name

    scenarios = [scenario for scenario in measure.SCENARIOS if wanted(scenario.name)]
    chosen = chosen_servers(options)
    good = []
    records = []
    if scenarios or system_calls.chosen_scenarios(wanted):
        good = check_servers(chosen, bench, failures)
    if scenarios:
        results = run_rounds(options, bench, good, scenarios, failures)
        for scenario in scenarios:
            report.print_table(results, scenario, chosen)
            records += report.records_of(results, scenario, chosen)
    records += tls.run_tls(bench, options, failures, wanted)
    records += system_calls.count_system_calls(bench, good, failures, wanted)
    records += replay.run_replays(bench, options.ours, options.rounds, failures, wanted)
    records += micro.run_micro(bench, options.programs, options.rounds, failures, wanted)
    records += simulator.run_simulator(bench, options.programs, options.rounds, failures, wanted)
    records += steps.run_steps(bench, options.programs, options.rounds, failures, wanted)
    records += sweep.run_sweep(bench, options.programs, options.rounds, failures, wanted)
    records += page.run_page(bench, options.ours, options.rounds, failures, wanted)
    records += compile_time.run_compile_time(options.rounds, failures, wanted)
    return finish(options, records, failures)


def finish(options, records, failures):
    report.merge_into(options.out, records)
    print(f"\n{len(records)} records are in {options.out}")
    unmet = report.unmet_goals(records)
    judged = sum(record["goal"] is not None for record in records)
    print(f"{judged - len(unmet)} of {judged} goals are met")
    for record in unmet:
        print(f"not met: {report.describe(record)}")
    for failure in failures:
        print(f"error: {failure}", file=sys.stderr)
    if failures:
        return 1
    return 3 if unmet and options.strict else 0


if __name__ == "__main__":
    sys.exit(main())
