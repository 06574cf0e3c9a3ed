"""Runs the commands of `rehearsal`, and finds the parts of their output that the tests compare."""

import fcntl
import os
import pty
import re
import struct
import subprocess
import tempfile
import termios

# Maximum seconds for a command; on a quiet machine none takes thirty.
PATIENCE = 600 * int(os.environ.get("REHEARSAL_TEST_PATIENCE", "1"))


def run(*command, **options):
    """Returns (exit status, stdout, stderr)."""
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True,
                          timeout=PATIENCE, stdin=subprocess.DEVNULL, **options)
    return done.returncode, done.stdout, done.stderr


def on_a_terminal(columns, stream, *command):
    """Runs it with `stream`, "stdout" or "stderr", on a terminal. Returns (exit status, output to
    the terminal, output to the other stream)."""
    main, other = pty.openpty()
    fcntl.ioctl(other, termios.TIOCSWINSZ, struct.pack("HHHH", 50, columns, 0, 0))
    with tempfile.TemporaryFile("w+") as file:
        streams = {"stdout": file, "stderr": file, stream: other}
        process = subprocess.Popen([str(word) for word in command], **streams)
        os.close(other)
        shown = b""
        try:
            while True:
                shown += os.read(main, 4096)
        except OSError:  # the other end is closed
            pass
        os.close(main)
        status = process.wait(timeout=PATIENCE)
        file.seek(0)
        return status, shown.decode(), file.read()


def paste(line):
    """Runs a line in a shell."""
    return run("sh", "-c", line)


def replay_lines(text):
    return re.findall(r"(?m)^Reproduce\n(.*)$", text)


def resuming_lines(text):
    """Returns the commands that resume a shrink that reached its run limit."""
    return re.findall(r"may not be minimal\)\. Continue with:\n(.*)\n", text)


def failed_seeds(text):
    """Returns the names of the failures, in the order of the report."""
    return [int(seed) for seed in re.findall(r"(?m)^FAILED \S+, seed (\d+):", text)]


def digest(text):
    return re.search(r"digest ([0-9a-f]{16})", text).group(1)
