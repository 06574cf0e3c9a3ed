#!/usr/bin/env python3
"""Makes the sources of one mutant: mutate.py ROOT NAME.mutant OUT.

A mutant is a planted bug of the scheduler: a file of the tree in which some lines are others. OUT
gets the changed file under its own path, to be found before the tree's, and all.cpp, which includes
the scheduler and the one test file that has the property by which the bug is caught. Prints that
property.
"""

import pathlib
import sys

SUPPORT = ("generators", "log", "model", "model_steps", "program", "settled", "stage")


def fail(mutant, what):
    sys.exit(f"{mutant}: {what}")


def parts(path):
    head, _, rest = path.read_text().partition("--- the line of the tree\n")
    old, _, new = rest.partition("+++ the line of the mutant\n")
    fields = dict(line.split(": ", 1) for line in head.splitlines() if not line.startswith("#"))
    for field in ("catches", "test", "file"):
        if field not in fields:
            fail(path, f"it has no field '{field}'")
    return fields, old.rstrip("\n"), new.rstrip("\n")


def write(path, text):
    """Leaves a file that is the same as it is, so that nothing is compiled again for it."""
    if not path.exists() or path.read_text() != text:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def main():
    root, path, out = map(pathlib.Path, sys.argv[1:])
    fields, old, new = parts(path)
    source = (root / fields["file"]).read_text()
    if source.count(old) != 1:
        fail(path, f"what it changes stands {source.count(old)} times in {fields['file']}; "
                   "expected once")
    write(out / fields["file"], source.replace(old, new))
    tests = root / "tests/fairness"
    if fields["catches"].partition(".")[2] not in (tests / fields["test"]).read_text():
        fail(path, f"{fields['test']} has no property {fields['catches']}")
    files = sorted(file for file in (root / "sched").glob("*.cpp")
                   if not file.name.startswith(("json", "trace", "base64", "record")))
    files += sorted((root / "simnet").glob("scripted_*.cpp"))
    files += [tests / f"{name}.cpp" for name in SUPPORT] + [tests / fields["test"]]
    write(out / "all.cpp", "".join(f'#include "{file.relative_to(root)}"\n' for file in files))
    print(fields["catches"])


if __name__ == "__main__":
    main()
