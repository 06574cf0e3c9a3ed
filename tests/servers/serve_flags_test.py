"""Tests bad input: one line on stderr that names the problem and the reason, and an exit status."""

import pathlib
import socket
import subprocess
import unittest

from serve_program import run_to_the_end

# The flags, and what the line has to name.
BAD_FLAGS = (
    (["--bogus"], "--bogus"),
    (["surplus"], "surplus"),
    (["--listen"], "--listen"),
    (["--listen", ""], "ADDRESS:PORT"),
    (["--listen", "nonsense"], "'nonsense' is not ADDRESS:PORT"),
    (["--listen", "127.0.0.1"], "'127.0.0.1' is not ADDRESS:PORT"),
    (["--listen", "unix:" + "a" * 109], "' is not ADDRESS:PORT or unix:PATH"),
    (["--listen", "127.0.0.1:65536"], "'127.0.0.1:65536' is not ADDRESS:PORT"),
    (["--listen", "127.0.0.1:-1"], "'127.0.0.1:-1' is not ADDRESS:PORT"),
    (["--listen", "1.2.3.4.5:1"], "'1.2.3.4.5:1' is not ADDRESS:PORT"),
    (["--listen", "::1:80"], "'::1:80' is not ADDRESS:PORT"),
    (["--listen", "[::1]"], "'[::1]' is not ADDRESS:PORT"),
    (["--listen", "localhost:25000"], "'localhost:25000' is not ADDRESS:PORT"),
    (["--listen", "127.0.0.1:0", "--listen", "127.0.0.1:0"], "--listen"),
    (["--source", "kqueue"], "--source: 'kqueue' is not one of select, epoll"),
    (["--source", "0"], "--source: '0' is not one of select, epoll"),
    (["--log-level", "loud"], "--log-level: 'loud' is not one of debug, info, warn, error"),
    (["--prefix"], "--prefix"),
    (["--max-connections", "-1"], "--max-connections: '-1' is not a whole number from 0 to"),
    (["--max-connections", "many"], "--max-connections: 'many' is not a whole number from 0 to"),
    (["--max-connections", "1.5"], "--max-connections: '1.5' is not a whole number from 0 to"),
    (["--max-connections", "9" * 30], "--max-connections: '999"),
    (["--buffer", "0"], "--buffer: '0' is not a whole number from 1 to"),
    (["--buffer", "99999999999"], "--buffer: '99999999999' is not a whole number from 1 to"),
    (["--idle-timeout", "-1"], "--idle-timeout: '-1' is not a number of seconds from 0 to"),
    (["--idle-timeout", "nan"], "--idle-timeout: 'nan' is not a number of seconds from 0 to"),
    (["--idle-timeout", "inf"], "--idle-timeout: 'inf' is not a number of seconds from 0 to"),
    (["--idle-timeout", "soon"], "--idle-timeout: 'soon' is not a number of seconds from 0 to"),
    (["--idle-timeout", ""], "--idle-timeout"),
    (["--drain-timeout", "1e300"], "--drain-timeout: '1e300' is not a number of seconds from 0 to"),
    (["--drain-timeout", "3s"], "--drain-timeout: '3s' is not a number of seconds from 0 to"),
    (["--stats", "x"], "--stats: 'x' is not a number of seconds from 0 to"),
    (["--watchdog", "-0.5"], "--watchdog: '-0.5' is not a number of seconds from 0 to"),
)


class Refusals(unittest.TestCase):
    def assert_refused(self, answer, status, *parts):
        self.assertEqual(answer[:2], (status, ""), answer[2])
        self.assertRegex(answer[2], r"\Arehearsal: [^\n]*\n\Z")
        self.assertTrue(answer[2].isprintable() or answer[2][:-1].isprintable(), answer[2])
        for part in parts:
            self.assertIn(part, answer[2])

    def test_bad_flags(self):
        for flags, part in BAD_FLAGS:
            with self.subTest(flags=flags):
                self.assert_refused(run_to_the_end(flags), 2, part)

    def test_a_port_that_is_taken(self):
        for source in ("select", "epoll"):
            for family, host in ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")):
                with socket.create_server((host, 0), family=family) as taken:
                    host = f"[{host}]" if ":" in host else host
                    at = f"{host}:{taken.getsockname()[1]}"
                    with self.subTest(source=source, at=at):
                        self.assert_refused(
                            run_to_the_end(["--listen", at, "--source", source]), 1,
                            f"listen on {at}: Address already in use")

    def test_an_address_that_is_not_of_this_machine(self):
        self.assert_refused(run_to_the_end(["--listen", "192.0.2.1:0"]), 1,
                            "listen on 192.0.2.1:0: Cannot assign requested address")

    def test_a_port_that_it_may_not_have(self):
        answer = run_to_the_end(["--listen", "0.0.0.0:1"], prefix=without_privileges())
        self.assert_refused(answer, 1, "listen on 0.0.0.0:1: Permission denied")


def without_privileges():
    """Returns a command that runs another one without access to ports below 1024."""
    prefix = []
    first_for_all = pathlib.Path("/proc/sys/net/ipv4/ip_unprivileged_port_start")
    if first_for_all.exists() and int(first_for_all.read_text()) <= 1:
        # Many containers allow these ports; a network namespace of its own has the usual limit.
        prefix = ["unshare", "--map-root-user", "--net"]
    prefix += ["setpriv", "--bounding-set=-net_bind_service", "--inh-caps=-net_bind_service"]
    if subprocess.run([*prefix, "true"], capture_output=True, check=False).returncode == 0:
        return prefix
    return []  # there are no privileges to drop


if __name__ == "__main__":
    unittest.main()
