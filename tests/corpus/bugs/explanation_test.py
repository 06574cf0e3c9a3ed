#!/usr/bin/env python3
"""Tests that the explanation of a failure names the planted bug: its line, or that of the wait
which the bug makes wrong. Counts what stands before the events: what failed, the cause, the point
of no return and the first difference.

usage: explanation_test.py BENCH_BUGS [ARGUMENTS OF unittest]"""

import pathlib
import re
import subprocess
import sys
import unittest

HERE = pathlib.Path(__file__).resolve().parent
bench_bugs = None

# The lines of each bug: parts of their text in planted/NAME.cpp.
CAUSES = {
    "partial_write": ("co_await browser.send(bytes_of(page))",),
    "split_frame": ("co_await client.recv(buffer)",),
    "reset_as_end": ("co_await client.recv(buffer)",),
    "half_close": ("co_await sched::when_any(", "co_await from.recv(buffer)"),
    "late_reply": ("co_await sched::with_timeout(5ms, ask_price",),
    "retried_charge": ("++bank->charges", 'co_await try_ask(host, "bank", order, 1s)'),
    "repeated_datagram": ("++*total", "co_await sched::with_timeout(10ms, await_answer"),
    "overtaken_datagram": ("const sched::Received received = co_await socket.recv_from",),
    "stale_descriptor": ("co_await host_.run_blocking(draw)",),
    "reused_id": ("co_await sched::with_timeout(5ms, slot.answered.wait())",),
    "check_then_act": ('co_await ask(host, "bank", "20 EUR")',),
    "lost_update": ('co_await ask(host, "store", "get")', 'co_await ask(host, "store", "put "'),
    "stale_fill": ('co_await ask(host, "database", "get")',),
    "walked_list": ("co_await try_ask(host, walked[i], news, 1s)",),
    "lost_wakeup": ('co_await ask(host, "monitor", "idle")',),
    "woken_once": ("co_await queue.not_empty.wait(lock)",),
    "unready_worker": ("co_await sched::yield()",),
    "lock_order": ("co_await host.run_blocking(read_journal)",),
    "nested_slots": ("slot = co_await slots.acquire()",),
    "unlock_on_cancel": ("co_await sched::with_timeout(5ms, print", "co_await print_page(host)"),
    "leaked_slot": ('co_await ask(host, "database", "a row")',),
    "timer_after_cancel": ('co_await ask(host_, "backend", user)',),
    "accept_loop": ("std::string name = co_await expect_line(*client)",),
    "backlog_overflow": ("options.backlog =",
                         'co_await try_ask(host, "server", "how are you", 900ms)'),
    "slow_reader": ("co_await send_line(subscriber->stream, news)",),
    "unbounded_queue": ("while (version == Version::fixed && queue->lines.size() >= enough)",),
    "half_open": ("reading = co_await recv_line(sensor)",),
    "reconnect_storm": ("co_await sched::sleep_for(1ms)",),
    "lost_last_reply": ("co_await host.run_blocking(cook)",),
    "early_ack": ("while (version == Version::fixed && log.replicated < mine)",
                  "co_await send_line(backup"),
    "split_brain": ("version_ == Version::buggy || now < lease_until_",
                    "co_await socket_.recv_from(buffer)"),
    "decided_alone": ("co_await sched::with_timeout(10ms, expect_line(coordinator))",),
    "stale_read": ("version_ == Version::fixed && host_.now() >= until_",),
    "old_after_new": ('co_await ask_majority("read")',),
    "skewed_lease": ('co_await ask(host, "locks", "me")',),
    # Faults of hosts at the right moment.
    "lost_mail": ('co_await send_line(client, "accepted")', "co_await send_line(box, *mail)"),
    "paused_holder": ("co_await send_line(store, token)", "co_await sched::sleep_for(5ms)"),
    "voted_twice": ("Vote& last = version", 'co_await try_ask(host, "voter"'),
    "fresh_key": ("co_await try_ask(host, \"bank\", order + ' ' + key, 50ms)",),
    "solo_primary": ('co_await try_ask(host, "backup", "copy " + value',),
    "forgotten_vote": ("known_(version == Version::buggy", 'co_await try_ask(host, participant'),
}


def lines_of(bug):
    """Returns the numbers of the lines in CAUSES."""
    source = (HERE / "planted" / f"{bug}.cpp").read_text().splitlines()
    numbers = []
    for text in CAUSES[bug]:
        found = [number for number, line in enumerate(source, 1) if text in line]
        assert found, f"{bug}: no line has {text}"
        numbers += found
    return numbers


def names_its_cause(bug):
    done = subprocess.run([bench_bugs, "run", bug, "--seeds", "1..2000", "--jobs", "1"],
                          capture_output=True, text=True)
    assert done.returncode not in (0, 2), done.stdout + done.stderr
    words = done.stdout[done.stdout.index("\nFailure\n"):done.stdout.index("\nEvents\n")]
    words = words.split("\nFaults\n")[0]
    return any(re.search(rf"\b{bug}\.cpp:{number}\b", words) for number in lines_of(bug))


class Explanations(unittest.TestCase):
    def test_name_the_cause(self):
        bugs = [line.split()[0] for line in
                subprocess.run([bench_bugs, "list"], capture_output=True,
                               text=True).stdout.splitlines()]
        self.assertEqual([bug for bug in bugs if not bug.endswith(".fixed")], list(CAUSES))
        named = [bug for bug in CAUSES if names_its_cause(bug)]
        unnamed = [bug for bug in CAUSES if bug not in named]
        self.assertGreaterEqual(len(set(named) & set(list(CAUSES)[:35])), 30, unnamed)
        self.assertGreaterEqual(len(named), 35, unnamed)


if __name__ == "__main__":
    bench_bugs = pathlib.Path(sys.argv.pop(1)).resolve()
    unittest.main(verbosity=2)
