#pragma once

#include <span>
#include <string>
#include <string_view>
#include <variant>

#include "cli/config.h"

namespace crosswalk::cli {

using ConfigValue = std::variant<std::string, std::int64_t, double, bool, Duration, std::vector<std::string>,
                                 std::map<std::string, std::string>>;

/// One configuration key. The table of these drives parsing, environment names, checks, the example and the reference.
struct ConfigKey {
  enum class Type { text, whole, number, yes_no, duration, choice, list, table };
  std::string_view section, name;
  Type type = Type::text;
  std::string_view fallback;              ///< the default, as TOML
  double least = 0, most = 0;             ///< whole, number; of a duration: milliseconds
  std::vector<std::string_view> choices;  ///< of a choice, and of a table's values
  std::string_view description;
  void (*set)(Config&, const ConfigValue&) = nullptr;
  /// What a well-typed value must be beside that; answers what was expected when it is not.
  std::string_view (*check)(const ConfigValue&) = nullptr;
};

struct ConfigSection {
  std::string_view name, description;
};

[[nodiscard]] std::span<const ConfigKey> config_keys();
[[nodiscard]] std::span<const ConfigSection> config_sections();

/// CROSSWALK_<SECTION>_<KEY>
[[nodiscard]] std::string environment_name(const ConfigKey& key);

/// "a whole number from 1 to 64", in the words of messages and of the reference.
[[nodiscard]] std::string describe_expected(const ConfigKey& key);

}  // namespace crosswalk::cli
