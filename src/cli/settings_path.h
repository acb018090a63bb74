#pragma once

#include <string>
#include <vector>

#include "cli/failure.h"
#include "cli/json.h"

namespace crosswalk::cli {

// Settings of a mapping document by their names, for `mapping set` and `mapping diff`. Pure.

/// "defaults.hold_down.high=5m": where, and the text behind the equals sign.
struct Setting {
  std::vector<std::string> path;
  std::string value;
};

/// A name with dots, or a JSON pointer when it begins with a slash. Fails with ExitCode::usage.
[[nodiscard]] Outcome<Setting> read_setting(const std::string& text);

/// What a text means as a value: JSON where it is JSON, else the text itself.
[[nodiscard]] json::value value_of(const std::string& text);

/// Puts the value at the path, making what is missing on the way; null takes the setting out. Fails where a step on the
/// way is neither an object nor an item of a list.
[[nodiscard]] Outcome<void> put_value(json::value& document, const std::vector<std::string>& path,
                                      const json::value& value);

/// What stands at the path; null when there is nothing.
[[nodiscard]] const json::value* find_value(const json::value& document, const std::vector<std::string>& path);

/// One setting that differs between two documents; an absent side is null.
struct Difference {
  std::string path;
  const json::value* before = nullptr;
  const json::value* after = nullptr;
};
/// In the order of the documents. References ({id, name}) and lists count as one value.
[[nodiscard]] std::vector<Difference> differences(const json::value& before, const json::value& after);

/// A value in one line: text as it is, a reference as "Help Desk (1)", all else as JSON.
[[nodiscard]] std::string value_words(const json::value& value);

}  // namespace crosswalk::cli
