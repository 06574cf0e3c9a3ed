#!/usr/bin/env python3
"""Makes the sources of one mutant: mutate.py ROOT NAME.mutant OUT.

A mutant is a planted bug of the scheduler: a file of the tree in which some lines are others. OUT
gets the changed file under its own path, to be found before the tree's, and all.cpp, which includes
the scheduler. Prints the test files that have the properties by which the bug is caught, as a list
of CMake, and those properties, likewise. README.md must have the mutant's row.
"""

import pathlib
import re
import sys

SUPPORT = ("desk", "generators", "log", "model", "model_steps", "program", "settled", "stage")


def fail(mutant, what):
    sys.exit(f"{mutant}: {what}")


def parts(path):
    head, _, rest = path.read_text().partition("--- the line of the tree\n")
    old, _, new = rest.partition("+++ the line of the mutant\n")
    fields = {"catches": [], "what": ""}
    for line in head.splitlines():
        if line.startswith("# "):
            fields["what"] += (" " if fields["what"] else "") + line[2:]
            continue
        field, value = line.split(": ", 1)
        if field == "catches":
            fields[field].append(value)
        else:
            fields[field] = value
    for field in ("catches", "file"):
        if not fields.get(field):
            fail(path, f"it has no field '{field}'")
    return fields, old.rstrip("\n"), new.rstrip("\n")


def test_of(mutant, tests, wanted):
    suite, _, name = wanted.partition(".")
    declared = re.compile(rf"\({suite},\s*{name}\b")
    for test in sorted(tests.glob("*_test.cpp")):
        if declared.search(test.read_text()):
            return str(test)
    return fail(mutant, f"there is no property {wanted}")


def row(fields):
    return f"| {fields['what']} | {fields['file']} | {', '.join(fields['catches'])} |"


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
    if row(fields) not in path.with_name("README.md").read_text().splitlines():
        fail(path, f"README.md lacks its row:\n{row(fields)}")
    files = sorted(file for file in (root / "sched").glob("*.cpp")
                   if not file.name.startswith(("json", "trace", "base64", "record")))
    files += sorted((root / "simnet").glob("scripted_*.cpp"))
    files += [tests / f"{name}.cpp" for name in SUPPORT]
    write(out / "all.cpp", "".join(f'#include "{file.relative_to(root)}"\n' for file in files))
    used = sorted({test_of(path, tests, wanted) for wanted in fields["catches"]})
    print(";".join(used), ";".join(fields["catches"]), sep="\n")


if __name__ == "__main__":
    main()
