#include "tests/corpus/bugs/planted/bugs.hpp"

#include "tests/corpus/bugs/planted/scenarios.hpp"

namespace rehearsal::bugs {

std::vector<Bug> all_bugs() {
  return {
      {"partial_write", "partial write ignored", partial_write},
      {"split_frame", "frame split across reads", split_frame},
      {"reset_as_end", "reset treated as end", reset_as_end},
      {"half_close", "half-close treated as close", half_close},
      {"late_reply", "reply to the wrong request after a timeout", late_reply},
      {"retried_charge", "retry of a non-idempotent request", retried_charge},
      {"repeated_datagram", "datagram that comes twice", repeated_datagram},
      {"overtaken_datagram", "datagram that is overtaken", overtaken_datagram},
      {"stale_descriptor", "stale descriptor reused", stale_descriptor},
      {"reused_id", "ABA on a connection id", reused_id},
      {"check_then_act", "check-then-act across an await", check_then_act},
      {"lost_update", "lost update", lost_update},
      {"stale_fill", "cache filled with what is stale", stale_fill},
      {"walked_list", "list changed while it is walked", walked_list},
      {"lost_wakeup", "lost wake-up", lost_wakeup},
      {"woken_once", "condition waited for without a loop", woken_once},
      {"unready_worker", "spawned task taken to be ready", unready_worker},
      {"lock_order", "lock order", lock_order},
      {"nested_slots", "pool exhausted by those who hold it", nested_slots},
      {"unlock_on_cancel", "forgotten unlock on cancellation", unlock_on_cancel},
      {"leaked_slot", "slot leaked on an error", leaked_slot},
      {"timer_after_cancel", "timer firing after cancel", timer_after_cancel},
      {"accept_loop", "accept loop killed by one bad client", accept_loop},
      {"backlog_overflow", "backlog overflow", backlog_overflow},
      {"slow_reader", "slow reader blocks all", slow_reader},
      {"unbounded_queue", "unbounded queue", unbounded_queue},
      {"half_open", "half-open peer never noticed", half_open},
      {"reconnect_storm", "reconnect storm", reconnect_storm},
      {"lost_last_reply", "shutdown loses the last reply", lost_last_reply},
      {"early_ack", "acknowledged before replicated", early_ack},
      {"split_brain", "leader elected twice under a one-way partition", split_brain},
      {"decided_alone", "participant decides alone", decided_alone},
      {"stale_read", "stale read after failover", stale_read},
      {"old_after_new", "quorum read without write-back", old_after_new},
      {"skewed_lease", "clock skew breaks a lease", skewed_lease},
      {"lost_mail", "accepted before it is passed on", lost_mail},
      {"paused_holder", "lease outlived by a pause", paused_holder},
      {"voted_twice", "vote given twice after a restart", voted_twice},
      {"fresh_key", "retry with another idempotency key", fresh_key},
      {"solo_primary", "primary continues alone, unknown to its backup", solo_primary},
      {"forgotten_vote", "vote forgotten in a restart", forgotten_vote},
  };
}

simnet::Scenario scenario_of(const Bug& bug, Version version) {
  simnet::Scenario scenario = bug.scenario(version);
  scenario.name = version == Version::buggy ? bug.name : bug.name + ".fixed";
  return scenario;
}

}  // namespace rehearsal::bugs
