#pragma once

#include <functional>

#include "cli/commands.h"
#include "cli/session.h"

namespace crosswalk::cli {

inline constexpr std::string_view kVersion = "0.1.0";

/// What only main.cc can do, because only it knows the adapters.
struct Hooks {
  /// Serves until it is told to stop.
  std::function<ExitCode(Session& session, const Config& config)> serve;
  /// Makes a key in the data folder of a stopped server; answers as POST /v1/keys does.
  std::function<Outcome<json::object>(const Config& config, const KeyOptions& options)> create_key_offline;
  /// Copies the data folder, whose server may run, into the folder `target`, which must not exist.
  std::function<Outcome<json::object>(const Config& config, const std::string& target)> back_up;
  /// Puts a copy in the data folder's place.
  std::function<Outcome<json::object>(const Config& config, const RestoreOptions& options)> restore;
};

/// The whole program but its wiring: reads the command line, does it, answers the exit code.
[[nodiscard]] int run(int argument_count, const char* const* arguments, Surroundings& surroundings, const Hooks& hooks);

}  // namespace crosswalk::cli
