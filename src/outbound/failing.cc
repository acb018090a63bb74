#include "outbound/failing.h"

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "base/json.h"

namespace crosswalk::outbound {
namespace {

namespace json = boost::json;

json::object in_words(const Failing& failing) {
  return {{"state", failing.trouble.state},
          {"since", format_timestamp(failing.since)},
          {"cause", failing.trouble.cause},
          {"error", failing.trouble.message}};
}

store::OutboundRow event_of(std::string_view type, const store::WebhookRow& webhook, Timestamp at, json::object data) {
  // Its address may hold a secret, which is nothing for the others.
  json::object named{{"id", webhook.id}};
  if (!webhook.description.empty()) named["description"] = webhook.description;
  data["webhook"] = std::move(named);
  store::OutboundRow row;
  row.ref = {"", std::string(kWebhookKind), webhook.id};
  row.type = type;
  row.at = at;
  row.data = json::serialize(data);
  return row;
}

}  // namespace

std::string serialize(const Failing& failing) { return json::serialize(in_words(failing)); }

std::optional<Failing> parse_failing(std::string_view text) {
  if (text.empty()) return std::nullopt;
  boost::system::error_code error;
  const json::value value = parse_own_json(text, error);
  if (error || !value.is_object()) return std::nullopt;
  const json::object& object = value.get_object();
  const auto since = parse_timestamp(text_at(object, "since"));
  if (!since) return std::nullopt;
  Failing failing;
  failing.since = *since;
  failing.trouble = {text_at(object, "state"), text_at(object, "cause"), text_at(object, "error")};
  return failing;
}

store::OutboundRow failing_event(const store::WebhookRow& webhook, const Failing& failing, Timestamp at) {
  return event_of("webhook.failing", webhook, at, in_words(failing));
}

store::OutboundRow restored_event(const store::WebhookRow& webhook, const Failing& was, Timestamp at) {
  json::object data{{"state", "in_order"}, {"was", in_words(was)}};
  return event_of("webhook.restored", webhook, at, std::move(data));
}

}  // namespace crosswalk::outbound
