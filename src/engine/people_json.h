#pragma once

#include <boost/json/object.hpp>
#include <cstdint>
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

/// Why a record is parked, as RecordRow::parked keeps it.
struct Parked {
  std::string code, message;
  std::optional<Timestamp> at{};  ///< since when
  std::int64_t version = 0;       ///< of the record, when it was last looked at
  int looks = 0;                  ///< how often time has made it due since it was told or woken
  int skipped = 0;                ///< times in a row that another with the same cause was looked at in its place
};
[[nodiscard]] std::string parked_json(const Parked& parked);
[[nodiscard]] std::string parked_json(const Error& error, Timestamp at);
/// Code and message are empty when it is not parked. A text that cannot be read is "store.corrupt".
[[nodiscard]] Parked parse_parked(std::string_view text);

}  // namespace crosswalk::engine
