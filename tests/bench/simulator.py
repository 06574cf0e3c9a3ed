"""The simulator's benches: round trips compared with SimGrid and ns-3, a fresh world, memory, and
how the cost of an event depends on the size of the world."""

import collections
import math
import statistics

import micro
from report import spread

SIMGRID, NS3 = "SimGrid", "ns-3"
PEERS = {SIMGRID: "simgrid_pairs", NS3: "ns3_pairs"}

# One run of one program for one part; `peer` is empty for our own program.
Run = collections.namedtuple("Run", "part peer arguments")

# One displayed figure of a part. `pick` extracts it from the program's output, once per round.
Figure = collections.namedtuple("Figure", "name unit part pick goal")
# `how` is "at least", "at most" or "under".
Goal = collections.namedtuple("Goal", "how limit")

PAIRS = {1: 3e6, 50: 2.5e6, 100: None, 1000: 1.2e6, 5000: 1e6, 10000: None}
# By peer and pairs: round trips of each pair, which take the peer a few seconds at most, and how
# many times faster ours must be.
AGAINST = {
    (SIMGRID, 100): (2000, 12),
    (SIMGRID, 10000): (5, 25),
    (NS3, 100): (200, None),
}
# For our program and the peers: worlds larger than the caches also pay for the lookup
# of small pages.
HUGE_PAGES = {"GLIBC_TUNABLES": "glibc.malloc.hugetlb=1"}
FEW_PENDING, MANY_PENDING = 100, 100_000
FEW_HOSTS, MANY_HOSTS = 10, 10_000
SAME = 1.5  # a ratio up to this is not a dependence: data beyond the caches costs more


def title(pairs):
    return f"sim 64 B x {pairs} pair{'s' if pairs > 1 else ''}"


def part_of(pairs):
    return f"pairs_{pairs}"


def figures():
    """The figures of our own program, in the order of the table."""
    for pairs, least in PAIRS.items():
        goal = Goal("at least", least) if least else None
        yield Figure(f"{title(pairs)}: round trips", "1/s", part_of(pairs),
                     lambda printed: printed["round_trips_per_s"], goal)
    for pairs in (1000, 10000):
        yield Figure(f"{title(pairs)}: building, of each pair", "us", part_of(pairs),
                     lambda printed, pairs=pairs: printed["building_s"] / pairs * 1e6, None)
    large = "sim 16 KiB x 1 pair: payload both ways"
    yield Figure(large, "GB/s", "large", lambda printed: printed["bytes_per_s"] / 1e9, None)
    yield Figure(f"{large} to memcpy", "times", "large",
                 lambda printed: printed["of_memcpy"], Goal("at least", 1 / 8))
    yield Figure("sim fresh world of 4 hosts, 30 messages", "us", "fresh",
                 lambda printed: printed["us"], Goal("under", 30))
    yield Figure("sim memory of an idle connection, both ends", "bytes", "idle",
                 lambda printed: printed["bytes"], Goal("under", 1024))
    yield from by_count("sim timer among {} pending", "pending", (100, 1000, 10_000, 100_000))
    logarithm = math.log(MANY_PENDING) / math.log(FEW_PENDING)
    yield Figure(f"sim timer among {MANY_PENDING} to among {FEW_PENDING}", "times", "pending",
                 lambda printed: printed[str(MANY_PENDING)] / printed[str(FEW_PENDING)],
                 Goal("at most", logarithm))
    yield from by_count("sim round trip among {} idle hosts", "hosts", (10, 100, 1000, 10_000))
    yield Figure(f"sim round trip among {MANY_HOSTS} hosts to among {FEW_HOSTS}", "times", "hosts",
                 lambda printed: printed[str(MANY_HOSTS)] / printed[str(FEW_HOSTS)],
                 Goal("at most", SAME))
    yield Figure("sim recording to none", "times", "recording",
                 lambda printed: printed["times"], Goal("under", 3))
    yield Figure("sim shrinking a failure of 1,000 deviations", "ms", "shrinking",
                 lambda printed: printed["ms"], Goal("under", 1000))


def by_count(name, part, counts):
    for count in counts:
        yield Figure(name.format(count), "ns", part,
                     lambda printed, count=count: printed[str(count)], None)


def runs_of(parts):
    """Runs a peer right after our program, so that both see the same machine."""
    for part in parts:
        yield Run(part, "", [part])
        for (peer, pairs), (round_trips, _) in AGAINST.items():
            if part == part_of(pairs):
                yield Run(part, peer, [str(pairs), str(round_trips)])


def chosen_parts(wanted):
    parts = []
    for figure in figures():
        if figure.part not in parts and wanted(figure.name):
            parts.append(figure.part)
    return parts


def run_simulator(bench, programs, rounds, failures, wanted):
    """Runs all programs interleaved, prints medians with their spread, and returns the records."""
    parts = chosen_parts(wanted)
    if not parts:
        return []
    printed = collections.defaultdict(list)  # by (part, peer), one for each round
    runs = list(runs_of(parts))
    for turn in range(rounds):
        print(f"round {turn + 1} of {rounds}: simulator", flush=True)
        for run in runs if turn % 2 == 0 else reversed(runs):
            printed[run.part, run.peer].append(attempt(bench, programs, run, failures))
    records = [record_of(figure, printed) for figure in figures() if figure.part in parts]
    records += [ratio_record(peer, pairs, printed) for peer, pairs in AGAINST
                if part_of(pairs) in parts]
    print_table("The simulator, processor time on one core", records)
    return records


def attempt(bench, programs, run, failures):
    """Returns what the program printed, or None if it failed, which is reported once."""
    program = programs / PEERS.get(run.peer, "sim_ours")
    try:
        printed = micro.run(bench, program, run.arguments, **HUGE_PAGES)
        return printed if run.peer else printed[run.part]
    except (OSError, RuntimeError, ValueError) as problem:
        if str(problem) not in failures:
            failures.append(str(problem))
        return None


def values_of(figure, printed, peer=""):
    return [figure.pick(result) for result in printed[figure.part, peer] if result]


def meets(goal, value):
    if value is None:
        return False
    if goal.how == "at least":
        return value >= goal.limit
    return value < goal.limit if goal.how == "under" else value <= goal.limit


def record(name, unit, values, peers, goal):
    ours = statistics.median(values) if values else None
    return {"name": name, "unit": unit, "ours": ours, "spread": spread(values), "peers": peers,
            "goal": f"{goal.how} {shown(goal.limit)} {unit}" if goal else None,
            "met": meets(goal, ours) if goal else None}


def record_of(figure, printed):
    peers = {}
    if figure.unit == "1/s":
        for peer in PEERS:
            values = values_of(figure, printed, peer)
            if values:
                peers[peer] = statistics.median(values)
    return record(figure.name, figure.unit, values_of(figure, printed), peers, figure.goal)


def ratio_record(peer, pairs, printed):
    """Returns ratios of rates, paired round by round."""
    part, least = part_of(pairs), AGAINST[peer, pairs][1]
    values = [ours["round_trips_per_s"] / theirs["round_trips_per_s"]
              for ours, theirs in zip(printed[part, ""], printed[part, peer]) if ours and theirs]
    return record(f"{title(pairs)}: times {peer}", "times", values, {},
                  Goal("at least", least) if least else None)


def shown(value):
    if value is None:
        return "-"
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"


def print_table(what, records):
    print(f"\n{what} (medians of interleaved runs)")
    for one in records:
        judged = "" if one["goal"] is None else f"  {one['goal']}" + ("" if one["met"] else ": NOT")
        peers = "".join(f", {peer} {shown(value)}" for peer, value in one["peers"].items())
        print(f"  {one['name']:50}{shown(one['ours']):>11} ±{shown(one['spread']):<10}"
              f"{one['unit']}{peers}{judged}")
