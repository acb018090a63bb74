#pragma once

#include <boost/json/object.hpp>
#include <string>
#include <string_view>

#include "engine/item.h"
#include "store/store.h"

namespace crosswalk::engine {

// What the product calls the alert that it is told of: what its own events said. So it finds its alert without keeping
// a table of our keys.

/// Members of an alert, and alerts of a storm, that one event names. More are counted.
inline constexpr std::size_t kMembersTold = 50, kAlertsTold = 50;

/// The parts of an alert's key, or of a storm's: product, customer, subject and condition, as far as it has them. Pure.
[[nodiscard]] boost::json::object named_by_key(const model::RecordRef& record);

/// "alert", and of a storm "alerts": members of an event's data. `anchor`: of the life that the event is about; empty,
/// or not kept any more: the newest. Empty for records of other kinds. Reads the log, a bounded number of rows of it;
/// what is not there any more is left out.
[[nodiscard]] boost::json::object told_alert(store::Store& store, const Item& item, std::string_view anchor);

}  // namespace crosswalk::engine
