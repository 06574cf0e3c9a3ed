#include "harness/sweep/sweep_data.hpp"

#include "harness/report/page/json.hpp"

namespace rehearsal::harness {
namespace {

std::int64_t milliseconds(sched::Duration time) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(time).count();
}

void add_faults(Json& json, const simnet::Tally& tally) {
  json.key("faults").begin('[');
  for (const auto& [name, fault] : tally.faults) {
    json.begin('{').key("name").text(name).key("matched").count(fault.matched);
    json.key("fired").count(fault.fired).key("mattered").count(fault.mattered).end('}');
  }
  json.end(']').key("sites").begin('{');
  for (std::size_t site = 0; site < simnet::site_count; ++site) {
    if (tally.fired[site] != 0) {
      json.key(name(static_cast<simnet::Site>(site))).count(tally.fired[site]);
    }
  }
  json.end('}');
}

void add_flags(Json& json, std::string_view key, const auto& flags) {
  json.key(key).begin('{');
  for (const auto& [name, held] : flags) {
    json.key(name).flag(held);
  }
  json.end('}');
}

}  // namespace

void SweepMoments::add(const SweepMoment& moment) {
  if (!moments_.empty() && moment.elapsed < moments_.back().elapsed + interval_) {
    return;
  }
  moments_.push_back(moment);
  if (moments_.size() > most) {  // keeps every second one
    std::size_t kept = 0;
    for (std::size_t i = 0; i < moments_.size(); i += 2) {
      moments_[kept++] = moments_[i];
    }
    moments_.resize(kept);
    interval_ = 2 * (moment.elapsed / static_cast<std::int64_t>(most));
  }
}

std::string sweep_data(const SweepOutcome& outcome, const simnet::Tally& tally,
                       const std::vector<FailureReport>& failures, const SweepMoments& moments) {
  Json json;
  json.begin('{').key("scenario").text(outcome.scenario).key("policy").text(outcome.policy);
  json.key("first").count(outcome.seeds.first).key("last").count(outcome.seeds.last);
  json.key("runs").count(tally.runs).key("failed").count(failures.size() + outcome.more);
  json.key("steps").count(tally.steps).key("time").number(tally.time.count());
  json.key("took").number(milliseconds(outcome.took)).key("failures").begin('[');
  for (const FailureReport& one : failures) {
    json.begin('[').count(one.seed).text(one.kind);
    json.text(std::string_view(one.what).substr(0, one.what.find('\n'))).end(']');
  }
  json.end(']').key("moments").begin('[');
  for (const SweepMoment& one : moments.all()) {
    json.begin('[').number(milliseconds(one.elapsed)).count(one.runs).count(one.failed);
    json.count(one.reached).end(']');
  }
  json.end(']');
  add_faults(json, tally);
  add_flags(json, "sometimes", tally.sometimes);
  add_flags(json, "planned", tally.planned);
  json.key("longest").begin('[');
  for (const simnet::LongRun& one : tally.longest) {
    json.begin('[').count(one.seed).count(one.steps).flag(one.failed).end(']');
  }
  return json.end(']').end('}').take();
}

}  // namespace rehearsal::harness
