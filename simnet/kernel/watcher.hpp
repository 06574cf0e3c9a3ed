// Watcher: a callback for each change of an open file, at the moment of the change instead of the
// program's next wait. Watchers: those of one host.
#pragma once

#include <algorithm>
#include <cstddef>
#include <vector>

#include "sched/seam/source.hpp"

namespace rehearsal::simnet {

class Watcher {
 public:
  Watcher(const Watcher&) = delete;
  Watcher& operator=(const Watcher&) = delete;
  // Called in the middle of a call of the program or of an event of the kernel. `spurious` means
  // that a choice made the report, and nothing has changed.
  virtual void changed(sched::Readiness what, bool spurious) = 0;

 protected:
  Watcher() = default;
  ~Watcher() = default;
};

class Watchers {
 public:
  // Returns the watcher of a file, or null if it has none.
  [[nodiscard]] Watcher* find(sched::Descriptor descriptor) const {
    const auto at = static_cast<std::size_t>(descriptor);
    return descriptor >= 0 && at < by_descriptor_.size() ? by_descriptor_[at] : nullptr;
  }
  void set(sched::Descriptor descriptor, Watcher* watcher) {
    const auto at = static_cast<std::size_t>(descriptor);
    by_descriptor_.resize(std::max(by_descriptor_.size(), at + 1));
    by_descriptor_[at] = watcher;
  }
  // The descriptor is closed.
  void forget(sched::Descriptor descriptor) {
    if (find(descriptor) != nullptr) {
      set(descriptor, nullptr);
    }
  }

 private:
  std::vector<Watcher*> by_descriptor_;
};

}  // namespace rehearsal::simnet
