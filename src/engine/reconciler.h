#pragma once

#include <boost/asio/awaitable.hpp>
#include <optional>
#include <string>
#include <vector>

#include "engine/claims.h"
#include "engine/engine.h"
#include "engine/item.h"
#include "engine/observer.h"
#include "engine/partner.h"
#include "engine/purpose.h"
#include "engine/waits.h"
#include "engine/wanted.h"
#include "plan/steps.h"

namespace crosswalk::engine {

/// Takes loaded records from observed to desired. The one path: a plan differs only in that steps are pretended, a test
/// run in that they are not taken.
class Reconciler {
 public:
  Reconciler(const Clock& clock, Metrics& metrics, Waits& waits, Observer& observer, Claims& claims)
      : clock_(clock), metrics_(metrics), waits_(waits), observer_(observer), claims_(claims) {}

  /// Before run(): reads what the items need of the PSA, and makes objects of many of them in one call, where the PSA
  /// can. What remains is for run().
  boost::asio::awaitable<void> begin(PartnerState& partner, const psa::Psa& psa, std::vector<Item>& items,
                                     Purpose purpose);
  /// Steps of one item until nothing is left to do, or it must wait.
  boost::asio::awaitable<void> run(PartnerState& partner, const psa::Psa& psa, Item& item, Purpose purpose);

 private:
  boost::asio::awaitable<void> create_together(PartnerState& partner, const psa::Psa& psa, std::vector<Item>& items,
                                               Purpose purpose);
  /// True when nothing is left to do.
  boost::asio::awaitable<bool> take_steps(PartnerState& partner, const psa::Psa& psa, Item& item, Purpose purpose);
  /// False when the record must wait with this step; why is written on it.
  [[nodiscard]] bool may_take(Item& item, const plan::Step& step, Purpose purpose) const;
  void pretend(Item& item, const Next& next);
  boost::asio::awaitable<bool> take(PartnerState& partner, const psa::Psa& psa, Item& item, const Next& next);
  /// What has become of a step, on the link and in the journal. True: the next one may follow.
  [[nodiscard]] bool settle(PartnerState& partner, Item& item, const Next& next, const psa::Outcome& outcome);
  [[nodiscard]] bool settle_refused(PartnerState& partner, Item& item, const plan::Step& step,
                                    const psa::Outcome& outcome, workflows::Link& link);
  /// What was linked until now is free, as far as the picture of the PSA goes.
  static void release(PartnerState& partner, const workflows::Link& link);
  /// What the engine itself keeps of a step that was done.
  static void settle_books(PartnerState& partner, const Item& item, const plan::Step& step, const psa::Outcome& outcome,
                           workflows::Link& link);
  void handle_failure(PartnerState& partner, Item& item, const Next& next, const psa::Outcome& outcome);
  void count_latency(PartnerState& partner, const Item& item);
  void journal(Item& item, const plan::Step& step, const psa::Outcome& outcome, const std::string& number) const;
  /// Journals what of an adopted object is left as it was.
  void tell_theirs(Item& item) const;
  static void note_left(Item& item);
  void begin_storm(Item& item) const;

  const Clock& clock_;
  Metrics& metrics_;
  Waits& waits_;
  Observer& observer_;
  Claims& claims_;
  std::int64_t planned_count_ = 0;
};

}  // namespace crosswalk::engine
