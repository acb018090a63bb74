#include <fmt/format.h>

#include "cli/commands.h"
#include "cli/render.h"
#include "cli/render_plan.h"

namespace crosswalk::cli {
namespace {

/// The largest page that the API gives.
constexpr std::int64_t kPageMax = 1'000;

std::string path_of(const std::string& partner) { return "/v1/partners/" + net::percent_encode(partner); }

std::string record_path(const std::string& partner, const std::string& kind, const std::string& key) {
  return fmt::format("{}/records/{}/{}", path_of(partner), net::percent_encode(kind), net::percent_encode(key));
}

Outcome<Answer> ask_for_plan(Client& client, const PlanOptions& options) {
  client.set_task("planning");
  const std::string base = path_of(options.partner);
  if (!options.show.empty()) return client.get(base + "/plans/" + net::percent_encode(options.show));
  if (options.save) {
    json::object body;
    if (!options.customer.empty()) body["customer"] = options.customer;
    return client.send_json("POST", base + "/plans", body);
  }
  return client.get(base + "/plan" +
                    (options.customer.empty() ? "" : "?customer=" + net::percent_encode(options.customer)));
}

/// The one partner that there is; with more of them it must be named.
Outcome<std::string> only_partner(Client& client) {
  const auto answer = client.get("/v1/partners");
  if (!answer) return tl::unexpected(answer.error());
  const json::array& partners = array_at(as_object(answer->body), "partners");
  if (partners.size() == 1) return text_at(as_object(partners[0]), "id");
  return complain(ExitCode::usage,
                  {"usage.partner_missing", "The partner must be named",
                   fmt::format("The key sees {} partners.", partners.size()), "Write: crosswalk explain PARTNER KEY"});
}

}  // namespace

ExitCode plan(Session& session, const PlanOptions& options) {
  const auto client = session.client();
  if (!client) return session.fail(client.error());
  const auto answer = ask_for_plan(**client, options);
  if (!answer) return session.fail(answer.error());
  const json::object& found = as_object(answer->body);
  session.show(answer->body, [&](const Terminal& terminal) { return render_plan(terminal, found); });
  return has_errors(found) ? ExitCode::problems : ExitCode::ok;
}

ExitCode apply(Session& session, const std::string& partner, const std::string& plan_id) {
  const auto client = session.client();
  if (!client) return session.fail(client.error());
  (*client)->set_task("applying the plan");
  const auto answer =
      (*client)->send("POST", fmt::format("{}/plans/{}/apply", path_of(partner), net::percent_encode(plan_id)), "", "");
  if (!answer) return session.fail(answer.error());
  const json::object& report = as_object(answer->body);
  session.show(answer->body, [&](const Terminal& terminal) { return render_apply_report(terminal, report); });
  const bool whole = number_at(report, "refused") == 0 && number_at(report, "unknown") == 0;
  return whole ? ExitCode::ok : ExitCode::failed;
}

Outcome<json::object> collect_records(Client& client, const RecordsOptions& options) {
  json::object all{{"records", json::array{}}};
  json::array& rows = all["records"].as_array();
  std::string after;
  while (true) {
    const std::int64_t wanted = options.all ? kPageMax : options.limit - static_cast<std::int64_t>(rows.size());
    std::string path = fmt::format("{}/records?limit={}", path_of(options.partner), std::min(wanted, kPageMax));
    if (!options.kind.empty()) path += "&kind=" + net::percent_encode(options.kind);
    if (!options.state.empty()) path += "&state=" + net::percent_encode(options.state);
    if (!after.empty()) path += "&after=" + net::percent_encode(after);
    client.set_task(fmt::format("reading records ({} so far)", rows.size()));
    auto answer = client.get(path);
    if (!answer) return tl::unexpected(answer.error());
    const json::object& page = as_object(answer->body);
    const json::array& more = array_at(page, "records");
    rows.insert(rows.end(), more.begin(), more.end());
    after = text_at(page, "next");
    const bool enough = !options.all && static_cast<std::int64_t>(rows.size()) >= options.limit;
    if (after.empty() || more.empty() || enough) break;
  }
  if (!after.empty()) all["next"] = after;
  return all;
}

ExitCode records(Session& session, const RecordsOptions& options) {
  const auto client = session.client();
  if (!client) return session.fail(client.error());
  const auto found = collect_records(**client, options);
  if (!found) return session.fail(found.error());
  session.show(*found, [&](const Terminal& terminal) { return render_records(terminal, array_at(*found, "records")); });
  if (found->contains("next")) {
    session.remark(fmt::format("\nThere are more: --limit {} or --all shows them.\n", options.limit * 10));
  }
  return ExitCode::ok;
}

ExitCode explain_record(Session& session, const std::vector<std::string>& words) {
  const auto client = session.client();
  if (!client) return session.fail(client.error());
  Outcome<std::string> partner = words.front();
  if (words.size() == 1) partner = only_partner(**client);
  if (!partner) return session.fail(partner.error());
  const std::string kind = words.size() == 3 ? words[1] : "alert";
  const auto answer = (*client)->get(record_path(*partner, kind, words.back()) + "/explain");
  if (!answer) return session.fail(answer.error());
  session.show(answer->body, [&](const Terminal& terminal) { return render_story(terminal, as_object(answer->body)); });
  return ExitCode::ok;
}

ExitCode replay(Session& session, const std::string& partner, const std::string& kind, const std::string& key) {
  const auto client = session.client();
  if (!client) return session.fail(client.error());
  json::object body;
  if (!key.empty()) body = {{"kind", kind}, {"key", key}};
  (*client)->set_task("rebuilding records from the event log");
  const auto answer = (*client)->send_json("POST", path_of(partner) + "/replay", body);
  if (!answer) return session.fail(answer.error());
  session.show(answer->body, [&](const Terminal&) {
    return fmt::format("{} rebuilt from the event log and due.\n",
                       count_words(number_at(as_object(answer->body), "records"), "record", "records"));
  });
  return ExitCode::ok;
}

}  // namespace crosswalk::cli
