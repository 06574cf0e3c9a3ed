"""Tests how the server ends, and what it reports on request."""

import os
import pathlib
import re
import select
import signal
import subprocess
import time
import unittest

import serve_program
from serve_both import over_both_sources
from serve_clients import Client, clients_of, letters
from serve_program import PATIENCE, Server, until


def caught_signals(pid):
    status = pathlib.Path(f"/proc/{pid}/status").read_text()
    mask = int(re.search(r"SigCgt:\s*(\w+)", status).group(1), 16)
    return {number for number in range(1, 65) if mask >> (number - 1) & 1}


@over_both_sources
class Signals:
    def stops_on(self, number):
        with Server("--drain-timeout", "60", source=self.source) as server:
            with Client(server.address) as client:
                self.assertEqual(client.ask(b"before"), b"before")
                server.signal(number)
                server.wait_for_log(r"stopping: 1 connected")
                self.assertEqual(client.ask(b"after"), b"after")
                client.finish()
                self.assertEqual(client.hear_all(), (b"", "end"))
                self.assertEqual(server.wait(), 0)
            with self.assertRaises(ConnectionRefusedError):
                Client(server.address)

    def test_sigterm_lets_sessions_finish_and_exits_with_0(self):
        self.stops_on(signal.SIGTERM)

    def test_sigint_does_the_same(self):
        self.stops_on(signal.SIGINT)

    def test_signals_are_obeyed_before_it_says_that_it_listens(self):
        # Its standard output accepts nothing, so the server blocks when it reports that it listens.
        reader, writer = os.pipe()
        os.set_blocking(writer, False)
        with self.assertRaises(BlockingIOError):
            while True:
                os.write(writer, b"-" * 4096)
        os.set_blocking(writer, True)
        with subprocess.Popen([serve_program.program, "serve", "echo", "--listen", "127.0.0.1:0",
                               "--source", self.source], stdout=writer,
                              stderr=subprocess.DEVNULL) as server:
            os.close(writer)
            try:
                wanted = {signal.SIGINT, signal.SIGTERM, signal.SIGUSR1}
                until(lambda: wanted <= caught_signals(server.pid), "the signals are caught")
                server.send_signal(signal.SIGTERM)
                while select.select([reader], [], [], PATIENCE)[0] and os.read(reader, 1 << 16):
                    pass
                self.assertEqual(server.wait(PATIENCE), 0)
            finally:
                os.close(reader)
                server.kill()

    def test_the_backlog_is_taken_and_drained(self):
        with Server("--max-connections", "1", "--drain-timeout", "60",
                    source=self.source) as server:
            with clients_of(server.address, 5) as clients:
                self.assertEqual(clients[0].ask(b"served"), b"served")
                for client in clients:
                    client.say(b"said before the signal")
                server.signal(signal.SIGTERM)
                server.wait_for_log(r"stopping: 1 connected")
                for client in clients:
                    client.finish()
                    self.assertEqual(client.hear_all(), (b"said before the signal", "end"))
            self.assertEqual(server.wait(), 0)

    def test_what_was_acknowledged_before_sigterm_is_echoed_or_the_end_is_a_reset(self):
        with (Server("--drain-timeout", "100000", source=self.source) as server,
              clients_of(server.address, 30) as clients):
            said = [letters(1 << 20, number) for number in range(len(clients))]
            taken = [client.say_without_waiting(what) for client, what in zip(clients, said)]
            acknowledged = [all_of_it - client.unacknowledged()
                            for client, all_of_it in zip(clients, taken)]
            server.signal(signal.SIGTERM)
            for client in clients[::2]:
                client.finish()
            # Clients that finish get all of it; the others are reset when the server ends at once.
            for number in (*range(0, 30, 2), *range(1, 30, 2)):
                if number == 1:
                    server.signal(signal.SIGTERM)
                heard, end = clients[number].hear_all()
                self.assertEqual(heard, said[number][:len(heard)])
                self.assertEqual(end, "end" if number % 2 == 0 else "reset")
                if end == "end":
                    self.assertGreaterEqual(len(heard), acknowledged[number])
                    self.assertEqual(len(heard), taken[number])
            self.assertEqual(server.wait(), 0)

    def test_whoever_stays_longer_than_the_drain_timeout_is_reset(self):
        with Server("--drain-timeout", "0.3", source=self.source) as server:
            with Client(server.address) as client:
                self.assertEqual(client.ask(b"x"), b"x")
                start = time.monotonic()
                server.signal(signal.SIGTERM)
                self.assertEqual(client.hear_all(), (b"", "reset"))
                self.assertGreaterEqual(time.monotonic() - start, 0.3)
                self.assertEqual(server.wait(), 0)
                server.wait_for_log(r"1 sessions did not end in time and are reset")

    def test_a_peer_that_never_reads_is_reset_after_the_drain_timeout(self):
        with Server("--drain-timeout", "0.3", source=self.source) as server:
            with Client(server.address) as client:
                said = letters(64 << 20, 8)
                taken = client.say_without_waiting(said)
                server.signal(signal.SIGTERM)
                self.assertEqual(server.wait(), 0)
                heard, end = client.hear_all()
                self.assertEqual(end, "reset")
                self.assertEqual(heard, said[:len(heard)])
                self.assertLess(len(heard), taken)

    def test_a_second_sigterm_ends_at_once(self):
        with Server("--drain-timeout", "100000", source=self.source) as server:
            with Client(server.address) as client:
                self.assertEqual(client.ask(b"x"), b"x")
                server.signal(signal.SIGTERM)
                server.wait_for_log(r"stopping: 1 connected")
                server.signal(signal.SIGTERM)
                self.assertEqual(server.wait(), 0)
                self.assertEqual(client.hear_all(), (b"", "reset"))

    def test_sigusr1_lists_the_tasks(self):
        with Server(source=self.source) as server:
            with Client(server.address) as client:
                port = client.socket.getsockname()[1]
                self.assertEqual(client.ask(b"x"), b"x")
                tasks = "\n".join(server.tasks())
                place = r"\w+\.[ch]pp:\d+"
                for line in (
                        rf"running +[\d.]+ s  signals +at {place}",
                        rf"waiting +[\d.]+ s  echo +event, at {place}",
                        rf"waiting +[\d.]+ s  echo/accept +receive on \d+, at {place} < {place}",
                        rf"waiting +[\d.]+ s  echo/accept/127\.0\.0\.1:{port} +"
                        rf"receive on \d+, at echo\.hpp:\d+"):
                    self.assertRegex(tasks, line)
                self.assertEqual(len(server.tasks()), 4)
                self.assertEqual(client.ask(b"goes on"), b"goes on")

    def test_a_log_that_takes_nothing_does_not_stop_it_from_obeying(self):
        with Server(source=self.source, stderr="/dev/full") as server:
            with Client(server.address) as client:
                self.assertEqual(client.ask(b"x"), b"x")
                server.signal(signal.SIGUSR1)
                self.assertEqual(client.ask(b"x"), b"x")
            self.assertEqual(server.stop(), 0)

    def test_the_watchdog_names_who_held_the_loop_and_lives_to_the_end(self):
        with Server("--watchdog", "0.000001", source=self.source) as server:
            with Client(server.address) as client:
                port = client.socket.getsockname()[1]
                self.assertEqual(client.ask(b"x" * 10000), b"x" * 10000)
                server.wait_for_log(rf"watchdog: echo/accept/127\.0\.0\.1:{port} held the loop for "
                                    r"[\d.]+ ms, from .* to .*\n")
            self.assertEqual(server.stop(), 0)
            self.assertNotIn("Sanitizer", server.log())


if __name__ == "__main__":
    unittest.main()
