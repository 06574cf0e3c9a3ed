// The coroutine patterns that this project uses. Each must work on every supported compiler. If one
// fails, the compiler cannot build the project, even if all other tests pass.
#include <array>
#include <cstddef>
#include <functional>
#include <memory>
#include <source_location>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "tests/project/toolchain/tiny_task.hpp"
#include "tests/project/toolchain/tracked.hpp"

namespace rehearsal::toolchain {
namespace {

// The constructor makes it a class and not an aggregate, which g++ 12 would destroy twice.
struct Options {
  explicit Options(Ledger& ledger, int number = 1) : tracked(ledger, number) {}
  Tracked tracked;
};

TinyTask<Tracked> make(Ledger& ledger, int value) { co_return Tracked(ledger, value); }
TinyTask<int> by_value(Options options) {
  const int zero = co_await number(0);
  co_return zero + options.tracked.get();
}
TinyTask<int> by_reference(const Options& options) {
  const int zero = co_await number(0);
  co_return zero + options.tracked.get();
}

TinyTask<int> hoisted_condition() {
  const bool stop = co_await answer(false);
  if (stop) co_return 1;
  co_return 2;
}
TEST(UsedPatterns, a_condition_on_a_hoisted_result) { EXPECT_EQ(hoisted_condition().run(), 2); }

TinyTask<int> loop_with_hoisted_conditions() {
  int sum = 0;
  for (int round = 1;; ++round) {
    const int next = co_await number(round);
    if (next == 2) continue;
    if (next > 4) break;
    sum += next;
  }
  co_return sum;
}
TEST(UsedPatterns, a_loop_that_continues_and_breaks_on_hoisted_results) {
  EXPECT_EQ(loop_with_hoisted_conditions().run(), 1 + 3 + 4);
}

TinyTask<int> hoisted_switch(Ledger& ledger) {
  const int which = co_await number(2);
  switch (which) {
    case 2: {
      const Tracked result = co_await make(ledger, 7);
      co_return result.get();
    }
    default:
      co_return 0;
  }
}
TEST(UsedPatterns, a_switch_on_a_hoisted_result) {
  Ledger ledger;
  EXPECT_EQ(hoisted_switch(ledger).run(), 7);
  EXPECT_TRUE(ledger.balanced());
}

TinyTask<int> awaiters(Ledger& ledger) {
  const int paused = co_await Pause(ledger);
  const int awake = co_await StaysAwake(ledger);
  const Tracked ready = co_await Ready(ledger);
  co_return paused + awake + ready.get();
}
TEST(UsedPatterns, an_awaiter_is_built_once_and_destroyed_once) {
  Ledger ledger;
  EXPECT_EQ(awaiters(ledger).run(), 3);
  EXPECT_TRUE(ledger.balanced());
}

TinyTask<int> option_arguments(Ledger& ledger) {
  const int first = co_await by_value(Options(ledger, 1));
  const int second = co_await by_reference(Options(ledger, 2));
  Options options(ledger, 3);
  const int third = co_await by_reference(options);
  const int fourth = co_await by_value(std::move(options));
  co_return first + second + third + fourth;
}
TEST(UsedPatterns, options_with_a_constructor_as_temporary_and_as_variable) {
  Ledger ledger;
  EXPECT_EQ(option_arguments(ledger).run(), 1 + 2 + 3 + 3);
  EXPECT_TRUE(ledger.balanced());
}

TinyTask<std::size_t> length(std::string text) { co_return text.size(); }
TinyTask<std::size_t> length_of(const std::string& text) { co_return text.size(); }
TinyTask<std::size_t> count(std::span<const std::byte> bytes) { co_return bytes.size(); }
TinyTask<int> owned(std::unique_ptr<int> value) { co_return *value; }

TinyTask<std::size_t> library_arguments() {
  const std::size_t by_conversion = co_await length("a text too long for the small string buffer");
  const std::size_t by_temporary = co_await length_of("host-" + std::to_string(1));
  const std::array<std::byte, 8> buffer{};
  const std::size_t by_view = co_await count(std::span(buffer).first(3));
  const int by_owner = co_await owned(std::make_unique<int>(5));
  co_return by_conversion + by_temporary + by_view + static_cast<std::size_t>(by_owner);
}
TEST(UsedPatterns, strings_views_and_owners_as_arguments) {
  EXPECT_EQ(library_arguments().run(), 43U + 6U + 3U + 5U);
}

TinyTask<Tracked> returns_local(Ledger& ledger) {
  Tracked local(ledger, 1);
  const int pause = co_await Pause(ledger);
  EXPECT_EQ(pause, 1);
  co_return local;
}
TinyTask<Tracked> returns_parameter(Tracked value) { co_return value; }
TinyTask<Tracked> passes_on(Ledger& ledger) { co_return co_await returns_local(ledger); }

TinyTask<int> results(Ledger& ledger) {
  Tracked local = co_await passes_on(ledger);
  const Tracked moved = co_await returns_parameter(std::move(local));
  const int of_temporary = (co_await make(ledger, 5)).get();
  co_await make(ledger, 9);
  std::vector<Tracked> kept;
  kept.push_back(co_await make(ledger, 3));
  co_return moved.get() + of_temporary + kept.front().get();
}
TEST(UsedPatterns, results_are_moved_out_and_destroyed_once) {
  Ledger ledger;
  EXPECT_EQ(results(ledger).run(), 1 + 5 + 3);
  EXPECT_TRUE(ledger.balanced());
}

TinyTask<std::pair<int, int>> pair() { co_return std::pair(3, 4); }
TinyTask<int> two_results() {
  const auto [first, second] = co_await pair();
  co_return first * 10 + second;
}
TEST(UsedPatterns, a_structured_binding_of_a_result) { EXPECT_EQ(two_results().run(), 34); }

class Member {
 public:
  explicit Member(Ledger& ledger) : tracked_(ledger, 4) {}
  TinyTask<int> get() {
    const int zero = co_await number(0);
    co_return zero + tracked_.get();
  }

 private:
  Tracked tracked_;
};
TinyTask<int> members(Ledger& ledger) {
  Member named(ledger);
  const int of_named = co_await named.get();
  const int of_temporary = co_await Member(ledger).get();
  co_return of_named + of_temporary;
}
TEST(UsedPatterns, a_member_coroutine_of_a_variable_and_of_a_temporary) {
  Ledger ledger;
  EXPECT_EQ(members(ledger).run(), 8);
  EXPECT_TRUE(ledger.balanced());
}

// Like the scheduler's spawn: the callable lives as long as the coroutine that it created.
template <class Callable>
class Kept {
 public:
  explicit Kept(Callable callable) : callable_(std::move(callable)), task_(callable_()) {}
  auto run() { return task_.run(); }

 private:
  Callable callable_;
  decltype(std::declval<Callable&>()()) task_;
};

TEST(UsedPatterns, a_lambda_coroutine_whose_captures_are_kept_with_it) {
  Ledger ledger;
  {
    Kept kept([tracked = Tracked(ledger, 6), &ledger]() -> TinyTask<int> {
      const int paused = co_await Pause(ledger);
      co_return paused + tracked.get();
    });
    EXPECT_EQ(kept.run(), 7);
  }
  EXPECT_TRUE(ledger.balanced());
}

TinyTask<int> callables(Ledger& ledger) {
  const auto generic = [](auto value) -> TinyTask<int> {
    const int zero = co_await number(0);
    co_return zero + value.get();
  };
  const int of_generic = co_await generic(Tracked(ledger, 1));
  const auto capturing = [tracked = Tracked(ledger, 2)]() -> TinyTask<int> {
    const int zero = co_await number(0);
    co_return zero + tracked.get();
  };
  const std::function<TinyTask<int>()> erased = capturing;
  const int of_capturing = co_await capturing();
  const int of_erased = co_await erased();
  // Hoisted: the closure dies with the statement that created the task, and owns nothing
  // the task needs.
  auto task = [](Tracked value) -> TinyTask<int> { co_return value.get(); }(Tracked(ledger, 3));
  const int of_hoisted = co_await task;
  co_return of_generic * 1000 + of_capturing * 100 + of_erased * 10 + of_hoisted;
}
TEST(UsedPatterns, named_lambda_coroutines) {
  Ledger ledger;
  EXPECT_EQ(callables(ledger).run(), 1223);
  EXPECT_TRUE(ledger.balanced());
}

template <class... Values>
TinyTask<int> sum_of(Values... values) {
  const int zero = co_await number(0);
  co_return (zero + ... + values.get());
}
TinyTask<int> template_call(Ledger& ledger) {
  const int sum = co_await sum_of(Tracked(ledger, 1), Tracked(ledger, 2), Tracked(ledger, 4));
  co_return sum;
}
TEST(UsedPatterns, a_coroutine_template_with_a_parameter_pack) {
  Ledger ledger;
  EXPECT_EQ(template_call(ledger).run(), 7);
  EXPECT_TRUE(ledger.balanced());
}

TinyTask<> awaits_in_this_line(unsigned& line) {
  line = std::source_location::current().line() + 1;
  co_await number(1);
}
TEST(UsedPatterns, a_task_knows_the_line_of_its_co_await) {
  unsigned line = 0;
  auto task = awaits_in_this_line(line);
  task.run();
  EXPECT_EQ(task.promise().where.line(), line);
}

}  // namespace
}  // namespace rehearsal::toolchain
