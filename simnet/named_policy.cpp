#include "simnet/named_policy.hpp"

#include <charconv>
#include <limits>
#include <numeric>

namespace rehearsal::simnet {
namespace {

struct Entry {
  std::string_view name;
  NamedPolicy::Kind kind;
  std::uint32_t usual = 0;  // its parameter where none is given; 0: it takes none
  std::uint32_t most = 0;   // the largest one
  bool needs_shape = false;
};

constexpr std::array<Entry, 2> entries = {{
    {"nominal", NamedPolicy::Kind::nominal},
    {"random", NamedPolicy::Kind::random},
}};

const Entry& entry(NamedPolicy::Kind kind) { return entries[static_cast<std::size_t>(kind)]; }

}  // namespace

std::uint64_t RunShape::all() const {
  return std::accumulate(asked.begin(), asked.end(), std::uint64_t{0});
}

std::optional<NamedPolicy> NamedPolicy::parse(std::string_view text) {
  const std::size_t colon = text.find(':');
  for (const Entry& entry : entries) {
    if (entry.name != text.substr(0, colon)) {
      continue;
    }
    if (colon == std::string_view::npos) {
      return NamedPolicy(entry.kind, entry.usual);
    }
    const std::string_view digits = text.substr(colon + 1);
    std::uint32_t parameter = 0;
    const auto [end, error] =
        std::from_chars(digits.data(), digits.data() + digits.size(), parameter);
    const bool fits = error == std::errc{} && end == digits.data() + digits.size() &&
                      parameter >= 1 && parameter <= entry.most;
    return fits ? std::optional(NamedPolicy(entry.kind, parameter)) : std::nullopt;
  }
  return std::nullopt;
}

std::string NamedPolicy::names() {
  std::string names;
  for (const Entry& entry : entries) {
    names += (names.empty() ? "" : ", ") + std::string(entry.name);
    if (entry.most != 0) {
      names += "[:1.." + std::to_string(entry.most) + "]";
    }
  }
  return names;
}

std::string NamedPolicy::to_string() const {
  const std::string name(entry(kind_).name);
  return parameter_ == entry(kind_).usual ? name : name + ':' + std::to_string(parameter_);
}

bool NamedPolicy::needs_shape() const { return entry(kind_).needs_shape; }

Policy NamedPolicy::make(std::uint64_t seed, const Rates& rates, const RunShape& /*shape*/) const {
  switch (kind_) {
    case Kind::nominal:
      return Policy::nominal();
    case Kind::random:
      return Policy::random(seed, rates);
  }
  return Policy::nominal();
}

}  // namespace rehearsal::simnet
