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

}  // namespace

std::span<const OperationRule> time_operations() {
  static constexpr OperationRule kRules[] = {
      {"POST", "/time/entries/defaults", default_object, nullptr, "I"},
      {"POST", "/time/sheets/{id}/approve", approve, nullptr, "E"},
      {"POST", "/time/sheets/{id}/reject", reject, nullptr, "E"},
      {"POST", "/time/sheets/{id}/reverse", reverse, nullptr, "E"},
      {"POST", "/time/sheets/{id}/submit", submit, nullptr, "E"},
  };
  return kRules;
}

}  // namespace crosswalk::sandbox
