#include "sandbox/hosted.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>

#include "sandbox/sign_in.h"
#include "sandbox/tenant.h"
#include "sandbox/world.h"

namespace crosswalk::sandbox {
namespace json = boost::json;
namespace {

constexpr std::string_view kSetups = "system/connectwisehostedsetups";

/// What hosted pages call a screen, and whose records it shows. Screens that no client has a word for go by their own.
struct Screen {
  std::string_view id, word, collection;
};
constexpr Screen kScreens[] = {{"CompanyDetail", "company", "company/companies"},
                               {"ContactDetail", "contact", "company/contacts"},
                               {"ServiceTicket", "ticket", "service/tickets"},
                               {"ProjectTicket", "ticket", "project/tickets"},
                               {"SalesOrderDetail", "salesorder", "sales/orders"},
                               {"CompanyFinanceDetail", "CompanyFinanceDetail", "company/companies"},
                               {"ConnectWiseToday", "ConnectWiseToday", ""}};

const Screen* screen_named(std::string_view id) {
  const auto* found =
      std::find_if(std::begin(kScreens), std::end(kScreens), [&](const Screen& each) { return each.id == id; });
  return found == std::end(kScreens) ? nullptr : found;
}

std::string text_in(const json::object& object, std::string_view name) {
  const json::value* value = object.if_contains(name);
  return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
}

std::int64_t number_in(const json::object& object, std::string_view name) {
  const json::value* value = object.if_contains(name);
  return value != nullptr && value->is_int64() ? value->get_int64() : 0;
}

void replace_all(std::string& text, std::string_view token, std::string_view value) {
  for (std::size_t at = text.find(token); at != std::string::npos; at = text.find(token, at + value.size()))
    text.replace(at, token.size(), value);
}

/// What getMemberAuthentication answers. The site is the one by which the tenant was last called; empty: not yet.
json::object authentication(const World& world, const Tenant& tenant, const MemberHash& member) {
  const std::int64_t id = world.id_of(tenant.name(), "system/members", member.member);
  const std::optional<json::object> row = world.find(tenant.name(), "system/members", id);
  const std::size_t host = tenant.origin.find("://");
  return {{"site", host == std::string::npos ? std::string() : tenant.origin.substr(host + 3)},
          {"companyid", tenant.name()},
          {"memberid", member.member},
          {"memberHash", member.hash},
          {"memberContext", "web"},
          {"memberEmail", row ? text_in(*row, "officeEmail") : std::string()},
          {"codeBase", tenant.codebase.substr(0, tenant.codebase.find('/'))}};
}

}  // namespace

net::Response control_hosted(World& world, ControlInput& input) {
  const Tenant* tenant = input.tenant(world);
  const std::string member = input.member(tenant);
  const std::int64_t id = input.id("setup"), record = input.number("record", 0, 0);
  static_cast<void>(input.row(tenant, kSetups, id, "hosted setup"));
  if (input.refusal()) return *input.refusal();
  const json::object setup = *world.find(tenant->name(), kSetups, id);
  if (const json::value* disabled = setup.if_contains("disabledFlag");
      disabled != nullptr && *disabled == json::value(true))
    return refused(409, "the hosted setup is disabled");
  const auto shown_at = world.find(tenant->name(), "system/connectWiseHostedScreens", number_in(setup, "screenId"));
  const Screen* screen = shown_at ? screen_named(text_in(*shown_at, "screenId")) : nullptr;
  if (screen == nullptr) return refused(409, "the hosted setup's screen is not one that the sandbox knows");
  const std::optional<MemberHash> signed_in_as = world.sign_in(tenant->name(), member);
  if (!signed_in_as) return refused(409, fmt::format("{} cannot sign in", quoted(member)));
  const std::string record_text = std::to_string(record);
  std::string url = text_in(setup, "url");
  replace_all(url, "[cw_id]", record_text);
  replace_all(url, "[cw_screen]", screen->word);
  return shown(
      json::object{{"url", url},
                   {"origin", text_in(setup, "origin")},
                   {"description", text_in(setup, "description")},
                   {"collection", screen->collection},
                   {"frame", fmt::format("hosted-{}-{}", id, record)},
                   {"height", number_in(setup, "podHeight")},
                   {"screenObject",
                    json::object{{"screen", screen->word}, {"id", record_text}, {"hostedAs", text_in(setup, "type")}}},
                   {"authentication", authentication(world, *tenant, *signed_in_as)}});
}

}  // namespace crosswalk::sandbox
