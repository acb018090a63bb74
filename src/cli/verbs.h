#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <string>

#include "cli/app.h"

namespace crosswalk::cli {

/// What a verb does once the command line was read.
using Verb = std::function<ExitCode(Session&)>;

/// A verb of the program, or of another verb; `examples` are shown by --help.
CLI::App* add_verb(CLI::App& parent, const std::string& name, const std::string& words,
                   const std::string& examples = {});

/// What the command line says to backup and restore.
struct BackupArguments {
  std::string target;
  RestoreOptions restore;
};
/// `chosen` becomes what is to be done.
void add_backup(CLI::App& app, BackupArguments& arguments, Verb& chosen, const Hooks& hooks);

}  // namespace crosswalk::cli
