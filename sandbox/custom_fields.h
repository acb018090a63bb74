#pragma once

#include <boost/json.hpp>

#include "sandbox/tenant.h"

namespace crosswalk::sandbox {

/// Every custom field that an object of `resource` has, with null where nothing has been entered; `entered` is what the
/// row holds (or nullptr). Where the MSP has defined no fields, what was entered is all.
[[nodiscard]] boost::json::array shown_custom_fields(const Tenant& tenant, const Resource& resource,
                                                     const boost::json::value* entered);

}  // namespace crosswalk::sandbox
