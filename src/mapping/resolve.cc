#include "mapping/resolve.h"

#include <algorithm>

#include "mapping/names.h"

namespace crosswalk::mapping {
namespace {

/// One source of settings, and the board that an alert would get if this and the levels below it were all there is.
struct Level {
  const TicketSettings* settings;
  std::string name;
  const psa::Reference* board = nullptr;
};

const psa::Reference* find_board(const TicketSettings& settings) {
  const auto found = settings.fields.find(psa::TicketField::board);
  return found == settings.fields.end() ? nullptr : &found->second;
}

/// The most specific first.
std::vector<Level> levels_for(const Document& document, const CustomerMapping* customer, const Facts& facts) {
  std::vector<Level> levels;
  levels.reserve(8);
  for (std::size_t i = 0; i < document.rules.size(); ++i) {
    const Rule& rule = document.rules[i];
    if (std::ranges::all_of(rule.when, [&](const Condition& each) { return holds(each, facts); }))
      levels.push_back({&rule.set, "rule " + std::to_string(i + 1) + ": " + rule.name});
  }
  if (customer) levels.push_back({&customer->settings, "customer " + facts.alert->content.customer});
  levels.push_back({&document.settings, "partner default"});
  levels.push_back({&vendor_defaults().settings, "vendor default"});
  const psa::Reference* board = nullptr;
  for (auto level = levels.rbegin(); level != levels.rend(); ++level) {
    if (const psa::Reference* own = find_board(*level->settings)) board = own;
    level->board = board;
  }
  return levels;
}

bool belongs_to_board(psa::TicketField field) { return std::ranges::find(kBoardFields, field) != kBoardFields.end(); }

/// Fills what is still open from one level after the other, so the first level that sets a value wins it.
class Merger {
 public:
  Merger(Resolved& result, const psa::Reference* board)
      : settings_(result.settings), trace_(result.trace), board_(board) {
    trace_.reserve(64);
  }

  void merge(const Level& level) {
    level_ = &level;
    const TicketSettings& from = *level.settings;
    // A status, type or team of another board would be refused by the PSA: better none than a wrong one.
    const bool other_board = board_ && level.board && !(*board_ == *level.board);
    merge_fields(from, other_board);
    if (!other_board)
      merge_map("statuses.", from.statuses, settings_.statuses, [](AlertState state) { return to_string(state); });
    take("summary", from.summary, settings_.summary);
    take("description", from.description, settings_.description);
    merge_map("notes.", from.notes, settings_.notes, [](const std::string& name) { return std::string_view{name}; });
    merge_map("ownership.", from.ownership, settings_.ownership,
              [](psa::TicketField field) { return psa::to_string(field); });
    take("severity_threshold", from.severity_threshold, settings_.severity_threshold);
    merge_map("hold_down.", from.hold_down, settings_.hold_down,
              [](model::Severity severity) { return model::to_string(severity); });
    take("repeat_note_interval", from.repeat_note_interval, settings_.repeat_note_interval);
    take("reopen.policy", from.reopen_policy, settings_.reopen_policy);
    take("reopen.window", from.reopen_window, settings_.reopen_window);
    take("still_open.policy", from.still_open_policy, settings_.still_open_policy);
    take("still_open.after", from.still_open_after, settings_.still_open_after);
    take("flapping.transitions", from.flap_transitions, settings_.flap_transitions);
    take("flapping.window", from.flap_window, settings_.flap_window);
    take("flapping.quiet", from.flap_quiet, settings_.flap_quiet);
    take("storm.alerts", from.storm_alerts, settings_.storm_alerts);
    take("storm.window", from.storm_window, settings_.storm_window);
    take("storm.by", from.storm_by, settings_.storm_by);
    take("storm.split_after", from.storm_split_after, settings_.storm_split_after);
    take("auto_close", from.auto_close, settings_.auto_close);
    take("takeover", from.takeover, settings_.takeover);
    take("automation_members", from.automation_members, settings_.automation_members);
    take("attach_configuration", from.attach_configuration, settings_.attach_configuration);
    take("contact_from_alert", from.contact_from_alert, settings_.contact_from_alert);
    take("contact_fallback", from.contact_fallback, settings_.contact_fallback);
  }

 private:
  void note(std::string setting) { trace_.push_back({std::move(setting), level_->name}); }

  template <class T>
  void take(const char* name, const std::optional<T>& from, std::optional<T>& to) {
    if (!from || to) return;
    to = from;
    note(name);
  }

  template <class Map, class NameOf>
  void merge_map(std::string_view prefix, const Map& from, Map& to, NameOf name) {
    for (const auto& [key, value] : from)
      if (to.try_emplace(key, value).second) note(std::string{prefix}.append(name(key)));
  }

  void merge_fields(const TicketSettings& from, bool other_board) {
    const psa::Reference* any_priority = nullptr;
    for (const auto& [field, value] : from.fields) {
      if (field == psa::TicketField::priority) {
        any_priority = &value;
        continue;
      }
      if (other_board && belongs_to_board(field)) continue;
      if (settings_.fields.try_emplace(field, value).second) note(std::string{psa::to_string(field)});
    }
    // One priority is the priority of every severity that the same level does not name.
    for (const model::Severity severity : kSeverities) {
      const auto named = from.priority_by_severity.find(severity);
      const psa::Reference* value = named != from.priority_by_severity.end() ? &named->second : any_priority;
      if (value && settings_.priority_by_severity.try_emplace(severity, *value).second)
        note(std::string{"priority."}.append(model::to_string(severity)));
    }
  }

  TicketSettings& settings_;
  std::vector<Trace>& trace_;
  const psa::Reference* board_;
  const Level* level_ = nullptr;
};

void resolve_priority(Resolved& result, const Facts& facts) {
  if (!facts.alert) return;
  const model::Severity severity = facts.alert->content.severity;
  const auto found = result.settings.priority_by_severity.find(severity);
  if (found == result.settings.priority_by_severity.end()) return;
  result.settings.fields[psa::TicketField::priority] = found->second;
  result.trace.push_back({"priority", result.decided_by(std::string{"priority."}.append(model::to_string(severity)))});
}

/// The workflow's, the customer's and the first fitting rule's mode each can only make it stricter.
void resolve_mode(Resolved& result, const Document& document, const CustomerMapping* customer,
                  const std::vector<Level>& levels) {
  const bool of_partner = document.settings.mode.has_value();
  result.mode = of_partner ? *document.settings.mode : vendor_defaults().settings.mode.value_or(Mode::test);
  std::string decided_by = of_partner ? "partner default" : "vendor default";
  const auto restrict_to = [&](const Level& level) {
    if (*level.settings->mode >= result.mode) return;
    result.mode = *level.settings->mode;
    decided_by = level.name;
  };
  const Level* rule = nullptr;
  for (const Level& level : levels) {
    const bool of_customer = customer && level.settings == &customer->settings;
    const bool of_rule =
        !of_customer && level.settings != &document.settings && level.settings != &vendor_defaults().settings;
    if (!level.settings->mode || (!of_customer && !of_rule) || (of_rule && rule)) continue;
    if (of_rule) rule = &level;
    restrict_to(level);
  }
  result.settings.mode = result.mode;
  result.trace.push_back({"mode", std::move(decided_by)});
}

void resolve_company(Resolved& result, const Document& document, const CustomerMapping* customer, const Facts& facts) {
  if (customer && !customer->company.empty()) {
    result.company = customer->company;
    result.trace.push_back({"company", "customer " + facts.alert->content.customer});
  } else if (facts.linked_company && !facts.linked_company->empty()) {
    result.company = *facts.linked_company;
    result.trace.push_back({"company", "link of customer " + facts.alert->content.customer});
  } else if (document.unknown_customer.policy == UnknownCustomer::Policy::catch_all) {
    result.company = document.unknown_customer.company;
    result.company_is_catch_all = true;
    result.trace.push_back({"company", "partner default"});
  }
}

}  // namespace

std::string Resolved::decided_by(std::string_view setting) const {
  const auto found = std::ranges::find(trace, setting, &Trace::setting);
  return found == trace.end() ? std::string{} : found->decided_by;
}

Resolved resolve(const Document& document, const Facts& facts) {
  Resolved result;
  const CustomerMapping* customer = nullptr;
  if (facts.alert)
    if (const auto found = document.customers.find(facts.alert->content.customer); found != document.customers.end())
      customer = &found->second;
  const std::vector<Level> levels = levels_for(document, customer, facts);
  Merger merger{result, levels.front().board};
  for (const Level& level : levels) merger.merge(level);
  resolve_priority(result, facts);
  resolve_mode(result, document, customer, levels);
  resolve_company(result, document, customer, facts);
  result.excluded = customer && customer->excluded;
  return result;
}

}  // namespace crosswalk::mapping
