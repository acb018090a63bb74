#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>

#include "cli/commands.h"
#include "cli/data_folder.h"
#include "cli/render.h"
#include "cli/render_plan.h"

namespace crosswalk::cli {
namespace {

/// With less the database soon cannot grow; SQLite needs room for its log beside the file.
constexpr std::uint64_t kFreeBytesMin = 512ull << 20;

struct Finding {
  std::string name;
  bool passed = false;
  std::string detail, action;
};

json::value to_json(const Finding& finding) {
  return {{"name", finding.name},
          {"passed", finding.passed},
          {"detail", finding.detail},
          {"action", finding.passed ? "" : finding.action}};
}

Finding from_failure(const std::string& name, const Failure& failure) {
  std::string detail = text_at(failure.problem, "title");
  if (const std::string more = text_at(failure.problem, "detail"); !more.empty()) detail += ": " + more;
  for (const json::value& item : array_at(failure.problem, "problems")) {
    detail += fmt::format("; {} {}", text_at(as_object(item), "pointer"), text_at(as_object(item), "message"));
  }
  return {name, false, std::move(detail), text_at(failure.problem, "action")};
}

Finding check_config(Session& session) {
  const std::string name = "Configuration";
  const auto config = session.config();
  if (!config) return from_failure(name, config.error());
  return {name, true,
          fmt::format("data folder {}, engine at {} calls/s", config->data.directory, config->engine.calls_per_second),
          ""};
}

Finding check_folder(const std::string& folder) {
  const std::string name = "Data folder";
  struct stat status {};
  if (::stat(folder.c_str(), &status) != 0) {
    return {name, false, folder + " is not there.",
            "Start `crosswalk serve` once: it makes the folder. Or name another with --data DIR."};
  }
  if (!S_ISDIR(status.st_mode)) return {name, false, folder + " is not a folder.", "Name another with --data DIR."};
  if (::access(folder.c_str(), R_OK | W_OK | X_OK) != 0) {
    return {name, false, folder + " is not writable for this user.",
            "Run as the user that owns it, or change its owner."};
  }
  if (const auto open = open_to_others(folder); !open.empty()) {
    std::string detail, action;
    for (const OpenToOthers& each : open) {
      detail +=
          fmt::format("{}{} can be read by other users (mode {:o}).", detail.empty() ? "" : " ", each.path, each.mode);
      action += (action.empty() ? "" : "; ") + each.command;
    }
    return {name, false, std::move(detail), std::move(action)};
  }
  return {name, true, folder + " is writable, and private.", ""};
}

Finding check_secret(const std::string& folder) {
  const std::string name = "Secret key", path = path_in(folder, "secret.key");
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) {
    return {name, false, path + " is not there.",
            "Start `crosswalk serve` once: it makes it. Without it stored credentials cannot be read."};
  }
  return {name, true, "readable by its owner only. Keep a copy apart from the database's.", ""};
}

Finding check_space(const std::string& folder) {
  const std::string name = "Disk space";
  struct statvfs status {};
  if (::statvfs(folder.c_str(), &status) != 0)
    return {name, false, "cannot be told for " + folder, "Check that the disk is mounted."};
  const std::uint64_t free = static_cast<std::uint64_t>(status.f_bavail) * status.f_frsize;
  const std::string words = fmt::format("{:.1f} GiB free", static_cast<double>(free) / static_cast<double>(1ull << 30));
  return {name, free >= kFreeBytesMin, words,
          "Make room: when the disk is full, events are refused with 503 until there is some."};
}

Finding check_server(Client& client) {
  const std::string name = "Server";
  const auto ready = client.get("/readyz");
  return ready ? Finding{name, true, client.server() + " answers and its store is ready.", ""}
               : from_failure(name, ready.error());
}

Finding check_key(Client& client) {
  const std::string name = "API key";
  const auto partners = client.get("/v1/partners");
  if (!partners) return from_failure(name, partners.error());
  return {name, true,
          fmt::format("accepted; it sees {}.",
                      count_words(static_cast<std::int64_t>(array_at(as_object(partners->body), "partners").size()),
                                  "partner", "partners")),
          ""};
}

/// Nothing is told to the product while its webhook does not take it.
Finding check_webhook(const json::object& webhook) {
  const std::string id = text_at(webhook, "id"), name = "Webhook " + id;
  const json::object &failure = object_at(webhook, "failure"), &failing = object_at(webhook, "failing");
  const std::string last_error = text_at(failure, "error"), told_since = text_at(failing, "since");
  const std::string error = last_error.empty() ? text_at(failing, "error") : last_error;
  const std::string since = told_since.empty() ? text_at(failure, "since") : told_since;
  if (!flag_at(webhook, "enabled"))
    return {name, text_at(webhook, "disabled_why").empty(), "is disabled. " + text_at(webhook, "disabled_why"),
            "crosswalk webhooks edit " + id + " --enable"};
  std::string detail = text_at(webhook, "url") + " takes what it is told.";
  const bool fails = text_at(webhook, "circuit") == "open" || !error.empty();
  if (fails) {
    detail = fmt::format("{} does not take what it is told{}: {}. {} wait.", text_at(webhook, "url"),
                         since.empty() ? "" : ", since " + short_time(since),
                         error.empty() ? "it has failed again and again" : error, number_at(webhook, "waiting"));
  } else if (const std::int64_t dead = number_at(webhook, "dead"); dead > 0) {
    return {name, false, fmt::format("{} events were given up, and the product was never told.", dead),
            "crosswalk webhooks replay " + id};
  }
  return {name, !fails, std::move(detail),
          "Look at the receiver; `crosswalk webhooks test " + id + "` tries it. Nothing is lost meanwhile."};
}

void check_webhooks(Client& client, const std::string& partner, std::vector<Finding>& findings) {
  const auto answer = client.get("/v1/webhooks");
  // A partner's own key does not see them.
  if (!answer) return;
  for (const json::value& each : array_at(as_object(answer->body), "webhooks")) {
    const json::object& webhook = as_object(each);
    const json::array& of = array_at(webhook, "partners");
    const bool concerns = partner.empty() || of.empty() ||
                          std::ranges::any_of(of, [&](const json::value& one) { return text_of(one) == partner; });
    if (concerns) findings.push_back(check_webhook(webhook));
  }
}

std::vector<std::string> partner_names(Client& client) {
  std::vector<std::string> names;
  const auto answer = client.get("/v1/partners");
  if (!answer) return names;
  for (const json::value& each : array_at(as_object(answer->body), "partners"))
    names.push_back(text_at(as_object(each), "id"));
  return names;
}

/// Of a partner that could not be checked.
json::object failed_check_up(const std::string& partner, const Failure& failure) {
  return {
      {"partner", partner}, {"healthy", false}, {"checks", json::array{to_json(from_failure("Check-up", failure))}}};
}

bool is_remote(Session& session) {
  return !session.options().server.empty() || !session.variable("CROSSWALK_SERVER").empty();
}

void check_here(Session& session, std::vector<Finding>& findings) {
  findings.push_back(check_config(session));
  const auto folder = session.data_folder();
  if (!folder) return;
  findings.push_back(check_folder(*folder));
  if (findings.back().passed) {
    findings.push_back(check_secret(*folder));
    findings.push_back(check_space(*folder));
  }
}

}  // namespace

ExitCode doctor(Session& session, const std::string& partner) {
  std::vector<Finding> findings;
  // Of a server elsewhere the folder and the disk are not ours to see.
  if (!is_remote(session)) check_here(session, findings);
  const auto client = session.client();
  bool answers = false;
  if (client) {
    findings.push_back(check_server(**client));
    if (findings.back().passed) findings.push_back(check_key(**client));
    answers = findings.back().passed;
    if (answers) check_webhooks(**client, partner, findings);
  } else {
    findings.push_back(from_failure("Server", client.error()));
  }
  json::array checks, check_ups;
  for (const Finding& finding : findings) checks.push_back(to_json(finding));
  bool healthy = std::ranges::all_of(findings, &Finding::passed);
  if (answers) {
    const auto names = partner.empty() ? partner_names(**client) : std::vector<std::string>{partner};
    for (const std::string& name : names) {
      (*client)->set_task("checking the connection of " + name);
      const auto answer = (*client)->get(fmt::format("/v1/partners/{}/check", net::percent_encode(name)));
      if (!answer && !partner.empty()) return session.fail(answer.error());
      json::object check_up = answer ? as_object(answer->body) : failed_check_up(name, answer.error());
      healthy = healthy && flag_at(check_up, "healthy");
      check_ups.push_back(std::move(check_up));
    }
  }
  json::object report{{"healthy", healthy}, {"checks", std::move(checks)}};
  if (!partner.empty() && !check_ups.empty()) report["partner"] = check_ups.front();
  report["partners"] = std::move(check_ups);
  session.show(report, [&](const Terminal& terminal) {
    std::string text =
        paint(terminal, Tone::strong, "This installation") + "\n" + render_checks(terminal, array_at(report, "checks"));
    for (const json::value& each : array_at(report, "partners")) {
      const json::object& check_up = as_object(each);
      text += "\n" + paint(terminal, Tone::strong, clean(text_at(check_up, "partner"))) + "\n" +
              render_checks(terminal, array_at(check_up, "checks"));
    }
    return text + (healthy ? "\nAll is well.\n" : "\nSomething needs attention: see FAIL above.\n");
  });
  return healthy ? ExitCode::ok : ExitCode::problems;
}

ExitCode config_check(Session& session) {
  const auto config = session.config();
  if (!config) return session.fail(config.error());
  session.remark("The configuration is valid.\n");
  return ExitCode::ok;
}

}  // namespace crosswalk::cli
