"""Makes mutants from C++ sources by clang's syntax tree.

A mutant is a small mistake of the kind that a maintainer makes. It changes one expression or leaves
out one statement."""

import dataclasses
import functools
import pathlib
import re
import sys

# Debian's modules, if this is another Python than Debian's.
sys.path.append("/usr/lib/python3/dist-packages")

from clang import cindex
from clang.cindex import CursorKind as Kind
from clang.cindex import TokenKind

# What one clang call parses together; the sources of a library include each other's headers.
LIBRARIES = (("sched", ("sched/tls",)), ("sched/tls", ()), ("record", ()), ("realnet", ()),
             ("simnet", ("simnet/guest", "simnet/interpose", "simnet/rapidcheck")),
             ("simnet/guest", ()), ("simnet/rapidcheck", ()),
             ("simnet/interpose", ()), ("harness", ()))
FLAGS = ("-std=c++20", "-DSPDLOG_COMPILED_LIB", "-DFMT_SHARED", "-DSPDLOG_FMT_EXTERNAL",
         '-DREHEARSAL_VERSION="0"', "-DNDEBUG", "-ferror-limit=0", "-Wno-everything")

OTHER_COMPARISON = {"<": "<=", "<=": "<", ">": ">=", ">=": ">", "==": "!=", "!=": "=="}
OTHER_OPERATOR = {"+": "-", "-": "+", "*": "/", "/": "*", "&&": "||", "||": "&&"}
ERRORS = ("connection_reset", "timed_out", "invalid_argument", "not_connected", "broken_pipe")
STATEMENTS = {Kind.CALL_EXPR, Kind.UNEXPOSED_EXPR, Kind.BINARY_OPERATOR, Kind.UNARY_OPERATOR,
              Kind.COMPOUND_ASSIGNMENT_OPERATOR, Kind.CXX_DELETE_EXPR, Kind.BREAK_STMT,
              Kind.CONTINUE_STMT}
FUNCTIONS = {Kind.FUNCTION_DECL, Kind.CXX_METHOD, Kind.CONSTRUCTOR, Kind.DESTRUCTOR,
             Kind.FUNCTION_TEMPLATE, Kind.CONVERSION_FUNCTION}
# Functions whose result does not depend on the order of their arguments, or of the first two.
COMMUTES = {"fold", "max", "min"}
COMMUTES_AT_FIRST = {"draw"}
# What only says something, to a person or to the compiler.
SAYS = re.compile(r"(\w+::)*(CHECK|log|spdlog|static_assert|prefetch)\b")


@dataclasses.dataclass(frozen=True)
class Edit:
    """`new` stands for the bytes [begin, end) of the file if the mutant is switched on."""
    begin: int
    end: int
    new: str  # "" if a statement is left out


@dataclasses.dataclass(frozen=True)
class Mutant:
    file: str
    line: int
    last_line: int
    kind: str
    old: str  # the text that changes
    new: str
    source: str  # the whole line
    nth: int  # among equal changes in equal lines of the file, from 1
    edits: tuple

    @property
    def identity(self):
        """What names it while the rest of the file changes."""
        return (self.file, self.source, self.old, self.new, self.nth)

    def __str__(self):
        change = f"`{self.old}` -> `{self.new}`" if self.new else f"without `{self.old}`"
        return f"{self.file}:{self.line}: {change}"


def flat(text):
    """On one line, without comments, as the copy of an expression must be."""
    text = re.sub(r"//[^\n]*", "", text)
    return re.sub(r"\s+", " ", text).strip()


class Collector:
    def __init__(self, root):
        self.root = root
        self.found = {}  # (file, edits) -> (line, last line, kind, old, new)
        self.macros = {}  # file -> offsets in which a macro is used
        self.text = {}

    def source(self, file):
        if file not in self.text:
            self.text[file] = (self.root / file).read_bytes()
        return self.text[file]

    def add(self, cursor, kind, old, new, *edits):
        file = self.file(cursor)
        if any(edit.begin >= edit.end for edit in edits):
            return
        if any(begin < edit.end and edit.begin < end for edit in edits
               for begin, end in self.macros.get(file, ())):
            return
        lines = cursor.extent.start.line, cursor.extent.end.line
        self.found.setdefault((file, edits), (*lines, kind, flat(old), flat(new)))

    def file(self, cursor):
        file = cursor.location.file
        return None if file is None else self.relative(file.name)

    @functools.lru_cache(maxsize=None)
    def relative(self, name):
        path = pathlib.Path(name)
        return str(path.relative_to(self.root)) if path.is_relative_to(self.root) else None

    def between(self, file, begin, end):
        return self.source(file)[begin:end].decode()

    def words(self, cursor):
        return self.between(self.file(cursor), *span(cursor))

    # Calls visit_body() with each function's body in the files of the tree.
    def visit(self, cursor):
        for child in cursor.get_children():
            if self.file(child) is None:
                continue
            if child.kind == Kind.COMPOUND_STMT and cursor.kind in FUNCTIONS:
                self.visit_body(child, cursor)
            elif child.kind not in (Kind.STATIC_ASSERT, Kind.ENUM_DECL):
                self.visit(child)

    def visit_body(self, cursor, parent):
        if self.file(cursor) is None or cursor.kind == Kind.STATIC_ASSERT or self.says(cursor):
            return
        if cursor.kind == Kind.VAR_DECL and re.match(r"(static |inline )*constexpr\b",
                                                     self.words(cursor)):
            return
        self.mutate(cursor, parent)
        children = list(cursor.get_children())
        if cursor.kind == Kind.CASE_STMT:
            children = children[1:]
        if cursor.kind == Kind.IF_STMT and re.match(r"if\s+constexpr", self.words(cursor)):
            children = [child for child in children if child.kind.is_statement()]
        for child in children:
            self.visit_body(child, cursor)

    def says(self, cursor):
        return cursor.kind.is_expression() and SAYS.match(self.words(cursor)) is not None

    def mutate(self, cursor, parent):
        if cursor.kind in STATEMENTS and is_statement(cursor, parent):
            self.leave_out(cursor)
        if cursor.kind in (Kind.BINARY_OPERATOR, Kind.CALL_EXPR):
            self.change_operator(cursor)
        if cursor.kind == Kind.CALL_EXPR:
            self.swap_arguments(cursor)
        if cursor.kind == Kind.INTEGER_LITERAL and self.words(cursor)[:1].isdigit():
            self.replace(cursor, "constant", f"({self.words(cursor)} + 1)")
        if cursor.kind == Kind.CXX_BOOL_LITERAL_EXPR:
            self.replace(cursor, "constant", "false" if self.words(cursor) == "true" else "true")
        if cursor.kind == Kind.DECL_REF_EXPR and self.words(cursor).startswith("std::errc::"):
            name = self.words(cursor).removeprefix("std::errc::")
            others = [error for error in ERRORS if error != name]
            self.replace(cursor, "error", "std::errc::" + others[len(name) % len(others)])
        if cursor.kind in (Kind.IF_STMT, Kind.WHILE_STMT, Kind.CONDITIONAL_OPERATOR):
            self.change_condition(cursor)

    def replace(self, cursor, kind, new):
        self.add(cursor, kind, self.words(cursor), new, Edit(*span(cursor), new))

    def leave_out(self, cursor):
        file, (begin, end) = self.file(cursor), span(cursor)
        rest = re.match(rb"\s*;", self.source(file)[end:])
        words = flat(self.words(cursor))
        if rest is None or words == "static_cast<void>(0)":
            return
        kind = "statement"
        if re.search(r"(\.|->)(reset|clear|erase)\(|= (\{\}|0|nullptr|false|std::nullopt)$", words):
            kind = "reset"
        self.add(cursor, kind, words + ";", "", Edit(begin, end + rest.end(), ""))

    def change_operator(self, cursor):
        found = infix(cursor, self)
        if found is None:
            return
        left, operator, right = found
        if operator in OTHER_COMPARISON:
            kind, other = "comparison", OTHER_COMPARISON[operator]
        elif operator in OTHER_OPERATOR and (operator in ("&&", "||") or is_number(cursor.type)):
            kind, other = "operator", OTHER_OPERATOR[operator]
        else:
            return
        self.replace(cursor, kind, f"{left} {other} {right}")

    def swap_arguments(self, cursor):
        arguments = list(cursor.get_arguments())
        if cursor.spelling.startswith("operator") or not self.words(cursor).endswith(")"):
            return
        if cursor.spelling in COMMUTES:
            return
        if cursor.spelling in COMMUTES_AT_FIRST:
            arguments = arguments[1:]
        for one, other in zip(arguments, arguments[1:]):
            if one is None or other is None or self.file(one) is None or self.file(other) is None:
                continue
            texts = self.words(one), self.words(other)
            types = [end.type.get_canonical().spelling for end in (one, other)]
            same = types[0] == types[1] and not re.search(r"dependent|initializer list", types[0])
            if same and texts[0] != texts[1] and all(texts) and span(one)[1] <= span(other)[0]:
                self.add(cursor, "arguments", f"{texts[0]}, {texts[1]}", f"{texts[1]}, {texts[0]}",
                         Edit(*span(one), texts[1]), Edit(*span(other), texts[0]))

    def change_condition(self, cursor):
        children = list(cursor.get_children())
        if not children or not children[0].kind.is_expression():
            return  # it declares a variable
        condition = children[0]
        if self.file(condition) is None:
            return
        if cursor.kind == Kind.IF_STMT and re.match(r"if\s+constexpr", self.words(cursor)):
            return
        text = self.words(condition)
        if cursor.kind != Kind.WHILE_STMT:
            self.replace(condition, "condition", f"!static_cast<bool>({text})")
        if cursor.kind != Kind.CONDITIONAL_OPERATOR:
            self.replace(condition, "branch", "false")


def span(cursor):
    return cursor.extent.start.offset, cursor.extent.end.offset


def is_statement(cursor, parent):
    if parent.kind == Kind.COMPOUND_STMT:
        return True
    if parent.kind == Kind.IF_STMT:
        return cursor != next(parent.get_children())
    return False


def is_number(type_):
    kind = type_.get_canonical().kind
    return cindex.TypeKind.CHAR_U.value <= kind.value <= cindex.TypeKind.LONGDOUBLE.value


def infix(cursor, collector):
    """(left, operator, right) of `left operator right`, or None."""
    if cursor.kind == Kind.BINARY_OPERATOR:
        children = list(cursor.get_children())
    elif cursor.spelling.startswith("operator"):
        children = list(cursor.get_arguments())
        if len(children) == 1:  # a member of the left side
            children = [next(cursor.get_children()), *children]
    else:
        return None
    if len(children) != 2 or any(child is None for child in children):
        return None
    file = collector.file(cursor)
    (begin, left_end), (right_begin, end) = span(children[0]), span(children[1])
    if collector.file(children[0]) != file or collector.file(children[1]) != file:
        return None
    if (begin, end) != span(cursor) or left_end > right_begin:
        return None
    operator = flat(collector.between(file, left_end, right_begin))
    return (flat(collector.words(children[0])), operator, flat(collector.words(children[1])))


def parse(root, library, besides):
    sources = [path for path in sorted((root / library).rglob("*.cpp"))
               if not any(path.is_relative_to(root / folder) for folder in besides)]
    unit = "".join(f'#include "{path.relative_to(root)}"\n' for path in sources)
    name = str(root / f"{library.replace('/', '_')}.all.cpp")
    return cindex.Index.create().parse(
        name, [*FLAGS, f"-I{root}", f"-I{root}/include"], [(name, unit)],
        cindex.TranslationUnit.PARSE_DETAILED_PROCESSING_RECORD)


def errors_of(unit, root):
    return [line_of(found.location, root) for found in unit.diagnostics
            if found.severity >= cindex.Diagnostic.Error and found.location.file is not None]


def errors(root):
    """[(file, line)] of what does not compile, with the numbers that #line gives."""
    return [error for library in LIBRARIES for error in errors_of(parse(root, *library), root)]


def line_of(location, root):
    path = pathlib.Path(location.file.name)
    before = path.read_text(encoding="utf-8").splitlines()[:location.line]
    changes = [i for i, line in enumerate(before) if line == "#line 1"]
    return str(path.relative_to(root)), location.line - (changes[-1] + 1 if changes else 0)


def note_macros(collector, unit):
    for cursor in unit.cursor.get_children():
        if cursor.kind == Kind.MACRO_INSTANTIATION:
            file = collector.file(cursor)
            if file is not None:
                collector.macros.setdefault(file, set()).add(span(cursor))


def candidates(root):
    """All mutants of the tree, in the order of files and lines, and the errors of sources that do
    not compile together, which do no harm."""
    collector, wrong = Collector(root), []
    for library in LIBRARIES:
        unit = parse(root, *library)
        wrong += errors_of(unit, root)
        note_macros(collector, unit)
        collector.visit(unit.cursor)
    mutants, seen = [], {}
    for (file, edits), (line, last_line, kind, old, new) in sorted(
            collector.found.items(), key=lambda item: (item[0][0], item[0][1][0].begin,
                                                       item[0][1][0].end, item[1])):
        source = lines_of(collector.source(file))[line - 1].strip()
        key = (file, source, old, new)
        seen[key] = seen.get(key, 0) + 1
        mutants.append(Mutant(file, line, last_line, kind, old, new, source, seen[key], edits))
    return mutants, wrong


@functools.lru_cache(maxsize=None)
def lines_of(text):
    return text.decode().splitlines()
