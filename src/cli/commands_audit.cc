#include <fmt/format.h>

#include "cli/commands.h"
#include "cli/render.h"
#include "cli/table.h"

namespace crosswalk::cli {
namespace {

/// "paused false -> true": what an entry has changed, member by member.
std::string change_of(const json::object& entry) {
  const json::object &before = object_at(entry, "before"), &after = object_at(entry, "after");
  std::string text;
  const auto add = [&](const std::string& name, const std::string& value) {
    text += (text.empty() ? "" : ", ") + name + " " + value;
  };
  for (const auto& [name, value] : after) {
    if (name == "version") continue;
    const std::string now = text_at(after, name);
    if (before.contains(name))
      add(std::string(name), text_at(before, name) + " -> " + now);
    else if (!now.empty())
      add(std::string(name), now);
  }
  return text;
}

}  // namespace

std::string render_audit(const Terminal& terminal, const json::array& entries) {
  if (entries.empty()) return "Nothing has been done.\n";
  using Align = Column::Align;
  Table table({{"WHEN"},
               {"BY", Align::left, Narrow::wrap},
               {"DID"},
               {"PARTNER"},
               {"TO", Align::left, Narrow::below},
               {"WHAT", Align::left, Narrow::below}});
  for (const json::value& item : entries) {
    const json::object& entry = as_object(item);
    table.add({short_time(text_at(entry, "at")), text_at(object_at(entry, "by"), "name"), text_at(entry, "act"),
               text_at(entry, "partner"), text_at(entry, "target"), change_of(entry)});
  }
  return table.render(terminal);
}

ExitCode audit(Session& session, const AuditOptions& options) {
  const auto client = session.client();
  if (!client) return session.fail(client.error());
  std::string path = fmt::format("/v1/audit?limit={}", options.limit);
  if (!options.partner.empty()) path += "&partner=" + net::percent_encode(options.partner);
  if (!options.act.empty()) path += "&act=" + net::percent_encode(options.act);
  if (options.before > 0) path += fmt::format("&before={}", options.before);
  const auto answer = (*client)->get(path);
  if (!answer) return session.fail(answer.error());
  const json::object& body = as_object(answer->body);
  session.show(answer->body,
               [&](const Terminal& terminal) { return render_audit(terminal, array_at(body, "entries")); });
  if (body.contains("next")) session.remark(fmt::format("There are more: --before {}\n", text_at(body, "next")));
  return ExitCode::ok;
}

}  // namespace crosswalk::cli
