#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/json/array.hpp>
#include <charconv>

#include "base/digest.h"
#include "base/json.h"
#include "base/text.h"
#include "net/standard_webhooks.h"
#include "outbound/failing.h"
#include "outbound/message.h"
#include "outbound/sender.h"
#include "service/admin.h"
#include "service/request_check.h"
#include "service/webhook_json.h"

namespace crosswalk::service {
namespace {

namespace json = boost::json;

/// Each event is read once for every webhook.
constexpr std::size_t kWebhooksMax = 100;
constexpr std::size_t kIdCharacters = 12;
/// Signatures of one message: more would only make its header long.
constexpr std::size_t kSecretsMax = 5;
constexpr Duration kGraceDefault{std::chrono::hours{24}}, kGraceMax{std::chrono::hours{24 * 30}};
/// Of deliveries that wait, to tell how the last attempt went.
constexpr std::size_t kWaitingLookedAt = 200;
constexpr std::size_t kDeliveriesDefault = 100, kDeliveriesMax = 1'000;
/// Of one replay since a time: one commit, and an hour's work of a receiver that takes a second for each.
constexpr std::size_t kReplayedMax = 10'000;

template <class Number>
bool read_number(const std::string& text, Number& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc{} && end == text.data() + text.size();
}

tl::expected<store::OutboundReads::DeliveryQuery, RequestProblem> read_query(const Call& call) {
  store::OutboundReads::DeliveryQuery query;
  query.webhook = call.parameters.at(0);
  query.count_max = kDeliveriesDefault;
  const net::Query& given = call.target.query;
  if (const std::string* state = given.find("state")) {
    query.state = parse_delivery_state(*state);
    if (!query.state)
      return tl::unexpected(RequestProblem{"request.invalid", "", "state: one of waiting, delivered, dead."});
  }
  if (const std::string* before = given.find("before")) {
    std::int64_t sequence = 0;
    if (!read_number(*before, sequence))
      return tl::unexpected(RequestProblem{"request.invalid", "", "before: the sequence of a delivery."});
    query.before = sequence;
  }
  if (const std::string* limit = given.find("limit"))
    if (!read_number(*limit, query.count_max) || query.count_max < 1 || query.count_max > kDeliveriesMax)
      return tl::unexpected(RequestProblem{"request.invalid", "", "limit: a number from 1 to 1000."});
  return query;
}

/// How long the former secret is still used.
tl::expected<Duration, RequestProblem> read_grace(const json::object& body) {
  const auto text = optional_text(body, "grace", 20);
  if (!text) return tl::unexpected(text.error());
  if (!*text) return kGraceDefault;
  const std::optional<Duration> grace = parse_duration(**text);
  if (!grace || *grace > kGraceMax)
    return tl::unexpected(RequestProblem{"request.invalid", "/grace", "A duration such as \"24h\", at most \"30d\"."});
  return *grace;
}

/// Why the receiver does not take what it is told now.
json::object failure_of(const store::DeliveryRow& delivery) {
  json::object body{{"event", delivery.event.id}, {"attempts", delivery.attempts}, {"error", delivery.error}};
  if (delivery.attempted_at) body["at"] = format_timestamp(*delivery.attempted_at);
  if (delivery.status > 0) body["status"] = delivery.status;
  body["since"] = format_timestamp(delivery.event.at);
  return body;
}

/// That it fails for long, as the other webhooks were told.
json::object failing_of(const outbound::Failing& failing) {
  return {{"state", failing.trouble.state},
          {"since", format_timestamp(failing.since)},
          {"cause", failing.trouble.cause},
          {"error", failing.trouble.message}};
}

/// What a replay is to tell again, for the audit.
json::value replay_for_audit(const ReplayWish& wish) {
  if (!wish.event.empty()) return json::object{{"event", wish.event}};
  if (!wish.range) return nullptr;
  return json::object{{"since", format_timestamp(wish.range->since)},
                      {"until", format_timestamp(wish.range->until)},
                      {"types", parse_own_json(wish.range->types)}};
}

std::string target_of(const store::WebhookRow& row) { return "webhook " + row.id; }

}  // namespace

Result<store::WebhookRow> Admin::find_webhook(const Call& call) {
  Result<std::vector<store::WebhookRow>> rows = to_.store.outbound().webhooks();
  if (!rows) return tl::unexpected(rows.error());
  const auto found = std::ranges::find(*rows, call.parameters.at(0), &store::WebhookRow::id);
  if (found == rows->end()) return failure("webhook.unknown", "There is no webhook with this id.");
  return std::move(*found);
}

/// What the webhook is, and how it fares.
Result<json::object> Admin::describe(const store::WebhookRow& row) {
  const auto counts = to_.store.outbound().delivery_counts();
  if (!counts) return tl::unexpected(counts.error());
  json::object body = to_json(row);
  body["waiting"] = body["dead"] = 0;
  for (const auto& each : *counts) {
    if (each.webhook != row.id) continue;
    body["waiting"] = each.waiting;
    body["dead"] = each.dead;
  }
  if (body["waiting"].to_number<std::int64_t>() > 0) {
    // Whatever time it is due at: of those that wait, the one that was tried last.
    const auto waiting = to_.store.outbound().due_deliveries(row.id, Timestamp::max(), kWaitingLookedAt);
    if (!waiting) return tl::unexpected(waiting.error());
    const store::DeliveryRow* failed = nullptr;
    for (const store::DeliveryRow& each : *waiting)
      if (each.attempts > 0 && (!failed || each.attempted_at > failed->attempted_at)) failed = &each;
    if (failed) body["failure"] = failure_of(*failed);
  }
  if (const auto failing = outbound::parse_failing(row.failing)) body["failing"] = failing_of(*failing);
  body["circuit"] = "closed";
  for (const outbound::WebhookMetrics& each : to_.sender.metrics())
    if (each.webhook == row.id && each.circuit_open) body["circuit"] = "open";
  return body;
}

boost::asio::awaitable<Result<store::Committed>> Admin::write_outbound(const Call& call, store::OutboundChanges changes,
                                                                       Act act) {
  store::Transaction transaction;
  transaction.outbound = std::move(changes);
  Result<store::Committed> written = co_await write(call, std::move(transaction), std::move(act));
  if (written) to_.sender.wake();
  co_return written;
}

std::optional<RequestProblem> Admin::check_partners(const store::WebhookRow& row) {
  const json::value partners = parse_own_json(row.partners);
  for (std::size_t i = 0; i < partners.as_array().size(); ++i)
    if (!directory_.knows_partner(std::string(partners.as_array()[i].as_string())))
      return RequestProblem{"request.invalid", "/partners/" + std::to_string(i), "There is no such partner."};
  return std::nullopt;
}

Answer Admin::list_webhooks(const Call& call) {
  const auto rows = to_.store.outbound().webhooks();
  if (!rows) co_return problem_response(rows.error(), call.request_id);
  json::array webhooks;
  for (const store::WebhookRow& row : *rows) {
    const Result<json::object> body = describe(row);
    if (!body) co_return problem_response(body.error(), call.request_id);
    webhooks.push_back(*body);
  }
  co_return json_response(200, json::object{{"webhooks", std::move(webhooks)}});
}

Answer Admin::add_webhook(const Call& call) {
  const auto known = to_.store.outbound().webhooks();
  if (!known) co_return problem_response(known.error(), call.request_id);
  if (known->size() >= kWebhooksMax) co_return problem_response({"webhook.too_many", "", ""}, call.request_id);
  const std::string secret = net::make_webhook_secret();
  store::WebhookRow row;
  row.id = "wh_" + to_lower(short_digest({secret}, kIdCharacters));
  row.types = row.partners = "[]";
  row.created_at = to_.clock.now();
  row.version = 1;
  row.sealed_secrets = outbound::seal_secrets({{secret, {}}}, row.id, to_.secrets);
  if (const auto changed = change_webhook(row, call.body, to_.options.webhook_hosts); !changed)
    co_return problem_response(changed.error(), call.request_id);
  if (const auto problem = check_partners(row)) co_return problem_response(*problem, call.request_id);
  store::OutboundChanges changes;
  changes.webhooks.push_back(row);
  Act act{"webhook.add", "", target_of(row), nullptr, to_json(row)};
  const auto written = co_await write_outbound(call, std::move(changes), std::move(act));
  if (!written) co_return problem_response(written.error(), call.request_id);
  Result<json::object> answer = describe(row);
  if (answer) (*answer)["secret"] = secret;
  co_return webhook_response(answer, row, call, 201);
}

Answer Admin::get_webhook(const Call& call) {
  const auto row = find_webhook(call);
  if (!row) co_return problem_response(row.error(), call.request_id);
  co_return webhook_response(describe(*row), *row, call);
}

net::Response Admin::webhook_response(const Result<json::object>& body, const store::WebhookRow& row, const Call& call,
                                      int status) {
  net::Response response = render(body, call, status);
  if (body) response.headers.add("ETag", etag_of(row.version));
  return response;
}

net::Response Admin::webhook_changed(const store::WebhookRow& row, std::int64_t read, const Call& call) {
  const auto is_known = [&](const store::AuditRow& entry) {
    return knows(call.request, etag_of(version_after(entry)), etag_of(read));
  };
  return changed_response(to_.store, "", target_of(row), etag_of(row.version), is_known, call.request_id);
}

boost::asio::awaitable<tl::expected<store::WebhookRow, net::Response>> Admin::update_webhook(
    const Call& call, std::string_view act_name, const WebhookChange& change) {
  std::int64_t first = 0;
  for (int tries = 1;; ++tries) {
    const auto former = find_webhook(call);
    if (!former) co_return tl::unexpected(problem_response(former.error(), call.request_id));
    if (tries == 1) first = former->version;
    if (!may_change(call.request, etag_of(former->version)) || tries > kChangeTriesMax)
      co_return tl::unexpected(webhook_changed(*former, first, call));
    store::WebhookRow row = *former;
    if (const auto problem = change(row)) co_return tl::unexpected(problem_response(*problem, call.request_id));
    ++row.version;
    store::OutboundChanges changes;
    changes.webhooks.push_back(row);
    Act act{act_name, "", target_of(row), to_json(*former), to_json(row)};
    const auto written = co_await write_outbound(call, std::move(changes), std::move(act));
    if (!written && store::is_conflict(written.error())) continue;
    if (!written) co_return tl::unexpected(problem_response(written.error(), call.request_id));
    co_return row;
  }
}

Answer Admin::change_webhook_settings(const Call& call) {
  const WebhookChange apply = [&](store::WebhookRow& row) -> std::optional<RequestProblem> {
    if (const auto changed = change_webhook(row, call.body, to_.options.webhook_hosts); !changed)
      return changed.error();
    return check_partners(row);
  };
  const auto row = co_await update_webhook(call, "webhook.change", apply);
  if (!row) co_return row.error();
  co_return webhook_response(describe(*row), *row, call);
}

Answer Admin::remove_webhook(const Call& call) {
  std::int64_t first = 0;
  for (int tries = 1;; ++tries) {
    const auto row = find_webhook(call);
    if (!row) co_return problem_response(row.error(), call.request_id);
    if (tries == 1) first = row->version;
    if (!may_change(call.request, etag_of(row->version)) || tries > kChangeTriesMax)
      co_return webhook_changed(*row, first, call);
    store::OutboundChanges changes;
    changes.removed.push_back({row->id, row->version});
    Act act{"webhook.remove", "", target_of(*row), to_json(*row), nullptr};
    const auto written = co_await write_outbound(call, std::move(changes), std::move(act));
    if (!written && store::is_conflict(written.error())) continue;
    if (!written) co_return problem_response(written.error(), call.request_id);
    net::Response response;
    response.status = 204;
    co_return response;
  }
}

Answer Admin::rotate_webhook(const Call& call) {
  const auto grace = read_grace(call.body);
  if (!grace) co_return problem_response(grace.error(), call.request_id);
  const std::string fresh = net::make_webhook_secret();
  const WebhookChange apply = [&](store::WebhookRow& row) -> std::optional<RequestProblem> {
    const Timestamp now = to_.clock.now();
    auto former = outbound::open_secrets(row, to_.secrets, now);
    if (!former) return RequestProblem{former.error().code, "", former.error().message};
    std::vector<outbound::Secret> secrets{{fresh, {}}};
    for (outbound::Secret& secret : *former) {
      if (secrets.size() >= kSecretsMax || grace->count() == 0) break;
      secret.until = std::min(secret.until.value_or(now + *grace), now + *grace);
      secrets.push_back(std::move(secret));
    }
    row.sealed_secrets = outbound::seal_secrets(secrets, row.id, to_.secrets);
    return std::nullopt;
  };
  const auto row = co_await update_webhook(call, "webhook.rotate", apply);
  if (!row) co_return row.error();
  Result<json::object> answer = describe(*row);
  if (answer) (*answer)["secret"] = fresh;
  co_return webhook_response(answer, *row, call);
}

Answer Admin::test_webhook(const Call& call) {
  const std::string id = call.parameters.at(0);
  if (const auto row = find_webhook(call); !row) co_return problem_response(row.error(), call.request_id);
  Act act{"webhook.test", "", "webhook " + id, nullptr, nullptr};
  if (auto refused = co_await note(call, std::move(act))) co_return std::move(*refused);
  const auto start = [&] { return to_.sender.test(id); };
  const Result<outbound::TestOutcome> outcome =
      co_await boost::asio::co_spawn(to_.sender_executor, start, boost::asio::use_awaitable);
  if (!outcome) co_return problem_response(outcome.error(), call.request_id);
  json::object body{{"delivered", outcome->delivered}, {"took_ms", outcome->took.count()}};
  if (outcome->status > 0) body["status"] = outcome->status;
  if (!outcome->error.empty()) body["error"] = outcome->error;
  co_return json_response(200, body);
}

Answer Admin::list_deliveries(const Call& call) {
  auto query = read_query(call);
  if (!query) co_return problem_response(query.error(), call.request_id);
  if (const auto row = find_webhook(call); !row) co_return problem_response(row.error(), call.request_id);
  const std::size_t limit = query->count_max++;
  auto rows = to_.store.outbound().list_deliveries(*query);
  if (!rows) co_return problem_response(rows.error(), call.request_id);
  const bool more = rows->size() > limit;
  if (more) rows->resize(limit);
  json::array deliveries;
  for (const store::DeliveryRow& row : *rows) deliveries.push_back(to_json(row));
  json::object body{{"deliveries", std::move(deliveries)}};
  if (more) body["next"] = rows->back().event.sequence;
  co_return json_response(200, body);
}

Answer Admin::replay_deliveries(const Call& call) {
  const auto row = find_webhook(call);
  if (!row) co_return problem_response(row.error(), call.request_id);
  const Timestamp now = to_.clock.now();
  auto wish = read_replay(call.body, *row, now, to_.options.retention);
  if (!wish) co_return problem_response(wish.error(), call.request_id);
  json::object answer;
  std::int64_t found = 0;
  if (wish->range) {
    // One more than may be tells that there are too many.
    wish->range->count_max = kReplayedMax + 1;
    const auto counts = to_.store.outbound().count_range(row->id, *wish->range);
    if (!counts) co_return problem_response(counts.error(), call.request_id);
    found = counts->events;
    if (found > static_cast<std::int64_t>(kReplayedMax))
      co_return problem_response({"webhook.replay_too_many", "/since", "There are more than 10,000 events since then."},
                                 call.request_id);
    wish->range->count_max = kReplayedMax;
    answer["already_waiting"] = counts->waiting;
    if (counts->first_at) answer["first_at"] = format_timestamp(*counts->first_at);
    if (counts->last_at) answer["last_at"] = format_timestamp(*counts->last_at);
  } else if (wish->dry_run) {
    const auto counts = to_.store.outbound().delivery_counts();
    if (!counts) co_return problem_response(counts.error(), call.request_id);
    for (const auto& each : *counts)
      if (each.webhook == row->id) found = each.dead;
  }
  if (wish->dry_run) {
    answer["replayed"] = 0;
    answer["would_replay"] = found;
    co_return json_response(200, answer);
  }
  store::DeliveriesReplayed replayed{row->id, wish->event, now, now + to_.options.give_up_after, wish->range};
  store::OutboundChanges changes;
  changes.replayed.push_back(std::move(replayed));
  Act act{"webhook.replay", "", target_of(*row), nullptr, replay_for_audit(*wish)};
  const auto written = co_await write_outbound(call, std::move(changes), std::move(act));
  if (!written) co_return problem_response(written.error(), call.request_id);
  if (!wish->event.empty() && written->outbound_touched == 0)
    co_return problem_response({"store.not_found", "/event", "There is no dead letter with this event's id."},
                               call.request_id);
  answer["replayed"] = written->outbound_touched;
  co_return json_response(200, answer);
}

}  // namespace crosswalk::service
