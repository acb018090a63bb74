#pragma once

#include <boost/json/object.hpp>
#include <span>
#include <vector>

#include "store/store.h"

namespace crosswalk::service {

/// openapi: Record. `links` are those of this record; `decision` is what the engine last decided about it, in words, or
/// empty.
[[nodiscard]] boost::json::object to_json(const store::RecordRow& row, std::span<const store::LinkRow> links,
                                          std::string_view decision, Timestamp now);

/// The newest decision in a record's journal; empty when the newest entry is none. It is what explains an alert that
/// has no ticket, and why nothing is done with a customer, contact or device.
[[nodiscard]] Result<std::string> last_decision(store::Store& store, const store::RecordRow& row,
                                                std::span<const store::LinkRow> links);

}  // namespace crosswalk::service
