#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace crosswalk::cli {

/// One record of a CSV file. It may go over several lines, since line ends may stand within quotes.
struct CsvRecord {
  std::size_t line = 0;  ///< where it begins, from 1
  std::vector<std::string> fields;
};

struct CsvError {
  std::size_t line = 0;
  std::string message;
};

struct CsvFile {
  std::vector<CsvRecord> records;  ///< those before the error, when there is one
  std::optional<CsvError> error;
};

/// Reads CSV as RFC 4180 says, with any line ends, with or without a byte order mark. Empty lines are none. Where the
/// first line has semicolons or tabs and no commas they separate the fields: spreadsheets of many countries write such
/// files and call them CSV.
[[nodiscard]] CsvFile read_csv(std::string_view text);

/// One record with its line end, quoted where it must be.
[[nodiscard]] std::string to_csv(std::span<const std::string> fields);

}  // namespace crosswalk::cli
