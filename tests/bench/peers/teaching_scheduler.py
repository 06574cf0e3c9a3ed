"""The classic generator scheduler, as it is taught: a few dozen lines over select().

A task is a generator. It yields a reason and a socket when it has to wait. The scheduler parks it
in the map of that reason until select() reports the socket as ready. It polls I/O only when no task
can run. This program is a peer of the bench and keeps the faults that make it short."""

import argparse
import collections
import os
import select
import signal
import socket

tasks = collections.deque()
recv_wait = {}
send_wait = {}


def run():
    while tasks or recv_wait or send_wait:
        while not tasks:
            can_recv, can_send, _ = select.select(recv_wait, send_wait, [])
            for ready in can_recv:
                tasks.append(recv_wait.pop(ready))
            for ready in can_send:
                tasks.append(send_wait.pop(ready))
        task = tasks.popleft()
        try:
            reason, what = next(task)
            if reason == "recv":
                recv_wait[what] = task
            elif reason == "send":
                send_wait[what] = task
            else:
                raise RuntimeError("unknown reason to wait: %r" % (reason,))
        except StopIteration:
            pass


def tcp_server(listener, handler):
    while True:
        yield "recv", listener
        client, _ = listener.accept()
        client.setblocking(False)
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        tasks.append(handler(client))


def echo_handler(client, size):
    # The original drops the bytes that a partial send leaves over, and lets a reset end the whole
    # server. A bench that checks each byte cannot use that. So here the rest is sent, and a reset
    # ends only its own client.
    with client:
        try:
            while True:
                yield "recv", client
                data = client.recv(size)
                if not data:
                    break
                while data:
                    yield "send", client
                    data = data[client.send(data):]
        except ConnectionError:
            pass


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--buffer", type=int, default=32768)
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
    listener = socket.create_server(("127.0.0.1", options.port), backlog=socket.SOMAXCONN)
    print("listening on 127.0.0.1:%d" % listener.getsockname()[1], flush=True)
    tasks.append(tcp_server(listener, lambda client: echo_handler(client, options.buffer)))
    run()


if __name__ == "__main__":
    main()
