#include "sched/children.hpp"

namespace rehearsal::sched {

void Children::cancel() {
  for_each([this](TaskRecord& task) { executor_.cancel(task); });
}

void Children::destroy_all() {
  while (newest() != nullptr) {
    executor_.destroy(*newest());
  }
}

}  // namespace rehearsal::sched
