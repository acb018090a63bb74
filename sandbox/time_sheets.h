#pragma once

#include "sandbox/tenant.h"
#include "sandbox/writer.h"

namespace crosswalk::sandbox {

/// Books an hour of the first charge code for everybody who is there, each Monday of the last `weeks`.
void enter_meetings(Tenant& tenant, int weeks, const Actor& actor);

/// Gathers all time entries in a sheet for each member and week: this week's is open, last week's waits for approval,
/// older ones are approved.
void fill_time_sheets(Tenant& tenant, const Actor& actor);

}  // namespace crosswalk::sandbox
