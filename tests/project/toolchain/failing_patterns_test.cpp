// Exceptions that cross coroutines, and coroutines that are destroyed while they wait: each object
// is destroyed exactly once, on every compiler. Cancellation depends on this.
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "tests/project/toolchain/tiny_task.hpp"
#include "tests/project/toolchain/tracked.hpp"

namespace rehearsal::toolchain {
namespace {

struct Options {
  explicit Options(Ledger& ledger) : tracked(ledger, 1) {}
  Tracked tracked;
};

template <Member at>
TinyTask<bool> awaiter_throws(Ledger& ledger) {
  const Tracked local(ledger, 1);
  try {
    co_await Throws<at>(ledger);
  } catch (const std::runtime_error&) {
    co_return true;
  }
  co_return false;
}
TEST(FailingPatterns, an_exception_from_each_member_of_an_awaiter) {
  Ledger ledger;
  EXPECT_TRUE(awaiter_throws<Member::ready>(ledger).run());
  EXPECT_TRUE(awaiter_throws<Member::suspend>(ledger).run());
  EXPECT_TRUE(awaiter_throws<Member::resume>(ledger).run());
  EXPECT_TRUE(ledger.balanced());
}

TinyTask<int> fails(Options options) {
  const int paused = co_await number(options.tracked.get());
  if (paused == 1) throw std::runtime_error("deep");
  co_return paused;
}
TinyTask<int> calls_failing(Options options) {
  const Tracked local(options.tracked);
  const int never = co_await fails(std::move(options));
  co_return never + local.get();
}
TinyTask<std::string> catches(Ledger& ledger) {
  std::string caught;
  try {
    const int never = co_await calls_failing(Options(ledger));
    caught = std::to_string(never);
  } catch (const std::runtime_error& failure) {
    caught = failure.what();
  }
  // co_await is not allowed in a handler, so it comes after the handler.
  const int after = co_await number(1);
  co_return caught + std::to_string(after);
}
TEST(FailingPatterns, an_exception_passes_through_frames_to_its_handler) {
  Ledger ledger;
  EXPECT_EQ(catches(ledger).run(), "deep1");
  EXPECT_TRUE(ledger.balanced());
}

TinyTask<> throws_what_it_awaited(Ledger& ledger) {
  const int value = co_await number(3);
  throw Tracked(ledger, value);
}
TEST(FailingPatterns, an_exception_made_of_a_hoisted_result) {
  Ledger ledger;
  int caught = 0;
  try {
    throws_what_it_awaited(ledger).run();
  } catch (const Tracked& failure) {
    caught = failure.get();
  }
  EXPECT_EQ(caught, 3);
  EXPECT_TRUE(ledger.balanced());
}

class Uncopyable {
 public:
  explicit Uncopyable(Ledger& ledger) : tracked_(ledger, 1) {}
  Uncopyable(const Uncopyable& other) : tracked_(other.tracked_) {
    throw std::runtime_error("copy");
  }
  Uncopyable& operator=(const Uncopyable&) = delete;
  ~Uncopyable() = default;

 private:
  Tracked tracked_;
};
TinyTask<int> takes(Tracked first, Uncopyable /*second*/) { co_return first.get(); }
TinyTask<bool> parameter_throws(Ledger& ledger) {
  const Uncopyable argument(ledger);
  bool thrown = false;
  try {
    co_await takes(Tracked(ledger, 1), argument);
  } catch (const std::runtime_error&) {
    thrown = true;
  }
  co_return thrown;
}
TEST(FailingPatterns, a_parameter_whose_copy_throws) {
  Ledger ledger;
  EXPECT_TRUE(parameter_throws(ledger).run());
  EXPECT_TRUE(ledger.balanced());
}

// Each of these waits forever; the test destroys it while it waits.
TinyTask<int> waits(Ledger& ledger, Options options, std::string text) {
  const Tracked local(options.tracked);
  const int never = co_await Forever(ledger);
  co_return never + static_cast<int>(text.size());
}
TinyTask<int> waits_in_a_call(Ledger& ledger) {
  const Tracked local(ledger, 1);
  const int never = co_await waits(ledger, Options(ledger), std::string(64, 'x'));
  co_return never;
}
TinyTask<int> waits_in_a_try(Ledger& ledger) {
  try {
    const int never = co_await waits_in_a_call(ledger);
    co_return never;
  } catch (...) {
    ADD_FAILURE() << "a cancellation is not an exception";
  }
  co_return 0;
}
TinyTask<int> waits_in_a_loop(Ledger& ledger) {
  for (Tracked outer(ledger, 1);;) {
    const std::vector<Tracked> several(3, outer);
    const int first = co_await number(1);
    const int never = co_await waits_in_a_try(ledger);
    if (first == never) co_return several.front().get();
  }
}
TinyTask<int> waits_in_a_lambda(Ledger& ledger) {
  const auto body = [kept = Tracked(ledger, 1), &ledger]() -> TinyTask<int> {
    const int never = co_await waits_in_a_loop(ledger);
    co_return never + kept.get();
  };
  const int never = co_await body();
  co_return never;
}

using Waiting = TinyTask<int> (*)(Ledger&);
class Cancelled : public testing::TestWithParam<Waiting> {};

TEST_P(Cancelled, destroys_each_thing_once) {
  Ledger ledger;
  {
    auto task = GetParam()(ledger);
    EXPECT_FALSE(task.run_until_it_waits());
    EXPECT_FALSE(ledger.balanced()) << "what waits holds something";
  }
  EXPECT_TRUE(ledger.balanced());
}
TEST_P(Cancelled, before_it_started) {
  Ledger ledger;
  static_cast<void>(GetParam()(ledger));
  EXPECT_TRUE(ledger.balanced());
}
INSTANTIATE_TEST_SUITE_P(FailingPatterns, Cancelled,
                         testing::Values(waits_in_a_call, waits_in_a_try, waits_in_a_loop,
                                         waits_in_a_lambda));

}  // namespace
}  // namespace rehearsal::toolchain
