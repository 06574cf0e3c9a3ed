#!/usr/bin/env python3
"""Tests that each relative link in a Markdown page of the tree leads to a file, and that its anchor
is a heading of that page.

usage: links_test.py [ARGUMENTS OF unittest]"""

import pathlib
import re
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[3]


def without_code(text):
    text = re.sub(r"(?ms)^ *```.*?^ *```$", "", text)
    text = re.sub(r"(?m)^    .*$", "", text)
    return re.sub(r"`[^`\n]*`", "", text)


def anchors(text):
    """The anchors of the headings of a page, by the rules of GitHub."""
    text = re.sub(r"(?ms)^ *```.*?^ *```$", "", text)
    found = set(re.findall(r'<a (?:id|name)="([^"]+)"', text))
    count = {}
    for heading in re.findall(r"(?m)^#{1,6} +(.*?)(?: +#+)? *$", text):
        heading = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading)
        anchor = re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
        seen = count.get(anchor, 0)
        count[anchor] = seen + 1
        found.add(f"{anchor}-{seen}" if seen else anchor)
    return found


def links(text):
    """The relative links of a page: inline ones, and definitions of references."""
    text = without_code(text)
    found = re.findall(r"\]\(\s*<?([^)\s>]+)>?(?:\s+\"[^\"]*\")?\s*\)", text)
    found += re.findall(r"(?m)^ {0,3}\[[^\]^]+\]:\s+<?(\S+?)>?\s*$", text)
    return [link for link in found if not re.match(r"[a-z]+:", link)]


def pages(root):
    for path in sorted(root.rglob("*.md")):
        parts = path.relative_to(root).parts
        if parts[0] != "build" and not any(part.startswith(".") for part in parts):
            yield path


def broken(root):
    """A line for each link that leads nowhere."""
    found = []
    for page in pages(root):
        text = page.read_text()
        for link in links(text):
            name, _, anchor = link.partition("#")
            target = page.parent / name if name else page
            where = f"{page.relative_to(root)}: {link}"
            if not target.exists():
                found.append(f"{where}: there is no such file")
            elif anchor and target.suffix == ".md" and anchor not in anchors(target.read_text()):
                found.append(f"{where}: the page has no such heading")
    return found


class Links(unittest.TestCase):
    def test_each_leads_somewhere(self):
        self.assertGreater(len(list(pages(ROOT))), 10)
        self.assertEqual(broken(ROOT), [])


class Rules(unittest.TestCase):
    def test_anchor_drops_punctuation_and_keeps_hyphens(self):
        self.assertEqual(anchors("# One, two\n## `three` - four?\n"), {"one-two", "three---four"})

    def test_second_heading_of_the_same_text_gets_a_number(self):
        self.assertEqual(anchors("# A\n# A\n# A\n"), {"a", "a-1", "a-2"})

    def test_code_has_neither_links_nor_headings(self):
        self.assertEqual(anchors("```sh\n# comment\n```\n"), set())
        self.assertEqual(links("`[](auto& host)`\n\n```cpp\n[](x)\n```\n"), [])

    def test_inline_and_reference_links_are_found(self):
        self.assertEqual(links("[a](b.md#c) [d](https://e)\n\n[f]: g.md\n[^h]: a note\n"),
                         ["b.md#c", "g.md"])


if __name__ == "__main__":
    unittest.main(verbosity=2)
