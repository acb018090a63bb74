#include "connectwise/manage/rights.h"

#include <array>
#include <boost/json/parse.hpp>
#include <map>
#include <string>

#include "base/json.h"
#include "base/text.h"
#include "connectwise/manage/wire.h"

namespace crosswalk::connectwise::manage {
namespace {

namespace json = boost::json;

/// A role has some eighty rights; one page holds them all.
constexpr std::string_view kOwnRights =
    "/system/mySecurity?fields=moduleFunctionName,moduleName,addLevel,editLevel,inquireLevel&pageSize=1000&page=1";

struct Levels {
  std::string add, edit, inquire;
};
/// By the name of the module's function, in lower case.
using Rights = std::map<std::string, Levels, std::less<>>;

struct Need {
  std::string_view module, function, what;
  bool adds = false;
};

std::optional<Rights> read_rights(const std::string& body) {
  boost::system::error_code error;
  const json::value value = json::parse(json::string_view(body.data(), body.size()), error);
  if (error || !value.is_array()) return std::nullopt;
  Rights rights;
  for (const json::value& each : value.get_array()) {
    if (!each.is_object()) continue;
    const json::object& right = each.get_object();
    std::string name = to_lower(text_at(right, "moduleFunctionName"));
    if (name.empty()) continue;
    rights[std::move(name)] = {text_at(right, "addLevel"), text_at(right, "editLevel"), text_at(right, "inquireLevel")};
  }
  return rights;
}

bool is_all(const std::string& level) { return equals_ignoring_case(level, "All"); }

std::vector<Need> needs_of(const psa::CheckScope& scope) {
  std::vector<Need> needs;
  if (scope.tickets) needs.push_back({"Service Desk", "Service Tickets", "make and change tickets", true});
  if (scope.closes) needs.push_back({"Service Desk", "Close Service Tickets", "close tickets", true});
  for (const auto& [kind, creates] : scope.objects) {
    switch (kind) {
      case psa::ObjectKind::company:
        needs.push_back({"Companies", "Company Maintenance", "write companies", creates});
        break;
      case psa::ObjectKind::contact:
        needs.push_back({"Companies", "Contacts", "write contacts", creates});
        break;
      case psa::ObjectKind::configuration:
        needs.push_back({"Companies", "Configurations", "write configurations", creates});
        break;
      case psa::ObjectKind::ticket:
      case psa::ObjectKind::agreement:
        break;
    }
  }
  return needs;
}

psa::Check judge(const Need& need, const Levels& levels) {
  const std::string name = std::string(need.module) + " > " + std::string(need.function);
  std::string missing;
  const auto want = [&](const char* right, const std::string& level) {
    if (is_all(level)) return;
    missing += (missing.empty() ? "" : ", ") + std::string(right) + " (it is " + (level.empty() ? "none" : level) + ")";
  };
  if (need.adds) want("Add", levels.add);
  want("Edit", levels.edit);
  want("Inquire", levels.inquire);
  if (missing.empty())
    return {name + ", to write", true, "The role lets us " + std::string(need.what) + ", as ConnectWise shows it.", ""};
  return {name + ", to write", false,
          "The role of the API member does not let us " + std::string(need.what) + ": it lacks " + missing +
              ". ConnectWise shows so; nothing was written to find out.",
          "In ConnectWise open the security role of the API member and set " + name + " to " +
              (need.adds ? "Add, Edit and Inquire All." : "Edit and Inquire All.")};
}

}  // namespace

boost::asio::awaitable<std::vector<psa::Check>> check_rights(Client& client, const psa::CheckScope& scope,
                                                             psa::Lane lane, std::vector<psa::Call>& calls) {
  std::vector<psa::Check> checks;
  const std::vector<Need> needs = needs_of(scope);
  if (needs.empty()) co_return checks;
  WireRequest request;
  request.target = std::string(kOwnRights);
  auto answer = co_await client.call(std::move(request), lane, calls);
  const std::optional<Rights> rights = answer ? read_rights(answer->body) : std::nullopt;
  if (!rights) co_return checks;
  for (const Need& need : needs) {
    const auto levels = rights->find(to_lower(need.function));
    if (levels != rights->end()) checks.push_back(judge(need, levels->second));
  }
  co_return checks;
}

}  // namespace crosswalk::connectwise::manage
