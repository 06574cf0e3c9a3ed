"""Finds the coroutine patterns that g++ 12 silently miscompiles, and those whose meaning depends on
the order in which a compiler evaluates arguments. tests/project/toolchain/README.md shows each, and
what to write instead."""

import re

from structure import CONTROL, match_forward, parse

AWAIT = "co_await"
# Calls to the network interface: two in one argument list run in unspecified order.
SEAM_CALLS = {
    "accept", "bind", "choose", "connect", "delay", "listen", "random", "recv", "recv_exactly",
    "recv_from", "recv_until", "resolve", "send", "send_all", "send_to", "wait",
}
# The arguments of these are tasks and operations, which call nothing before they are awaited.
AWAIT_SEVERAL = {"when_all", "when_any"}
# A class with a member of one of these types has a non-trivial destructor.
_OWNING = {
    "any", "deque", "function", "list", "map", "move_only_function", "multimap", "multiset",
    "optional", "queue", "set", "shared_ptr", "stack", "string", "unique_ptr", "unordered_map",
    "unordered_set", "variant", "vector", "weak_ptr",
}


class Classes:
    """Properties of the tree's classes, by name; every file is added before one is checked."""

    def __init__(self):
        self._members = {}
        self._constructed = set()
        self._destroyed = set()

    def add(self, text):
        for statement in parse(text).statements:
            name = statement.owner
            if statement.scope != "class" or not name:
                continue
            texts = statement.texts
            self._members.setdefault(name, set())
            if _declares(texts, name):
                self._constructed.add(name)
            elif "~" in texts:
                self._destroyed.add(name)
            elif not statement.opens_function and not _is_function(texts):
                self._members[name].update(texts)

    def is_owning_aggregate(self, name):
        return (name in self._members and name not in self._constructed and self._owns(name, set()))

    def _owns(self, name, seen):
        if name in seen or name not in self._members:
            return False
        seen.add(name)
        return (name in self._destroyed or bool(self._members[name] & _OWNING) or
                any(self._owns(member, seen) for member in sorted(self._members[name])))


def _declares(texts, name):
    return any(text == name and texts[index + 1:index + 2] == ["("] and
               (index == 0 or texts[index - 1] not in ("~", "return", "=", ".", "->", "::"))
               for index, text in enumerate(texts))


def _is_function(texts):
    if texts[0] in ("using", "friend", "static", "typedef", "template", "enum", "class", "struct"):
        return True
    return texts[-1] in (")", "const", "noexcept", "override", "default", "delete", "0") and (
        "(" in texts)


def check(path, text, classes):
    if path.startswith("tests/project/toolchain/"):
        return
    for statement in parse(text).statements:
        texts = statement.texts
        if AWAIT in texts:
            line = statement.tokens[texts.index(AWAIT)].line
            for message in _await_findings(statement, texts, classes):
                yield line, message
        for index in _calls_with_two_seam_calls(texts):
            yield statement.tokens[index].line, (
                "two calls through the seam in one argument list: their order is the compiler's; "
                "hoist them")
        for name in _defaulted_aggregates(texts, classes):
            yield statement.line, (
                f"{name} = {{}}: g++ 12 destroys this aggregate twice; give it a constructor")
    for match in re.finditer(r"\bstruct\s+(\w*Options)\b[^;{]*\{", text):
        if classes.is_owning_aggregate(match.group(1)):
            yield text.count("\n", 0, match.start()) + 1, (
                f"{match.group(1)} owns something and has no constructor: g++ 12 destroys it twice "
                "beside a co_await")


def _await_findings(statement, texts, classes):
    if texts.count(AWAIT) > 1:
        yield "more than one co_await in a statement; hoist each into a variable"
    if _in_condition(texts):
        yield "co_await in a condition: g++ 12 may leave out the whole body; hoist it"
    if texts[0] == "throw" or "throw" in texts:
        yield "throw and co_await in one statement: g++ 12 destroys the exception twice; hoist it"
    if "?" in texts:
        yield "?: and co_await in one statement: g++ 12 destroys a result twice; use if"
    if any(_owns_something(captures) for captures in statement.captures):
        yield "a lambda with captures beside a co_await: g++ 12 destroys it twice; hoist it"
    if _in_braces(texts):
        yield "co_await in braces: g++ 12 may destroy the result twice; hoist it"
    for index, text in enumerate(texts):
        if text == "{" and texts[index + 1:index + 2] == ["."]:
            yield "a designated initialiser beside a co_await: g++ 12 destroys it twice; hoist it"
        if text == "{" and index > 0 and classes.is_owning_aggregate(texts[index - 1]):
            yield (f"{texts[index - 1]}{{...}} beside a co_await: g++ 12 destroys an aggregate "
                   "twice; hoist it")


def _in_condition(texts):
    for index, text in enumerate(texts):
        if text in CONTROL:
            start = index + 1 + (texts[index + 1:index + 2] == ["constexpr"])
            if texts[start:start + 1] == ["("]:
                if AWAIT in texts[start:match_forward(texts, start)]:
                    return True
    return False


def _in_braces(texts):
    depth = 0
    for text in texts:
        depth += (text == "{") - (text == "}")
        if text == AWAIT and depth > 0:
            return True
    return False


def _owns_something(captures):
    """Returns whether a lambda captures anything by copy: [x], [=], [x = f()], [*this]."""
    for capture in _split(captures):
        if capture and capture[0] != "&" and capture != ["this"]:
            return True
    return False


def _split(texts):
    """Returns the comma-separated parts of texts, at the outermost level of brackets."""
    parts, depth = [[]], 0
    for text in texts:
        depth += (text in ("(", "[", "{")) - (text in (")", "]", "}"))
        if text == "," and depth == 0:
            parts.append([])
        else:
            parts[-1].append(text)
    return parts


def _has_seam_call(texts):
    return any(text in SEAM_CALLS and texts[index + 1:index + 2] == ["("] and
               index > 0 and texts[index - 1] in (".", "->")
               for index, text in enumerate(texts))


def _calls_with_two_seam_calls(texts):
    for index, text in enumerate(texts):
        called = index > 0 and (texts[index - 1].isidentifier() or texts[index - 1] == ">")
        if text == "(" and called and texts[index - 1] not in CONTROL | AWAIT_SEVERAL:
            arguments = _split(texts[index + 1:match_forward(texts, index)])
            if sum(_has_seam_call(argument) for argument in arguments) > 1:
                yield index


def _defaulted_aggregates(texts, classes):
    """Finds parameters such as `Options options = {}` whose type is an aggregate
    with owning members."""
    depth = 0
    for index, text in enumerate(texts):
        depth += (text == "(") - (text == ")")
        if depth > 0 and text == "{" and texts[index - 1] == "=" and index > 2:
            words = [word for word in texts[index - 5:index - 2] if word.isidentifier()]
            yield from (word for word in words if classes.is_owning_aggregate(word))
