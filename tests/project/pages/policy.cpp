// The policy of docs/running.md, and a test that uses it.
#include <cstdint>
#include <memory>

#include <rehearsal/gtest.hpp>
#include <rehearsal/scenario.hpp>

#include "examples/bank/bank_world.hpp"

namespace {

// clang-format off
// Delays one packet of each socket by a millisecond. The seed picks which one.
class OneLatePacket final : public rehearsal::PolicyAlgorithm {
 public:
  explicit OneLatePacket(std::uint64_t seed) : packet_(seed % 20) {}

  bool decides(rehearsal::Site site) const override { return site == rehearsal::Site::late; }
  std::uint32_t choose(const rehearsal::Question& question) override {
    const std::uint32_t microseconds = question.ordinal == packet_ ? 1'000 : 0;
    return microseconds < question.outcomes ? microseconds : question.outcomes - 1;
  }

 private:
  std::uint64_t packet_;
};

rehearsal::Policy one_late_packet(std::uint64_t seed, const rehearsal::Rates& rates,
                                  const rehearsal::RunShape&) {
  return rehearsal::Policy::directed(seed, std::make_shared<OneLatePacket>(seed), rates);
}

REHEARSE(Bank, survives_one_late_packet,
         {.runs = 20, .policy = "own", .own_policy = one_late_packet}) {
  add_bank(world, true);
}
// clang-format on

}  // namespace
