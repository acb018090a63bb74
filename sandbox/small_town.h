#pragma once

#include <cstdint>

#include "sandbox/tenant.h"
#include "sandbox/writer.h"

namespace crosswalk::sandbox {

/// What all MSPs of the scenario have alike, and share until one changes it: agreements and their invoices, sales,
/// projects. Their companies and contacts stand there by name alone.
void plant_small_business(Tenant& tenant, const Actor& actor);

/// What differs from one MSP to the other by seed: companies, people and devices; then the tickets and the work on
/// them. Takes the place of the names that plant_small_business() has left.
void plant_small_town(Tenant& tenant, std::uint64_t seed, const Actor& actor);

/// The company of unknown customers, and nothing else.
void plant_catchall(Tenant& tenant, std::uint64_t seed, const Actor& actor);

}  // namespace crosswalk::sandbox
