#include "simnet/script.hpp"

#include <utility>

#include "simnet/world.hpp"

namespace rehearsal::simnet {

Script& Script::run(std::function<void()> action) {
  world_.at(at_, std::move(action), where_);
  return *this;
}

Script& Script::partition(std::string_view a, std::string_view b) {
  return run([&world = world_, a = std::string(a), b = std::string(b)] { world.partition(a, b); });
}
Script& Script::partition_one_way(std::string_view from, std::string_view to) {
  return run([&world = world_, from = std::string(from), to = std::string(to)] {
    world.partition_one_way(from, to);
  });
}
Script& Script::hold(std::string_view a, std::string_view b) {
  return run([&world = world_, a = std::string(a), b = std::string(b)] { world.hold(a, b); });
}
Script& Script::heal(std::string_view a, std::string_view b) {
  return run([&world = world_, a = std::string(a), b = std::string(b)] { world.heal(a, b); });
}
Script& Script::heal_all() {
  return run([&world = world_] { world.heal_all(); });
}
Script& Script::kill(std::string_view host) {
  return run([&world = world_, host = std::string(host)] { world.existing(host).kill(); });
}
Script& Script::power_off(std::string_view host) {
  return run([&world = world_, host = std::string(host)] { world.existing(host).power_off(); });
}
Script& Script::restart(std::string_view host) {
  return run([&world = world_, host = std::string(host)] { world.existing(host).restart(); });
}
Script& Script::pause(std::string_view host) {
  return run([&world = world_, host = std::string(host)] { world.existing(host).pause(); });
}
Script& Script::resume(std::string_view host) {
  return run([&world = world_, host = std::string(host)] { world.existing(host).resume(); });
}
Script& Script::raise(std::string_view host, int signal) {
  return run(
      [&world = world_, host = std::string(host), signal] { world.existing(host).raise(signal); });
}
Script& Script::post(std::string_view host, std::string_view inbox, sched::Message message) {
  return run([&world = world_, host = std::string(host), inbox = std::string(inbox),
              message = std::move(message)] { world.existing(host).post(inbox, message); });
}

}  // namespace rehearsal::simnet
