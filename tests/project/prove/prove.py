#!/usr/bin/env python3
"""Runs the proofs that take longer than `./dev test` allows, and keeps their results in a page.

usage: prove.py DEV PAGE [--only NAME]

A proof is a verb of DEV. It holds if its exit status is 0 and it prints its result. PAGE has a line
for each proof: the result of the last run, with its commit and date. Exit status: 0 all proofs that
ran hold, 1 one does not, 2 bad input."""

import argparse
import collections
import datetime
import pathlib
import re
import subprocess
import sys
import tempfile
import time

Proof = collections.namedtuple("Proof", "name shows verb result")

# Each proof is one line: the name, what it shows, the verb of ./dev, and a pattern of its printed
# result, of which each match is shown.
PROOFS = (
    Proof("conformance", "Generated programs of socket calls do on simnet what they do on Linux",
          "conformance 200000", r"^\d+ programs: .*"),
    Proof("bugs", "`mix` finds each planted bug, and no fixed variant fails",
          "bugs", r"^met: (.*)"),
    Proof("tls", "TLS handshakes whose connections break end without a hang, a leak or plaintext",
          "tls 20000", r"^\d+ handshakes in .*"),
    Proof("guests", "Unmodified servers and clients answer although connections break and calls "
          "move a part", "guests 20000", r"^pairs: .*"),
    Proof("mutants", "Tests notice small mistakes in the kernel, the search, the networks and the "
          "scheduler", "mutants simnet/kernel simnet/search,simnet/choices realnet,record sched "
          "--sample 300 --least 95", r"^\S+: \d+ of \d+ noticed.*"),
    Proof("fuzz", "No bytes make a reader of input crash, hang, take memory without end, or read "
          "back something else", "fuzz 600", r"^targets: .*"),
    Proof("threads", "What starts threads has no data race", "test tsan", r"^\d+ passed, 0 failed"),
    Proof("pages", "The page of each planted bug works in a browser, its capture in Wireshark",
          "pages", r"^\d+ (?:pages|runs in files of other tools)"),
    Proof("clusters", "A sweep on Slurm reports what it reports on one machine, to the byte",
          "clusters", r"^\d+ sweeps: .*"),
)

HEAD = """# Proofs

What takes longer than `./dev test` allows. `./dev prove` runs all of it and writes this page;
`./dev prove --only NAME` runs one row and writes its line. The list is in
tests/project/prove/prove.py.

| name | what it shows | result | duration | commit | date |
|---|---|---|---|---|---|
"""
NOT_RUN = ("not run", "", "", "")


def commit():
    """Returns the commit of the tree this runs on, and whether it has changes other than
    the page itself."""
    def git(*words):
        return subprocess.run(["git", *words], check=True, capture_output=True, text=True).stdout
    changed = git("status", "--porcelain", "--", ".", ":!docs/proofs.md")
    return git("rev-parse", "--short=10", "HEAD").strip() + (" and changes" if changed else "")


def duration(seconds):
    minutes, seconds = divmod(round(seconds), 60)
    return f"{minutes} min {seconds} s" if minutes else f"{seconds} s"


def run(dev, proof):
    """Returns (whether it holds, its result, its duration, its output)."""
    start = time.monotonic()
    with tempfile.TemporaryFile("w+", errors="replace") as output:
        status = subprocess.run([dev.resolve(), *proof.verb.split()], stdin=subprocess.DEVNULL,
                                stdout=output, stderr=subprocess.STDOUT).returncode
        output.seek(0)
        printed = output.read()
    took = duration(time.monotonic() - start)
    found = [match.group(match.lastindex or 0)
             for match in re.finditer(proof.result, printed, re.MULTILINE)]
    if status != 0:
        return False, f"FAILED: exit status {status}", took, printed
    if not found:
        return False, "FAILED: it prints no result", took, printed
    return True, "; ".join(found), took, printed


def kept(page):
    """Returns the cells after the second one of each line of the page, by name."""
    rows = {}
    for line in page.read_text().splitlines() if page.exists() else ():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if line.startswith("| ") and len(cells) == 6 and cells[0] != "name":
            rows[cells[0]] = tuple(cells[2:])
    return rows


def write(page, rows):
    lines = ("| " + " | ".join((proof.name, proof.shows, *rows.get(proof.name, NOT_RUN))) + " |\n"
             for proof in PROOFS)
    page.write_text(HEAD + "".join(lines))


def main():
    parser = argparse.ArgumentParser(prog="./dev prove", description="Runs the long proofs.")
    parser.add_argument("dev", type=pathlib.Path, help=argparse.SUPPRESS)
    parser.add_argument("page", type=pathlib.Path, help=argparse.SUPPRESS)
    parser.add_argument("--only", metavar="NAME", choices=[proof.name for proof in PROOFS],
                        help="run this one: " + ", ".join(proof.name for proof in PROOFS))
    flags = parser.parse_args()
    rows = kept(flags.page)
    holds = True
    for proof in PROOFS:
        if flags.only not in (None, proof.name):
            continue
        print(f"{proof.name}: ./dev {proof.verb} ...", flush=True)
        at = commit()
        well, result, took, printed = run(flags.dev, proof)
        if not well:
            print("".join(printed.splitlines(True)[-60:]))
        holds = holds and well
        rows[proof.name] = (result, took, at, datetime.date.today().isoformat())
        write(flags.page, rows)
        print(f"{proof.name}: {result} ({took})", flush=True)
    return 0 if holds else 1


if __name__ == "__main__":
    sys.exit(main())
