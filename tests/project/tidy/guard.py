"""Checks that a header can be included twice."""


def check(path, text):
    if path.endswith(".hpp") and "\n#pragma once\n" not in f"\n{text}":
        yield 1, "no #pragma once"
