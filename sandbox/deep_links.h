#pragma once

#include "net/http.h"
#include "sandbox/world.h"

namespace crosswalk::sandbox {

/// True for the addresses by which integrations lead people to a record on ConnectWise's screen:
/// ".../services/system_io/router/openrecord.rails?recordType=ServiceFv&recid=N" and
/// ".../ConnectWise.aspx?routeTo=ServiceFV&recid=N".
[[nodiscard]] bool is_deep_link(const net::Request& request);

/// Leads to the record on the sandbox's page. Whose record it is follows from "companyName" or "company"; where the
/// address names none, from who has it. Where that leaves several, it lets the person choose.
[[nodiscard]] net::Response open_record(const World& world, const net::Request& request);

}  // namespace crosswalk::sandbox
