// The cost of a process so far, summed over its threads, from /proc/PID/task/*: nanoseconds from
// schedstat, because /proc/PID/stat counts only in ticks.
#pragma once

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <system_error>
#include <thread>

namespace bench {

struct ProcessCost {
  std::uint64_t cpu = 0;     // nanoseconds on a core, user and system together
  std::uint64_t waited = 0;  // nanoseconds ready to run, while another program had the core
  std::uint64_t sleeps = 0;  // voluntary context switches
};

inline ProcessCost operator-(const ProcessCost& left, const ProcessCost& right) {
  return {left.cpu - right.cpu, left.waited - right.waited, left.sleeps - right.sleeps};
}

inline ProcessCost cost_of(int process) {
  ProcessCost cost;
  const std::string tasks = "/proc/" + std::to_string(process) + "/task";
  std::error_code error;
  for (const auto& task : std::filesystem::directory_iterator(tasks, error)) {
    std::ifstream statistics(task.path() / "schedstat");
    std::uint64_t cpu = 0;
    std::uint64_t waited = 0;
    statistics >> cpu >> waited;
    cost.cpu += cpu;
    cost.waited += waited;
    std::ifstream status(task.path() / "status");
    for (std::string line; std::getline(status, line);) {
      const std::string name = "voluntary_ctxt_switches:";
      if (line.starts_with(name)) cost.sleeps += std::stoull(line.substr(name.size()));
    }
  }
  if (error || cost.cpu == 0) {
    std::fprintf(stderr, "load: cannot read the CPU time of process %d\n", process);
    std::exit(1);
  }
  return cost;
}

// Waits until the process sleeps, i.e. uses no CPU time for two milliseconds: the kernel adds the
// time of a running thread only at a tick or when it leaves the core.
inline ProcessCost cost_when_quiet(int process) {
  if (process == 0) return {};
  constexpr int attempts = 500;
  ProcessCost last = cost_of(process);
  for (int attempt = 0; attempt < attempts; ++attempt) {
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
    const ProcessCost next = cost_of(process);
    if (next.cpu == last.cpu) return next;
    last = next;
  }
  return last;
}

}  // namespace bench
