#include "sched/sync/children.hpp"

namespace rehearsal::sched {

void Children::cancel() {
  touch(none_left_.key(), Access::read);
  for_each([this](TaskRecord& task) { executor_.cancel(task); });
}

void Children::destroy_all() {
  touch(none_left_.key(), Access::read);
  while (newest() != nullptr) {
    executor_.destroy(*newest());
  }
}

}  // namespace rehearsal::sched
