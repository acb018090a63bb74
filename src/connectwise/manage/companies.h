#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/json/object.hpp>
#include <optional>

#include "connectwise/manage/client.h"
#include "psa/port.h"

namespace crosswalk::connectwise::manage {

/// Reads all of /company/companies but the deleted ones. These stay readable and keep their status; only `deletedFlag`
/// tells, so it is asked for and looked at once more.
boost::asio::awaitable<std::optional<Failure>> read_companies(Client& client, psa::Lane lane,
                                                              psa::ReadResult<psa::Company>& result);

/// Nothing when the object has no id.
[[nodiscard]] std::optional<psa::Company> read_company(const boost::json::object& object, const PartnerId& partner);

}  // namespace crosswalk::connectwise::manage
