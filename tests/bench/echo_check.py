"""Checks that a server echoes correctly, because the speed of a wrong server means nothing.

Run by hand, it checks the server that listens on a port: echo_check.py PORT."""

import select
import socket
import sys
import time

CLOG = 16 << 20  # more bytes than the socket buffers of both ends hold
PATIENCE = 10.0


class WrongEcho(Exception):
    pass


def connect(port):
    client = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE)
    client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return client


def receive(client, count):
    pieces = bytearray()
    while len(pieces) < count:
        piece = client.recv(count - len(pieces))
        if not piece:
            raise WrongEcho(f"end of stream after {len(pieces)} of {count} bytes")
        pieces += piece
    return bytes(pieces)


def pattern(count):
    block = bytes((index * 151 + 7) % 251 for index in range(251))
    return (block * (count // len(block) + 1))[:count]


def send_until_clogged(client, data):
    """Sends without ever reading, until the server has to stop reading as well."""
    client.setblocking(False)
    sent = 0
    while sent < len(data):
        _, writable, _ = select.select([], [client], [], 0.2)
        if not writable:
            break
        sent += client.send(data[sent:sent + 65536])
    client.settimeout(PATIENCE)
    return sent


def check_echo(port):
    """Raises WrongEcho or OSError unless all bytes come back, in order, even while another client
    clogs. A client that finishes sending must get the rest and then the end of the stream."""
    bystander, clogged = connect(port), connect(port)
    with bystander, clogged:
        data = pattern(CLOG)
        sent = send_until_clogged(clogged, data)
        for size in (1, 64, 16384):
            bystander.sendall(data[:size])
            if receive(bystander, size) != data[:size]:
                raise WrongEcho("a small message came back changed, beside a clogged client")
        if receive(clogged, sent) != data[:sent]:
            raise WrongEcho("a clogged client got other bytes than it sent")
        clogged.sendall(data[:100000])
        clogged.shutdown(socket.SHUT_WR)
        if receive(clogged, 100000) != data[:100000]:
            raise WrongEcho("a client that had finished sending got other bytes than it sent")
        if clogged.recv(1) != b"":
            raise WrongEcho("bytes came back that were not sent")


if __name__ == "__main__":
    began = time.monotonic()
    check_echo(int(sys.argv[1]))
    print(f"the echo is right; checked in {time.monotonic() - began:.2f} s")
