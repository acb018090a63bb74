#pragma once

#include <cstdint>
#include <map>
#include <utility>
#include <vector>

#include "sandbox/tenant.h"
#include "sandbox/town_words.h"
#include "sandbox/writer.h"

namespace crosswalk::sandbox {

/// Devices in use, by customer and type.
using DevicesByType = std::map<std::pair<std::int64_t, std::int64_t>, std::vector<std::int64_t>>;

/// The tickets of the last months and the work on them. People write in the MSP's office hours, devices at any time.
/// `customers`: the first is Catchall.
void plant_town_tickets(Tenant& tenant, const std::vector<Customer>& customers, const DevicesByType& devices,
                        std::size_t count, Dice& dice, const Actor& actor);

}  // namespace crosswalk::sandbox
