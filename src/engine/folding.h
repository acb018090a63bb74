#pragma once

#include <boost/asio/awaitable.hpp>
#include <optional>
#include <string>

#include "engine/doubts.h"
#include "engine/folder.h"
#include "engine/loop.h"
#include "engine/partners.h"
#include "store/share.h"
#include "store/writer.h"

namespace crosswalk::engine {

/// Folds the log's events of one share of the partners into their records.
class Folding {
 public:
  Folding(Loop& loop, store::Store& store, store::Writer& writer, Clock& clock, const EngineOptions& options,
          Metrics& metrics, store::Share share, Partners& partners, const Doubts& doubts)
      : loop_(loop),
        store_(store),
        writer_(writer),
        clock_(clock),
        options_(options),
        metrics_(metrics),
        share_(share),
        partners_(partners),
        doubts_(doubts),
        ended_(loop.executor) {}

  /// One batch of events; false when there was none, or it could not be folded.
  boost::asio::awaitable<bool> fold();
  /// Folds what has come until now; what comes meanwhile may never end.
  boost::asio::awaitable<Result<void>> catch_up();
  /// Keeps how far the log is folded, where only events of others have come since.
  boost::asio::awaitable<void> keep_cursor();
  /// Makes the record's state anew from all of its events, and has what it has become looked at.
  boost::asio::awaitable<Result<void>> rebuild(const store::RecordKey& key);

  /// Folding, and whatever else makes versions of records from versions that were read, takes turns.
  boost::asio::awaitable<void> begin();
  void end();

  /// True once, when the time has come to try again what failed.
  [[nodiscard]] bool is_to_be_retried();
  void retry_at(Timestamp at) { retry_at_ = at; }
  /// When it has something to do by itself.
  [[nodiscard]] std::optional<Timestamp> next_due() const;
  /// The system's clock was set back.
  void set_back(Duration by);

 private:
  boost::asio::awaitable<bool> fold_batch();
  [[nodiscard]] Result<store::Unfolded> read_unfolded();
  /// Of a batch of events; fails when it could not be stored.
  boost::asio::awaitable<Result<void>> fold_events_of(const store::Unfolded& unfolded);
  boost::asio::awaitable<Result<void>> rebuild_once(const store::RecordKey& key);
  void take_folded(const FoldResult& result);
  /// Storms under way whose alerts have news are due.
  void wake_storms(const FoldResult& result, Timestamp now, store::Transaction& transaction);

  Loop& loop_;
  store::Store& store_;
  store::Writer& writer_;
  Clock& clock_;
  const EngineOptions& options_;
  Metrics& metrics_;
  store::Share share_;
  Partners& partners_;
  const Doubts& doubts_;
  Signal ended_;
  std::optional<Timestamp> retry_at_, keep_cursor_at_;
  std::optional<std::int64_t> cursor_;  ///< up to here the events of our partners are folded; absent: not read yet
  int overtaken_ = 0;                   ///< in a row
  bool is_folding_ = false;
};

}  // namespace crosswalk::engine
