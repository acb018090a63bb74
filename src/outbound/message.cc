#include "outbound/message.h"

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "base/json.h"
#include "outbound/failing.h"

namespace crosswalk::outbound {
namespace {

namespace json = boost::json;

std::vector<std::string> texts_of(const std::string& text) {
  std::vector<std::string> texts;
  boost::system::error_code error;
  const json::value list = parse_own_json(text, error);
  if (error || !list.is_array()) return texts;
  for (const json::value& each : list.get_array())
    if (each.is_string()) texts.emplace_back(each.get_string());
  return texts;
}

bool holds(const std::vector<std::string>& list, const std::string& text) {
  return list.empty() || std::find(list.begin(), list.end(), text) != list.end();
}

/// Names what the secret belongs to, so that a sealed one cannot be moved to another webhook.
std::string context_of(const std::string& webhook) { return "webhook/" + webhook; }

}  // namespace

std::string message_body(const store::OutboundRow& event, std::optional<Timestamp> replayed_at) {
  json::object data;
  if (!event.ref.partner.empty()) data["partner"] = event.ref.partner;
  data["record"] = json::object{{"kind", event.ref.kind}, {"key", event.ref.key}};
  boost::system::error_code error;
  const json::value told = parse_own_json(event.data, error);
  if (!error && told.is_object())
    for (const auto& member : told.get_object()) data[member.key()] = member.value();
  json::object body{{"type", event.type}, {"timestamp", format_timestamp(event.at)}};
  if (replayed_at) body["replayed_at"] = format_timestamp(*replayed_at);
  body["data"] = std::move(data);
  return json::serialize(body);
}

bool Filter::wants(const store::OutboundRow& event) const {
  if (event.ref.kind == kWebhookKind && event.ref.key == webhook) return false;
  return holds(types, event.type) && holds(partners, event.ref.partner);
}

Filter filter_of(const store::WebhookRow& webhook) {
  return {texts_of(webhook.types), texts_of(webhook.partners), webhook.id};
}

std::string seal_secrets(const std::vector<Secret>& secrets, const std::string& webhook, const net::SecretBox& box) {
  json::array sealed;
  for (const Secret& secret : secrets) {
    json::object each{{"sealed", box.seal(secret.text, context_of(webhook))}};
    if (secret.until) each["until"] = to_milliseconds(*secret.until);
    sealed.push_back(std::move(each));
  }
  return json::serialize(sealed);
}

Result<std::vector<Secret>> open_secrets(const store::WebhookRow& webhook, const net::SecretBox& box, Timestamp now) {
  std::vector<Secret> secrets;
  boost::system::error_code error;
  const json::value list = parse_own_json(webhook.sealed_secrets, error);
  if (error || !list.is_array()) return failure("secrets.unreadable", "A webhook's signing secrets cannot be read.");
  for (const json::value& each : list.get_array()) {
    const json::object& entry = each.as_object();
    Secret secret;
    if (const json::value* until = entry.if_contains("until")) secret.until = from_milliseconds(until->as_int64());
    if (secret.until && *secret.until <= now) continue;
    Result<std::string> opened = box.unseal(std::string_view(entry.at("sealed").as_string()), context_of(webhook.id));
    if (!opened) return tl::unexpected(opened.error());
    secret.text = std::move(*opened);
    secrets.push_back(std::move(secret));
  }
  return secrets;
}

}  // namespace crosswalk::outbound
