#!/usr/bin/env python3
"""Records servers under real clients, replays the recordings, and simulates with them."""

import os
import pathlib
import re
import resource
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import unittest

from commands import PATIENCE

REHEARSAL = None
LEDGER = None
FIXED = None  # the ledger whose replay forgets nothing


def run(program, *arguments):
    return subprocess.run([program, *[str(one) for one in arguments]], capture_output=True,
                          text=True, timeout=PATIENCE)


class Server:
    """A server that was started, on the port that it prints."""

    def __init__(self, *command):
        self.output = tempfile.TemporaryFile()
        self.errors = tempfile.TemporaryFile()
        # SIGXFSZ stays ignored, as in Python: a limit on file sizes imitates a full disk.
        self.process = subprocess.Popen([str(one) for one in command], stdout=self.output,
                                        stderr=self.errors, restore_signals=False)
        deadline = time.monotonic() + PATIENCE
        self.port = None
        while self.port is None and time.monotonic() < deadline:
            found = re.search(rb"127\.0\.0\.1:(\d+)", self.text(self.output))
            self.port = int(found.group(1)) if found else time.sleep(0.01)
        assert self.port, self.said()

    @staticmethod
    def text(file):
        return os.pread(file.fileno(), 1 << 20, 0)

    def said(self):
        return self.text(self.errors).decode()

    def connect(self):
        return socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE)

    def end(self, number=signal.SIGTERM):
        self.process.send_signal(number)
        return self.process.wait(timeout=PATIENCE)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        self.output.close()
        self.errors.close()


def exchange(connection, data):
    connection.sendall(data)
    came = b""
    while len(came) < len(data):
        piece = connection.recv(1 << 16)
        if not piece:
            break
        came += piece
    return came


def talk(server, name, messages, size):
    with server.connect() as connection:
        for i in range(messages):
            data = (f"{name} {i} " * (size // 8 + 1)).encode()[:size]
            assert exchange(connection, data) == data
        connection.shutdown(socket.SHUT_WR)
        assert connection.recv(1) == b""


class RecordTest(unittest.TestCase):
    def setUp(self):
        self.directory = tempfile.TemporaryDirectory()
        self.at = pathlib.Path(self.directory.name) / "recording"

    def tearDown(self):
        self.directory.cleanup()

    def echo(self, *flags, source="epoll"):
        return Server(REHEARSAL, "serve", "echo", "--listen", "127.0.0.1:0", "--source", source,
                      "--record", self.at, *flags)

    def record_talks(self, *flags, source="epoll", clients=4, messages=20, size=300,
                     end=signal.SIGTERM):
        with self.echo(*flags, source=source) as server:
            threads = [threading.Thread(target=talk, args=(server, f"client-{i}", messages, size))
                       for i in range(clients)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            return server.end(end), server

    def files(self):
        return sorted(self.at.glob("*.rec*"))

    def replay(self):
        return run(REHEARSAL, "replay", self.at)

    def test_a_recording_is_replayed_to_the_same_end(self):
        for source in ("select", "epoll"):
            self.record_talks(source=source)
            done = self.replay()
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
            self.assertRegex(done.stdout, r": identical for [\d,]+ records \(.*\) in ")
            self.assertNotIn("cut", done.stdout)
        self.assertEqual([file.name for file in self.files()],
                         ["0001-000000.rec", "0002-000000.rec"])

    def test_timeouts_signals_and_statistics_are_replayed_too(self):
        with self.echo("--idle-timeout", "2", "--stats", "0.05") as server:
            with server.connect() as connection:
                self.assertEqual(exchange(connection, b"hello"), b"hello")
                server.process.send_signal(signal.SIGUSR1)
                try:
                    self.assertEqual(connection.recv(1), b"")
                except ConnectionResetError:
                    pass
            server.end()
        done = self.replay()
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_what_a_killed_server_leaves_is_replayed_up_to_the_last_record(self):
        status, _ = self.record_talks(end=signal.SIGKILL)
        self.assertEqual(status, -signal.SIGKILL)
        done = self.replay()
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertIn("the recording is cut off there", done.stdout)

    def test_a_recording_of_many_files_is_replayed_compressed_or_not(self):
        for flags in ([], ["--record-compress"]):
            self.record_talks("--record-segment", 1, *flags, messages=30, size=60_000)
            self.assertGreater(len(self.files()), 5)
            done = self.replay()
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertTrue(any(file.suffix == ".zst" for file in self.files()))

    def test_a_chain_whose_start_gave_way_says_so_and_still_gives_its_clients(self):
        with self.echo("--record-segment", 1, "--record-limit", 4) as server:
            for i in range(10):
                talk(server, f"client-{i}", 20, 60_000)
            deadline = time.monotonic() + PATIENCE
            while (self.at / "0001-000000.rec").exists() and time.monotonic() < deadline:
                talk(server, "one more", 5, 60_000)
            server.end()
        self.assertLessEqual(sum(file.stat().st_size for file in self.at.iterdir()), 6 << 20)
        done = self.replay()
        self.assertEqual(done.returncode, 2, done.stdout + done.stderr)
        self.assertIn("missing before this file, so exact replay stops", done.stderr)
        done = run(REHEARSAL, "run", self.at, "--seeds", "1..3", "--policy", "random")
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_a_disk_that_is_full_keeps_no_server_from_serving(self):
        with self.echo("--record-segment", 1, "--record-limit", 1024) as server:
            talk(server, "before", 5, 1000)
            # From here on no file can be created; the 256 MiB prepared before remain.
            resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, (4096, 4096))
            for i in range(6):
                talk(server, f"client-{i}", 50, 1_000_000)
            self.assertEqual(server.end(), 0)
            self.assertEqual(server.said().count("recording stops: "), 1, server.said())
            self.assertRegex(server.said(), r"[\d,]+ records could not be recorded")
        done = self.replay()
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertIn("cut off there", done.stdout)

    def test_masked_payloads_are_not_in_the_files_and_the_replay_says_what_is_missing(self):
        for kept in ("hash", "none"):
            with self.echo("--record-payload", kept) as server:
                talk(server, "xyzzy", 2, 100)
                server.end()
            self.assertFalse(any(b"xyzzy" in file.read_bytes() for file in self.files()))
            done = self.replay()
            self.assertEqual(done.returncode, 2)
            self.assertIn("the bytes received were not recorded", done.stderr)
            done = run(REHEARSAL, "run", self.at)
            self.assertEqual(done.returncode, 2)
            self.assertEqual(done.stderr.count("\n"), 1, done.stderr)
            shown = run(REHEARSAL, "trace", "show", self.at)
            self.assertEqual(shown.returncode, 0, shown.stderr)

    def test_show_gives_a_trace(self):
        self.record_talks()
        shown = run(REHEARSAL, "trace", "show", self.at)
        self.assertEqual(shown.returncode, 0, shown.stderr)
        trace = pathlib.Path(self.directory.name) / "trace"
        trace.write_text(shown.stdout)
        done = run(REHEARSAL, "trace", "diff", trace, trace)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertIn('"op":"accept"', shown.stdout)
        self.assertIn('"scenario":"echo"', shown.stdout)

    def test_a_damaged_file_is_one_line_with_file_record_and_reason(self):
        self.record_talks()
        file = self.files()[0]
        data = bytearray(file.read_bytes())
        data[len(data) // 2] ^= 1
        file.write_bytes(data)
        for command in (["replay"], ["trace", "show"], ["run"]):
            done = run(REHEARSAL, *command, self.at)
            self.assertEqual(done.returncode, 2, done.stdout + done.stderr)
            self.assertRegex(done.stderr, r"^.*0001-000000\.rec: record \d+: .+\n$")

    def test_a_server_that_does_otherwise_is_told_from_its_recording(self):
        self.record_talks()
        file = self.files()[0]
        data = file.read_bytes()
        self.assertIn(b"\x05\x00\x00\x0032768", data)
        other = run(LEDGER, "replay", self.at)
        self.assertEqual(other.returncode, 2)
        self.assertIn("recorded by server 'echo', which this program does not", other.stderr)

    def test_what_is_no_recording_is_one_line_that_says_what_could_be_run(self):
        other = run(LEDGER, "run", self.directory.name)
        self.assertEqual(other.returncode, 2)
        self.assertRegex(other.stderr,
                         r"^.*unknown scenario .*; expected a directory of recordings\n$")

    def test_recorded_clients_are_rehearsed(self):
        self.record_talks(clients=3, messages=5)
        done = run(REHEARSAL, "run", self.at, "--seeds", "1..50")
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        done = run(REHEARSAL, "run", self.at, "--seed", 7, "--check-determinism")
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    # A client that does not read its answers makes the server's sends block. Another client's
    # additions during this time are lost.
    def record_ledger(self, how):
        with Server(LEDGER, "serve", "0", self.at, how) as server:
            careless = server.connect()

            def add_much():
                try:
                    while True:
                        careless.sendall(b"add 1\n")
                except OSError:
                    pass

            adding = threading.Thread(target=add_much)
            adding.start()
            try:
                deadline = time.monotonic() + PATIENCE
                rounds = 0
                while (server.process.poll() is None and time.monotonic() < deadline
                       and (how == "forgetful" or rounds < 20)):
                    self.add_five(server)
                    rounds += 1
            except OSError:
                self.assertEqual(how, "forgetful")  # the server has ended
            if how == "careful":
                server.end(signal.SIGKILL)
            status = server.process.wait(timeout=PATIENCE)
            careless.close()
            adding.join()
            return status, Server.text(server.output).decode().splitlines()[-1]

    def add_five(self, server):
        with server.connect() as other:
            other.sendall(b"add 5\n")
            came = b""
            while not came.endswith(b"\n"):
                piece = other.recv(1 << 16)
                if not piece:
                    return
                came = piece
            other.shutdown(socket.SHUT_WR)
            other.recv(1)

    def test_a_planted_bug_is_caught_replayed_shrunk_and_kept(self):
        status, failure = self.record_ledger("forgetful")
        self.assertEqual(status, 1, failure)
        self.assertRegex(failure, r"the ledger says \d+ of \d+")
        # The same failure again.
        done = run(LEDGER, "replay", self.at)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertIn(failure, done.stdout)
        # Fixed code behaves differently.
        done = run(FIXED, "replay", self.at)
        self.assertEqual(done.returncode, 5, done.stdout + done.stderr)
        self.assertIn(", then diverged\n", done.stdout)
        # The search over the recorded clients finds and shrinks the failure.
        done = run(LEDGER, "run", self.at, "--seeds", "1..100")
        self.assertEqual(done.returncode, 1, done.stdout + done.stderr)
        schedule, = re.findall(r"(?m)^\S+ replay '([^']+)'$", done.stdout)
        kept = pathlib.Path(self.directory.name) / "kept.trace"
        run(LEDGER, "replay", schedule, "--trace", kept)
        head, deviations = schedule.split(" ")[:2], schedule.split(" ")[2:]
        self.assertGreaterEqual(len([one for one in deviations if "clients" in one]), 2, schedule)
        # The number left depends on when each client came, but none of them can be removed.
        for one in deviations:
            without = " ".join(head + [other for other in deviations if other != one])
            done = run(LEDGER, "replay", without)
            self.assertNotIn("the ledger says", done.stdout, without)
        # The schedule and the trace are of the ordinary kind.
        for what in (schedule, kept):
            again = run(LEDGER, "replay", what)
            self.assertEqual(again.returncode, 1, again.stdout + again.stderr)
            self.assertIn("the ledger says", again.stdout)

    def test_the_careful_server_passes(self):
        self.record_ledger("careful")
        done = run(LEDGER, "run", self.at, "--seeds", "1..5")
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)


if __name__ == "__main__":
    REHEARSAL, LEDGER, FIXED = sys.argv[1:4]
    unittest.main(argv=[sys.argv[0], *sys.argv[4:]], verbosity=2)
