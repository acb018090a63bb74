#include "cli/render_plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "cli/render.h"

namespace crosswalk::cli {
namespace {

/// Longer values are cut in field lists; --json has them whole.
constexpr std::size_t kValueWidthMax = 100;
constexpr std::size_t kFieldIndent = 8;
constexpr std::size_t kGap = 2;

struct Sign {
  std::string_view symbol;
  Tone tone;
};

Sign sign_of(const json::object& operation) {
  const std::string kind = text_at(operation, "kind");
  if (kind.starts_with("close")) return {"-", Tone::bad};
  const bool changes = kind.starts_with("update") || kind.starts_with("reopen");
  return changes ? Sign{"~", Tone::warning} : Sign{"+", Tone::good};
}

std::string quote(const json::object& field, std::string_view key) {
  const json::value* value = field.if_contains(key);
  if (!value || text_of(*value).empty()) return "(nothing)";
  return fmt::format("\"{}\"", fit(text_of(*value), kValueWidthMax));
}

std::string field_lines(const Terminal& terminal, const json::object& operation) {
  std::size_t name_width = 0, change_width = 0;
  struct Line {
    std::string name, change, decided;
  };
  std::vector<Line> lines;
  for (const json::value& item : array_at(operation, "fields")) {
    const json::object& field = as_object(item);
    const json::value* before = field.if_contains("before");
    const bool is_new = !before || text_of(*before).empty();
    Line line{clean(text_at(field, "field")), "", clean(text_at(field, "decided_by"))};
    line.change = is_new ? quote(field, "after") : quote(field, "before") + " -> " + quote(field, "after");
    if (text_at(field, "owner") == "create") line.decided += line.decided.empty() ? "set once" : ", set once";
    name_width = std::max(name_width, display_width(line.name));
    change_width = std::max(change_width, display_width(line.change));
    lines.push_back(std::move(line));
  }
  constexpr std::size_t kChangeColumnMax = 48;
  change_width = std::min(change_width, kChangeColumnMax);
  std::string text;
  for (const Line& line : lines) {
    const std::string name =
        std::string(kFieldIndent, ' ') + line.name + std::string(name_width - display_width(line.name) + kGap, ' ');
    const std::string decided = line.decided.empty() ? "" : "(" + line.decided + ")";
    const std::size_t used = display_width(line.change), begin = kFieldIndent + name_width + kGap;
    const std::size_t blanks = kGap + (used < change_width ? change_width - used : 0);
    if (terminal.width == 0 || begin + used + blanks + display_width(decided) <= terminal.width) {
      text += name + line.change;
      if (!decided.empty()) text += std::string(blanks, ' ') + paint(terminal, Tone::faint, decided);
      text += "\n";
      continue;
    }
    // Too long for one line: the value goes on under itself, and who decided it stands below.
    text += name + wrap(line.change, begin, terminal.width).substr(begin);
    if (!decided.empty()) text += paint(terminal, Tone::faint, wrap(decided, begin, terminal.width));
  }
  return text;
}

std::string operation_lines(const Terminal& terminal, const json::object& operation) {
  const Sign sign = sign_of(operation);
  std::string text =
      fmt::format("    {} {}\n", paint(terminal, sign.tone, sign.symbol), clean(text_at(operation, "text")));
  text += field_lines(terminal, operation);
  if (const std::string note = text_at(operation, "note"); !note.empty()) {
    text += wrap("\"" + note + "\"", 8, terminal.width);
  }
  if (const std::string why = text_at(operation, "why"); !why.empty()) {
    text += wrap("because " + why, 8, terminal.width);
  }
  return text;
}

/// Of records that become companies, contacts and configurations.
bool is_object(const json::object& record) {
  const std::string kind = text_at(record, "kind");
  return kind == "customer" || kind == "contact" || kind == "device";
}

std::string record_title(const Terminal& terminal, const json::object& planned) {
  const json::object& record = object_at(planned, "record");
  const std::string ticket = text_at(planned, "ticket");
  std::string what = ticket.empty() ? "(no ticket yet)" : "(ticket " + clean(ticket) + ")";
  if (const json::object& object = object_at(planned, "object"); !object.empty())
    what = fmt::format("({} {})", clean(text_at(object, "kind")), clean(text_at(object, "id")));
  else if (is_object(record))
    what = "(not linked yet)";
  std::string text = fmt::format("  {} {}", paint(terminal, Tone::strong, clean(text_at(planned, "title"))),
                                 paint(terminal, Tone::faint, what));
  text +=
      fmt::format("\n    {} {}\n    customer {}, mode {}\n", clean(text_at(record, "kind")),
                  clean(text_at(record, "key")), clean(text_at(planned, "customer")), clean(text_at(planned, "mode")));
  return text;
}

std::string held_lines(const Terminal& terminal, const json::object& held) {
  const std::string detail = text_at(held, "detail"), why = text_at(held, "why"), action = text_at(held, "action");
  std::string text = wrap(fmt::format("= held back: {}", text_at(held, "title")), 4, terminal.width);
  if (!detail.empty() || !why.empty()) text += wrap(detail.empty() ? why : detail, 8, terminal.width);
  if (!action.empty()) {
    const std::string who = text_at(held, "who");
    const bool named = !who.empty() && who != "nobody";
    text += wrap(fmt::format("Do this{}: {}", named ? " (" + who + ")" : "", action), 8, terminal.width);
  }
  return text;
}

bool has_error_level(const json::array& problems) {
  return std::ranges::any_of(problems,
                             [](const json::value& item) { return text_at(as_object(item), "level") == "error"; });
}

std::string summary_lines(const Terminal& terminal, const json::object& plan) {
  const json::object& summary = object_at(plan, "summary");
  std::string sum;
  const auto add = [&sum, &summary](std::string_view key, std::string_view one, std::string_view many) {
    if (const std::int64_t count = number_at(summary, key); count > 0) {
      sum += (sum.empty() ? "" : ", ") + count_words(count, one, many);
    }
  };
  const json::array& records = array_at(plan, "records");
  const bool tickets_only = std::ranges::none_of(
      records, [](const json::value& item) { return is_object(object_at(as_object(item), "record")); });
  add("create", tickets_only ? "ticket to create" : "thing to create",
      tickets_only ? "tickets to create" : "things to create");
  add("link", "thing to link", "things to link");
  add("update", tickets_only ? "ticket to update" : "thing to update",
      tickets_only ? "tickets to update" : "things to update");
  add("close", "ticket to close", "tickets to close");
  add("notes", "note to add", "notes to add");
  add("attach", "thing to attach", "things to attach");
  if (sum.empty()) sum = "nothing to do";
  add("unchanged", "record unchanged", "records unchanged");
  add("held", "held back", "held back");
  add("problems", "problem", "problems");
  constexpr std::string_view kBegin = "Plan:";
  std::string text = fmt::format("{} {}.", kBegin, sum);
  if (const std::int64_t calls = number_at(plan, "calls"); calls > 0) {
    text += fmt::format(" It would cost {}.", count_words(calls, "HTTP call", "HTTP calls"));
  }
  return paint(terminal, Tone::strong, kBegin) + wrap(text, 0, terminal.width).substr(kBegin.size()) +
         fmt::format("{} were sent to ConnectWise.\n", count_words(number_at(plan, "writes_sent"), "writes", "writes"));
}

}  // namespace

std::string count_words(std::int64_t count, std::string_view one, std::string_view many) {
  return fmt::format("{} {}", count, count == 1 ? one : many);
}

bool has_errors(const json::object& plan) {
  return has_error_level(array_at(plan, "problems")) ||
         std::ranges::any_of(array_at(plan, "records"), [](const json::value& item) {
           return has_error_level(array_at(as_object(item), "problems"));
         });
}

std::string render_plan(const Terminal& terminal, const json::object& plan) {
  std::string text = fmt::format(
      "Plan for {}{}, mode {}, made {}\n\n", paint(terminal, Tone::strong, clean(text_at(plan, "partner"))),
      flag_at(plan, "draft") ? " by the draft" : "", clean(text_at(plan, "mode")), clean(text_at(plan, "created_at")));
  for (const json::value& item : array_at(plan, "records")) {
    const json::object& planned = as_object(item);
    const json::array& operations = array_at(planned, "operations");
    const json::object& held = object_at(planned, "held");
    const json::array& problems = array_at(planned, "problems");
    if (operations.empty() && held.empty() && problems.empty()) continue;
    text += record_title(terminal, planned);
    for (const json::value& operation : operations) text += operation_lines(terminal, as_object(operation));
    if (!held.empty()) text += held_lines(terminal, held);
    text += render_mapping_problems(terminal, problems, 4) + "\n";
  }
  if (const json::array& problems = array_at(plan, "problems"); !problems.empty()) {
    text += "Problems of the mapping\n" + render_mapping_problems(terminal, problems, 2) + "\n";
  }
  text += summary_lines(terminal, plan);
  if (const std::string stopped = text_at(plan, "stopped"); !stopped.empty())
    text += "\n" + paint(terminal, Tone::bad, clean(stopped)) + "\n";
  if (const std::int64_t backlog = number_at(plan, "backlog"); backlog > 0)
    text += fmt::format(
        "\n{} already. A publish leaves {} out, unless it is told to open tickets:\n"
        "  crosswalk mapping publish {} --backlog open\n",
        count_words(backlog, "alert is open", "alerts are open"), backlog == 1 ? "it" : "them",
        clean(text_at(plan, "partner")));
  if (const std::string applied_at = text_at(plan, "applied_at"); !applied_at.empty()) {
    text += fmt::format("\nThis plan was applied {}.\n", clean(applied_at));
  } else if (const std::string id = text_at(plan, "id"); !id.empty()) {
    text += fmt::format("\nKept until {}. To do exactly this:\n  crosswalk apply {} {}\n",
                        clean(text_at(plan, "expires_at")), clean(text_at(plan, "partner")), clean(id));
  }
  return text;
}

std::string render_apply_report(const Terminal& terminal, const json::object& report) {
  std::string text;
  for (const json::value& item : array_at(report, "operations")) {
    const json::object& operation = as_object(item);
    const std::string result = text_at(operation, "result"), ticket = text_at(operation, "ticket");
    const Tone tone = result == "applied" ? Tone::good : result == "unknown" ? Tone::warning : Tone::bad;
    const json::object& record = object_at(operation, "record");
    const std::string symbol = result == "applied" ? "done" : result == "unknown" ? "not known" : "refused";
    text += fmt::format("  {}  {}{}\n        {} {}\n", paint(terminal, tone, symbol), clean(text_at(operation, "text")),
                        ticket.empty() ? "" : " (ticket " + clean(ticket) + ")", clean(text_at(record, "kind")),
                        clean(text_at(record, "key")));
    if (const json::object& error = object_at(operation, "error"); !error.empty()) {
      text += wrap(text_at(error, "title"), 8, terminal.width);
      if (const std::string action = text_at(error, "action"); !action.empty()) {
        text += wrap("Do this: " + action, 8, terminal.width);
      }
    }
  }
  const std::int64_t unknown = number_at(report, "unknown");
  text += fmt::format("\n{} {} applied, {} refused, {} not known.\n",
                      paint(terminal, Tone::strong, "Plan " + clean(text_at(report, "plan_id")) + ":"),
                      number_at(report, "applied"), number_at(report, "refused"), unknown);
  if (unknown > 0) {
    text += wrap("Of what is not known the answer was lost; the engine looks it up before anything is done again.", 0,
                 terminal.width);
  }
  if (const std::int64_t skipped = number_at(report, "skipped"); skipped > 0) {
    text += wrap(fmt::format("{} changed in the last moment and {} left alone; plan again to see why.",
                             count_words(skipped, "record", "records"), skipped == 1 ? "was" : "were"),
                 0, terminal.width);
  }
  return text;
}

}  // namespace crosswalk::cli
