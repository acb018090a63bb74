#pragma once

#include <optional>
#include <random>
#include <string_view>
#include <vector>

#include "engine/engine.h"
#include "engine/item.h"
#include "engine/partner.h"

namespace crosswalk::engine {

/// Whether what is parked with this code is looked at again by itself.
[[nodiscard]] bool looks(std::string_view code);

/// When a record is tried again, or what it waits for: all of that is decided here.
class Waits {
 public:
  /// Where no circuit says when to try again: somebody must change the connection, and that wakes what waits.
  static constexpr Duration kCredentialsRetry{std::chrono::minutes{15}};
  /// The first look at what is parked comes after this, and each look doubles the wait.
  static constexpr Duration kLookMin{std::chrono::minutes{15}};

  Waits(store::Store& store, const Clock& clock, const EngineOptions& options, Metrics& metrics, std::uint64_t seed)
      : store_(store), clock_(clock), options_(options), metrics_(metrics), random_(seed) {}

  /// Nothing more this turn: the record waits, for a time or for a person, as the disposition asks.
  void postpone(PartnerState& partner, Item& item, const Error& error, Disposition disposition,
                std::optional<Duration> retry_after);
  /// Nothing can be done for any of the items this turn.
  void give_up(PartnerState& partner, std::vector<Item>& items, const Error& error);
  /// Nothing more this turn: what the record is linked to, or looks for, may be hidden from us.
  void wait_for_rows(PartnerState& partner, Item& item, const Error& error);

  /// The record waits for a person (or for what ends the wait by itself): nothing more this turn.
  void park(Item& item, const Error& error);
  /// It waits for a person still, or again, and has a time for the next look. `skipped`: nobody looked.
  void keep_parked(Item& item, const Error& error, bool skipped);
  /// Nothing was known of why it waits when it was told of.
  [[nodiscard]] static bool is_told_anew(const Item& item);
  /// It is parked, and nothing but time has made it due.
  [[nodiscard]] static bool is_timed_look(const Item& item);
  /// What the journal says of it.
  [[nodiscard]] static store::JournalRow parked_entry(const store::RecordKey& ref, const Error& error, Timestamp at);

  /// Whether what the last answer left open has not been looked for late enough.
  [[nodiscard]] bool must_wait(const Item& item) const;
  void wait_for_doubt(Item& item) const;
  /// How long the PSA may still be working on a call whose answer was lost.
  [[nodiscard]] Duration settle() const { return options_.settle; }

 private:
  /// Puts off, once, what a person would be asked about.
  void look_again(Item& item, const Error& error);
  [[nodiscard]] Duration backoff(int attempts);

  store::Store& store_;
  const Clock& clock_;
  const EngineOptions& options_;
  Metrics& metrics_;
  std::mt19937_64 random_;
};

}  // namespace crosswalk::engine
