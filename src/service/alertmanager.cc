#include "service/alertmanager.h"

#include <algorithm>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

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

std::string text_of(const json::object& object, std::string_view name) {
  const json::value* value = object.if_contains(name);
  return value && value->is_string() ? std::string(value->get_string()) : std::string{};
}

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
    if (std::string text = text_of(annotations, name); !text.empty()) return text;
  return {};
}

bool is_used(const AlertmanagerOptions& options, std::string_view label) {
  return label == options.customer_label || label == options.subject_label || label == options.condition_label ||
         label == options.severity_label;
}

/// "DiskFull" or, where labels tell alerts of one host apart, "DiskFull{mountpoint=/var}".
std::string condition_of(const json::object& labels, const AlertmanagerOptions& options) {
  std::string condition = text_of(labels, options.condition_label);
  std::string parts;
  for (const std::string& label : options.distinguishing_labels) {
    const std::string value = text_of(labels, label);
    if (value.empty() || is_used(options, label)) continue;
    parts += (parts.empty() ? "" : ",") + label + "=" + value;
  }
  return parts.empty() ? condition : condition + "{" + parts + "}";
}

std::string severity_of(const json::object& labels, const AlertmanagerOptions& options) {
  const auto found = options.severities.find(to_lower(text_of(labels, options.severity_label)));
  return found == options.severities.end() ? "medium" : found->second;
}

json::object attributes_of(const json::object& labels) {
  json::object attributes;
  for (const auto& label : labels) {
    if (attributes.size() == kAttributesMax) break;
    if (label.value().is_string())
      attributes[label.key()] = cut_text(label.value().get_string(), kAttributeCharactersMax);
  }
  return attributes;
}

void put(json::object& data, std::string_view name, std::string text) {
  if (!text.empty()) data[name] = std::move(text);
}

json::object data_of(const json::object& alert, const AlertmanagerOptions& options, bool firing) {
  const json::object& labels = object_of(alert, "labels");
  const json::object& annotations = object_of(alert, "annotations");
  json::object data;
  const std::string subject = text_of(labels, options.subject_label);
  const std::string condition = text_of(labels, options.condition_label);
  data["product"] = options.product;
  put(data, "customer", text_of(labels, options.customer_label));
  // An alert that is about no single thing (a whole job, the monitoring itself) is about the customer.
  data["subject"] = subject.empty() ? "-" : subject;
  put(data, "condition", condition_of(labels, options));
  data["condition_name"] = cut_text(condition, kTitleCharactersMax);
  data["severity"] = severity_of(labels, options);
  std::string title = single_line(first_text(annotations, {"summary", "title", "message"}));
  if (title.empty()) title = condition + (subject.empty() ? "" : " on " + subject);
  data["title"] = cut_text(title, kTitleCharactersMax);
  put(data, "description", cut_text(first_text(annotations, {"description", "message"}), kDescriptionCharactersMax));
  if (!options.device_label.empty()) put(data, "device", text_of(labels, options.device_label));
  const std::string url = text_of(alert, "generatorURL");
  if ((url.starts_with("http://") || url.starts_with("https://")) && url.size() <= 2'000 &&
      url.find(' ') == std::string::npos)
    data["url"] = url;
  data["attributes"] = attributes_of(labels);
  if (!firing) put(data, "resolution", "Resolved in Alertmanager.");
  return data;
}

/// Labels that must be there, each with the words for the vendor when it is not.
std::optional<RequestProblem> check_labels(const json::object& alert, const std::string& pointer,
                                           const AlertmanagerOptions& options) {
  const json::object& labels = object_of(alert, "labels");
  for (const std::string& label : {options.customer_label, options.condition_label})
    if (text_of(labels, label).empty())
      return bad(pointer + "/labels",
                 "The label \"" + label +
                     "\" is missing: set it in the alert's rule, or name another one in Crosswalk's configuration.");
  return std::nullopt;
}

IncomingEvent read_alert(const json::value& value, std::string pointer, const std::string& partner,
                         const std::string& receiver, const AlertmanagerOptions& options, Timestamp now) {
  IncomingEvent event;
  event.row.partner = partner;
  event.row.source = "alertmanager:" + receiver;
  if (!value.is_object()) {
    event.problem = bad(std::move(pointer), "An alert must be an object.");
    return event;
  }
  const json::object& alert = value.get_object();
  const std::string status = text_of(alert, "status");
  const std::string fingerprint = text_of(alert, "fingerprint");
  const std::string starts_at = text_of(alert, "startsAt");
  const bool firing = status == "firing";
  const std::optional<Timestamp> started = parse_timestamp(starts_at);
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
  if (!firing)
    if (const std::optional<Timestamp> ended = parse_timestamp(text_of(alert, "endsAt")); ended && *ended >= *started)
      at = ended;
  set_time(event, at, now, pointer + (firing ? "/startsAt" : "/endsAt"));
  take_data(event, firing ? "alert.raised" : "alert.resolved", data_of(alert, options, firing), "", {});
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
  tl::expected<json::value, RequestProblem> body = parse_body(request.body, {});
  if (!body) {
    incoming.problem = std::move(body.error());
    return incoming;
  }
  const json::object* notification = body->if_object();
  if (!notification || text_of(*notification, "version") != "4") {
    incoming.problem = bad("/version", "Must be a notification of Alertmanager's webhook, version \"4\".");
    return incoming;
  }
  const json::value* alerts = notification->if_contains("alerts");
  if (!alerts || !alerts->is_array()) {
    incoming.problem = bad("/alerts", "Must be an array.");
    return incoming;
  }
  if (alerts->get_array().size() > kBatchEventsMax) {
    incoming.problem = RequestProblem{"event.too_many", "/alerts",
                                      "At most 1000 alerts; set max_alerts in the webhook's configuration."};
    return incoming;
  }
  const std::string receiver = cut_text(single_line(text_of(*notification, "receiver")), 200);
  for (std::size_t i = 0; i < alerts->get_array().size(); ++i)
    incoming.events.push_back(
        read_alert(alerts->get_array()[i], "/alerts/" + std::to_string(i), partner, receiver, options, now));
  return incoming;
}

}  // namespace crosswalk::service
