#pragma once

#include <compare>
#include <functional>
#include <string>
#include <string_view>

namespace crosswalk {

/// A string that cannot be mistaken for another kind of string.
template <class Tag>
struct Named {
  std::string value;

  Named() = default;
  explicit Named(std::string text) : value(std::move(text)) {}
  explicit Named(std::string_view text) : value(text) {}
  explicit Named(const char* text) : value(text) {}

  [[nodiscard]] bool empty() const { return value.empty(); }
  auto operator<=>(const Named&) const = default;
};

/// A partner: one MSP, one tenant. Lower-case letters, digits and dashes, at most 64.
using PartnerId = Named<struct PartnerIdTag>;

}  // namespace crosswalk

template <class Tag>
struct std::hash<crosswalk::Named<Tag>> {
  std::size_t operator()(const crosswalk::Named<Tag>& id) const noexcept { return std::hash<std::string>{}(id.value); }
};
