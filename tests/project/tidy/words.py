"""Comments, messages and pages are in plain words: each phrase below has a plainer one, which the
finding names. Read are the comments and string literals of C++, the comments and docstrings of
Python, the comments of shell scripts and CMake files, and Markdown without its code."""

import ast
import bisect
import io
import itertools
import re
import tokenize

_PRONOUNS = "it|there|none|nothing|nobody|no|one|that|this|they|somebody"
_VERBS = "is|are|was|has|have|can|cannot|could|does|do|may|must"
# "where" after one of these names a place, or asks for one.
_PLACES = ("at|from|to|of|on|in|and|or|after|before|until|exactly|just|is|place|places|point|line|"
           "file|folder|position|offset|step|page|spot|moment|host|link|says?|tells?|shows?|knows?|"
           "sees?|reports?|prints?|finds?|asks?|remembers?|records?")
_COMPARED = ("longer|shorter|more|less|fewer|later|earlier|larger|smaller|greater|better|worse|"
             "higher|lower|deeper|wider|slower|faster|newer|older|further|different")

# (pattern, the plain word)
_PHRASES = [(re.compile(pattern, re.IGNORECASE), plain) for pattern, plain in [
    (rf"\bwhere (?:{_PRONOUNS}) (?:{_VERBS})\b", '"if"; "where" is for places'),
    (r"\bto no avail\b", '"without success"'),
    (r"\b(?:for|after|before|of|takes?|took|waits?|lasts?|at most|at least|up to|by) "
     r"so (?:many|long|much)\b(?! as\b| that\b)", 'the amount itself, or "this many", "this long"'),
    (r"\b(?:is|are|be|been|was|were) had\b", '"is obtained" or "is available"'),
    (r"\banew\b", '"again"'),
    (r"\bfor ever\b", '"forever"'),
    (r"\bmend(?:s|ed|ing)?\b", '"fix"'),
    (r"\bof one's own\b", '"its own" or "your own"'),
    (r"\blikewise\b", "the sentence in full"),
    (r"\bREQUIRES of\b", '"REQUIRES:" at each declaration'),
    (rf"(?<!\bthere )\b(?:is|are) no (?!(?:{_COMPARED})\b)[a-z]+", '"is not a"'),
    (r"\bstands? (?:in(?! for\b)|beside|below|there)\b", '"is"'),
    (r"\btold (?:which|of|that)\b", '"receives" or "is notified of"'),
    (r"\bcomes? to be\b", '"is created" or "becomes"'),
    (r"\bgives? (?:the|a|an|nothing|true|what|it)\b", '"returns" or "provides"'),
    (r"\bhow-manieth\b", '"index"'),
    (r"\bwent on from\b", '"resumed at"'),
    (r"\bwhat is (?:told|said|had)\b", "the thing itself"),
    (r"\bsays? so\b", '"reports it"'),
    (r"\bnobody(?:'s)? (?:waits|reads|asks|is)\b", '"no task" or "no caller"'),
]]
_PLACE_BEFORE = re.compile(rf"\b(?:{_PLACES})[,;]? $", re.IGNORECASE)

_CPP_TEXT = re.compile(
    r"""(?P<line>//[^\n]*)
      | (?P<block>/\*.*?\*/)
      | \bR"(?P<mark>[^()\\\s]{0,16})\((?P<raw>.*?)\)(?P=mark)"
      | (?P<string>"(?:[^"\\\n]|\\.)*")
      | (?P<character>(?<![0-9a-fA-F])'(?:[^'\\\n]|\\.)*')""",
    re.VERBOSE | re.DOTALL,
)
_FENCE = re.compile(r"^ *(```|~~~).*?^ *\1 *$", re.MULTILINE | re.DOTALL)
_BREAK = "\x00"  # no phrase goes across it


def check(path, text):
    words = []  # (line, word): a phrase may be cut by the end of a line
    for line, part in _prose(path, text):
        for number, one in enumerate(part.split("\n"), line):
            words += [(number, word) for word in one.split()]
    joined = " ".join(word for _, word in words)
    starts = list(itertools.accumulate((len(word) + 1 for _, word in words), initial=0))
    found = []
    for pattern, plain in _PHRASES:
        for match in pattern.finditer(joined):
            phrase = match.group()
            if phrase.lower().startswith("where") and _PLACE_BEFORE.search(
                    joined[:match.start()][-24:]):
                continue
            line = words[bisect.bisect_right(starts, match.start()) - 1][0]
            found.append((line, f'"{phrase}": write {plain}'))
    yield from sorted(found)


def _prose(path, text):
    """(line, text) of each comment, string or paragraph, in order, with breaks between those that
    do not continue each other."""
    if path.endswith((".hpp", ".cpp")):
        return _cpp(text)
    if path.endswith(".py"):
        return _python(text)
    if path.endswith(".md"):
        return _markdown(text)
    return _hash_comments(text)


def _cpp(text):
    end = 0
    for match in _CPP_TEXT.finditer(text):
        line = text.count("\n", 0, match.start()) + 1
        if text[end:match.start()].strip():
            yield line, _BREAK
        end = match.end()
        kind = match.lastgroup
        if kind == "line":
            yield line, match.group().lstrip("/!<")
        elif kind == "block":
            yield line, re.sub(r"^[ \t]*\*", " ", match.group()[2:-2], flags=re.MULTILINE)
        elif kind == "string":
            yield line, match.group()[1:-1].replace("\\n", " ")
        elif kind == "raw":
            yield line, match.group("raw")


def _python(text):
    found = []
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.COMMENT:
            before = _BREAK if token.line[:token.start[1]].strip() else ""
            found.append((token.start[0], f"{before} {token.string.lstrip('#')}"))
        elif token.type not in (tokenize.NL, tokenize.INDENT, tokenize.DEDENT):
            found.append((token.start[0], _BREAK))
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)):
            docstring = ast.get_docstring(node, clean=False)
            if docstring:
                found.append((node.body[0].lineno, f"{_BREAK} {docstring} {_BREAK}"))
    return sorted(found, key=lambda one: one[0])


def _markdown(text):
    def lines_only(match):
        return _BREAK + re.sub(r"[^\n]", "", match.group())
    text = re.sub(r"`[^`\n]*`", "`", _FENCE.sub(lines_only, text))
    for number, line in enumerate(text.split("\n"), 1):
        yield number, line if line.strip() else _BREAK


def _hash_comments(text):
    for number, line in enumerate(text.split("\n"), 1):
        match = re.match(r"(.*?)(?:^|(?<=\s))#+(.*)$", line)
        if match:
            yield number, (f"{_BREAK} " if match.group(1).strip() else "") + match.group(2)
        else:
            yield number, _BREAK
