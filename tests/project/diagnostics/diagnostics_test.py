"""Tests the compiler's errors for wrong programs of users.

The .cpp files of this folder are wrong: the error must name the problem, at the user's line. The
comment of a wrong line is the error that the compiler must report, and no other line has an error.
A file has fewer than 20 errors, where clang stops. The files of warned/ have warnings in place of
errors. The files of right/ compile without a warning.

usage: diagnostics_test.py COMPILER SOURCE_DIR"""

import pathlib
import re
import subprocess
import sys

HERE = pathlib.Path(__file__).parent
# Maximum lines that one mistake may print. g++ reports a mistake in a coroutine twice.
MAX_LINES = 16


def expected(program):
    """Returns the text of the expected error, by line."""
    found = {}
    for number, line in enumerate(program.read_text().splitlines(), 1):
        match = re.match(r"\s*[^\s/].*// (.*)$", line)
        if match:
            found[number] = match.group(1)
    return found


def diagnose(compiler, source_dir, program, *options):
    command = [compiler, "-std=c++20", *options, "-I", source_dir, program]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    return done.returncode, done.stdout


def problems(program, status, output):
    missing = expected(program)
    if not missing:
        yield f"{program}: no line has a comment with its error"
    if status == 0:
        yield f"{program}: it compiles"
    errors = re.findall(r"^(.*?):(\d+):\d+: error: (.*)$", output, re.MULTILINE)
    wrong = dict(missing)
    for path, line, message in errors:
        want = wrong.get(int(line)) if pathlib.Path(path) == program else None
        if want is None:
            yield f"an error at no line that is wrong: {path}:{line}: {message}"
        elif want in message:
            missing.pop(int(line), None)
    for line, want in missing.items():
        yield f"{program}:{line}: no error contains '{want}'"
    lines = len(output.splitlines())
    print(f"{program.name}: {lines} lines of diagnostics for {len(wrong)} mistakes")
    if lines > MAX_LINES * len(wrong):
        yield f"{program}: {lines} lines of diagnostics for {len(wrong)} mistakes"


def main():
    compiler, source_dir = sys.argv[1:]
    failed = False
    wrong = [(program, ["-fsyntax-only"]) for program in sorted(HERE.glob("*.cpp"))]
    wrong += [(program, ["-fsyntax-only", "-Wall", "-Werror"])
              for program in sorted(HERE.glob("warned/*.cpp"))]
    for program, options in wrong:
        status, output = diagnose(compiler, source_dir, program, *options)
        for problem in problems(program, status, output):
            print(problem)
            failed = True
        if failed:
            print(output)
    for program in sorted(HERE.glob("right/*.cpp")):
        warnings = ["-Wall", "-Wextra", "-c", "-o", "/dev/null"]
        status, output = diagnose(compiler, source_dir, program, *warnings)
        if status != 0 or output:
            print(f"{program}: it must compile without a warning\n{output}")
            failed = True
    sys.exit(failed)


if __name__ == "__main__":
    main()
