#include "cli/commands_look_up.h"

#include <fmt/format.h>

#include <vector>

#include "base/nearest_word.h"
#include "base/text.h"
#include "cli/table.h"

namespace crosswalk::cli {
namespace {

using Align = Column::Align;

std::string count_of(const json::object& holder, std::string_view list) {
  return std::to_string(array_at(holder, list).size());
}

void add_statuses(Table& table, const json::object& board, bool with_board) {
  for (const json::value& item : array_at(board, "statuses")) {
    const json::object& status = as_object(item);
    std::string marks = flag_at(status, "closed") ? "closes the ticket" : "";
    if (flag_at(status, "default")) marks += marks.empty() ? "of new tickets" : ", of new tickets";
    std::vector<Cell> row{text_at(status, "id"), text_at(status, "name"), {marks, Tone::faint}};
    if (with_board) row.insert(row.begin(), text_at(board, "name"));
    table.add(std::move(row));
  }
}

std::string render_entries(const Terminal& terminal, const std::string& title, const json::array& entries) {
  if (entries.empty()) return "";
  Table table({{"ID", Align::right}, {title, Align::left, Narrow::wrap}});
  for (const json::value& entry : entries)
    table.add({text_at(as_object(entry), "id"), text_at(as_object(entry), "name")});
  return "\n" + table.render(terminal);
}

/// Reads, chooses the board that is named, and shows.
template <class Render>
ExitCode show(Session& session, const LookUpOptions& options, Render render) {
  const auto client = session.client();
  if (!client) return session.fail(client.error());
  auto data = read_reference_data(**client, options.partner);
  if (!data) return session.fail(data.error());
  if (!options.board.empty()) {
    const auto board = find_named(array_at(*data, "boards"), "board", options.board);
    if (!board) return session.fail(board.error());
    (*data)["boards"] = json::array{*board};
  }
  session.show(*data, [&](const Terminal& terminal) { return render(terminal, *data); });
  return ExitCode::ok;
}

}  // namespace

Outcome<json::object> read_reference_data(Client& client, const std::string& partner) {
  client.set_task("reading the PSA's boards, statuses and priorities");
  return client.get(fmt::format("/v1/partners/{}/reference-data", net::percent_encode(partner)))
      .map([](const Answer& answer) { return as_object(answer.body); });
}

Outcome<json::object> find_named(const json::array& entries, const std::string& what, const std::string& name) {
  std::vector<std::string> names;
  const json::object* found = nullptr;
  for (const json::value& item : entries) {
    const json::object& entry = as_object(item);
    if (text_at(entry, "id") == name) return entry;
    if (!found && to_lower(text_at(entry, "name")) == to_lower(name)) found = &entry;
    names.push_back(text_at(entry, "name"));
  }
  if (found) return *found;
  const std::vector<std::string_view> known(names.begin(), names.end());
  std::string listed;
  for (const std::string& each : names) listed += (listed.empty() ? "" : ", ") + each;
  return complain(ExitCode::not_found,
                  {"psa.name_unknown", fmt::format("There is no {} \"{}\"", what, name),
                   fmt::format("There are: {}.{}", listed.empty() ? "none" : listed, did_you_mean(name, known)),
                   "Write the name, or the id, as the PSA has it."});
}

std::string render_boards(const Terminal& terminal, const json::array& boards) {
  if (boards.empty()) return "The API member of the PSA sees no boards.\n";
  Table table({{"ID", Align::right},
               {"BOARD", Align::left, Narrow::wrap},
               {"STATUSES", Align::right},
               {"TYPES", Align::right},
               {"TEAMS", Align::right}});
  for (const json::value& item : boards) {
    const json::object& board = as_object(item);
    table.add({text_at(board, "id"), text_at(board, "name"), count_of(board, "statuses"), count_of(board, "types"),
               count_of(board, "teams")});
  }
  return table.render(terminal);
}

std::string render_board(const Terminal& terminal, const json::object& board) {
  Table table({{"ID", Align::right}, {"STATUS", Align::left, Narrow::wrap}, {"", Align::left}});
  add_statuses(table, board, false);
  return paint(terminal, Tone::strong, fmt::format("{} ({})", clean(text_at(board, "name")), text_at(board, "id"))) +
         "\n\n" + table.render(terminal) + render_entries(terminal, "TYPE", array_at(board, "types")) +
         render_entries(terminal, "SUBTYPE", array_at(board, "subtypes")) +
         render_entries(terminal, "ITEM", array_at(board, "items")) +
         render_entries(terminal, "TEAM", array_at(board, "teams"));
}

std::string render_statuses(const Terminal& terminal, const json::array& boards) {
  Table table({{"BOARD", Align::left, Narrow::wrap},
               {"ID", Align::right},
               {"STATUS", Align::left, Narrow::wrap},
               {"", Align::left}});
  for (const json::value& board : boards) add_statuses(table, as_object(board), true);
  return table.empty() ? "The API member of the PSA sees no statuses.\n" : table.render(terminal);
}

ExitCode boards(Session& session, const LookUpOptions& options) {
  return show(session, options, [&](const Terminal& terminal, const json::object& data) {
    const json::array& found = array_at(data, "boards");
    return options.board.empty() ? render_boards(terminal, found) : render_board(terminal, as_object(found.front()));
  });
}

ExitCode statuses(Session& session, const LookUpOptions& options) {
  return show(session, options, [](const Terminal& terminal, const json::object& data) {
    return render_statuses(terminal, array_at(data, "boards"));
  });
}

ExitCode priorities(Session& session, const LookUpOptions& options) {
  return show(session, options, [](const Terminal& terminal, const json::object& data) {
    const std::string text = render_entries(terminal, "PRIORITY", array_at(data, "priorities"));
    return text.empty() ? std::string("The API member of the PSA sees no priorities.\n") : text.substr(1);
  });
}

}  // namespace crosswalk::cli
