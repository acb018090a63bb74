#include <fmt/format.h>

#include <boost/json.hpp>

#include "mapping/document.h"
#include "mapping/names.h"

namespace crosswalk::mapping {
namespace {

namespace json = boost::json;

json::object write_reference(const psa::Reference& reference) {
  json::object object{{"id", reference.id}};
  if (!reference.name.empty()) object["name"] = reference.name;
  return object;
}

/// Leaves out what is empty: absent and empty mean the same in every place where this is used.
void put(json::object& object, std::string_view key, json::object value) {
  if (!value.empty()) object[key] = std::move(value);
}

void put_duration(json::object& object, std::string_view key, const std::optional<Duration>& duration) {
  if (duration) object[key] = format_duration(*duration);
}

json::object write_notes(const TicketSettings& settings) {
  json::object notes;
  for (const auto& [name, note] : settings.notes)
    notes[name] = json::object{{"text", note.text}, {"kind", psa::to_string(note.kind)}};
  return notes;
}

json::object write_priority(const TicketSettings& settings) {
  json::object priority;
  if (const auto fixed = settings.fields.find(psa::TicketField::priority); fixed != settings.fields.end())
    priority = write_reference(fixed->second);
  json::object by_severity;
  for (const model::Severity severity : kSeverities)
    if (const auto found = settings.priority_by_severity.find(severity); found != settings.priority_by_severity.end())
      by_severity[model::to_string(severity)] = write_reference(found->second);
  put(priority, "by_severity", std::move(by_severity));
  return priority;
}

json::object write_fields(const TicketSettings& settings) {
  json::object object;
  for (const auto& [field, value] : settings.fields) {
    if (field == psa::TicketField::priority) continue;
    if (field == psa::TicketField::severity || field == psa::TicketField::impact)
      object[psa::to_string(field)] = value.name;
    else
      object[psa::to_string(field)] = write_reference(value);
  }
  put(object, "priority", write_priority(settings));
  json::object statuses;
  for (const auto& [state, status] : settings.statuses) statuses[to_string(state)] = write_reference(status);
  put(object, "statuses", std::move(statuses));
  return object;
}

void write_life_cycle(const TicketSettings& settings, json::object& object) {
  if (settings.severity_threshold) object["severity_threshold"] = model::to_string(*settings.severity_threshold);
  json::object hold_down;
  for (const model::Severity severity : kSeverities)
    if (const auto found = settings.hold_down.find(severity); found != settings.hold_down.end())
      hold_down[model::to_string(severity)] = format_duration(found->second);
  put(object, "hold_down", std::move(hold_down));
  put_duration(object, "repeat_note_interval", settings.repeat_note_interval);
  json::object reopen;
  if (settings.reopen_policy) reopen["policy"] = name_of(kReopenPolicies, *settings.reopen_policy);
  put_duration(reopen, "window", settings.reopen_window);
  put(object, "reopen", std::move(reopen));
  json::object still_open;
  if (settings.still_open_policy) still_open["policy"] = name_of(kStillOpenPolicies, *settings.still_open_policy);
  put_duration(still_open, "after", settings.still_open_after);
  put(object, "still_open", std::move(still_open));
  json::object flapping;
  if (settings.flap_transitions) flapping["transitions"] = *settings.flap_transitions;
  put_duration(flapping, "window", settings.flap_window);
  put_duration(flapping, "quiet", settings.flap_quiet);
  put(object, "flapping", std::move(flapping));
  json::object storm;
  if (settings.storm_alerts) storm["alerts"] = *settings.storm_alerts;
  put_duration(storm, "window", settings.storm_window);
  if (settings.storm_by) storm["by"] = name_of(kStormBys, *settings.storm_by);
  put_duration(storm, "split_after", settings.storm_split_after);
  put(object, "storm", std::move(storm));
  if (settings.auto_close) object["auto_close"] = name_of(kAutoCloses, *settings.auto_close);
  if (settings.takeover) {
    json::object signals;
    for (const auto& [signal, name] : kTakeoverSignals) signals[name] = (*settings.takeover).*signal;
    object["takeover"] = std::move(signals);
  }
  if (settings.automation_members)
    object["automation_members"] =
        json::array(settings.automation_members->begin(), settings.automation_members->end());
}

json::object write_settings(const TicketSettings& settings) {
  json::object object = write_fields(settings);
  if (settings.mode) object["mode"] = to_string(*settings.mode);
  if (settings.summary) object["summary"] = *settings.summary;
  if (settings.description) object["description"] = *settings.description;
  put(object, "notes", write_notes(settings));
  json::object ownership;
  for (const auto& [field, owner] : settings.ownership) ownership[psa::to_string(field)] = to_string(owner);
  put(object, "ownership", std::move(ownership));
  write_life_cycle(settings, object);
  if (settings.attach_configuration) object["attach_configuration"] = *settings.attach_configuration;
  if (settings.contact_from_alert) object["contact_from_alert"] = *settings.contact_from_alert;
  if (settings.contact_fallback) object["contact_fallback"] = name_of(kContactFallbacks, *settings.contact_fallback);
  return object;
}

json::array write_conditions(const std::vector<Condition>& conditions) {
  json::array list;
  for (const Condition& condition : conditions) {
    json::object object{{"attribute", condition.attribute}};
    if (condition.op == Condition::Operator::present || condition.op == Condition::Operator::absent) {
      object["present"] = condition.op == Condition::Operator::present;
    } else {
      const bool always_list = condition.op == Condition::Operator::in || condition.op == Condition::Operator::not_in;
      const std::string_view op = name_of(kOperators, condition.op);
      if (condition.values.size() == 1 && !always_list)
        object[op] = condition.values.front();
      else
        object[op] = json::array(condition.values.begin(), condition.values.end());
    }
    list.push_back(std::move(object));
  }
  return list;
}

std::string format_time_of_day(Duration time) {
  const auto minutes = std::chrono::duration_cast<std::chrono::minutes>(time).count();
  return fmt::format("{:02}:{:02}", minutes / 60, minutes % 60);
}

json::object write_window(const MaintenanceWindow& window) {
  json::object object{{"name", window.name}};
  if (!window.when.empty()) object["when"] = write_conditions(window.when);
  if (window.starts_at) object["starts_at"] = format_timestamp(*window.starts_at);
  if (window.ends_at) object["ends_at"] = format_timestamp(*window.ends_at);
  json::array weekdays;
  for (const int weekday : window.weekdays) weekdays.emplace_back(kWeekdays.at(static_cast<std::size_t>(weekday - 1)));
  if (!weekdays.empty()) object["weekdays"] = std::move(weekdays);
  if (window.from) object["from"] = format_time_of_day(*window.from);
  if (window.until) object["until"] = format_time_of_day(*window.until);
  if (window.time_zone != "UTC") object["time_zone"] = window.time_zone;
  return object;
}

json::object write_customer(const CustomerMapping& customer) {
  json::object object;
  if (!customer.company.empty()) object["company"] = write_reference(customer.company);
  if (customer.excluded) object["excluded"] = true;
  put(object, "settings", write_settings(customer.settings));
  return object;
}

}  // namespace

json::object to_json(const Document& document) {
  json::object object{{"workflow", "alert_to_ticket"}};
  if (document.settings.mode) object["mode"] = to_string(*document.settings.mode);
  if (document.go_live_at) object["go_live_at"] = format_timestamp(*document.go_live_at);
  json::object unknown{{"policy", name_of(kUnknownPolicies, document.unknown_customer.policy)}};
  if (!document.unknown_customer.company.empty())
    unknown["company"] = write_reference(document.unknown_customer.company);
  object["unknown_customer"] = std::move(unknown);
  if (!document.triage_board.empty()) object["triage_board"] = write_reference(document.triage_board);
  json::object defaults = write_settings(document.settings);
  defaults.erase("mode");
  put(object, "defaults", std::move(defaults));
  json::object customers;
  for (const auto& [key, customer] : document.customers) customers[key] = write_customer(customer);
  put(object, "customers", std::move(customers));
  json::array rules;
  for (const Rule& rule : document.rules) {
    json::object written{{"name", rule.name}};
    if (!rule.when.empty()) written["when"] = write_conditions(rule.when);
    written["set"] = write_settings(rule.set);
    rules.push_back(std::move(written));
  }
  if (!rules.empty()) object["rules"] = std::move(rules);
  json::array windows;
  for (const MaintenanceWindow& window : document.maintenance_windows) windows.push_back(write_window(window));
  if (!windows.empty()) object["maintenance_windows"] = std::move(windows);
  return object;
}

}  // namespace crosswalk::mapping
