#include "connectwise/manage/check.h"

#include <algorithm>
#include <array>
#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <iterator>

#include "base/json.h"
#include "connectwise/manage/api_version.h"
#include "connectwise/manage/errors.h"
#include "connectwise/manage/needed_fields.h"
#include "connectwise/manage/rights.h"

namespace crosswalk::connectwise::manage {
namespace {

namespace json = boost::json;

struct Step {
  std::string_view name;    ///< as the role page names it
  std::string_view target;  ///< reads one item
  std::string_view what;    ///< in the plural
  bool may_be_empty;        ///< false: an instance in use always has some, so none means that they are hidden from us
};

constexpr std::array kSteps{
    Step{"System > Table Setup: Service Board", "/service/boards?fields=id,name&pageSize=1&page=1", "service boards",
         false},
    Step{"System > Table Setup: Service/Priority", "/service/priorities?fields=id,name&pageSize=1&page=1", "priorities",
         false},
    Step{"Companies > Company Maintenance", "/company/companies?fields=id,name,deletedFlag&pageSize=1&page=1",
         "companies", false},
    Step{"Service Desk > Service Tickets", "/service/tickets?fields=id,status,closedFlag&pageSize=1&page=1", "tickets",
         true},
};

psa::Check failed_check(std::string_view name, const Failure& failure, std::string_view right) {
  const CatalogueEntry& entry = explain(failure.error.code);
  psa::Check check{std::string(name), false, entry.title + ". " + failure.error.message, entry.action};
  if (failure.error.code == "psa.permission_missing")
    check.action = "In ConnectWise open the security role of the API member and grant " + std::string(right) + ".";
  return check;
}

std::optional<std::size_t> count_items(std::string_view body, NeededFields& needed) {
  boost::system::error_code error;
  const json::value value = json::parse(json::string_view(body.data(), body.size()), error);
  if (error || !value.is_array()) return std::nullopt;
  for (const json::value& each : value.get_array())
    if (each.is_object()) needed.see(each.get_object());
  return value.get_array().size();
}

psa::Check judge_list(const Step& step, const Answer& answer, std::string_view api_version) {
  const std::size_t query = step.target.find('?');
  NeededFields needed(step.target.substr(0, query), step.target.substr(query + 1));
  const std::optional<std::size_t> count = count_items(answer.body, needed);
  const std::string what(step.what);
  if (!count) {
    Reading reading = read_failure(answer.status, answer.content_type, answer.body, false);
    Failure failure{std::move(reading.error), reading.disposition, std::nullopt, answer.status};
    return failed_check(step.name, failure, "");
  }
  if (*count == 0 && !step.may_be_empty)
    return {std::string(step.name), false, "ConnectWise lets us ask for " + what + ", but shows none.",
            "ConnectWise hides rows when the API member's level is too narrow: set the member's level to Corporate, "
            "and its role's right to " +
                right_for("GET", step.target, false) + "."};
  if (const auto absent = needed.absent(api_version))
    return {std::string(step.name), false, absent->message + ".", explain(absent->code).action};
  return {std::string(step.name), true, "We can read " + what + ".", ""};
}

/// What the server calls itself; empty when it does not tell.
std::string version_of(const Answer& answer) {
  const std::optional<json::object> info = parse_object(answer.body);
  return info ? text_at(*info, "version") : "";
}

psa::Check judge_version(const Client& client, const std::string& server) {
  VersionAge age = judge_api_version(client.api_version(), client.clock().now());
  if (is_older_version(server, client.api_version()))
    age.text += " This server is older, of version " + server +
                "; if it does not answer as it should, set connectwise.api_version to its version.";
  const bool passed = age.state != VersionState::may_have_ended;
  return {"API version", passed, (age.state == VersionState::ends_soon ? "Soon to end: " : "") + age.text,
          passed ? "" : "Install a newer Crosswalk, or name a newer version in connectwise.api_version."};
}

psa::Check judge_sign_in(const Answer& answer) {
  const std::optional<json::object> info = parse_object(answer.body);
  const std::string version = version_of(answer);
  if (info) return {"Sign-in", true, "Signed in" + (version.empty() ? "." : " to ConnectWise " + version + "."), ""};
  Reading reading = read_failure(answer.status, answer.content_type, answer.body, false);
  Failure failure{std::move(reading.error), reading.disposition, std::nullopt, answer.status};
  return failed_check("Sign-in", failure, "");
}

}  // namespace

boost::asio::awaitable<std::vector<psa::Check>> check_connection(Client& client, psa::Lane lane,
                                                                 const psa::CheckScope& scope) {
  std::vector<psa::Check> checks;
  std::vector<psa::Call> calls;
  // Without it ConnectWise refuses every call in the words that it has for wrong keys.
  if (!client.has_client_id()) {
    checks.push_back(
        {"Client id", false, "There is no client id, and ConnectWise takes no call without one.",
         "Register one at developer.connectwise.com, and set connectwise.client_id in the configuration, or "
         "give it to the partner: crosswalk partners edit " +
             client.partner().value + " --client-id ID."});
    co_return checks;
  }
  auto found = co_await client.discover(lane, calls);
  if (!found) {
    checks.push_back(failed_check("Instance", found.error(), ""));
    co_return checks;
  }
  checks.push_back({"Instance", true, "Found at " + client.api_base() + ".", ""});
  WireRequest info_request;
  info_request.target = "/system/info";
  auto info = co_await client.call(std::move(info_request), lane, calls);
  checks.push_back(info ? judge_sign_in(*info) : failed_check("Sign-in", info.error(), "access to system information"));
  // Refused keys are refused everywhere; asking on would only count as more failed sign-ins.
  if (!info && info.error().disposition == Disposition::credentials) co_return checks;
  checks.push_back(judge_version(client, info ? version_of(*info) : ""));
  for (const Step& step : kSteps) {
    WireRequest request;
    request.target = step.target;
    auto answer = co_await client.call(std::move(request), lane, calls);
    const std::string right = right_for("GET", step.target, false);
    checks.push_back(answer ? judge_list(step, *answer, client.api_version())
                            : failed_check(step.name, answer.error(), right));
  }
  std::vector<psa::Check> rights = co_await check_rights(client, scope, lane, calls);
  std::ranges::move(rights, std::back_inserter(checks));
  if (scope.tickets) co_return checks;
  // Nothing is written to tickets yet. What going live would lack is told before, and fails nothing.
  const psa::CheckScope live{.tickets = true, .closes = true};
  std::vector<psa::Check> later = co_await check_rights(client, live, lane, calls);
  for (psa::Check& each : later) {
    if (!each.passed) each.detail = "Needed to go live: " + each.detail + " " + each.action;
    each.passed = true;
    each.action.clear();
  }
  // Rights to write cannot be tried without writing.
  if (later.empty() && checks.back().passed)
    checks.back().detail +=
        " To make, change and close tickets the role also needs Add All and Edit All here, and Service Desk > Close "
        "Service Tickets: Add, Edit and Inquire All.";
  std::ranges::move(later, std::back_inserter(checks));
  co_return checks;
}

}  // namespace crosswalk::connectwise::manage
