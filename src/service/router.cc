#include "service/router.h"

namespace crosswalk::service {
namespace {

constexpr std::string_view kParameter = "{";

bool fits(std::span<const std::string> pattern, std::span<const std::string> segments) {
  if (pattern.size() != segments.size()) return false;
  for (std::size_t i = 0; i < pattern.size(); ++i)
    if (pattern[i] != kParameter && pattern[i] != segments[i]) return false;
  return true;
}

}  // namespace

void Router::add(std::string_view method, std::string_view pattern) {
  Route route;
  route.method = method;
  while (!pattern.empty()) {
    pattern.remove_prefix(1);
    const std::size_t end = std::min(pattern.find('/'), pattern.size());
    const std::string_view segment = pattern.substr(0, end);
    if (!segment.empty()) route.segments.emplace_back(segment.front() == '{' ? kParameter : segment);
    pattern.remove_prefix(end);
  }
  routes_.push_back(std::move(route));
}

Router::Match Router::match(std::string_view method, std::span<const std::string> segments) const {
  Match match;
  // Whoever may read may also ask what there would be to read.
  const std::string_view wanted = method == "HEAD" ? "GET" : method;
  for (std::size_t i = 0; i < routes_.size(); ++i) {
    const Route& route = routes_[i];
    if (!fits(route.segments, segments)) continue;
    if (route.method != wanted) {
      if (!match.allowed.empty()) match.allowed += ", ";
      match.allowed += route.method == "GET" ? "GET, HEAD" : route.method;
      continue;
    }
    match.route = i;
    for (std::size_t each = 0; each < segments.size(); ++each)
      if (route.segments[each] == kParameter) match.parameters.push_back(segments[each]);
    return match;
  }
  return match;
}

}  // namespace crosswalk::service
