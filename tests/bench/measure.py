"""Runs the load generator against one server and returns the cost of a round trip."""

import collections
import json
import subprocess
import time

from servers import ServerFailure

Scenario = collections.namedtuple("Scenario", "name size connections silent tls", defaults=[0])

SCENARIOS = [
    Scenario(f"{size} B x {connections}", size, connections, 0)
    for size in (64, 16384) for connections in (1, 8, 50, 500)
] + [Scenario("64 B x 8 beside 900 silent", 64, 8, 900)]

Figures = collections.namedtuple("Figures", "rate p50 p99 cpu disturbed")


class Bench:
    """Where things run: the load generator, the two cores, and the length of one measurement."""

    def __init__(self, programs, server_core, load_core, seconds, nice):
        self.load = str(programs / "load")
        self.seconds = seconds
        self.on_all_cores = ["nice", "-n", str(nice)] if nice else []
        self.on_server_core = ["taskset", "-c", str(server_core)] + self.on_all_cores
        self.on_load_core = ["taskset", "-c", str(load_core)] + self.on_all_cores

    def run_load(self, running, scenario, limit):
        command = self.on_load_core + [
            self.load, "--port", running.port, "--server", running.pid,
            "--connections", scenario.connections, "--size", scenario.size, "--tls", scenario.tls,
            "--silent", scenario.silent] + limit
        done = subprocess.run([str(part) for part in command], capture_output=True, text=True)
        if done.returncode != 0:
            raise ServerFailure(f"{running.name}, {scenario.name}: {done.stderr.strip()}")
        return json.loads(done.stdout)

    def measure(self, running, scenario):
        raw = self.run_load(running, scenario, ["--seconds", self.seconds])
        if raw["round_trips"] == 0:
            raise ServerFailure(f"{running.name}, {scenario.name}: no round trip was finished")
        elapsed = raw["seconds"] * 1e9
        return Figures(
            rate=raw["round_trips"] / raw["seconds"],
            p50=raw["p50_ns"],
            p99=raw["p99_ns"],
            cpu=raw["server_cpu_ns"] / raw["round_trips"],
            disturbed=max(raw["server_waited_ns"], raw["load_waited_ns"]) / elapsed)


class Measurer:
    """Repeats measurements that another program disturbed.

    A measurement is disturbed if server or load was ready to run, but its core was taken, for more
    than `tolerance` of the time. Then caches are cold and sleeps are cut short, and CPU time per
    round trip moves by tens of percent, although it would seem to be immune. The criterion does not
    look at the result. The number of repeats is limited to half the number of planned measurements,
    so that the bench ends even on a machine that is never quiet."""

    tolerance = 0.02
    attempts = 4

    def __init__(self, bench, planned):
        self.bench = bench
        self.repeats_left = planned // 2
        self.measurements = 0
        self.still_disturbed = 0

    def measure(self, running, scenario):
        best = self.bench.measure(running, scenario)
        for attempt in range(1, self.attempts):
            if best.disturbed <= self.tolerance or self.repeats_left == 0:
                break
            self.repeats_left -= 1
            time.sleep(0.05 * attempt)
            figures = self.bench.measure(running, scenario)
            best = min(best, figures, key=lambda one: one.disturbed)
        self.measurements += 1
        self.still_disturbed += best.disturbed > self.tolerance
        return best


class Block:
    """All servers at once, for one scenario of one round; servers that get no load sleep.

    Each block starts fresh processes, because where a process lies in memory changes its figures by
    a percent or two for its whole life. Within the block the servers take turns in short slices,
    because two slices in a row see the same machine."""

    def __init__(self, bench, servers, say_failure):
        self.say_failure = say_failure
        self.failed = set()
        self.running = {}
        for server in servers:
            self.attempt(server, lambda: self.running.update({
                server: server.start(bench.on_server_core)}))

    def attempt(self, server, action):
        try:
            return action()
        except ServerFailure as failure:
            self.failed.add(server)
            self.say_failure(str(failure))
            return None

    def run_slices(self, measurer, scenario, count, results):
        for turn in range(count):
            # The order is reversed each time, so that a drift cancels out.
            servers = list(self.running)
            for server in servers if turn % 2 == 0 else reversed(servers):
                figures = None
                if server not in self.failed:
                    figures = self.attempt(
                        server, lambda: measurer.measure(self.running[server], scenario))
                results.add(scenario, server, figures)

    def __enter__(self):
        return self

    def __exit__(self, kind, problem, trace):
        for server, running in self.running.items():
            if kind is None and server not in self.failed:
                self.attempt(server, running.stop)
            else:
                running.kill()
