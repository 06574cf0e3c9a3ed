"""Enforces determinism: code above the network interface must not read a clock, draw a random
number, iterate over a hash table, order by address or start a thread. Only answers that come from
the network can be replayed."""

import re

from source import includes, mask

# record/files is below the interface: it only writes data that other code passes to it.
ABOVE_THE_SEAM = ("sched", "record", "simnet", "harness", "servers")
ORDERED = ("sched", "record", "simnet")
BELOW = "record/files/"

# (what, pattern, folders)
BANNED = [
    ("a clock", r"\b\w+_clock\s*::\s*now\b", ABOVE_THE_SEAM),
    ("a clock", r"\b(?:clock_gettime|gettimeofday|timespec_get|ftime)\s*\(", ABOVE_THE_SEAM),
    ("a clock", r"(?:\bstd\s*::\s*|(?<!\w)::\s*|(?<![\w.>:]))(?:"
                r"time\s*\(\s*(?:nullptr|NULL|0|&\w+)\s*\)|"
                r"clock\s*\(\s*\)(?!\s*(?:const|noexcept|override|\{)))", ABOVE_THE_SEAM),
    ("a random number", r"(?<![\w.>])rand\s*\(\s*\)", ABOVE_THE_SEAM),
    # Matches the C function, not a declared member: a network has a member of that name.
    ("a random number", r"(?:[=(,]|\breturn\b|(?<!\w)::)\s*random\s*\(\s*\)", ABOVE_THE_SEAM),
    ("a random number", r"\b(?:srand|srandom|rand_r|getrandom|getentropy|arc4random)\w*\s*\(",
     ABOVE_THE_SEAM),
    ("a random number", r"\bstd\s*::\s*(?:random_device|mt19937(?:_64)?|minstd_rand0?|\w+_engine|"
                        r"\w+_distribution|shuffle|sample|random_shuffle)\b",
     ABOVE_THE_SEAM),
    ("a thread", r"\bstd\s*::\s*(?:jthread|async|thread\b(?!\s*::\s*id))\b", ABOVE_THE_SEAM),
    ("a thread", r"\bpthread_create\s*\(", ABOVE_THE_SEAM),
    ("a sleep", r"(?:\bstd\s*::\s*this_thread\s*::\s*sleep_\w+|(?<![\w.>])(?:u?sleep|nanosleep|"
                r"clock_nanosleep))\s*\(", ABOVE_THE_SEAM),
    ("a hash table", r"\bstd\s*::\s*unordered_\w+", ORDERED),
    ("an order of addresses", r"\bstd\s*::\s*(?:multi)?(?:map|set)\s*<\s*(?:const\s+)?[\w:]+"
                              r"(?:<[^<>]*>)?(?:\s*const)?\s*\*(?:\s*const)?\s*[,>]", ORDERED),
    ("an order of addresses", r"\bstd\s*::\s*(?:less|hash)\s*<\s*[\w:\s]+\*", ORDERED),
]
BANNED_HEADERS = {
    "random": ("a random number", ABOVE_THE_SEAM),
    "thread": ("a thread", ABOVE_THE_SEAM),
    "future": ("a thread", ABOVE_THE_SEAM),
    "pthread.h": ("a thread", ABOVE_THE_SEAM),
    "unordered_map": ("a hash table", ORDERED),
    "unordered_set": ("a hash table", ORDERED),
}

# Files that may do some of these: path -> (what, why).
EXEMPT = {
    "simnet/interpose/interpose.cpp": (("a clock", "a random number"),
                                       "it defines what a world's programs get instead"),
    **{f"simnet/guest/{file}": (what, "it defines what guests get instead") for file, what in {
        "process/process.cpp": ("a sleep",), "process/process.hpp": ("a sleep",),
        "symbols/process.cpp": ("a random number", "a thread"),
        "symbols/time.cpp": ("a sleep",)}.items()},
    **{f"simnet/guest/baton.{kind}": (("a thread",), "one of the two threads runs at a time")
       for kind in ("hpp", "cpp")},
}

_COMPILED = [(what, re.compile(pattern), folders) for what, pattern, folders in BANNED]


def check(path, text):
    folder = path.split("/")[0] if not path.startswith(BELOW) else ""
    exempt, _ = EXEMPT.get(path, ((), None))
    code = mask(text)
    for what, pattern, folders in _COMPILED:
        if folder in folders and what not in exempt:
            for match in pattern.finditer(code):
                call = " ".join(match.group().split())
                line = code.count("\n", 0, match.start()) + 1
                yield line, f"{call}: {what} above the seam; ask the network instead"
    for line, included in includes(text):
        what, folders = BANNED_HEADERS.get(included, (None, ()))
        if folder in folders and what not in exempt:
            yield line, f"<{included}>: {what} above the seam; ask the network instead"
