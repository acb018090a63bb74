#pragma once

#include <span>

#include "sandbox/town_words.h"
#include "sandbox/writer.h"

namespace crosswalk::sandbox {

/// Opportunities of two years, won, lost and open, with what was done for them, and the projects that came of some.
void plant_town_sales(Tenant& tenant, std::span<const Customer> customers, std::size_t opportunities, Dice& dice,
                      const Actor& actor);

}  // namespace crosswalk::sandbox
