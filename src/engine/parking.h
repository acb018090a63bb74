#pragma once

#include <boost/asio/awaitable.hpp>
#include <vector>

#include "engine/loop.h"
#include "engine/waits.h"
#include "store/writer.h"

namespace crosswalk::engine {

/// Records that wait for a person: of those with the same cause one goes first, and what ends the wait is noticed.
class Parking {
 public:
  Parking(Loop& loop, store::Store& store, store::Writer& writer, const Clock& clock, Waits& waits)
      : loop_(loop), store_(store), writer_(writer), clock_(clock), waits_(waits) {}

  /// Journals why a record has no object, when that is news.
  void tell_why_held(Item& item) const;
  /// Journals why nothing could be done for it, when that is news.
  void tell_why_postponed(Item& item) const;
  /// Of the items that wait for the same, one goes first and the others wait for what it finds out. Answers those.
  std::vector<Item*> let_one_go_first(PartnerState& partner, std::vector<Item>& items);
  /// After those have looked who went first: wakes others, where that may help.
  boost::asio::awaitable<void> look_on(PartnerState& partner, const std::vector<Item*>& first);
  /// Wakes all of the partner's that wait for something to be mended in the PSA.
  boost::asio::awaitable<void> wake(PartnerState& partner);

 private:
  /// Wakes those who wait for what is no longer in the way of the first ones.
  void learn_from(PartnerState& partner, const std::vector<Item*>& first, store::Transaction& transaction);

  Loop& loop_;
  store::Store& store_;
  store::Writer& writer_;
  const Clock& clock_;
  Waits& waits_;
};

}  // namespace crosswalk::engine
