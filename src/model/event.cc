#include "model/event.h"

#include <array>
#include <boost/json/value.hpp>
#include <cctype>
#include <utility>

namespace crosswalk::model {
namespace {

constexpr std::array<std::pair<RecordKind, std::string_view>, 6> kRecordKinds{{{RecordKind::customer, "customer"},
                                                                               {RecordKind::contact, "contact"},
                                                                               {RecordKind::device, "device"},
                                                                               {RecordKind::alert, "alert"},
                                                                               {RecordKind::usage, "usage"},
                                                                               {RecordKind::group, "group"}}};

constexpr std::array<std::pair<EventType, std::string_view>, 7> kEventTypes{
    {{EventType::alert_raised, "alert.raised"},
     {EventType::alert_updated, "alert.updated"},
     {EventType::alert_resolved, "alert.resolved"},
     {EventType::alert_snoozed, "alert.snoozed"},
     {EventType::customer_upserted, "customer.upserted"},
     {EventType::contact_upserted, "contact.upserted"},
     {EventType::device_upserted, "device.upserted"}}};

void append_escaped(std::string& key, std::string_view part) {
  for (char c : part) {
    if (c == '%')
      key += "%25";
    else if (c == '/')
      key += "%2F";
    else
      key += c;
  }
}

std::string join(std::initializer_list<std::string_view> parts) {
  std::string key = "v1";
  for (std::string_view part : parts) {
    key += '/';
    append_escaped(key, part);
  }
  return key;
}

std::string_view text_of(const boost::json::object& data, std::string_view name) {
  const boost::json::value* value = data.if_contains(name);
  return value && value->is_string() ? std::string_view(value->get_string()) : std::string_view{};
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return std::isalpha(static_cast<unsigned char>(c)) != 0; }

/// What follows a run of digits and tells that the run is a quantity that moves.
bool names_a_unit(std::string_view rest) {
  while (!rest.empty() && (rest.front() == ' ' || rest.front() == '_' || rest.front() == '-')) rest.remove_prefix(1);
  constexpr std::array<std::string_view, 13> kUnits{"percent", "pct",  "days",   "day",   "hours", "minutes", "seconds",
                                                    "times",   "hits", "events", "files", "users", "mins"};
  for (std::string_view unit : kUnits) {
    if (rest.size() < unit.size()) continue;
    bool same = true;
    for (std::size_t i = 0; i < unit.size() && same; ++i)
      same = std::tolower(static_cast<unsigned char>(rest[i])) == unit[i];
    if (same && (rest.size() == unit.size() || !is_letter(rest[unit.size()]))) return true;
  }
  return false;
}

/// The kind of moving part that starts at `position`, a digit at the start of its run; empty when the run looks like
/// part of a name.
std::string_view moving_part_at(std::string_view text, std::size_t position) {
  std::size_t end = position;
  while (end < text.size() && is_digit(text[end])) ++end;
  const std::size_t digits = end - position;
  const std::string_view rest = text.substr(end);
  const bool stands_alone = position == 0 || !is_letter(text[position - 1]);
  auto two_digits_at = [&](std::size_t at) {
    return rest.size() >= at + 2 && is_digit(rest[at]) && is_digit(rest[at + 1]);
  };
  if (digits == 4 && rest.size() >= 6 && (rest[0] == '-' || rest[0] == '/' || rest[0] == '.') && two_digits_at(1) &&
      rest[3] == rest[0] && two_digits_at(4))
    return "a date";
  // A port behind an address looks like one, but has more digits.
  const bool two_digits_alone = two_digits_at(1) && (rest.size() == 3 || !is_digit(rest[3]));
  if (digits <= 2 && !rest.empty() && rest[0] == ':' && two_digits_alone) return "a clock time";
  if (!rest.empty() && rest[0] == '%') return "a percentage";
  if (stands_alone && (digits == 10 || digits == 13) && (text[position] == '1' || text[position] == '2') &&
      (rest.empty() || !is_letter(rest[0])))
    return "a time in seconds or milliseconds";
  if (stands_alone && names_a_unit(rest)) return "a count";
  return {};
}

std::optional<std::string> find_in(std::string_view what, std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (!is_digit(text[i]) || (i > 0 && is_digit(text[i - 1]))) continue;
    const std::string_view part = moving_part_at(text, i);
    if (!part.empty())
      return "the " + std::string(what) + " \"" + std::string(text) + "\" holds " + std::string(part) +
             ": every change of it makes a new alert, and so a new ticket";
  }
  return std::nullopt;
}

}  // namespace

std::string_view to_string(RecordKind kind) {
  for (const auto& [each, name] : kRecordKinds)
    if (each == kind) return name;
  return "alert";
}

std::optional<RecordKind> parse_record_kind(std::string_view text) {
  for (const auto& [kind, name] : kRecordKinds)
    if (name == text) return kind;
  return std::nullopt;
}

std::string_view to_string(EventType type) {
  for (const auto& [each, name] : kEventTypes)
    if (each == type) return name;
  return "alert.raised";
}

std::optional<EventType> parse_event_type(std::string_view text) {
  if (text.ends_with(".v1")) text.remove_suffix(3);
  for (const auto& [type, name] : kEventTypes)
    if (name == text) return type;
  return std::nullopt;
}

std::string alert_key(std::string_view product, std::string_view customer, std::string_view subject,
                      std::string_view condition) {
  return join({product, customer, subject, condition});
}

std::string group_key(std::string_view product, std::string_view customer, std::string_view condition) {
  return join({product, customer, condition});
}

std::string wide_group_key(std::string_view product, std::string_view customer, std::string_view site) {
  return join({product, customer, "", site});
}

std::optional<std::string> find_moving_part(std::string_view subject, std::string_view condition) {
  if (auto found = find_in("condition", condition)) return found;
  return find_in("subject", subject);
}

RecordRef record_of(const PartnerId& partner, EventType type, const boost::json::object& data) {
  switch (type) {
    case EventType::customer_upserted:
      return {partner, RecordKind::customer, std::string(text_of(data, "customer"))};
    case EventType::contact_upserted:
      return {partner, RecordKind::contact, std::string(text_of(data, "contact"))};
    case EventType::device_upserted:
      return {partner, RecordKind::device, std::string(text_of(data, "device"))};
    case EventType::alert_raised:
    case EventType::alert_updated:
    case EventType::alert_resolved:
    case EventType::alert_snoozed:
      break;
  }
  return {partner, RecordKind::alert,
          alert_key(text_of(data, "product"), text_of(data, "customer"), text_of(data, "subject"),
                    text_of(data, "condition"))};
}

}  // namespace crosswalk::model
