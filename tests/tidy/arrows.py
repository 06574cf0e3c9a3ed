"""Includes run one way: servers -> realnet, simnet -> sched; tests see everything. realnet and
simnet never see each other, and sched sees nothing of the project but itself."""

from source import includes

HOUSE = ("sched", "simnet", "realnet", "servers", "tests")
SEES = {
    "sched": {"sched"},
    "simnet": {"simnet", "sched"},
    "realnet": {"realnet", "sched"},
    "servers": {"servers", "realnet", "simnet", "sched"},
    "tests": set(HOUSE),
}


def check(path, text):
    folder = path.split("/")[0]
    if folder not in SEES:
        return
    for line, included in includes(text):
        target = included.split("/")[0]
        if "/" in included and target in HOUSE and target not in SEES[folder]:
            yield line, f"{folder}/ must not include {target}/ (allowed: {_list(SEES[folder])})"
        if included.startswith(".."):
            yield line, "spell an include from the root of the tree"


def _list(folders):
    return ", ".join(sorted(folders))
