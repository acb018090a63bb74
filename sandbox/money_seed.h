#pragma once

#include <boost/json.hpp>
#include <cstdint>
#include <functional>

#include "sandbox/money.h"
#include "sandbox/tenant.h"
#include "sandbox/writer.h"

namespace crosswalk::sandbox {

/// Fills what billing stands on: cycles, terms, tax codes, the product catalog. `own`, by collection, takes the place
/// of what others have.
void seed_catalog(Tenant& tenant, const boost::json::object& own, const Actor& actor);

/// How much a customer has of what is billed by number.
struct Estate {
  std::int64_t workstations = 0, servers = 0, users = 0;
};

/// Has the active agreements billed monthly, with the additions that suit their type, and invoices them for up to
/// `months` months before this one. This month's invoice is left to whoever plays with the sandbox.
void bill_agreements(Tenant& tenant, int months, const std::function<Estate(std::int64_t company)>& estate_of,
                     const Actor& actor);

/// What an agreement has billed before `day` is settled, and its invoices are no longer kept: it bills from then on.
void settle_billing_before(Tenant& tenant, std::int64_t agreement, Day day);

}  // namespace crosswalk::sandbox
