#pragma once

#include <boost/asio/awaitable.hpp>
#include <span>
#include <string>

#include "base/result.h"
#include "connectwise/manage/client.h"
#include "psa/objects.h"

namespace crosswalk::connectwise::manage {

/// All that a mapping can point at; see psa::ReadsReferenceData. All or nothing: half a list would make mappings look
/// wrong.
boost::asio::awaitable<Result<psa::ReferenceData>> read_reference_data(Client& client,
                                                                       std::span<const std::string> boards,
                                                                       std::span<const std::string> companies,
                                                                       psa::Lane lane);

/// The same for the mappings of customers, contacts and devices.
boost::asio::awaitable<Result<psa::ObjectReferenceData>> read_object_reference_data(Client& client,
                                                                                    psa::ObjectReferences references,
                                                                                    psa::Lane lane);

}  // namespace crosswalk::connectwise::manage
