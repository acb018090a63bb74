#pragma once

#include <boost/asio/awaitable.hpp>
#include <vector>

#include "connectwise/manage/client.h"

namespace crosswalk::connectwise::manage {

/// The check-up of a connection: finds the instance, signs in, reads one item of each collection that alert to ticket
/// needs, and what the member's role lets us write.
boost::asio::awaitable<std::vector<psa::Check>> check_connection(Client& client, psa::Lane lane,
                                                                 const psa::CheckScope& scope);

}  // namespace crosswalk::connectwise::manage
