"""Runs `rehearsal serve echo` as its users do: a process with flags, two streams and signals."""

import os
import pathlib
import re
import select
import signal
import subprocess
import tempfile
import time

# Maximum seconds for anything that must happen; long, because machines are busy
# and sanitizers slow.
PATIENCE = 600 * int(os.environ.get("REHEARSAL_TEST_PATIENCE", "1"))
program = None  # the path, set by the script that runs the tests


def until(condition, what):
    """Waits until condition() is true, and returns its value."""
    deadline = time.monotonic() + PATIENCE
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise AssertionError(f"this did not happen within {PATIENCE} s: {what}")
        time.sleep(0.01)


def run_to_the_end(flags, prefix=(), **options):
    """Runs a server that should not start. Returns (exit status, stdout, stderr)."""
    done = subprocess.run([*prefix, program, "serve", "echo", *flags], capture_output=True,
                          text=True, timeout=PATIENCE, stdin=subprocess.DEVNULL, **options)
    return done.returncode, done.stdout, done.stderr


class Server:
    """A server that listens from `with` until its end; the system picks the port. `limits` are its
    soft and hard limit on open files.

    If a test fails inside the `with`, the failure shows the output of the server."""

    def __init__(self, *flags, source="select", listen="127.0.0.1:0", limits=None, stderr=None):
        self._flags = ["--listen", listen, "--source", source, *flags]
        self._limits = limits
        self._stderr = stderr
        self.source = source
        self.process = None
        self.first_line = ""

    def __enter__(self):
        self._folder = tempfile.TemporaryDirectory()
        self._log_path = pathlib.Path(self._folder.name, "log")
        with open(self._stderr or self._log_path, "wb") as log:
            self.process = subprocess.Popen(
                self._command(), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=log)
        try:
            self.first_line = self._read_line()
            found = re.fullmatch(r"echo listens on (\S+) \((\w+)\)\n", self.first_line)
            if not found:
                raise AssertionError(f"unexpected first line: {self.first_line!r}")
            before, _, after = found.group(1).rpartition(":")
            self.host = before.strip("[]")
            self.address = after if before == "unix" else (self.host, int(after))
        except BaseException as failure:
            self.__exit__(type(failure), failure, None)
            raise
        return self

    def __exit__(self, kind, failure, trace):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        self.process.stdout.close()
        log = self.log()
        self._folder.cleanup()
        if failure is not None and log:
            failure.args = (f"{failure}\n--- the server wrote:\n{log[-4000:]}",)

    def _command(self):
        command = [program, "serve", "echo", *self._flags]
        if self._limits is not None:
            command = ["prlimit", "--nofile={}:{}".format(*self._limits), *command]
        return command

    def _read_line(self):
        ready, _, _ = select.select([self.process.stdout], [], [], PATIENCE)
        return self.process.stdout.readline().decode() if ready else ""

    @property
    def port(self):
        return self.address[1]

    def log(self):
        """Returns the stderr output so far."""
        return self._log_path.read_text(errors="replace") if self._log_path.exists() else ""

    def wait_for_log(self, pattern):
        """Waits until `pattern` matches the log; returns the match."""
        def found():
            if self.process.poll() is not None and not re.search(pattern, self.log()):
                raise AssertionError(f"the server ended without {pattern!r}")
            return re.search(pattern, self.log())
        return until(found, f"{pattern!r} in the log")

    def signal(self, number):
        self.process.send_signal(number)

    def wait(self):
        """Waits for the end; returns the exit status."""
        return self.process.wait(PATIENCE)

    def stop(self):
        """Sends SIGTERM; returns the exit status."""
        self.signal(signal.SIGTERM)
        return self.wait()

    def tasks(self):
        """Returns the lines of the task dump that SIGUSR1 requests, without its heading."""
        before = len(self.log())
        self.signal(signal.SIGUSR1)

        def whole():
            found = re.search(r"(?m)^(\d+) tasks?\n.*WAITS ON.*\n((?:.*\n)*)", self.log()[before:])
            lines = found.group(2).splitlines() if found else []
            return lines if found and len(lines) >= int(found.group(1)) else None
        return until(whole, "the list of tasks")

    def processor_seconds(self):
        status = pathlib.Path(f"/proc/{self.process.pid}/stat").read_text()
        fields = status.rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
