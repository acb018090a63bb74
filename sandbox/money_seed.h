#pragma once

#include "sandbox/tenant.h"
#include "sandbox/writer.h"

namespace crosswalk::sandbox {

/// Fills what billing stands on (cycles, terms, tax codes, the product catalog), and has agreements billed monthly,
/// with a few additions, that no scenario has given a billing cycle.
void seed_money(Tenant& tenant, const Actor& actor);

}  // namespace crosswalk::sandbox
