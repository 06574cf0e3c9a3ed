#!/usr/bin/env python3
"""Checks the mutants of noticed.json, each of which its test must notice.

    noticed.py plant ROOT OUT       writes the changed sources to OUT, and lists them for CMake
    noticed.py check PROGRAMS       runs each mutant's test in PROGRAMS/mutant_NAME

`planted` in the new lines of a mutant stands for its switch."""

import json
import os
import pathlib
import re
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
HEAD = b'#include "tests/project/mutants/mutant.hpp"\n#line 1\n'  # of a source with mutants


def listed():
    return json.loads((HERE / "noticed.json").read_text(encoding="utf-8"))


def write(path, content):
    """Only if it changes, so that nothing is compiled again without need."""
    if not path.exists() or path.read_bytes() != content:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


def plant(root, out):
    sources = {}
    for number, mutant in enumerate(listed(), 1):
        name = mutant["file"]
        source = sources.setdefault(name, (root / name).read_text(encoding="utf-8"))
        old, new = "\n".join(mutant["old"]) + "\n", "\n".join(mutant["new"]) + "\n"
        if source.count(old) != 1:
            sys.exit(f"noticed.json: the old lines of mutant {number} occur {source.count(old)} "
                     f"times in {name}; expected once:\n{old}")
        new = re.sub(r"\bplanted\b", f"::rehearsal::mutants::on({number})", new)
        sources[name] = source.replace(old, new)
    for name, source in sources.items():
        write(out / name, HEAD + source.encode())
    print(";".join(sorted(sources)))


def check(programs):
    wrong = []
    for number, mutant in enumerate(listed(), 1):
        command = [programs / f"mutant_{mutant['program']}", f"--gtest_filter={mutant['test']}"]
        for active in (0, number):
            done = subprocess.run(command, env={**os.environ, "REHEARSAL_MUTANT": str(active)},
                                  stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
            if b"Running 1 test from" not in done.stdout:
                wrong.append(f"{mutant['program']} has no test {mutant['test']}")
            elif active == 0 and done.returncode != 0:
                wrong.append(f"{mutant['test']} fails without a mutant")
            elif active != 0 and done.returncode == 0:
                wrong.append(f"{mutant['test']} does not notice mutant {number} of "
                             f"{mutant['file']}:\n" + "\n".join(mutant["new"]))
    sys.exit("\n".join(wrong) if wrong else 0)


if __name__ == "__main__":
    if sys.argv[1] == "plant":
        plant(*map(pathlib.Path, sys.argv[2:]))
    else:
        check(*map(pathlib.Path, sys.argv[2:]))
