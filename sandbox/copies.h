#pragma once

#include "sandbox/writer.h"

namespace crosswalk::sandbox {

/// A copy of a row with everything that belongs to it, under `parent`; references among what is copied point at the
/// copies. `label` becomes its name where it has one and `label` is not empty.
const Row& copy_row(Tenant& tenant, const Resource& resource, const Row& row, std::int64_t parent,
                    std::string_view label, const Actor& actor);

}  // namespace crosswalk::sandbox
