#pragma once

#include "connectwise/manage/client.h"
#include "psa/operations.h"

namespace crosswalk::connectwise::manage {

/// The operation was not applied, and why.
void set_failure(psa::Outcome& outcome, Error error, Disposition disposition);
/// An answer that does not show what it should: by the catalogue.
void read_unexpected(psa::Outcome& outcome, const Answer& answer);

}  // namespace crosswalk::connectwise::manage
