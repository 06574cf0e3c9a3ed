// The log of the program under test during a run, kept until it is known whether the run failed.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <utility>

#include <spdlog/logger.h>

#include "simnet/scenario.hpp"

namespace rehearsal::harness {

class RunLog final : public simnet::RunWatcher {
 public:
  // Replaces spdlog's default logger. The destructor restores it.
  RunLog();
  ~RunLog() override;

  void begins(simnet::World& world) override;
  void ends(simnet::World& world, const simnet::RunReport& report) override;

  // Sets whether lines are kept. If not, logging costs the program almost nothing.
  void keep(bool keeps);
  // Returns the last lines of the run (at most `most_lines`), each with virtual time, task (or
  // host) and level. A first line counts the lines before them, if any.
  [[nodiscard]] std::string text() const;
  // Calls `listener` with each line when it is logged.
  void listen(std::function<void(const std::string& line)> listener) {
    listener_ = std::move(listener);
  }

  static constexpr std::size_t most_lines = 200;

 private:
  class Sink;
  void add(std::string_view level, std::string_view text);

  simnet::World* world_ = nullptr;  // null between runs
  std::deque<std::string> lines_;
  std::uint64_t left_out_ = 0;
  std::function<void(const std::string& line)> listener_;
  std::shared_ptr<spdlog::logger> before_;
};

}  // namespace rehearsal::harness
