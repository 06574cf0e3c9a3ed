"""The echo servers under test: how to start, find and stop each one."""

import os
import pathlib
import re
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
OURS = {"select": "ours/select", "epoll": "ours/epoll"}
HAND_WRITTEN = {"select": "select_loop", "epoll": "epoll_loop"}
LIBRARIES = ("asio", "libuv", "libevent")
RECORDED = "ours/epoll recorded"


class ServerFailure(Exception):
    """A server did not start, did not echo, or did not end as it should."""


class Server:
    """One kind of server: a name, and the command that starts it on a port the kernel picks."""

    def __init__(self, name, command):
        self.name = name
        self.command = [str(part) for part in command]

    def start(self, prefix=()):
        return RunningServer(self.name, list(prefix) + self.command)


class RecordedServer(Server):
    """Our server, recording all its input and output into a directory of its own."""

    def start(self, prefix=()):
        directory = tempfile.TemporaryDirectory(prefix="recorded-")
        running = RunningServer(self.name, list(prefix) + self.command
                                + ["--record", directory.name])
        running.directory = directory
        return running


class RunningServer:
    """A started server. Leaving the `with` block ends it with SIGTERM and checks that it
    exits with 0.

    Its output goes to files, because no one would drain a pipe while messages are echoed."""

    patience = 10.0

    def __init__(self, name, command):
        self.name = name
        self.output = tempfile.TemporaryFile()
        self.errors = tempfile.TemporaryFile()
        try:
            self.process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=self.output, stderr=self.errors)
        except OSError as problem:
            raise ServerFailure(f"{name} did not start: {problem}") from problem
        self.pid = self.process.pid
        try:
            self.port = self.wait_for_port()
        except BaseException:
            self.kill()
            raise

    def wait_for_port(self):
        deadline = time.monotonic() + self.patience
        while time.monotonic() < deadline:
            found = re.search(rb"127\.0\.0\.1:(\d+)", contents(self.output))
            if found:
                return int(found.group(1))
            if self.process.poll() is not None:
                raise ServerFailure(f"{self.name} did not start: it exited with "
                                    f"{self.process.returncode}: {self.last_words()}")
            time.sleep(0.002)
        raise ServerFailure(f"{self.name} did not print its address within "
                            f"{self.patience:.0f} s: {self.last_words()}")

    def last_words(self):
        said = contents(self.errors) or contents(self.output)
        return said.decode(errors="replace").strip()[-300:] or "no output"

    def kill(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()

    def stop(self):
        if self.process.poll() is None:
            self.process.terminate()
        try:
            status = self.process.wait(self.patience)
        except subprocess.TimeoutExpired:
            self.kill()
            status = "nothing, until it was killed,"
        if status != 0:
            raise ServerFailure(f"{self.name} answered SIGTERM with {status} instead of exit 0: "
                                f"{self.last_words()}")

    def __enter__(self):
        return self

    def __exit__(self, kind, problem, trace):
        if kind is None:
            self.stop()
        else:
            self.kill()


def contents(file):
    return os.pread(file.fileno(), 65536, 0)


def ours_on(ours, source):
    return [ours, "serve", "echo", "--listen", "127.0.0.1:0", "--source", source]


def recorded(ours):
    return RecordedServer(RECORDED, ours_on(ours, "epoll"))


def all_servers(ours, programs):
    """Returns every server in the order of the table: each of ours next to
    its hand-written equivalent.

    Without a path to our program, the hand-written loops take its place. Then every ratio to them
    shows the error of the method itself."""
    def command(source):
        return [programs / HAND_WRITTEN[source]] if ours is None else ours_on(ours, source)

    return [
        Server(OURS["epoll"], command("epoll")),
        *([] if ours is None else [recorded(ours)]),
        Server(HAND_WRITTEN["epoll"], [programs / "epoll_loop"]),
        Server(OURS["select"], command("select")),
        Server(HAND_WRITTEN["select"], [programs / "select_loop"]),
        Server("asio", [programs / "asio_echo"]),
        Server("libuv", [programs / "uv_echo"]),
        Server("libevent", [programs / "event_echo"]),
        Server("libevent bufferevent", [programs / "bufferevent_echo"]),
        Server("teaching scheduler", [sys.executable, HERE / "peers" / "teaching_scheduler.py"]),
    ]
