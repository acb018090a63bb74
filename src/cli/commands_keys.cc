#include <fmt/format.h>

#include <chrono>
#include <vector>

#include "base/nearest_word.h"
#include "cli/commands.h"
#include "cli/render.h"

namespace crosswalk::cli {

Outcome<std::optional<Timestamp>> parse_expiry(const std::string& expires, Timestamp now, std::string_view option) {
  if (expires.empty()) return std::nullopt;
  if (const auto at = parse_timestamp(expires)) return at;
  if (const auto duration = parse_duration(expires); duration && duration->count() > 0) return now + *duration;
  return complain(ExitCode::usage, {"usage.time", fmt::format("{} is neither a duration nor a time", option), expires,
                                    fmt::format("Write for example {0} 7d, or {0} 2027-01-01T00:00:00Z.", option)});
}

void show_new_key(Session& session, const json::object& key) {
  session.show(key, [&](const Terminal&) { return text_at(key, "key") + "\n"; });
  const std::string expires = text_at(key, "expires_at");
  session.remark(fmt::format("Key {} (\"{}\"), {}, {}. It is shown this once: keep it now.\n", text_at(key, "id"),
                             text_at(key, "name"), purpose_of_key(key),
                             expires.empty() ? "without expiry" : "valid until " + expires));
}

ExitCode keys_create(Session& session, const KeyOptions& options) {
  const Timestamp now = std::chrono::time_point_cast<Duration>(std::chrono::system_clock::now());
  const auto expires = parse_expiry(options.expires, now);
  if (!expires) return session.fail(expires.error());
  const auto client = session.client();
  if (!client) return session.fail(client.error());
  json::object body{{"name", options.name}};
  if (!options.role.empty()) body["role"] = options.role;
  if (!options.partner.empty()) body["partner"] = options.partner;
  if (*expires) body["expires_at"] = format_timestamp(**expires);
  const auto answer = (*client)->send_json("POST", "/v1/keys", body);
  if (!answer) return session.fail(answer.error());
  show_new_key(session, as_object(answer->body));
  return ExitCode::ok;
}

ExitCode keys_list(Session& session) {
  const auto client = session.client();
  if (!client) return session.fail(client.error());
  const auto answer = (*client)->get("/v1/keys");
  if (!answer) return session.fail(answer.error());
  session.show(answer->body, [&](const Terminal& terminal) {
    return render_keys(terminal, array_at(as_object(answer->body), "keys"));
  });
  return ExitCode::ok;
}

Outcome<void> check_key(const KeyOptions& options) {
  const bool of_all = options.partner.empty();
  if (options.role.empty() && of_all)
    return complain(ExitCode::usage, {"usage.role", "Nothing says what the key is for", "",
                                      "Add --role intake (it sends events of all partners and can do nothing else), "
                                      "--role administration (it can do everything), or --partner ID."});
  if (options.role == "partner" && of_all)
    return complain(ExitCode::usage,
                    {"usage.role", "A key with --role partner is for one partner", "", "Name it: --partner ID."});
  if (options.role == "administration" && !of_all)
    return complain(ExitCode::usage, {"usage.role", "A key for administration is for all partners", "",
                                      "Leave out --partner, or choose --role partner or --role intake."});
  return {};
}

namespace {

/// The id of the valid key that has this name.
Outcome<std::string> key_named(Client& client, const std::string& name) {
  const auto answer = client.get("/v1/keys");
  if (!answer) return tl::unexpected(answer.error());
  std::vector<std::string> found, names;
  for (const json::value& item : array_at(as_object(answer->body), "keys")) {
    const json::object& key = as_object(item);
    if (!text_at(key, "revoked_at").empty()) continue;
    if (text_at(key, "name") == name) found.push_back(text_at(key, "id"));
    names.push_back(text_at(key, "name"));
    names.push_back(text_at(key, "id"));
  }
  if (found.size() == 1) return found.front();
  if (found.empty()) {
    const std::vector<std::string_view> known(names.begin(), names.end());
    return complain(ExitCode::not_found, {"key.unknown", fmt::format("There is no valid key \"{}\"", name),
                                          "No key has this id, and none this name." + did_you_mean(name, known),
                                          "`crosswalk keys list` shows ids and names."});
  }
  std::string listed;
  for (const std::string& id : found) listed += (listed.empty() ? "" : ", ") + id;
  return complain(ExitCode::problems,
                  {"key.ambiguous", fmt::format("{} keys are called \"{}\"", found.size(), name),
                   "Their ids: " + listed, "Name one by its id; `crosswalk keys list` shows more."});
}

}  // namespace

ExitCode keys_revoke(Session& session, const std::string& key) {
  const auto client = session.client();
  if (!client) return session.fail(client.error());
  const auto revoke = [&](const std::string& id) {
    return (*client)->send("DELETE", "/v1/keys/" + net::percent_encode(id), "", "");
  };
  auto answer = revoke(key);
  std::string words = key;
  if (!answer && answer.error().exit == ExitCode::not_found) {
    const auto id = key_named(**client, key);
    if (!id) return session.fail(id.error());
    answer = revoke(*id);
    words = fmt::format("{} (\"{}\")", *id, clean(key));
  }
  if (!answer) return session.fail(answer.error());
  session.remark(fmt::format("Key {} is revoked.\n", words));
  return ExitCode::ok;
}

}  // namespace crosswalk::cli
