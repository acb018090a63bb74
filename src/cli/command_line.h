#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

namespace crosswalk::cli {

/// What to tell of a verb or an option that the program does not have, with the one that was probably meant; empty when
/// all are known. `words`: the command line without the program's name.
[[nodiscard]] std::string find_unknown_word(const CLI::App& app, const std::vector<std::string>& words);

/// Moves --partner ID to the place behind the verb: the words that have no name then stand for what is left.
void put_partner_first(const CLI::App& app, std::vector<std::string>& words);

}  // namespace crosswalk::cli
