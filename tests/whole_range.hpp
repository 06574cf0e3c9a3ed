// Generators of integers that draw from their whole range at every size.
//
// rapidcheck scales the width of gen::inRange() by the size, which grows from 0 to 99 in the 100
// cases of a property. Of 3 values the last is then drawn in a quarter of the cases only, of 6 in a
// tenth, and the last hundredth of a long range never.
#pragma once

#include <rapidcheck.h>

#include <vector>

namespace rehearsal {

// Draws from `first` to `end - 1`.
template <class T>
rc::Gen<T> whole_range(T first, T end) {
  return rc::gen::resize(rc::kNominalSize, rc::gen::inRange<T>(first, end));
}

// Draws the first or the last value in every third case. For places, the ends of which are special.
template <class T>
rc::Gen<T> whole_range_and_ends(T first, T end) {
  return rc::gen::weightedOneOf<T>(
      {{2, whole_range<T>(first, end)},
       {1, rc::gen::elementOf(std::vector<T>{first, static_cast<T>(end - 1)})}});
}

}  // namespace rehearsal
