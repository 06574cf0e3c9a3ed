#!/usr/bin/env python3
"""Tests the commands and pretty printers of gdb.

usage: gdb_test.py GDB_PLANTED PLANTED [ARGUMENTS OF unittest]

GDB_PLANTED shows values of many types at look_at_values() (planted/); PLANTED has scenarios that
fail (../cli/planted)."""

import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

PATIENCE = 600 * int(os.environ.get("REHEARSAL_TEST_PATIENCE", "1"))

values = planted = None

# Fails because one segment is late enough for two deposits to overlap.
RACE = "bank data=3 late/client-0/deposit#0>/3=1300"
AT_LOOK = ("set width 0", "set breakpoint pending on", "break look_at_values", "commands",
           "silent", "end", "run")
# Prints memory that was never a value as if it were one, of the type of each of `names`.
OVERWRITTEN = """
types = [(name, gdb.parse_and_eval(name).type.strip_typedefs()) for name in names]
at = gdb.parse_and_eval("&garbage")
for fill, pattern in (("zero", b"\\0"), ("one", b"\\1"), ("ones", b"\\xff"), ("large", b"\\x7f"),
                      ("itself", int(at).to_bytes(8, "little")), ("all", bytes(range(256)))):
    gdb.selected_inferior().write_memory(int(at), pattern * (4096 // len(pattern)))
    for name, type in types:
        type = type.target() if type.code == gdb.TYPE_CODE_REF else type
        print(fill, name, "=", at.cast(type.pointer()).dereference().format_string())
"""
NOBODY = "no simulated run in this process"


def environment():
    """A sanitizer cannot look for leaks in a process that is traced."""
    asan = os.environ.get("ASAN_OPTIONS", "")
    return {**os.environ, "ASAN_OPTIONS": f"{asan}:detect_leaks=0".lstrip(":"), "HOME": "/nowhere"}


def replay(line, *commands, more=()):
    """Replays a schedule with --gdb. Returns the output."""
    done = subprocess.run([planted, "replay", line, "--gdb", *more], env=environment(),
                          input="".join(f"{one}\n" for one in ("set width 0",) + commands),
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          timeout=PATIENCE)
    return done.stdout.replace("(gdb) ", "")


def gdb(*commands, program=(), trusted=True, more=()):
    """Returns the output of commands in gdb, started by hand."""
    program = program or (values, "replay", "values data=1", "--no-fork")
    trust = ["-iex", f"add-auto-load-safe-path {pathlib.Path(program[0]).resolve()}"]
    with tempfile.NamedTemporaryFile("w", suffix=".gdb") as script:
        script.write("".join(f"{one}\n" for one in commands))
        script.flush()
        done = subprocess.run(["gdb", "-q", "-batch", *(trust if trusted else []), "-x",
                               script.name, *more, "--args", *program], env=environment(),
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, timeout=PATIENCE)
    return done.stdout


def shown(*commands, before=AT_LOOK):
    """Returns what each command prints at look_at_values()."""
    marked = [one for command in commands for one in (r"echo \n===\n", command)]
    parts = gdb(*before, *marked, r"echo \n===\n").split("\n===\n")
    return [part.strip() for part in parts[1:-1]]


@unittest.skipUnless(shutil.which("gdb"), "there is no gdb")
class Commands(unittest.TestCase):
    def test_show_the_step_that_fails(self):
        out = replay(RACE, "rehearsal tasks", "rehearsal sockets", "rehearsal events",
                     "rehearsal events 2", "kill")
        self.assertEqual(len(re.findall(r"(?m)^6\.300 ms of virtual time, 25 steps$", out)), 4)
        for line in (
                r"5 tasks",
                r"waiting +0\.006 s  bank/serve +receive on 3, at listener\.hpp:\d+ < "
                r"racy_bank\.hpp:\d+",
                r"running +0\.000 s  bank/serve/client-1/deposit#0 +at racy_bank\.hpp:\d+",
                r"waiting +0\.000 s  client-0/deposit +sleep, at racy_bank\.hpp:\d+",
                r"bank +3 +tcp +LISTEN +0 +\d+ +0\.0\.0\.0:7",
                r"client-1 +3 +tcp +ESTAB +0 +1 +client-1/deposit#0> +10\.0\.0\.3:32768 +"
                r"10\.0\.0\.1:7",
                r"2 pending events",
                r" +0\.006300000 s  bank/serve/client-1/deposit#0  runs now",
                r" +0\.007500000 s  client-0/deposit +sleep ends",
                r"the last 2 of 62 events",
                r" +62 +0\.006300000 s  bank/serve/client-1/deposit#0  resume at racy_.*"):
            self.assertRegex(out, f"(?m)^{line}$")

    def test_show_what_the_page_shows(self):
        """Source lines differ between compilers, so their numbers are not compared."""
        page = (pathlib.Path(__file__).parents[3] / "docs/debugging.md").read_text()
        text = re.search(r"(?ms)^```text\n(\(gdb\) rehearsal .*?)^```$", page).group(1)
        _, *parts = re.split(r"(?m)^\(gdb\) (.*)\n", text)
        out = replay(RACE, *parts[::2], "kill")
        for command, lines in zip(parts[::2], parts[1::2]):
            with self.subTest(command=command):
                self.assertIn(re.sub(r"pp:\d+", "pp", lines), re.sub(r"pp:\d+", "pp", out))

    def test_leave_the_run_as_it_is(self):
        out = replay(RACE, "rehearsal tasks", "rehearsal sockets", "rehearsal events",
                     "rehearsal events 9", "continue")
        alone = subprocess.run([planted, "replay", RACE, "--no-fork"], capture_output=True,
                               text=True, timeout=PATIENCE, env=environment()).stdout
        digest = r"(?m), digest ([0-9a-f]{16})$"
        self.assertEqual(re.findall(digest, out), re.findall(digest, alone))
        self.assertEqual(len(re.findall(digest, alone)), 1)

    def test_stop_at_another_step(self):
        out = replay(RACE, "rehearsal events", "kill", more=("--reach", "7"))
        self.assertRegex(out, r"(?m) of virtual time, 7 steps$")

    def test_are_listed(self):
        for command in "rehearsal", "help rehearsal":
            out = gdb(command)
            for one in "tasks", "sockets", "events":
                self.assertRegex(out, f"(?m)^rehearsal {one} -- ")

    def test_refuse_what_they_do_not_know_in_one_line(self):
        for command, said in (
                ("rehearsal task_s", "rehearsal: unknown subcommand 'task_s'; try: help rehearsal"),
                ("rehearsal tasks now", "rehearsal tasks: unexpected argument 'now'"),
                ("rehearsal sockets 3", "rehearsal sockets: unexpected argument '3'"),
                ("rehearsal events 0", "rehearsal events: '0' is not a whole number from 1"),
                ("rehearsal events -1", "rehearsal events: '-1' is not a whole number from 1"),
                ("rehearsal events all", "rehearsal events: 'all' is not a whole number from 1")):
            out = gdb(command)
            self.assertEqual(out.split(": Error in sourced command file:\n")[-1], f"{said}\n")

    def test_say_that_nothing_runs(self):
        for command in "rehearsal tasks", "rehearsal sockets", "rehearsal events 3":
            with self.subTest(command=command):
                self.assertEqual(gdb(command), f"{NOBODY}\n")
                self.assertRegex(gdb("break main", "run", command), f"(?m)^{NOBODY}$")
                out = gdb("run", command)
                self.assertIn("FAILED values", out)
                self.assertTrue(out.endswith(f"\n{NOBODY}\n"), out)

    def test_find_the_run_from_another_thread(self):
        tasks, thread, frame = shown("rehearsal tasks", "thread", "frame",
                                     before=(*AT_LOOK, "thread 2", "up"))
        self.assertIn("\n3 tasks\n", tasks)
        self.assertRegex(thread, r"Current thread is 2\b")
        self.assertTrue(frame.startswith("#1 "), frame)

    def test_stop_at_no_breakpoint(self):
        tasks, again = shown("rehearsal tasks", "info breakpoints", before=(
            *AT_LOOK, "break rehearsal_tasks", "break malloc", "disable 3"))
        self.assertIn("\n3 tasks\n", tasks)
        self.assertRegex(again, r"(?m)^2 +breakpoint +keep y .*rehearsal_tasks")
        self.assertRegex(again, r"(?m)^3 +breakpoint +keep n ")
        self.assertNotRegex(again, r"(?s)2 +breakpoint.*already hit")

    def test_keep_no_events_without_a_step_to_reach(self):
        self.assertIn("the events of this run were not kept", shown("rehearsal events 3")[0])

    def test_need_a_process(self):
        with tempfile.TemporaryDirectory() as folder:
            core = pathlib.Path(folder, "core")
            gdb(*AT_LOOK, f"generate-core-file {core}")
            out = gdb("print nap", "rehearsal tasks", program=(values,), more=("-core", core))
        self.assertRegex(out, r"\$1 = .*client/ask/nap, waiting since 1\.8001 ms, at main\.cpp:")
        self.assertTrue(out.endswith("rehearsal: a core file has no running process; replay the "
                                     "run in gdb\n"), out)

    def test_are_refused_by_gdb_until_it_trusts_the_program(self):
        out = gdb("rehearsal", trusted=False)
        self.assertIn(f"add-auto-load-safe-path {pathlib.Path(values).resolve()}\n", out)
        self.assertIn('Undefined command: "rehearsal"', out)


@unittest.skipUnless(shutil.which("gdb"), "there is no gdb")
class Printers(unittest.TestCase):
    TEXTS = {
        "plain.whole": "3 s",
        "plain.part": "-1.5 ms",
        "plain.then": "1.000001 ms",
        "plain.never": "never",
        "plain.date": "2025-01-01 00:00:00.005000000 UTC",
        "plain.v4": "10.0.0.1:80",
        "plain.v6": "[fe80::1%2]:443",
        "plain.path": "unix:/run/x.sock",
        "plain.abstract": "unix:@x",
        "plain.name": "db:5432",
        "plain.text": r'"say \"hi\"\n"',
        "plain.hex": "hex 00 ff 61",
        "plain.none": '""',
        "plain.long_one": "hex" + 20 * " a5" + "... (4,096 bytes)",
        "plain.seven": "7",
        "plain.failed": "error connection_reset",
        "plain.done": "ok",
        "plain.deviation": "late/a/b%20c#0>/3=1300",
        "plain.deviation.at": "late/a/b%20c#0>/3",
        "plain.schedule": "bank data=7 late/a/b%20c#0>/3=1300 run/server/0=2",
        "plain.choice": "outcome 0, the default",
        "plain.handle": "no socket",
        "plain.event": "3 us server/echo send client/0#0< echo.cpp:12",
        "plain.told": "2 ms crash of host 2",
        "host": "host client",
        "world": "world at 1.8001 ms, 2 hosts",
        "machine": "host client",
        "stream": "socket 3 to 10.0.0.1:7",
        "self": "client/ask, running since 1.8 ms, at main.cpp:LINE",
        "nap": "client/ask/nap, waiting since 1.8001 ms, at main.cpp:LINE",
        "nap.task_": "client/ask/nap, waiting since 1.8001 ms, at main.cpp:LINE",
        "*nap.task_.record_.leaf_": "frame of client/ask/nap, at main.cpp:LINE",
        "nothing": "no task",
        "lazy": "not started",
        "empty": "empty",
    }

    def test_show_values_as_the_library_writes_them(self):
        for name, text in zip(self.TEXTS, shown(*(f"print {name}" for name in self.TEXTS))):
            with self.subTest(name=name):
                text = re.sub(r"main\.cpp:\d+", "main.cpp:LINE", text)
                # The library may have no debug information.
                text = re.sub("warning: RTTI symbol not found .*\n", "", text)
                self.assertRegex(text, r"^\$\d+ = ")
                self.assertTrue(text.endswith(f" {self.TEXTS[name]}"), text)

    def test_survive_what_memory_may_hold(self):
        out = gdb(*AT_LOOK, "python", f"names = {list(self.TEXTS)}", OVERWRITTEN, "end")
        shows = re.findall(r"(?m)^(\w+) (\S+) = .+$", out)
        self.assertEqual(len(shows), 6 * len(self.TEXTS), out)
        for wrong in "Traceback", "Python Exception", "Error":
            self.assertNotIn(wrong, out)


if __name__ == "__main__":
    if len(sys.argv) < 3:
        print(__doc__, file=sys.stderr)
        sys.exit(2)
    values, planted = sys.argv[1:3]
    del sys.argv[1:3]
    unittest.main()
