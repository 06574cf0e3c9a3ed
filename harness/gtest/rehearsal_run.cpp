#include "harness/gtest/rehearsal_run.hpp"

#include <array>

namespace rehearsal::harness {
namespace {

class Records final : public simnet::RunWatcher {
 public:
  explicit Records(bool records) : records_(records) {}
  void begins(simnet::World& world) override { world.choices().record(records_); }

 private:
  bool records_;
};

}  // namespace

CapturedRun captured(const std::function<simnet::RunResult(simnet::RunWatchers)>& run,
                     bool records) {
  CapturedRun captured;
  Capture capture;
  Records recording(records);
  const std::array<simnet::RunWatcher*, 2> watchers = {&capture, &recording};
  captured.result = run(watchers);
  captured.failure = captured.result.report.failure();
  if (!captured.failure && !capture.failed().empty()) {
    captured.failure = capture.failed().front().failure();
  }
  captured.failed = capture.failed();
  captured.skipped = capture.skipped();
  return captured;
}

}  // namespace rehearsal::harness
