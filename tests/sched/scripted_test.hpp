// Parts shared by the tests of the scheduler: fixtures over a literal script that also check
// whether a frame is left over, and the words in which a test describes what happened.
#pragma once

#include <cstddef>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "sched/host.hpp"
#include "simnet/scripted_network.hpp"
#include "simnet/scripted_source.hpp"

namespace rehearsal::sched {

// What tasks did, in order.
using Log = std::vector<std::string>;

constexpr Instant at(Duration since_the_start) { return Instant{} + since_the_start; }

inline Ready readable(Descriptor descriptor) { return {descriptor, Readiness::recv}; }
inline Ready writable(Descriptor descriptor) { return {descriptor, Readiness::send}; }

// A wait of the source that takes no time.
inline simnet::ScriptedWait finds(std::vector<Ready> ready) {
  return {std::move(ready), Duration{}};
}
// A wait that finds nothing.
inline simnet::ScriptedWait takes(Duration how_long) { return {{}, how_long}; }

inline ConstBytes bytes(std::string_view text) { return std::as_bytes(std::span(text)); }
inline std::string text(ConstBytes bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

// Returns the error that `call` throws, or none if it returns.
template <class F>
std::error_code error_of(F&& call) {
  try {
    call();
  } catch (const std::system_error& error) {
    return error.code();
  }
  return {};
}

// Returns the error that `task` throws, or none, for another task to await.
template <class T>
Task<std::error_code> failure_of(Task<T> task) {
  std::error_code code;
  try {
    co_await std::move(task);
  } catch (const std::system_error& error) {
    code = error.code();
  }
  co_return code;
}

// Expects that no frame and no task record created during its life is left over.
class NoFrameIsLeft {
 public:
  NoFrameIsLeft() = default;
  NoFrameIsLeft(const NoFrameIsLeft&) = delete;
  NoFrameIsLeft& operator=(const NoFrameIsLeft&) = delete;
  ~NoFrameIsLeft() { EXPECT_EQ(frames_in_use(), before_) << "frames were left behind"; }

 private:
  std::ptrdiff_t before_ = frames_in_use();
};

// Appends a line when it is destroyed.
class Farewell {
 public:
  Farewell(Log& log, std::string line) : log_(&log), line_(std::move(line)) {}
  Farewell(Farewell&& other) noexcept
      : log_(std::exchange(other.log_, nullptr)), line_(std::move(other.line_)) {}
  Farewell& operator=(Farewell&&) = delete;
  ~Farewell() {
    if (log_ != nullptr) {
      log_->push_back(line_);
    }
  }

 private:
  Log* log_;
  std::string line_;
};

// Runs `body` as a task named "test" until it is done, and returns its result.
template <class Scheduler, class F>
decltype(auto) run_to_end(Scheduler& scheduler, F&& body) {
  auto handle = scheduler.spawn("test", std::forward<F>(body));
  scheduler.run_until([&handle] { return handle.done(); });
  if (!handle.done()) {
    throw std::logic_error("the body of the test waits forever");
  }
  return handle.take();
}

class ScriptedTest : public ::testing::Test {
 protected:
  template <class F>
  decltype(auto) run(F&& body) {
    return run_to_end(scheduler_, std::forward<F>(body));
  }

  NoFrameIsLeft no_frame_is_left_;
  Log log_;
  simnet::ScriptedSource source_;  // a test may assign another before anything runs
  Scheduler<simnet::ScriptedSource> scheduler_{source_};
};

class ScriptedHostTest : public ::testing::Test {
 protected:
  template <class F>
  decltype(auto) run(F&& body) {
    return run_to_end(host_, std::forward<F>(body));
  }

  NoFrameIsLeft no_frame_is_left_;
  Log log_;
  simnet::ScriptedNetwork network_;  // a test may assign another before anything runs
  Host<simnet::ScriptedNetwork> host_{network_};
};

}  // namespace rehearsal::sched
