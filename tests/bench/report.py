"""Makes tables and records of the measurements, and compares them with the goals."""

import json
import os
import statistics

from servers import HAND_WRITTEN, LIBRARIES, OURS, RECORDED

LIMIT = 1.05  # maximum CPU of ours, if a hand-written loop uses 1

RELATIVE = "times ours"

# Maximum CPU of our server when it records, if it uses 1 otherwise: by bytes and connections.
RECORDING_LIMITS = {(64, 50): 1.10, (16384, 50): 1.20}


class Results:
    """Returns figures by (scenario name, server name), one per slice; None if a
    server had failed."""

    def __init__(self):
        self.figures = {}

    def add(self, scenario, server, figures):
        self.figures.setdefault((scenario.name, server.name), []).append(figures)

    def has(self, scenario, name):
        return any(self.figures.get((scenario.name, name), []))

    def median(self, scenario, name, quantity):
        values = [getattr(figures, quantity)
                  for figures in self.figures.get((scenario.name, name), []) if figures]
        return statistics.median(values) if values else None

    def ratios(self, scenario, name, reference):
        """Returns CPU per round trip of `name` over that of `reference`, paired slice by slice."""
        pairs = zip(self.figures.get((scenario.name, name), []),
                    self.figures.get((scenario.name, reference), []))
        return [above.cpu / below.cpu for above, below in pairs if above and below]

    def ratio(self, scenario, name, reference):
        ratios = self.ratios(scenario, name, reference)
        return statistics.median(ratios) if ratios else None


def spread(ratios):
    """Returns half the width of the middle half: the typical error of a single slice."""
    if len(ratios) < 2:
        return 0.0
    low, _, high = statistics.quantiles(ratios, n=4, method="inclusive")
    return (high - low) / 2


def print_table(results, scenario, servers):
    print(f"\nEcho of {scenario.size} B over {scenario.connections} connections"
          + (f" beside {scenario.silent} silent ones" if scenario.silent else ""))
    print(f"  {'':22}{'round trips/s':>14}{'p50 us':>9}{'p99 us':>9}{'CPU us':>9}"
          f"{'to ours/epoll':>17}{'to ours/select':>17}")
    for server in servers:
        if not results.has(scenario, server.name):
            print(f"  {server.name:22}  failed")
            continue
        rate, p50, p99, cpu = (results.median(scenario, server.name, quantity)
                               for quantity in ("rate", "p50", "p99", "cpu"))
        line = f"  {server.name:22}{rate:14,.0f}{p50 / 1e3:9.1f}{p99 / 1e3:9.1f}{cpu / 1e3:9.2f}"
        for reference in (OURS["epoll"], OURS["select"]):
            ratios = results.ratios(scenario, server.name, reference)
            if ratios:
                line += f"{statistics.median(ratios):10.3f} ±{spread(ratios):5.3f}"
            else:
                line += f"{'-':>17}"
        print(line)


def goal_of(results, scenario, source, peers):
    """Returns the goal in words and whether it is met; (None, None) if there is no goal.

    Only peers that were asked for are part of the goal; if one of them failed, the goal is not met.

    One connection has no goal: its figure is the cost of a sleep, which depends on the kernel."""
    if scenario.connections < 8 or (scenario.silent and source != "epoll"):
        return None, None
    goals, met = [], True
    if HAND_WRITTEN[source] in peers:
        ratio = results.ratio(scenario, OURS[source], HAND_WRITTEN[source])
        goals.append(f"at most {LIMIT} of {HAND_WRITTEN[source]}")
        met = ratio is not None and ratio <= LIMIT
    libraries = [library for library in LIBRARIES if library in peers]
    if source == "epoll" and not scenario.silent and libraries:
        goals.append("less than " + ", ".join(libraries))
        for library in libraries:
            ratio = results.ratio(scenario, OURS[source], library)
            met = met and ratio is not None and ratio < 1
    return (", and ".join(goals), met) if goals else (None, None)


def rounded(value, digits):
    return None if value is None else round(value, digits)


def records_of(results, scenario, servers):
    records = []
    for source, ours in OURS.items():
        other = "select" if source == "epoll" else "epoll"
        peers = [server.name for server in servers
                 if server.name not in (*OURS.values(), HAND_WRITTEN[other], RECORDED)]
        title = f"echo {scenario.name}, {source}"
        goal, met = goal_of(results, scenario, source, peers)
        records.append({
            "name": f"{title}: CPU per round trip, paired",
            "unit": RELATIVE,
            "ours": rounded(results.ratio(scenario, ours, ours), 3),
            "peers": {peer: rounded(results.ratio(scenario, peer, ours), 3) for peer in peers},
            "goal": goal,
            "met": met,
        })
        for quantity, name, unit in (("cpu", "CPU per round trip", "ns"),
                                     ("rate", "round trips", "1/s"),
                                     ("p50", "p50 latency", "ns"), ("p99", "p99 latency", "ns")):
            records.append({
                "name": f"{title}: {name}",
                "unit": unit,
                "ours": rounded(results.median(scenario, ours, quantity), 1),
                "peers": {peer: rounded(results.median(scenario, peer, quantity), 1)
                          for peer in peers},
                "goal": None,
                "met": None,
            })
    if RECORDED in [server.name for server in servers]:
        records.append(record_of_recording(results, scenario))
    return records


def record_of_recording(results, scenario):
    ratio = results.ratio(scenario, RECORDED, OURS["epoll"])
    limit = RECORDING_LIMITS.get((scenario.size, scenario.connections))
    if scenario.silent:
        limit = None
    return {
        "name": f"echo {scenario.name}, epoll: CPU per round trip when it is recorded, paired",
        "unit": "times not recorded",
        "ours": rounded(ratio, 3),
        "peers": {},
        "goal": limit and f"at most {limit}",
        "met": None if limit is None else ratio is not None and ratio <= limit,
    }


def merge_into(path, records):
    """Replaces records of the same name and keeps those of other benches."""
    kept = []
    if path.exists():
        kept = json.loads(path.read_text())
    fresh = {record["name"]: record for record in records}
    merged = [fresh.pop(record["name"], record) for record in kept] + list(fresh.values())
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(path.name + ".new")
    unfinished.write_text(json.dumps(merged, indent=1, ensure_ascii=False) + "\n")
    os.replace(unfinished, path)


def unmet_goals(records):
    return [record for record in records if record["goal"] is not None and not record["met"]]


def describe(record):
    ours = "nothing measured" if record["ours"] is None else f"{record['ours']:g} {record['unit']}"
    if record["unit"] == RELATIVE and record["ours"] is not None:
        ours = RELATIVE
    peers = ", ".join(f"{peer} {value:g}" for peer, value in record["peers"].items()
                      if value is not None)
    return (f"{record['name']}: {ours}" + (f" ({peers})" if peers else "")
            + f"; the goal is {record['goal']}")
