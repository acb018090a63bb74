#pragma once

#include <vector>

#include "mapping/document.h"
#include "psa/ticket_references.h"

namespace crosswalk::mapping {

/// What the document names that check_references() does not look at.
[[nodiscard]] psa::TicketReferences named_ticket_references(const Document& document);

/// Problems with it: what does not exist, is inactive, or belongs to another company than the ticket's; types, subtypes
/// and items that do not fit together. What could not be read is one warning for each kind.
[[nodiscard]] std::vector<Problem> check_ticket_references(const Document& document,
                                                           const psa::TicketReferencesFound& found);

}  // namespace crosswalk::mapping
