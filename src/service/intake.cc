#include "service/intake.h"

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

#include "base/catalogue.h"
#include "base/json.h"
#include "mapping/personal_data.h"
#include "model/alert.h"
#include "model/event.h"
#include "service/event_schema.h"

namespace crosswalk::service {
namespace {

namespace json = boost::json;
using Kind = EventFate::Kind;

std::string_view to_string(Kind kind) {
  switch (kind) {
    case Kind::accepted:
      return "accepted";
    case Kind::duplicate:
      return "duplicate";
    case Kind::conflict:
      return "conflict";
    case Kind::rejected:
      return "rejected";
  }
  return "rejected";
}

RequestProblem conflict_problem(const IncomingEvent& event) {
  return {"event.duplicate_conflict", "",
          "An event with this source and id was taken before, with other content; the first one stays. Source \"" +
              event.row.source + "\", id \"" + event.row.id + "\"."};
}

void append_member(std::string& out, std::string_view name, std::string_view text) {
  out += ",\"";
  out += name;
  out += "\":";
  append_json_string(out, text);
}

void append_problem(std::string& out, const RequestProblem& problem) {
  out += ",\"problem\":{\"code\":";
  append_json_string(out, problem.code);
  if (!problem.pointer.empty()) append_member(out, "pointer", problem.pointer);
  append_member(out, "detail", problem.detail);
  append_member(out, "action", explain(problem.code).action);
  out += '}';
}

void append_events(std::string& out, const Incoming& incoming, const std::vector<EventFate>& fates) {
  out += '[';
  for (std::size_t i = 0; i < incoming.events.size(); ++i) {
    const IncomingEvent& event = incoming.events[i];
    if (i > 0) out += ',';
    out += "{\"index\":";
    out += std::to_string(i);
    append_member(out, "status", to_string(fates[i].kind));
    if (!event.row.id.empty()) append_member(out, "id", event.row.id);
    if (event.problem)
      append_problem(out, *event.problem);
    else if (fates[i].kind == Kind::conflict)
      append_problem(out, conflict_problem(event));
    out += '}';
  }
  out += ']';
}

void append_warnings(std::string& out, const Incoming& incoming) {
  bool first = true;
  for (std::size_t i = 0; i < incoming.events.size(); ++i) {
    if (incoming.events[i].problem) continue;
    for (const IntakeWarning& warning : incoming.events[i].warnings) {
      out += first ? ",\"warnings\":[" : ",";
      first = false;
      out += "{\"index\":";
      out += std::to_string(i);
      append_member(out, "code", warning.code);
      if (!warning.pointer.empty()) append_member(out, "pointer", warning.pointer);
      append_member(out, "detail", warning.detail);
      out += '}';
    }
  }
  if (!first) out += ']';
}

net::Response render_report(const Incoming& incoming, const std::vector<EventFate>& fates, const IntakeCounts& counts) {
  net::Response response;
  response.status = 202;
  response.headers.add("Content-Type", "application/json");
  std::string& out = response.body;
  out.reserve(incoming.batch ? 128 + incoming.events.size() * 96 : 128);
  out += "{\"accepted\":";
  out += std::to_string(counts.accepted);
  out += ",\"duplicates\":";
  out += std::to_string(counts.duplicates);
  out += ",\"conflicts\":";
  out += std::to_string(counts.conflicts);
  out += ",\"rejected\":";
  out += std::to_string(counts.rejected);
  if (incoming.batch) {
    out += ",\"events\":";
    append_events(out, incoming, fates);
  }
  append_warnings(out, incoming);
  out += '}';
  return response;
}

bool holds_null(const json::value& value);

bool holds_null(const json::object& object) {
  return std::ranges::any_of(object, [](const auto& member) { return holds_null(member.value()); });
}

bool holds_null(const json::value& value) {
  if (const json::object* object = value.if_object()) return holds_null(*object);
  if (const json::array* array = value.if_array())
    return std::ranges::any_of(*array,
                               [](const json::value& each) { return each.is_structured() && holds_null(each); });
  return value.is_null();
}

/// A member that is null says as much as one that is left out. In an array null keeps its place.
json::object without_nulls(const json::object& object);

json::value without_nulls(const json::value& value) {
  if (const json::object* object = value.if_object()) return without_nulls(*object);
  const json::array* array = value.if_array();
  if (!array) return value;
  json::array kept;
  kept.reserve(array->size());
  for (const json::value& each : *array) kept.push_back(without_nulls(each));
  return kept;
}

json::object without_nulls(const json::object& object) {
  json::object kept;
  kept.reserve(object.size());
  for (const auto& member : object)
    if (!member.value().is_null()) kept.emplace(member.key(), without_nulls(member.value()));
  return kept;
}

std::optional<RequestProblem> check_snooze_time(const IncomingEvent& event, const json::object& data) {
  const json::value* until = data.if_contains("until");
  const auto ends = until ? parse_timestamp(std::string_view(until->get_string())) : std::nullopt;
  if (!ends || *ends <= event.row.time + model::kSnoozeMax + kSkewMax) return std::nullopt;
  return RequestProblem{"event.schema", "/until",
                        "At most 90 days ahead: what is longer is forgotten by everybody, and mutes what it was not "
                        "meant for."};
}

}  // namespace

void set_time(IncomingEvent& event, std::optional<Timestamp> claimed, Timestamp now, std::string_view pointer) {
  event.row.received_at = now;
  event.row.time = claimed.value_or(now);
  if (event.row.time <= now + kSkewMax) return;
  event.warnings.push_back(
      {"event.time_ahead", std::string(pointer),
       "The event's time " + format_timestamp(event.row.time) +
           " is ahead of our clock by more than five minutes; the time of its receipt was taken instead."});
  event.row.time = now;
}

void take_data(IncomingEvent& event, std::string_view type_name, const json::object& given, std::string_view pointer,
               const IntakeContext& context) {
  const std::optional<model::EventType> type = model::parse_event_type(type_name);
  if (!type) {
    event.problem =
        RequestProblem{"event.unknown_type", "",
                       "Known types: alert.raised, alert.updated, alert.resolved, alert.snoozed, customer.upserted, "
                       "contact.upserted, device.upserted, "
                       "each with or without .v1."};
    return;
  }
  if (event.about.empty()) event.about = model::to_string(*type);
  std::optional<json::object> without;
  if (holds_null(given)) without = without_nulls(given);
  const json::object& data = without ? *without : given;
  auto problem = check_event_data(*type, data);
  if (!problem && *type == model::EventType::alert_snoozed) problem = check_snooze_time(event, data);
  if (problem) {
    problem->pointer.insert(0, pointer);
    event.problem = std::move(problem);
    return;
  }
  model::RecordRef ref = model::record_of(PartnerId{event.row.partner}, *type, data);
  event.row.type = model::to_string(*type);
  event.row.kind = model::to_string(ref.kind);
  event.row.key = std::move(ref.key);
  event.row.data = json::serialize(data);
  if (event.row.data.size() > kEventDataBytesMax) {
    event.problem =
        RequestProblem{"event.data_too_large", std::string(pointer), "The data of one event may have at most 128 KiB."};
    return;
  }
  event.pointer = pointer;
  event.unknown = unknown_members(*type, data);
  if (const json::value* product = data.if_contains("product"); product && product->is_string())
    event.product = product->get_string();
  if (ref.kind == model::RecordKind::contact) {
    event.row.told = std::move(event.row.data);
    event.row.data = json::serialize(mapping::kept_of_contact(*context.contact_mapping(event.row.partner), data));
  }
  if (ref.kind != model::RecordKind::alert) return;
  if (auto moving = model::find_moving_part(data.at("subject").as_string(), data.at("condition").as_string()))
    event.warnings.push_back({"alert.moving_part_in_key", std::string(pointer), std::move(*moving)});
}

std::vector<EventFate> fates(const Incoming& incoming, const std::vector<store::Appended>& appended) {
  std::vector<EventFate> result;
  result.reserve(incoming.events.size());
  std::size_t next = 0;
  for (const IncomingEvent& event : incoming.events) {
    if (event.problem) {
      result.push_back({Kind::rejected});
      continue;
    }
    switch (appended.at(next++).kind) {
      case store::Appended::Kind::stored:
        result.push_back({Kind::accepted});
        break;
      case store::Appended::Kind::duplicate:
        result.push_back({Kind::duplicate});
        break;
      case store::Appended::Kind::conflict:
        result.push_back({Kind::conflict});
        break;
    }
  }
  return result;
}

IntakeCounts count(const std::vector<EventFate>& fates) {
  IntakeCounts counts;
  for (const EventFate& fate : fates) {
    switch (fate.kind) {
      case Kind::accepted:
        ++counts.accepted;
        break;
      case Kind::duplicate:
        ++counts.duplicates;
        break;
      case Kind::conflict:
        ++counts.conflicts;
        break;
      case Kind::rejected:
        ++counts.rejected;
        break;
    }
  }
  return counts;
}

net::Response render_intake(const Incoming& incoming, const std::vector<EventFate>& fates,
                            std::string_view request_id) {
  const IntakeCounts counts = count(fates);
  const bool none_taken = !incoming.events.empty() && counts.accepted + counts.duplicates == 0;
  if (!none_taken) return render_report(incoming, fates, counts);
  if (!incoming.batch) {
    const IncomingEvent& event = incoming.events.front();
    return problem_response(event.problem ? *event.problem : conflict_problem(event), request_id);
  }
  std::string events;
  append_events(events, incoming, fates);
  return problem_response(
      {"event.none_taken", "", "None of the events could be taken; each is reported in \"events\"."}, request_id,
      {{"events", parse_own_json(events)}});
}

}  // namespace crosswalk::service
