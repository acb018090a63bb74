#pragma once

#include <boost/asio/awaitable.hpp>
#include <set>
#include <string>
#include <vector>

#include "engine/claims.h"
#include "engine/engine.h"
#include "engine/item.h"
#include "engine/partner.h"
#include "engine/rows.h"
#include "engine/waits.h"

namespace crosswalk::engine {

/// What a record with one life may be in the PSA: found by a search, or chosen by people.
class ObjectSearch {
 public:
  ObjectSearch(store::Store& store, Clock& clock, const EngineOptions& options, Waits& waits, Rows& rows,
               Claims& claims)
      : store_(store), clock_(clock), options_(options), waits_(waits), rows_(rows), claims_(claims) {}

  /// Looks for what the items may be, where their workflows ask for that.
  boost::asio::awaitable<void> search(PartnerState& partner, const psa::Psa& psa, std::vector<Item>& items);
  /// Looks at what is to be linked, so that what differs is known in the same turn.
  boost::asio::awaitable<void> view_decided(PartnerState& partner, const psa::Psa& psa, std::vector<Item>& items);

 private:
  [[nodiscard]] Result<bool> any_unsucceeded(const Item& item, const std::set<std::string>& keys);
  [[nodiscard]] Result<void> find_predecessor(const PartnerState& partner, const ObjectIndex& index, Item& item);
  [[nodiscard]] Result<void> find_earlier_attempt(const PartnerState& partner, ObjectIndex& index, Item& item);

  store::Store& store_;
  Clock& clock_;
  const EngineOptions& options_;
  Waits& waits_;
  Rows& rows_;
  Claims& claims_;
};

}  // namespace crosswalk::engine
