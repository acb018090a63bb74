#include "service/webhook_json.h"

#include <algorithm>
#include <array>
#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>
#include <span>

#include "base/json.h"
#include "base/nearest_word.h"
#include "base/text.h"
#include "engine/outbound_events.h"
#include "service/admin.h"

namespace crosswalk::service {
namespace {

namespace json = boost::json;

constexpr std::size_t kUrlCharactersMax = 2'000, kDescriptionCharactersMax = 500;
constexpr std::size_t kPartnersMax = 1'000;
constexpr std::size_t kEventIdCharactersMax = 64;
constexpr std::array<std::string_view, 3> kStates{"waiting", "delivered", "dead"};

RequestProblem invalid(std::string pointer, std::string detail) {
  return {"request.invalid", std::move(pointer), std::move(detail)};
}

/// A list of texts as it is stored; each must pass `knows`.
template <class Knows>
tl::expected<std::string, RequestProblem> read_list(const json::value& value, const std::string& pointer,
                                                    std::size_t count_max, std::string_view expected, Knows knows,
                                                    std::span<const std::string_view> known = {}) {
  const bool fits = value.is_array() && value.get_array().size() <= count_max;
  if (!fits)
    return tl::unexpected(invalid(pointer, "Must be a list of at most " + std::to_string(count_max) + " texts."));
  std::size_t index = 0;
  for (const json::value& each : value.get_array()) {
    if (!each.is_string() || !knows(std::string_view(each.get_string())))
      return tl::unexpected(
          invalid(pointer + "/" + std::to_string(index),
                  std::string(expected) +
                      (each.is_string() ? did_you_mean(std::string_view(each.get_string()), known) : std::string())));
    ++index;
  }
  return json::serialize(value);
}

bool is_outbound_type(std::string_view text) {
  return std::ranges::find(engine::outbound_types(), text) != engine::outbound_types().end();
}

/// A time of a replay's body; absent is fine.
tl::expected<std::optional<Timestamp>, RequestProblem> read_time(const json::object& body, std::string_view name) {
  const std::string pointer = "/" + std::string(name);
  const json::value* value = body.if_contains(name);
  if (!value || value->is_null()) return std::nullopt;
  const auto time = value->is_string() ? parse_timestamp(std::string_view(value->get_string())) : std::nullopt;
  if (!time)
    return tl::unexpected(RequestProblem{"webhook.replay_time", pointer,
                                         "Must be a time with its offset, such as 2026-03-01T08:00:00Z."});
  return time;
}

/// Of the types that the webhook is told of, those that the body names; all when it names none.
tl::expected<std::string, RequestProblem> read_replayed_types(const json::object& body,
                                                              const store::WebhookRow& webhook) {
  const json::value* types = body.if_contains("types");
  if (!types || types->is_null()) return webhook.types;
  auto list = read_list(*types, "/types", engine::outbound_types().size(), "There is no such type of event.",
                        is_outbound_type, engine::outbound_types());
  if (!list || *list == "[]") return list ? tl::expected<std::string, RequestProblem>(webhook.types) : list;
  const json::value wanted = parse_own_json(webhook.types);
  if (!wanted.is_array() || wanted.get_array().empty()) return list;
  std::size_t index = 0;
  for (const json::value& each : types->get_array()) {
    if (std::ranges::find(wanted.get_array(), each) == wanted.get_array().end())
      return tl::unexpected(invalid("/types/" + std::to_string(index), "The webhook is not told of this type."));
    ++index;
  }
  return list;
}

tl::expected<store::OutboundRange, RequestProblem> read_range(const json::object& body,
                                                              const store::WebhookRow& webhook, Timestamp since,
                                                              Timestamp now, Duration retention) {
  const auto until = read_time(body, "until");
  if (!until) return tl::unexpected(until.error());
  if (since > now)
    return tl::unexpected(RequestProblem{"webhook.replay_time", "/since",
                                         "This time has not come yet: here it is " + format_timestamp(now) + "."});
  if (const Timestamp kept_since = now - retention; since < kept_since)
    return tl::unexpected(RequestProblem{
        "webhook.replay_too_old", "/since",
        "Events are kept for " + describe_duration(retention) + ": since " + format_timestamp(kept_since) + "."});
  if (*until && **until <= since)
    return tl::unexpected(RequestProblem{"webhook.replay_time", "/until", "Must come after \"since\"."});
  auto types = read_replayed_types(body, webhook);
  if (!types) return tl::unexpected(std::move(types.error()));
  store::OutboundRange range;
  range.since = since;
  // What happens from now on is told anyway.
  range.until = std::min(until->value_or(now), now) + Duration{*until ? 0 : 1};
  range.types = std::move(*types);
  range.partners = webhook.partners;
  return range;
}

tl::expected<void, RequestProblem> change_lists(store::WebhookRow& row, const json::object& body) {
  if (const json::value* types = body.if_contains("types")) {
    auto list = read_list(*types, "/types", engine::outbound_types().size(), "There is no such type of event.",
                          is_outbound_type, engine::outbound_types());
    if (!list) return tl::unexpected(std::move(list.error()));
    row.types = std::move(*list);
  }
  if (const json::value* partners = body.if_contains("partners")) {
    auto list = read_list(*partners, "/partners", kPartnersMax, "Must be the id of a partner.",
                          [](std::string_view text) { return !text.empty() && text.size() <= 64; });
    if (!list) return tl::unexpected(std::move(list.error()));
    row.partners = std::move(*list);
  }
  return {};
}

}  // namespace

json::object to_json(const store::WebhookRow& webhook) {
  json::object body{{"id", webhook.id},
                    {"url", webhook.url},
                    {"description", webhook.description},
                    {"types", parse_own_json(webhook.types)},
                    {"partners", parse_own_json(webhook.partners)},
                    {"enabled", webhook.enabled},
                    {"created_at", format_timestamp(webhook.created_at)},
                    {"version", webhook.version}};
  if (!webhook.enabled && !webhook.disabled_why.empty()) body["disabled_why"] = webhook.disabled_why;
  return body;
}

json::object to_json(const store::DeliveryRow& delivery) {
  json::object body{{"event", delivery.event.id},
                    {"sequence", delivery.event.sequence},
                    {"type", delivery.event.type},
                    {"record", json::object{{"kind", delivery.event.ref.kind}, {"key", delivery.event.ref.key}}},
                    {"at", format_timestamp(delivery.event.at)},
                    {"state", to_string(delivery.state)},
                    {"attempts", delivery.attempts}};
  if (!delivery.event.ref.partner.empty()) body["partner"] = delivery.event.ref.partner;
  if (delivery.replayed_at) body["replayed_at"] = format_timestamp(*delivery.replayed_at);
  if (delivery.attempted_at && delivery.attempts > 0) body["attempted_at"] = format_timestamp(*delivery.attempted_at);
  if (delivery.due_at) body["due_at"] = format_timestamp(*delivery.due_at);
  if (delivery.state == store::DeliveryState::waiting) body["gives_up_at"] = format_timestamp(delivery.give_up_at);
  if (delivery.status > 0) body["status"] = delivery.status;
  if (!delivery.error.empty()) body["error"] = delivery.error;
  return body;
}

tl::expected<void, RequestProblem> change_webhook(store::WebhookRow& row, const json::object& body,
                                                  const net::HostPolicy& hosts) {
  const auto url = optional_text(body, "url", kUrlCharactersMax);
  if (!url) return tl::unexpected(url.error());
  const auto description = optional_text(body, "description", kDescriptionCharactersMax);
  if (!description) return tl::unexpected(description.error());
  const json::value* enabled = body.if_contains("enabled");
  if (enabled && !enabled->is_bool()) return tl::unexpected(invalid("/enabled", "Must be true or false."));
  if (*url) {
    if (const auto allowed = hosts.check(**url); !allowed)
      return tl::unexpected(RequestProblem{"webhook.url_refused", "/url", allowed.error().message});
    row.url = **url;
  }
  if (row.url.empty()) return tl::unexpected(invalid("/url", "Say where the events are to be posted."));
  if (*description) row.description = **description;
  if (enabled) {
    row.enabled = enabled->get_bool();
    row.disabled_why.clear();
  }
  return change_lists(row, body);
}

tl::expected<ReplayWish, RequestProblem> read_replay(const json::object& body, const store::WebhookRow& webhook,
                                                     Timestamp now, Duration retention) {
  ReplayWish wish;
  auto event = optional_text(body, "event", kEventIdCharactersMax);
  if (!event) return tl::unexpected(std::move(event.error()));
  wish.event = event->value_or("");
  const json::value* dry_run = body.if_contains("dry_run");
  if (dry_run && !dry_run->is_bool()) return tl::unexpected(invalid("/dry_run", "Must be true or false."));
  wish.dry_run = dry_run && dry_run->get_bool();
  const auto since = read_time(body, "since");
  if (!since) return tl::unexpected(since.error());
  if (!wish.event.empty() && (*since || wish.dry_run))
    return tl::unexpected(invalid("/event", "Name one event, or say \"since\" or \"dry_run\", but not both."));
  for (const std::string_view name : {"until", "types"})
    if (!*since && body.contains(name))
      return tl::unexpected(
          invalid("/" + std::string(name), "Needs \"since\": without it all dead letters are replayed."));
  if (!*since) return wish;
  auto range = read_range(body, webhook, **since, now, retention);
  if (!range) return tl::unexpected(std::move(range.error()));
  wish.range = std::move(*range);
  return wish;
}

std::string_view to_string(store::DeliveryState state) { return kStates[static_cast<std::size_t>(state)]; }

std::optional<store::DeliveryState> parse_delivery_state(std::string_view text) {
  const auto found = std::ranges::find(kStates, text);
  if (found == kStates.end()) return std::nullopt;
  return static_cast<store::DeliveryState>(found - kStates.begin());
}

}  // namespace crosswalk::service
