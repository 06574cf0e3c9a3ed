"""Clients of an echo server: plain sockets if the order matters, asyncio for crowds."""

import asyncio
import contextlib
import fcntl
import random
import resource
import socket
import struct
import termios

from serve_program import PATIENCE


class Client:
    """One connection; every call waits for at most PATIENCE seconds."""

    def __init__(self, address):
        self.socket = socket.create_connection(address, timeout=PATIENCE)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def say(self, what):
        self.socket.sendall(what)

    def hear(self, size):
        """Returns exactly `size` bytes, or fewer if the server has finished."""
        heard = b""
        while len(heard) < size:
            piece = self.socket.recv(size - len(heard))
            if not piece:
                break
            heard += piece
        return heard

    def ask(self, what):
        """Sends it, and returns as many bytes as come back."""
        self.say(what)
        return self.hear(len(what))

    def hears_nothing_for(self, seconds):
        self.socket.settimeout(seconds)
        try:
            return self.socket.recv(1) is None
        except TimeoutError:
            return True
        finally:
            self.socket.settimeout(PATIENCE)

    def finish(self):
        self.socket.shutdown(socket.SHUT_WR)

    def reset(self):
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.socket.close()

    def hear_all(self):
        """Returns (every byte, how it ended: "end" or "reset")."""
        heard = bytearray()
        while True:
            try:
                piece = self.socket.recv(1 << 20)
            except ConnectionResetError:
                return bytes(heard), "reset"
            if not piece:
                return bytes(heard), "end"
            heard += piece

    def say_without_waiting(self, what):
        """Returns how many of the bytes the kernel took."""
        self.socket.setblocking(False)
        taken = 0
        try:
            while taken < len(what):
                taken += self.socket.send(what[taken:])
        except BlockingIOError:
            pass
        finally:
            self.socket.settimeout(PATIENCE)
        return taken

    def unacknowledged(self):
        """Returns how many bytes the other kernel has not acknowledged (tcp(7), SIOCOUTQ)."""
        answer = fcntl.ioctl(self.socket, termios.TIOCOUTQ, b"\0\0\0\0")
        return struct.unpack("i", answer)[0]


@contextlib.contextmanager
def clients_of(address, count):
    """`count` connections, open at the same time and closed at the end."""
    with contextlib.ExitStack() as stack:
        yield [stack.enter_context(Client(address)) for _ in range(count)]


def letters(size, seed):
    return random.Random(seed).randbytes(size)


def need_descriptors(count):
    """Raises the soft limit on open files; raises an error if the hard limit forbids it."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < count:
        raise AssertionError(
            f"this test needs {count} open files, and the hard limit is {hard}: "
            "raise it (ulimit -Hn, /etc/security/limits.conf, docker run --ulimit nofile=...)")
    if soft != resource.RLIM_INFINITY and soft < count:
        resource.setrlimit(resource.RLIMIT_NOFILE, (count, hard))


class CrowdMember(asyncio.Protocol):
    """Sends one message at a time, and compares every byte that comes back."""

    def __init__(self):
        self.transport = None
        self._expected = memoryview(b"")
        self._came = 0
        self._answered = None
        self._failure = None

    def connection_made(self, transport):
        self.transport = transport

    def ask(self, message):
        """Returns a future that is done when the message has come back."""
        self._expected = memoryview(message)
        self._came = 0
        self._answered = asyncio.get_running_loop().create_future()
        if self._failure:
            self._answered.set_exception(self._failure)
        else:
            self.transport.write(message)
        return self._answered

    def data_received(self, data):
        end = self._came + len(data)
        if self._expected[self._came:end] != data:
            self._fail(AssertionError(f"other bytes came back than were sent, at {self._came}"))
        self._came = end
        if end == len(self._expected) and not self._answered.done():
            self._answered.set_result(None)

    def connection_lost(self, failure):
        self._fail(failure or AssertionError("the server closed the connection"))

    def _fail(self, failure):
        self._failure = failure
        if self._answered and not self._answered.done():
            self._answered.set_exception(failure)


class Crowd:
    """Many connections at once: async with Crowd(address, count) as crowd."""

    def __init__(self, address, count, at_once=256):
        self._address = address
        self._count = count
        self._at_once = asyncio.Semaphore(at_once)  # pending connects: below any backlog
        self._members = []

    async def __aenter__(self):
        self._members = await asyncio.gather(*(self._connect() for _ in range(self._count)))
        return self

    async def __aexit__(self, *_):
        for member in self._members:
            member.transport.abort()

    async def _connect(self):
        async with self._at_once:
            loop = asyncio.get_running_loop()
            _, member = await loop.create_connection(CrowdMember, *self._address)
            return member

    async def ask(self, size_of, seed):
        """All clients send that many bytes of their own at the same time; all bytes come back."""
        messages = [letters(size_of(i), (seed << 32) + i) for i in range(self._count)]
        answers = [member.ask(message) for member, message in zip(self._members, messages)]
        await asyncio.wait_for(asyncio.gather(*answers), PATIENCE)
        return sum(map(len, messages))
