"""C++ text with its comments and literals blanked out, and its tokens.

No rule needs a compiler, because each looks only at the shape of the text. Offsets and lines stay
as in the file, so that a finding points at the right place."""

import re
from typing import NamedTuple


class Token(NamedTuple):
    text: str
    line: int


# Comments, raw strings, strings and characters, in that order of precedence at one position. A
# quote between digits is a separator and does not start a character.
_BLANKED = re.compile(
    r"""//[^\n]*
      | /\*.*?\*/
      | \bR"(?P<raw>[^()\\\s]{0,16})\(.*?\)(?P=raw)"
      | "(?:[^"\\\n]|\\.)*"
      | (?<![0-9a-fA-F])'(?:[^'\\\n]|\\.)*'""",
    re.VERBOSE | re.DOTALL,
)
_DIRECTIVE = re.compile(r"^[ \t]*#(?:[^\n\\]|\\.|\\\n)*", re.MULTILINE)
_ATTRIBUTE = re.compile(r"\[\[[^\[\]]*\]\]")
_TOKEN = re.compile(
    r"""[A-Za-z_]\w*
      | \.?[0-9](?:[\w.]|'[0-9a-fA-F])*
      | ::|->|\+\+|--|&&|\|\||[=!<>+\-*/%&|^]=|\.\.\.
      | "[ ]*" | '[ ]*'
      | [^\s\w]""",
    re.VERBOSE,
)


def _blank(match):
    text = match.group()
    if text[0] == "/":
        return re.sub(r"[^\n]", " ", text)
    quote = "'" if text[0] == "'" else '"'
    return quote + re.sub(r"[^\n]", " ", text[1:-1]) + quote


def mask(text):
    """Returns the text with comments blank and literals empty; every line keeps its length."""
    return _BLANKED.sub(_blank, text)


def _spaces(match):
    return re.sub(r"[^\n]", " ", match.group())


def tokens(text):
    """Returns the tokens of C++ text, without comments, directives and attributes."""
    code = _ATTRIBUTE.sub(_spaces, _DIRECTIVE.sub(_spaces, mask(text)))
    found = []
    line = 1
    position = 0
    for match in _TOKEN.finditer(code):
        line += code.count("\n", position, match.start())
        position = match.start()
        found.append(Token(match.group(), line))
    return found


def includes(text):
    """Returns (line, path) of every include; a front door header by its place in the tree."""
    pattern = re.compile(r'^[ \t]*#[ \t]*include[ \t]*[<"]([^>"]+)[>"]', re.MULTILINE)
    for match in pattern.finditer(text):
        path = match.group(1)
        if path.startswith("rehearsal/"):
            path = "include/" + path
        yield text.count("\n", 0, match.start()) + 1, path
