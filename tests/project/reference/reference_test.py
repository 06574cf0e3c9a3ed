#!/usr/bin/env python3
"""Compares docs/reference.md with what the headers, the program and the CMake files have.

usage: reference_test.py PROGRAM BUILD_DIRECTORY

Each class of names is compared in both ways: the test fails if the page lacks a name, and if the
page has a name that does not exist.
"""

import itertools
import re
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT / "docs/doxygen"))
import public_view  # noqa: E402
PAGE = ROOT / "docs" / "reference.md"
SOURCES = ("sched", "realnet", "record", "simnet", "harness", "servers")
# Options that every command has.
COMMON_FLAGS = {"-h", "--help"}
# Public members that the page leaves out: other parts of the library call them.
INTERNAL = {"Children": {"executor"}, "Event": {"key"}, "TaskRecord": {"executor"},
            "World": {"choices", "fabric", "end_schedule"}, "SimulatedHost": {"make", "kernel"},
            "Link": {"from", "to", "set_state", "transmit"}, "Pem": {"read", "where"},
            "TlsStream": {"handshake"}}
# The base classes whose members their heirs have.
BASES = {"TaskGroup": ["Children"], "Supervisor": ["Children"], "Listener": ["Socket"],
         "Datagram": ["Socket"], "Signals": ["Socket"], "Inbox": ["Socket"]}


def spans(text):
    return re.findall(r"`([^`]+)`", text)


def page_sections():
    """The rows of each section's tables, without the heads, by the headings "A" and "A/B"."""
    sections, above, key, rows_seen = {}, "", "", 0
    for line in PAGE.read_text(encoding="utf-8").splitlines():
        if line.startswith("## "):
            above = key = line[3:].strip()
        elif line.startswith("### "):
            key = f"{above}/{line[4:].strip().replace('`', '')}"
        if not line.startswith("|"):
            rows_seen = 0
            continue
        rows_seen += 1
        if rows_seen == 1:
            sections.setdefault(key, []).append([])
        if rows_seen > 2:
            cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
            sections[key][-1].append(cells)
    return sections


SECTIONS = page_sections()


def tables(section):
    return SECTIONS.get(section, [])


def rows(*names):
    """The rows of all tables of these sections and of the sections under them."""
    return [row for name, section in SECTIONS.items()
            if name in names or name.split("/")[0] in names for table in section for row in table]


def firsts(table):
    return [span for row in table for span in spans(row[0])]


def read(path):
    return (ROOT / path).read_text(encoding="utf-8")


def sources(*suffixes):
    for folder in SOURCES:
        for path in sorted((ROOT / folder).rglob("*")):
            if path.suffix in suffixes:
                yield path.read_text(encoding="utf-8")


def exported():
    """The headers of each name that include/rehearsal exports: using-declarations and macros."""
    found = {}
    for header in sorted((ROOT / "include/rehearsal").glob("*.hpp")):
        text = header.read_text(encoding="utf-8")
        names = re.findall(r"^using \w+(?:::\w+)*::(\w+);", text, re.MULTILINE)
        for included in re.findall(r'^#include "(harness/gtest/[^"]+)"', text, re.MULTILINE):
            names += macros(included)
        for name in names:
            found.setdefault(name, set()).add(header.name)
    return found


def macros(header):
    """What a header and the headers that it includes define for users: no trailing underscore."""
    text = read(header)
    names = re.findall(r"^#define (\w*[^\W_])\(", text, re.MULTILINE)
    for included in re.findall(r'^#include "(harness/gtest/[^"]+)"', text, re.MULTILINE):
        names += macros(included)
    return names


def functions(text, name):
    """The public member functions of a class, in a header as public_view writes it."""
    found = re.search(rf"^( *)(?:class|struct) {name}\b[^;{{]*{{\n(.*?)^\1}};", text,
                      re.DOTALL | re.MULTILINE)
    if not found:
        return set()
    indent, body = found.groups()
    names = re.findall(rf"^{indent}  (?!template|operator|//|using)(?=\S)[^(\n]*?(~?\w+)\(", body,
                       re.MULTILINE)
    own = {one for one in names if one.lstrip("~") not in (name, "new", "delete")}
    for base in BASES.get(name, []):
        own |= functions(text, base)
    return own - INTERNAL.get(name, set())


def enumerators(text, name):
    body = re.search(rf"enum class {name}\b[^{{]*{{(.*?)}};", text, re.DOTALL).group(1)
    return re.findall(r"^\s*(\w+)\s*(?:=[^,]*)?,?$", re.sub(r"//.*", "", body).replace(",", ",\n"),
                      re.MULTILINE)


class Page(unittest.TestCase):
    def assert_same(self, kind, there, page):
        there, page = set(there), set(page)
        self.assertTrue(there, f"no {kind} found: the test does not look at the right place")
        missing, unknown = sorted(there - page), sorted(page - there)
        wrong = [f"missing: {name}" for name in missing]
        wrong += [f"does not exist: {name}" for name in unknown]
        self.assertFalse(wrong, f"{kind} in docs/reference.md")


class Headers(Page):
    def test_the_headers_are_those_of_the_tree_with_their_targets(self):
        of_tree = set()
        for file in ROOT.glob("*/**/CMakeLists.txt"):
            text = file.read_text(encoding="utf-8") if "build" not in file.parts else ""
            for name, headers in re.findall(
                    r"rehearsal_add_library\((\w+)[^)]*FRONT_DOOR ([\w\s]+)\)", text):
                # rehearsal::cli is what a user links for rehearsal::harness.
                target = "cli" if name == "harness" else name
                of_tree |= {(f"{header}.hpp", f"rehearsal::{target}") for header in headers.split()}
        page = {(spans(row[0])[0], spans(row[1])[0]) for row in rows("Headers")}
        self.assert_same("headers and targets", of_tree, page)
        self.assert_same("headers", {p.name for p in (ROOT / "include/rehearsal").glob("*.hpp")},
                         {header for header, _ in page})

    def test_every_exported_name_is_there_with_its_headers(self):
        page = {}
        for row in rows("Names"):
            for name in spans(row[0]):
                self.assertNotIn(name, page, f"{name} stands twice")
                page[name] = set(spans(row[1]))
        there = exported()
        self.assert_same("names", there, page)
        for name, headers in there.items():
            self.assertEqual(headers, page[name], f"the headers of {name}")

    def test_the_site_finds_the_declaration_of_every_name(self):
        with tempfile.TemporaryDirectory() as folder:
            public_view.write_view(ROOT, Path(folder))
            text = "\n".join(path.read_text() for path in Path(folder).rglob("*.hpp"))
        for name in exported():
            self.assertRegex(text, rf"(class|struct|concept|using|enum class|define) {name}\b|"
                             rf"\b{name}(\(| =)", f"{name} on the site")

    def test_members_exist(self):
        words = set(re.findall(r"\w+", "\n".join(sources(".hpp"))))
        for row in rows("Members of the main classes"):
            for span in spans(row[0]):
                for name in span.split("::"):
                    self.assertIn(name, words, f"a member of docs/reference.md: {span}")

    def test_every_public_member_function_of_the_main_classes_is_there(self):
        with tempfile.TemporaryDirectory() as folder:
            public_view.write_view(ROOT, Path(folder))
            text = "\n".join(path.read_text() for path in sorted(Path(folder).rglob("*.hpp")))
        above = "Members of the main classes"
        seen = set()
        for heading in (line[4:] for line in read("docs/reference.md").splitlines()
                        if line.startswith("### `")):
            section = f"{above}/{heading.strip().replace('`', '')}"
            page = {name for table in tables(section) for name in firsts(table)}
            for name in spans(heading) if page else ():
                there = functions(text, name)
                self.assertTrue(there, f"no members of {name} found")
                self.assertFalse(sorted(there - page), f"{name}: missing in docs/reference.md")
                seen.add(name)
        waiting = set(re.findall(r"^using sched::([A-Z]\w+);", read("include/rehearsal/sync.hpp"),
                                 re.MULTILINE))
        waiting -= set(re.findall(r"\benum class (\w+)", text))
        self.assertFalse(waiting - seen, "classes of sync.hpp without a list of their members")

    def test_options_are_members_of_their_structs_with_these_defaults(self):
        text = "\n".join(sources(".hpp"))
        there = set()
        page = {tuple(span.split("::")) for row in rows("Members of the main classes/Options")
                for span in spans(row[0])}
        for struct in {struct for struct, _ in page}:
            body = re.search(rf"^struct {struct} {{\n(.*?)^}};", text, re.DOTALL | re.MULTILINE)
            self.assertIsNotNone(body, struct)
            there |= {(struct, member) for member in re.findall(
                r"^  (?!static|friend|//|\[\[)[\w:<>,&*() ]+?[ >](\w+)(?: = .*|\{.*\})?;",
                body.group(1), re.MULTILINE)}
        # The paths of simulated tasks are the world's affair.
        there -= {("SchedulerOptions", "path"), ("SchedulerOptions", "names")}
        self.assert_same("options", there, page)


class CommandLine(Page):
    def help_of(self, *words):
        return subprocess.run([PROGRAM, *words, "--help"], check=True, capture_output=True,
                              text=True).stdout

    def commands(self, *words):
        """Every command that takes no further one, as a tuple of words."""
        text = self.help_of(*words)
        listed = text.partition("Subcommands:\n")[2]
        names = re.findall(r"^  (\w[\w-]*)", listed, re.MULTILINE)
        return [one for name in names for one in self.commands(*words, name)] or [words]

    def flags(self, *words):
        """Each flag with its default, or an empty text."""
        found = {}
        for flag, default in re.findall(r"^  (?:-\w,)?(--?[\w-]+)(?: \w[^\s=]*(?:=(\S+))?)?",
                                        self.help_of(*words), re.MULTILINE):
            if flag not in COMMON_FLAGS:
                found[flag] = default
        return found

    def test_every_command_is_there(self):
        page = {" ".join(re.findall(r"(?<![A-Z])[a-z]+", name)) for name in
                firsts(rows("Command line")) if not name.startswith("-")}
        self.assert_same("commands", {" ".join(one) for one in self.commands()}, page)

    def test_every_flag_is_there_with_its_default(self):
        for command in self.commands():
            name = " ".join(command)
            table = [row for part in tables(f"Command line/{name}") for row in part]
            page = {spans(row[0])[0].split()[0]: row for row in table}
            there = self.flags(*command)
            if there or page:
                self.assert_same(f"flags of `{name}`", there, page)
            for flag, default in there.items():
                if default:
                    self.assertEqual(default, page[flag][1].strip("`"), f"`{name} {flag}`")
        self.assertEqual(set(self.flags()), {"--version"})

    def test_exit_statuses(self):
        text = read("harness/exit_status.hpp")
        there = {"0"} | set(re.findall(r"^inline constexpr int \w+ = (\d+);", text, re.MULTILINE))
        self.assert_same("exit statuses", there, (row[0] for row in rows("Exit statuses")))

    def test_environment_variables(self):
        there = {"NO_COLOR"}
        text = "\n".join([*sources(".cpp", ".hpp"), read("tests/patience.hpp"),
                          read("tests/properties/conformance/conformance_test.cpp")])
        there |= set(re.findall(r'"(REHEARSAL_[A-Z_]+)"', text))
        there |= set(re.findall(r'getenv\("(\w+)"\)', text))
        settings = re.findall(r'\{"(\w+)", &Demands::\w+', read("harness/gtest/settings.cpp"))
        self.assertTrue(settings)
        there |= {f"REHEARSAL_{name.upper()}" for name in settings}
        self.assert_same("environment variables", there, firsts(rows("Environment variables")))


class Choices(Page):
    def test_policies_and_searches(self):
        policies, searches = tables("Policies and searches")
        help_text = subprocess.run([PROGRAM, "run", "--help"], check=True, capture_output=True,
                                   text=True).stdout
        entries = re.search(r"entries = \{\{(.*?)\}\};", read("simnet/choices/named_policy.cpp"),
                            re.DOTALL).group(1)
        self.assert_same("policies", re.findall(r'"(\w+)"', entries), firsts(policies))
        names = re.search(r'std::string names\(\) \{ return "([^"]+)"',
                          read("harness/sweep/search_run.hpp")).group(1)
        self.assert_same("searches", re.findall(r"[a-z]+", re.sub(r"\[.*?\]", "", names)),
                         firsts(searches))
        for name in firsts(policies) + firsts(searches):
            self.assertIn(name, help_text)

    def test_kinds_of_choice_with_their_usual_rates(self):
        kinds, errors = tables("Kinds of choice")
        text = read("simnet/choices/site.hpp")
        names = re.search(r"site_names = \{(.*?)\};", text, re.DOTALL).group(1)
        self.assert_same("kinds of choice", re.findall(r'"(\w+)"', names), firsts(kinds))
        usual = dict((site, (rate.replace("'", ","), most.replace("'", ","))) for site, rate, most
                     in re.findall(r"rates\[Site::(\w+)\] = \{([\d']+), ([\d'~U]+)\};",
                                   read("simnet/choices/rates.hpp")))
        self.assertTrue(usual)
        for row in kinds:
            rate, most = usual.get(spans(row[0])[0], ("", ""))
            self.assertEqual((rate, most.replace("~0U", "any")), (row[1], row[2]), row[0])
        for kind in ("accept", "connect"):
            listed = re.search(rf"{kind}_errors = \{{(.*?)\}};", text, re.DOTALL).group(1)
            there = re.findall(r"std::errc::(\w+)", listed)
            page = [(row[1], spans(row[2])[0]) for row in errors if spans(row[0])[0] == kind]
            self.assertEqual([(str(i + 1), name) for i, name in enumerate(there)], page)

    def test_operations_verdicts_and_rules(self):
        operations, verdicts, rules, _, faults, budget = tables("Faults")
        text = read("simnet/network/faults.hpp")
        self.assert_same("operations", enumerators(text, "Operation"), firsts(operations))
        self.assert_same("verdicts", enumerators(text, "Kind"), firsts(verdicts))
        self.assert_same("parts of a rule", re.findall(r"^  FaultRule& (\w+)\(", text,
                                                       re.MULTILINE), firsts(rules))

        text = read("simnet/host_fault.hpp")
        self.assert_same("faults", re.findall(r"^HostFault (\w+)\(", text, re.MULTILINE),
                         [re.match(r"\w+", span).group() for span in firsts(faults)])
        fields = re.findall(r"^  [\w:]+ (\w+) = ", text[text.index("struct FaultBudget"):],
                            re.MULTILINE)
        self.assert_same("budget", [f"FaultBudget::{field}" for field in fields], firsts(budget))

    def test_entities(self):
        text = read("simnet/choices/schedule.hpp")
        there = []
        for line in re.findall(r"^///?   +((?:HOST|TASK|RULE|world:).*)", text, re.MULTILINE):
            there += itertools.takewhile(re.compile(r"(HOST|TASK|RULE:|world:)").match,
                                         line.split())
        self.assert_same("names of entities", there,
                         firsts(tables("Schedules and names")[1]))


class Build(Page):
    def test_targets(self):
        table = tables("CMake and pkg-config")[0]
        there = set()
        for file in sorted(ROOT.glob("*/**/CMakeLists.txt")):
            if file.relative_to(ROOT).parts[0] in SOURCES:
                text = file.read_text(encoding="utf-8")
                there |= set(re.findall(r"^rehearsal_add_library\((\w+)", text, re.MULTILINE))
                there |= set(re.findall(r"^add_library\(rehearsal::(\w+) ALIAS", text,
                                        re.MULTILINE))
        self.assert_same("targets", {f"rehearsal::{name}" for name in there}, firsts(table))
        # What the installed package exports.
        installed = set()
        for file in BUILD.glob("CMakeFiles/Export/**/rehearsal*Targets.cmake"):
            installed |= set(re.findall(r"^add_library\((rehearsal::\w+)", file.read_text(),
                                        re.MULTILINE))
        page = {spans(row[0])[0] for row in table if row[1] != "no"}
        self.assertTrue(installed <= page, f"installed, but not on the page: {installed - page}")
        always = {spans(row[0])[0] for row in table if row[1] == "yes"}
        self.assertTrue(always <= installed, f"not installed: {always - installed}")

    def test_functions_and_options(self):
        functions, options = tables("CMake and pkg-config")[1:]
        there = re.findall(r"^function\((\w+)", read("cmake/Kept.cmake"), re.MULTILINE)
        self.assert_same("CMake functions", there,
                         (name.split("(")[0] for name in firsts(functions)))
        self.assert_same("CMake options", re.findall(r"^option\((\w+)", read("CMakeLists.txt"),
                                                     re.MULTILINE), firsts(options))

    def test_formats(self):
        page = {target.removeprefix("../") for row in rows("File formats")
                for target in re.findall(r"\]\(([^)]+)\)", row[1])}
        there = {str(path.relative_to(ROOT)) for folder in SOURCES
                 for path in (ROOT / folder).rglob("*_format.md")}
        self.assert_same("file formats", there, page)


if __name__ == "__main__":
    PROGRAM = sys.argv.pop(1)
    BUILD = Path(sys.argv.pop(1))
    unittest.main()
