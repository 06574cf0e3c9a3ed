"""Measures compile times: the test and the server of README.md as multiples of a source that
includes <gtest/gtest.h> alone, and the whole build that README.md installs from."""

import os
import pathlib
import shutil
import subprocess
import tempfile

from simulator import Goal, print_table, record

ROOT = pathlib.Path(__file__).resolve().parents[2]
TEST, SERVER = "examples/echo/echo_test.cpp", "examples/echo/main.cpp"
# Maximum by compiler and source, as a multiple of the time for <gtest/gtest.h>.
GOALS = {
    ("g++", TEST): 1.9, ("clang++-19", TEST): 1.4,
    ("g++", SERVER): 1.1, ("clang++-19", SERVER): 1.0,
}
INSTALL = "compile time of the build of README.md, g++ -O3"
INSTALL_GOAL = Goal("under", 240)


def title(compiler, source):
    what = "test" if source == TEST else "server on epoll"
    return f"compile time of the {what} of README.md, {compiler} -O0"


def processor_time(command):
    """Returns the CPU seconds (user and system) of the command and all processes that it starts."""
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise RuntimeError(f"exit status {process.returncode} of {' '.join(map(str, command))}")
    return used.ru_utime + used.ru_stime


def compile_once(compiler, source):
    return processor_time([compiler, "-std=c++20", "-O0", "-c", "-o", "/dev/null", "-I", ROOT,
                           "-I", ROOT / "include", source])


def measure_sources(cases, rounds, folder):
    alone = folder / "gtest_alone.cpp"
    alone.write_text("#include <gtest/gtest.h>\n")
    ratios = {case: [] for case in cases}
    for turn in range(max(rounds, 7)):
        print(f"round {turn + 1} of {max(rounds, 7)}: compile time", flush=True)
        for compiler in sorted({compiler for compiler, _ in cases}):
            gtest = compile_once(compiler, alone)
            for case in cases:
                if case[0] == compiler:
                    ratios[case].append(compile_once(compiler, ROOT / case[1]) / gtest)
    return [record(title(*case), "times", ratios[case], {}, Goal("at most", GOALS[case]))
            for case in cases]


def measure_install(folder):
    configure = ["cmake", "-G", "Ninja", "-S", ROOT, "-B", folder / "build",
                 "-DCMAKE_CXX_COMPILER=g++", "-DREHEARSAL_BUILD_TESTS=OFF"]
    processor_time(configure)
    seconds = processor_time(["cmake", "--build", folder / "build"])
    return record(INSTALL, "s", [seconds], {}, INSTALL_GOAL)


def run_compile_time(rounds, failures, wanted):
    """Prints the median of each ratio and one figure for the build; returns the records."""
    cases = [case for case in GOALS if wanted(title(*case)) and shutil.which(case[0])]
    records = []
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        try:
            if cases:
                records += measure_sources(cases, rounds, folder)
            if wanted(INSTALL):
                records.append(measure_install(folder))
        except (OSError, RuntimeError) as problem:
            failures.append(str(problem))
    if records:
        print_table("Compile time, of processor time", records)
    return records
