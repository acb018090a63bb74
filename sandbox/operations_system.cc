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

}  // namespace

std::span<const OperationRule> system_operations() {
  static constexpr OperationRule kRules[] = {
      {"GET", "/system/info", system_info, ""},
  };
  return kRules;
}

}  // namespace crosswalk::sandbox
