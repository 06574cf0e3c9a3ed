// Enumeration of faults: the default run of a scenario, then every run with one fault, then with
// two, and so on. A rare fault that matters is found for certain, and early: most bugs need one
// fault at the right moment, or two.
//
// A fault is a deviation at a site other than task order, host order, report order and the choices
// of programs, if the rate of the scenario, the link or the rule allows it there: a reset, a
// failed call, a loss, a delay, a partial read, a crash before a turn or at a call, a partition and
// so on. fault_values.hpp lists the values that are tried. A run with N faults is one with N - 1
// faults and a further one behind the last, so each is run once.
//
// Runs are ordinary, not steered. Those with the same number of faults take turns: the first fault
// of each kind, then the second of each kind, and so on; of a choice that has several values, the
// first value of each choice goes before the second one of any.
#pragma once

#include <cstdint>

#include "simnet/scenario.hpp"
#include "simnet/search/search.hpp"

namespace rehearsal::simnet {

/// Runs `scenario` with every set of at most `most` faults, fewest first, in this thread. Ends as
/// SearchEnd lists; SearchReport::faults counts what there was and what was tried. At a site for
/// which `options.values` has values, these are tried. A crash of the program under test ends the
/// process. REQUIRES: most >= 1.
SearchReport search_faults(const Scenario& scenario, std::uint32_t most,
                           const SearchOptions& options = {});

}  // namespace rehearsal::simnet
