#include "sandbox/sign_in.h"

#include <fmt/format.h>

#include <utility>

#include "base/text.h"
#include "sandbox/callbacks.h"
#include "sandbox/documents.h"
#include "sandbox/tenant.h"

namespace crosswalk::sandbox {
namespace json = boost::json;
namespace {

/// No source says how long a hash is good; as long as minted keys.
constexpr std::int64_t kHashSeconds = 4 * 3'600;
/// The licence of members for the API, who have keys and no password.
constexpr std::string_view kApiLicense = "A";

const Row* find_member(const Tenant& tenant, std::string_view identifier) {
  const Table& members = tenant.table("system/members");
  return members.find_by(members.resource().field("identifier"), identifier);
}

/// Calls `visit` with each name and value of the cookies.
template <class Visit>
void each_cookie(const net::Headers& headers, Visit&& visit) {
  for (const auto& [name, value] : headers.items) {
    if (!equals_ignoring_case(name, "Cookie")) continue;
    std::string_view rest = value;
    while (!rest.empty()) {
      const std::size_t end = rest.find(';');
      const std::string_view cookie = trim(rest.substr(0, end));
      const std::size_t equals = cookie.find('=');
      if (equals != std::string_view::npos) visit(cookie.substr(0, equals), cookie.substr(equals + 1));
      rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
    }
  }
}

}  // namespace

std::string practice_password(const Tenant& tenant) { return tenant.name() + "-password"; }

std::optional<MemberHash> sign_in(Tenant& tenant, std::string_view member, std::int64_t now) {
  const Row* row = find_member(std::as_const(tenant), member);
  const Resource& members = Catalogue::instance().get("system/members");
  if (row == nullptr || row->flag(members.field("inactiveFlag"))) return std::nullopt;
  if (row->text(members.field("licenseClass")) == kApiLicense) return std::nullopt;
  MemberHash signed_in_as{std::string(row->text(members.field("identifier"))), {}};
  signed_in_as.hash =
      guid_of(fmt::format("hash {} {} {} {}", tenant.name(), signed_in_as.member, now, tenant.next_element++));
  tenant.add_key(signed_in_as.member, signed_in_as.member, signed_in_as.hash, now + kHashSeconds);
  return signed_in_as;
}

LoginForm parse_login(const net::Request& request) {
  const std::string* type = request.headers.find("Content-Type");
  if (const auto parts = parse_form(type == nullptr ? std::string_view() : *type, request.body)) {
    const auto value = [&](std::string_view name) {
      for (const FormPart& part : *parts) {
        if (equals_ignoring_case(part.name, name)) return std::string(trim(part.content));
      }
      return std::string();
    };
    return {value("CompanyName"), value("UserName"), value("Password")};
  }
  const net::Query query = net::parse_target("/?" + request.body).query;
  const auto value = [&](std::string_view name) {
    const std::string* found = query.find(name);
    return found == nullptr ? std::string() : *found;
  };
  return {value("CompanyName"), value("UserName"), value("Password")};
}

net::Response log_in(Tenant* tenant, const LoginForm& form, std::int64_t now) {
  std::optional<MemberHash> member;
  if (tenant != nullptr && form.password == practice_password(*tenant)) member = sign_in(*tenant, form.user, now);
  return json_response(
      200, json::serialize(json::object{{"Success", member.has_value()},
                                        {"Hash", member ? json::value(member->hash) : json::value(nullptr)}}));
}

std::optional<MemberCookies> member_cookies(const net::Headers& headers) {
  MemberCookies cookies;
  bool of_web = false;
  each_cookie(headers, [&](std::string_view name, std::string_view value) {
    if (equals_ignoring_case(name, "companyName")) cookies.company = value;
    if (equals_ignoring_case(name, "memberId")) cookies.member = value;
    if (equals_ignoring_case(name, "memberHash")) cookies.hash = value;
    if (equals_ignoring_case(name, "memberContext")) of_web = equals_ignoring_case(value, "web");
  });
  const bool whole = of_web && !cookies.company.empty() && !cookies.member.empty() && !cookies.hash.empty();
  return whole ? std::optional(std::move(cookies)) : std::nullopt;
}

const std::string* signed_in(const Tenant& tenant, const MemberCookies& cookies, std::int64_t now) {
  const Row* row = find_member(tenant, cookies.member);
  if (row == nullptr) return nullptr;
  const Resource& members = Catalogue::instance().get("system/members");
  return tenant.member_of(row->text(members.field("identifier")), cookies.hash, now);
}

}  // namespace crosswalk::sandbox
