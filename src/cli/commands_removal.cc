// `partners remove`, `partners keep`.
#include <fmt/format.h>

#include "base/text.h"
#include "cli/commands.h"
#include "cli/render.h"
#include "cli/render_plan.h"

namespace crosswalk::cli {
namespace {

std::string path_of(const std::string& partner, std::string_view rest = {}) {
  return fmt::format("/v1/partners/{}{}", net::percent_encode(partner), rest);
}

/// What removing does, before it is done.
std::string render_effects(const Terminal& terminal, const json::object& effects, const std::string& grace) {
  const json::array& keys = array_at(effects, "keys");
  const auto line = [&](const std::string& text) { return wrap("- " + text, 2, terminal.width); };
  return fmt::format("Removing {} ({}):\n", clean(text_at(effects, "partner")), clean(text_at(effects, "name"))) +
         line("events of it are refused from now on, and nothing is sent to its ConnectWise any more;") +
         line(fmt::format("{} in its ConnectWise, tickets among them, stay as they are;",
                          count_words(number_at(effects, "links"), "object", "objects"))) +
         line(fmt::format("{} working at once;", count_words(static_cast<std::int64_t>(keys.size()),
                                                             "API key of its own stops", "API keys of its own stop"))) +
         line(fmt::format("{} and {} are erased after {}, for good.",
                          count_words(number_at(effects, "records"), "record", "records"),
                          count_words(number_at(effects, "events"), "event", "events"), grace));
}

bool is_confirmed(Session& session, const std::string& partner) {
  session.surroundings().err << fmt::format("\nType {} to remove it: ", partner) << std::flush;
  std::string line;
  return std::getline(session.surroundings().in, line) && trim(line) == partner;
}

}  // namespace

ExitCode partners_remove(Session& session, const RemovalOptions& options) {
  const auto client = session.client();
  if (!client) return session.fail(client.error());
  if (!options.yes) {
    const auto effects = (*client)->get(path_of(options.partner, "/removal"));
    if (!effects) return session.fail(effects.error());
    const json::object& told = as_object(effects->body);
    const std::string grace = options.grace.empty() ? text_at(told, "grace") : options.grace;
    session.show(told, [&](const Terminal& terminal) { return render_effects(terminal, told, grace); });
    if (!session.surroundings().in_is_terminal) {
      session.remark(fmt::format("\nNothing was done. Add --yes to remove {}.\n", options.partner));
      return ExitCode::usage;
    }
    if (!is_confirmed(session, options.partner)) {
      session.remark("Nothing was done.\n");
      return ExitCode::failed;
    }
  }
  const std::string query = options.grace.empty() ? "" : "?grace=" + net::percent_encode(options.grace);
  const auto answer = (*client)->send("DELETE", path_of(options.partner, query), "", "");
  if (!answer) return session.fail(answer.error());
  const json::object& report = as_object(answer->body);
  const json::object& problem = object_at(report, "problem");
  session.show(report, [&](const Terminal& terminal) {
    std::string text = fmt::format("{} is removed. All that is held of it is erased at {}.\n", options.partner,
                                   short_time(text_at(report, "erase_at")));
    if (!problem.empty())
      text += wrap(fmt::format("Callbacks could not be taken back: {}. {} {}", text_at(problem, "title"),
                               text_at(problem, "detail"), text_at(problem, "action")),
                   0, terminal.width);
    return text;
  });
  session.remark(fmt::format("Until then `crosswalk partners keep {}` has it back.\n", options.partner));
  return ExitCode::ok;
}

ExitCode partners_keep(Session& session, const std::string& partner) {
  const auto client = session.client();
  if (!client) return session.fail(client.error());
  const auto answer = (*client)->send_json("POST", path_of(partner, "/keep"), json::object{});
  if (!answer) return session.fail(answer.error());
  session.show(answer->body,
               [&](const Terminal& terminal) { return render_partner(terminal, as_object(answer->body)); });
  session.remark(
      fmt::format("\n{0} stays. Its former keys are revoked, and it is paused. Next:\n"
                  "  crosswalk keys create --name NAME --partner {0}\n"
                  "  crosswalk partners resume {0}\n",
                  partner));
  return ExitCode::ok;
}

}  // namespace crosswalk::cli
