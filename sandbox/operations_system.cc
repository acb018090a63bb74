#include "sandbox/operations.h"

namespace crosswalk::sandbox {
namespace json = boost::json;
namespace {

net::Response system_info(const OperationContext&) {
  return json_response(200, json::serialize(json::object{{"version", "v2025.1.105333"},
                                                         {"isCloud", true},
                                                         {"serverTimeZone", "Eastern Standard Time"},
                                                         {"cloudRegion", "NA"},
                                                         {"maxWorkFlowRecordsAllowed", 2000}}));
}

net::Response my_security(const OperationContext& context) {
  return objects_response(context, own_security(context.tenant, context.wire, context.actor.member));
}

net::Response member_token(const OperationContext& context) {
  if (!context.actor.integrator) return to_response(not_permitted());
  return make_token(context.tenant, context.route.text, context.actor.now);
}

}  // namespace

std::span<const OperationRule> system_operations() {
  static constexpr OperationRule kRules[] = {
      {"GET", "/system/info", system_info, ""},
      {"GET", "/system/mySecurity", my_security, ""},
      {"POST", "/system/members/{memberIdentifier}/tokens", member_token, ""},
  };
  return kRules;
}

}  // namespace crosswalk::sandbox
