#include "sandbox/members.h"

#include <fmt/format.h>

#include "sandbox/shapes.h"

namespace crosswalk::sandbox {
namespace json = boost::json;
namespace {

void write(const OperationContext& context, Row changed) {
  changed.last_updated = context.actor.now;
  changed.updated_by = context.actor.member;
  context.tenant.table(context.resource()).replace(std::move(changed));
}

void make_inactive(const OperationContext& context, const Row& member) {
  Row changed = member;
  changed.set(context.resource().field("inactiveFlag"), true);
  changed.set(context.resource().field("inactiveDate"), context.actor.now);
  write(context, std::move(changed));
}

std::vector<std::int64_t> open_sheets(const Tenant& tenant, std::int64_t member) {
  const Table& sheets = tenant.table("time/sheets");
  std::vector<std::int64_t> open;
  sheets.each([&](const Row& row) {
    const bool own = row.integer(sheets.resource().field("member")) == member;
    if (own && row.text(sheets.resource().field("status")) == "Open") open.push_back(row.id);
    return true;
  });
  return open;
}

/// The single sign-on user that a member is linked to; empty when there is none.
std::string_view sso_user_of(const Resource& members, const Row& member) {
  const json::value* settings = member.get(members.field("ssoSettings"));
  const json::value* user =
      settings != nullptr && settings->is_object() ? settings->get_object().if_contains("ssoUserId") : nullptr;
  return user != nullptr && user->is_string() ? std::string_view(user->get_string()) : std::string_view();
}

/// A member in the schema that the operation answers with.
net::Response shown(const OperationContext& context, const Resource& members, const Row& row) {
  const json::object object = context.wire.object_as(members, row, context.route.operation->answer_schema);
  const std::string_view fields = context.request.parameter("fields");
  return json_response(200, json::serialize(fields.empty() ? object : project(object, fields)));
}

}  // namespace

net::Response deactivate_member(const OperationContext& context) {
  constexpr const char* kNoun = "memberDeactivation";
  const std::optional<json::object> body = parse_object(context.request.body);
  if (!body) return to_response(invalid_object(kNoun, {}));
  auto kept = shaped(context.tenant, *Catalogue::instance().schema("MemberDeactivation"), *body,
                     context.actor.switches->texts_taken_for_values);
  if (!kept) {
    const std::string& member = kept.error().member;
    return to_response(
        invalid_object(kNoun, {{"InvalidField", fmt::format("The {} field is invalid.", member), kNoun, member}}));
  }
  const std::vector<std::int64_t> sheets = open_sheets(context.tenant, context.row->id);
  const json::value* giving_up = kept->if_contains("deleteOpenTimeSheetsFlag");
  const bool given_up = giving_up != nullptr && *giving_up == json::value(true);
  if (!sheets.empty() && !given_up) {
    return to_response(invalid_object(
        kNoun, {{"InvalidField", "The member has open time sheets.", kNoun, "deleteOpenTimeSheetsFlag"}}));
  }
  for (const std::int64_t sheet : sheets) context.tenant.table("time/sheets").erase(sheet);
  make_inactive(context, *context.row);
  return json_response(200, json_text(*kept));
}

net::Response deactivate_sso_member(const OperationContext& context) {
  const Table& members = std::as_const(context.tenant).table(context.resource());
  const Row* found = nullptr;
  members.each([&](const Row& row) {
    if (sso_user_of(context.resource(), row) == context.route.text) found = &row;
    return found == nullptr;
  });
  if (found == nullptr) {
    return to_response(ApiError{404, "NotFound", fmt::format("Member {} not found", context.route.text), {}});
  }
  make_inactive(context, *found);
  return no_content_response();
}

net::Response link_sso_user(const OperationContext& context) {
  constexpr const char* kNoun = "memberLinkSsoUser";
  const std::optional<json::object> body = parse_object(context.request.body);
  const json::value* user = body ? body->if_contains("ssoUserId") : nullptr;
  if (user == nullptr || !user->is_string() || user->get_string().empty())
    return to_response(invalid_object(kNoun, {missing_field(kNoun, "ssoUserId")}));
  Row changed = *context.row;
  changed.set(context.resource().field("ssoSettings"), json::object{{"id", context.row->id}, {"ssoUserId", *user}});
  write(context, std::move(changed));
  return success_response();
}

net::Response unlink_sso_user(const OperationContext& context) {
  Row changed = *context.row;
  changed.set(context.resource().field("ssoSettings"), nullptr);
  write(context, std::move(changed));
  return success_response();
}

net::Response members_with_sso(const OperationContext& context) {
  std::vector<json::object> objects;
  std::as_const(context.tenant).table(context.resource()).each([&](const Row& row) {
    if (!sso_user_of(context.resource(), row).empty())
      objects.push_back(context.wire.object_as(context.resource(), row, context.route.path->schema));
    return true;
  });
  return objects_response(context, std::move(objects));
}

net::Response member_named(const OperationContext& context) {
  const Resource& members = context.resource();
  const Access& access = context.tenant.access(context.actor.member);
  const Row* row =
      std::as_const(context.tenant).table(members).find_by(members.field("identifier"), context.route.text);
  if (row == nullptr || !(access.sees_all_of(members) || access.sees(members, *row))) {
    return to_response(ApiError{404, "NotFound", fmt::format("Member {} not found", context.route.text), {}});
  }
  return shown(context, members, *row);
}

net::Response own_member(const OperationContext& context) {
  const Table& members = std::as_const(context.tenant).table("system/members");
  const Row* row = members.find_by(members.resource().field("identifier"), context.actor.member);
  if (row == nullptr) {
    return to_response(ApiError{404, "NotFound", fmt::format("Member {} not found", context.actor.member), {}});
  }
  return shown(context, members.resource(), *row);
}

net::Response calendar_members(const OperationContext& context) {
  const Resource& members = context.resource();
  std::vector<json::object> objects;
  std::as_const(context.tenant).table(members).each([&](const Row& row) {
    objects.push_back(
        {{"id", row.id}, {"memberId", row.text(members.field("identifier"))}, {"calendarSyncIntegrationFlag", false}});
    return true;
  });
  return objects_response(context, std::move(objects));
}

}  // namespace crosswalk::sandbox
