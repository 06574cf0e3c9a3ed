// Scenarios that depend on something outside their schedule: one for each common way.
#include <array>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "harness/cli/scenario_commands.hpp"
#include "simnet/kernel/kernel.hpp"

namespace {

using namespace std::chrono_literals;  // NOLINT(google-build-using-namespace)
using rehearsal::sched::Host;
using rehearsal::sched::Task;
using rehearsal::simnet::Scenario;
using rehearsal::simnet::SimulatedNetwork;
using rehearsal::simnet::World;

constexpr int things = 40;

// Sleeps for as many microseconds as `ask` returns, so the trace shows the value.
Task<> sleeps(std::function<std::uint64_t()> ask) {
  co_await rehearsal::sched::sleep_for(1ms);
  const std::uint64_t answer = ask();
  co_await rehearsal::sched::sleep_for(std::chrono::microseconds(answer % 1000));
}

Scenario leak(const std::string& name, std::function<std::uint64_t()> ask) {
  return {name, "Asks something beside the seam", [ask = std::move(ask)](World& world) {
            world.host("leaky").spawn(
                "main", [ask](Host<SimulatedNetwork>& /*host*/) { return sleeps(ask); });
          }};
}

// Returns the numbers 0 to 39 in the order of their addresses, as one number.
std::uint64_t by_address() {
  std::vector<std::unique_ptr<int>> owned;
  std::set<const int*> ordered;
  for (int i = 0; i < things; ++i) {
    owned.push_back(std::make_unique<int>(i));
    ordered.insert(owned.back().get());
  }
  std::uint64_t order = 0;
  for (const int* number : ordered) {
    order = order * 31 + static_cast<std::uint64_t>(*number);
  }
  return order;
}

std::uint64_t by_hash() {
  std::vector<std::unique_ptr<int>> owned;
  std::unordered_map<const int*, int> numbers;
  for (int i = 0; i < things; ++i) {
    owned.push_back(std::make_unique<int>(i));
    numbers.emplace(owned.back().get(), i);
  }
  std::uint64_t order = 0;
  for (const auto& [place, number] : numbers) {
    order = order * 31 + static_cast<std::uint64_t>(number);
  }
  return order;
}

std::uint64_t by_clock() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return static_cast<std::uint64_t>(now / 1us);
}

std::uint64_t by_chance() {
  std::random_device device;
  return device();
}

// Reads uninitialized memory. The bytes are volatile, because otherwise the compiler could
// choose any value.
std::uint64_t by_accident() {
  constexpr std::size_t size = 48;
  const std::unique_ptr<unsigned char[]> fresh(new unsigned char[size]);
  const volatile unsigned char* bytes = fresh.get();
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < size; ++i) {
    sum = sum * 31 + bytes[i];
  }
  return sum;
}

}  // namespace

int main(int argc, char** argv) {
  rehearsal::harness::Scenarios scenarios;
  scenarios.push_back(leak("none", [] { return std::uint64_t{7}; }));
  scenarios.push_back(leak("address", by_address));
  scenarios.push_back(leak("hash", by_hash));
  scenarios.push_back(leak("clock", by_clock));
  scenarios.push_back(leak("chance", by_chance));
  scenarios.push_back(leak("accident", by_accident));
  return rehearsal::harness::run_scenarios(argc, argv, scenarios);
}
