#pragma once

#include <vector>

#include "mapping/object_document.h"
#include "psa/objects.h"

namespace crosswalk::mapping {

/// What the document names of that which is read only where it is asked for.
[[nodiscard]] psa::ObjectReferences named_references(const ObjectDocument& document);

/// Whether what the document names exists in the PSA, is active and fits. Ids of companies, sites, contacts and the
/// objects of decisions are not looked at: they are seen when a record gets there.
[[nodiscard]] std::vector<Problem> check_object_references(const ObjectDocument& document,
                                                           const psa::ObjectReferenceData& data);

}  // namespace crosswalk::mapping
