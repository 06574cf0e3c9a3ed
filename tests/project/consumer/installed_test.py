#!/usr/bin/env python3
"""Tests what an installed tree has for people: pages, man pages, and completion in bash and zsh.

usage: installed_test.py PREFIX SOURCE_DIRECTORY [ARGUMENTS OF unittest]
"""

import os
import pty
import re
import select
import shutil
import subprocess
import sys
import time
import unittest
from pathlib import Path

PATIENCE = 60 * int(os.environ.get("REHEARSAL_TEST_PATIENCE", "1"))
COMMANDS = ("list", "run", "merge", "replay", "shrink", "keep", "kept", "trace-show",
            "trace-diff", "serve-echo")


def needs(program):
    return unittest.skipUnless(shutil.which(program), f"{program} is not installed")


class Shell:
    """An interactive shell on a terminal, with the program in its path. `setup` is typed first."""

    def __init__(self, command, setup):
        self.process, self.terminal = pty.fork()
        if self.process == 0:
            os.environ.update(PATH=f"{PREFIX / 'bin'}:{os.environ['PATH']}", TERM="dumb", PS1="$ ",
                              INPUTRC="/dev/null")
            os.execvp(command[0], command)
        # What is typed is shown again: what is printed must differ from it.
        self.answer(f"{setup}; echo re''ady\n", "ready\r")

    def answer(self, typed, expected):
        """Types, and returns what is shown until it contains `expected`."""
        os.write(self.terminal, typed.encode())
        shown, end = "", time.monotonic() + PATIENCE
        while expected not in shown and time.monotonic() < end:
            if select.select([self.terminal], [], [], 0.1)[0]:
                shown += os.read(self.terminal, 4096).decode()
        return shown

    def close(self):
        os.close(self.terminal)
        os.waitpid(self.process, 0)


class Pages(unittest.TestCase):
    def test_the_pages_are_there(self):
        there = PREFIX / "share/doc/rehearsal"
        for page in [Path("README.md"), Path("LICENSE"),
                     *(p.relative_to(SOURCE) for p in (SOURCE / "docs").glob("*.md"))]:
            self.assertTrue((there / page).is_file(), page)

    def test_the_formats_are_where_the_reference_leads(self):
        there = PREFIX / "share/doc/rehearsal"
        links = re.findall(r"\]\((\.\./[\w/]+_format\.md)\)",
                           (there / "docs/reference.md").read_text())
        self.assertTrue(links)
        for link in links:
            self.assertTrue((there / "docs" / link).is_file(), link)


class Manual(unittest.TestCase):
    def pages(self):
        found = {path.stem: path for path in (PREFIX / "share/man/man1").glob("*.1")}
        self.assertEqual(set(found), {"rehearsal", *(f"rehearsal-{name}" for name in COMMANDS)})
        return found.values()

    def silent(self, *command):
        done = subprocess.run(command, capture_output=True, text=True, check=False,
                              env={**os.environ, "MANWIDTH": "80", "LC_ALL": "C.UTF-8"})
        self.assertEqual((done.returncode, done.stderr), (0, ""), command)
        return done.stdout

    @needs("groff")
    def test_groff_has_no_warning(self):
        for page in self.pages():
            self.silent("groff", "-man", "-ww", "-Tutf8", str(page))

    @needs("mandoc")
    def test_mandoc_has_no_warning(self):
        for page in self.pages():
            self.assertEqual(self.silent("mandoc", "-Tlint", "-Wwarning", str(page)), "")

    @needs("man")
    def test_man_shows_a_page(self):
        shown = self.silent("man", "--warnings", "-l",
                            str(PREFIX / "share/man/man1/rehearsal-run.1"))
        shown = re.sub(r".\x08", "", shown)
        for text in ("rehearsal run [OPTIONS] SCENARIO", "--check-determinism", "EXIT STATUS"):
            self.assertIn(text, shown)


class Completion(unittest.TestCase):
    def completes(self, shell):
        self.addCleanup(shell.close)
        for typed, completed in [("rehearsal shr\t", "shrink "), ("rehearsal trace di\t", "diff "),
                                 ("rehearsal run --check\t", "--check-determinism "),
                                 ("rehearsal run echo.ji\t", "echo.jitter "),
                                 ("rehearsal run --policy exh\t", "exhaustive "),
                                 ("rehearsal serve echo --record-pa\t", "--record-payload ")]:
            # A shell may show no more than the rest of a word.
            rest = completed[len(typed.split()[-1]):]
            self.assertIn(rest, shell.answer(typed, rest), typed)
            # Drops the line.
            shell.answer("\x15echo dro''pped\n", "dropped\r")

    @needs("bash")
    def test_bash_completes_commands_flags_and_scenarios(self):
        completion = PREFIX / "share/bash-completion/completions/rehearsal"
        self.completes(Shell(["bash", "--norc", "--noprofile", "-i"],
                             f"bind 'set enable-bracketed-paste off'; . '{completion}'"))

    @needs("zsh")
    def test_zsh_completes_commands_flags_and_scenarios(self):
        functions = PREFIX / "share/zsh/site-functions"
        self.completes(Shell(["zsh", "-f", "-i"], f"fpath=('{functions}' $fpath); "
                             "autoload -Uz compinit; compinit -u -D"))


if __name__ == "__main__":
    PREFIX = Path(sys.argv.pop(1)).resolve()
    SOURCE = Path(sys.argv.pop(1)).resolve()
    unittest.main()
