#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "cli/exit_codes.h"
#include "cli/session.h"

namespace crosswalk::cli {

// Where the vendor's product is told of what happens.

/// What webhooks add and webhooks edit set; absent: left as it is.
struct WebhookOptions {
  std::string id;
  std::optional<std::string> url, description;
  std::optional<std::vector<std::string>> types, partners;
  std::optional<bool> enabled;
};
[[nodiscard]] ExitCode webhooks_list(Session& session);
[[nodiscard]] ExitCode webhooks_show(Session& session, const std::string& id);
[[nodiscard]] ExitCode webhooks_add(Session& session, const WebhookOptions& options);
[[nodiscard]] ExitCode webhooks_edit(Session& session, const WebhookOptions& options);
[[nodiscard]] ExitCode webhooks_remove(Session& session, const std::string& id);
/// `grace`: how long the former secret is still used; empty: as the server has it.
[[nodiscard]] ExitCode webhooks_rotate(Session& session, const std::string& id, const std::string& grace);
[[nodiscard]] ExitCode webhooks_test(Session& session, const std::string& id);
/// `state`: waiting, delivered, dead (the dead letters); empty: all.
[[nodiscard]] ExitCode webhooks_deliveries(Session& session, const std::string& id, const std::string& state,
                                           std::int64_t limit);
/// What webhooks replay tells again: the dead letters, one of them, or all that has happened since a time.
struct WebhookReplay {
  std::string id;
  std::string event;         ///< empty: all dead letters, or what `since` says
  std::string since, until;  ///< a duration before now ("2h") or a time; empty: not given
  std::vector<std::string> types;
  bool dry_run = false;
};
[[nodiscard]] ExitCode webhooks_replay(Session& session, const WebhookReplay& replay);

}  // namespace crosswalk::cli
