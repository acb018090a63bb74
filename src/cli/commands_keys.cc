#include <fmt/format.h>

#include <chrono>

#include "cli/commands.h"
#include "cli/render.h"

namespace crosswalk::cli {

Outcome<std::optional<Timestamp>> parse_expiry(const std::string& expires, Timestamp now) {
  if (expires.empty()) return std::nullopt;
  if (const auto at = parse_timestamp(expires)) return at;
  if (const auto duration = parse_duration(expires); duration && duration->count() > 0) return now + *duration;
  return complain(ExitCode::usage, {"usage.expires", "The expiry is neither a duration nor a time", expires,
                                    "Write for example --expires 90d or --expires 2027-01-01T00:00:00Z."});
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

ExitCode keys_revoke(Session& session, const std::string& id) {
  const auto client = session.client();
  if (!client) return session.fail(client.error());
  const auto answer = (*client)->send("DELETE", "/v1/keys/" + net::percent_encode(id), "", "");
  if (!answer) return session.fail(answer.error());
  session.remark(fmt::format("Key {} is revoked.\n", id));
  return ExitCode::ok;
}

}  // namespace crosswalk::cli
