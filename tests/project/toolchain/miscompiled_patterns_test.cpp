// Ordinary coroutine code that g++ 12 silently miscompiles; README.md lists it with what to write
// instead. Each test states what was measured: the right result with clang, the wrong one with g++
// 12. None of these patterns occurs elsewhere in the tree: tests/project/tidy looks for them.
#include <array>
#include <cstdlib>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "tests/project/toolchain/tiny_task.hpp"
#include "tests/project/toolchain/tracked.hpp"

// The bodies are wrong on purpose; in some of them g++ notices that a value is never set.
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#pragma GCC diagnostic ignored "-Wuninitialized"
#endif

namespace rehearsal::toolchain {
namespace {

#if defined(__clang__)
constexpr bool measured = true;
constexpr bool miscompiles = false;
#else
constexpr bool measured = __GNUC__ == 12;
constexpr bool miscompiles = measured;
#endif

class Miscompiled : public testing::Test {
 protected:
  void SetUp() override {
    if (!measured) GTEST_SKIP() << "this compiler has not been measured";
  }

  // The tested statement leaves objects that were never built, or that are destroyed twice.
  void expect_destroyed_twice(TinyTask<> task) {
    task.run();
    EXPECT_EQ(ledger_.balanced(), !miscompiles);
  }
  // The coroutine takes two steps. Compiled wrong, it returns before the first of them or runs into
  // an illegal instruction, depending on its parameters. So a separate process runs it.
  static void expect_no_step(TinyTask<> (*coroutine)(int& steps)) {
    const auto as_measured = [](int status) { return (status != 0) == miscompiles; };
    EXPECT_EXIT(exit_with_steps_missing(coroutine), as_measured, "");
  }

  Ledger ledger_;

 private:
  [[noreturn]] static void exit_with_steps_missing(TinyTask<> (*coroutine)(int& steps)) {
    int steps = 0;
    coroutine(steps).run();
    std::_Exit(2 - steps);
  }
};
using MiscompiledDeathTest = Miscompiled;

// A co_await in the condition of a statement, in a coroutine that declares no variable: its whole
// body is left out. With one variable anywhere in the body, even later, it is compiled right.

TinyTask<> in_if(int& steps) {
  steps = 1;
  if (co_await answer(false)) co_return;
  ++steps;
}
TEST_F(MiscompiledDeathTest, if_condition) { expect_no_step(in_if); }

TinyTask<> in_while(int& steps) {
  while (co_await number(steps) != 2) ++steps;
}
TEST_F(MiscompiledDeathTest, while_condition) { expect_no_step(in_while); }

TinyTask<> in_do(int& steps) {
  do {
    ++steps;
  } while (co_await number(steps) != 2);
}
TEST_F(MiscompiledDeathTest, do_condition) { expect_no_step(in_do); }

TinyTask<> in_for(int& steps) {
  for (; co_await number(steps) != 2; ++steps) {
  }
}
TEST_F(MiscompiledDeathTest, for_condition) { expect_no_step(in_for); }

TinyTask<> in_switch(int& steps) {
  switch (co_await number(2)) {
    case 2:
      steps = 2;
      break;
    default:
      steps = 3;
  }
}
TEST_F(MiscompiledDeathTest, switch_condition) { expect_no_step(in_switch); }

TinyTask<> with_a_variable(int& steps) {
  steps = 1;
  if (co_await answer(false)) co_return;
  const int last = 2;
  steps = last;
}
TEST_F(Miscompiled, not_where_the_coroutine_declares_a_variable) {
  int steps = 0;
  with_a_variable(steps).run();
  EXPECT_EQ(steps, 2);
}

// A temporary without a constructor of its own (an aggregate, a closure) that has a destructor,
// within the full expression of a co_await: it is copied byte by byte and destroyed twice.

struct Aggregate {
  Tracked tracked;
  int number = 0;
};
TinyTask<int> by_value(Aggregate aggregate) { co_return aggregate.tracked.get(); }
TinyTask<int> by_reference(const Aggregate& aggregate) { co_return aggregate.tracked.get(); }
template <class Callable>
TinyTask<int> call(Callable callable) {
  co_return callable();
}
TinyTask<int> call_erased(std::function<int()> callable) { co_return callable(); }

TinyTask<> designated(Ledger& ledger) { co_await by_value({.tracked = Tracked(ledger, 1)}); }
TEST_F(Miscompiled, a_designated_initialiser) { expect_destroyed_twice(designated(ledger_)); }

TinyTask<> braced(Ledger& ledger) { co_await by_value({Tracked(ledger, 1), 2}); }
TEST_F(Miscompiled, a_braced_aggregate) { expect_destroyed_twice(braced(ledger_)); }

TinyTask<> referred(Ledger& ledger) { co_await by_reference(Aggregate{Tracked(ledger, 1), 2}); }
TEST_F(Miscompiled, an_aggregate_by_reference) { expect_destroyed_twice(referred(ledger_)); }

TinyTask<> closure(Ledger& ledger) {
  const Tracked tracked(ledger, 1);
  co_await call([tracked] { return tracked.get(); });
}
TEST_F(Miscompiled, a_closure) { expect_destroyed_twice(closure(ledger_)); }

TinyTask<> erased_closure(Ledger& ledger) {
  const Tracked tracked(ledger, 1);
  co_await call_erased([tracked] { return tracked.get(); });
}
TEST_F(Miscompiled, a_closure_made_a_function_object) {
  expect_destroyed_twice(erased_closure(ledger_));
}

TinyTask<> immediate(Ledger& ledger) {
  const Tracked tracked(ledger, 1);
  co_await [tracked]() -> TinyTask<int> { co_return tracked.get(); }();
}
TEST_F(Miscompiled, a_lambda_coroutine_called_in_place) {
  expect_destroyed_twice(immediate(ledger_));
}

struct AggregateAwaiter {
  Tracked tracked;
  static bool await_ready() noexcept { return true; }
  static void await_suspend(std::coroutine_handle<> /*frame*/) noexcept {}
  static void await_resume() noexcept {}
};
TinyTask<> awaiter(Ledger& ledger) { co_await AggregateAwaiter{Tracked(ledger, 1)}; }
TEST_F(Miscompiled, an_awaiter_without_a_constructor) { expect_destroyed_twice(awaiter(ledger_)); }

TinyTask<Tracked> make(Ledger& ledger) { co_return Tracked(ledger, 1); }
TinyTask<> initialised(Ledger& ledger) {
  const Aggregate aggregate{.tracked = co_await make(ledger), .number = 1};
  EXPECT_EQ(aggregate.number, 1);
}
TEST_F(Miscompiled, a_co_await_in_the_braces_of_an_aggregate) {
  expect_destroyed_twice(initialised(ledger_));
}

TinyTask<> listed(Ledger& ledger) {
  const std::array<Tracked, 2> both{co_await make(ledger), co_await make(ledger)};
  EXPECT_EQ(both.size(), 2U);
}
TEST_F(Miscompiled, several_co_awaits_in_one_initialiser) {
  expect_destroyed_twice(listed(ledger_));
}

// The copy of a class object that passes through ?: or throw with a co_await is destroyed twice.

bool yes() { return true; }
TinyTask<> chosen(Ledger& ledger) {
  const Tracked tracked = yes() ? co_await make(ledger) : Tracked(ledger, 2);
  EXPECT_EQ(tracked.get(), 1);
}
TEST_F(Miscompiled, a_conditional_of_class_type) { expect_destroyed_twice(chosen(ledger_)); }

TinyTask<int> take(Tracked tracked) { co_return tracked.get(); }
TinyTask<> chosen_argument(Ledger& ledger) {
  co_await take(yes() ? Tracked(ledger, 1) : Tracked(ledger, 2));
}
TEST_F(Miscompiled, a_conditional_in_an_argument) {
  expect_destroyed_twice(chosen_argument(ledger_));
}

TinyTask<> thrown(Ledger& ledger) { throw Tracked(ledger, co_await number(1)); }
TinyTask<> catches_thrown(Ledger& ledger) {
  try {
    co_await thrown(ledger);
  } catch (const Tracked&) {
    co_return;
  }
  ADD_FAILURE() << "nothing was thrown";
}
TEST_F(Miscompiled, a_throw_of_what_is_awaited) { expect_destroyed_twice(catches_thrown(ledger_)); }

// Code that g++ 12 does not compile at all ("array used as initializer"): a braced list that
// becomes a std::initializer_list within a co_await.
#if defined(__clang__)
TinyTask<int> sum(std::vector<Tracked> values) { co_return static_cast<int>(values.size()); }
TinyTask<> list_argument(Ledger& ledger) { co_await sum({Tracked(ledger, 1), Tracked(ledger, 2)}); }
TEST_F(Miscompiled, an_initialiser_list_argument) {
  expect_destroyed_twice(list_argument(ledger_));
}
#endif

}  // namespace
}  // namespace rehearsal::toolchain
