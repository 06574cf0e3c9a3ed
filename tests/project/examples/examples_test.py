#!/usr/bin/env python3
"""Builds an example as a project of its own, from an installed tree, and runs its tests and its
program with a real client.

usage: examples_test.py EXAMPLE SOURCE_DIR PREFIX WORK_DIR [SETTINGS OF CMAKE...]

SOURCE_DIR is the root of Rehearsal, PREFIX its installation; WORK_DIR may be written to."""

import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile

PATIENCE = 600  # seconds, for anything that may take long on a busy machine


class Failed(Exception):
    pass


def expect(found, wanted):
    if found != wanted:
        raise Failed(f"expected {wanted!r}, found {found!r}")


def run(*command):
    done = subprocess.run([str(one) for one in command], capture_output=True, text=True,
                          timeout=PATIENCE)
    return done.returncode, done.stdout + done.stderr


class Program:
    """A program that was started, and the address at the end of its first line."""

    def __init__(self, *command):
        self.process = subprocess.Popen([str(one) for one in command], stdout=subprocess.PIPE,
                                        text=True)
        first = self.line()
        found = re.search(r"(127\.0\.0\.1):(\d+)$", first)
        if not found:
            raise Failed(f"no address in {first!r}")
        self.at = found.group(1), int(found.group(2))

    def line(self):
        return self.process.stdout.readline().rstrip("\n")

    def connect(self):
        return socket.create_connection(self.at, PATIENCE)

    def end(self, number=signal.SIGTERM):
        self.process.send_signal(number)
        return self.process.wait(PATIENCE)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()


def receive(connection, until):
    came = b""
    while not came.endswith(until):
        piece = connection.recv(1 << 16)
        if not piece:
            break
        came += piece
    return came


def teaching(build):
    with Program(build / "teaching", 0) as server:
        with server.connect() as first, server.connect() as second:
            second.sendall(b"hello")
            expect(receive(second, b"hello"), b"GOT:hello")
            first.sendall(b"world")
            expect(receive(first, b"world"), b"GOT:world")
        expect(server.line(), "task done: server/echo")
        expect(server.line(), "task done: server/echo")
        expect(run(build / "teaching", server.at[1]),
               (1, "teaching: listen: Address already in use\n"))


def echo(build):
    with Program(build / "serve", "127.0.0.1:0") as server:
        with server.connect() as client:
            client.sendall(b"hello\n")
            expect(receive(client, b"\n"), b"hello\n")
        expect(server.end(), 0)


def ledger(build):
    with tempfile.TemporaryDirectory() as folder:
        with Program(build / "ledger", "serve", 0, folder, "careful") as server:
            with server.connect() as client:
                client.sendall(b"add 5\n")
                expect(receive(client, b"\n").split(), [b"5"])
            server.end(signal.SIGKILL)
        status, said = run(build / "ledger", "replay", folder)
        expect(status, 0)
        if ": identical for " not in said:
            raise Failed(said)


def bank(build):
    with Program(build / "bank", "127.0.0.1:0") as server:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
            for balance in (1, 2):
                client.sendto(b"1", server.at)
                expect(server.line(), f"balance {balance}")
        expect(server.end(), 0)


def counter(build):
    with Program(build / "counter", "serve", "127.0.0.1:0") as server:
        at = "%s:%d" % server.at
        expect(run(build / "counter", "add", at, "Ada", 5), (0, "5\n"))
        expect(run(build / "counter", "add", at, "Grace", 2), (0, "7\n"))
        # Repeats her first request, which was already counted.
        expect(run(build / "counter", "add", at, "Ada", 5), (0, "5\n"))
    expect(run(build / "counter")[0], 2)


def main(name, source, prefix, work, *settings):
    example = pathlib.Path(source) / "examples" / name
    build = pathlib.Path(work) / name
    shutil.rmtree(build, ignore_errors=True)
    for command in (["cmake", "-S", example, "-B", build, f"-DCMAKE_PREFIX_PATH={prefix}",
                     *settings],
                    ["cmake", "--build", build],
                    ["ctest", "--test-dir", build, "--output-on-failure"]):
        status, said = run(*command)
        if status != 0:
            raise Failed(said)
    {"teaching": teaching, "echo": echo, "ledger": ledger, "bank": bank,
     "counter": counter}[name](build)


if __name__ == "__main__":
    # Test settings of the surrounding build must not reach the tests of the example.
    for variable in ("GTEST_OUTPUT", "GTEST_FILTER"):
        os.environ.pop(variable, None)
    try:
        main(*sys.argv[1:])
    except Failed as failure:
        sys.exit(f"examples_test: {sys.argv[1]}: {failure}")
