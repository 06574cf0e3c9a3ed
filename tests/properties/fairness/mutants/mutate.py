#!/usr/bin/env python3
"""Writes the sources of the program of mutants: mutate.py ROOT OUT NAME.mutant...

A mutant is a planted bug of the scheduler or of the simulated network: changed lines of one file of
the tree. In them `planted` is true if PLANTED_BUG in the environment has the mutant's name. OUT
gets the changed files under their own paths, to be found before the tree's, and all.cpp, which
includes the linked sources. Prints the test files with the properties that catch the mutants, as a
CMake list. README.md must have the mutants' rows."""

import pathlib
import re
import sys

SWITCH = "PLANTED_BUG"
# Sources that no test of a mutant needs.
UNUSED = {
    "sched": (),
    "simnet": ("scenario.",),
}
UNUSED_ROOMS = ("sched/tls", "simnet/guest", "simnet/guest/process", "simnet/guest/symbols",
                "simnet/interpose", "simnet/rapidcheck", "simnet/search", "simnet/trace")


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
    """Writes a file only if it changes, so that nothing is compiled again without need."""
    if not path.exists() or path.read_text() != text:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def planted_header(names):
    listed = ", ".join(f'"{name}"' for name in names)
    return f"""#pragma once
#include <cstdio>
#include <cstdlib>
#include <string_view>
// Index of the active planted bug, from 1; 0 means none.
inline const int planted_bug = [] {{
  const char* wanted = std::getenv("{SWITCH}");
  int bug = 0;
  for (const std::string_view name : {{{listed}}}) {{
    ++bug;
    if (wanted != nullptr && name == wanted) {{
      return bug;
    }}
  }}
  if (wanted != nullptr) {{
    std::fprintf(stderr, "{SWITCH}: there is no '%s'\\n", wanted);
    std::exit(2);
  }}
  return 0;
}}();
"""


def change(root, path, sources, bug):
    fields, old, new = parts(path)
    name = fields["file"]
    source = sources.get(name) or (root / name).read_text()
    if source.count(old) != 1:
        fail(path, f"its original lines occur {source.count(old)} times in {name}; expected "
                   "once, and apart from the lines of other mutants")
    if not re.search(r"\bplanted\b", new):
        fail(path, "its changed lines do not use 'planted'")
    new = re.sub(r"\bplanted\b", f"(planted_bug == {bug})", new)
    if name not in sources:
        source = f'#include "planted.hpp"\n{source}'
    sources[name] = source.replace(old, new)
    if row(fields) not in path.with_name("README.md").read_text().splitlines():
        fail(path, f"README.md lacks its row:\n{row(fields)}")
    return fields


def linked(root):
    files = [file for folder, unused in UNUSED.items()
             for file in sorted((root / folder).rglob("*.cpp"))
             if not file.name.startswith(unused)
             and str(file.parent.relative_to(root)) not in UNUSED_ROOMS]
    return files + sorted((root / "tests/properties/fairness/model").glob("*.cpp"))


def main():
    root, out, *paths = map(pathlib.Path, sys.argv[1:])
    sources = {}
    mutants = [(path, change(root, path, sources, bug)) for bug, path in enumerate(paths, 1)]
    for name, text in sources.items():
        write(out / name, text)
    write(out / "planted.hpp", planted_header([path.stem for path in paths]))
    write(out / "all.cpp",
          "".join(f'#include "{file.relative_to(root)}"\n' for file in linked(root)))
    tests = root / "tests/properties/fairness"
    print(";".join(sorted({test_of(path, tests, wanted)
                           for path, fields in mutants for wanted in fields["catches"]})))


if __name__ == "__main__":
    main()
