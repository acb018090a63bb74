#include "store/store.h"

namespace crosswalk::store {

std::size_t Transaction::rows() const {
  return partners.size() + mappings.size() + keys.size() + keys_revoked.size() + keys_used.size() + plans.size() +
         events.size() + records.size() + settled.size() + links.size() + journal.size() + outbound.rows() +
         wakes.size() + changed.size() + sweeps.size() + callbacks.size() + callbacks_heard.size() + offers.size() +
         connections.size() + settings.size() + audit.size() + (folded ? 1 : 0) + (prune ? prune->rows_max : 0) +
         (erased ? erased->rows_max : 0) + (clock_set_back ? 1 : 0) + (restored_at ? 1 : 0);
}

}  // namespace crosswalk::store
