#pragma once

namespace crosswalk::cli {

/// What the shell gets. Documented in docs/cli.md; scripts rely on the numbers, so they never change.
enum class ExitCode : int {
  ok = 0,
  failed = 1,         ///< the server refused or failed for a reason that has no number of its own
  usage = 2,          ///< the command line is wrong
  unreachable = 3,    ///< no server answers
  refused = 4,        ///< no key, or a key that may not do this
  not_found = 5,      ///< no such partner, record, plan or key
  problems = 6,       ///< what was given, or what was checked, has problems
  configuration = 7,  ///< the configuration file or an environment variable is wrong
  in_use = 8,         ///< the port is taken, or another server holds the data folder
  data = 9,           ///< the data folder cannot be used: not writable, full, damaged, or made by a newer version
};

[[nodiscard]] constexpr int to_int(ExitCode code) { return static_cast<int>(code); }

}  // namespace crosswalk::cli
