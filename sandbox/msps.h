#pragma once

#include <boost/json.hpp>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "sandbox/tenant.h"
#include "sandbox/writer.h"

namespace crosswalk::sandbox {

// Ten MSPs, each of which has made ConnectWise its own in another way. data/msps/<name>.json says what each has, and
// what an administrator of it would choose; the scenario of one is called "msp:<name>".

[[nodiscard]] std::span<const std::string_view> msp_names();
/// The document of the MSP of this scenario; nullptr when it is none of them.
[[nodiscard]] const boost::json::object* msp_of(std::string_view scenario);
/// A login company for each: "msp-german" of the scenario "msp:german".
[[nodiscard]] std::vector<TenantOptions> msp_tenants(std::string_view role);

/// Its setup tables: collection -> objects, in place of those that others begin with.
[[nodiscard]] boost::json::object msp_reference(const boost::json::object& msp);
/// The same of what billing stands on: the product catalog, billing cycles.
[[nodiscard]] boost::json::object msp_catalog(const boost::json::object& msp);
/// Its server and its business: customers with their devices and agreements, and tickets.
void plant_msp(Tenant& tenant, const boost::json::object& msp, std::uint64_t seed, const Actor& actor);

}  // namespace crosswalk::sandbox
