#pragma once

#include <boost/json/object.hpp>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/time.h"
#include "model/event.h"

namespace crosswalk::engine {

/// openapi: RecordRef.
[[nodiscard]] boost::json::object record_json(const model::RecordRef& ref);
/// There is none of this kind with this key.
[[nodiscard]] Error no_record(std::string_view kind, std::string_view key);
/// openapi: Held. Why a record waits, with the catalogue's words.
[[nodiscard]] boost::json::object held_json(std::string_view code, std::string_view detail);

/// Why a record is parked, as RecordRow::parked keeps it.
[[nodiscard]] std::string parked_json(const Error& error, Timestamp at);
/// Code and message of RecordRow::parked; both empty when it is not parked. A text that cannot be read is
/// "store.corrupt".
struct Parked {
  std::string code, message;
};
[[nodiscard]] Parked parse_parked(std::string_view text);

}  // namespace crosswalk::engine
