#!/usr/bin/env python3
"""Tests the scripts of harness/sweep/clusters in the environment of a cluster: a stand-in for
sbatch runs each job at once, with the variables that Slurm sets.

usage: clusters_test.py PROGRAM PLANTED CLUSTERS [ARGUMENTS OF unittest]"""

import os
import pathlib
import re
import subprocess
import sys
import tempfile
import textwrap
import unittest

from commands import PATIENCE

program = None
planted = None
clusters = None

# Like sbatch(1), it runs a copy of the script from a spool and does not inherit the submitting
# shell. Jobs that the test lists in LOSE end without having run.
SBATCH = r"""#!{python}
import os, pathlib, shutil, subprocess, sys
spool = pathlib.Path(os.environ["SPOOL"])
options, rest = {{}}, sys.argv[1:]
while rest and rest[0].startswith("--"):
    name, _, value = rest.pop(0).partition("=")
    options[name] = value
unknown = set(options) - {{"--parsable", "--array", "--output", "--dependency"}}
if unknown:
    sys.exit(f"sbatch: unrecognized option {{unknown}}")
job = 1000 + len(list(spool.iterdir()))
script = shutil.copy(rest[0], spool / f"job{{job}}")
first, _, last = options.get("--array", "0").partition("-")
tasks = range(int(first), int(last or first) + 1)
for task in tasks:
    if str(task) in os.environ.get("LOSE", "").split():
        continue
    environment = dict(os.environ, SLURM_JOB_ID=str(job))
    if "--array" in options:
        environment.update(SLURM_ARRAY_JOB_ID=str(job), SLURM_ARRAY_TASK_ID=str(task),
                           SLURM_ARRAY_TASK_COUNT=str(len(tasks)),
                           SLURM_ARRAY_TASK_MIN=str(tasks[0]), SLURM_ARRAY_TASK_MAX=str(tasks[-1]))
    output = options.get("--output", "slurm-%A_%a.out").replace("%a", str(task))
    with open(output, "wb") as out:
        status = subprocess.run([script, *rest[1:]], stdout=out, stderr=subprocess.STDOUT,
                                stdin=subprocess.DEVNULL, env=environment).returncode
    with open(spool / f"job{{job}}", "a") as ended:
        ended.write(f"\n# task {{task}} of {{options.get('--dependency')}} ended {{status}}\n")
print(f"{{job}};cluster")
"""


class Slurm(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        (self.folder / "bin").mkdir()
        (self.folder / "spool").mkdir()
        sbatch = self.folder / "bin/sbatch"
        sbatch.write_text(SBATCH.format(python=sys.executable))
        sbatch.chmod(0o755)
        self.results = self.folder / "the results"

    def run_script(self, *command, **environment):
        path = f"{self.folder / 'bin'}:{os.environ['PATH']}"
        return subprocess.run(
            command, capture_output=True, text=True, timeout=PATIENCE, cwd=self.folder,
            env=dict(os.environ, PATH=path, SPOOL=str(self.folder / "spool"), **environment))

    def submit(self, *arguments, **environment):
        return self.run_script(clusters / "slurm_sweep.sh", *arguments, **environment)

    def ends(self):
        """Returns (task, dependency, exit status) of every job that has run."""
        text = "".join(file.read_text() for file in sorted((self.folder / "spool").iterdir()))
        return re.findall(r"# task (\d+) of (\S+) ended (\d+)", text)

    def test_the_report_is_that_of_the_whole_sweep(self):
        done = self.submit("5", self.results.name, planted, "throws", "1..1000", "--policy",
                           "random")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn(f"shards: job 1000, merge: job 1001, report: {self.results}/report.txt",
                      done.stdout)
        whole = subprocess.run([planted, "run", "throws", "--seeds", "1..1000", "--policy",
                                "random"], capture_output=True, text=True, timeout=PATIENCE)
        self.assertEqual((self.results / "report.txt").read_text(), whole.stdout)
        # Shards that found failures exit with 0; the merge reports the failure.
        self.assertEqual(self.ends(), [(str(task), "None", "0") for task in range(1, 6)] +
                         [("0", "afterany:1000", "1")])

    def test_a_lost_task_is_missed_and_can_be_run_again(self):
        sweep = ("3", str(self.results), program, "echo.clients", "1..30")
        self.assertEqual(self.submit(*sweep, LOSE="2").returncode, 0)
        self.assertEqual(self.ends()[-1], ("0", "afterany:1000", "2"))
        again = self.run_script("sbatch", "--array=2", str(clusters / "slurm_shard.sh"), *sweep)
        self.assertEqual(again.returncode, 0, again.stderr)
        merged = self.run_script(clusters / "slurm_merge.sh", str(self.results), program)
        self.assertEqual(merged.returncode, 0, merged.stderr)
        self.assertIn("echo.clients: 30 runs of seeds 1..30,", merged.stdout)

    def test_a_task_that_cannot_run_has_failed(self):
        self.submit("2", str(self.results), program, "no.such", "1..30")
        self.assertEqual([status for _, _, status in self.ends()], ["2", "2", "2"])

    def test_bad_arguments(self):
        self.results.mkdir()
        (self.results / "shard-1.jsonl").touch()
        for arguments, part in (
                ((), "expected SHARDS FOLDER PROGRAM SCENARIO FIRST..LAST"),
                (("x", "f", program, "s", "1..2"), "'x' is not a number of shards"),
                (("0", "f", program, "s", "1..2"), "'0' is not a number of shards"),
                (("2", "f", "/no/such", "s", "1..2"), "/no/such: no such program"),
                (("2", str(self.results), program, "s", "1..2"), "results of another sweep")):
            with self.subTest(part=part):
                done = self.submit(*arguments)
                self.assertEqual((done.returncode, done.stdout), (2, ""))
                self.assertRegex(done.stderr, r"\Aslurm_sweep.sh: [^\n]+\n\Z")
                self.assertIn(part, done.stderr)
        self.assertEqual(self.ends(), [])


class Kubernetes(unittest.TestCase):
    def test_the_pods_of_the_job_run_all_shards(self):
        text = (clusters / "kubernetes.yaml").read_text()
        script = textwrap.dedent(re.search(r"(?s)\n +- \|\n(.*?)\n      volumes:", text).group(1))
        self.assertEqual(re.findall(r"completions: (\d+)", text), ["64"])
        self.assertIn("--shard $shard/64", script)
        with tempfile.TemporaryDirectory() as folder:
            os.symlink(program, pathlib.Path(folder, "rehearsal"))
            script = script.replace("/results/", folder + "/").replace("1..1000000", "1..64")
            for index in range(64):
                done = subprocess.run(
                    ["sh", "-c", script], capture_output=True, text=True, timeout=PATIENCE,
                    env=dict(os.environ, PATH=f"{folder}:{os.environ['PATH']}",
                             JOB_COMPLETION_INDEX=str(index)))
                self.assertEqual(done.returncode, 0, done.stderr)
            files = [str(file) for file in pathlib.Path(folder).glob("shard-*.jsonl")]
            merged = subprocess.run([program, "merge", *files], capture_output=True, text=True,
                                    timeout=PATIENCE)
            self.assertIn("echo.restart: 64 runs of seeds 1..64,", merged.stdout, merged.stderr)


if __name__ == "__main__":
    if len(sys.argv) < 4:
        print(__doc__, file=sys.stderr)
        sys.exit(2)
    program = sys.argv.pop(1)
    planted = sys.argv.pop(1)
    clusters = pathlib.Path(sys.argv.pop(1)).resolve()
    unittest.main(verbosity=2, warnings="ignore")
