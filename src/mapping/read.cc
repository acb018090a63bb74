#include "mapping/read.h"

#include <fmt/format.h>

#include <boost/json.hpp>

#include "mapping/names.h"
#include "mapping/schema.h"
#include "mapping/syntax.h"
#include "mapping/values.h"

namespace crosswalk::mapping {
namespace {

namespace json = boost::json;

/// Longer than any setting can sensibly be, and far from overflow when it is added to a point in time.
constexpr Duration kDurationMax = std::chrono::days{366};

std::string text_of(const json::value& value) { return std::string{value.as_string()}; }

psa::Reference read_reference(const json::value& value) {
  const json::object& object = value.as_object();
  psa::Reference reference;
  reference.id = to_text(object.at("id"));
  if (const json::value* name = object.if_contains("name")) reference.name = text_of(*name);
  return reference;
}

/// Reads the members of one object, and knows where they are.
class Reader {
 public:
  Reader(const json::object& object, std::string pointer, std::vector<Problem>& problems)
      : object_(object), pointer_(std::move(pointer)), problems_(problems) {}

  [[nodiscard]] const json::value* find(std::string_view key) const { return object_.if_contains(key); }
  [[nodiscard]] std::string at(std::string_view key) const { return deeper(pointer_, key); }
  [[nodiscard]] std::optional<Reader> inside(std::string_view key) const {
    const json::value* value = find(key);
    if (!value) return std::nullopt;
    return Reader{value->as_object(), at(key), problems_};
  }

  void refuse(std::string_view key, std::string code, std::string message) const {
    problems_.push_back({Problem::Level::error, std::move(code), key.empty() ? pointer_ : at(key), std::move(message)});
  }

  void text(std::string_view key, std::optional<std::string>& target) const {
    if (const json::value* value = find(key)) target = text_of(*value);
  }
  void boolean(std::string_view key, auto& target) const {
    if (const json::value* value = find(key)) target = value->as_bool();
  }
  void number(std::string_view key, std::optional<int>& target) const {
    if (const json::value* value = find(key)) target = value->to_number<int>();
  }
  void reference(std::string_view key, psa::Reference& target) const {
    if (const json::value* value = find(key)) target = read_reference(*value);
  }
  template <class Enum, std::size_t count>
  void name(std::string_view key, const Names<Enum, count>& names, auto& target) const {
    if (const json::value* value = find(key))
      if (const auto parsed = value_of(names, text_of(*value))) target = *parsed;
  }

  [[nodiscard]] std::optional<Duration> duration(std::string_view key) const {
    const json::value* value = find(key);
    if (!value) return std::nullopt;
    const auto parsed = parse_duration(text_of(*value));
    if (parsed && *parsed <= kDurationMax) return parsed;
    refuse(key, "mapping.duration", fmt::format("{} is too long; at most 366d is allowed.", quoted(text_of(*value))));
    return std::nullopt;
  }
  void duration(std::string_view key, std::optional<Duration>& target) const {
    if (const auto parsed = duration(key)) target = parsed;
  }
  void timestamp(std::string_view key, std::optional<Timestamp>& target) const {
    const json::value* value = find(key);
    if (!value) return;
    target = parse_timestamp(text_of(*value));
    if (!target)
      refuse(key, "mapping.schema",
             fmt::format(
                 "{} is not a point in time; expected a real date with time and offset, such as 2026-03-01T08:00:00Z.",
                 quoted(text_of(*value))));
  }

 private:
  const json::object& object_;
  std::string pointer_;
  std::vector<Problem>& problems_;
};

void read_priority(const Reader& reader, TicketSettings& settings) {
  const auto priority = reader.inside("priority");
  if (!priority) return;
  if (priority->find("id"))
    settings.fields[psa::TicketField::priority] = read_reference(*reader.find("priority"));
  else if (priority->find("name"))
    priority->refuse("name", "mapping.schema",
                     "A name alone does not say which priority; \"id\" is missing beside it.");
  if (const auto by_severity = priority->inside("by_severity"))
    for (const model::Severity severity : kSeverities)
      if (by_severity->find(model::to_string(severity)))
        by_severity->reference(model::to_string(severity), settings.priority_by_severity[severity]);
}

void read_notes(const Reader& reader, TicketSettings& settings) {
  const auto notes = reader.inside("notes");
  if (!notes) return;
  for (const std::string_view name : kNoteNames) {
    const json::value* note = notes->find(name);
    if (!note) continue;
    NoteTemplate& target = settings.notes[std::string{name}];
    if (note->is_string()) {
      target.text = text_of(*note);
      continue;
    }
    target.text = text_of(note->as_object().at("text"));
    if (const json::value* kind = note->as_object().if_contains("kind"))
      target.kind = psa::parse_note_kind(text_of(*kind)).value_or(target.kind);
  }
}

void read_life_cycle(const Reader& reader, TicketSettings& settings) {
  if (const json::value* threshold = reader.find("severity_threshold"))
    settings.severity_threshold = model::parse_severity(text_of(*threshold));
  if (const auto hold_down = reader.inside("hold_down"))
    for (const model::Severity severity : kSeverities)
      if (const auto duration = hold_down->duration(model::to_string(severity)))
        settings.hold_down[severity] = *duration;
  reader.duration("repeat_note_interval", settings.repeat_note_interval);
  if (const auto reopen = reader.inside("reopen")) {
    reopen->name("policy", kReopenPolicies, settings.reopen_policy);
    reopen->duration("window", settings.reopen_window);
  }
  if (const auto still_open = reader.inside("still_open")) {
    still_open->name("policy", kStillOpenPolicies, settings.still_open_policy);
    still_open->duration("after", settings.still_open_after);
  }
  if (const auto flapping = reader.inside("flapping")) {
    flapping->number("transitions", settings.flap_transitions);
    flapping->duration("window", settings.flap_window);
    flapping->duration("quiet", settings.flap_quiet);
  }
  if (const auto storm = reader.inside("storm")) {
    storm->number("alerts", settings.storm_alerts);
    storm->duration("window", settings.storm_window);
    storm->name("by", kStormBys, settings.storm_by);
    storm->duration("split_after", settings.storm_split_after);
  }
  reader.name("auto_close", kAutoCloses, settings.auto_close);
  if (const auto takeover = reader.inside("takeover")) {
    settings.takeover.emplace();
    for (const auto& [signal, name] : kTakeoverSignals) takeover->boolean(name, (*settings.takeover).*signal);
  }
  if (const json::value* members = reader.find("automation_members")) {
    settings.automation_members.emplace();
    for (const json::value& each : members->as_array()) settings.automation_members->push_back(text_of(each));
  }
}

TicketSettings read_settings(const Reader& reader) {
  TicketSettings settings;
  reader.name("mode", kModes, settings.mode);
  for (const psa::TicketField field : kReferenceFields)
    if (reader.find(psa::to_string(field))) reader.reference(psa::to_string(field), settings.fields[field]);
  for (const psa::TicketField field : {psa::TicketField::severity, psa::TicketField::impact})
    if (const json::value* level = reader.find(psa::to_string(field))) settings.fields[field] = {"", text_of(*level)};
  read_priority(reader, settings);
  if (const auto statuses = reader.inside("statuses"))
    for (const auto& [state, name] : kStates)
      if (statuses->find(name)) statuses->reference(name, settings.statuses[state]);
  reader.text("summary", settings.summary);
  reader.text("description", settings.description);
  read_notes(reader, settings);
  if (const auto ownership = reader.inside("ownership"))
    for (int field = 0; field < psa::kTicketFieldCount; ++field)
      if (ownership->find(psa::to_string(static_cast<psa::TicketField>(field))))
        ownership->name(psa::to_string(static_cast<psa::TicketField>(field)), kOwnerships,
                        settings.ownership[static_cast<psa::TicketField>(field)]);
  read_life_cycle(reader, settings);
  reader.boolean("attach_configuration", settings.attach_configuration);
  reader.boolean("contact_from_alert", settings.contact_from_alert);
  reader.name("contact_fallback", kContactFallbacks, settings.contact_fallback);
  return settings;
}

Condition read_condition(const Reader& reader) {
  Condition condition;
  condition.attribute = text_of(*reader.find("attribute"));
  if (const json::value* present = reader.find("present")) {
    condition.op = present->as_bool() ? Condition::Operator::present : Condition::Operator::absent;
    return condition;
  }
  for (const auto& [op, name] : kOperators) {
    const json::value* operand = reader.find(name);
    if (!operand) continue;
    condition.op = op;
    if (const json::array* list = operand->if_array())
      for (const json::value& each : *list) condition.values.push_back(to_text(each));
    else
      condition.values.push_back(to_text(*operand));
  }
  return condition;
}

std::vector<Condition> read_conditions(const Reader& reader, std::vector<Problem>& problems) {
  std::vector<Condition> conditions;
  if (const json::value* when = reader.find("when"))
    for (const json::value& each : when->as_array())
      conditions.push_back(
          read_condition(Reader{each.as_object(), deeper(reader.at("when"), conditions.size()), problems}));
  return conditions;
}

std::optional<Duration> read_time_of_day(const Reader& reader, std::string_view key) {
  const json::value* value = reader.find(key);
  if (!value) return std::nullopt;
  const std::string text = text_of(*value);
  const auto digits = [&text](std::size_t at) { return (text[at] - '0') * 10 + (text[at + 1] - '0'); };
  return std::chrono::hours{digits(0)} + std::chrono::minutes{digits(3)};
}

MaintenanceWindow read_window(const Reader& reader, std::vector<Problem>& problems) {
  MaintenanceWindow window;
  window.name = text_of(*reader.find("name"));
  window.when = read_conditions(reader, problems);
  reader.timestamp("starts_at", window.starts_at);
  reader.timestamp("ends_at", window.ends_at);
  if (const json::value* weekdays = reader.find("weekdays"))
    for (const json::value& each : weekdays->as_array())
      window.weekdays.push_back(static_cast<int>(std::ranges::find(kWeekdays, text_of(each)) - kWeekdays.begin()) + 1);
  window.from = read_time_of_day(reader, "from");
  window.until = read_time_of_day(reader, "until");
  if (const json::value* zone = reader.find("time_zone")) window.time_zone = text_of(*zone);
  const bool once = reader.find("starts_at") || reader.find("ends_at");
  const bool weekly = reader.find("weekdays") || reader.find("from") || reader.find("until");
  const bool whole = once ? reader.find("starts_at") && reader.find("ends_at")
                          : reader.find("weekdays") && reader.find("from") && reader.find("until");
  if (once == weekly || !whole)
    reader.refuse(
        "", "mapping.window",
        "A maintenance window has either starts_at and ends_at (once), or weekdays, from and until (every week).");
  return window;
}

void read_mode(const Reader& reader, Document& document) {
  const auto top = reader.find("mode");
  if (top && document.settings.mode && to_string(*document.settings.mode) != text_of(*top))
    reader.refuse("mode", "mapping.schema",
                  "The mode is given here and, differently, in \"defaults\"; keep the one here.");
  reader.name("mode", kModes, document.settings.mode);
}

}  // namespace

Document read_document(const json::object& object, std::vector<Problem>& problems) {
  const Reader reader{object, "", problems};
  Document document;
  if (const auto defaults = reader.inside("defaults")) document.settings = read_settings(*defaults);
  read_mode(reader, document);
  reader.timestamp("go_live_at", document.go_live_at);
  if (const auto unknown = reader.inside("unknown_customer")) {
    unknown->name("policy", kUnknownPolicies, document.unknown_customer.policy);
    unknown->reference("company", document.unknown_customer.company);
    if (document.unknown_customer.policy == UnknownCustomer::Policy::catch_all &&
        document.unknown_customer.company.empty())
      unknown->refuse("company", "mapping.schema",
                      "The policy \"catch_all\" needs a company that catches the tickets; give its id here.");
  }
  reader.reference("triage_board", document.triage_board);
  if (const auto customers = reader.inside("customers"))
    for (const auto& [key, value] : object.at("customers").as_object()) {
      const Reader inner{value.as_object(), customers->at(key), problems};
      CustomerMapping& customer = document.customers[std::string{key}];
      inner.reference("company", customer.company);
      inner.boolean("excluded", customer.excluded);
      if (const auto settings = inner.inside("settings")) customer.settings = read_settings(*settings);
    }
  if (const json::value* rules = reader.find("rules"))
    for (const json::value& each : rules->as_array()) {
      const Reader inner{each.as_object(), deeper(reader.at("rules"), document.rules.size()), problems};
      document.rules.push_back(
          {text_of(*inner.find("name")), read_conditions(inner, problems), read_settings(*inner.inside("set"))});
    }
  if (const json::value* windows = reader.find("maintenance_windows"))
    for (const json::value& each : windows->as_array())
      document.maintenance_windows.push_back(
          read_window(Reader{each.as_object(),
                             deeper(reader.at("maintenance_windows"), document.maintenance_windows.size()), problems},
                      problems));
  return document;
}

Parsed parse_document(std::string_view text) {
  Parsed parsed;
  const auto value = read_json(text, parsed.problems);
  if (!value) return parsed;
  static const PublishedSchema schema(json_schema());
  parsed.problems = check_schema(schema, *value);
  if (!parsed.problems.empty()) return parsed;
  Document document = read_document(value->as_object(), parsed.problems);
  check_meaning(document, parsed.problems);
  const bool refused =
      std::ranges::any_of(parsed.problems, [](const Problem& each) { return each.level == Problem::Level::error; });
  if (!refused) parsed.document = std::move(document);
  return parsed;
}

}  // namespace crosswalk::mapping
