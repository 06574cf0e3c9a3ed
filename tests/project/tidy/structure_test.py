"""Tests what the rules depend on: that functions and statements are found in the right places."""

import unittest

import source
import structure


def functions(text):
    return [(f.name, f.first_line, f.last_line) for f in structure.parse(text).functions]


def statements(text):
    return [" ".join(statement.texts) for statement in structure.parse(text).statements]


class Source(unittest.TestCase):
    def test_comments_and_literals_are_blank_and_keep_their_place(self):
        text = 'int a; // rand()\nf("time(0)", \'"\', R"x(a)" { )x"); /* {\n */ int b;\n'
        masked = source.mask(text)
        self.assertEqual(len(masked), len(text))
        self.assertEqual(masked.count("\n"), text.count("\n"))
        self.assertNotIn("rand", masked)
        self.assertNotIn("time", masked)
        self.assertNotIn("{", masked)

    def test_a_quote_between_digits_is_part_of_the_number(self):
        texts = [token.text for token in source.tokens("int a = 300'000; f('x');")]
        self.assertEqual(texts[3], "300'000")
        self.assertEqual(texts[-1], ";")

    def test_directives_and_attributes_are_no_tokens(self):
        text = "#define OPEN { \\\n {\n[[nodiscard]] int a;\n"
        self.assertEqual([token.text for token in source.tokens(text)], ["int", "a", ";"])

    def test_tokens_know_their_line(self):
        self.assertEqual(source.tokens("a\n\n/* \n */ b")[1].line, 4)


class Functions(unittest.TestCase):
    def test_plain_member_template_and_operator(self):
        text = """namespace a {
template <class T = std::vector<int>>
  requires std::copyable<T>
T f(T x) {
  return x;
}
class [[nodiscard]] B final : public C {
 public:
  B& operator=(const B&) noexcept { return *this; }
  auto g() const -> std::vector<int> { return {1}; }
};
}  // namespace a
"""
        self.assertEqual(functions(text), [("f", 2, 6), ("operator =", 9, 9), ("g", 10, 10)])

    def test_constructors_with_braces_in_their_initialisers(self):
        text = "A::A(int x)\n    : b_{x},\n      C<int>{1}, d_(2) {\n  f();\n}\nint g() {\n}\n"
        self.assertEqual(functions(text), [("A", 1, 5), ("g", 6, 7)])

    def test_tests_and_lambdas(self):
        text = "TEST(A, b) {\n  f([x]() mutable -> int {\n    return x;\n  });\n}\n"
        self.assertEqual(functions(text), [("lambda", 2, 4), ("TEST", 1, 5)])

    def test_what_is_no_function(self):
        text = """enum class E : int { a, b };
struct Options { int a = 1; std::vector<int> b{1, 2}; };
const std::map<int, int> table = {{1, 2}, {3, 4}};
template <class T> concept C = requires(T t) { t.f(); };
extern "C" { int g(int); }
"""
        self.assertEqual(functions(text), [])

    def test_blocks_belong_to_their_function(self):
        text = """int f(int x) {
  if (x) { g(); } else if (h()) { g(); } else { g(); }
  for (auto y : {1, 2}) { g(); }
  do { g(); } while (x);
  switch (x) { case 1: { g(); } break; default: g(); }
  try { g(); } catch (const E& e) { g(); }
  struct Local { int a() { return 1; } };
  int a[] = {1, 2};
  return a[0];
}
"""
        self.assertEqual(functions(text), [("a", 7, 7), ("f", 1, 10)])


class Statements(unittest.TestCase):
    def test_a_lambda_body_is_not_part_of_its_statement(self):
        text = "void f() { auto body = [x] { g(); }; h(body); }"
        self.assertEqual(statements(text), [
            "void f ( )", "g ( )", "auto body = [ x ] <lambda>", "h ( body )"])

    def test_a_control_header_is_a_statement(self):
        text = "void f() { while (g(x)) { h(); } if (x) k(); }"
        self.assertEqual(statements(text), [
            "void f ( )", "while ( g ( x ) )", "h ( )", "if ( x ) k ( )"])

    def test_captures(self):
        parsed = structure.parse("void f() { g([&x, y = z[1]](int a) { return a; }, v[2]); }")
        self.assertEqual([s.captures for s in parsed.statements if s.captures], [
            [["&", "x", ",", "y", "=", "z", "[", "1", "]"]]])

    def test_members_know_their_class(self):
        parsed = structure.parse("struct A { int a; struct B { int b; }; int c; };")
        self.assertEqual([(s.owner, s.texts[-1]) for s in parsed.statements if s.owner],
                         [("A", "a"), ("A", "B"), ("B", "b"), ("A", "c")])


if __name__ == "__main__":
    unittest.main()
