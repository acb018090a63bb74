#pragma once

#include <boost/json/object.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/time.h"
#include "model/event.h"
#include "store/store.h"

namespace crosswalk::engine {

/// openapi: RecordRef.
[[nodiscard]] boost::json::object record_json(const model::RecordRef& ref);
/// There is none of this kind with this key.
[[nodiscard]] Error no_record(std::string_view kind, std::string_view key);
/// openapi: Held. Why a record waits, with the catalogue's words.
[[nodiscard]] boost::json::object held_json(std::string_view code, std::string_view detail);
/// What ends the wait of a record that is parked with this code, and the command for the impatient. `next_look`: when
/// it is due.
[[nodiscard]] std::string goes_on(std::string_view code, const store::RecordKey& ref,
                                  const std::optional<Timestamp>& next_look);

/// openapi: ConnectionState. How it stands between us and a partner's PSA.
[[nodiscard]] boost::json::object connection_json(const store::ConnectionRow& row, bool paused);

}  // namespace crosswalk::engine
