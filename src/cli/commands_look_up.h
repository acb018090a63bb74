#pragma once

#include <optional>
#include <string>

#include "cli/exit_codes.h"
#include "cli/session.h"

namespace crosswalk::cli {

// What a mapping can point at in a partner's PSA.

struct LookUpOptions {
  std::string partner;
  std::string board;  ///< name or id; empty: all
};
[[nodiscard]] ExitCode boards(Session& session, const LookUpOptions& options);
[[nodiscard]] ExitCode statuses(Session& session, const LookUpOptions& options);
[[nodiscard]] ExitCode priorities(Session& session, const LookUpOptions& options);

/// Read anew from the PSA (openapi: ReferenceData).
[[nodiscard]] Outcome<json::object> read_reference_data(Client& client, const std::string& partner);

/// The entry of this id, or of this name whatever its case; fails with what was probably meant. `what`: "board".
[[nodiscard]] Outcome<json::object> find_named(const json::array& entries, const std::string& what,
                                               const std::string& name);

[[nodiscard]] std::string render_boards(const Terminal& terminal, const json::array& boards);
[[nodiscard]] std::string render_board(const Terminal& terminal, const json::object& board);
[[nodiscard]] std::string render_statuses(const Terminal& terminal, const json::array& boards);

}  // namespace crosswalk::cli
