#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "connectwise/manage/client.h"
#include "psa/port.h"

namespace crosswalk::connectwise::manage {

/// Whether the role of the API member grants what the workflows write with, as ConnectWise shows the member's own
/// rights: nothing is written to find out. A right of which ConnectWise says nothing has no verdict.
boost::asio::awaitable<std::vector<psa::Check>> check_rights(Client& client, const psa::CheckScope& scope,
                                                             psa::Lane lane, std::vector<psa::Call>& calls);

}  // namespace crosswalk::connectwise::manage
