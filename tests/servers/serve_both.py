"""Tests that hold over select() and over epoll."""

import sys
import unittest


def over_both_sources(cases):
    """Makes two test cases of a class of tests, whose `source` selects how the server waits."""
    module = sys.modules[cases.__module__]
    for source in ("select", "epoll"):
        name = f"{cases.__name__}Over{source.capitalize()}"
        case = type(name, (cases, unittest.TestCase),
                    {"source": source, "__module__": cases.__module__})
        setattr(module, name, case)
    return cases
