#pragma once

#include <boost/json/object.hpp>
#include <string_view>

#include "model/event.h"

namespace crosswalk::engine {

/// openapi: RecordRef.
[[nodiscard]] boost::json::object record_json(const model::RecordRef& ref);
/// openapi: Held. Why a record waits, with the catalogue's words.
[[nodiscard]] boost::json::object held_json(std::string_view code, std::string_view detail);

}  // namespace crosswalk::engine
