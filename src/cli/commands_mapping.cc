#include <fcntl.h>
#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>

#include <boost/json/serialize.hpp>
#include <cstdlib>
#include <filesystem>

#include "base/text.h"
#include "cli/commands.h"
#include "cli/data_folder.h"
#include "cli/render.h"

namespace crosswalk::cli {
namespace {

std::string path_of(const MappingOptions& options) {
  return fmt::format("/v1/partners/{}/mappings/{}", net::percent_encode(options.partner),
                     net::percent_encode(options.workflow));
}

/// Partner and workflow as a command takes them.
std::string named_again(const MappingOptions& options) {
  return options.workflow == "alert_to_ticket" ? options.partner : options.partner + " --workflow " + options.workflow;
}

tl::unexpected<Failure> no_mapping(const MappingOptions& options, std::string_view which) {
  return complain(
      ExitCode::not_found,
      {"mapping.absent", "There is no such mapping", fmt::format("{} has no {} mapping.", options.partner, which),
       fmt::format("Make one: crosswalk mapping edit {} --suggest", named_again(options))});
}

/// The version that `options` name, with its document.
Outcome<json::object> fetch(Client& client, const MappingOptions& options) {
  if (options.version > 0) {
    return client.get(fmt::format("{}/versions/{}", path_of(options), options.version)).map([](const Answer& answer) {
      return as_object(answer.body);
    });
  }
  const auto answer = client.get(path_of(options));
  if (!answer) return tl::unexpected(answer.error());
  const json::object& mapping = as_object(answer->body);
  const json::object& live = object_at(mapping, "live");
  const json::object& draft = object_at(mapping, "draft");
  using Which = MappingOptions::Which;
  if (options.which == Which::draft) return draft.empty() ? Outcome<json::object>(no_mapping(options, "draft")) : draft;
  if (options.which == Which::live) return live.empty() ? Outcome<json::object>(no_mapping(options, "live")) : live;
  if (live.empty() && draft.empty()) return no_mapping(options, "live or draft");
  return live.empty() ? draft : live;
}

/// Runs the person's editor on the file and waits for it.
Outcome<void> run_editor(Session& session, const std::string& file) {
  std::string editor = session.variable("VISUAL");
  if (editor.empty()) editor = session.variable("EDITOR");
  if (editor.empty()) editor = "vi";
  const std::string command = editor + " \"$1\"";
  const pid_t child = ::fork();
  if (child == 0) {
    ::execl("/bin/sh", "sh", "-c", command.c_str(), "sh", file.c_str(), nullptr);
    ::_exit(127);
  }
  int status = -1;
  while (child > 0 && ::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  if (child > 0 && WIFEXITED(status) && WEXITSTATUS(status) == 0) return {};
  return complain(ExitCode::failed, {"editor.failed", "The editor did not end well",
                                     fmt::format("`{}` failed; nothing was kept.", editor),
                                     "Set $EDITOR to an editor that is installed, or use --file FILE."});
}

/// A file that only this user can read, gone with the object.
class DraftFile {
 public:
  static Outcome<DraftFile> make(const std::string& text) {
    std::string path = (std::filesystem::temp_directory_path() / "crosswalk-mapping-XXXXXX.json").string();
    const int descriptor = ::mkostemps(path.data(), 5, O_CLOEXEC);
    if (descriptor < 0) {
      return complain(ExitCode::failed, {"file.unwritable", "A temporary file cannot be made", path,
                                         "Check $TMPDIR and the space there."});
    }
    ::close(descriptor);
    DraftFile file(path);
    if (auto written = write_private_file(path, text); !written) return tl::unexpected(written.error());
    return file;
  }
  DraftFile(DraftFile&& other) noexcept : path(std::exchange(other.path, {})) {}
  DraftFile& operator=(DraftFile&&) = delete;
  ~DraftFile() {
    if (!path.empty()) ::unlink(path.c_str());
  }
  std::string path;

 private:
  explicit DraftFile(std::string name) : path(std::move(name)) {}
};

Outcome<json::object> put_draft(Client& client, const MappingOptions& options, const std::string& text,
                                const std::string& source) {
  const auto document = parse_json(text, source);
  if (!document) return tl::unexpected(document.error());
  return put_mapping_draft(client, options, *document);
}

/// Of a text that has been taken.
json::object document_in(const std::string& text) {
  const auto document = parse_json(text, "mapping");
  return document ? as_object(*document) : json::object{};
}

ExitCode keep_suggestion(Session& session, Client& client, const MappingOptions& options) {
  const bool of_tickets = options.workflow == "alert_to_ticket";
  client.set_task(of_tickets ? "reading the PSA's boards, statuses and priorities"
                             : "reading the PSA's types and statuses");
  const auto answer = client.get(path_of(options) + "/suggestion");
  if (!answer) return session.fail(answer.error());
  const json::object& suggestion = as_object(answer->body);
  session.show(answer->body, [&](const Terminal& terminal) {
    return render_suggestion(terminal, array_at(suggestion, "choices")) + "\n";
  });
  if (session.as_json()) return ExitCode::ok;
  MappingOptions named = options;
  if (named.comment.empty()) named.comment = "suggested from the PSA's names";
  const auto kept = put_mapping_draft(client, named, object_at(suggestion, "document"));
  return kept ? show_kept_draft(session, options, *kept, object_at(suggestion, "document"))
              : session.fail(kept.error());
}

bool wants_to_go_on(Session& session) {
  if (!session.surroundings().in_is_terminal) return false;
  session.surroundings().err << "\nEdit it again? [Y/n] " << std::flush;
  std::string line;
  if (!std::getline(session.surroundings().in, line)) return false;
  return !to_lower(trim(line)).starts_with("n");
}

ExitCode edit_by_hand(Session& session, Client& client, MappingOptions options) {
  const auto document = mapping_to_begin_with(client, options);
  if (!document) return session.fail(document.error());
  const std::string before = pretty(*document);
  auto file = DraftFile::make(before);
  if (!file) return session.fail(file.error());
  while (true) {
    if (const auto edited = run_editor(session, file->path); !edited) return session.fail(edited.error());
    const auto text = read_text_file(file->path);
    if (!text) return session.fail(text.error());
    if (*text == before) {
      session.remark("Nothing was changed, so nothing was kept.\n");
      return ExitCode::ok;
    }
    const auto kept = put_draft(client, options, *text, "mapping");
    if (kept) return show_kept_draft(session, options, *kept, document_in(*text));
    const ExitCode exit = session.fail(kept.error());
    if (text_at(kept.error().problem, "code") == "store.changed_meanwhile") {
      session.surroundings().err << "What you have written is in " << std::exchange(file->path, {}) << "\n";
      return exit;
    }
    if (exit != ExitCode::problems || !wants_to_go_on(session)) return exit;
  }
}

}  // namespace

Outcome<json::object> mapping_to_begin_with(Client& client, MappingOptions& options) {
  const auto answer = client.get(path_of(options));
  if (!answer) return tl::unexpected(answer.error());
  options.seen = answer->etag;
  const json::object& mapping = as_object(answer->body);
  for (const std::string_view which : {"draft", "live"}) {
    if (const json::object& version = object_at(mapping, which); !version.empty())
      return object_at(version, "document");
  }
  return json::object{{"workflow", options.workflow}, {"mode", "test"}};
}

Outcome<json::object> put_mapping_draft(Client& client, const MappingOptions& options, const json::value& document) {
  const std::string query = options.comment.empty() ? "" : "?comment=" + net::percent_encode(options.comment);
  return client.send_json("PUT", path_of(options) + "/draft" + query, document, options.seen)
      .map([](const Answer& answer) { return as_object(answer.body); });
}

/// The commands that lead from the draft to tickets, one a line, with what it lacks; what is done already is left out.
static std::string next_commands(const MappingOptions& options, const json::object& document) {
  const std::string named = named_again(options);
  const bool of_tickets = options.workflow == "alert_to_ticket", is_live = text_at(document, "mode") == "live";
  const bool lacks_customers = of_tickets && object_at(document, "customers").empty();
  std::string lacks, commands;
  if (!is_live) lacks = "sends nothing, as its mode is not live";
  if (lacks_customers) {
    lacks += lacks.empty() ? "" : ", and ";
    lacks += "maps no customers";
    commands += fmt::format("  crosswalk customers {} --accept\n", options.partner);
  }
  if (!is_live) commands += fmt::format("  crosswalk mapping set {} mode=live\n", named);
  commands += of_tickets ? fmt::format("  crosswalk plan {} --draft\n", options.partner)
                         : fmt::format("  crosswalk mapping validate {}\n", named);
  commands += fmt::format("  crosswalk mapping publish {}\n", named);
  return (lacks.empty() ? "" : "\nThe draft " + lacks + ".") + "\nNext:\n" + commands;
}

ExitCode show_kept_draft(Session& session, const MappingOptions& options, const json::object& kept,
                         const json::object& document) {
  session.show(kept, [&](const Terminal& terminal) {
    return fmt::format("Version {} is the draft of {}; nothing is in force until it is published.\n",
                       text_at(kept, "version"), options.partner) +
           render_mapping_problems(terminal, array_at(kept, "problems"), 2);
  });
  session.remark(next_commands(options, document));
  return ExitCode::ok;
}

ExitCode mapping_show(Session& session, const MappingOptions& options) {
  const auto client = session.client();
  if (!client) return session.fail(client.error());
  const auto version = fetch(**client, options);
  if (!version) return session.fail(version.error());
  if (!session.as_json()) {
    session.remark(fmt::format("version {}, {}\n", text_at(*version, "version"), text_at(*version, "state")));
  }
  session.show(*version, [&](const Terminal&) { return pretty(object_at(*version, "document")); });
  return ExitCode::ok;
}

ExitCode mapping_edit(Session& session, const MappingOptions& options) {
  const auto client = session.client();
  if (!client) return session.fail(client.error());
  if (options.suggest) return keep_suggestion(session, **client, options);
  const bool piped = options.file.empty() && !session.surroundings().in_is_terminal &&
                     session.variable("EDITOR").empty() && session.variable("VISUAL").empty();
  if (options.file.empty() && !piped) return edit_by_hand(session, **client, options);
  const std::string file = piped ? "-" : options.file;
  const auto text = read_input(session, file);
  if (!text) return session.fail(text.error());
  const auto kept = put_draft(**client, options, *text, file == "-" ? "standard input" : file);
  return kept ? show_kept_draft(session, options, *kept, document_in(*text)) : session.fail(kept.error());
}

ExitCode mapping_validate(Session& session, const MappingOptions& options) {
  const auto client = session.client();
  if (!client) return session.fail(client.error());
  Outcome<std::string> text = "";
  if (!options.file.empty()) text = read_input(session, options.file);
  if (!text) return session.fail(text.error());
  (*client)->set_task("checking the mapping against the PSA");
  const auto answer =
      (*client)->send("POST", path_of(options) + "/validate", *text, text->empty() ? "" : "application/json");
  if (!answer) return session.fail(answer.error());
  const json::object& validation = as_object(answer->body);
  const bool valid = flag_at(validation, "valid");
  session.show(answer->body, [&](const Terminal& terminal) {
    std::string result = render_mapping_problems(terminal, array_at(validation, "problems"), 2);
    result += valid ? paint(terminal, Tone::good, "The mapping is valid.")
                    : paint(terminal, Tone::bad, "The mapping has errors.");
    const bool checked = flag_at(validation, "references_checked");
    return result + (checked ? "\n" : " The PSA could not be read, so its ids were not checked.\n");
  });
  return valid ? ExitCode::ok : ExitCode::problems;
}

/// Alerts that are open already would become tickets at once: a person at a terminal says what becomes of them.
/// Empty: nothing is to be published.
static std::string ask_backlog(Session& session, const Failure& refused) {
  const bool skippable = flag_at(refused.problem, "skippable");
  session.remark(text_at(refused.problem, "detail") + (skippable
                                                           ? "\nOpen tickets for them? No leaves them without. [y/N] "
                                                           : "\nOpen tickets for them? No publishes nothing. [y/N] "));
  std::string line;
  std::getline(session.surroundings().in, line);
  const bool yes = !line.empty() && (line.front() == 'y' || line.front() == 'Y');
  return yes ? "open" : skippable ? "skip" : "";
}

static std::string backlog_words(const json::object& backlog) {
  const std::int64_t tickets = number_at(backlog, "tickets");
  if (tickets == 0) return "";
  const bool opened = flag_at(backlog, "opened");
  if (tickets == 1)
    return opened ? "1 open alert gets its ticket now.\n"
                  : fmt::format("1 alert that was open before gets no ticket: go_live_at of the mapping is {}.\n",
                                clean(text_at(backlog, "go_live_at")));
  return opened ? fmt::format("{} open alerts get their tickets now.\n", tickets)
                : fmt::format("{} alerts that were open before get no tickets: go_live_at of the mapping is {}.\n",
                              tickets, clean(text_at(backlog, "go_live_at")));
}

ExitCode mapping_publish(Session& session, const MappingOptions& options) {
  const auto client = session.client();
  if (!client) return session.fail(client.error());
  json::object body;
  if (!options.comment.empty()) body["comment"] = options.comment;
  if (options.skip_reference_check) body["check_references"] = false;
  const bool asks = options.backlog.empty() && session.surroundings().in_is_terminal && !session.as_json();
  if (!options.backlog.empty() || asks) body["backlog"] = asks ? std::string("ask") : options.backlog;
  (*client)->set_task("checking the mapping against the PSA and publishing it");
  auto answer = (*client)->send_json("POST", path_of(options) + "/publish", body);
  if (!answer && asks && text_at(answer.error().problem, "code") == "mapping.backlog") {
    const std::string choice = ask_backlog(session, answer.error());
    if (choice.empty()) {
      session.remark("Nothing was published.\n");
      return ExitCode::failed;
    }
    body["backlog"] = choice;
    answer = (*client)->send_json("POST", path_of(options) + "/publish", body);
  }
  if (!answer && text_at(answer.error().problem, "code") == "mapping.draft_missing")
    answer.error().problem["action"] = fmt::format(
        "Make one: `crosswalk mapping edit {0} --suggest` makes a first one, `crosswalk mapping set {0} "
        "NAME=VALUE` changes what is in force.",
        named_again(options));
  if (!answer) return session.fail(answer.error());
  const json::object& version = as_object(answer->body);
  session.show(answer->body, [&](const Terminal& terminal) {
    return fmt::format("Version {} is in force for {}.\n", text_at(version, "version"), options.partner) +
           backlog_words(object_at(version, "backlog")) +
           render_mapping_problems(terminal, array_at(version, "problems"), 2);
  });
  return ExitCode::ok;
}

ExitCode mapping_history(Session& session, const MappingOptions& options) {
  const auto client = session.client();
  if (!client) return session.fail(client.error());
  const auto answer = (*client)->get(path_of(options));
  if (!answer) return session.fail(answer.error());
  session.show(answer->body, [&](const Terminal& terminal) {
    return render_mapping_history(terminal, array_at(as_object(answer->body), "history"));
  });
  return ExitCode::ok;
}

}  // namespace crosswalk::cli
