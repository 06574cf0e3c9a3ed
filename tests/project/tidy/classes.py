"""Checks that a class is whole in one file pair: its members are defined in the file that defines
the class, or in the source of the same name next to it. A class has under 900 lines, including the
definitions of its members; from 400 on it causes a warning."""

import pathlib
from collections import defaultdict

from structure import parse

WARNING_LINES = 400
ERROR_LINES = 900


class Classes:
    """The classes of a tree: a list of (path, text)."""

    def __init__(self, tree):
        self.definitions = defaultdict(list)  # (folder, name): (path, first line, lines)
        self.members = defaultdict(list)  # (folder, name): (path, first line, lines)
        for path, text in tree:
            structure = parse(text)
            folder = path.split("/")[0]
            for one in structure.classes:
                place = (path, one.first_line, one.last_line - one.first_line + 1)
                self.definitions[folder, one.name].append(place)
            for one in structure.functions:
                if one.owner:
                    place = (path, one.first_line, one.last_line - one.first_line + 1)
                    self.members[folder, one.owner].append(place)

    def strays(self):
        """Returns (path, line, message) of each member that is defined elsewhere."""
        for (folder, name), members in self.members.items():
            homes = self.definitions[folder, name]
            for path, line, _ in members:
                if homes and not any(_is_pair(home, path) for home, _, _ in homes):
                    yield path, line, f"defines a member of {name}, which is in {homes[0][0]}"

    def long(self):
        """Returns (path, line, lines, message) of each class of 400 lines or more."""
        for (folder, name), homes in self.definitions.items():
            if len(homes) != 1 or not name:
                continue
            path, line, lines = homes[0]
            lines += sum(one[2] for one in self.members[folder, name])
            if lines >= WARNING_LINES:
                yield path, line, lines, f"{name} has {lines} lines; a class stays under " + str(
                    ERROR_LINES if lines >= ERROR_LINES else WARNING_LINES)


def _is_pair(header, source):
    return pathlib.PurePosixPath(header).with_suffix("") == pathlib.PurePosixPath(
        source).with_suffix("")
