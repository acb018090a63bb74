#include "cli/commands_webhooks.h"

#include <fmt/format.h>

#include <chrono>

#include "base/time.h"
#include "cli/render.h"
#include "cli/render_webhooks.h"

namespace crosswalk::cli {
namespace {

std::string path_of(const std::string& id, std::string_view rest = {}) {
  return fmt::format("/v1/webhooks/{}{}", net::percent_encode(id), rest);
}

json::array texts(const std::vector<std::string>& list) {
  json::array all;
  for (const std::string& each : list) all.emplace_back(each);
  return all;
}

json::object body_of(const WebhookOptions& options) {
  json::object body;
  if (options.url) body["url"] = *options.url;
  if (options.description) body["description"] = *options.description;
  if (options.types) body["types"] = texts(*options.types);
  if (options.partners) body["partners"] = texts(*options.partners);
  if (options.enabled) body["enabled"] = *options.enabled;
  return body;
}

/// "2h" is two hours ago. What is neither that nor a time is left to the server, which says what it takes.
std::string time_of(const std::string& given) {
  const auto ago = parse_duration(given);
  if (!ago || ago->count() == 0) return given;
  return format_timestamp(std::chrono::time_point_cast<Duration>(std::chrono::system_clock::now()) - *ago);
}

std::string replay_words(const json::object& answer, bool dry_run) {
  const std::int64_t count = number_at(answer, dry_run ? "would_replay" : "replayed");
  const std::string_view waits = count == 1 ? "event waits" : "events wait";
  const std::string_view would = count == 1 ? "event would be sent" : "events would be sent";
  std::string text = fmt::format("{} {} again", count, dry_run ? would : waits);
  if (const std::string first = text_at(answer, "first_at"); !first.empty())
    text += fmt::format(", of {} to {}", short_time(first), short_time(text_at(answer, "last_at")));
  if (const std::int64_t waiting = number_at(answer, "already_waiting"); waiting > 0)
    text += fmt::format("; {} more {} already", waiting, waiting == 1 ? "waits" : "wait");
  return text + (dry_run ? ". Nothing was sent.\n" : ".\n");
}

/// The secret alone to stdout, so that a script can take it; the words to stderr.
void show_secret(Session& session, const json::object& webhook, std::string_view words) {
  session.show(webhook, [&](const Terminal&) { return text_at(webhook, "secret") + "\n"; });
  session.remark(fmt::format("{} Its signing secret is shown this once: keep it now.\n", words));
}

}  // namespace

ExitCode webhooks_list(Session& session) {
  const auto client = session.client();
  if (!client) return session.fail(client.error());
  const auto answer = (*client)->get("/v1/webhooks");
  if (!answer) return session.fail(answer.error());
  session.show(answer->body, [&](const Terminal& terminal) {
    return render_webhooks(terminal, array_at(as_object(answer->body), "webhooks"));
  });
  return ExitCode::ok;
}

ExitCode webhooks_show(Session& session, const std::string& id) {
  const auto client = session.client();
  if (!client) return session.fail(client.error());
  const auto answer = (*client)->get(path_of(id));
  if (!answer) return session.fail(answer.error());
  session.show(answer->body,
               [&](const Terminal& terminal) { return render_webhook(terminal, as_object(answer->body)); });
  return ExitCode::ok;
}

ExitCode webhooks_add(Session& session, const WebhookOptions& options) {
  const auto client = session.client();
  if (!client) return session.fail(client.error());
  const auto answer = (*client)->send_json("POST", "/v1/webhooks", body_of(options));
  if (!answer) return session.fail(answer.error());
  const json::object& webhook = as_object(answer->body);
  show_secret(session, webhook, fmt::format("Webhook {} is told of what happens from now on.", text_at(webhook, "id")));
  return ExitCode::ok;
}

ExitCode webhooks_edit(Session& session, const WebhookOptions& options) {
  const auto client = session.client();
  if (!client) return session.fail(client.error());
  const auto answer = (*client)->send_json("PATCH", path_of(options.id), body_of(options));
  if (!answer) return session.fail(answer.error());
  session.show(answer->body,
               [&](const Terminal& terminal) { return render_webhook(terminal, as_object(answer->body)); });
  return ExitCode::ok;
}

ExitCode webhooks_remove(Session& session, const std::string& id) {
  const auto client = session.client();
  if (!client) return session.fail(client.error());
  const auto answer = (*client)->send("DELETE", path_of(id), "", "");
  if (!answer) return session.fail(answer.error());
  session.remark(fmt::format("Webhook {} is removed, with what waited for it.\n", id));
  return ExitCode::ok;
}

ExitCode webhooks_rotate(Session& session, const std::string& id, const std::string& grace) {
  const auto client = session.client();
  if (!client) return session.fail(client.error());
  json::object body;
  if (!grace.empty()) body["grace"] = grace;
  const auto answer = (*client)->send_json("POST", path_of(id, "/rotate"), body);
  if (!answer) return session.fail(answer.error());
  show_secret(session, as_object(answer->body),
              fmt::format("Webhook {} has a new secret; the former one is used beside it for {}.", id,
                          grace.empty() ? "24h" : grace));
  return ExitCode::ok;
}

ExitCode webhooks_test(Session& session, const std::string& id) {
  const auto client = session.client();
  if (!client) return session.fail(client.error());
  const auto answer = (*client)->send_json("POST", path_of(id, "/test"), json::object{});
  if (!answer) return session.fail(answer.error());
  const json::object& fared = as_object(answer->body);
  const bool delivered = flag_at(fared, "delivered");
  session.show(answer->body, [&](const Terminal&) {
    return delivered ? fmt::format("Delivered in {} ms: the receiver answered {}.\n", number_at(fared, "took_ms"),
                                   number_at(fared, "status"))
                     : fmt::format("Not delivered: {}\n", clean(text_at(fared, "error")));
  });
  return delivered ? ExitCode::ok : ExitCode::problems;
}

ExitCode webhooks_deliveries(Session& session, const std::string& id, const std::string& state, std::int64_t limit) {
  const auto client = session.client();
  if (!client) return session.fail(client.error());
  const auto answer =
      (*client)->get(path_of(id, fmt::format("/deliveries?limit={}{}", limit, state.empty() ? "" : "&state=" + state)));
  if (!answer) return session.fail(answer.error());
  const json::object& page = as_object(answer->body);
  session.show(answer->body,
               [&](const Terminal& terminal) { return render_deliveries(terminal, array_at(page, "deliveries")); });
  if (page.contains("next")) session.remark("There are more: ask with a larger --limit.\n");
  return ExitCode::ok;
}

ExitCode webhooks_replay(Session& session, const WebhookReplay& replay) {
  const auto client = session.client();
  if (!client) return session.fail(client.error());
  json::object body;
  if (!replay.event.empty()) body["event"] = replay.event;
  if (!replay.since.empty()) body["since"] = time_of(replay.since);
  if (!replay.until.empty()) body["until"] = time_of(replay.until);
  if (!replay.types.empty()) body["types"] = texts(replay.types);
  if (replay.dry_run) body["dry_run"] = true;
  const auto answer = (*client)->send_json("POST", path_of(replay.id, "/replay"), body);
  if (!answer) return session.fail(answer.error());
  session.show(answer->body, [&](const Terminal&) { return replay_words(as_object(answer->body), replay.dry_run); });
  return ExitCode::ok;
}

}  // namespace crosswalk::cli
