#pragma once

#include <cstdint>
#include <string_view>

#include "sandbox/tenant.h"
#include "sandbox/writer.h"

namespace crosswalk::sandbox {

/// Whether there is one of this name: "empty", "small", "mid", "large", "msp:german"...
[[nodiscard]] bool is_scenario(std::string_view name);

/// Fills an empty tenant with what all tenants of a scenario begin with: boards, statuses, members, the product
/// catalog, roles; in "small" also what does not differ from one MSP to the other. Throws std::invalid_argument for a
/// scenario that there is not.
void seed_reference(Tenant& tenant, std::string_view scenario, const Actor& founder);

/// Companies and what belongs to them, in a tenant that has the scenario's reference data. Ids are the same in every
/// run and tenant (sandbox/README.md lists them); the seed varies people, addresses and devices.
void seed_scenario(Tenant& tenant, std::string_view scenario, std::uint64_t seed, const Actor& founder);

}  // namespace crosswalk::sandbox
