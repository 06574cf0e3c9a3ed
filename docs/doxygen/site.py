#!/usr/bin/env python3
"""Builds the site of the documentation with Doxygen into a folder: README.md, the pages of docs/,
and the public headers.

usage: site.py FOLDER

It fails at a warning of Doxygen's that known_warnings.txt does not list.
"""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import public_view

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
# In the order of the site's list of pages. Others follow by name.
FIRST = ["README.md", "docs/tutorial.md", "docs/concepts.md", "docs/writing-tests.md",
         "docs/debugging.md", "docs/running.md", "docs/production.md",
         "docs/tls.md", "docs/reference.md",
         "docs/comparison.md", "docs/architecture.md", "docs/from-generators.md", "docs/proofs.md"]


def pages():
    """README.md, the pages of docs/, and the specifications of file formats."""
    there = ["README.md"] + [f"docs/{path.name}" for path in sorted((ROOT / "docs").glob("*.md"))
                             if path.name != "README.md"]
    there = [page for page in FIRST if page in there] + [p for p in there if p not in FIRST]
    return there + sorted(str(path.relative_to(ROOT)) for folder in public_view.FOLDERS
                          for path in (ROOT / folder).rglob("*_format.md"))


def page_id(page):
    return "page_" + re.sub(r"\W+", "_", page.removesuffix(".md").removeprefix("docs/").lower())


def anchor(heading):
    """As on GitHub."""
    heading = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading)
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def label(page, name):
    return f"{page_id(page)}_{re.sub(r'[^a-z0-9]+', '_', name)}"


def outside_code(text, change):
    """Applies `change` to what is neither in a block of code nor in a span of it."""
    parts = re.split(r"(^ *```.*?^ *```$|`[^`\n]+`)", text, flags=re.MULTILINE | re.DOTALL)
    return "".join(part if part.lstrip().startswith("`") else change(part) for part in parts)


def linked(page, known, text, target, names_file=True):
    """A link of a page as Doxygen has it: to a page of the site, or else what it is called."""
    if re.match(r"[a-z]+:", target):
        return f"[{text}]({target})"
    name, _, heading = target.partition("#")
    path = page
    if name:
        path = str(((ROOT / page).parent / name).resolve().relative_to(ROOT))
    if path not in known:
        if f"/{path}".endswith("/" + text.replace("`", "").rstrip("/")):
            return f"`{path}`"
        return f"{text} (`{path}`)" if names_file and "`" not in text else text
    reference = label(path, heading) if heading else page_id(path)
    return f'@ref {reference} "{text.replace("`", "")}"'


def with_names_linked(text):
    """The page of reference, whose names lead to their declarations."""
    before, heading, names = text.partition("\n## Names\n")
    names, end, after = names.partition("\n## ")

    def link(row):
        name = row.group(1)
        scope = "" if name.isupper() else "rehearsal::"
        return f'| @ref {scope}{name} "{name}" |'
    names = re.sub(r"^\| `(\w+)` \|", link, names, flags=re.MULTILINE)
    return before + heading + names + end + after


def converted(page, known):
    """A page as Doxygen takes it: headings with labels, links by label."""
    text = (ROOT / page).read_text(encoding="utf-8")
    if page == "docs/reference.md":
        text = with_names_linked(text)
    lines, fenced, titled = [], False, False
    for line in text.splitlines():
        if line.lstrip().startswith("```"):
            fenced = not fenced
            # The lexers that Doxygen has.
            line = re.sub(r"```(cpp)$", r"```{.cpp}", line)
            line = re.sub(r"```(cmake|yaml|console|text|sh|python|json)$", "```", line)
        heading = None if fenced else re.match(r"(#+) +(.*?)\s*$", line)
        if heading and not titled:
            line, titled = f"# {heading.group(2)} {{#{page_id(page)}}}", True
        elif heading:
            # The list of pages shows no code in a heading.
            line = f"{heading.group(1)} {heading.group(2).replace('`', '')} " \
                   f"{{#{label(page, anchor(heading.group(2)))}}}"
        lines.append(line)
    text = "\n".join(lines) + "\n"
    # A picture is a paragraph.
    text = re.sub(r"!\[([^\]]+)\]\((?:\S*/)?([\w-]+\.png)\)",
                  lambda m: f'@image html {m.group(2)} width=100%', text)
    targets = dict(re.findall(r"^\[([^\]]+)\]: +(\S+)$", text, re.MULTILINE))
    text = re.sub(r"^\[([^\]]+)\]: +(\S+)\n", "", text, flags=re.MULTILINE)
    text = re.sub(r"\[([^\]\n]+)\]\[(\w+)\]", lambda m: linked(
        page, known, m.group(1), targets[m.group(2)], names_file=False), text)
    text = re.sub(r"\[([^\]\n]+(?:\n[^\]\n]+)?)\]\(([^)\s]+)\)",
                  lambda m: linked(page, known, m.group(1).replace("\n", " "), m.group(2)), text)
    return outside_code(text, lambda part: re.sub(r"(?<![\w&])#(?=\d)", "&#35;", part))


def write_pages(into):
    known = pages()
    into.mkdir(parents=True)
    files = []
    for page in known:
        file = into / f"{page_id(page)}.md"
        file.write_text(converted(page, known), encoding="utf-8")
        files.append(file)
    return files


def warnings_of(text, origins, build):
    """Each warning on one line, at the place from which Doxygen's input was taken."""
    found = []
    for line in text.splitlines():
        if not re.match(r"\S.*?(warning|error):", line):
            if found and line.startswith(" "):
                found[-1] += " " + line.strip()
            continue
        line = line.replace(f"{build}/", "")
        place = re.match(r"include/(\S+\.hpp):(\d+):", line)
        if place and place.group(1) in origins:
            origin = origins[place.group(1)]
            number = min(int(place.group(2)), len(origin)) - 1
            line = origin[number] + line[place.end() - 1:]
        found.append(line)
    return found


def known_warnings():
    """The patterns of known_warnings.txt, each of which has a reason above it."""
    patterns, reason = [], ""
    for line in (HERE / "known_warnings.txt").read_text(encoding="utf-8").splitlines():
        if line.startswith("#"):
            reason = line
        elif line.strip():
            if not reason:
                raise SystemExit(f"docs: known_warnings.txt: no reason above '{line}'")
            patterns.append(line)
        else:
            reason = ""
    return patterns


def main():
    build = Path(sys.argv[1]).resolve()
    if build.exists():
        shutil.rmtree(build)
    origins = public_view.write_view(ROOT, build / "include")
    files = write_pages(build / "pages")
    version = re.search(r"VERSION ([\d.]+)", (ROOT / "CMakeLists.txt").read_text().partition(
        "project(")[2]).group(1)
    settings = (HERE / "Doxyfile").read_text(encoding="utf-8")
    settings += "\n".join([
        f'PROJECT_NUMBER = {version}', f'OUTPUT_DIRECTORY = "{build}"',
        f'STRIP_FROM_PATH = "{build}/include" "{build}/pages"',
        f'STRIP_FROM_INC_PATH = "{build}/include"',
        f'IMAGE_PATH = "{ROOT}/docs/pictures"',
        f'USE_MDFILE_AS_MAINPAGE = "{files[0]}"', f'LAYOUT_FILE = "{HERE}/layout.xml"',
        f'HTML_EXTRA_STYLESHEET = "{HERE}/site.css"',
        "INPUT = " + " ".join(f'"{path}"' for path in [*files, build / "include"])]) + "\n"
    done = subprocess.run(["doxygen", "-"], input=settings, capture_output=True, text=True,
                          check=False, cwd=build)
    wrong, seen = [], set()
    patterns = known_warnings()
    for warning in warnings_of(done.stderr, origins, build):
        known = [pattern for pattern in patterns if re.search(pattern, warning)]
        seen.update(known)
        if not known:
            wrong.append(warning)
    for warning in wrong:
        print(warning, file=sys.stderr)
    for pattern in patterns:
        if pattern not in seen:
            print(f"docs: known_warnings.txt: no warning is like this any more: {pattern}",
                  file=sys.stderr)
    if wrong or done.returncode != 0:
        print(f"docs: {len(wrong)} warnings of Doxygen's", file=sys.stderr)
        return 1
    print(f"{build / 'html' / 'index.html'}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
