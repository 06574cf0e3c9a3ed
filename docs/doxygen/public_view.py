"""The public headers as a reader of the reference wants them: each name that include/rehearsal
exports, declared in the namespace `rehearsal` with its comments, and without what is private.

The real declarations are in internal namespaces and headers. write_view() writes one header for
each header of include/rehearsal; no compiler reads it, but Doxygen does.
"""

import re
from pathlib import Path

# Where the headers of each namespace are.
FOLDERS = {name: name for name in ("sched", "realnet", "record", "simnet", "harness")}
FOLDERS["tls"] = "sched/tls"
# Bases that are there for error messages, or to be told apart, and that have nothing for a user.
HIDDEN_BASES = {"SpawnErrors", "RecordedCalls", "TaskOwner", "Waiter", "Timer", "Observer"}
NAME = re.compile(r"(?:class|struct|enum class|concept|using)\s+(?:\[\[[^\]]*\]\]\s+)?"
                  r"(?:alignas\(\d+\)\s+)?(\w+)(?!\s*<)")
COMMENT = re.compile(r"^\s*///?(?!/)")


def without_literals(line):
    """A line whose braces and parentheses can be counted."""
    line = re.sub(r'"(?:\\.|[^"\\])*"', '""', line)
    line = re.sub(r"'(?:\\.|[^'\\])'", "''", line)
    return line.split("//")[0].rstrip()


class Chunk:
    """A declaration with the comment before it. `first` is its first line in its file, from 1."""

    def __init__(self, comment, lines, first, path):
        self.comment, self.lines, self.first, self.path = comment, lines, first, path

    @property
    def text(self):
        return "\n".join(self.lines)

    @property
    def name(self):
        head = re.sub(r"^\s*(template\s*<.*?>\s*(requires[^\n]*)?\n)+", "", self.text + "\n",
                      flags=re.DOTALL) if self.text.lstrip().startswith("template") else self.text
        head = head.strip()
        found = NAME.match(head)
        if found:
            return found.group(1)
        found = re.match(r"(?:inline )?constexpr [\w:]+ (\w+)", head)
        if found and "(" not in head.split("=")[0]:
            return found.group(1)
        before = re.sub(r"\[\[[^\]]*\]\]", "", head.split("{")[0])
        found = re.search(r"([\w:]*(?:<[\w, ]+>::)?[~\w]+)\s*\(", before)
        return found.group(1) if found else ""


def chunks(lines, first, path):
    """Splits lines of one scope into declarations; marks of access come as chunks, too."""
    found, comment, body, depth, angle = [], [], [], 0, False
    start = first
    for number, line in enumerate(lines, first):
        bare = without_literals(line)
        if not body:
            if not line.strip():
                comment = []
                continue
            if COMMENT.match(line):
                comment.append(line)
                continue
            start = number
            if line.startswith("#"):
                body, angle = [line], line.endswith("\\")
                if not angle:
                    found.append(Chunk(comment, body, start, path))
                    body, comment = [], []
                continue
        if depth == 0 and COMMENT.match(line) and body[-1].rstrip().endswith(">"):
            # Between `template <...>` and what it is a template of.
            comment.append(line)
            continue
        body.append(line)
        if body[0].startswith("#"):
            if not line.endswith("\\"):
                found.append(Chunk(comment, body, start, path))
                body, comment = [], []
            continue
        depth += sum(bare.count(c) for c in "{(") - sum(bare.count(c) for c in "})")
        ends = bare.endswith((";", "}")) or re.fullmatch(r"\s*(public|protected|private):", bare)
        if depth == 0 and ends:
            found.append(Chunk(comment, body, start, path))
            body, comment = [], []
    return found


def top_comment(lines):
    comment = []
    for line in lines:
        if not COMMENT.match(line):
            break
        if line != "/// @file":
            comment.append(line)
    return comment


class Header:
    def __init__(self, root, path):
        lines = path.read_text(encoding="utf-8").splitlines()
        self.top, self.stem = top_comment(lines), path.stem.replace("_", "")
        self.chunks = []
        relative = path.relative_to(root)
        opened = [i for i, line in enumerate(lines)
                  if re.match(r"namespace rehearsal::\w+ \{", line)]
        for begin in opened:
            end = next(i for i in range(begin, len(lines))
                       if lines[i].startswith("}  // namespace"))
            self.chunks += chunks(lines[begin + 1:end], begin + 2, relative)
        self.macros = [chunk for chunk in chunks(lines, 1, relative)
                       if chunk.lines[0].startswith("#define")] if "gtest" in relative.parts else []


def exported(root):
    """(header, namespace, name) of each using-declaration, in order."""
    for header in sorted((root / "include/rehearsal").glob("*.hpp")):
        for namespace, name in re.findall(r"^using (\w+)::(\w+);",
                                          header.read_text(encoding="utf-8"), re.MULTILINE):
            yield header.name, namespace, name


def reference(page):
    """Of each name of docs/reference.md its first header, its section, and its line."""
    found, section = {}, ""
    for line in page.read_text(encoding="utf-8").partition("\n## Names\n")[2].partition(
            "\n## ")[0].splitlines():
        if line.startswith("### "):
            section = line[4:]
        cells = [cell.strip() for cell in line.strip("|").split(" | ")]
        if line.startswith("| `") and len(cells) == 3:
            found[cells[0].strip("`")] = (re.findall(r"`([^`]+)`", cells[1])[0], section,
                                          re.sub(r"; see \[.*", "", cells[2]))
    return found


def own_comment(lines, indent):
    """A comment as Doxygen takes it. Lines that are indented further are shown as they are."""
    found, verbatim, in_list = [], False, False
    for line in lines:
        if "NOLINT" in line:
            continue
        text = re.sub(r"^\s*///?<? ?", "", line).rstrip()
        in_list = re.match(r"\s*([-*]|\d+\.) ", text) is not None or (
            in_list and text.startswith(" "))
        indented = text.startswith("  ") and not in_list
        if indented != verbatim and (text or not verbatim):
            found.append("/// @verbatim" if indented else "/// @endverbatim")
            verbatim = indented
        found.append(f"/// {text}".rstrip())
    return [" " * indent + line for line in found + ["/// @endverbatim"] * verbatim]


def signature(text):
    """A function without its body and its initialisers."""
    depth, i = 0, 0
    operator = re.search(r"operator *[^\w\s(]+", text)
    if operator:
        i = operator.end()
    seen_arguments = False
    while i < len(text):
        c = text[i]
        if c in "([":
            depth += 1
        elif c in ")]":
            depth -= 1
            seen_arguments = seen_arguments or (c == ")" and depth == 0)
        elif depth == 0 and seen_arguments and (
                c == "{" or (c == ":" and text[i - 1] != ":" and text[i + 1] != ":")):
            return text[:i].rstrip() + ";"
        elif depth == 0 and not seen_arguments and c in "{=;":
            return text
        i += 1
    return text


class View:
    """Lines of a header, and where each was taken from."""

    def __init__(self):
        self.lines, self.origin = [], []

    def add(self, lines, origin):
        for line in lines:
            self.lines.append(line)
            self.origin.append(origin)

    def member(self, chunk, indent):
        origin = f"{chunk.path}:{chunk.first}"
        text = chunk.text
        head = text.strip()
        if ("REHEARSAL_UNAVAILABLE" in text or "= delete" in text or head.startswith(
                ("friend", "using" if indent else "#", "static_assert", "#")) or re.match(
                    r"(struct|class|template <[^>]*>\n\s*class) \w+;", head)):
            return
        self.add(own_comment(chunk.comment, indent), origin)
        if re.match(r"(template[^\n]*\n\s*)?(class|struct) ", head) and head.endswith("};"):
            self.record(chunk, indent)
            return
        text = re.sub(r" *// NOLINT[^\n]*", "", text)
        text = signature(text) if not head.startswith(("enum", "struct", "class")) else text
        text = re.sub(r"(?<!/)// ", "///< ", text)
        text = re.sub(r"\[\[gnu::\w+\]\] ", "", text)
        self.add(text.splitlines(), origin)

    def record(self, chunk, indent):
        """A class or struct: its public members."""
        head, inner, begun = [], [], False
        for line in chunk.lines:
            if begun:
                inner.append(line)
            else:
                head.append(line)
                begun = without_literals(line).endswith(("{", "{}", "};"))
        origin = f"{chunk.path}:{chunk.first}"
        head = [re.sub(r"alignas\(\d+\) |\[\[nodiscard\]\] ", "", line) for line in head]
        head_text = re.sub(r"(,\s*|:\s*)(public|private|protected) (?:\w+::)*(\w+)(<[^{,]*>)?",
                           lambda m: "" if m.group(2) != "public" or m.group(3) in HIDDEN_BASES
                           else m.group(0), "\n".join(head))
        self.add(head_text.splitlines(), origin)
        if not inner:
            return
        is_class = re.search(r"\bclass\b", re.sub(r"template[^\n]*", "", head_text)) is not None
        public = not is_class
        for member in chunks(inner[:-1], chunk.first + len(head), chunk.path):
            mark = re.fullmatch(r"\s*(public|protected|private):", member.text)
            if mark:
                public = mark.group(1) == "public"
                if public:
                    self.add([" " * indent + " public:"], origin)
            elif public:
                self.member(member, indent + 2)
        self.add([" " * indent + "};"], origin)

    def write(self, path):
        text = "\n".join(self.lines) + "\n"
        text = re.sub(rf"(?<![\w:])(rehearsal::)?({'|'.join(FOLDERS)})::(?=[A-Za-z_])", "", text)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def slug(section):
    return "group_" + re.sub(r"\W+", "_", section.lower())


def headers_of(root):
    found = {}
    for namespace, folder in FOLDERS.items():
        found[namespace] = [Header(root, path) for path in sorted((root / folder).rglob("*.hpp"))]
    return found


def public_bases(chunk):
    head = re.split(r"\{", chunk.text)[0]
    return [name for name in re.findall(r"public (?:\w+::)*(\w+)", head)
            if name not in HIDDEN_BASES]


def declarations(headers, namespace, name):
    """The chunks that declare it, each with the comment on top of its file if it is the first."""
    for header in headers[namespace]:
        named = [chunk for chunk in header.chunks if chunk.name == name and
                 not re.search(r"(class|struct) [\w() ]+;$", chunk.text.strip()) and
                 "REHEARSAL_UNAVAILABLE" not in chunk.text.split("{")[0]]
        for i, chunk in enumerate(named):
            about = re.sub(r"^///? ", "", header.top[0]) if header.top else ""
            is_main = i == 0 and not chunk.comment and (
                about.startswith(name) or header.stem == name.lower())
            yield chunk, header.top if is_main else []


def add_macros(view, headers, known):
    for macro in [macro for header in headers["harness"] for macro in header.macros]:
        name, arguments = re.match(r"#define (\w+)(\([^)]*\))?", macro.text).groups(default="")
        if name in known:
            _, section, line = known[name]
            view.add([f"/// \\brief {line[0].upper()}{line[1:]}.", "///",
                      f"/// \\ingroup {slug(section)}", f"#define {name}{arguments}", ""],
                     f"{macro.path}:{macro.first}")


def groups_of(known):
    """A group of Doxygen's for each section of the names in docs/reference.md."""
    groups = View()
    for section in dict.fromkeys(section for _, section, _ in known.values()):
        groups.add([f"/// \\defgroup {slug(section)} {section}"], "docs/reference.md:1")
    groups.add(["/// \\namespace rehearsal", "/// Every public name of the library.",
                "namespace rehearsal {}"], "docs/reference.md:1")
    return groups


def write_view(root, into):
    """Writes the headers into `into`/rehearsal. Returns where each line of each was taken from."""
    headers, known = headers_of(root), reference(root / "docs/reference.md")
    views, done = {}, set()

    def view_of(name):
        if name not in views:
            views[name] = View()
            top = top_comment((root / "include/rehearsal" / name).read_text().splitlines())
            top = [re.sub(r"^///? ?", "", line) for line in top]
            text = " ".join(line for line in top if line[:1] not in "@\\").partition("  ")[0]
            views[name].add(["/// \\file", f"/// {text.strip()}", "", "namespace rehearsal {", ""],
                            f"include/rehearsal/{name}:1")
        return views[name]

    def add(view, chunk, top, name):
        origin = f"{chunk.path}:{chunk.first}"
        _, section, line = known.get(name, ("", "", ""))
        if line and name not in done:
            view.add([f"/// \\brief {line[0].upper()}{line[1:]}.", "///"], origin)
        if section:
            view.add([f"/// \\ingroup {slug(section)}", "///"], origin)
        view.add(own_comment(top, 0) + own_comment(chunk.comment, 0), origin)
        text = chunk.text.lstrip()
        if re.match(r"(template.*?>\n)?(class|struct)\b", text, re.DOTALL):
            view.record(chunk, 0)
        else:
            copy = Chunk([], chunk.lines, chunk.first, chunk.path)
            view.member(copy, 0)
        view.add([""], origin)

    missing = []
    for header, namespace, name in exported(root):
        if name in done or known.get(name, (header,))[0] != header:
            continue
        found = list(declarations(headers, namespace, name))
        if not found:
            # A name that another folder has, under a using-declaration of its own.
            found = [one for folder in FOLDERS for one in declarations(headers, folder, name)]
        if not found:
            missing.append(name)
        for chunk, top in found:
            for base in public_bases(chunk):
                if base not in known and base not in done:
                    for folder in FOLDERS:
                        for base_chunk, base_top in declarations(headers, folder, base):
                            add(view_of(header), base_chunk, base_top, base)
                    done.add(base)
            add(view_of(header), chunk, top, name)
            done.add(name)
    add_macros(view_of("gtest.hpp"), headers, known)
    if missing:
        raise SystemExit(f"docs: no declaration found of {', '.join(missing)}")
    groups = groups_of(known)
    groups.write(into / "groups.hpp")
    origins = {"groups.hpp": groups.origin}
    for name, view in views.items():
        view.add(["}"], f"include/rehearsal/{name}:1")
        view.write(into / "rehearsal" / name)
        origins[f"rehearsal/{name}"] = view.origin
    return origins
