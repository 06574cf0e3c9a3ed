#!/usr/bin/env python3
"""Tests `rehearsal serve echo` over TLS with real clients, openssl s_client and curl, and with
certificates and keys that are wrong.

usage: serve_tls_test.py PROGRAM [ARGUMENTS OF unittest]"""

import pathlib
import shutil
import socket
import ssl
import subprocess
import sys
import tempfile
import unittest

import serve_program
from serve_both import over_both_sources
from serve_clients import letters
from serve_program import PATIENCE, Server, run_to_the_end

folder = None


def setUpModule():
    global folder
    for tool in ("openssl", "curl"):
        if shutil.which(tool) is None:
            raise AssertionError(f"{tool} is missing: install the Debian package {tool}")
    folder = tempfile.TemporaryDirectory()
    for name in ("own", "other"):
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
             "-nodes", "-keyout", path(name + ".key"), "-out", path(name + ".pem"),
             "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"],
            check=True, capture_output=True)
    pathlib.Path(path("text")).write_text("hello\n")


def tearDownModule():
    folder.cleanup()


def path(name):
    return str(pathlib.Path(folder.name, name))


def flags(certificate="own.pem", key="own.key"):
    return ["--tls-cert", path(certificate), "--tls-key", path(key)]


def connect(server, **options):
    context = ssl.create_default_context(cafile=path("own.pem"))
    for name, value in options.items():
        setattr(context, name, value)
    raw = socket.create_connection(server.address, timeout=PATIENCE)
    return context.wrap_socket(raw, server_hostname="localhost")


@over_both_sources
class TlsClients:
    def test_s_client_gets_back_what_it_says(self):
        with Server(*flags(), source=self.source) as server:
            client = subprocess.Popen(
                ["openssl", "s_client", "-quiet", "-no_ign_eof", "-verify_return_error",
                 "-CAfile", path("own.pem"), "-connect", "{}:{}".format(*server.address)],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
            for line in (b"one\n", b"two\n"):
                client.stdin.write(line)
                client.stdin.flush()
                self.assertEqual(client.stdout.readline(), line)
            client.stdin.close()
            self.assertEqual(client.wait(PATIENCE), 0)
            client.stdout.close()
            self.assertEqual(server.stop(), 0)

    def test_curl_sees_its_own_request(self):
        with Server(*flags(), source=self.source) as server:
            # curl takes the echo for an answer of HTTP/0.9, and reads until the end, which comes
            # when the server stops.
            client = subprocess.Popen(
                ["curl", "--silent", "--show-error", "--http0.9", "--no-buffer",
                 "--cacert", path("own.pem"), "https://{}:{}/page".format(*server.address)],
                stdout=subprocess.PIPE)
            self.assertEqual(client.stdout.readline(), b"GET /page HTTP/1.1\r\n")
            client.terminate()
            client.wait(PATIENCE)
            client.stdout.close()

    def test_much_comes_back_and_each_version_works(self):
        much = letters(3_000_000, 1)
        for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
            with self.subTest(version=version), Server(*flags(), source=self.source) as server:
                with connect(server, maximum_version=version,
                             minimum_version=version) as client:
                    heard = b""
                    for start in range(0, len(much), 50_000):
                        client.sendall(much[start:start + 50_000])
                        while len(heard) < start + 50_000:
                            heard += client.recv(65536)
                    self.assertEqual(heard, much)
                    # A close-notify each way.
                    client.unwrap().close()

    def test_a_client_without_tls_is_dropped_and_others_are_served(self):
        with Server(*flags(), "--log-level", "info", source=self.source) as server:
            with socket.create_connection(server.address, timeout=PATIENCE) as plain:
                plain.sendall(b"GET / HTTP/1.0\r\n\r\n")
                server.wait_for_log("TLS handshake with .*: http request")
            with connect(server) as client:
                client.sendall(b"still there")
                self.assertEqual(client.recv(100), b"still there")

    def test_a_handshake_that_takes_too_long_is_cut(self):
        with Server(*flags(), "--idle-timeout", "0.2", source=self.source) as server:
            with socket.create_connection(server.address, timeout=PATIENCE) as silent:
                with self.assertRaises(ConnectionResetError):
                    silent.recv(1)
            server.wait_for_log("timed out")

    def test_a_recording_is_replayed(self):
        with Server(*flags(), "--record", path("recording-" + self.source),
                    source=self.source) as server:
            with connect(server) as client:
                client.sendall(b"recorded")
                self.assertEqual(client.recv(100), b"recorded")
            self.assertEqual(server.stop(), 0)
        done = subprocess.run([serve_program.program, "replay", path("recording-" + self.source)],
                              capture_output=True, text=True, timeout=PATIENCE)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertIn(": identical", done.stdout)


class TlsRefusals(unittest.TestCase):
    def assert_refused(self, flags, *parts):
        status, printed, errors = run_to_the_end(["--listen", "127.0.0.1:0", *flags])
        self.assertEqual((status, printed), (2, ""), errors)
        self.assertRegex(errors, r"\Arehearsal: [^\n]*\n\Z")
        for part in parts:
            self.assertIn(part, errors)

    def test_files_that_are_missing(self):
        self.assert_refused(flags(certificate="none.pem"), "TLS certificate", "none.pem",
                            "No such file or directory")
        self.assert_refused(flags(key="none.key"), "TLS key", "none.key",
                            "No such file or directory")
        self.assert_refused(flags(certificate="."), "Is a directory")

    def test_files_that_hold_something_else(self):
        self.assert_refused(flags(certificate="own.key"), "own.key",
                            "has no certificate in PEM format")
        self.assert_refused(flags(key="text"), "text", "is not a private key in PEM format")

    def test_a_key_of_another_certificate(self):
        self.assert_refused(flags(key="other.key"), "other.key", "does not belong to", "own.pem")

    def test_one_flag_without_the_other(self):
        self.assert_refused(flags()[:2], "--tls-cert requires --tls-key")
        self.assert_refused(flags()[2:], "--tls-key requires --tls-cert")


if __name__ == "__main__":
    if len(sys.argv) < 2:
        print(__doc__, file=sys.stderr)
        sys.exit(2)
    serve_program.program = sys.argv.pop(1)
    unittest.main(verbosity=2, warnings="ignore")
