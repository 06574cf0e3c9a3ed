#include "harness/process/run_log.hpp"

#include <cstdint>
#include <string_view>

#include <fmt/format.h>
#include <spdlog/details/null_mutex.h>
#include <spdlog/sinks/base_sink.h>
#include <spdlog/spdlog.h>

#include "harness/number_text.hpp"
#include "simnet/kernel/kernel.hpp"

namespace rehearsal::harness {

class RunLog::Sink final : public spdlog::sinks::base_sink<spdlog::details::null_mutex> {
 public:
  explicit Sink(RunLog& log) : log_(log) {}

 private:
  void sink_it_(const spdlog::details::log_msg& message) override {
    const auto level = spdlog::level::to_string_view(message.level);
    log_.add({level.data(), level.size()}, {message.payload.data(), message.payload.size()});
  }
  void flush_() override {}

  RunLog& log_;
};

RunLog::RunLog() : before_(spdlog::default_logger()) {
  auto logger = std::make_shared<spdlog::logger>("run", std::make_shared<Sink>(*this));
  logger->set_level(spdlog::level::debug);
  spdlog::set_default_logger(std::move(logger));
}

RunLog::~RunLog() { spdlog::set_default_logger(before_); }

void RunLog::keep(bool keeps) {
  spdlog::default_logger()->set_level(keeps ? spdlog::level::debug : spdlog::level::off);
}

void RunLog::begins(simnet::World& world) {
  world_ = &world;
  lines_.clear();
  left_out_ = 0;
}

void RunLog::ends(simnet::World& /*world*/, const simnet::RunReport& /*report*/) {
  world_ = nullptr;
}

void RunLog::add(std::string_view level, std::string_view text) {
  if (world_ == nullptr) {  // logged during the destruction of a world
    return;
  }
  sched::Instant at = world_->now();
  std::string who = "world";
  if (const simnet::SimulatedHost* host = world_->current(); host != nullptr) {
    at = host->kernel().at();
    who = host->current_task();
    if (who.empty()) {
      who = host->name();
    }
  }
  const auto nanoseconds = at.time_since_epoch().count();
  std::string line = fmt::format("{:>4}.{:09} s  {}  {}: {}", nanoseconds / 1'000'000'000,
                                 nanoseconds % 1'000'000'000, who, level, text);
  if (listener_) {
    listener_(line);
  }
  lines_.push_back(std::move(line));
  if (lines_.size() > most_lines) {
    lines_.pop_front();
    ++left_out_;
  }
}

std::string RunLog::text() const {
  std::string text;
  if (left_out_ != 0) {
    text = fmt::format("({} before these)\n", counted(left_out_, "line"));
  }
  for (const std::string& line : lines_) {
    text += line + '\n';
  }
  return text;
}

}  // namespace rehearsal::harness
