#pragma once

#include "sandbox/tenant.h"
#include "sandbox/writer.h"

namespace crosswalk::sandbox {

/// Fills what billing stands on: cycles, terms, tax codes, the product catalog.
void seed_catalog(Tenant& tenant, const Actor& actor);
/// Has agreements billed monthly, with a few additions, that no scenario has given a billing cycle.
void bill_agreements(Tenant& tenant, const Actor& actor);

}  // namespace crosswalk::sandbox
