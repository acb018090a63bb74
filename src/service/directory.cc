#include "service/directory.h"

#include <mutex>
#include <utility>
#include <vector>

#include "base/nearest_word.h"
#include "store/partner_leaving.h"

namespace crosswalk::service {

Directory::Directory(store::Store& store, const Clock& clock) : store_(store), clock_(clock) {}

Result<void> Directory::refresh() {
  const std::scoped_lock one_at_a_time(refreshing_);
  {
    const std::unique_lock lock(mutex_);
    put_meanwhile_.clear();
  }
  Result<std::vector<store::PartnerRow>> partners = store_.partners();
  if (!partners) return tl::unexpected(partners.error());
  Result<std::vector<store::ApiKeyRow>> keys = store_.api_keys();
  if (!keys) return tl::unexpected(keys.error());
  std::unordered_set<std::string> partner_ids, leaving;
  for (store::PartnerRow& partner : *partners) {
    if (store::erase_at(partner)) leaving.insert(partner.id);
    partner_ids.insert(std::move(partner.id));
  }
  const std::unique_lock lock(mutex_);
  // What this process has put since the read began must not be lost; keys are never un-revoked.
  for (const std::string& id : put_meanwhile_) {
    partner_ids.insert(id);
    if (leaving_.contains(id))
      leaving.insert(id);
    else
      leaving.erase(id);
  }
  partners_ = std::move(partner_ids);
  leaving_ = std::move(leaving);
  for (store::ApiKeyRow& key : *keys) {
    store::ApiKeyRow& known = keys_by_hash_[key.hash];
    if (!key.revoked_at && known.revoked_at) key.revoked_at = known.revoked_at;
    if (known.last_used_at > key.last_used_at) key.last_used_at = known.last_used_at;
    known = std::move(key);
  }
  refreshed_at_ = clock_.now();
  return {};
}

void Directory::refresh_if_older(Duration age) {
  const Timestamp now = clock_.now();
  {
    const std::unique_lock lock(mutex_);
    if (now - refreshed_at_ < age) return;
    refreshed_at_ = now;
  }
  // A store that cannot be read now leaves what is known; intake will say 503 by itself.
  (void)refresh();
}

bool Directory::knows_partner(const std::string& id) {
  {
    const std::shared_lock lock(mutex_);
    if (partners_.contains(id)) return true;
  }
  refresh_if_older(kRetryAfter);
  const std::shared_lock lock(mutex_);
  return partners_.contains(id);
}

std::optional<store::ApiKeyRow> Directory::find_key(const std::string& hash) {
  refresh_if_older(kRefreshAfter);
  {
    const std::shared_lock lock(mutex_);
    if (const auto found = keys_by_hash_.find(hash); found != keys_by_hash_.end()) return found->second;
  }
  refresh_if_older(kRetryAfter);
  const std::shared_lock lock(mutex_);
  if (const auto found = keys_by_hash_.find(hash); found != keys_by_hash_.end()) return found->second;
  return std::nullopt;
}

bool Directory::takes_events(const std::string& id) {
  if (!knows_partner(id)) return false;
  const std::shared_lock lock(mutex_);
  return !leaving_.contains(id);
}

std::string Directory::meant_partner(const std::string& id) {
  const std::shared_lock lock(mutex_);
  const std::vector<std::string_view> known(partners_.begin(), partners_.end());
  return did_you_mean(id, known);
}

void Directory::put_partner(const std::string& id) {
  const std::unique_lock lock(mutex_);
  partners_.insert(id);
  leaving_.erase(id);
  put_meanwhile_.insert(id);
}

void Directory::set_leaving(const std::string& id, bool leaving) {
  const std::unique_lock lock(mutex_);
  if (leaving)
    leaving_.insert(id);
  else
    leaving_.erase(id);
  put_meanwhile_.insert(id);
}

void Directory::put_key(const store::ApiKeyRow& key) {
  const std::unique_lock lock(mutex_);
  keys_by_hash_[key.hash] = key;
}

std::optional<store::KeyTime> Directory::take_usage(const std::string& hash, Timestamp now) {
  {
    const std::shared_lock lock(mutex_);
    const auto found = keys_by_hash_.find(hash);
    if (found == keys_by_hash_.end() || found->second.revoked_at) return std::nullopt;
    if (found->second.last_used_at && now - *found->second.last_used_at < kUsageEvery) return std::nullopt;
  }
  const std::unique_lock lock(mutex_);
  store::ApiKeyRow& key = keys_by_hash_.at(hash);
  if (key.revoked_at || (key.last_used_at && now - *key.last_used_at < kUsageEvery)) return std::nullopt;
  key.last_used_at = now;
  return store::KeyTime{key.id, now};
}

}  // namespace crosswalk::service
