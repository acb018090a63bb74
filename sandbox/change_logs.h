#pragma once

#include <string_view>

#include "sandbox/writer.h"

namespace crosswalk::sandbox {

/// Notes in service/tickets/changelogs that a service ticket has been "added", "updated" or "deleted", with the ticket
/// as it is then.
void log_ticket_change(Tenant& tenant, const Row& ticket, std::string_view action, const Actor& actor);

}  // namespace crosswalk::sandbox
