#include "simnet/guest/context.hpp"

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <utility>

#include "simnet/guest/baton.hpp"
#include "simnet/guest/own_stack.hpp"

namespace rehearsal::simnet {

namespace {

constexpr std::string_view threads = "threads";
constexpr std::string_view copied = "copied";

// Returns whether a sanitizer or valgrind follows the stacks of this process.
bool is_watched() {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  return true;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) || \
    __has_feature(memory_sanitizer)
  return true;
#endif
#endif
  const char* preloaded = std::getenv("LD_PRELOAD");
  return preloaded != nullptr && std::strstr(preloaded, "vgpreload") != nullptr;
}

bool can_be(std::string_view kind) {
  return kind == threads || (kind == copied && OwnStack::available() && !is_watched());
}

std::string_view& chosen_stacks() {
  static std::string_view chosen = [] {
    const char* asked = std::getenv("REHEARSAL_GUEST_STACKS");
    if (asked == nullptr || *asked == '\0') {
      return can_be(copied) ? copied : threads;
    }
    if (!can_be(asked)) {
      std::fprintf(stderr, "REHEARSAL_GUEST_STACKS=%s: expected threads%s\n", asked,
                   can_be(copied) ? " or copied" : "; this program cannot have others");
      std::exit(2);
    }
    return asked == threads ? threads : copied;
  }();
  return chosen;
}

}  // namespace

std::string_view stacks_of_guests() { return chosen_stacks(); }

bool set_stacks_of_guests(std::string_view kind) {
  if (!can_be(kind)) {
    return false;
  }
  chosen_stacks() = kind == threads ? threads : copied;
  return true;
}

std::unique_ptr<Context> Context::make(std::function<void()> body) {
  if (stacks_of_guests() == copied) {
    return std::make_unique<OwnStack>(std::move(body));
  }
  return std::make_unique<Baton>(std::move(body));
}

}  // namespace rehearsal::simnet
