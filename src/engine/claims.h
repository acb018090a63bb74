#pragma once

#include <string>
#include <vector>

#include "engine/item.h"
#include "engine/partner.h"
#include "engine/waits.h"

namespace crosswalk::engine {

/// Whether several records of the partner's may be one object.
[[nodiscard]] bool may_share(const PartnerState& partner, const Item& item);
/// Whether an object has been chosen that the record is not linked to yet.
[[nodiscard]] bool is_to_be_linked(const Item& item);

/// That an object which was there already becomes one record's and not a second one's: each would overwrite what the
/// other writes.
class Claims {
 public:
  Claims(store::Store& store, Waits& waits) : store_(store), waits_(waits) {}

  /// Parks those of the items that want what is another's, unless the mapping allows it.
  [[nodiscard]] Result<void> refuse_taken(const PartnerState& partner, const psa::Psa& psa, std::vector<Item>& items);
  /// Takes the object of `step` for the record's own, unless it has become another's meanwhile.
  [[nodiscard]] psa::Outcome take(PartnerState& partner, const psa::Psa& psa, Item& item, const plan::Step& step);

 private:
  /// The key of another record that is the object which `item` is to be linked to; empty: none is.
  [[nodiscard]] Result<std::string> owner_of(const PartnerState& partner, const psa::Psa& psa, const Item& item);
  [[nodiscard]] static Error taken_error(const Item& item, const std::string& owner);

  store::Store& store_;
  Waits& waits_;
};

}  // namespace crosswalk::engine
