#!/usr/bin/env python3
"""Tests the program `rehearsal serve` with real clients from outside.

usage: serve_test.py PROGRAM [ARGUMENTS OF unittest]"""

import sys
import unittest

import serve_clients_test
import serve_flags_test
import serve_program
import serve_signals_test


def load_tests(loader, _tests, _pattern):
    modules = (serve_flags_test, serve_clients_test, serve_signals_test)
    return unittest.TestSuite(loader.loadTestsFromModule(module) for module in modules)


if __name__ == "__main__":
    if len(sys.argv) < 2:
        print(__doc__, file=sys.stderr)
        sys.exit(2)
    serve_program.program = sys.argv.pop(1)
    # A failing test leaves its sockets open to the end; a warning about that would add nothing.
    unittest.main(verbosity=2, warnings="ignore")
