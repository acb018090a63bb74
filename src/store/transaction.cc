#include "store/store.h"

namespace crosswalk::store {

bool Transaction::empty() const {
  return partners.empty() && mappings.empty() && keys.empty() && plans.empty() && events.empty() && records.empty() &&
         settled.empty() && links.empty() && journal.empty() && outbound.empty() && wakes.empty() && changed.empty() &&
         sweeps.empty() && callbacks.empty() && callbacks_heard.empty() && offers.empty() && !fold_cursor;
}

}  // namespace crosswalk::store
