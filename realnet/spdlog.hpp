// Sends the lines of Host::log() to spdlog. Only programs that include this header need spdlog.
#pragma once

#include <string_view>

#include <spdlog/spdlog.h>

#include "realnet/real_network.hpp"

namespace rehearsal::realnet {

/// Sends the lines of Host::log() on this network to spdlog's default logger, with level info.
inline void log_to_spdlog(RealNetwork& network) {
  network.log_to([](std::string_view line) { spdlog::info("{}", line); });
}

}  // namespace rehearsal::realnet
