// EventCounter: the object of eventfd(2).
#pragma once

#include <cstdint>

#include "simnet/guest/process/description.hpp"

namespace rehearsal::simnet {

class EventCounter final : public Description {
 public:
  EventCounter(std::uint64_t initial, bool is_semaphore)
      : count_(initial), is_semaphore_(is_semaphore) {}

  CallResult read(sched::Bytes into) override;
  CallResult write(sched::Pieces from) override;
  [[nodiscard]] Events events() override;

 private:
  std::uint64_t count_;
  bool is_semaphore_;
};

}  // namespace rehearsal::simnet
