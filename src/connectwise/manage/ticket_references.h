#pragma once

#include <boost/asio/awaitable.hpp>

#include "base/result.h"
#include "connectwise/manage/client.h"
#include "psa/ticket_references.h"

namespace crosswalk::connectwise::manage {

/// Looks up what a mapping of tickets names; see psa::ReadsReferenceData::ticket_references.
boost::asio::awaitable<Result<psa::TicketReferencesFound>> read_ticket_references(Client& client,
                                                                                  psa::TicketReferences wanted,
                                                                                  psa::Lane lane);

}  // namespace crosswalk::connectwise::manage
