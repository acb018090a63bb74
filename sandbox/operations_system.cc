#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "sandbox/bundles.h"
#include "sandbox/documents.h"
#include "sandbox/field_changes.h"
#include "sandbox/members.h"
#include "sandbox/reports.h"
#include "sandbox/rules.h"
#include "sandbox/workflow_fields.h"

namespace crosswalk::sandbox {
namespace json = boost::json;
namespace {

net::Response system_info(const OperationContext& context) {
  json::array licenses;
  for (const char* module :
       {"Companies", "Finance", "Procurement", "Project", "Sales", "Service Desk", "Time & Expense"})
    licenses.push_back(json::object{{"name", module}, {"activeFlag", true}});
  const Tenant& tenant = context.tenant;
  json::object info{{"version", fmt::format("v{}.105333", kCurrentVersion)},
                    {"isCloud", tenant.is_cloud},
                    {"serverTimeZone", tenant.server_time_zone},
                    {"licenseBits", std::move(licenses)}};
  if (!tenant.cloud_region.empty()) info["cloudRegion"] = tenant.cloud_region;
  info["maxWorkFlowRecordsAllowed"] = 2000;
  return json_response(200, json_text(info));
}

net::Response my_security(const OperationContext& context) {
  return objects_response(context, own_security(context.tenant, context.wire, context.actor.member));
}

net::Response member_token(const OperationContext& context) {
  if (!context.actor.integrator) return to_response(not_permitted());
  return make_token(context.tenant, context.route.text, context.actor.now);
}

/// A collection by the word that the audit trail uses for its objects.
const Resource* audited(std::string_view type) {
  static constexpr std::pair<std::string_view, const char*> kTypes[] = {
      {"Ticket", "service/tickets"},
      {"Contact", "company/contacts"},
      {"Company", "company/companies"},
      {"Opportunity", "sales/opportunities"},
      {"Time", "time/entries"},
      {"Activity", "sales/activities"},
      {"ProductCatalog", "procurement/catalog"},
      {"ProjectTicket", "project/tickets"},
      {"Configuration", "company/configurations"},
      {"Schedule", "schedule/entries"},
      {"Agreement", "finance/agreements"},
      {"AgreementAddition", "finance/agreements/additions"},
      {"Project", "project/projects"},
      {"Invoice", "finance/invoices"},
      {"Expense", "expense/entries"},
      {"ProductItem", "procurement/products"},
      {"Member", "system/members"},
      {"Site", "company/companies/sites"}};
  for (const auto& [name, path] : kTypes) {
    if (equals_ignoring_case(name, type)) return &Catalogue::instance().get(path);
  }
  return nullptr;
}

/// What is known of an object's past: when it was made, and when it was last changed.
std::vector<json::object> trail(const OperationContext& context) {
  std::vector<json::object> entries;
  const std::string_view type = context.request.parameter("type");
  const Resource* resource = audited(type);
  const auto id = static_cast<std::int64_t>(number_parameter(context.request, "id", 0));
  const Row* row = resource == nullptr ? nullptr : std::as_const(context.tenant).table(*resource).find(id);
  if (row == nullptr) return entries;
  const auto add = [&](const char* what, std::int64_t at, const std::string& who) {
    entries.push_back({{"text", std::string(type) + " has been " + what + "."},
                       {"enteredDate", time_text(at)},
                       {"enteredBy", who},
                       {"auditType", type},
                       {"auditSubType", "Record"},
                       {"auditSource", "API"}});
  };
  add("created", row->date_entered, row->entered_by);
  if (row->last_updated != row->date_entered) add("updated", row->last_updated, row->updated_by);
  return entries;
}

net::Response audit_trail(const OperationContext& context) { return objects_response(context, trail(context)); }

net::Response count_audit_trail(const OperationContext& context) {
  return objects_count_response(context, trail(context));
}

/// "[cw_id]" in a link stands for the record.
net::Response resolve_link(const OperationContext& context) {
  const std::optional<json::object> body = parse_object(context.request.body);
  const json::value* reference = body ? body->if_contains("referenceId") : nullptr;
  if (reference == nullptr || !reference->is_int64()) {
    return to_response(invalid_object("link", {missing_field("link", "referenceId")}));
  }
  std::string url(context.row->text(context.resource().field("url")));
  constexpr std::string_view kToken = "[cw_id]";
  if (const std::size_t at = url.find(kToken); at != std::string::npos) {
    url.replace(at, kToken.size(), std::to_string(reference->get_int64()));
  }
  return json_response(201, json_text(json::object{{"referenceId", *reference}, {"url", url}}));
}

net::Response nothing(const OperationContext& context) { return objects_response(context, {}); }

net::Response done(const OperationContext&) { return success_response(); }

net::Response gone(const OperationContext&) { return no_content_response(); }

}  // namespace

std::span<const OperationRule> system_operations() {
  static constexpr OperationRule kRules[] = {
      {"GET", "/system/info", system_info, ""},
      {"GET", "/system/mySecurity", my_security, ""},
      {"GET", "/system/myMembers", own_member, ""},
      {"GET", "/system/myMembers/info", own_member, ""},
      {"GET", "/system/members/{memberIdentifier}", member_named},
      {"GET", "/system/info/members/{memberIdentifier}", member_named},
      {"POST", "/system/members/{memberIdentifier}/tokens", member_token, ""},
      {"GET", "/system/apiMembers/default", default_object},
      {"GET", "/system/audittrail", audit_trail, "System Audit Trail"},
      {"GET", "/system/audittrail/count", count_audit_trail, "System Audit Trail"},
      {"POST", "/system/bundles", answer_bundle, ""},
      {"POST", "/system/bundles/count", count_bundle, ""},
      {"GET", "/system/documents", list_documents},
      {"GET", "/system/documents/count", count_documents},
      {"GET", "/system/documents/uploadsample", upload_sample},
      {"POST", "/system/documents", upload_document},
      {"POST", "/system/documents/{id}", replace_document, nullptr, "E"},
      {"GET", "/system/documents/{id}/download", download_document},
      {"GET", "/system/documents/{id}/thumbnail", download_document},
      {"POST", "/system/info/links/{id}/resolveurl", resolve_link, nullptr, "I"},
      {"GET", "/system/members/calendarsync", calendar_members},
      {"GET", "/system/members/withSso", members_with_sso},
      {"DELETE", "/system/members/{id}/unusedTimeSheets", gone},
      {"POST", "/system/members/{id}/linkSsoUser", link_sso_user, nullptr, "E"},
      {"POST", "/system/members/{id}/unlinkSsoUser", unlink_sso_user, nullptr, "E"},
      {"POST", "/system/members/{id}/submit", done, nullptr, "E"},
      {"POST", "/system/members/{id}/deactivate", deactivate_member, nullptr, "E"},
      {"POST", "/system/members/{ssoid}/deactivateIamMember", deactivate_sso_member, nullptr, "E"},
      {"GET", "/system/members/{id}/image", download_photo},
      {"PUT", "/system/members/{parentId}/managedDeviceAccounts/bulk", write_bulk},
      {"DELETE", "/system/members/{parentId}/managedDeviceAccounts/bulk", delete_bulk},
      {"GET", "/system/mySecurity/customizeItems/", nothing, ""},
      {"POST", "/system/workflows/userdefinedfields/events/{grandparentId}", add_workflow_field},
      {"GET", "/system/workflows/userdefinedfields/events/{grandparentId}/actions/{parentId}", list_workflow_fields},
      {"DELETE", "/system/workflows/userdefinedfields/actions/{parentId}", delete_workflow_fields},
      {"GET", "/system/workflows/{parentId}/events/{id}/test", test_workflow_event},
      {"GET", "/system/menuentries/{id}/image", download_menu_image},
      {"POST", "/system/menuentries/{id}/image", upload_menu_image, nullptr, "E"},
      {"POST", "/system/mycompany/reportingServices/{id}/testConnection", done, nullptr, "E"},
      {"GET", "/system/reports", list_reports, "API Reports"},
      {"GET", "/system/reports/{reportName}", report_data, "API Reports"},
      {"GET", "/system/reports/{reportName}/columns", report_columns, "API Reports"},
      {"GET", "/system/reports/{reportName}/count", report_count, "API Reports"},
      {"POST", "/system/surveys/{id}/copy", copy_item},
      {"POST", "/system/workflows/{id}/copy", copy_item},
      {"POST", "/system/workflows/{parentId}/events/{id}/copy", copy_item},
  };
  return kRules;
}

}  // namespace crosswalk::sandbox
