#include "tests/harness/cli/generated/plan.hpp"

#include <array>
#include <utility>

namespace rehearsal::generated {
namespace {

// SplitMix64 (Steele, Lea, Flood: Fast splittable pseudorandom number generators, 2014).
class Draws {
 public:
  explicit Draws(std::uint64_t seed) : state_(seed) {}
  std::uint32_t below(std::uint32_t limit) {
    state_ += 0x9e3779b97f4a7c15;
    std::uint64_t mixed = state_;
    mixed = (mixed ^ (mixed >> 30U)) * 0xbf58476d1ce4e5b9;
    mixed = (mixed ^ (mixed >> 27U)) * 0x94d049bb133111eb;
    return static_cast<std::uint32_t>((mixed ^ (mixed >> 31U)) % limit);
  }
  bool one_in(std::uint32_t many) { return below(many) == 0; }

 private:
  std::uint64_t state_;
};

constexpr std::array act_names{"sleep", "yield", "choose", "draw",   "deposit",
                               "ask",   "tell",  "work",   "look_up"};
constexpr std::array sign_names{"lost_deposit", "last_first", "slow_answer", "lost_message",
                                "chosen",       "drawn",      "error"};
constexpr std::array end_names{"passes", "violates", "throws", "checks", "hangs", "spins"};
static_assert(act_names.size() == act_count && sign_names.size() == sign_count &&
              end_names.size() == end_count);

// Returns the act without which a run never shows the sign.
Act needed_for(Sign sign) {
  static constexpr std::array acts{Act::deposit, Act::ask,  Act::ask, Act::tell,
                                   Act::choose,  Act::draw, Act::ask};
  static_assert(acts.size() == sign_count);
  return acts[static_cast<std::size_t>(sign)];
}

std::vector<Step> draw_steps(Draws& draws, const std::vector<Sign>& signs) {
  std::vector<Step> steps(2 + draws.below(5));
  for (Step& step : steps) {
    const std::uint32_t kind = draws.below(act_count + 6);
    step.act = kind < act_count ? static_cast<Act>(kind)
                                : needed_for(signs[kind % signs.size()]);  // the more likely ones
    step.size = 1 + draws.below(8);
  }
  return steps;
}

}  // namespace

Plan Plan::of(std::uint64_t number) {
  Draws draws(number);
  Plan plan;
  plan.signs.resize(1 + draws.below(2));
  for (Sign& sign : plan.signs) {
    sign = static_cast<Sign>(draws.below(sign_count));
  }
  plan.clients.resize(2 + draws.below(2));
  for (auto& steps : plan.clients) {
    steps = draw_steps(draws, plan.signs);
  }
  plan.end = static_cast<End>(draws.below(end_count));
  plan.more_clients = draws.one_in(4);
  plan.server_crashes = draws.one_in(4);
  plan.loses_packets = draws.one_in(3);
  plan.is_cut_off = draws.one_in(6);
  plan.has_idle_fault = draws.one_in(6);
  plan.guides = draws.one_in(3);
  return plan;
}

std::string Plan::to_string() const {
  std::string text = end_names[static_cast<std::size_t>(end)];
  for (const Sign sign : signs) {
    text += std::string(" ") + sign_names[static_cast<std::size_t>(sign)];
  }
  for (const auto& steps : clients) {
    text += ';';
    for (const Step& step : steps) {
      text += std::string(" ") + act_names[static_cast<std::size_t>(step.act)] + ' ' +
              std::to_string(step.size);
    }
  }
  for (const auto& [has, name] :
       {std::pair(more_clients, "more clients"), std::pair(server_crashes, "server crashes"),
        std::pair(loses_packets, "loses packets"), std::pair(is_cut_off, "is cut off"),
        std::pair(has_idle_fault, "idle fault"), std::pair(guides, "guides")}) {
    text += has ? std::string("; ") + name : "";
  }
  return text;
}

}  // namespace rehearsal::generated
