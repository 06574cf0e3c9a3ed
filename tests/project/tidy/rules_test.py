"""Tests that each rule finds its violation and ignores code that only looks like one."""

import pathlib
import tempfile
import unittest

import arrows
import classes
import coroutines
import guard
import lengths
import oracle
import standard
import tidy
import words


def lines(check, path, text):
    return [line for line, _ in check(path, text)]


class Arrows(unittest.TestCase):
    def test_against_the_arrow(self):
        for room, included in [("sched/core", "realnet"), ("sched/io", "simnet"),
                               ("sched/base", "tests"), ("simnet", "realnet"),
                               ("realnet", "simnet/kernel"), ("realnet", "servers"),
                               ("simnet/trace", "harness"), ("harness/report", "servers"),
                               ("sched/core", "sched/io"), ("sched/seam", "sched/core"),
                               ("record", "simnet"), ("simnet/kernel", "simnet"),
                               ("simnet/choices", "simnet/kernel"), ("simnet", "simnet/search"),
                               ("harness/process", "harness/sweep")]:
            text = f'#pragma once\n#include "{included}/x.hpp"\n'
            self.assertEqual(lines(arrows.check, f"{room}/a.hpp", text), [2], (room, included))
            text = text.replace('"', "<", 1).replace('"', ">", 1)
            self.assertEqual(lines(arrows.check, f"{room}/a.hpp", text), [2], "angle brackets")

    def test_along_the_arrow(self):
        for room, included in [("sched/core", "sched/core"), ("simnet/kernel", "sched/core"),
                               ("realnet", "sched/seam"), ("realnet", "sched"),
                               ("servers", "realnet"), ("servers", "harness/cli"),
                               ("harness/sweep", "harness/report"),
                               ("record/files", "record"), ("simnet/search", "simnet"),
                               ("tests/realnet", "realnet"), ("tests/sched/io", "servers")]:
            text = f'#include "{included}/x.hpp"\n#include <vector>\n#include <sys/socket.h>\n'
            self.assertEqual(lines(arrows.check, f"{room}/a.hpp", text), [])

    def test_the_front_door(self):
        for room in ("sched/core", "realnet", "simnet", "harness/gtest", "servers"):
            text = "#include <rehearsal/server.hpp>\n"
            self.assertEqual(lines(arrows.check, f"{room}/a.hpp", text), [1], room)
            text = f'#include "{room}/x.hpp"\n'
            found = [1] if room == "servers" else []
            self.assertEqual(lines(arrows.check, "include/rehearsal/a.hpp", text), found, room)
            for user in ("examples/echo", "tests/project/consumer", "tests/project/pages"):
                self.assertEqual(lines(arrows.check, f"{user}/a.cpp", text), [1], (user, room))
        text = '#include <rehearsal/server.hpp>\n#include "echo.hpp"\n#include <span>\n'
        for user in ("examples/echo", "tests/project/consumer", "tests/project/pages",
                     "include/rehearsal"):
            self.assertEqual(lines(arrows.check, f"{user}/a.hpp", text), [], user)
        text = '#include <rehearsal/gtest.hpp>\n#include "examples/echo/echo.hpp"\n'
        self.assertEqual(lines(arrows.check, "tests/harness/gtest/a.cpp", text), [])

    def test_every_source_is_in_a_room(self):
        self.assertEqual(lines(arrows.check, "sched/other/a.hpp", "int a;\n"), [1])
        root = pathlib.Path(__file__).parents[3]
        for room in arrows.SEES:
            self.assertTrue(any((root / room).glob("*.?pp")), room)
            if room != "simnet/interpose":
                self.assertTrue((root / room / "README.md").exists(), room)

    def test_relative_path(self):
        self.assertEqual(lines(arrows.check, "sched/a.hpp", '#include "../sched/b.hpp"\n'), [1])


class Guard(unittest.TestCase):
    def test_header(self):
        self.assertEqual(lines(guard.check, "sched/a.hpp", "// A.\nint a;\n"), [1])
        self.assertEqual(lines(guard.check, "sched/a.hpp", "// #pragma once\nint a;\n"), [1])
        self.assertEqual(lines(guard.check, "sched/a.hpp", "// A.\n#pragma once\nint a;\n"), [])
        self.assertEqual(lines(guard.check, "sched/a.hpp", "#pragma once\nint a;\n"), [])

    def test_source(self):
        self.assertEqual(lines(guard.check, "sched/a.cpp", "int a;\n"), [])


class Lengths(unittest.TestCase):
    def test_file(self):
        for length, warned, found in ((399, [], []), (400, [1], []), (899, [1], []),
                                      (900, [], [1])):
            self.assertEqual(lines(lengths.warnings, "a.cmake", "x\n" * length), warned)
            self.assertEqual(lines(lengths.check, "a.cmake", "x\n" * length), found)

    def test_policy(self):
        for path, length, found in (("simnet/choices/pct.hpp", 250, [1]),
                                    ("simnet/choices/pct.cpp", 249, []),
                                    ("simnet/search/exhaustive.cpp", 250, [1]),
                                    ("simnet/world.cpp", 250, []), ("servers/mix.hpp", 250, [])):
            self.assertEqual(lines(lengths.check, path, "// x\n" * length), found, path)
        root = pathlib.Path(__file__).parents[3]
        for folder, names in lengths.POLICIES.items():
            for name in names:
                self.assertTrue((root / folder / f"{name}.hpp").exists(), name)

    def test_line(self):
        self.assertEqual(lines(lengths.check, "dev", "short\n" + "x" * 101 + "\n"), [2])
        self.assertEqual(lines(lengths.check, "dev", "x" * 100 + "\n"), [])

    def test_function(self):
        for length, found in ((70, [2]), (69, [])):
            body = "  g();\n" * (length - 2)
            cpp = f"\nvoid f() {{\n{body}}}\n"
            self.assertEqual(lines(lengths.check, "a.cpp", cpp), found)
            python = "\ndef f():\n" + "    g()\n" * (length - 1)
            self.assertEqual(lines(lengths.check, "a.py", python), found)


class WholeClasses(unittest.TestCase):
    header = ("sched/a.hpp", "namespace n {\nclass A {\n  void f();\n};\n}\n")

    def test_member_beside_its_class(self):
        for path in ("sched/a.cpp", "sched/a.hpp"):
            tree = [self.header, (path, "namespace n {\nvoid A::f() {}\n}\n")]
            self.assertEqual(list(classes.Classes(tree).strays()), [])

    def test_member_elsewhere(self):
        for text in ("void A::f() {}", "template <class T>\nint A<T>::g() {}", "A::~A() {}"):
            tree = [self.header, ("sched/b.cpp", f"namespace n {{\n{text}\n}}\n")]
            self.assertEqual([path for path, _, _ in classes.Classes(tree).strays()],
                             ["sched/b.cpp"], text)

    def test_length(self):
        for length, found in ((395, []), (396, [400]), (950, [954])):
            member = "void A::f() {\n" + "  g();\n" * (length - 1) + "}\n"
            tree = [self.header, ("sched/a.cpp", f"namespace n {{\n{member}}}\n")]
            self.assertEqual([one[2] for one in classes.Classes(tree).long()], found)


class Oracle(unittest.TestCase):
    def found(self, code, path="sched/a.cpp"):
        return bool(list(oracle.check(path, code)))

    def test_each_call_that_asks_another_oracle(self):
        for code in [
                "std::chrono::steady_clock::now();", "auto t = system_clock :: now();",
                "clock_gettime(CLOCK_MONOTONIC, &t);", "::gettimeofday(&t, nullptr);",
                "x = time(nullptr);", "x = std::time(0);", "x = ::time(&t);", "x = clock();",
                "x = rand();", "x = std::rand();", "srand(1);", "x = ::random();",
                "return random();", "getrandom(p, n, 0);", "std::random_device d;",
                "std::mt19937 g;", "std::mt19937_64 g;", "std::default_random_engine g;",
                "std::uniform_int_distribution<int> d;", "std::shuffle(a, b, g);",
                "std::sample(a, b, c, 1, g);", "std::thread t(f);", "std::jthread t(f);",
                "auto f = std::async(g);", "pthread_create(&t, nullptr, f, nullptr);",
                "sleep(1);", "usleep(1);", "::nanosleep(&t, nullptr);",
                "std::this_thread::sleep_for(1s);", "#include <random>", "#include <thread>"]:
            for folder in ("sched/core", "simnet", "record", "harness/cli", "servers"):
                self.assertTrue(self.found(code, f"{folder}/a.cpp"), (folder, code))
            for folder in ("realnet", "tests/realnet", "record/files"):
                self.assertFalse(self.found(code, f"{folder}/a.cpp"), (folder, code))

    def test_each_order_that_depends_on_a_hash_or_an_address(self):
        for code in ["std::unordered_map<int, int> m;", "std::unordered_set<int> s;",
                     "std::map<Task*, int> m;", "std::map<const a::Task *, int> m;",
                     "std::set<Task*> s;", "std::set<Task<int>*> s;", "std::less<Task*> l;",
                     "std::multimap<Task* const, int> m;", "#include <unordered_map>"]:
            self.assertTrue(self.found(code), code)
            self.assertTrue(self.found(code, "simnet/a.cpp"), code)
            self.assertFalse(self.found(code, "servers/a.cpp"), code)

    def test_what_only_looks_like_one(self):
        for code in ["auto t = host.now();", "co_await host.sleep_for(1s);", "task.sleep(1);",
                     "std::uint64_t random() { return 1; }", "host.random();", "net->random();",
                     "std::thread::id owner;", "// std::thread", 'f("rand()");',
                     "std::map<int, Task*> m;", "std::map<std::string, std::vector<Task*>> m;",
                     "Instant time() const { return time_; }", "auto runtime(int x);",
                     "x.time(nullptr);", "Clock clock() const;", "operand();"]:
            self.assertFalse(self.found(code), code)

    def test_lines(self):
        self.assertEqual(lines(oracle.check, "sched/a.cpp", "\n\nint x = rand();\n"), [3])


class Coroutines(unittest.TestCase):
    TYPES = """struct Owning { std::string name; int limit = 1; };
struct Nested { Owning inner; };
struct Plain { int a = 1; int b = 2; };
struct Constructed { Constructed() = default; std::string name; };
struct Guard { ~Guard(); int a; };
"""

    def found(self, body, path="servers/a.cpp"):
        text = self.TYPES + "Task<> f(int y) {\n" + body + "\n}\n"
        classes = coroutines.Classes()
        classes.add(text)
        return [message for _, message in coroutines.check(path, text, classes)]

    def test_each_pattern(self):
        for body in [
                "if (co_await f()) co_return;", "if (!co_await f()) { g(); }",
                "if constexpr (co_await f()) { g(); }", "if (auto x = co_await f(); x) { g(); }",
                "while (co_await f() < 3) ++x;", "do { ++x; } while (co_await f());",
                "for (; co_await f(); ) {}", "for (int i : co_await f()) {}",
                "for (int i = 0; i < 3; i += co_await f()) {}", "switch (co_await f()) {}",
                "g(co_await f(), co_await f());", "x = co_await f() + co_await f();",
                "co_await f(co_await g());", "T x{co_await f(), 1};", "x = {.a = co_await f()};",
                "co_await f({.name = text});", "co_await f(Options{.name = text});",
                "co_await f(Owning{text, 1});", "co_await Owning{text}.f();",
                "co_await f(Nested{});", "co_await f(Guard{});",
                "co_await f([x] { return x; });", "co_await f([=] { return x; });",
                "co_await f(1, [&, x = 2] { return x; });", "co_await [x]() -> Task<> { g(); }();",
                "auto x = co_await f([*this]() mutable { return a; });",
                "throw X(co_await f());", "auto x = c ? co_await f() : 1;",
                "co_await f(c ? a : b);"]:
            self.assertTrue(self.found(body), body)
            self.assertFalse(self.found(body, "tests/project/toolchain/a.cpp"), body)
            self.assertTrue(self.found("auto body = [] () -> Task<> { " + body + " };"), body)

    def test_what_g_plus_plus_compiles_right(self):
        for body in [
                "auto x = co_await f(); if (x) co_return;", "if (y) co_await f();",
                "if (y) { co_await f(); } else { co_await g(); }", "co_return co_await f();",
                "for (;;) { auto n = co_await f(); if (n == 0) break; }",
                "co_await f(Constructed{});", "co_await f(Plain{1, 2});",
                "co_await host.connect({\"server\", 25000});", "co_await f([] { return 1; });",
                "co_await f([&] { return y; });", "co_await f([&y, this] { return y; });",
                "auto body = [x]() -> Task<> { co_await f(); }; co_await body();",
                "group.spawn([x]() -> Task<> { co_await f(); });",
                "auto x = c ? 1 : 2; co_await f(x);", "static_cast<void>(co_await f());",
                "try { co_await f(); } catch (const E& e) { throw X(e); }",
                "switch (y) { case 1: co_await f(); break; default: co_await g(); }",
                "Owning options{text, 1}; co_await f(options);", "a[i] = co_await f(b[i]);"]:
            self.assertEqual(self.found(body), [], body)

    def test_two_seam_calls_in_one_argument_list(self):
        self.assertTrue(self.found("g(host.random(), host.random());"))
        self.assertTrue(self.found("EXPECT_EQ(net.send(a, b), 1 + other->recv(c));"))
        self.assertFalse(self.found("g(host.random(), 1); g(host.random(), 2);"))
        self.assertFalse(self.found("g(a.random_seed(), b.random_seed());"))
        self.assertFalse(self.found("g([&] { a.send(x); b.recv(y); });"))
        self.assertFalse(self.found("g(); when_any(a.recv(x), b.recv(y)); h();"))

    def test_options_that_own_something_have_a_constructor(self):
        for members, wrong in [("std::string prefix;", True), ("int limit = 1;", False),
                               ("EchoOptions() = default; std::string prefix;", False)]:
            found = self.found("g(); } struct EchoOptions { " + members + " }; void h() {")
            self.assertEqual(bool(found), wrong, members)

    def test_a_defaulted_parameter(self):
        self.assertTrue(self.found("} Task<> g(int a, const Owning& options = {}) {"))
        self.assertTrue(self.found("} Task<> g(Owning options = {}); void h() {"))
        self.assertFalse(self.found("} Task<> g(Plain options = {}); void h() {"))
        self.assertFalse(self.found("} Task<> g(Constructed options = {}); void h() {"))


class Standard(unittest.TestCase):
    def found(self, tree, path="sched/a.cpp"):
        headers = standard.Headers(tree)
        return [message for _, message in standard.check(path, dict(tree)[path], headers)]

    def test_a_name_whose_header_is_missing(self):
        code = "#include <string>\nstd::vector<std::string> a;\nstd::vector<int> b;\n"
        self.assertEqual(self.found([("sched/a.cpp", code)]), ["std::vector needs <vector>"])
        self.assertEqual(self.found([("sched/a.cpp", "int a = std::ranges::max(b);\n")]),
                         ["std::max needs <algorithm>"])

    def test_a_name_that_several_headers_promise(self):
        self.assertEqual(self.found([("sched/a.cpp", "#include <map>\nstd::pair<int, int> a;\n")]),
                         [])
        self.assertEqual(self.found([("sched/a.cpp", "std::pair<int, int> a;\n")]),
                         ["std::pair needs <map> or <utility>"])

    def test_what_an_include_of_the_tree_includes_counts(self):
        tree = [("sched/a.cpp", '#include "sched/a.hpp"\nstd::vector<int> a;\n'),
                ("sched/a.hpp", '#include "sched/b.hpp"\n'),
                ("sched/b.hpp", '#include "sched/a.hpp"\n#include <vector>\n')]
        self.assertEqual(self.found(tree), [])

    def test_what_only_looks_like_one(self):
        self.assertEqual(self.found([("sched/a.cpp", "// std::vector\nauto a = \"std::map\";\n"
                                                     "mystd::vector b; ours::vector c;\n")]), [])


class Words(unittest.TestCase):
    def found(self, text, path="sched/a.cpp"):
        return [line for line, _ in words.check(path, text)]

    def test_each_phrase(self):
        for text in [
                "Throws where it cannot.", "Null where there is none.", "Where none is: nothing.",
                "A value, where that has come.", "It fails to no avail.", "It waits so long.",
                "At most so many bytes.", "For so long nothing is read.", "Nothing is had.",
                "It can be had.", "Begins anew.", "It waits for ever.", "Mends it.", "is mended",
                "A loop of one's own.", "Likewise, in reverse.", "REQUIRES of both: open.",
                "It is no task.", "They are no sockets.", "What stands in it.", "It stands there.",
                "It is told of the end.", "It is told which.", "It comes to be late.",
                "Gives the size.", "It gives nothing.", "The how-manieth.", "It went on from here.",
                "What is said of it.", "It says so.", "Nobody waits."]:
            self.assertEqual(self.found(f"int a;\n// {text}\n"), [2], text)
            self.assertEqual(self.found(f'f("{text}");\n'), [1], text)
            self.assertEqual(self.found(f"# Title\n\n{text}\n", "sched/README.md"), [3], text)

    def test_plain_words(self):
        for text in [
                "The line where it is defined.", "Shows where it was.",
                "To where it is.", "There is no task.",
                "If there are no sockets.", "It is no longer open.",
                "It is no more than that.", "So many tasks that it is slow.", "So far it is open.",
                "It waits so long that it ends.", "As long as it stands in for another.",
                "It returns the size.", "Recommended.", "Whatever it gave the caller.",
                "Somewhere there is one.", "It had the size."]:
            self.assertEqual(self.found(f"// {text}\n"), [], text)

    def test_a_phrase_that_a_line_ends_in(self):
        self.assertEqual(self.found("// Throws where\n// it cannot.\n"), [1])
        self.assertEqual(self.found("/* Throws where\n * it cannot. */\n"), [1])
        self.assertEqual(self.found('f("it is "\n  "no task");\n'), [1])
        self.assertEqual(self.found("int a;  // where\nint b;  // it is\n"), [])
        self.assertEqual(self.found('f("it is", "no task");\n'), [])

    def test_python(self):
        self.assertEqual(self.found('"""Begins\n\nanew."""\n', "a.py"), [3])
        self.assertEqual(self.found('def f():\n    """Begins\n    anew."""\n', "a.py"), [3])
        self.assertEqual(self.found("a = 1  # is no task\n# is no\n# task\n", "a.py"), [1, 2])
        self.assertEqual(self.found('a = "is no task"\n', "a.py"), [])

    def test_scripts(self):
        for path in ("dev", "a.sh", "cmake/a.cmake", "CMakeLists.txt"):
            self.assertEqual(self.found("a  # is no task\n# is no\n# task\n", path), [1, 2])
            self.assertEqual(self.found('echo "is no task"\nb=${a#is no task}\n', path), [])

    def test_markdown(self):
        text = "Of `it is no task`.\n\n```\nit is no task\n```\n\nIt is\nno task.\n"
        self.assertEqual(self.found(text, "docs/a.md"), [7])


class Tree(unittest.TestCase):
    def test_a_tree_with_one_violation_of_each_rule(self):
        with tempfile.TemporaryDirectory() as name:
            root = pathlib.Path(name)
            for path, text in [("sched/a.hpp", '#include "realnet/b.hpp"\n'),
                               ("simnet/b.cpp", "\nint x = rand();\n"),
                               ("servers/c.cpp", "\n\nT f() { if (co_await g()) co_return; }\n"),
                               ("servers/e.cpp", "std::string a;\n"),
                               ("dev", "x" * 101 + "\n"),
                               ("build/d.cpp", "int x = rand();\n")]:
                (root / path).parent.mkdir(exist_ok=True)
                (root / path).write_text(text)
            found = [(path, line, rule) for path, line, rule, _ in
                     tidy.findings(list(tidy.files(root)))]
        self.assertEqual(found, [("dev", 1, "length"), ("sched/a.hpp", 1, "arrow"),
                                 ("sched/a.hpp", 1, "guard"), ("servers/c.cpp", 3, "coroutine"),
                                 ("servers/e.cpp", 1, "standard"), ("simnet/b.cpp", 2, "oracle")])


if __name__ == "__main__":
    unittest.main()
