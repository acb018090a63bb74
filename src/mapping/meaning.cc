#include <date/tz.h>
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <stdexcept>

#include "mapping/names.h"
#include "mapping/read.h"
#include "mapping/templates.h"
#include "mapping/values.h"

namespace crosswalk::mapping {
namespace {

/// Values that the workflow adds to what an alert tells; see docs/mapping.md.
constexpr std::array<std::string_view, 10> kAddedNames{
    "taken_over",        "resolution",      "count",      "open_count", "members",
    "previous_severity", "previous_ticket", "first_time", "interval",   "interval_count"};

class Checker {
 public:
  explicit Checker(std::vector<Problem>& problems) : problems_(problems) {}

  void settings(const TicketSettings& settings, const std::string& pointer) {
    if (settings.summary) text_template(*settings.summary, deeper(pointer, "summary"));
    if (settings.description) text_template(*settings.description, deeper(pointer, "description"));
    for (const auto& [name, note] : settings.notes)
      text_template(note.text, deeper(deeper(deeper(pointer, "notes"), name), "text"));
  }

  void conditions(const std::vector<Condition>& conditions, const std::string& pointer) {
    for (std::size_t i = 0; i < conditions.size(); ++i) condition(conditions[i], deeper(deeper(pointer, "when"), i));
  }

  void window(const MaintenanceWindow& window, const std::string& pointer) {
    conditions(window.when, pointer);
    if (window.starts_at && window.ends_at && *window.ends_at <= *window.starts_at)
      refuse("mapping.window", deeper(pointer, "ends_at"), "The window ends before it starts, or at the same moment.");
    if (window.from && *window.from >= std::chrono::hours{24})
      refuse("mapping.window", deeper(pointer, "from"), "A day begins at 00:00; 24:00 can only be an end.");
    try {
      (void)date::locate_zone(window.time_zone);
    } catch (const std::runtime_error&) {
      refuse("mapping.time_zone", deeper(pointer, "time_zone"),
             fmt::format("{} is not a time zone that this machine knows; expected a name such as Europe/Berlin or UTC.",
                         quoted(window.time_zone)));
    }
  }

 private:
  void refuse(std::string code, const std::string& pointer, std::string message) {
    problems_.push_back({Problem::Level::error, std::move(code), pointer, std::move(message)});
  }

  void text_template(const std::string& text, const std::string& pointer) {
    if (const auto error = find_template_error(text)) {
      refuse("mapping.template", pointer, fmt::format("This template cannot be read: {}.", *error));
      return;
    }
    std::vector<std::string_view> known{kValueNames.begin(), kValueNames.end()};
    known.insert(known.end(), kAddedNames.begin(), kAddedNames.end());
    for (const std::string& name : names_in_template(text)) {
      if (is_value_name(name) || std::ranges::find(known, name) != known.end()) continue;
      const auto meant = nearest(name, known);
      problems_.push_back({Problem::Level::warning, "mapping.template_value", pointer,
                           fmt::format("There is no value {}, so nothing will stand in its place.{}", quoted(name),
                                       meant ? fmt::format(" Did you mean \"{}\"?", *meant) : "")});
    }
  }

  void condition(const Condition& condition, const std::string& pointer) {
    if (!is_value_name(condition.attribute)) {
      const auto meant = nearest(condition.attribute, kValueNames);
      refuse("mapping.attribute", deeper(pointer, "attribute"),
             fmt::format(
                 "Alerts have no attribute {}; expected {}, or a name that begins with alert., device. or customer.{}",
                 quoted(condition.attribute), alternatives(kValueNames),
                 meant ? fmt::format(" Did you mean \"{}\"?", *meant) : ""));
      return;
    }
    for (const std::string& value : condition.values) operand(condition, value, pointer);
  }

  void operand(const Condition& condition, const std::string& value, const std::string& pointer) {
    using Operator = Condition::Operator;
    const std::string there = deeper(pointer, name_of(kOperators, condition.op));
    if (condition.op == Operator::matches) {
      std::size_t trailing = 0;
      while (trailing < value.size() && value[value.size() - 1 - trailing] == '\\') ++trailing;
      if (trailing % 2 == 1)
        refuse("mapping.pattern", there,
               fmt::format("The pattern {} ends with \\, which needs a character after it.", quoted(value)));
      return;
    }
    const bool compares = condition.op == Operator::greater || condition.op == Operator::less;
    const bool whole = compares || condition.op == Operator::equals || condition.op == Operator::not_equals ||
                       condition.op == Operator::in || condition.op == Operator::not_in;
    if (condition.attribute == "severity" && whole && !model::parse_severity(value))
      return refuse("mapping.condition", there,
                    fmt::format("{} is not a severity; expected critical, high, medium, low or info.", quoted(value)));
    if (compares && condition.attribute != "severity" && !is_number(value))
      refuse("mapping.condition", there,
             fmt::format("{} is not a number; only numbers and severities can be compared.", quoted(value)));
  }

  static bool is_number(std::string_view text) {
    double number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    return error == std::errc{} && end == text.data() + text.size();
  }

  std::vector<Problem>& problems_;
};

/// A ticket that is never closed is a surprise, unless somebody wants it.
void check_end(const Document& document, std::vector<Problem>& problems) {
  const auto names_one = [](const TicketSettings& settings) {
    return settings.statuses.contains(AlertState::resolved);
  };
  const AutoClose policy = document.settings.auto_close.value_or(AutoClose::close);
  if (policy != AutoClose::close || document.settings.mode != Mode::live || names_one(document.settings)) return;
  if (std::ranges::any_of(document.rules, [&](const Rule& rule) { return names_one(rule.set); })) return;
  if (std::ranges::any_of(document.customers, [&](const auto& each) { return names_one(each.second.settings); }))
    return;
  problems.push_back({Problem::Level::warning, "mapping.never_closes", "/defaults/statuses",
                      "No status is named for `resolved`, so tickets stay open when their alerts have ended."});
}

}  // namespace

void check_meaning(const Document& document, std::vector<Problem>& problems) {
  Checker checker{problems};
  checker.settings(document.settings, "/defaults");
  for (const auto& [key, customer] : document.customers)
    checker.settings(customer.settings, deeper(deeper("/customers", key), "settings"));
  for (std::size_t i = 0; i < document.rules.size(); ++i) {
    const std::string pointer = deeper("/rules", i);
    checker.conditions(document.rules[i].when, pointer);
    checker.settings(document.rules[i].set, deeper(pointer, "set"));
  }
  for (std::size_t i = 0; i < document.maintenance_windows.size(); ++i)
    checker.window(document.maintenance_windows[i], deeper("/maintenance_windows", i));
  check_end(document, problems);
}

}  // namespace crosswalk::mapping
