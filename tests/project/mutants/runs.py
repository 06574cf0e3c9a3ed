"""Runs tests with a mutant switched on."""

import collections
import json
import mmap
import os
import pathlib
import re
import resource
import select
import signal
import subprocess
import sys
import time

MOST = 32768  # of mutant.hpp
# Their outcome does not depend on what the sources do when they run, or they build a tree, or they
# start a browser, which reserves more memory than a mutant may.
UNRELATED = re.compile(r"toolchain\.|tidy\.|pages\.|examples\.|consumer\.|mutant\.|"
                       r"(diagnostics|reference|prove|clusters|mutants|page)_test$")
MEMORY = 6 << 30  # bytes of one process: a mutant may allocate without end

# One test of ctest, or several of one program. `names` are those of ctest. If there is a pattern
# `passes`, the run passes if its output has it, whatever its exit status. It takes `seconds`, of
# which `longest` pass without output: the program prints when each of its tests begins.
Run = collections.namedtuple("Run", "names command environment folder passes seconds longest",
                             defaults=(0.0, 0.0))


def stop(message):
    print(f"mutants: {message}", file=sys.stderr)
    sys.exit(2)


def environment(properties):
    found = dict(os.environ)
    for name in [name for name in found if name.startswith(("REHEARSAL_", "GTEST_", "RC_"))]:
        del found[name]
    for assignment in properties.get("ENVIRONMENT", []):
        name, _, value = assignment.partition("=")
        found[name] = value
    for change in properties.get("ENVIRONMENT_MODIFICATION", []):
        name, _, rest = change.partition("=")
        action, _, value = rest.partition(":")
        if action == "unset":
            found.pop(name, None)
        elif action == "set":
            found[name] = value
        elif action == "string_prepend":
            found[name] = value + found.get(name, "")
        elif action == "string_append":
            found[name] = found.get(name, "") + value
        else:
            stop(f"ENVIRONMENT_MODIFICATION '{change}' of a test; expected unset, set, "
                 f"string_prepend or string_append")
    return found


def tests_of(build):
    """The tests that may notice a mutant."""
    listed = subprocess.run(["ctest", "--test-dir", build, "--show-only=json-v1"], check=True,
                            stdout=subprocess.PIPE)
    runs = []
    for test in json.loads(listed.stdout)["tests"]:
        if "command" in test and not UNRELATED.match(test["name"]):
            properties = {found["name"]: found["value"] for found in test.get("properties", [])}
            if "WILL_FAIL" in properties:
                stop(f"{test['name']} has the property WILL_FAIL; expected "
                     f"PASS_REGULAR_EXPRESSION, or none of both")
            passes = "|".join(properties.get("PASS_REGULAR_EXPRESSION", []))
            runs.append(Run((test["name"],), tuple(test["command"]), environment(properties),
                            properties["WORKING_DIRECTORY"], passes))
    return runs


def gtest_filter(run):
    """The filter of a run of one GoogleTest test, or None."""
    for argument in run.command:
        if argument.startswith("--gtest_filter="):
            return argument.removeprefix("--gtest_filter=")
    return None


def together(runs):
    """Joins the runs of tests of one program, the fastest program first."""
    joined = {}
    for run in runs:
        wanted = gtest_filter(run)
        key = (run.command[0], tuple(sorted(run.environment.items()))) if wanted else run.names
        joined.setdefault(key, []).append(run)
    programs = []
    for group in joined.values():
        command = group[0].command
        if gtest_filter(group[0]):
            command = (command[0], "--gtest_filter=" + ":".join(map(gtest_filter, group)),
                       "--gtest_also_run_disabled_tests", "--gtest_fail_fast")
        programs.append(group[0]._replace(
            names=tuple(name for run in group for name in run.names), command=command,
            seconds=sum(run.seconds for run in group),
            longest=max(run.seconds for run in group)))
    return sorted(programs, key=lambda run: run.seconds)


def limit_memory():
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def outcome(run, more, limit, silent):
    """(None or how the run failed, output), with more variables in its environment. It may take
    `limit` seconds, and `silent` seconds without output."""
    process = subprocess.Popen(run.command, cwd=run.folder, env={**run.environment, **more},
                               stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                               stderr=subprocess.STDOUT, start_new_session=True,
                               preexec_fn=limit_memory)
    output, deadline = b"", time.monotonic() + limit
    with process.stdout as pipe:
        while (left := deadline - time.monotonic()) > 0 and \
                select.select([pipe], [], [], min(silent, left))[0]:
            piece = os.read(pipe.fileno(), 65536)
            if not piece:
                break
            output += piece
        else:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            return "time limit", output
    process.wait()
    if run.passes:
        found = re.search(run.passes.encode(), output, re.DOTALL)  # as in CMake
        return None if found else "failed", output
    if process.returncode == 0:
        return None, output
    if process.returncode < 0:
        return signal.Signals(-process.returncode).name, output
    return "failed", output


def reached(run, number, folder):
    """(the run with its duration, the mutants whose code it runs, its output if it fails)"""
    path = pathlib.Path(folder, f"reached.{number}")
    path.write_bytes(bytes(MOST))
    started = time.monotonic()
    failure, output = outcome(run, {"REHEARSAL_MUTANTS_REACHED": str(path)}, 3600, 3600)
    seconds = time.monotonic() - started
    with open(path, "rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as seen:
        numbers = {i for i in range(MOST) if seen[i]}
    path.unlink()
    return run._replace(seconds=seconds), numbers, failure and output


def failed_test(output):
    """The test of GoogleTest that failed first or ran last, or None."""
    found = re.findall(rb"\[  FAILED  \] (\S+)", output)[:1]
    found = found or re.findall(rb"\[ RUN      \] (\S+)", output)[-1:]
    return found[0].decode().rstrip(",") if found else None


def notice(runs, number):
    """{program, test, how, seconds} of the first test that notices the mutant, or None."""
    for run in together(runs):
        started = time.monotonic()
        how, output = outcome(run, {"REHEARSAL_MUTANT": str(number)}, 30 + 20 * run.seconds,
                              30 + 20 * run.longest)
        if how is not None:
            return {"program": pathlib.Path(run.command[0]).name,
                    "test": failed_test(output) or run.names[0], "how": how,
                    "seconds": time.monotonic() - started - run.seconds}
    return None
