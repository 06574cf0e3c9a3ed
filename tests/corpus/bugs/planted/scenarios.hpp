// The scenarios of the planted bugs. Each is defined in the file of its name.
#pragma once

#include "simnet/scenario.hpp"
#include "tests/corpus/bugs/planted/version.hpp"

namespace rehearsal::bugs {

simnet::Scenario accept_loop(Version version);
simnet::Scenario backlog_overflow(Version version);
simnet::Scenario check_then_act(Version version);
simnet::Scenario decided_alone(Version version);
simnet::Scenario early_ack(Version version);
simnet::Scenario forgotten_vote(Version version);
simnet::Scenario fresh_key(Version version);
simnet::Scenario half_close(Version version);
simnet::Scenario half_open(Version version);
simnet::Scenario late_reply(Version version);
simnet::Scenario leaked_slot(Version version);
simnet::Scenario lock_order(Version version);
simnet::Scenario lost_last_reply(Version version);
simnet::Scenario lost_mail(Version version);
simnet::Scenario lost_update(Version version);
simnet::Scenario lost_wakeup(Version version);
simnet::Scenario nested_slots(Version version);
simnet::Scenario old_after_new(Version version);
simnet::Scenario overtaken_datagram(Version version);
simnet::Scenario partial_write(Version version);
simnet::Scenario paused_holder(Version version);
simnet::Scenario reconnect_storm(Version version);
simnet::Scenario repeated_datagram(Version version);
simnet::Scenario reset_as_end(Version version);
simnet::Scenario retried_charge(Version version);
simnet::Scenario reused_id(Version version);
simnet::Scenario skewed_lease(Version version);
simnet::Scenario slow_reader(Version version);
simnet::Scenario solo_primary(Version version);
simnet::Scenario split_brain(Version version);
simnet::Scenario split_frame(Version version);
simnet::Scenario stale_descriptor(Version version);
simnet::Scenario stale_fill(Version version);
simnet::Scenario stale_read(Version version);
simnet::Scenario timer_after_cancel(Version version);
simnet::Scenario unbounded_queue(Version version);
simnet::Scenario unlock_on_cancel(Version version);
simnet::Scenario unready_worker(Version version);
simnet::Scenario voted_twice(Version version);
simnet::Scenario walked_list(Version version);
simnet::Scenario woken_once(Version version);

}  // namespace rehearsal::bugs
