#include "cli/render_webhooks.h"

#include <fmt/format.h>

#include "cli/render.h"
#include "cli/table.h"

namespace crosswalk::cli {
namespace {

using Align = Column::Align;

std::string list_of(const json::array& texts, std::string_view when_empty) {
  std::string listed;
  for (const json::value& each : texts) listed += (listed.empty() ? "" : ", ") + text_of(each);
  return listed.empty() ? std::string(when_empty) : listed;
}

Cell state_of(const json::object& webhook) {
  if (!flag_at(webhook, "enabled")) return {"disabled", Tone::warning};
  const bool fails = text_at(webhook, "circuit") == "open" || !object_at(webhook, "failure").empty() ||
                     !object_at(webhook, "failing").empty();
  return fails ? Cell{"failing", Tone::bad} : Cell{"well", Tone::good};
}

/// "refused since 2026-03-01 08:00:00 (503)": of one that has failed for long.
std::string failing_words(const json::object& failing) {
  return fmt::format("{} since {} ({})", text_at(failing, "state"), short_time(text_at(failing, "since")),
                     text_at(failing, "cause"));
}

/// "3 tries, last at 2026-03-01 08:00:00: the receiver answered 401".
std::string failure_words(const json::object& webhook) {
  const json::object &failure = object_at(webhook, "failure"), &failing = object_at(webhook, "failing");
  if (!flag_at(webhook, "enabled") && !text_at(webhook, "disabled_why").empty())
    return text_at(webhook, "disabled_why");
  const std::string since = failing.empty() ? std::string() : failing_words(failing);
  if (failure.empty()) return since;
  const std::int64_t attempts = number_at(failure, "attempts");
  return fmt::format("{}{}{} {}, last at {}: {}", since, since.empty() ? "" : "; ", attempts,
                     attempts == 1 ? "try" : "tries", short_time(text_at(failure, "at")), text_at(failure, "error"));
}

}  // namespace

std::string render_webhooks(const Terminal& terminal, const json::array& webhooks) {
  if (webhooks.empty()) return "No webhooks yet: crosswalk webhooks add --url https://...\n";
  Table table({{"ID"},
               {"URL", Align::left, Narrow::below},
               {"EVENTS", Align::left, Narrow::below_named},
               {"PARTNERS", Align::left, Narrow::below_named},
               {"STATE"},
               {"WAITING", Align::right},
               {"DEAD", Align::right},
               {"WHY", Align::left, Narrow::below}});
  for (const json::value& item : webhooks) {
    const json::object& webhook = as_object(item);
    const std::int64_t dead = number_at(webhook, "dead");
    table.add({text_at(webhook, "id"),
               text_at(webhook, "url"),
               list_of(array_at(webhook, "types"), "all"),
               list_of(array_at(webhook, "partners"), "all"),
               state_of(webhook),
               std::to_string(number_at(webhook, "waiting")),
               {std::to_string(dead), dead > 0 ? Tone::warning : Tone::plain},
               failure_words(webhook)});
  }
  return table.render(terminal);
}

std::string render_webhook(const Terminal& terminal, const json::object& webhook) {
  Table table({{"", Align::left}, {"", Align::left, Narrow::wrap}});
  const auto row = [&](const char* name, Cell cell) { table.add({{name, Tone::faint}, std::move(cell)}); };
  row("id", text_at(webhook, "id"));
  row("url", text_at(webhook, "url"));
  if (const std::string description = text_at(webhook, "description"); !description.empty())
    row("description", description);
  row("events", list_of(array_at(webhook, "types"), "all"));
  row("partners", list_of(array_at(webhook, "partners"), "all"));
  row("state", state_of(webhook));
  if (const std::string why = failure_words(webhook); !why.empty()) row("why", why);
  row("waiting", std::to_string(number_at(webhook, "waiting")));
  row("dead letters", std::to_string(number_at(webhook, "dead")));
  row("added", text_at(webhook, "created_at"));
  return table.render(terminal);
}

std::string render_deliveries(const Terminal& terminal, const json::array& deliveries) {
  if (deliveries.empty()) return "None.\n";
  Table table({{"STATE"},
               {"EVENT"},
               {"TYPE"},
               {"PARTNER"},
               {"RECORD", Align::left, Narrow::below},
               {"HAPPENED", Align::left, Narrow::below_named},
               {"TRIES", Align::right},
               {"WHY", Align::left, Narrow::below}});
  for (const json::value& item : deliveries) {
    const json::object& delivery = as_object(item);
    const json::object& record = object_at(delivery, "record");
    table.add({text_at(delivery, "state"), text_at(delivery, "event"), text_at(delivery, "type"),
               text_at(delivery, "partner"), fmt::format("{} {}", text_at(record, "kind"), text_at(record, "key")),
               short_time(text_at(delivery, "at")), std::to_string(number_at(delivery, "attempts")),
               text_at(delivery, "error")});
  }
  return table.render(terminal);
}

}  // namespace crosswalk::cli
