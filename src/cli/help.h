#pragma once

#include <CLI/CLI.hpp>
#include <cstddef>
#include <string>
#include <string_view>

namespace crosswalk::cli {

/// The narrowest terminal that people still use.
inline constexpr std::size_t kHelpWidth = 80;

/// Paragraphs are broken anew within the width; lines that begin with a blank are examples and stay as they are.
[[nodiscard]] std::string fold_help(std::string_view text, std::size_t width = kHelpWidth);

/// Help that fits into a terminal.
class HelpFormatter final : public CLI::Formatter {
 public:
  std::string make_description(const CLI::App* app) const override;
  std::string make_footer(const CLI::App* app) const override;
  std::string make_subcommand(const CLI::App* verb) const override;
  std::string make_option_desc(const CLI::Option* option) const override;

 private:
  /// For the right column, its lines below each other.
  [[nodiscard]] std::string in_right_column(const std::string& words) const;
};

}  // namespace crosswalk::cli
