#!/usr/bin/env python3
"""Writes the man pages of the program `rehearsal` and its completion for bash and zsh, from the
tables of docs/reference.md.

usage: generate.py REFERENCE VERSION FOLDER
"""

import datetime
import os
import re
import sys
import textwrap
from pathlib import Path


def spans(text):
    return re.findall(r"`([^`]+)`", text)


class Reference:
    def __init__(self, path):
        self.path, self.tables, self.paragraphs, key = path, {}, {}, ""
        above, row = "", 0
        for line in path.read_text(encoding="utf-8").splitlines():
            row = row + 1 if line.startswith("|") else 0
            if line.startswith("## "):
                above = key = line[3:]
            elif line.startswith("### "):
                key = f"{above}/{line[4:]}".replace("`", "")
            elif row == 1:
                self.tables.setdefault(key, []).append([])
            elif row > 2:
                self.tables[key][-1].append([cell.strip() for cell in line.strip("|").split("|")])
        # Of each command its arguments, and its line.
        self.commands = {}
        for name, meaning in self.tables["Command line"][0]:
            words = spans(name)[0].split()
            command = " ".join(word for word in words if word.islower())
            self.commands[command] = (" ".join(words[len(command.split()):]), meaning)

    def flags(self, command):
        """Each flag, the name of its value or an empty text, its default, and its meaning."""
        for flag, default, meaning in [row for table in self.tables.get(f"Command line/{command}",
                                                                        []) for row in table]:
            name, _, value = spans(flag)[0].partition(" ")
            yield name, value, default.replace("`", ""), meaning

    def policies(self):
        return [spans(row[0])[0] for table in self.tables["Policies and searches"]
                for row in table]

    def date(self):
        epoch = os.environ.get("SOURCE_DATE_EPOCH") or self.path.stat().st_mtime
        return datetime.datetime.fromtimestamp(int(epoch), datetime.timezone.utc).date()


def roff(text):
    """Text of a cell: `code` is bold, and a link is its text."""
    text = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", text)
    text = text.replace("\\", r"\e").replace("-", r"\-").replace("µ", r"\(mc")
    text = re.sub(r"`([^`]+)`", r"\\fB\1\\fR", text)
    lines = textwrap.wrap(text, 79, break_on_hyphens=False, break_long_words=False)
    return "\n".join(re.sub(r"^([.'])", r"\\&\1", line) for line in lines)


def sentence(text):
    return text[0].upper() + text[1:] + ("" if text.endswith(".") else ".")


def definitions(rows):
    return [line for term, text in rows for line in (".TP", term, roff(sentence(text)))]


def page_name(command):
    return "-".join(["rehearsal", *command.split()])


def head(name, line, reference, version):
    return [f".TH {name.upper()} 1 {reference.date()} \"rehearsal {version}\" \"User Commands\"",
            ".SH NAME", f"{roff(name)} \\- {roff(line)}".replace("\n", " ")]


def exit_statuses(reference):
    return [".SH EXIT STATUS",
            *definitions((f".B {row[0]}", row[1]) for row in
                         reference.tables["Exit statuses"][0])]


def synopsis(command, arguments, has_flags):
    parts = [rf"\fBrehearsal {roff(command)}\fR"]
    parts += [r"[\fIOPTIONS\fR]"] if has_flags else []
    for word in arguments.split():
        parts.append(rf"\fI{word.removesuffix('...')}\fR{'...' if word.endswith('...') else ''}")
    return [".SH SYNOPSIS", " ".join(parts)]


def command_page(reference, command, version):
    arguments, line = reference.commands[command]
    flags = list(reference.flags(command))
    lines = head(page_name(command), line, reference, version)
    lines += synopsis(command, arguments, flags)
    lines += [".SH DESCRIPTION", roff(sentence(line))]
    if "SCHEDULE" in arguments:
        lines += [".PP", r"A \fISCHEDULE\fR is the line that a failure prints, or a file that",
                  "contains such a line or a trace."]
    rows = []
    for name, value, default, meaning in flags:
        term = rf"\fB{roff(name)}\fR" + (rf" \fI{roff(value)}\fR" if value else "")
        rows.append((term, meaning + (f" (default: {default})" if default else "")))
    lines += [".SH OPTIONS", *definitions([*rows, (r"\fB\-h\fR, \fB\-\-help\fR",
                                                   "prints a help text and exits")])]
    if command == "run":
        lines += [".SH POLICIES AND SEARCHES"]
        for table in reference.tables["Policies and searches"]:
            lines += definitions((f".B {roff(spans(row[0])[0])}", row[1]) for row in table)
    lines += exit_statuses(reference)
    return lines + [".SH SEE ALSO", r".BR rehearsal (1)"]


def main_page(reference, version):
    lines = head("rehearsal", "run network servers in a deterministic simulation", reference,
                 version)
    lines += [".SH SYNOPSIS", r"\fBrehearsal\fR \fICOMMAND\fR [\fIOPTIONS\fR] [\fIARGUMENTS\fR]",
              ".SH DESCRIPTION",
              "Runs the scenarios of a program in a simulated network with virtual time,",
              "under many orders of tasks, delays and faults. A failure is reported with a",
              "line of text, its schedule, which reproduces it.", ".PP",
              "A program that links \\fBrehearsal::cli\\fR and calls \\fBrun_scenarios\\fR has the",
              "same commands for its own scenarios, without \\fBserve\\fR.", ".SH COMMANDS"]
    lines += definitions((rf".BR {roff(page_name(command))} (1)", line)
                         for command, (_, line) in reference.commands.items())
    lines += [".SH OPTIONS", *definitions([(r"\fB\-h\fR, \fB\-\-help\fR",
                                            "prints a help text and exits"),
                                           (r"\fB\-\-version\fR",
                                            "prints the version of the library and exits")])]
    lines += exit_statuses(reference)
    lines += [".SH ENVIRONMENT", "A program of \\fBREHEARSE\\fR tests (GoogleTest) reads:"]
    settings, others = reference.tables["Environment variables"]
    lines += definitions((f".B {spans(row[0])[0]}", row[1]) for row in
                         settings + [row for row in others if spans(row[0]) == ["NO_COLOR"]])
    return lines + [".SH SEE ALSO", ",\n".join(rf".BR {roff(page_name(command))} (1)"
                                               for command in reference.commands).replace(
                                                   "(1),", "(1) ,")]


def tree(reference):
    """The words that may follow each command, and "" for the program itself."""
    found = {}
    for command in reference.commands:
        words = command.split()
        for i, word in enumerate(words):
            found.setdefault(" ".join(words[:i]), {})[word] = reference.commands[command][1]
    return found


def shell_quoted(text):
    return "'" + text.replace("'", "'\\''") + "'"


BASH = """\
# bash completion for rehearsal(1). Scenario names are those that the program lists.
_rehearsal() {
  local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]}
  local program=${COMP_WORDS[0]} command='' words='' word i
  for ((i = 1; i < COMP_CWORD; i++)); do
    word=${COMP_WORDS[i]}
    case "$command $word" in
COMMANDS
    esac
  done
  COMPREPLY=()
  case "$command $previous" in
VALUES
  esac
  case "$command" in
WORDS
  esac
  if [[ $current == -* || $command == '' ]]; then
    mapfile -t COMPREPLY < <(compgen -W "$words" -- "$current")
  elif [[ $command == ' run' ]]; then
    mapfile -t COMPREPLY < <(compgen -W "$("$program" list 2>/dev/null | cut -d' ' -f1)" \\
      -- "$current")
  elif [[ $words != -* ]]; then
    mapfile -t COMPREPLY < <(compgen -W "$words" -- "$current")
  else
    compopt -o default 2>/dev/null
  fi
}
complete -F _rehearsal rehearsal
"""


def bash(reference):
    commands, words, values = [], [], {}
    following = tree(reference)
    for above, next_words in following.items():
        before = f" {above}" if above else ""
        commands += [f"      '{before} {word}') command='{before} {word}' ;;"
                     for word in next_words]
    for command in reference.commands:
        for name, value, _, _ in reference.flags(command):
            if not value:
                continue
            options = f'-W "{" ".join(reference.policies())}"' if name == "--policy" else \
                {"FILE": "-f", "DIR": "-d", "FOLDER": "-d"}.get(value, "")
            values.setdefault(options, []).append(f"' {command} {name}'")
    values = ["    " + " | \\\n      ".join(patterns) + ")\n" + (
        f'      mapfile -t COMPREPLY < <(compgen {options} -- "$current")\n' if options else "") + (
            "      compopt -o filenames 2>/dev/null\n" if len(options) == 2 else "") +
              "      return\n      ;;" for options, patterns in values.items()]
    flags = {command: [name for name, *_ in reference.flags(command)] + ["--help"]
             for command in reference.commands}
    for above, next_words in following.items():
        own = ["--help", "--version"] if above == "" else ["--help"]
        key = f"' {above}'" if above else "''"
        words.append(f"    {key}) words='{' '.join([*next_words, *own])}' ;;")
    for command, names in flags.items():
        words.append(f"    ' {command}') words='{' '.join(names)}' ;;")
    return BASH.replace("COMMANDS", "\n".join(commands)).replace(
        "VALUES", "\n".join(values)).replace("WORDS\n", "\n".join(words) + "\n")


def zsh_text(text):
    text = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", text).replace("`", "")
    return re.sub(r"([\[\]:\\])", r"\\\1", text)


def zsh_value(reference, name, value):
    if value in ("DIR", "FOLDER"):
        return f":{value}:_files -/"
    if name == "--policy":
        return f":{value}:({' '.join(reference.policies())})"
    return f":{value}:_files" if value == "FILE" else f":{value}: " if value else ""


def zsh(reference):
    lines = ["#compdef rehearsal",
             "# zsh completion for rehearsal(1). Scenario names are those that the program lists.",
             "", "_rehearsal_scenarios() {", "  local -a names",
             "  names=(${(f)\"$(_call_program scenarios $service list 2>/dev/null | "
             "cut -d' ' -f1)\"})",
             "  _describe -t scenarios scenario names", "}", ""]
    following = tree(reference)
    for above, next_words in sorted(following.items(), reverse=True):
        function = "_" + page_name(above).replace("-", "_")
        lines += [f"{function}() {{", "  local state line curcontext=$curcontext",
                  "  local -a names"]
        own = ["'--version[print the version of the library]'"] if above == "" else []
        lines += ["  _arguments -C " + " ".join(["'(-h --help)'{-h,--help}'[print a help text]'",
                                                 *own, "'1: :->command'", "'*:: :->arguments'"]),
                  "  case $state in", "    command)", "      names=("]
        for word, line in next_words.items():
            nested = f"{above} {word}".strip() in following
            text = f"{word} commands" if nested else zsh_text(line)
            lines.append(f"        {shell_quoted(f'{word}:{text}')}")
        lines += ["      )", "      _describe -t commands command names ;;", "    arguments)",
                  "      case $line[1] in"]
        for word in next_words:
            command = f"{above} {word}".strip()
            if command in following:
                lines.append(f"        {word}) _{page_name(command).replace('-', '_')} ;;")
                continue
            arguments = ["'(-h --help)'{-h,--help}'[print a help text]'"]
            for name, value, _, meaning in reference.flags(command):
                arguments.append(shell_quoted(f"{name}[{zsh_text(meaning)}]"
                                              f"{zsh_value(reference, name, value)}"))
            takes = reference.commands[command][0]
            if takes:
                arguments.append("'*:scenario:_rehearsal_scenarios'" if command == "run" else
                                 "'*:file:_files'")
            lines.append(f"        {word}) _arguments " + " \\\n          ".join(arguments) + " ;;")
        lines += ["      esac ;;", "  esac", "}", ""]
    return "\n".join([*lines, '_rehearsal "$@"', ""])


def files(reference, version):
    pages = {"rehearsal": main_page(reference, version)}
    pages |= {page_name(command): command_page(reference, command, version)
              for command in reference.commands}
    found = {f"man1/{name}.1": "\n".join(lines) + "\n" for name, lines in pages.items()}
    found["bash/rehearsal"] = bash(reference)
    found["zsh/_rehearsal"] = zsh(reference)
    return found


def main():
    reference = Reference(Path(sys.argv[1]))
    for name, text in files(reference, sys.argv[2]).items():
        path = Path(sys.argv[3]) / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
