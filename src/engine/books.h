#pragma once

#include "base/clock.h"
#include "engine/item.h"
#include "engine/partner.h"

namespace crosswalk::engine {

/// What has become of an item, for the store and the product: links, journal, wakes and events go together.
class Books {
 public:
  Books(store::Store& store, const Clock& clock) : store_(store), clock_(clock) {}

  /// `has_news`: events came for it meanwhile.
  void write_down(PartnerState& partner, const Item& item, bool has_news, store::Transaction& transaction) const;

 private:
  void write_down_object(const PartnerState& partner, const Item& item, store::RecordSettled& settled,
                         store::Transaction& transaction) const;
  void succeed(const Item& item, store::Transaction& transaction) const;
  void split_storm(const Item& item, store::RecordSettled& settled, store::Transaction& transaction) const;

  store::Store& store_;
  const Clock& clock_;
};

}  // namespace crosswalk::engine
