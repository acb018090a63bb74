#include "service/alertmanager.h"

#include <algorithm>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include "base/digest.h"
#include "base/json.h"
#include "base/text.h"
#include "service/cloudevents.h"

namespace crosswalk::service {
namespace {

namespace json = boost::json;

/// What our data schema takes of a title, a description and an attribute (api/schemas).
constexpr std::size_t kTitleCharactersMax = 500;
constexpr std::size_t kDescriptionCharactersMax = 16'000;
constexpr std::size_t kAttributeCharactersMax = 2'000;
constexpr std::size_t kAttributesMax = 64;
constexpr std::size_t kAttributeNameCharactersMax = 100;
/// All together: what is refused for its size would never be sent again.
constexpr std::size_t kAttributesBytesMax = 32u << 10;
/// Of a part of the key.
constexpr std::size_t kKeyPartCharactersMax = 200;

/// Whose notification it is.
struct Sender {
  std::string name;    ///< for people
  std::string source;  ///< of its events
};

const json::object& object_of(const json::object& parent, std::string_view name) {
  static const json::object kEmpty;
  const json::value* value = parent.if_contains(name);
  return value && value->is_object() ? value->get_object() : kEmpty;
}

RequestProblem bad(std::string pointer, std::string detail) {
  return {"event.schema", std::move(pointer), std::move(detail)};
}

std::string first_text(const json::object& annotations, std::initializer_list<std::string_view> names) {
  for (const std::string_view name : names)
    if (std::string text = text_at(annotations, name); !text.empty()) return text;
  return {};
}

bool is_used(const AlertmanagerOptions& options, std::string_view label) {
  return label == options.customer_label || label == options.subject_label || label == options.condition_label ||
         label == options.severity_label;
}

/// A part of the key that is too long for it: its beginning, and a digest of the whole that keeps it apart from others.
std::string as_key_part(std::string text) {
  constexpr std::size_t kDigestCharacters = 12;
  if (text.size() <= kKeyPartCharactersMax || count_characters(text) <= kKeyPartCharactersMax) return text;
  return cut_text(text, kKeyPartCharactersMax - kDigestCharacters - 1) + "~" + short_digest({text}, kDigestCharacters);
}

/// What the alert is about: its instance, or what else its labels name: "shop/web-7d9f".
std::string subject_of(const json::object& labels, const AlertmanagerOptions& options) {
  if (std::string subject = text_at(labels, options.subject_label); !subject.empty()) return subject;
  std::string joined;
  for (const std::string& label : options.subject_fallback_labels) {
    const std::string value = text_at(labels, label);
    const bool is_in_condition =
        std::ranges::find(options.distinguishing_labels, label) != options.distinguishing_labels.end();
    if (value.empty() || is_used(options, label) || is_in_condition) continue;
    joined += (joined.empty() ? "" : "/") + value;
  }
  return joined;
}

/// "DiskFull" or, where labels tell alerts of one host apart, "DiskFull{mountpoint=/var}".
std::string condition_of(const json::object& labels, const AlertmanagerOptions& options) {
  std::string condition = text_at(labels, options.condition_label);
  std::string parts;
  for (const std::string& label : options.distinguishing_labels) {
    const std::string value = text_at(labels, label);
    if (value.empty() || is_used(options, label)) continue;
    parts += (parts.empty() ? "" : ",") + label + "=" + value;
  }
  return parts.empty() ? condition : condition + "{" + parts + "}";
}

std::string severity_of(const json::object& labels, const AlertmanagerOptions& options) {
  const auto found = options.severities.find(to_lower(text_at(labels, options.severity_label)));
  return found == options.severities.end() ? "medium" : found->second;
}

json::object attributes_of(const json::object& labels) {
  json::object attributes;
  std::size_t bytes = 0;
  for (const auto& label : labels) {
    if (attributes.size() == kAttributesMax) break;
    if (!label.value().is_string() || count_characters(label.key()) > kAttributeNameCharactersMax) continue;
    std::string value = cut_text(label.value().get_string(), kAttributeCharactersMax);
    bytes += label.key().size() + value.size();
    if (bytes > kAttributesBytesMax) break;
    attributes[label.key()] = std::move(value);
  }
  return attributes;
}

void put(json::object& data, std::string_view name, std::string text) {
  if (!text.empty()) data[name] = std::move(text);
}

bool is_web_url(const std::string& url) {
  return (url.starts_with("http://") || url.starts_with("https://")) && url.size() <= 2'000 &&
         url.find_first_of(" \t\n\v\f\r") == std::string::npos;
}

json::object data_of(const json::object& alert, const AlertmanagerOptions& options, bool firing, const Sender& sender) {
  const json::object& labels = object_of(alert, "labels");
  const json::object& annotations = object_of(alert, "annotations");
  json::object data;
  const std::string subject = subject_of(labels, options);
  const std::string condition = text_at(labels, options.condition_label);
  data["product"] = options.product;
  put(data, "customer", as_key_part(text_at(labels, options.customer_label)));
  // An alert that is about no single thing (the monitoring itself) is about the customer.
  data["subject"] = subject.empty() ? "-" : as_key_part(subject);
  put(data, "condition", as_key_part(condition_of(labels, options)));
  // Two severities of one rule, or two of its series, are two alerts there and one here: each fires for itself.
  put(data, "instance", text_at(alert, "fingerprint"));
  data["condition_name"] = cut_text(condition, kTitleCharactersMax);
  data["severity"] = severity_of(labels, options);
  std::string title = single_line(first_text(annotations, {"summary", "title", "message"}));
  if (title.empty()) title = single_line(condition + (subject.empty() ? "" : " on " + subject));
  data["title"] = cut_text(title, kTitleCharactersMax);
  put(data, "description", cut_text(first_text(annotations, {"description", "message"}), kDescriptionCharactersMax));
  if (!options.device_label.empty()) put(data, "device", as_key_part(text_at(labels, options.device_label)));
  for (const std::string_view name : {"generatorURL", "panelURL", "dashboardURL"})
    if (const std::string url = text_at(alert, name); is_web_url(url)) {
      data["url"] = url;
      break;
    }
  data["attributes"] = attributes_of(labels);
  if (!firing) put(data, "resolution", "Resolved in " + sender.name + ".");
  return data;
}

/// Labels that must be there, each with the words for the vendor when it is not.
std::optional<RequestProblem> check_labels(const json::object& alert, const std::string& pointer,
                                           const AlertmanagerOptions& options) {
  const json::object& labels = object_of(alert, "labels");
  for (const std::string& label : {options.customer_label, options.condition_label})
    if (text_at(labels, label).empty())
      return RequestProblem{
          "event.label_missing", pointer + "/labels",
          "The label \"" + label +
              "\" is missing: set it in the alert's rule, or name another one in Crosswalk's configuration."};
  return std::nullopt;
}

json::value mended(const json::value& value) {
  if (const json::string* text = value.if_string()) return json::string(repaired_utf8(*text));
  if (const json::array* array = value.if_array()) {
    json::array whole;
    for (const json::value& each : *array) whole.push_back(mended(each));
    return whole;
  }
  const json::object* object = value.if_object();
  if (!object) return value;
  json::object whole;
  for (const auto& member : *object) whole[repaired_utf8(member.key())] = mended(member.value());
  return whole;
}

IncomingEvent read_alert(const json::value& value, std::string pointer, const std::string& partner,
                         const Sender& sender, const AlertmanagerOptions& options, Timestamp now) {
  IncomingEvent event;
  event.row.partner = partner;
  event.row.source = sender.source;
  if (!value.is_object()) {
    event.problem = bad(std::move(pointer), "An alert must be an object.");
    return event;
  }
  const json::object& alert = value.get_object();
  const std::string status = text_at(alert, "status");
  const std::string fingerprint = text_at(alert, "fingerprint");
  const std::string starts_at = text_at(alert, "startsAt");
  const bool firing = status == "firing";
  const std::optional<Timestamp> started = parse_timestamp(starts_at);
  event.about = cut_text(single_line(text_at(object_of(alert, "labels"), options.condition_label)), 200);
  if (!firing && status != "resolved")
    event.problem = bad(pointer + "/status", "Must be firing or resolved.");
  else if (fingerprint.empty() || fingerprint.size() > 64)
    event.problem = bad(pointer + "/fingerprint", "Must be Alertmanager's fingerprint of the alert.");
  else if (!started)
    event.problem = RequestProblem{"event.invalid_time", pointer + "/startsAt", "Must be an RFC 3339 time."};
  else
    event.problem = check_labels(alert, pointer, options);
  if (event.problem) return event;
  event.row.id = fingerprint + "/" + format_timestamp(*started) + "/" + status;
  std::optional<Timestamp> at = started;
  if (!firing) {
    at = parse_timestamp(text_at(alert, "endsAt"));
    if (at && *at < *started) at.reset();
    if (at) event.row.id += "/" + format_timestamp(*at);
  }
  set_time(event, at, now, pointer + (firing ? "/startsAt" : "/endsAt"));
  take_data(event, firing ? "alert.raised" : "alert.resolved", data_of(alert, options, firing, sender), "", {});
  // The pointer would lead into data that the sender has never seen.
  if (event.problem) event.problem->detail = event.problem->pointer + ": " + event.problem->detail;
  if (event.problem) event.problem->pointer = pointer;
  for (IntakeWarning& warning : event.warnings)
    if (warning.code == "alert.moving_part_in_key") warning.pointer = pointer + "/labels";
  return event;
}

}  // namespace

Incoming read_alertmanager(const net::Request& request, const std::string& partner, const AlertmanagerOptions& options,
                           Timestamp now) {
  Incoming incoming;
  incoming.batch = true;
  incoming.partner = partner;
  tl::expected<EventsBody, RequestProblem> body = parse_events(request.body, {}, kNotificationBytesMax);
  if (!body) {
    incoming.problem = std::move(body.error());
    return incoming;
  }
  // What is refused is never sent again: a text that was cut in the middle is mended.
  if (body->torn) body->value = mended(body->value);
  const json::object* notification = body->value.if_object();
  const std::string version = notification ? text_at(*notification, "version") : std::string();
  if (version != "4" && version != "1") {
    const bool is_legacy = notification && notification->contains("ruleName");
    incoming.problem =
        bad("/version", is_legacy ? "This is a notification of Grafana's legacy alerting, which names no "
                                    "single alerts; use its unified alerting."
                                  : "Must be a notification of Alertmanager's webhook, version \"4\", or "
                                    "of Grafana's, version \"1\".");
    return incoming;
  }
  const json::value* alerts = notification->if_contains("alerts");
  if (!alerts || !alerts->is_array()) {
    incoming.problem = bad("/alerts", "Must be an array.");
    return incoming;
  }
  const std::string receiver = cut_text(single_line(text_at(*notification, "receiver")), 200);
  const Sender sender =
      version == "1" ? Sender{"Grafana", "grafana:" + receiver} : Sender{"Alertmanager", "alertmanager:" + receiver};
  incoming.events.reserve(alerts->get_array().size());
  for (std::size_t i = 0; i < alerts->get_array().size(); ++i)
    incoming.events.push_back(
        read_alert(alerts->get_array()[i], "/alerts/" + std::to_string(i), partner, sender, options, now));
  return incoming;
}

}  // namespace crosswalk::service
