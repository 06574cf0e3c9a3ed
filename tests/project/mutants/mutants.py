#!/usr/bin/env python3
"""Plants small mistakes in the sources, and says which of them no test notices.

A place is a folder or file of the tree, or several with commas between them. Of mutants that change
the same text only one is tried: which one, a sample draws. Without --sample all others are tried;
with --sample N, N of them, an equal share in each place. Results are saved in build/mutants, and
the same command continues after an interruption. Exit status: 1 if a place has too few mutants that
are noticed, not counting those that equivalent.json lists, or one that it lists is noticed; 2 for
bad input."""

import argparse
import concurrent.futures
import hashlib
import json
import pathlib
import random
import sys
import threading
import time

import candidates
import planting
import runs

ROOT = pathlib.Path(__file__).resolve().parents[3]
HERE = pathlib.Path(__file__).resolve().parent
ROOMS = ["sched", "record", "realnet", "simnet", "harness"]
PROGRAMS = ("sched_tests", "record_tests", "realnet_tests", "simnet_tests")  # of noticed.json
FIELDS = ("file", "source", "old", "new", "nth")


def within(mutant, place):
    return any(mutant.file == part or mutant.file.startswith(part + "/")
               for part in place.split(","))


def existing_place(text):
    for part in text.split(","):
        if part.split("/")[0] not in ROOMS or not (ROOT / part).exists():
            raise argparse.ArgumentTypeError(
                f"'{part}' is not a folder or file in {', '.join(ROOMS)}")
    return text


def percent(text):
    if not text.isdigit() or int(text) > 100:
        raise argparse.ArgumentTypeError(f"'{text}' is not an integer from 0 to 100")
    return int(text)


def positive(text):
    if not text.isdigit() or int(text) == 0:
        raise argparse.ArgumentTypeError(f"'{text}' is not a positive integer")
    return int(text)


def draw(everything, places, sample, seed):
    """For each place, its mutants in the order in which they are taken, and how many."""
    shares = []
    for i, place in enumerate(places):
        there = [mutant for mutant in everything if within(mutant, place)]
        if not there:
            runs.stop(f"'{place}' has no code that a mutant could change")
        if sample is not None:
            # By the text of each, so that a sample keeps the others when a source changes.
            there.sort(key=lambda mutant: hashlib.sha256(
                repr((seed, mutant.identity)).encode()).digest())
            shares.append((there, sample // len(places) + (i < sample % len(places))))
        else:
            shares.append((there, len(there)))
    return shares


def choose(shares, refused):
    """{number: mutant}: what fits into one program, without the refused."""
    chosen = []
    for there, count in shares:
        taken = 0
        for mutant in there:
            if taken == count:
                break
            if mutant in refused or mutant in chosen:
                continue
            if any(planting.overlap(mutant, other) for other in chosen):
                continue
            chosen.append(mutant)
            taken += 1
    return dict(enumerate(sorted(chosen, key=lambda m: (m.file, m.line)), 1))


def planted_tree(everything, known, arguments, work):
    """Plants the mutants that compile. Returns {number: mutant}."""
    shares = draw(everything, arguments.places, arguments.sample, arguments.seed)
    # Those that did not compile before.
    path = work / "refused.json"
    kept = {tuple(one) for one in json.loads(path.read_text())} if path.exists() else set()
    refused = {mutant for mutant in everything if mutant.identity in kept}
    while True:
        mutants = choose(shares, refused)
        if len(mutants) >= runs.MOST:
            runs.stop(f"{len(mutants)} mutants are too many for one program; expected fewer than "
                      f"{runs.MOST}: name a smaller place")
        planting.plant(ROOT, work / "tree", mutants)
        wrong = [where for where in candidates.errors(work / "tree") if where not in known]
        where = "clang"
        if not wrong:
            print(f"building {len(mutants)} mutants ...", flush=True)
            wrong, where = planting.build(work / "tree", work / "build.log"), work / "build.log"
            if not wrong:
                return mutants
        numbers = planting.guilty(wrong, mutants)
        if not numbers:
            runs.stop(f"the tree does not compile, for another reason than a mutant: {where}: "
                      f"{wrong[0]}")
        print(f"{len(numbers)} do not compile, and are replaced", flush=True)
        refused |= {mutants[number] for number in numbers}
        path.write_text(json.dumps([mutant.identity for mutant in refused]), encoding="utf-8")


class Progress:
    """What was done for a planted tree, in a file. If only the tests change, what was noticed stays
    so, and the rest is tried again."""

    def __init__(self, path, tree):
        self.path = path
        self.lock = threading.Lock()
        sources, tests = planting.digest(tree, ROOMS), planting.digest(tree, ["tests"])
        kept = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
        found = kept["found"] if kept.get("sources") == sources else {}
        if kept.get("tests") != tests or not found:
            kept = {"seconds": {}, "reaching": {}, "found": {
                number: result for number, result in found.items() if result["noticed"]}}
        self.kept = {**kept, "sources": sources, "tests": tests}

    def write(self):
        self.path.write_text(json.dumps(self.kept), encoding="utf-8")

    @property
    def found(self):
        return self.kept["found"]

    def add(self, number, result):
        with self.lock:
            self.found[str(number)] = result
            self.write()


def map_tests(work, progress):
    """{number: the runs of the tests that run its code}"""
    tests = runs.tests_of(work / "tree/build/release")
    if not progress.kept["seconds"]:
        print(f"running {len(tests)} tests without a mutant ...", flush=True)
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            for run, numbers, failure in pool.map(
                    lambda item: runs.reached(item[1], item[0], work), enumerate(tests)):
                if failure is not None:
                    pool.shutdown(cancel_futures=True)
                    runs.stop(f"{run.names[0]} fails without a mutant:\n"
                              f"{failure.decode(errors='replace')}")
                progress.kept["seconds"][run.names[0]] = run.seconds
                for number in numbers:
                    progress.kept["reaching"].setdefault(str(number), []).append(run.names[0])
        progress.write()
    timed = {run.names[0]: run._replace(seconds=progress.kept["seconds"][run.names[0]])
             for run in tests}
    return {int(number): [timed[name] for name in names]
            for number, names in progress.kept["reaching"].items()}


def try_all(mutants, work, deadline):
    """{number: result}"""
    progress = Progress(work / "progress.json", work / "tree")
    if len(progress.found) == len(mutants):
        return progress.found
    reaching = map_tests(work, progress)

    def try_one(number):
        if str(number) in progress.found or time.monotonic() > deadline:
            return
        tests = reaching.get(number, [])
        noticed = runs.notice(tests, number)
        progress.add(number, {"noticed": noticed, "tests": [run.names[0] for run in tests]})
        print(f"[{len(progress.found)}/{len(mutants)}] {mutants[number]}: " +
              (f"noticed by {noticed['test']} ({noticed['how']})" if noticed else
               f"NOT NOTICED by {len(tests)} tests"), flush=True)

    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        list(pool.map(try_one, mutants))
    return progress.found


def equivalents():
    """{identity: reason}"""
    listed = json.loads((HERE / "equivalent.json").read_text(encoding="utf-8"))
    return {tuple(entry[field] for field in FIELDS): entry["reason"] for entry in listed}


def report(mutants, results, places, least):
    """Prints the result. Returns False if a listed mutant is noticed, or a place has fewer than
    `least` percent of the others noticed."""
    known, good = equivalents(), True
    for number, mutant in mutants.items():
        result = results.get(str(number))
        reason = known.get(mutant.identity)
        if result is None:
            continue
        if result["noticed"] and reason:
            good = False
            print(f"\n{mutant}\n  is listed as equivalent ({reason}), but "
                  f"{result['noticed']['test']} notices it")
        if not result["noticed"] and not reason:
            tests = result["tests"]
            shown = ", ".join(tests[:5]) + (f" and {len(tests) - 5} more" if len(tests) > 5 else "")
            print(f"\n{mutant}\n  in: {mutant.source}\n  " +
                  (f"not noticed by {shown}" if tests else "no test runs it"))
            print("  " + json.dumps(dict(zip(FIELDS, mutant.identity))))
    print()
    for place in places:
        there = [(str(number), mutant) for number, mutant in mutants.items()
                 if within(mutant, place) and str(number) in results]
        noticed = sum(bool(results[number]["noticed"]) for number, _ in there)
        same = sum(mutant.identity in known and not results[number]["noticed"]
                   for number, mutant in there)
        of = len(there) - same
        good = good and 100 * noticed >= least * of
        print(f"{place}: {noticed} of {of} noticed ({100 * noticed / max(of, 1):.1f} %), "
              f"{same} equivalent")
    untried = len(mutants) - len(results)
    if untried:
        print(f"{untried} not tried within the time limit; the same command goes on")
    return good


def noticed_entry(mutant, noticed):
    """The mutant as noticed.json lists it, or None if its lines occur more than once."""
    source = (ROOT / mutant.file).read_bytes()
    changed = planting.planted(source, {0: mutant})[len(planting.HEAD):]
    lines = slice(mutant.line - 1, mutant.last_line)
    old = source.decode().splitlines()[lines]
    new = changed.decode().replace("::rehearsal::mutants::on(0)", "planted").splitlines()[lines]
    if source.decode().count("\n".join(old) + "\n") != 1:
        return None
    return {"file": mutant.file, "program": noticed["program"], "test": noticed["test"],
            "old": old, "new": new}


def keep(mutants, results, places, count):
    """Writes noticed.json, with as many mutants from each place as from the others."""
    queues = [[mutants[int(number)] for number, result in results.items()
               if within(mutants[int(number)], place) and mutants[int(number)].file.endswith(".cpp")
               and result["noticed"] and result["noticed"]["seconds"] < 10
               and result["noticed"]["program"] in PROGRAMS]
              for place in places]
    for queue in queues:
        random.Random(1).shuffle(queue)
    noticed = {mutants[int(number)]: result["noticed"] for number, result in results.items()}
    entries = []
    while len(entries) < count and any(queues):
        for queue in filter(None, queues):
            mutant = queue.pop(0)
            entry = noticed_entry(mutant, noticed[mutant])
            if entry and len(entries) < count:
                entries.append(entry)
    entries.sort(key=lambda entry: (entry["file"], entry["old"]))
    (HERE / "noticed.json").write_text(json.dumps(entries, indent=1) + "\n", encoding="utf-8")
    print(f"{len(entries)} mutants are in noticed.json")


def main():
    parser = argparse.ArgumentParser(prog="./dev mutants", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("places", metavar="PLACE", nargs="*", type=existing_place, default=ROOMS)
    parser.add_argument("--sample", metavar="N", type=positive, help="try N of the mutants")
    parser.add_argument("--seed", metavar="S", type=int, default=1, help="of the sample (1)")
    parser.add_argument("--minutes", metavar="M", type=float, default=float("inf"),
                        help="start no further mutant after so long")
    parser.add_argument("--keep", metavar="N", type=positive,
                        help="write N mutants that are noticed into noticed.json")
    parser.add_argument("--least", metavar="P", type=percent, default=100,
                        help="percentage of each place's mutants that must be noticed (100)")
    parser.add_argument("--list", action="store_true", help="only print the mutants")
    arguments = parser.parse_args()
    if arguments.sample is not None and arguments.sample < len(arguments.places):
        parser.error(f"--sample: expected at least {len(arguments.places)}, one for each place")
    deadline = time.monotonic() + 60 * arguments.minutes
    everything, known = candidates.candidates(ROOT)
    if arguments.list:
        for mutant in choose(draw(everything, arguments.places, arguments.sample, arguments.seed),
                             set()).values():
            print(mutant)
        return 0
    work = ROOT / "build/mutants"
    work.mkdir(parents=True, exist_ok=True)
    mutants = planted_tree(everything, known, arguments, work)
    results = try_all(mutants, work, deadline)
    if arguments.keep:
        keep(mutants, results, arguments.places, arguments.keep)
    return 0 if report(mutants, results, arguments.places, arguments.least) else 1


if __name__ == "__main__":
    sys.exit(main())
