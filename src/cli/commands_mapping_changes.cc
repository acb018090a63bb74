// `mapping set`, `mapping diff`, `mapping rollback`.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>

#include "base/text.h"
#include "cli/commands.h"
#include "cli/commands_look_up.h"
#include "cli/render.h"
#include "cli/settings_path.h"

namespace crosswalk::cli {
namespace {

std::string path_of(const MappingOptions& options) {
  return fmt::format("/v1/partners/{}/mappings/{}", net::percent_encode(options.partner),
                     net::percent_encode(options.workflow));
}

/// Which of the PSA's lists a setting points into.
struct Pointed {
  std::string list, what;
  bool of_board = false;  ///< one of the lists of a board
};

/// By the names of the steps; nothing for what is no reference, or is found by its id alone (companies).
std::optional<Pointed> pointed_at(const std::vector<std::string>& path) {
  const std::string& last = path.back();
  const std::string before = path.size() > 1 ? path[path.size() - 2] : "";
  if (before == "ownership") return std::nullopt;
  if (last == "board" || last == "triage_board") return Pointed{"boards", "board"};
  if (before == "statuses") return Pointed{"statuses", "status", true};
  if (before == "by_severity" || last == "priority") return Pointed{"priorities", "priority"};
  if (last == "source") return Pointed{"sources", "source"};
  if (last == "location") return Pointed{"locations", "location"};
  constexpr std::array<std::string_view, 4> kOfBoard{"type", "subtype", "item", "team"};
  if (std::ranges::find(kOfBoard, last) != kOfBoard.end()) return Pointed{last + "s", last, true};
  return std::nullopt;
}

/// The board that a setting of the same group names, else the one of the defaults.
const json::value* board_beside(const json::value& document, std::vector<std::string> path) {
  while (!path.empty()) {
    path.back() = "board";
    if (const json::value* board = find_value(document, path)) return board;
    path.pop_back();
  }
  return find_value(document, {"defaults", "board"});
}

json::value reference_to(const json::object& entry) {
  return json::object{{"id", entry.at("id")}, {"name", text_at(entry, "name")}};
}

/// Finds names in the PSA, which is read when the first is looked for.
class Names {
 public:
  Names(Client& client, std::string partner) : client_(client), partner_(std::move(partner)) {}

  Outcome<json::value> find(const Pointed& pointed, const std::string& name, const json::value& document,
                            const std::vector<std::string>& path) {
    if (!data_) {
      auto read = read_reference_data(client_, partner_);
      if (!read) return tl::unexpected(read.error());
      data_ = std::move(*read);
    }
    if (!pointed.of_board) return find_named(array_at(*data_, pointed.list), pointed.what, name).map(reference_to);
    const json::value* board = board_beside(document, path);
    if (!board)
      return complain(ExitCode::usage,
                      {"usage.setting", fmt::format("The board of the {} is not known yet", pointed.what), name,
                       "Set the board first: defaults.board=NAME."});
    const std::string id = board->is_object() ? text_at(board->get_object(), "id") : text_of(*board);
    const auto found = find_named(array_at(*data_, "boards"), "board", id);
    if (!found) return tl::unexpected(found.error());
    return find_named(array_at(*found, pointed.list),
                      fmt::format("{} of the board {}", pointed.what, text_at(*found, "name")), name)
        .map(reference_to);
  }

 private:
  Client& client_;
  std::string partner_;
  std::optional<json::object> data_;
};

/// Settings that hold lists of words.
bool is_list(const std::vector<std::string>& path) {
  return path.back() == "automation_members" || path.back() == "weekdays";
}

/// "jsmith, apatel": words with commas between them.
json::array list_of(const std::string& text) {
  json::array list;
  std::string_view rest = text;
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find(','), rest.size());
    const std::string_view word = trim(rest.substr(0, end));
    if (!word.empty()) list.emplace_back(std::string(word));
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return list;
}

Outcome<json::value> meant_value(Names& names, const Setting& setting, const json::value& document,
                                 const MappingOptions& options) {
  if (setting.value.empty()) return json::value(nullptr);
  json::value value = value_of(setting.value);
  const bool is_word = value.is_string() || value.is_number();
  if (is_word && is_list(setting.path)) return json::value(list_of(text_of(value)));
  if (!is_word) return value;
  if (setting.path.back() == "company") return value.is_number() ? json::value(json::object{{"id", value}}) : value;
  const std::optional<Pointed> pointed =
      options.workflow == "alert_to_ticket" ? pointed_at(setting.path) : std::nullopt;
  if (!pointed) return value;
  return names.find(*pointed, text_of(value), document, setting.path);
}

Outcome<json::object> get_version(Client& client, const MappingOptions& options, std::int64_t version) {
  return client.get(fmt::format("{}/versions/{}", path_of(options), version)).map([](const Answer& answer) {
    return as_object(answer.body);
  });
}

json::array to_json(const std::vector<Difference>& found) {
  json::array list;
  for (const Difference& each : found)
    list.push_back(json::object{{"setting", each.path},
                                {"before", each.before ? *each.before : json::value(nullptr)},
                                {"after", each.after ? *each.after : json::value(nullptr)}});
  return list;
}

std::string render_differences(const Terminal& terminal, const std::vector<Difference>& found) {
  std::string text;
  for (const Difference& each : found) {
    const bool added = !each.before, removed = !each.after;
    const Tone tone = added ? Tone::good : removed ? Tone::bad : Tone::warning;
    text += paint(terminal, tone, added ? "+" : removed ? "-" : "~") + " " + clean(each.path) + "\n";
    if (each.before) text += wrap("was " + value_words(*each.before), 4, terminal.width);
    if (each.after) text += wrap((added ? "" : "now ") + value_words(*each.after), 4, terminal.width);
  }
  return text;
}

/// What a document sets, one setting a line.
std::string render_settings(const Terminal& terminal, const std::vector<Difference>& found) {
  std::string text;
  for (const Difference& each : found)
    if (each.after) text += wrap(each.path + " = " + value_words(*each.after), 2, terminal.width);
  return text;
}

std::string version_words(const json::object& version) {
  const std::string state = text_at(version, "state");
  return fmt::format("version {} ({})", text_at(version, "version"), state == "live" ? "in force" : state);
}

/// The version that was in force before the one that is.
std::int64_t one_before(const json::object& mapping) {
  const std::int64_t live = number_at(object_at(mapping, "live"), "version");
  for (const json::value& item : array_at(mapping, "history")) {
    const json::object& version = as_object(item);
    const bool was_in_force = version.contains("published_at");
    if (was_in_force && number_at(version, "version") < live) return number_at(version, "version");
  }
  return 0;
}

}  // namespace

ExitCode mapping_set(Session& session, const MappingOptions& given) {
  MappingOptions options = given;
  std::vector<Setting> settings;
  for (const std::string& text : options.settings) {
    auto setting = read_setting(text);
    if (!setting) return session.fail(setting.error());
    settings.push_back(std::move(*setting));
  }
  const auto client = session.client();
  if (!client) return session.fail(client.error());
  const auto begun = mapping_to_begin_with(**client, options);
  if (!begun) return session.fail(begun.error());
  const json::value before = *begun;
  json::value document = before;
  Names names(**client, options.partner);
  for (const Setting& setting : settings) {
    const auto value = meant_value(names, setting, document, options);
    if (!value) return session.fail(value.error());
    if (const auto put = put_value(document, setting.path, *value); !put) return session.fail(put.error());
  }
  const std::vector<Difference> changes = differences(before, document);
  if (changes.empty()) {
    session.remark("Nothing was changed, so nothing was kept.\n");
    return ExitCode::ok;
  }
  const auto kept = put_mapping_draft(**client, options, document);
  if (!kept) return session.fail(kept.error());
  if (!session.as_json()) session.say(render_differences(session.surroundings().out_terminal, changes) + "\n");
  return show_kept_draft(session, options, *kept, as_object(document));
}

ExitCode mapping_diff(Session& session, const MappingOptions& options) {
  const auto client = session.client();
  if (!client) return session.fail(client.error());
  const auto answer = (*client)->get(path_of(options));
  if (!answer) return session.fail(answer.error());
  const json::object& mapping = as_object(answer->body);
  const auto side = [&](std::int64_t version, std::string_view which) -> Outcome<json::object> {
    if (version > 0) return get_version(**client, options, version);
    return object_at(mapping, which);
  };
  const auto from = side(options.from, "live"), to = side(options.to, "draft");
  if (!from) return session.fail(from.error());
  if (!to) return session.fail(to.error());
  if (to->empty()) {
    session.remark(fmt::format("{} has no draft; --from and --to compare other versions.\n", options.partner));
    session.show(json::object{{"from", nullptr}, {"to", nullptr}, {"differences", json::array{}}},
                 [](const Terminal&) { return std::string(); });
    return ExitCode::ok;
  }
  const json::value none = json::object{};
  const json::value* before = from->if_contains("document");
  const std::vector<Difference> found = differences(before ? *before : none, to->at("document"));
  const json::object report{{"from", from->empty() ? json::value(nullptr) : json::value(number_at(*from, "version"))},
                            {"to", number_at(*to, "version")},
                            {"differences", to_json(found)}};
  session.show(report, [&](const Terminal& terminal) {
    if (from->empty())
      return fmt::format("Nothing is in force; {} sets:\n", version_words(*to)) + render_settings(terminal, found);
    const std::string sides = fmt::format("{} against {}\n", version_words(*from), version_words(*to));
    return sides + (found.empty() ? "They are the same.\n" : render_differences(terminal, found));
  });
  return ExitCode::ok;
}

ExitCode mapping_rollback(Session& session, const MappingOptions& given) {
  MappingOptions options = given;
  const auto client = session.client();
  if (!client) return session.fail(client.error());
  const auto answer = (*client)->get(path_of(options));
  if (!answer) return session.fail(answer.error());
  const json::object& mapping = as_object(answer->body);
  options.seen = answer->etag;
  if (const json::object& draft = object_at(mapping, "draft"); !draft.empty() && !options.replace_draft)
    return session.fail(
        complain(ExitCode::failed, {"mapping.draft_present", "There is a draft, which this would replace",
                                    fmt::format("It is version {}.", text_at(draft, "version")),
                                    "Publish it, or add --replace-draft; the history keeps it."})
            .value());
  const std::int64_t wanted = options.version > 0 ? options.version : one_before(mapping);
  if (wanted == 0)
    return session.fail(complain(ExitCode::not_found,
                                 {"mapping.version_unknown", "There is no earlier version",
                                  "Nothing was in force before.", "`crosswalk mapping history` shows all versions."})
                            .value());
  const auto version = get_version(**client, options, wanted);
  if (!version) return session.fail(version.error());
  if (options.comment.empty()) options.comment = fmt::format("back to version {}", wanted);
  const auto kept = put_mapping_draft(**client, options, version->at("document"));
  if (!kept) return session.fail(kept.error());
  session.remark(fmt::format("Version {} has become version {}.\n", wanted, text_at(*kept, "version")));
  return mapping_publish(session, options);
}

}  // namespace crosswalk::cli
