#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "sandbox/tenant.h"
#include "sandbox/writer.h"

namespace crosswalk::sandbox {

/// An object as it stands, with its id; rules of clients do not apply to what was there before them.
void plant(Tenant& tenant, std::string_view path, const boost::json::object& object, const Actor& actor);
/// One of the small scenario's "first_names" or "last_names".
[[nodiscard]] std::string_view scenario_word(std::string_view list, std::uint64_t draw);

/// Fills an empty tenant: "empty", "small", "mid" or "large". Ids are the same in every run and tenant
/// (sandbox/README.md lists them); the seed varies people, addresses and devices. Throws std::invalid_argument for a
/// scenario that there is not.
void seed_scenario(Tenant& tenant, std::string_view scenario, std::uint64_t seed, const Actor& actor);

}  // namespace crosswalk::sandbox
