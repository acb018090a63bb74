#include "sandbox/operations.h"

namespace crosswalk::sandbox {
namespace json = boost::json;
namespace {

net::Response set_status(const OperationContext& context, const char* status) {
  Row changed = *context.row;
  changed.set(context.resource().field("status"), status);
  changed.last_updated = context.actor.now;
  changed.updated_by = context.actor.member;
  context.tenant.table(context.resource()).replace(std::move(changed));
  return success_response();
}

net::Response approve(const OperationContext& context) { return set_status(context, "ApprovedByTierOne"); }
net::Response reject(const OperationContext& context) { return set_status(context, "Rejected"); }
net::Response reverse(const OperationContext& context) { return set_status(context, "Open"); }
net::Response submit(const OperationContext& context) { return set_status(context, "PendingApproval"); }

net::Response reject_entry(const OperationContext& context) { return set_status(context, "Rejected"); }

net::Response cancel_rejection(const OperationContext& context) {
  const Resource& entries = context.resource();
  if (context.row->text(entries.field("status")) != "Rejected") {
    return to_response(invalid_object(
        entries.spec.noun, {{"InvalidField", "The time entry is not rejected.", entries.spec.noun, "status"}}));
  }
  return set_status(context, "Open");
}

/// Takes an entry off its invoice.
net::Response detach_entry(const OperationContext& context) {
  Row changed = *context.row;
  changed.set(context.resource().field("invoice"), nullptr);
  changed.last_updated = context.actor.now;
  changed.updated_by = context.actor.member;
  context.tenant.table(context.resource()).replace(std::move(changed));
  return success_response();
}

/// The last part of the path says whether those who were scheduled are told; nobody is.
net::Response delete_schedule_entry(const OperationContext& context) {
  const auto error = delete_row(context.tenant, context.resource(), context.row->id, context.actor);
  return error ? to_response(*error) : no_content_response();
}

}  // namespace

std::span<const OperationRule> time_operations() {
  static constexpr OperationRule kRules[] = {
      {"POST", "/time/entries/defaults", default_object, nullptr, "I"},
      {"POST", "/time/entries/{id}/reject", reject_entry, nullptr, "E"},
      {"POST", "/time/entries/{id}/cancelReject", cancel_rejection, nullptr, "E"},
      {"POST", "/time/entries/{id}/detach", detach_entry, nullptr, "E"},
      {"DELETE", "/schedule/entries/{id}/{notifyResource}", delete_schedule_entry},
      {"POST", "/schedule/calendars/{id}/copy", copy_item},
      {"POST", "/schedule/holidayLists/copy", copy_named},
      {"POST", "/expense/reports/{id}/approve", approve, nullptr, "E"},
      {"POST", "/expense/reports/{id}/reject", reject, nullptr, "E"},
      {"POST", "/expense/reports/{id}/reverse", reverse, nullptr, "E"},
      {"POST", "/expense/reports/{id}/submit", submit, nullptr, "E"},
      {"POST", "/time/sheets/{id}/approve", approve, nullptr, "E"},
      {"POST", "/time/sheets/{id}/reject", reject, nullptr, "E"},
      {"POST", "/time/sheets/{id}/reverse", reverse, nullptr, "E"},
      {"POST", "/time/sheets/{id}/submit", submit, nullptr, "E"},
  };
  return kRules;
}

}  // namespace crosswalk::sandbox
