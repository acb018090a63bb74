#include "store/outbound.h"

namespace crosswalk::store {

std::size_t OutboundChanges::rows() const {
  std::size_t taken_rows = taken.size();
  for (const WebhookTaken& each : taken) taken_rows += each.sequences.size();
  std::size_t replayed_rows = replayed.size();
  for (const DeliveriesReplayed& each : replayed) replayed_rows += each.range ? each.range->count_max : 0;
  return webhooks.size() + removed.size() + disabled.size() + standings.size() + events.size() + taken_rows +
         settled.size() + expired.size() + replayed_rows + forgotten.size() + (swept ? swept->rows_max : 0);
}

}  // namespace crosswalk::store
