#!/usr/bin/env python3
"""Tests that README.md keeps its promises: the failure that it shows comes back from its last line,
the server passes without the bug, and it serves real clients.

usage: echo_test.py ECHO_TESTS PLANTED_TESTS SERVE PARTITION [ARGUMENTS OF unittest]

ECHO_TESTS simulates the server of README.md, and PLANTED_TESTS the same server with a bug. SERVE is
that server on real sockets, and PARTITION a program with a scenario of its own."""

import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import sys
import unittest

PATIENCE = 600 * int(os.environ.get("REHEARSAL_TEST_PATIENCE", "1"))
ROOT = pathlib.Path(__file__).resolve().parents[3]
echo_tests = planted_tests = serve = partition = None


def shown(language):
    """The blocks of a language in README.md."""
    return re.findall(rf"(?ms)^```{language}\n(.*?)^```$", (ROOT / "README.md").read_text())


def run(command, folder=None, **variables):
    """(exit status, stdout)"""
    environment = {name: value for name, value in os.environ.items()
                   if not name.startswith(("REHEARSAL_", "GTEST_"))}
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=PATIENCE,
                          stdin=subprocess.DEVNULL, shell=isinstance(command, str),
                          env={**environment, **variables})
    return done.returncode, done.stdout + done.stderr


def in_planted(command):
    return run(command, planted_tests.parent)


class Install(unittest.TestCase):
    def test_its_packages_are_those_of_the_build(self):
        listed = re.findall("(?m)^build: (.*)$", (ROOT / "packages.txt").read_text())
        shell, = shown("sh")
        packages = re.search("(?m)^apt-get install (.*)$", shell).group(1)
        self.assertEqual(set(packages.split()) - set(" ".join(listed).split()), set())


class Failure(unittest.TestCase):
    """What the planted bug prints."""

    def test_the_line_shown_fails_in_the_same_way(self):
        line, = set(re.findall("(?m)^REHEARSAL_REPLAY=.*$", "".join(shown("console"))))
        _, found = in_planted("./echo_tests")
        status, again = in_planted(line)
        self.assertEqual(status, 1)
        digest = "(?i)digest:? ([0-9a-f]{16})"
        self.assertEqual(re.findall(digest, again), re.findall(digest, found))

    def test_nothing_fails_without_the_bug(self):
        status, printed = run([echo_tests], REHEARSAL_RUNS="2000")
        self.assertEqual(status, 0, printed)

    def test_the_scenario_holds(self):
        status, printed = run([partition, "run", "echo", "--seeds", "1..200"])
        self.assertEqual(status, 0, printed)
        self.assertIn("0 failed", printed)


class Kernel(unittest.TestCase):
    def test_clients_are_served_at_once(self):
        server = subprocess.Popen([serve, "127.0.0.1:0"], stdout=subprocess.PIPE, text=True)
        self.addCleanup(server.wait)
        self.addCleanup(server.kill)
        self.addCleanup(server.stdout.close)
        port = int(server.stdout.readline().rsplit(":", 1)[1])
        clients = [socket.create_connection(("127.0.0.1", port), PATIENCE) for _ in range(3)]
        for client in reversed(clients):
            client.sendall(b"hello\n")
            self.assertEqual(client.recv(100), b"hello\n")
        server.send_signal(signal.SIGUSR1)
        tasks = [server.stdout.readline() for _ in range(7)]
        self.assertEqual(tasks[0], "5 tasks\n")
        self.assertEqual(len(re.findall(r"serve/127\.0\.0\.1:\d+ +receive on", "".join(tasks))), 3)
        for client in clients:
            client.close()
        server.send_signal(signal.SIGTERM)
        self.assertEqual(server.wait(PATIENCE), 0)

    def test_a_port_that_is_taken_is_one_line(self):
        with socket.create_server(("127.0.0.1", 0)) as taken:
            address = "127.0.0.1:%d" % taken.getsockname()[1]
            status, said = run([serve, address])
        self.assertEqual((status, said),
                         (1, f"serve: listen on {address}: Address already in use\n"))

    def test_an_invalid_address_is_one_line(self):
        self.assertEqual(run([serve, "25000"]),
                         (2, "serve: '25000': expected ADDRESS:PORT\n"))


class Demo(unittest.TestCase):
    @unittest.skipUnless(shutil.which("nc"), "no nc (Debian: netcat-openbsd)")
    def test_it_tells_the_whole_story(self):
        status, told = run([ROOT / "servers/demo.sh", echo_tests.parent])
        self.assertEqual(status, 0, told)
        for part in ("client.send(", "failed in run", "Cause: ", "the digest", "[       OK ]",
                     "listens on", "Grace says goodbye", "exit status 0"):
            self.assertIn(part, told)
        self.assertNotIn("\x1b", told)


if __name__ == "__main__":
    echo_tests, planted_tests, serve, partition = map(pathlib.Path, sys.argv[1:5])
    del sys.argv[1:5]
    unittest.main(verbosity=2)
