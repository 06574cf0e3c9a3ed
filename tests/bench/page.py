"""Measures what a page costs: the processor time to make it, and its size."""

import json
import pathlib
import re
import resource
import subprocess
import tempfile

from simulator import Goal, print_table, record

TIME = "a page of 2,000 events: processor time"
SIZE = "a page of 2,000 events: size"
EVENTS = 2_000
# A run of about 1,900 events that passes, so that nothing but the page is made.
COMMAND = ("run", "echo.restart", "--seed", "3")


def run_page(bench, ours, rounds, failures, wanted):
    """Runs with and without a page interleaved, prints the medians, and returns the records."""
    if not (wanted(TIME) or wanted(SIZE)) or ours is None:
        return []
    times, sizes = [], []
    with tempfile.TemporaryDirectory() as folder:
        file = pathlib.Path(folder) / "page.html"
        for _ in range(rounds):
            try:
                with_page = seconds(bench, ours, "--html", str(file))
                without = seconds(bench, ours)
            except RuntimeError as problem:
                failures.append(str(problem))
                return []
            html = file.read_text()
            data = json.loads(re.search(r'id="data">(.*?)</script>', html, re.DOTALL)[1])
            events = len(data["runs"][0]["events"])
            times.append(1000 * (with_page - without) * EVENTS / events)
            sizes.append(file.stat().st_size * EVENTS / events / 1024)
    records = [record(TIME, "ms", times, {}, Goal("at most", 100)),
               record(SIZE, "KiB", sizes, {}, Goal("at most", 1024))]
    print_table("Pages", records)
    return records


def seconds(bench, ours, *flags):
    """Returns the processor time of a run and its children."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run([*bench.on_server_core, str(ours), *COMMAND, *flags],
                          capture_output=True, text=True, check=False)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(COMMAND)} exited with {done.returncode}: {done.stderr}")
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
