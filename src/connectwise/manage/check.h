#pragma once

#include <boost/asio/awaitable.hpp>
#include <vector>

#include "connectwise/manage/client.h"

namespace crosswalk::connectwise::manage {

/// The check-up of a connection: finds the instance, signs in, and reads one item of each collection that alert to
/// ticket needs.
boost::asio::awaitable<std::vector<psa::Check>> check_connection(Client& client, psa::Lane lane);

}  // namespace crosswalk::connectwise::manage
