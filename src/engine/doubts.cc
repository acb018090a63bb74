#include "engine/doubts.h"

#include <algorithm>
#include <chrono>

namespace crosswalk::engine {
namespace {

/// Whatever the product tells for the second time after its books were put back, it tells within this time.
constexpr Duration kRestoredMatters{std::chrono::hours{24 * 30}};

}  // namespace

void Doubts::begin(Timestamp now, std::optional<Timestamp> restored_at) {
  started_at_ = now;
  if (restored_at && now - *restored_at < kRestoredMatters) restored_at_ = restored_at;
}

/// Whether what these events ask for may have been done by an earlier run of which these books know nothing: they tell
/// of a time before this run, or the books are a copy that is older than what was done.
bool Doubts::may_be_done_already(const Folded& each) const {
  if (each.told_at < started_at_) return true;
  return restored_at_ && (each.existed || each.told_without_time || each.told_at < *restored_at_);
}

void Doubts::take(PartnerState& partner, const Folded& folded) const {
  if (partner.in_flight.contains(folded.row.ref))
    partner.refolded.insert(folded.row.ref);
  else if (folded.was_settled)
    partner.clean.insert(folded.row.ref);
  if (folded.was_settled && may_be_done_already(folded))
    partner.doubts.try_emplace(folded.row.ref, Doubt{.since = {}, .from_before = true});
}

/// Whether these books know what the record has become, so that an earlier run cannot have made it without them. After
/// a copy was put back, notes may have been written that they do not know: then only an object is known.
bool Doubts::is_known(const Item& item) const {
  if (restored_at_ && workflow_of(item).has_several_lives()) return false;
  return std::ranges::any_of(item.links, [](const auto& link) { return link.gone.empty() && !link.closed(); });
}

void Doubts::mark(const PartnerState& partner, std::vector<Item>& items) const {
  for (Item& item : items) {
    if (item.broken) continue;
    const auto doubt = partner.doubts.find(item.row.ref);
    if (doubt != partner.doubts.end() && doubt->second.from_before && is_known(item)) continue;
    if (doubt != partner.doubts.end()) {
      item.in_doubt = true;
      item.doubt_since = doubt->second.since;
      item.doubt_tries = doubt->second.tries;
    } else if (!partner.clean.contains(item.row.ref)) {
      // It was due before this program started: what an earlier run did last may be missing from our books.
      item.in_doubt = true;
      item.doubt_since = started_at_;
    }
  }
}

}  // namespace crosswalk::engine
