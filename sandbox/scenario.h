#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "sandbox/tenant.h"
#include "sandbox/writer.h"

namespace crosswalk::sandbox {

/// Fills an empty tenant. Ids are the same in every run and tenant (sandbox/README.md lists them); the seed varies
/// people, addresses and devices. Throws std::invalid_argument for a scenario that there is not.
void seed_scenario(Tenant& tenant, std::string_view scenario, std::uint64_t seed, const Actor& actor);

}  // namespace crosswalk::sandbox
