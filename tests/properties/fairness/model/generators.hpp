// Generators of programs and scripts. They grow with the size that rapidcheck passes, and shrink by
// leaving out tasks, steps and waits and by lowering numbers.
#pragma once

#include <rapidcheck.h>

#include <vector>

#include "tests/properties/fairness/model/program.hpp"

namespace rehearsal::fairness {

// Any of the things of a kind.
rc::Gen<std::uint32_t> any_thing();

// The actions that a generated program may use. An action listed twice is twice as likely.
struct Vocabulary {
  std::vector<Action> simple;
  std::vector<Action> with_bodies = {};
  int depth = 0;  // maximum depth of nested bodies
  int most_tasks = 8;
  int most_steps = 8;
  rc::Gen<std::uint32_t> which = any_thing();
};

// All actions, with bodies nested two deep.
const Vocabulary& everything();
// The actions that the naive model of model.hpp supports.
const Vocabulary& modelled();
// Subsets in which steps of one kind are dense; `which` is the only thing they use.
Vocabulary around_socket(std::uint32_t which);
Vocabulary around_event(std::uint32_t which);
Vocabulary around_semaphore(std::uint32_t which);
Vocabulary around_channel(std::uint32_t which);
Vocabulary around_condition();
Vocabulary around_clean_ups();
Vocabulary around_timers();

// The steps of one task.
rc::Gen<Steps> body_of(const Vocabulary& vocabulary);
rc::Gen<Program> program_of(const Vocabulary& vocabulary);
// A program with all actions, or one that is dense in one kind of thing.
rc::Gen<Program> any_program();
rc::Gen<Script> any_script();
// A script that holds no task back.
rc::Gen<Script> script_without_delays();

}  // namespace rehearsal::fairness
