#pragma once

#include <boost/json/object.hpp>
#include <string_view>

#include "base/result.h"
#include "model/event.h"

namespace crosswalk::engine {

/// openapi: RecordRef.
[[nodiscard]] boost::json::object record_json(const model::RecordRef& ref);
/// There is none of this kind with this key.
[[nodiscard]] Error no_record(std::string_view kind, std::string_view key);
/// openapi: Held. Why a record waits, with the catalogue's words.
[[nodiscard]] boost::json::object held_json(std::string_view code, std::string_view detail);

}  // namespace crosswalk::engine
