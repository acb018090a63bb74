#include "cli/render.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "cli/customers_file.h"
#include "cli/render_plan.h"
#include "cli/table.h"

namespace crosswalk::cli {
namespace {

using Align = Column::Align;

/// Of a time "2026-03-01T08:00:00Z".
constexpr std::size_t kDateLength = 10;

/// "name:  value" lines, the values under each other; empty values are left out.
std::string facts(const std::vector<std::pair<std::string, std::string>>& items) {
  std::size_t width = 0;
  for (const auto& [name, value] : items) width = std::max(width, name.size());
  std::string text;
  for (const auto& [name, value] : items) {
    if (!value.empty()) text += fmt::format("{:<{}}  {}\n", name, width, clean(value));
  }
  return text;
}

std::string yes_no(bool yes) { return yes ? "yes" : "no"; }

Tone tone_of_customer(const std::string& state) {
  if (state == "mapped" || state == "sure") return Tone::good;
  if (state == "proposed") return Tone::warning;
  return state == "missing" ? Tone::bad : Tone::plain;
}

/// "2 sure, 1 proposed": how many have which word in `member`, in the order given.
std::string count_by(const json::array& items, std::string_view member, std::initializer_list<std::string_view> words) {
  std::string text;
  for (const std::string_view word : words) {
    const auto count =
        std::ranges::count_if(items, [&](const json::value& each) { return text_at(as_object(each), member) == word; });
    if (count > 0) text += fmt::format("{}{} {}", text.empty() ? "" : ", ", count, word);
  }
  return text;
}

Tone tone_of_state(const std::string& state) {
  if (state == "parked") return Tone::bad;
  return state == "due" ? Tone::warning : Tone::plain;
}

Tone tone_of_connection(const std::string& state) {
  if (state == "in_order") return Tone::good;
  return state == "refused" || state == "unreachable" ? Tone::bad : Tone::warning;
}

/// "in order", "refused since 2026-03-01 08:00:00": of a partner that was reached, or not.
std::string connection_words(const json::object& connection) {
  const std::string state = text_at(connection, "state"), since = text_at(connection, "since");
  if (state == "in_order") return "in order";
  if (state == "paused") return "paused";
  if (state == "refused" || state == "unreachable") return state + " since " + short_time(since);
  return text_at(connection, "code").empty() ? "never reached" : "never reached, was tried";
}

std::string ticket_numbers(const json::object& record) {
  std::string numbers;
  for (const json::value& item : array_at(record, "tickets")) {
    numbers += (numbers.empty() ? "" : ", ") + text_at(as_object(item), "id");
  }
  return numbers;
}

/// Empty for a partner that was not removed.
std::string removal_words(const json::object& partner) {
  const std::string at = text_at(partner, "erase_at");
  if (at.empty()) return "";
  return fmt::format("yes; all that is held of it is erased at {}", short_time(at));
}

/// The same with why it is so.
std::string connection_line(const json::object& connection) {
  std::string line = connection_words(connection);
  if (const std::string title = text_at(connection, "title"); !title.empty()) line += ": " + title;
  if (const std::string detail = text_at(connection, "detail"); !detail.empty()) line += ". " + detail;
  return line;
}

/// Why it stands where it stands, and for what waits for a person also what to do.
std::string why_of(const json::object& record) {
  std::string text = text_at(record, "text");
  const std::string action = text_at(object_at(record, "parked"), "action");
  if (action.empty()) return text;
  if (!text.ends_with('.')) text += '.';
  return text + " Do this: " + action;
}

}  // namespace

std::string short_time(const std::string& timestamp) {
  if (timestamp.size() < 19) return timestamp;
  std::string text = timestamp.substr(0, 19);
  text[10] = ' ';
  return text;
}

std::string render_problem(const Terminal& terminal, const json::object& problem) {
  const std::string title = text_at(problem, "title"), detail = text_at(problem, "detail"),
                    action = text_at(problem, "action");
  std::string text = paint(terminal, Tone::bad, clean(title.empty() ? "The server refused this" : title)) + "\n";
  if (!detail.empty() && detail != title) text += wrap(detail, 2, terminal.width);
  if (const std::string pointer = text_at(problem, "pointer"); !pointer.empty())
    text += wrap("At " + pointer, 2, terminal.width);
  for (const json::value& item : array_at(problem, "causes")) {
    text += wrap("because " + text_at(as_object(item), "message"), 4, terminal.width);
  }
  text += render_mapping_problems(terminal, array_at(problem, "problems"), 2);
  if (!action.empty()) text += wrap("Do this: " + action, 2, terminal.width);
  std::string codes = clean(text_at(problem, "code"));
  if (const std::string request = text_at(problem, "request_id"); !request.empty())
    codes += ", request " + clean(request);
  if (!codes.empty()) text += paint(terminal, Tone::faint, fmt::format("  ({})", codes)) + "\n";
  return text;
}

std::string render_mapping_problems(const Terminal& terminal, const json::array& problems, std::size_t indent) {
  std::string text;
  for (const json::value& item : problems) {
    const json::object& problem = as_object(item);
    const std::string level = clean(text_at(problem, "level")), pointer = clean(text_at(problem, "pointer"));
    const Tone tone = level == "error" ? Tone::bad : Tone::warning;
    text +=
        fmt::format("{}{}{} {}\n", std::string(indent, ' '), paint(terminal, tone, level.empty() ? "problem" : level),
                    pointer.empty() ? "" : " at " + pointer,
                    paint(terminal, Tone::faint, "(" + clean(text_at(problem, "code")) + ")"));
    text += wrap(text_at(problem, "message"), indent + 2, terminal.width);
  }
  return text;
}

std::string render_partners(const Terminal& terminal, const json::array& partners) {
  if (partners.empty()) return "No partners yet. Add one: crosswalk partners add --help\n";
  Table table({{"PARTNER"},
               {"NAME", Align::left, Narrow::wrap},
               {"PSA"},
               {"SITE", Align::left, Narrow::below_named},
               {"COMPANY"},
               {"KEYS"},
               {"CONNECTION"}});
  for (const json::value& item : partners) {
    const json::object& partner = as_object(item);
    const bool keys = flag_at(partner, "has_credentials");
    const std::string state = text_at(object_at(partner, "connection"), "state"), erased = text_at(partner, "erase_at");
    const Cell connection = erased.empty()
                                ? Cell(connection_words(object_at(partner, "connection")), tone_of_connection(state))
                                : Cell("removed, erased " + erased.substr(0, kDateLength), Tone::bad);
    table.add({text_at(partner, "id"),
               text_at(partner, "name"),
               text_at(partner, "provider"),
               text_at(partner, "site"),
               text_at(partner, "company"),
               {keys ? "given" : "missing", keys ? Tone::plain : Tone::warning},
               connection});
  }
  return table.render(terminal);
}

std::string render_partner(const Terminal& terminal, const json::object& partner) {
  const bool is_removed = !text_at(partner, "erase_at").empty();
  return paint(terminal, Tone::strong, clean(text_at(partner, "id"))) + "\n" +
         facts({{"name", text_at(partner, "name")},
                {"PSA", text_at(partner, "provider")},
                {"site", text_at(partner, "site")},
                {"company", text_at(partner, "company")},
                {"client id", text_at(partner, "client_id")},
                {"API keys", flag_at(partner, "has_credentials") ? "given (sealed, never shown)" : "missing"},
                {"removed", removal_words(partner)},
                {"to keep it", is_removed ? "crosswalk partners keep " + text_at(partner, "id") : ""},
                {"paused", yes_no(flag_at(partner, "paused"))},
                {"connection", connection_line(object_at(partner, "connection"))},
                {"added", short_time(text_at(partner, "created_at"))},
                {"changes", text_at(partner, "version")}});
}

std::string render_partner_status(const Terminal& terminal, const json::object& status) {
  const json::object& budget = object_at(status, "budget");
  const json::object& circuit = object_at(status, "circuit");
  std::string calls =
      fmt::format("{} calls/s, {} at once; {} under way, {} waiting", text_at(budget, "calls_per_second"),
                  text_at(budget, "calls_at_once"), text_at(budget, "in_flight"), text_at(budget, "waiting"));
  if (flag_at(budget, "throttled_recently")) calls += "; the PSA asked to slow down";
  std::string next = "are made";
  if (text_at(circuit, "state") != "closed")
    next = "wait: " + text_at(circuit, "reason") + "; tried again " + short_time(text_at(circuit, "retry_at"));
  (void)terminal;
  return facts(
      {{"budget", calls}, {"calls", next}, {"due", text_at(status, "due")}, {"parked", text_at(status, "parked")}});
}

std::string render_checks(const Terminal& terminal, const json::array& checks) {
  std::string text;
  for (const json::value& item : checks) {
    const json::object& check = as_object(item);
    const bool passed = flag_at(check, "passed");
    text += fmt::format("  {}  {}\n", passed ? paint(terminal, Tone::good, "ok  ") : paint(terminal, Tone::bad, "FAIL"),
                        clean(text_at(check, "name")));
    if (const std::string detail = text_at(check, "detail"); !detail.empty()) text += wrap(detail, 8, terminal.width);
    const std::string action = text_at(check, "action");
    if (!passed && !action.empty()) text += wrap("Do this: " + action, 8, terminal.width);
  }
  return text;
}

std::string render_records(const Terminal& terminal, const json::array& records) {
  if (records.empty()) return "No records.\n";
  Table table({{"STATE"},
               {"KIND"},
               {"SEVERITY"},
               {"OPEN"},
               {"TICKET"},
               {"CUSTOMER", Align::left, Narrow::wrap},
               {"TITLE", Align::left, Narrow::below},
               {"KEY", Align::left, Narrow::below},
               {"WHY", Align::left, Narrow::below}});
  for (const json::value& item : records) {
    const json::object& record = as_object(item);
    const std::string state = text_at(record, "state"), name = text_at(record, "customer_name");
    const bool lives = text_at(record, "kind") == "alert" || text_at(record, "kind") == "group";
    table.add({{state, tone_of_state(state)},
               text_at(record, "kind"),
               text_at(record, "severity"),
               lives ? yes_no(flag_at(record, "open")) : "",
               ticket_numbers(record),
               name.empty() ? text_at(record, "customer") : name,
               {text_at(record, "title"), Tone::strong},
               text_at(record, "key"),
               why_of(record)});
  }
  return table.render(terminal);
}

std::string render_story(const Terminal& terminal, const json::object& story) {
  const json::object& record = object_at(story, "record");
  std::string text = paint(terminal, Tone::strong, clean(text_at(story, "title"))) + "\n" +
                     paint(terminal, Tone::faint,
                           fmt::format("{} {}", clean(text_at(record, "kind")), clean(text_at(record, "key")))) +
                     "\n\n" + wrap(text_at(story, "summary"), 0, terminal.width);
  if (const std::string action = text_at(object_at(story, "parked"), "action"); !action.empty())
    text += wrap("Do this: " + action, 0, terminal.width);
  for (const json::value& item : array_at(story, "tickets")) {
    const json::object& ticket = as_object(item);
    text += fmt::format("\nticket {}  {}{}\n", clean(text_at(ticket, "number")), clean(text_at(ticket, "status")),
                        flag_at(ticket, "closed") ? " (closed)" : "");
    if (const std::string link = text_at(ticket, "link"); !link.empty()) text += "  " + clean(link) + "\n";
    for (const json::value& note : array_at(ticket, "notes")) text += wrap("note: " + text_of(note), 2, terminal.width);
  }
  text += "\n";
  for (const json::value& item : array_at(story, "story")) {
    const json::object& happening = as_object(item);
    const std::string kind = text_at(happening, "kind");
    const Tone tone = kind == "parked" ? Tone::bad : kind == "event" ? Tone::good : Tone::plain;
    text += fmt::format("{}  {}  ", short_time(text_at(happening, "at")),
                        paint(terminal, tone, fmt::format("{:<9}", clean(kind))));
    constexpr std::size_t kIndent = 32;
    text += wrap(text_at(happening, "text"), kIndent, terminal.width).substr(kIndent);
    if (const std::string detail = text_at(happening, "detail"); !detail.empty())
      text += paint(terminal, Tone::faint, wrap(detail, kIndent, terminal.width));
  }
  return text;
}

std::string purpose_of_key(const json::object& key) {
  const std::string partner = text_at(key, "partner"), role = text_at(key, "role");
  if (role == "administration") return "for administration";
  const std::string whose = partner.empty() ? "all partners" : partner;
  return (role == "intake" ? "to send events of " : "for ") + whose;
}

std::string render_keys(const Terminal& terminal, const json::array& keys) {
  if (keys.empty()) return "No keys.\n";
  Table table({{"ID"},
               {"NAME", Align::left, Narrow::wrap},
               {"ROLE"},
               {"FOR"},
               {"MADE", Align::left, Narrow::below_named},
               {"EXPIRES", Align::left, Narrow::below_named},
               {"LAST USED", Align::left, Narrow::below_named},
               {"STATE"}});
  for (const json::value& item : keys) {
    const json::object& key = as_object(item);
    const std::string partner = text_at(key, "partner"), expires = text_at(key, "expires_at"),
                      used = text_at(key, "last_used_at");
    const bool revoked = !text_at(key, "revoked_at").empty();
    table.add({text_at(key, "id"),
               text_at(key, "name"),
               text_at(key, "role"),
               partner.empty() ? "all partners" : partner,
               short_time(text_at(key, "created_at")),
               expires.empty() ? "never" : short_time(expires),
               used.empty() ? "never" : short_time(used),
               {revoked ? "revoked" : "valid", revoked ? Tone::warning : Tone::good}});
  }
  return table.render(terminal);
}

std::string render_mapping_history(const Terminal& terminal, const json::array& versions) {
  if (versions.empty()) return "No mapping yet. Make one: crosswalk mapping edit --help\n";
  Table table({{"VERSION", Align::right},
               {"STATE"},
               {"MADE"},
               {"PUBLISHED"},
               {"BY", Align::left, Narrow::wrap},
               {"COMMENT", Align::left, Narrow::below}});
  for (const json::value& item : versions) {
    const json::object& version = as_object(item);
    const std::string state = text_at(version, "state");
    const Tone tone = state == "live" ? Tone::good : state == "draft" ? Tone::warning : Tone::faint;
    table.add({text_at(version, "version"),
               {state, tone},
               short_time(text_at(version, "created_at")),
               short_time(text_at(version, "published_at")),
               text_at(version, "author"),
               text_at(version, "comment")});
  }
  return table.render(terminal);
}

std::string render_suggestion(const Terminal& terminal, const json::array& choices) {
  if (choices.empty()) return "No name in the PSA tells what to choose. Set the board and its statuses by hand.\n";
  Table table({{"SETTING"},
               {"ID", Align::right},
               {"VALUE", Align::left, Narrow::wrap},
               {"BECAUSE", Align::left, Narrow::wrap}});
  for (const json::value& item : choices) {
    const json::object& choice = as_object(item);
    const json::object& value = object_at(choice, "value");
    table.add({text_at(choice, "setting"), text_at(value, "id"), text_at(value, "name"), text_at(choice, "reason")});
  }
  return table.render(terminal);
}

std::string render_customers(const Terminal& terminal, const json::array& customers) {
  Table table({{"CUSTOMER"},
               {"NAME", Align::left, Narrow::wrap},
               {"STATE"},
               {"COMPANY", Align::left, Narrow::wrap},
               {"SCORE", Align::right},
               {"WHY", Align::left, Narrow::below}});
  for (const json::value& item : customers) {
    const json::object& customer = as_object(item);
    const std::string state = text_at(customer, "state");
    const json::array& candidates = array_at(customer, "candidates");
    const bool is_sure = state == "sure" && !candidates.empty();
    table.add({text_at(customer, "customer"),
               text_at(customer, "name"),
               {state, tone_of_customer(state)},
               company_words(object_at(customer, "company")),
               is_sure ? text_at(as_object(candidates.front()), "score") : "",
               is_sure ? reason_words(as_object(candidates.front())) : text_at(customer, "why")});
    if (is_sure) continue;
    for (const json::value& each : candidates) {
      const json::object& candidate = as_object(each);
      const std::string telling = telling_words(candidate), reasons = reason_words(candidate);
      table.add({"",
                 "",
                 "",
                 company_words(object_at(candidate, "company")),
                 text_at(candidate, "score"),
                 {telling + (telling.empty() || reasons.empty() ? "" : ": ") + reasons, Tone::faint}});
    }
  }
  const std::string counts =
      count_by(customers, "state", {"mapped", "excluded", "missing", "sure", "proposed", "unknown"});
  return table.render(terminal) +
         fmt::format("\n{}: {}.\n", count_words(static_cast<std::int64_t>(customers.size()), "customer", "customers"),
                     counts);
}

std::string render_customer_changes(const Terminal& terminal, const json::array& changes) {
  Table table({{"CHANGE"}, {"CUSTOMER"}, {"FROM", Align::left, Narrow::wrap}, {"TO", Align::left, Narrow::wrap}});
  for (const json::value& item : changes) {
    const json::object& change = as_object(item);
    const std::string word = text_at(change, "change");
    if (word == "unchanged" || word == "left alone") continue;
    table.add({{word, word == "added" ? Tone::good : Tone::warning},
               text_at(change, "customer"),
               text_at(change, "before"),
               text_at(change, "after")});
  }
  const std::string counts = count_by(changes, "change", {"added", "changed", "excluded", "unchanged", "left alone"});
  return (table.empty() ? "" : table.render(terminal) + "\n") +
         fmt::format("{}: {}.\n", count_words(static_cast<std::int64_t>(changes.size()), "customer", "customers"),
                     counts.empty() ? "nothing to change" : counts);
}

std::string render_intake(const Terminal& terminal, const json::object& report) {
  std::string text =
      fmt::format("{} taken, {} known already, {} in conflict, {} refused\n", number_at(report, "accepted"),
                  number_at(report, "duplicates"), number_at(report, "conflicts"), number_at(report, "rejected"));
  for (const json::value& item : array_at(report, "events")) {
    const json::object& event = as_object(item);
    const json::object& problem = object_at(event, "problem");
    if (problem.empty()) continue;
    const std::string id = clean(text_at(event, "id")), pointer = clean(text_at(problem, "pointer"));
    text += fmt::format("  {} event {}{}{} {}\n", paint(terminal, Tone::bad, clean(text_at(event, "status"))),
                        number_at(event, "index"), id.empty() ? "" : " (id " + id + ")",
                        pointer.empty() ? "" : " at " + pointer,
                        paint(terminal, Tone::faint, "(" + clean(text_at(problem, "code")) + ")"));
    text += wrap(text_at(problem, "detail"), 4, terminal.width);
    if (const std::string action = text_at(problem, "action"); !action.empty())
      text += wrap("Do this: " + action, 4, terminal.width);
  }
  for (const json::value& item : array_at(report, "warnings")) {
    const json::object& warning = as_object(item);
    text += fmt::format("  {} event {}\n", paint(terminal, Tone::warning, "notice"), number_at(warning, "index"));
    text += wrap(text_at(warning, "detail"), 4, terminal.width);
  }
  return text;
}

}  // namespace crosswalk::cli
