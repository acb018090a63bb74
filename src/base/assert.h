#pragma once

#include <fmt/format.h>

#include <source_location>
#include <stdexcept>

namespace crosswalk {

/// A rule of the program's own is broken: a bug. What is being done stops before it does harm. On in every build.
inline void require(bool holds, const char* rule, std::source_location where = std::source_location::current()) {
  if (holds) return;
  throw std::logic_error(fmt::format("{}:{}: broken rule: {}", where.file_name(), where.line(), rule));
}

}  // namespace crosswalk
