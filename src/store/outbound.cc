#include "store/outbound.h"

namespace crosswalk::store {

std::size_t OutboundChanges::rows() const {
  std::size_t taken_rows = taken.size();
  for (const WebhookTaken& each : taken) taken_rows += each.sequences.size();
  return webhooks.size() + removed.size() + disabled.size() + events.size() + taken_rows + settled.size() +
         expired.size() + replayed.size() + forgotten.size() + (swept ? swept->rows_max : 0);
}

}  // namespace crosswalk::store
