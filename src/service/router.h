#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace crosswalk::service {

/// Finds a route by method and path segments. A pattern is "/v1/partners/{partner}/plan"; a segment in braces takes any
/// one segment. HEAD goes wherever GET does.
class Router {
 public:
  /// Routes are known by the order in which they were added: 0, 1, 2, ...
  void add(std::string_view method, std::string_view pattern);

  struct Match {
    std::optional<std::size_t> route;
    std::vector<std::string> parameters;  ///< in the order of the pattern
    std::string allowed;                  ///< for 405: the methods that the path takes; empty: there is no such path
  };
  [[nodiscard]] Match match(std::string_view method, std::span<const std::string> segments) const;

 private:
  struct Route {
    std::string method;
    std::vector<std::string> segments;  ///< "{" for a parameter
  };
  std::vector<Route> routes_;
};

}  // namespace crosswalk::service
