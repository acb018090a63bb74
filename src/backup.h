#pragma once

#include "cli/app.h"

namespace crosswalk {

/// Copies what a data folder must not lose into a new folder: the database as it is at this moment, and the keys. The
/// server may run meanwhile.
[[nodiscard]] cli::Outcome<cli::json::object> back_up(const cli::Config& config, const std::string& target);

/// Puts such a copy in the place of the data folder, whose server must not run, and marks it as restored, so that what
/// was done since the copy was made is looked up before it is done again.
[[nodiscard]] cli::Outcome<cli::json::object> restore(const cli::Config& config, const cli::RestoreOptions& options);

}  // namespace crosswalk
