#include "simnet/network/faults.hpp"

#include "sched/base/check.hpp"
#include "sched/base/key.hpp"
#include "simnet/choices/choices.hpp"

namespace rehearsal::simnet {

void Faults::add(FaultRule rule) {
  const int forms =
      (rule.only != 0 ? 1 : 0) + (rule.each != 0 ? 1 : 0) + (rule.per_million != 0 ? 1 : 0);
  sched::check(forms == 1, "a fault rule has one of nth, every and rate");
  sched::check(rule.name.find(':') == std::string::npos, "the name of a fault rule has no ':'");
  for (const Rule& other : rules_) {
    sched::check(other.rule.name != rule.name, "fault rules have different names");
  }
  looked_at_[static_cast<std::size_t>(rule.on)] = true;
  FaultCount count{rule.name, rule.optional};
  rules_.push_back({std::move(rule), std::move(count), {}});
}

Verdict Faults::judge(Operation on, const std::string& from, const std::string& to,
                      const std::string& entity, Choices& choices) {
  for (std::size_t i = 0; i < rules_.size(); ++i) {
    Rule& rule = rules_[i];
    const FaultRule& said = rule.rule;
    if (said.on != on || (!said.from_host.empty() && said.from_host != from) ||
        (!said.to_host.empty() && said.to_host != to)) {
      continue;
    }
    ++rule.count.matched;
    if (applies(rule, entity, choices)) {
      ++rule.count.fired;
      last_ = i;
      return said.verdict;
    }
  }
  return {};
}

bool Faults::applies(Rule& rule, const std::string& entity, Choices& choices) {
  const FaultRule& said = rule.rule;
  if (said.only != 0) {
    return rule.count.matched == said.only;
  }
  if (said.each != 0) {
    return rule.count.matched % said.each == 0;
  }
  const std::string name = said.name + ':' + entity;
  const std::uint64_t key = sched::extend_key(sched::empty_key, name);
  return choices
      .choose(Rate{said.per_million, 1}, Site::rule, key, rule.ordinals[key]++, 2,
              [&] { return name; })
      .deviates();
}

std::vector<FaultCount> Faults::counts() const {
  std::vector<FaultCount> counts;
  counts.reserve(rules_.size());
  for (const Rule& rule : rules_) {
    counts.push_back(rule.count);
  }
  return counts;
}

}  // namespace rehearsal::simnet
