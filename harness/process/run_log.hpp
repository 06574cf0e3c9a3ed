// What the program under test logs during a run, kept until it is known whether the run failed.
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
  // While it lives, what goes to spdlog's default logger comes here.
  RunLog();
  ~RunLog() override;

  void begins(simnet::World& world) override;
  void ends(simnet::World& world, const simnet::RunReport& report) override;

  // Whether anything is kept; without, logging costs the program next to nothing.
  void keep(bool keeps);
  // The last lines of the run, each with its virtual time, its task (or host) and its level, and
  // how many stood before them.
  [[nodiscard]] std::string text() const;
  // `listener` gets each line as it is logged, too.
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
