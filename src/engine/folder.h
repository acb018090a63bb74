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
  bool was_settled = false;        ///< it did not exist, or had nothing to do
  bool existed = false;            ///< the store had it before
  Timestamp accepted_at{};         ///< oldest of the events that changed it
  Timestamp told_at{};             ///< the oldest time that one of these events gives
  bool told_without_time = false;  ///< one of these events gave no time, so that ours was taken
  std::optional<Error> broken;     ///< its state or an event cannot be read: the row is parked
};

/// What a stretch of the log comes to.
struct FoldResult {
  std::vector<Folded> records;
  std::int64_t cursor = 0;
  std::size_t events = 0;
};

/// Folds events (in log order) into the records that they speak of. What cannot be read parks its own record and keeps
/// no other from being folded. Reads the store, writes nothing; fails only when the store does.
[[nodiscard]] Result<FoldResult> fold_events(store::Store& store, const std::vector<store::EventRow>& events,
                                             Timestamp now);

/// The record as its events in the log make it, with its next version. Reads the store, writes nothing. Fails with
/// "record.unknown", and with "store.corrupt" when one of its events cannot be read.
[[nodiscard]] Result<store::RecordRow> rebuild_record(store::Store& store, const store::RecordKey& key, Timestamp now);

/// An event as the model knows it. Fails with "store.corrupt".
[[nodiscard]] Result<model::Event> to_event(const store::EventRow& row);

}  // namespace crosswalk::engine
