#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>

#include "base/clock.h"
#include "store/store.h"

namespace crosswalk::service {

/// Which partners and API keys there are, in memory, since every event asks. Thread-safe. Changes made by this process
/// are told to it; changes made by another are seen when something is asked for that is not here, or after
/// kRefreshAfter.
class Directory {
 public:
  Directory(store::Store& store, const Clock& clock);

  /// Reads everything anew; what was erased meanwhile is not known any more.
  [[nodiscard]] Result<void> refresh();

  [[nodiscard]] bool knows_partner(const std::string& id);
  /// Known, and not removed.
  [[nodiscard]] bool takes_events(const std::string& id);
  [[nodiscard]] std::optional<store::ApiKeyRow> find_key(const std::string& hash);

  /// Behind a sentence that knows no such partner: " Did you mean "northwind"?", or nothing.
  [[nodiscard]] std::string meant_partner(const std::string& id);

  void put_partner(const std::string& id);
  /// The partner was removed, or is kept after all.
  void set_leaving(const std::string& id, bool leaving);
  void put_key(const store::ApiKeyRow& key);

  /// The key's new last-used time when it is time to write one; at most one caller gets it.
  [[nodiscard]] std::optional<store::KeyTime> take_usage(const std::string& hash, Timestamp now);

  /// Asks the store again for the sake of something unknown at most this often, so that bad keys cannot make it busy.
  static constexpr Duration kRetryAfter{5'000};
  /// A key revoked by another process is refused after this time at the latest.
  static constexpr Duration kRefreshAfter{60'000};
  /// How exact a key's last-used time is.
  static constexpr Duration kUsageEvery{60'000};

 private:
  void refresh_if_older(Duration age);

  store::Store& store_;
  const Clock& clock_;
  std::shared_mutex mutex_;
  std::unordered_map<std::string, store::ApiKeyRow> keys_by_hash_;
  std::unordered_set<std::string> partners_;
  std::unordered_set<std::string> leaving_;
  std::unordered_set<std::string> put_meanwhile_;  ///< partners that came while the store was being read
  std::mutex refreshing_;
  Timestamp refreshed_at_{};
};

}  // namespace crosswalk::service
