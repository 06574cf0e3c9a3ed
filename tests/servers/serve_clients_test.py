"""Real clients from outside: nc, single connections and crowds."""

import asyncio
import contextlib
import random
import shutil
import signal
import subprocess
import tempfile
import time
import unittest

import serve_program
from serve_both import over_both_sources
from serve_clients import Client, Crowd, clients_of, letters, need_descriptors
from serve_program import PATIENCE, Server, run_to_the_end


def netcat(address, what):
    """Returns what `nc` prints if its standard input is `what`. A Unix socket is a path."""
    if shutil.which("nc") is None:
        raise AssertionError("nc is missing: install the Debian package netcat-openbsd")
    where = ["-U", address] if isinstance(address, str) else [address[0], str(address[1])]
    done = subprocess.run(["nc", "-N", *where], input=what,
                          capture_output=True, timeout=PATIENCE, check=True)
    return done.stdout


@over_both_sources
class Clients:
    def test_nc_gets_back_what_it_says(self):
        with Server(source=self.source) as server:
            self.assertEqual(netcat(server.address, b"hello\n"), b"hello\n")
            much = letters(3_000_000, 1)
            self.assertEqual(netcat(server.address, much), much)
            self.assertEqual(netcat(server.address, b""), b"")
            self.assertEqual(server.stop(), 0)

    def test_the_first_line_says_which_port_was_picked(self):
        with Server(source=self.source) as server:
            self.assertNotEqual(server.port, 0)
            self.assertEqual(server.first_line,
                             f"echo listens on 127.0.0.1:{server.port} ({self.source})\n")

    def test_ipv6(self):
        with Server(source=self.source, listen="[::1]:0") as server:
            self.assertEqual(server.first_line,
                             f"echo listens on [::1]:{server.port} ({self.source})\n")
            with Client(server.address) as client:
                self.assertEqual(client.ask(b"over IPv6"), b"over IPv6")
            self.assertEqual(netcat(server.address, b"nc too"), b"nc too")

    def test_a_unix_socket_is_served_again_after_a_kill(self):
        with tempfile.TemporaryDirectory() as folder:
            listen = f"unix:{folder}/echo.sock"
            with Server(source=self.source, listen=listen) as server:
                self.assertEqual(server.first_line, f"echo listens on {listen} ({self.source})\n")
                self.assertEqual(netcat(server.address, b"hello\n"), b"hello\n")
                self.assertEqual(run_to_the_end(["--listen", listen])[:2], (1, ""))
                server.process.kill()
                server.process.wait()
            with Server(source=self.source, listen=listen) as server:
                much = letters(3_000_000, 1)
                self.assertEqual(netcat(server.address, much), much)
                self.assertEqual(server.stop(), 0)

    def test_what_was_recorded_of_a_unix_socket_is_replayed(self):
        with tempfile.TemporaryDirectory() as folder:
            with Server("--record", f"{folder}/rec", source=self.source,
                        listen=f"unix:{folder}/echo.sock") as server:
                self.assertEqual(netcat(server.address, b"hello\n"), b"hello\n")
                self.assertEqual(server.stop(), 0)
            replayed = subprocess.run([serve_program.program, "replay", f"{folder}/rec"],
                                      capture_output=True, text=True, timeout=PATIENCE,
                                      check=False)
            self.assertEqual(replayed.returncode, 0, replayed)
            self.assertIn("identical", replayed.stdout)

    def test_prefix_goes_before_each_piece(self):
        with Server("--prefix", "GOT:", source=self.source) as server:
            with Client(server.address) as client:
                for piece in (b"one\n", b"two\n"):
                    client.say(piece)
                    self.assertEqual(client.hear(len(piece) + 4), b"GOT:" + piece)

    def test_a_client_that_has_finished_still_gets_all_its_bytes_and_then_the_end(self):
        with Server(source=self.source) as server, Client(server.address) as client:
            said = letters(100_000, 2)
            client.say(said)
            client.finish()
            self.assertEqual(client.hear_all(), (said, "end"))

    def test_a_reset_ends_that_session_alone(self):
        with Server("--stats", "0.05", source=self.source) as server:
            with Client(server.address) as stays:
                leaves = Client(server.address)
                self.assertEqual(leaves.ask(b"x"), b"x")
                self.assertEqual(stays.ask(b"y"), b"y")
                leaves.reset()
                server.wait_for_log(r"connected 1, accepted 2, failed 1,")
                self.assertEqual(stays.ask(b"still there"), b"still there")
                server.wait_for_log(r"Connection reset by peer")

    def test_no_more_are_served_than_max_connections_and_the_others_later(self):
        with Server("--max-connections", "2", source=self.source) as server:
            with clients_of(server.address, 3) as (first, second, third):
                self.assertEqual(first.ask(b"1"), b"1")
                self.assertEqual(second.ask(b"2"), b"2")
                third.say(b"3")
                self.assertTrue(third.hears_nothing_for(0.3))
                first.finish()
                self.assertEqual(first.hear_all(), (b"", "end"))
                self.assertEqual(third.hear(1), b"3")

    def test_an_idle_client_is_sent_away_after_the_idle_timeout(self):
        with Server("--idle-timeout", "0.3", source=self.source) as server:
            start = time.monotonic()
            with Client(server.address) as client:
                self.assertEqual(client.hear_all(), (b"", "reset"))
                self.assertGreaterEqual(time.monotonic() - start, 0.3)

    def test_stats_are_logged_again_and_again(self):
        with Server("--stats", "0.05", source=self.source) as server:
            with Client(server.address) as client:
                client.ask(b"12345")
                server.wait_for_log(r"(connected 1, accepted 1, failed 0, skipped 0, back-offs 0, "
                                    r"bytes 5\n(.*\n)*.*){2}")
            server.wait_for_log(r"connected 0, accepted 1,")

    def test_debug_says_who_connected_and_who_is_done(self):
        with Server("--log-level", "debug", source=self.source) as server:
            with Client(server.address) as client:
                port = client.socket.getsockname()[1]
                server.wait_for_log(rf"127\.0\.0\.1:{port} connected")
            server.wait_for_log(rf"127\.0\.0\.1:{port} is done")

    def test_a_peer_that_never_reads_holds_nobody_up(self):
        with Server(source=self.source) as server:
            with Client(server.address) as clogged, Client(server.address) as other:
                much = letters(1 << 20, 3)
                while clogged.say_without_waiting(much) == len(much):
                    self.assertEqual(other.ask(b"meanwhile"), b"meanwhile")
                self.assertEqual(other.ask(much), much)

    def test_with_no_descriptors_left_it_serves_the_others_and_sleeps(self):
        with Server("--stats", "0.05", source=self.source, limits=(40, 40)) as server:
            with clients_of(server.address, 60) as clients:
                for number, client in enumerate(clients):
                    client.say(b"%3d" % number)
                server.wait_for_log(r"back-offs [1-9]")
                self.assertEqual(clients[0].hear(3), b"  0")
                before = server.processor_seconds()
                time.sleep(0.6)
                self.assertLess(server.processor_seconds() - before, 0.3)
                for number, client in enumerate(clients[1:], 1):
                    clients[number - 1].finish()
                    self.assertEqual(client.hear(3), b"%3d" % number)
            self.assertEqual(server.stop(), 0)


@over_both_sources
class Crowds:
    at_once = {"select": 900, "epoll": 5000}

    def test_asyncio_clients_say_messages_of_random_sizes(self):
        async def talk(server):
            sizes = random.Random(4)
            async with Crowd(server.address, 100) as crowd:
                return sum([await crowd.ask(lambda _: sizes.choice((1, 5000, 40_000, 200_000)) +
                                            sizes.randrange(1000), seed) for seed in range(4)])
        with Server("--stats", "0.05", source=self.source) as server:
            size = asyncio.run(talk(server))
            server.wait_for_log(rf"bytes {size}\n")
            server.wait_for_log(r"connected 0, accepted 100,")
            self.assertEqual(server.stop(), 0)

    def test_many_at_once(self):
        count = self.at_once[self.source]
        need_descriptors(count + 100)

        async def talk(server):
            async with Crowd(server.address, count) as crowd:
                size = await crowd.ask(lambda i: 1 + i % 1500, 5)
                await asyncio.to_thread(
                    server.wait_for_log, rf"connected {count}, accepted {count}, failed 0,")
                return size + await crowd.ask(lambda i: 1 + (i * 7) % 900, 6)
        # It takes more than the soft limit if the hard one allows it.
        with Server("--stats", "0.1", source=self.source, limits=(256, count + 100)) as server:
            size = asyncio.run(talk(server))
            server.wait_for_log(rf"bytes {size}\n")
            self.assertEqual(server.stop(), 0)

    def test_signals_in_between_disturb_nobody(self):
        async def talk(server):
            async with Crowd(server.address, 50) as crowd:
                for seed in range(20):
                    server.signal(signal.SIGUSR1)
                    await crowd.ask(lambda i: 1000 * i + 1, seed)
        with Server(source=self.source) as server:
            asyncio.run(talk(server))
            server.wait_for_log(r"53 tasks\n")
            self.assertEqual(server.stop(), 0)


class BeyondSelect(unittest.TestCase):
    def test_select_refuses_those_whose_descriptor_it_cannot_hold_and_serves_the_others(self):
        need_descriptors(1300)
        with Server("--stats", "0.05", source="select") as server, contextlib.ExitStack() as stack:
            clients = []
            refused = 0
            for _ in range(1100):
                try:
                    clients.append(stack.enter_context(Client(server.address)))
                except ConnectionResetError:  # before it knew that it was connected
                    refused += 1
            server.wait_for_log(r"the source cannot wait for descriptor 1024: ")
            server.wait_for_log(r"accepted 1100,")
            served = 0
            for client in clients:
                try:
                    served += client.ask(b"x") == b"x"
                except (ConnectionResetError, BrokenPipeError):
                    refused += 1
            self.assertEqual(served + refused, 1100)
            self.assertGreaterEqual(served, 1000)
            self.assertGreaterEqual(refused, 1100 - 1024)
            self.assertEqual(server.log().count("cannot wait"), refused)
            stack.close()
            self.assertEqual(server.stop(), 0)


if __name__ == "__main__":
    unittest.main()
