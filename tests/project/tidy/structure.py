"""Finds the classes, the functions and the statements of C++ text by its brackets.

A statement is its tokens, without the bodies of its lambdas, whose statements are their own. A
control statement with a braced body is a statement of its header alone. The tokens before a brace
decide what it opens; the cases are those that occur in hand-written code."""

from dataclasses import dataclass, field

from source import Token, tokens

CONTROL = {"if", "for", "while", "switch", "catch"}
CLASS = {"class", "struct", "union", "enum"}
LAMBDA_BODY = "<lambda>"
_OPEN = {"(": ")", "[": "]", "{": "}"}
_LAMBDA_SPECIFIERS = {"mutable", "noexcept", "constexpr", "static"}


@dataclass
class Function:
    name: str
    first_line: int
    last_line: int
    owner: str = ""  # the class of a member that is defined outside of it


@dataclass
class Class:
    name: str
    first_line: int
    last_line: int


@dataclass
class Statement:
    scope: str  # "namespace", "class" or "function"
    owner: str  # the innermost class whose member this is, or ""
    tokens: list = field(default_factory=list)
    captures: list = field(default_factory=list)  # the capture tokens of each lambda in it
    opens_function: bool = False  # it is the head of a function with a body

    @property
    def line(self):
        return self.tokens[0].line

    @property
    def texts(self):
        return [token.text for token in self.tokens]


@dataclass
class Structure:
    classes: list = field(default_factory=list)  # outside of any class or function
    functions: list = field(default_factory=list)
    statements: list = field(default_factory=list)


def match_back(texts, close):
    """Returns the index of the bracket that texts[close] closes."""
    opener = {"]": "[", ")": "(", "}": "{"}[texts[close]]
    depth = 0
    for index in range(close, -1, -1):
        if texts[index] == texts[close]:
            depth += 1
        elif texts[index] == opener:
            depth -= 1
            if depth == 0:
                return index
    return 0


def match_forward(texts, opening):
    """Returns the index of the bracket that closes texts[opening], or the last index
    if none does."""
    closer = {**_OPEN, "<": ">"}[texts[opening]]
    depth = 0
    for index in range(opening, len(texts)):
        if texts[index] == texts[opening]:
            depth += 1
        elif texts[index] == closer:
            depth -= 1
            if depth == 0:
                return index
    return len(texts) - 1


def _is_word(text):
    return text[0].isalpha() or text[0] == "_"


def lambda_introducer(texts):
    """Returns the index of the '[' of a lambda whose body starts after texts, or None."""
    for start in range(len(texts) - 1, -1, -1):
        if texts[start] in (";", LAMBDA_BODY):
            return None
        if texts[start] != "[":
            continue
        before = texts[start - 1] if start > 0 else ""
        if before and (before in (")", "]") or (_is_word(before) and before not in
                       ("return", "co_return", "co_await", "co_yield", "else", "do", "throw"))):
            continue  # a subscript or the bounds of an array
        rest = match_forward(texts, start) + 1
        if rest < len(texts) and texts[rest] == "<":
            rest = match_forward(texts, rest) + 1
        if rest < len(texts) and texts[rest] == "(":
            rest = match_forward(texts, rest) + 1
        while rest < len(texts) and texts[rest] in _LAMBDA_SPECIFIERS:
            rest += 1
        if rest >= len(texts) or texts[rest] in ("->", "requires"):
            return start
    return None


def _without_template_head(texts):
    while texts and texts[0] == "template" and len(texts) > 1:
        depth = 0
        for index, text in enumerate(texts[1:], 1):
            depth += (text == "<") - (text == ">")
            if depth == 0:
                texts = texts[index + 1:]
                break
        else:
            return []
    return texts


def _has_assignment(texts):
    return any(text == "=" and texts[index - 1] != "operator" and not
               (index > 1 and texts[index - 1] in "<>!=" and texts[index - 2] == "operator")
               for index, text in enumerate(texts) if index > 0 and _depth_at(texts, index) == 0)


def _depth_at(texts, end):
    return sum((text in _OPEN) - (text in (")", "]", "}")) for text in texts[:end])


def _has_constructor_colon(texts):
    depth = 0
    for index, text in enumerate(texts):
        if text == ":" and depth == 0 and index > 0 and texts[index - 1] in (")", "noexcept"):
            return True
        depth += (text in _OPEN) - (text in (")", "]", "}"))
    return False


def opened(statement, nested):
    """Returns what a '{' after `statement` opens: block, function, lambda, class,
    namespace or braces."""
    texts = statement.texts
    if not texts:
        return "block" if statement.scope == "function" else "namespace"
    if lambda_introducer(texts) is not None:
        return "lambda"
    if nested:
        return "braces"
    head = _without_template_head(texts)
    first, last = (head[0] if head else ""), texts[-1]
    if "namespace" in head[:2] or first == "extern":
        return "namespace"
    if first in CLASS or (first in ("typedef", "static") and len(head) > 1 and head[1] in CLASS):
        return "class"
    if statement.scope == "function":
        if first in CONTROL and last == ")" or last in ("else", "do", "try"):
            return "block"
        if last == ")":
            before = match_back(texts, len(texts) - 1) - 1
            return "braces" if before >= 0 and texts[before] == "requires" else "block"
        return "block" if first == "else" and last == ")" else "braces"
    if _has_assignment(head) or "(" not in head:
        return "braces"
    if _has_constructor_colon(head) and (_is_word(last) or last == ">") and last != "try":
        return "braces"
    return "function"


def _name_of_class(texts):
    head = _without_template_head(texts)
    words = [text for text in head[1:] if _is_word(text) and text not in ("final", "class")]
    return words[0] if words else ""


def _name_of_function(texts):
    head = _without_template_head(texts)
    at = head.index("(") if "(" in head else len(head)
    if "operator" in head[:at]:
        return " ".join(head[head.index("operator"):at])
    return "".join(head[max(at - 1, 0):at])


def _owner_of_function(texts):
    """Returns "C" for `C::f(` or `C<T>::f(`, otherwise ""."""
    head = _without_template_head(texts)
    if "(" not in head:
        return ""
    at = head.index("(")
    if "::" not in head[:at]:
        return ""
    at = max(index for index in range(at) if head[index] == "::") - 1
    if at >= 0 and head[at] == ">":
        depth = 0
        while at >= 0:
            depth += (head[at] == ">") - (head[at] == "<")
            at -= 1
            if depth == 0:
                break
    return head[at] if at >= 0 and _is_word(head[at]) else ""


class _Parser:
    def __init__(self, text):
        self.tokens = tokens(text)
        self.at = 0
        self.result = Structure()

    def parse(self):
        while self.at < len(self.tokens):
            self.block("namespace", "")
        return self.result

    def emit(self, statement):
        if statement.tokens:
            self.result.statements.append(statement)
        return Statement(statement.scope, statement.owner)

    def block(self, scope, owner):
        """Returns the statements up to and including the '}' that ends the block."""
        statement = Statement(scope, owner)
        while self.at < len(self.tokens):
            token = self.tokens[self.at]
            self.at += 1
            texts = statement.texts
            if token.text == "}":
                break
            if token.text == ";":
                statement = self.emit(statement)
            elif token.text == ":" and texts and self.is_label(texts):
                statement = Statement(scope, owner)
            elif token.text == "{":
                statement = self.brace(statement, token)
            else:
                statement.tokens.append(token)
                if token.text in ("(", "["):
                    self.group(statement, _OPEN[token.text])
        self.emit(statement)

    @staticmethod
    def is_label(texts):
        return (texts[0] in ("case", "default") and "?" not in texts or
                texts in (["public"], ["private"], ["protected"]))

    def brace(self, statement, token):
        """Follows the '{' in `token`; returns the statement that continues after its '}'."""
        kind = opened(statement, nested=False)
        if kind in ("braces", "lambda"):
            self.nested_brace(statement, token, kind)
            return statement
        if kind == "function":
            statement.opens_function = True
        texts = statement.texts
        first_line = statement.line if texts else token.line
        following = self.emit(statement)
        if kind == "class":
            self.block("class", _name_of_class(texts))
            if statement.scope == "namespace":
                last_line = self.tokens[self.at - 1].line
                self.result.classes.append(Class(_name_of_class(texts), first_line, last_line))
            return Statement(statement.scope, statement.owner)
        self.block({"namespace": "namespace"}.get(kind, "function"),
                   statement.owner if kind != "namespace" else "")
        if kind == "function":
            last_line = self.tokens[self.at - 1].line
            self.result.functions.append(
                Function(_name_of_function(texts), first_line, last_line,
                         _owner_of_function(texts) if statement.scope == "namespace" else ""))
        return following

    def nested_brace(self, statement, token, kind):
        if kind == "lambda":
            texts = statement.texts
            start = lambda_introducer(texts)
            statement.captures.append(texts[start + 1:match_forward(texts, start)])
            first_line = statement.tokens[start].line
            self.block("function", statement.owner)
            last = self.tokens[self.at - 1]
            self.result.functions.append(Function("lambda", first_line, last.line))
            statement.tokens.append(Token(LAMBDA_BODY, last.line))
        else:
            statement.tokens.append(token)
            self.group(statement, "}")

    def group(self, statement, closer):
        """Appends tokens up to and including `closer`, with all nested ones."""
        while self.at < len(self.tokens):
            token = self.tokens[self.at]
            self.at += 1
            if token.text == "{":
                self.nested_brace(statement, token, opened(statement, nested=True))
                continue
            statement.tokens.append(token)
            if token.text == closer:
                return
            if token.text in ("(", "["):
                self.group(statement, _OPEN[token.text])


def parse(text):
    return _Parser(text).parse()
