#!/usr/bin/env python3
"""Tests that the server of docs/production.md drains on SIGTERM and prints its tasks on SIGUSR1.

usage: shutdown_test.py PROGRAM [ARGUMENTS OF unittest]"""

import os
import signal
import socket
import subprocess
import sys
import unittest

PATIENCE = 600 * int(os.environ.get("REHEARSAL_TEST_PATIENCE", "1"))
program = None


class Shutdown(unittest.TestCase):
    def setUp(self):
        self.server = subprocess.Popen([program], stdout=subprocess.PIPE, text=True)
        self.addCleanup(self.server.wait)
        self.addCleanup(self.server.kill)
        self.addCleanup(self.server.stdout.close)
        self.port = int(self.server.stdout.readline().rsplit(":", 1)[1])

    def connect(self):
        client = socket.create_connection(("127.0.0.1", self.port), PATIENCE)
        self.addCleanup(client.close)
        return client

    def exchange(self, client, text):
        client.sendall(text)
        self.assertEqual(client.recv(100), text)

    def test_sigterm_lets_a_client_finish(self):
        client = self.connect()
        self.exchange(client, b"hello\n")
        self.server.send_signal(signal.SIGTERM)
        self.exchange(client, b"hello again\n")
        client.close()
        self.assertEqual(self.server.wait(PATIENCE), 0)

    def test_sigusr1_prints_the_tasks(self):
        self.exchange(self.connect(), b"hello\n")
        self.server.send_signal(signal.SIGUSR1)
        tasks = [self.server.stdout.readline() for _ in range(4)]
        self.assertEqual(tasks[0], "3 tasks\n")
        self.assertIn("receive on", "".join(tasks))


if __name__ == "__main__":
    program = sys.argv.pop(1)
    unittest.main(verbosity=2)
