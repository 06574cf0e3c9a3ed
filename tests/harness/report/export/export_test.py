#!/usr/bin/env python3
"""Reads the files for other tools of planted bugs: export_test.py BENCH_BUGS WORK_DIR [--all]"""

import collections
import json
import pathlib
import re
import subprocess
import sys
import unittest

NAMES = ("backlog_overflow", "half_close", "overtaken_datagram", "reset_as_end")
bench_bugs, work_dir = "", pathlib.Path()
KINDS = ("trace", "pcapng", "perfetto", "shiviz")
# Every checksum is compared, too.
TSHARK = ("tshark", "-o", "ip.check_checksum:TRUE", "-o", "tcp.check_checksum:TRUE",
          "-o", "udp.check_checksum:TRUE")


def bugs():
    listed = subprocess.run([bench_bugs, "list"], capture_output=True, text=True, check=True)
    names = [line.split()[0] for line in listed.stdout.splitlines()]
    return tuple(name for name in names if not name.endswith(".fixed"))


def read_bytes(text):
    """Returns the bytes that a text of a trace represents."""
    return b"".join(bytes([ord(c) - 0x10ff00]) if ord(c) >= 0x10ff80 else c.encode() for c in text)


class Run:
    """The files of one planted bug."""

    def __init__(self, name):
        self.files = {kind: work_dir / f"{name}.{kind}" for kind in KINDS}
        found = subprocess.run([bench_bugs, "run", name, "--seeds", "1..2000"],
                               capture_output=True, text=True, check=False).stdout
        self.schedule = re.search(r"replay '([^']*)'", found)[1]
        flags = [word for kind in KINDS for word in (f"--{kind}", str(self.files[kind]))]
        done = subprocess.run([bench_bugs, "replay", self.schedule, *flags],
                              capture_output=True, text=True, check=False)
        assert done.returncode in (1, 3, 4, 6), done.stderr
        self.events = [json.loads(line) for line in
                       self.files["trace"].read_text().splitlines()[1:-1]]

    def tshark(self, *words):
        return subprocess.run([*TSHARK, "-r", self.files["pcapng"], *words], capture_output=True,
                              text=True, check=True, stdin=subprocess.DEVNULL).stdout

    def fields(self, wanted, *names):
        words = [word for name in names for word in ("-e", name)]
        return [line.split("\t") for line in
                self.tshark("-Y", wanted, "-T", "fields", *words).splitlines()]

    def sent(self):
        """Returns what each end of each connection has sent, by its name."""
        streams = collections.defaultdict(bytes)
        for event in self.events:
            if event["op"] == "send" and event.get("result", 0) > 0:
                data = read_bytes(event["bytes"])
                assert len(data) == event["result"]
                streams[event["handle"]] += data
        return streams


class Exports(unittest.TestCase):
    names = NAMES

    @classmethod
    def setUpClass(cls):
        work_dir.mkdir(parents=True, exist_ok=True)
        cls.runs = {name: Run(name) for name in cls.names}

    def each_run(self):
        for name, run in self.runs.items():
            with self.subTest(name):
                yield run

    def test_wireshark_finds_nothing_wrong_that_the_run_did_not_cause(self):
        for run in self.each_run():
            wrong = run.fields("_ws.malformed or ip.checksum.status == 0 or "
                               "tcp.checksum.status == 0 or udp.checksum.status == 0",
                               "frame.number")
            self.assertEqual(wrong, [])
            flagged = run.fields("tcp.analysis.flags", "frame.comment")
            if not re.search(r"\blost/", run.schedule):
                self.assertEqual(flagged, [])
            for comment, in flagged:
                self.assertIn("retransmission", comment)

    def test_streams_have_the_bytes_that_the_program_sent(self):
        for run in self.each_run():
            if not run.sent():
                continue
            numbers = {number for number, in run.fields("tcp", "tcp.stream")}
            followed = []
            for number in numbers:
                text = run.tshark("-q", "-z", f"follow,tcp,raw,{number}")
                lines = [line for line in text.splitlines()
                         if re.fullmatch(r"\t?([0-9a-f]{2})+", line)]
                for from_server in (False, True):
                    followed.append(bytes.fromhex("".join(
                        line.strip() for line in lines if line.startswith("\t") == from_server)))
            self.assertEqual(sorted(one for one in followed if one), sorted(run.sent().values()))

    def test_a_datagram_is_a_packet(self):
        for run in self.each_run():
            sent = [event for event in run.events if event["op"] == "send_to" and "result" in event]
            self.assertEqual(len(run.fields("udp and not icmp", "frame.number")), len(sent))

    def test_each_host_is_an_interface_and_a_name(self):
        for run in self.each_run():
            hosts = {event["host"] for event in run.events if event["op"] in ("send", "send_to")}
            seen = {name for name, in run.fields("frame", "frame.interface_name")}
            self.assertLessEqual(hosts, seen)

    def test_a_packet_is_on_the_interface_of_its_sender(self):
        for run in self.each_run():
            interfaces = collections.defaultdict(set)
            for sender, interface in run.fields("ip", "ip.src", "frame.interface_name"):
                interfaces[sender].add(interface)
            self.assertEqual({len(names) for names in interfaces.values()}, {1})
            self.assertEqual(len(set.union(*interfaces.values())), len(interfaces))

    def test_perfetto_reads_a_process_for_each_host_and_pairs_of_flows(self):
        for run in self.each_run():
            events = json.loads(run.files["perfetto"].read_text())["traceEvents"]
            needed = {"M": {"name", "pid", "tid", "args"}, "X": {"name", "pid", "tid", "ts", "dur"},
                      "s": {"id", "name", "cat", "pid", "tid", "ts"},
                      "f": {"id", "name", "cat", "pid", "tid", "ts", "bp"}}
            for one in events:
                self.assertLessEqual(needed[one["ph"]], set(one))
            processes = {one["args"]["name"] for one in events if one["name"] == "process_name"}
            self.assertEqual(processes, {event["host"] for event in run.events})
            slices = [one for one in events if one["ph"] == "X" and one["cat"] == "event"]
            self.assertEqual(len(slices), len(run.events))
            begins = {one["id"]: one for one in events if one["ph"] == "s"}
            ends = {one["id"]: one for one in events if one["ph"] == "f"}
            self.assertEqual(set(begins), set(ends))
            places = {(one["pid"], one["tid"], one["ts"]) for one in slices}
            for one in [*begins.values(), *ends.values()]:  # a flow needs a slice at each end
                self.assertIn((one["pid"], one["tid"], one["ts"]), places)

    def test_slices_of_a_thread_do_not_overlap(self):
        for run in self.each_run():
            events = json.loads(run.files["perfetto"].read_text())["traceEvents"]
            waits = collections.defaultdict(list)
            for one in events:
                if one["ph"] == "X" and one["cat"] == "wait":
                    waits[one["pid"], one["tid"]].append((one["ts"], one["ts"] + one["dur"]))
            for spans in waits.values():
                for (_, end), (begin, _) in zip(spans, spans[1:]):
                    self.assertLessEqual(end, begin + 1e-6)

    def test_shiviz_sees_each_message_after_it_was_sent(self):
        for run in self.each_run():
            # The default regular expression of ShiViz.
            parsed = re.findall(r"(?P<event>.*)\n(?P<host>\S*) (?P<clock>{.*})\n",
                                run.files["shiviz"].read_text())
            self.assertEqual(len(parsed), len(run.events))
            clocks = [(host, json.loads(clock)) for _, host, clock in parsed]
            own = collections.Counter()
            for host, clock in clocks:
                own[host] += 1
                self.assertEqual(clock[host], own[host])  # one event more of its own
                for other, count in clock.items():
                    self.assertLessEqual(count, own[other])  # nothing of the future
            for i, event in enumerate(run.events):
                if event["op"] == "deliver" and "cause" in event:
                    sender, clock = clocks[event["cause"] - 1]
                    self.assertGreaterEqual(clocks[i][1][sender], clock[sender])


if __name__ == "__main__":
    bench_bugs, work_dir = sys.argv[1], pathlib.Path(sys.argv[2]).resolve()
    if "--all" in sys.argv:
        Exports.names = bugs()
    done = unittest.main(argv=sys.argv[:1], exit=False).result
    if "--all" in sys.argv and done.wasSuccessful():
        print(f"{len(Exports.names)} runs in files of other tools")
    sys.exit(0 if done.wasSuccessful() else 1)
