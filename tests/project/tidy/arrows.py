"""Checks the direction of includes: each room includes itself and the rooms that it sees. realnet
and simnet never see each other; only harness/, servers/ and tests/ use both networks. The front
door, include/rehearsal, sees all rooms but servers/, and no room sees it. Code written as a user
writes it includes the front door and nothing else of the tree."""

from source import includes

BASE = {"sched/base"}
SEAM = BASE | {"sched/seam"}
CORE = SEAM | {"sched/core"}
SYNC = CORE | {"sched/sync"}
IO = SYNC | {"sched/io"}
SCHED = IO | {"sched"}
CHOICES = BASE | {"simnet/choices"}
NETWORK = CORE | CHOICES | {"simnet/network"}
KERNEL = NETWORK | {"simnet/kernel"}
WORLD = SCHED | KERNEL | {"simnet"}
SIMNET = WORLD | {"simnet/search", "simnet/trace"}
RECORD = SCHED | {"record", "record/files"}
RUNS = SIMNET | RECORD | {"realnet", "harness"}
PAGE = RUNS | {"harness/process", "harness/report"}
SWEEP = PAGE | {"harness/recorded", "harness/report/page", "harness/report/export",
                "harness/failure", "harness/gdb", "harness/sweep"}

# The rooms that each room sees, besides itself.
SEES = {
    "sched/base": set(),
    "sched/seam": BASE,
    "sched/core": SEAM,
    "sched/sync": CORE,
    "sched/io": SYNC,
    "sched": IO,
    "sched/tls": IO,
    "record": SCHED,
    "record/files": SCHED | {"record"},
    "realnet": SCHED,
    "simnet/choices": BASE,
    "simnet/network": CORE | CHOICES,
    "simnet/kernel": NETWORK,
    "simnet": SCHED | KERNEL,
    "simnet/search": WORLD,
    "simnet/trace": WORLD,
    "simnet/rapidcheck": WORLD | {"simnet/search"},
    "simnet/interpose": KERNEL,
    "simnet/guest": WORLD | {"simnet/guest/process"},
    "simnet/guest/process": KERNEL,
    "simnet/guest/symbols": WORLD | {"simnet/guest/process", "simnet/guest"},
    "harness": SIMNET,
    "harness/recorded": SIMNET | RECORD | {"harness"},
    "harness/process": RUNS,
    "harness/report": RUNS | {"harness/process"},
    "harness/report/page": PAGE,
    "harness/report/export": PAGE | {"harness/report/page"},
    "harness/failure": PAGE | {"harness/report/page", "harness/report/export"},
    "harness/gdb": PAGE,
    "harness/sweep": SWEEP,
    "harness/cli": SWEEP,
    "harness/gtest": SWEEP,
    "servers": SWEEP | {"harness/cli", "sched/tls"},
}
FRONT_DOOR = "include/rehearsal"
SEES[FRONT_DOOR] = {room for room in SEES if room != "servers"}
HOUSE = ("include", "sched", "simnet", "realnet", "record", "harness", "servers", "examples",
         "tests")
# Code written as a user writes it.
USERS = ("examples", "tests/project/consumer", "tests/project/pages")


def room_of(path):
    return path.rpartition("/")[0]


def check(path, text):
    room = room_of(path)
    if room.startswith(USERS):
        yield from _check_user(text)
        return
    inside = room.split("/")[0] in HOUSE and not room.startswith("tests")
    if inside and path.endswith((".hpp", ".cpp")) and room not in SEES:
        yield 1, f"unknown room {room}/; add it to tests/project/tidy/arrows.py"
        return
    for line, included in includes(text):
        target = room_of(included)
        if target.split("/")[0] not in HOUSE:
            if included.startswith(".."):
                yield line, "spell an include from the root of the tree"
            continue
        if inside and target != room and target not in SEES.get(room, ()):
            yield line, f"{room}/ must not include {target}/ (allowed: {_list(SEES[room])})"


def _check_user(text):
    for line, included in includes(text):
        target = room_of(included)
        if (target.split("/")[0] in HOUSE and target != FRONT_DOOR
                and not target.startswith("examples")):
            yield line, f"include <rehearsal/...>, not {target}/: this is written as a user does"


def _list(rooms):
    return ", ".join(sorted(rooms)) or "itself alone"
