#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "model/event.h"
#include "store/store.h"

namespace crosswalk::engine {

/// One record that a fold has changed.
struct Folded {
  store::RecordRow row;
  bool was_settled = false;  ///< it did not exist, or had nothing to do
  Timestamp accepted_at{};   ///< oldest of the events that changed it
};

/// What a stretch of the log comes to.
struct FoldResult {
  std::vector<Folded> records;
  std::int64_t cursor = 0;
  std::size_t events = 0;
};

/// Folds events (in log order) into the records that they speak of. Reads the store, writes nothing.
[[nodiscard]] Result<FoldResult> fold_events(store::Store& store, const std::vector<store::EventRow>& events,
                                             Timestamp now);

/// The record as its events in the log make it, with its next version. Reads the store, writes nothing. Fails with
/// "record.unknown".
[[nodiscard]] Result<store::RecordRow> rebuild_record(store::Store& store, const store::RecordKey& key, Timestamp now);

/// An event as the model knows it.
[[nodiscard]] Result<model::Event> to_event(const store::EventRow& row);

}  // namespace crosswalk::engine
