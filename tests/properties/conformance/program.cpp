#include "tests/properties/conformance/program.hpp"

#include <array>
#include <ostream>

namespace rehearsal::conformance {

namespace gen = rc::gen;

namespace {

struct Weight {
  Action action;
  std::string_view name;
  std::size_t times;
};

constexpr std::array weights = {
    Weight{Action::pair, "pair", 2},
    Weight{Action::listen, "listen", 2},
    Weight{Action::connect, "connect", 5},
    Weight{Action::accept, "accept", 6},
    Weight{Action::connected, "connected", 4},
    Weight{Action::send, "send", 8},
    Weight{Action::fill, "fill", 1},
    Weight{Action::recv, "recv", 8},
    Weight{Action::drain, "drain", 3},
    Weight{Action::shutdown_send, "shutdown_send", 4},
    Weight{Action::close, "close", 4},
    Weight{Action::abort, "abort", 2},
    Weight{Action::reset_on_close, "reset_on_close", 1},
    Weight{Action::bind, "bind", 1},
    Weight{Action::send_to, "send_to", 4},
    Weight{Action::set_peer, "set_peer", 2},
    Weight{Action::recv_from, "recv_from", 4},
    Weight{Action::local, "local", 1},
    Weight{Action::peer, "peer", 2},
};

rc::Gen<Action> any_action() {
  static const std::vector<Action> drawn = [] {
    std::vector<Action> actions;
    for (const Weight& weight : weights) {
      actions.insert(actions.end(), weight.times, weight.action);
    }
    return actions;
  }();
  return gen::map(gen::inRange<std::size_t>(0, drawn.size()),
                  [](std::size_t at) { return drawn[at]; });
}

}  // namespace

std::string_view name(Action action) {
  for (const Weight& weight : weights) {
    if (weight.action == action) {
      return weight.name;
    }
  }
  return "?";
}

std::ostream& operator<<(std::ostream& out, const Step& step) {
  return out << name(step.action) << '(' << int{step.which} << ", " << int{step.other} << ", "
             << int{step.size} << ')';
}

rc::Gen<Program> any_program() {
  const auto number = gen::inRange<std::uint8_t>(0, 64);
  const auto step =
      gen::build<Step>(gen::set(&Step::action, any_action()), gen::set(&Step::which, number),
                       gen::set(&Step::other, number), gen::set(&Step::size, number));
  return gen::resize(30, gen::container<Program>(gen::resize(rc::kNominalSize, step)));
}

}  // namespace rehearsal::conformance
