"""Writes a copy of the tree whose sources have mutants, each with a switch of its own."""

import hashlib
import pathlib
import re
import shutil
import subprocess

import candidates
from noticed import HEAD, write


OWN = pathlib.Path("tests/project/mutants")


def tracked(root):
    listed = subprocess.run(["git", "-C", root, "ls-files", "-z", "--cached", "--others",
                             "--exclude-standard"], check=True, stdout=subprocess.PIPE)
    return [name for name in listed.stdout.decode().split("\0") if name and (root / name).is_file()]


def files(tree):
    """The sources of a planted tree, in order."""
    return [path for path in sorted(tree.rglob("*"))
            if path.is_file() and path.relative_to(tree).parts[0] != "build"]


def digest(tree, folders):
    """Of the sources in the folders, without this one."""
    found = hashlib.sha256()
    for path in files(tree):
        name = path.relative_to(tree)
        if name.parts[0] not in folders or name.parent == OWN:
            continue
        found.update(str(name).encode() + path.read_bytes())
    return found.hexdigest()


def planted(source, mutants):
    """The source with {number: mutant}, whose edits do not overlap."""
    edits = sorted(((edit, number, mutant) for number, mutant in mutants.items()
                    for edit in mutant.edits), key=lambda item: item[0].begin, reverse=True)
    for edit, number, mutant in edits:
        old = source[edit.begin:edit.end].decode()
        on = f"::rehearsal::mutants::on({number})"
        if not edit.new:
            new = f"if (!{on}) {{ {old} }}"
        else:
            kept = f"static_cast<bool>({old})" if mutant.kind in ("condition", "branch") else old
            new = f"({on} ? ({candidates.flat(edit.new)}) : ({kept}))"
        source = source[:edit.begin] + new.encode() + source[edit.end:]
    return HEAD + source


def overlap(one, other):
    return one.file == other.file and any(
        a.begin < b.end and b.begin < a.end for a in one.edits for b in other.edits)


def plant(root, tree, mutants):
    """Makes `tree` a copy of `root` with {number: mutant}."""
    names = set(tracked(root))
    for path in files(tree):
        if str(path.relative_to(tree)) not in names:
            path.unlink()
    by_file = {}
    for number, mutant in mutants.items():
        by_file.setdefault(mutant.file, {})[number] = mutant
    for name in sorted(names):
        source = (root / name).read_bytes()
        write(tree / name, planted(source, by_file[name]) if name in by_file else source)
        shutil.copymode(root / name, tree / name)


ERROR = re.compile(r"^(?:\S*/)?tree/(\S+?):(\d+):\d+: (?:fatal )?error:", re.MULTILINE)


def guilty(wrong, mutants):
    """The numbers of the mutants in lines with errors, [(file, line)]."""
    return {number for number, mutant in mutants.items()
            if any(file == mutant.file and mutant.line <= line <= mutant.last_line
                   for file, line in wrong)}


def build(tree, log):
    """Configures and builds; returns [(file, line)] of errors."""
    with open(log, "w", encoding="utf-8") as out:
        subprocess.run(["cmake", "--preset", "release", "-DREHEARSAL_BUILD_MUTANTS=OFF",
                        "-DREHEARSAL_INSTALL=OFF", "-DREHEARSAL_WERROR=OFF",
                        "-DREHEARSAL_CHECK_HEADERS=OFF",
                        # (active ? n + 1 : n) is not a constant.
                        "-DCMAKE_CXX_FLAGS=-Wno-c++11-narrowing"],
                       cwd=tree, check=True, stdout=out, stderr=subprocess.STDOUT)
        done = subprocess.run(["ninja", "-C", "build/release", "-j2", "-k0"], cwd=tree,
                              check=False, stdout=out, stderr=subprocess.STDOUT)
    if done.returncode == 0:
        return []
    text = pathlib.Path(log).read_text(encoding="utf-8")
    return [(file, int(line)) for file, line in ERROR.findall(text)] or [("", 0)]
