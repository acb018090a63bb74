#pragma once

#include <optional>
#include <string>
#include <vector>

namespace crosswalk::mapping {

/// A rendered text is cut here: well above what a person reads in a ticket, well below what ConnectWise's pages can
/// show.
inline constexpr std::size_t kRenderedCharactersMax = 60'000;

/// Why the template cannot be used, in words; nothing when it can.
[[nodiscard]] std::optional<std::string> find_template_error(const std::string& text);

/// The names that the template's tags use, in order, each once.
[[nodiscard]] std::vector<std::string> names_in_template(const std::string& text);

}  // namespace crosswalk::mapping
