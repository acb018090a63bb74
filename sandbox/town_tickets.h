#pragma once

#include <cstdint>
#include <span>

#include "sandbox/town_words.h"
#include "sandbox/writer.h"

namespace crosswalk::sandbox {

/// So many tickets of the last months, about what town.json knows. What people ask for comes in office hours, alerts at
/// any hour and with their device; what has cleared by itself has been closed by the integration.
void plant_town_tickets(Tenant& tenant, std::span<const Customer> customers, std::size_t count, Dice& dice,
                        const Actor& actor);

}  // namespace crosswalk::sandbox
