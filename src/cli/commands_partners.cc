#include <fmt/format.h>
#include <termios.h>
#include <unistd.h>

#include "base/text.h"
#include "cli/commands.h"
#include "cli/render.h"
#include "cli/render_plan.h"

namespace crosswalk::cli {
namespace {

std::string path_of(const std::string& partner) { return "/v1/partners/" + net::percent_encode(partner); }

/// Reads a line from the terminal without showing it.
std::string ask_secret(Session& session, const std::string& question) {
  Surroundings& surroundings = session.surroundings();
  surroundings.err << question << ": " << std::flush;
  termios before{};
  const bool known = tcgetattr(STDIN_FILENO, &before) == 0;
  if (known) {
    termios silent = before;
    silent.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent);
  }
  std::string line;
  std::getline(surroundings.in, line);
  if (known) tcsetattr(STDIN_FILENO, TCSAFLUSH, &before);
  surroundings.err << "\n";
  return std::string(trim(line));
}

/// The private key from where it was said to be; asked for when only the public one was given.
Outcome<std::optional<std::string>> private_key(Session& session, const PartnerOptions& options) {
  if (options.private_key) return options.private_key;
  if (!options.private_key_file.empty()) {
    return read_input(session, options.private_key_file).map([](const std::string& text) {
      return std::optional<std::string>(trim(text));
    });
  }
  if (const std::string key = session.variable("CROSSWALK_PRIVATE_KEY"); options.public_key && !key.empty()) return key;
  if (!options.public_key) return std::optional<std::string>();
  if (session.surroundings().in_is_terminal) return ask_secret(session, "Private key of the ConnectWise API member");
  return complain(ExitCode::usage,
                  {"usage.private_key", "The private key is missing", "A public key was given without its private one.",
                   "Add --private-key-file FILE (\"-\" for the standard input) or set $CROSSWALK_PRIVATE_KEY."});
}

Outcome<json::object> body_of(Session& session, const PartnerOptions& options) {
  const auto secret = private_key(session, options);
  if (!secret) return tl::unexpected(secret.error());
  json::object body;
  const auto put = [&body](std::string_view name, const std::optional<std::string>& value) {
    if (value) body[name] = *value;
  };
  put("name", options.name);
  put("provider", options.provider);
  put("site", options.site);
  put("company", options.company);
  put("client_id", options.client_id);
  put("public_key", options.public_key);
  put("private_key", *secret);
  return body;
}

ExitCode send_and_show(Session& session, const std::string& method, const std::string& path, const json::object& body) {
  const auto client = session.client();
  if (!client) return session.fail(client.error());
  const auto answer = (*client)->send_json(method, path, body);
  if (!answer) return session.fail(answer.error());
  session.show(answer->body,
               [&](const Terminal& terminal) { return render_partner(terminal, as_object(answer->body)); });
  return ExitCode::ok;
}

}  // namespace

ExitCode partners_add(Session& session, const PartnerOptions& options) {
  auto body = body_of(session, options);
  if (!body) return session.fail(body.error());
  (*body)["id"] = options.id;
  if (!options.name) (*body)["name"] = options.id;
  if (!options.provider) (*body)["provider"] = "manage";
  const ExitCode exit = send_and_show(session, "POST", "/v1/partners", *body);
  if (exit == ExitCode::ok)
    session.remark(
        fmt::format("\nNext:\n  crosswalk doctor {0}\n  crosswalk mapping edit {0} --suggest\n", options.id));
  return exit;
}

ExitCode partners_edit(Session& session, const PartnerOptions& options) {
  const auto body = body_of(session, options);
  if (!body) return session.fail(body.error());
  if (body->empty()) {
    return session.fail(
        complain(ExitCode::usage, {"usage.nothing_to_change", "Nothing was given to change", "",
                                   "Name what changes, for example --site; see `crosswalk partners edit --help`."})
            .value());
  }
  return send_and_show(session, "PATCH", path_of(options.id), *body);
}

ExitCode partners_list(Session& session) {
  const auto client = session.client();
  if (!client) return session.fail(client.error());
  const auto answer = (*client)->get("/v1/partners");
  if (!answer) return session.fail(answer.error());
  session.show(answer->body, [&](const Terminal& terminal) {
    return render_partners(terminal, array_at(as_object(answer->body), "partners"));
  });
  return ExitCode::ok;
}

ExitCode partners_show(Session& session, const std::string& partner) {
  const auto client = session.client();
  if (!client) return session.fail(client.error());
  const auto answer = (*client)->get(path_of(partner));
  if (!answer) return session.fail(answer.error());
  if (session.as_json()) {
    session.say(pretty(answer->body));
    return ExitCode::ok;
  }
  const auto status = (*client)->get(path_of(partner) + "/status");
  if (!status) return session.fail(status.error());
  const Terminal& terminal = session.surroundings().out_terminal;
  session.say(render_partner(terminal, as_object(answer->body)) + "\n" +
              render_partner_status(terminal, as_object(status->body)));
  return ExitCode::ok;
}

ExitCode partners_pause(Session& session, const std::string& partner, bool paused) {
  const ExitCode exit = send_and_show(session, "PATCH", path_of(partner), {{"paused", paused}});
  if (exit == ExitCode::ok && paused) {
    session.remark(
        "\nEvents are still taken and kept; nothing is sent to the PSA until:\n  crosswalk partners resume " + partner +
        "\n");
  }
  return exit;
}

ExitCode partners_disconnect(Session& session, const std::string& partner) {
  const auto client = session.client();
  if (!client) return session.fail(client.error());
  const auto answer = (*client)->send_json("POST", path_of(partner) + "/disconnect", json::object{});
  if (!answer) return session.fail(answer.error());
  const json::object& report = as_object(answer->body);
  const json::object& problem = object_at(report, "problem");
  session.show(report, [&](const Terminal&) {
    std::string out =
        fmt::format("Paused. {} removed from the PSA.\n",
                    count_words(number_at(report, "callbacks_removed"), "callback was", "callbacks were"));
    if (!problem.empty())
      out += fmt::format("\nCallbacks could not be removed: {}. {}\n{}\n", text_at(problem, "title"),
                         text_at(problem, "detail"), text_at(problem, "action"));
    return out;
  });
  return problem.empty() ? ExitCode::ok : ExitCode::problems;
}

}  // namespace crosswalk::cli
