#!/usr/bin/env python3
"""Sweeps on a real Slurm of one node, and compares each report with that of this machine.

usage: slurm.py PROGRAM PLANTED SCRIPTS

Starts munged, slurmctld and slurmd as root, in a temporary folder and with ports on loopback,
submits through SCRIPTS (harness/sweep/clusters), and ends the daemons in any case. PROGRAM is
`rehearsal`; PLANTED has its commands over scenarios that fail. Exit status: 0 each report is the
same to the byte, and so is its exit status; 1 one differs, or a daemon fails; 2 bad input."""

import ctypes
import os
import pathlib
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time

# Maximum seconds for what takes ten on a quiet machine.
PATIENCE = 300 * int(os.environ.get("REHEARSAL_TEST_PATIENCE", "1"))
PR_SET_CHILD_SUBREAPER = 36

# No control groups and no accounting, so that it also runs in a container.
CONFIGURATION = """
ClusterName=rehearsal
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort={slurmctld_port}
SlurmdPort={slurmd_port}
CommunicationParameters=NoCtldInAddrAny,NoInAddrAny
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket={folder}/munge.socket
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd.pid
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
MpiDefault=none
MailProg=/bin/true
ReturnToService=2
NodeName=node NodeHostname={host} NodeAddr=127.0.0.1 CPUs={cpus}
PartitionName=all Nodes=node Default=YES MaxTime=INFINITE
"""

# (planted, shards, scenario, seeds, flags)
SWEEPS = (
    (False, 4, "echo.clients", "1..400", ()),
    (False, 3, "echo.restart", "1..90", ("--policy", "pct:3")),
    (True, 5, "throws", "1..1000", ("--policy", "random")),
)


class Failed(Exception):
    pass


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


def wait_until(what, condition):
    end = time.monotonic() + PATIENCE
    while not condition():
        if time.monotonic() > end:
            raise Failed(f"{what}: not after {PATIENCE} s")
        time.sleep(0.1)


def children():
    """The daemons of this process, and their orphans: slurmd leaves the jobs it started alone."""
    return [int(pid) for file in pathlib.Path("/proc/self/task").glob("*/children")
            for pid in file.read_text().split()]


class Slurm:
    def __init__(self, folder):
        self.folder = folder
        self.daemons = {}
        host = socket.gethostname().partition(".")[0]
        for name in "state", "spool":
            (folder / name).mkdir()
        self.key = folder / "munge.key"
        self.key.write_bytes(os.urandom(128))
        self.key.chmod(0o400)
        configuration = folder / "slurm.conf"
        configuration.write_text(CONFIGURATION.format(
            host=host, folder=folder, cpus=os.cpu_count(),
            slurmctld_port=free_port(), slurmd_port=free_port()))
        # Removes the settings of a cluster that this machine may belong to.
        self.environment = {name: value for name, value in os.environ.items()
                            if not name.startswith(("SLURM_", "SBATCH_"))}
        self.environment["SLURM_CONF"] = str(configuration)

    def start(self):
        munge = self.folder / "munge.socket"
        self.start_daemon("munged", "--foreground", "--force", f"--key-file={self.key}",
                          f"--socket={munge}", f"--pid-file={self.folder}/munged.pid",
                          f"--log-file={self.folder}/munged.log",
                          f"--seed-file={self.folder}/munged.seed")
        wait_until("munged listens", lambda: self.alive() and munge.exists())
        self.start_daemon("slurmctld", "-D", "-c")
        wait_until("slurmctld answers", lambda: self.alive() and self.ask("scontrol", "ping") == 0)
        self.start_daemon("slurmd", "-D", "-c")
        wait_until("the node is idle", lambda: self.alive() and
                   "idle" in self.run("sinfo", "--noheader", "--format=%T").stdout)

    def start_daemon(self, name, *flags):
        with open(self.folder / f"{name}.out", "wb") as out:
            self.daemons[name] = subprocess.Popen(
                [f"/usr/sbin/{name}", *flags], stdin=subprocess.DEVNULL, stdout=out,
                stderr=subprocess.STDOUT, env=self.environment)

    def alive(self):
        for name, daemon in self.daemons.items():
            if daemon.poll() is not None:
                raise Failed(f"{name} ended with {daemon.returncode}")
        return True

    def run(self, *command):
        return subprocess.run([str(word) for word in command], capture_output=True, text=True,
                              stdin=subprocess.DEVNULL, cwd=self.folder, env=self.environment)

    def ask(self, *command):
        return self.run(*command).returncode

    def sweep(self, scripts, program, shards, scenario, seeds, flags):
        """Returns (output of the merging job, its exit status)."""
        results = self.folder / f"results of {scenario}"
        done = self.run(scripts / "slurm_sweep.sh", shards, results, program, scenario, seeds,
                        *flags)
        jobs = re.search(r"shards: job (\d+), merge: job (\d+), report: (.*)", done.stdout)
        if done.returncode != 0 or jobs is None:
            raise Failed(f"slurm_sweep.sh: {done.stdout}{done.stderr}")
        array, merge, report = jobs.groups()

        def ended():
            left = self.run("squeue", "--noheader", f"--jobs={array},{merge}")
            return self.alive() and left.returncode == 0 and not left.stdout.strip()

        wait_until(f"the jobs of {scenario} end", ended)
        job = self.run("scontrol", "show", "job", merge).stdout
        status = re.search(r"ExitCode=(\d+):0", job)
        if status is None:
            raise Failed(f"the job that merges:\n{job}")
        return pathlib.Path(report).read_text(), int(status.group(1))

    def end(self):
        for name in reversed(self.daemons):
            self.daemons[name].terminate()
        end = time.monotonic() + PATIENCE
        while children():
            stubborn = time.monotonic() > end
            for pid in children() if stubborn else ():
                os.kill(pid, signal.SIGKILL)
            while children() and os.waitpid(-1, os.WNOHANG)[0] != 0:
                pass
            time.sleep(0.05)

    def logs(self):
        return "".join(f"\n== {file.name}\n" + "".join(file.read_text().splitlines(True)[-20:])
                       for file in sorted(self.folder.glob("*.out")))


def compare(slurm, scripts, program, shards, scenario, seeds, flags):
    report, status = slurm.sweep(scripts, program, shards, scenario, seeds, flags)
    alone = slurm.run(program, "run", scenario, "--seeds", seeds, *flags)
    name = f"{scenario}, seeds {seeds}, {shards} shards"
    if (report, status) != (alone.stdout, alone.returncode):
        raise Failed(f"{name}: on Slurm, exit status {status}:\n{report}\n"
                     f"on this machine, exit status {alone.returncode}:\n{alone.stdout}")
    print(f"{name}: {len(report.encode())} bytes and exit status {status}, as on this machine")


def main():
    if len(sys.argv) != 4:
        print(__doc__, file=sys.stderr)
        return 2
    if os.getuid() != 0:
        print("slurm.py: it starts daemons of root; run it as root", file=sys.stderr)
        return 2
    program, planted, scripts = (pathlib.Path(path).resolve() for path in sys.argv[1:])
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    # Ends its daemons first if it is ended by a signal.
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)  # munge requires that others can reach its socket
        slurm = Slurm(pathlib.Path(folder))
        try:
            slurm.start()
            for is_planted, *sweep in SWEEPS:
                compare(slurm, scripts, planted if is_planted else program, *sweep)
            print(f"{len(SWEEPS)} sweeps: each report and exit status is that of this machine")
        except Failed as failure:
            print(f"slurm.py: {failure}{slurm.logs()}", file=sys.stderr)
            return 1
        finally:
            slurm.end()
    return 0


if __name__ == "__main__":
    sys.exit(main())
