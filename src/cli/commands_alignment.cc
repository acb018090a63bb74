#include <fmt/format.h>

#include <algorithm>

#include "cli/commands.h"
#include "cli/render.h"
#include "cli/render_plan.h"
#include "cli/table.h"

namespace crosswalk::cli {
namespace {

using Align = Column::Align;

std::string path_of(const std::string& partner, std::string_view what) {
  return fmt::format("/v1/partners/{}/{}", net::percent_encode(partner), what);
}

std::string record_words(const json::object& holder) {
  const json::object& record = object_at(holder, "record");
  return fmt::format("{} {}", text_at(record, "kind"), text_at(record, "key"));
}

std::string object_words(const json::object& holder) {
  const json::object& object = object_at(holder, "object");
  return fmt::format("{} {}", text_at(object, "kind"), text_at(object, "id"));
}

std::string render_verification(const Terminal& terminal, const json::object& report) {
  Table kinds({{"KIND"},
               {"LINKED", Align::right},
               {"AGREE", Align::right},
               {"CHANGED", Align::right},
               {"MISSING", Align::right},
               {"TOUCHED", Align::right}});
  for (const json::value& item : array_at(report, "kinds")) {
    const json::object& kind = as_object(item);
    kinds.add({text_at(kind, "kind"), text_at(kind, "linked"), text_at(kind, "agree"), text_at(kind, "changed"),
               text_at(kind, "missing"), text_at(kind, "touched")});
  }
  if (kinds.empty()) return "Nothing is linked yet.\n";
  std::string out = kinds.render(terminal);
  const json::array &findings = array_at(report, "findings"), &touched = array_at(report, "touched");
  if (findings.empty() && touched.empty()) return out + "\nAll of it is as we believe.\n";
  Table table({{"RECORD", Align::left, Narrow::below},
               {"OBJECT"},
               {"FINDING"},
               {"FIELD"},
               {"BEFORE", Align::left, Narrow::wrap},
               {"NOW", Align::left, Narrow::wrap},
               {"OWNER"}});
  for (const json::array* list : {&findings, &touched})
    for (const json::value& item : *list) {
      const json::object& each = as_object(item);
      const std::string finding = list == &findings ? text_at(each, "finding") : "touched";
      const json::array& fields = array_at(each, "fields");
      if (fields.empty()) table.add({record_words(each), object_words(each), finding, "", "", "", ""});
      for (const json::value& field : fields) {
        const json::object& change = as_object(field);
        const std::string owner = text_at(change, "owner");
        table.add({record_words(each),
                   object_words(each),
                   finding,
                   text_at(change, "field"),
                   text_at(change, "before"),
                   text_at(change, "after"),
                   {owner, owner == "product" ? Tone::warning : Tone::faint}});
      }
    }
  std::string words = findings.empty() ? "Nothing that the product owns differs. " : "";
  if (!touched.empty())
    words +=
        "Touched: changed in ConnectWise since we last looked, and not in what the product owns. Where no field is "
        "named, it was a note, a task, time or our own work. ";
  const auto all = static_cast<std::int64_t>(findings.size() + touched.size());
  const std::int64_t again = number_at(report, "looked_at_again");
  if (again == 0)
    words +=
        "None of these is looked at again now: the partner is paused, or too much is missing to be believed. "
        "`crosswalk doctor` tells.";
  else
    words += fmt::format("{} looked at again now; `crosswalk explain` with the record's key tells what came of it.",
                         again < all ? fmt::format("{} of these are", again) : "All of these are");
  return out + "\n" + table.render(terminal) + "\n" + wrap(words, 0, terminal.width);
}

std::string render_drift(const Terminal& terminal, const json::object& report) {
  Table table({{"RECORD", Align::left, Narrow::below},
               {"OBJECT"},
               {"FIELD"},
               {"WANTED", Align::left, Narrow::wrap},
               {"SEEN", Align::left, Narrow::wrap},
               {"OWNER"},
               {"CHANGED BY"}});
  for (const json::value& item : array_at(report, "differences")) {
    const json::object& each = as_object(item);
    const std::string owner = text_at(each, "owner");
    table.add({record_words(each),
               object_words(each),
               text_at(each, "field"),
               text_at(each, "wanted"),
               text_at(each, "seen"),
               {owner, owner == "product" ? Tone::warning : Tone::faint},
               text_at(each, "changed_by")});
  }
  const std::string linked = count_words(number_at(report, "linked"), "record", "records");
  if (table.empty()) return fmt::format("No differences in {}.\n", linked);
  return table.render(terminal) + fmt::format("\n{} looked at. Only what the product owns is written.\n", linked);
}

std::string render_callbacks(const Terminal& terminal, const json::object& report) {
  if (!flag_at(report, "enabled"))
    return "Callbacks are not switched on: set public_url in the [callbacks] section of the configuration.\n"
           "Until then sweeps find every change.\n";
  Table table({{"KIND"}, {"STATE"}, {"LAST HEARD"}, {"CHECKED"}, {"WHAT IT MEANS", Align::left, Narrow::below}});
  for (const json::value& item : array_at(report, "kinds")) {
    const json::object& kind = as_object(item);
    const std::string state = text_at(kind, "state");
    const json::object& problem = object_at(kind, "problem");
    std::string words;
    Tone tone = Tone::plain;
    if (state == "off") {
      words = "No live workflow needs it, or the partner is paused.";
      tone = Tone::faint;
    } else if (state == "missing") {
      words = "Not registered yet.";
      tone = Tone::warning;
    } else if (state == "quiet") {
      words = "Registered; nothing was heard yet.";
    } else if (state == "heard") {
      words = "Changes are told at once.";
      tone = Tone::good;
    } else if (state == "silent") {
      words = fmt::format(
          "Changes since {} were not told. Can the PSA reach public_url from the internet? Sweeps still find them.",
          short_time(text_at(kind, "missed_since")));
      tone = Tone::bad;
    } else {
      words =
          fmt::format("{}. {} {}", text_at(problem, "title"), text_at(problem, "message"), text_at(problem, "action"));
      tone = Tone::bad;
    }
    table.add({text_at(kind, "kind"),
               {state, tone},
               short_time(text_at(kind, "heard_at")),
               short_time(text_at(kind, "checked_at")),
               words});
  }
  return table.render(terminal);
}

}  // namespace

ExitCode verify(Session& session, const std::string& partner) {
  const auto client = session.client();
  if (!client) return session.fail(client.error());
  const auto answer = (*client)->send_json("POST", path_of(partner, "verify"), json::object{});
  if (!answer) return session.fail(answer.error());
  const json::object& report = as_object(answer->body);
  session.show(report, [&](const Terminal& terminal) { return render_verification(terminal, report); });
  return array_at(report, "findings").empty() ? ExitCode::ok : ExitCode::problems;
}

ExitCode drift(Session& session, const std::string& partner) {
  const auto client = session.client();
  if (!client) return session.fail(client.error());
  const auto answer = (*client)->get(path_of(partner, "drift"));
  if (!answer) return session.fail(answer.error());
  const json::object& report = as_object(answer->body);
  session.show(report, [&](const Terminal& terminal) { return render_drift(terminal, report); });
  return ExitCode::ok;
}

ExitCode callbacks(Session& session, const std::string& partner, bool check) {
  const auto client = session.client();
  if (!client) return session.fail(client.error());
  const auto answer = check ? (*client)->send_json("POST", path_of(partner, "callbacks/check"), json::object{})
                            : (*client)->get(path_of(partner, "callbacks"));
  if (!answer) return session.fail(answer.error());
  const json::object& report = as_object(answer->body);
  session.show(report, [&](const Terminal& terminal) { return render_callbacks(terminal, report); });
  const bool problems =
      flag_at(report, "enabled") && std::ranges::any_of(array_at(report, "kinds"), [](const json::value& kind) {
        const std::string state = text_at(as_object(kind), "state");
        return state == "problem" || state == "silent";
      });
  return problems ? ExitCode::problems : ExitCode::ok;
}

ExitCode forget(Session& session, const ForgetOptions& options) {
  const auto client = session.client();
  if (!client) return session.fail(client.error());
  const std::string path =
      path_of(options.partner,
              fmt::format("records/{}/{}/forget", net::percent_encode(options.kind), net::percent_encode(options.key)));
  const auto answer = (*client)->send_json("POST", path, json::object{});
  if (!answer) return session.fail(answer.error());
  const json::object& report = as_object(answer->body);
  session.show(report, [&](const Terminal&) {
    return fmt::format("Forgotten: {} removed or changed. What it has become in ConnectWise stays there.\n",
                       count_words(number_at(report, "rows"), "row", "rows"));
  });
  return ExitCode::ok;
}

}  // namespace crosswalk::cli
