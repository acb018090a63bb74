#include "store/share.h"

#include "base/digest.h"

namespace crosswalk::store {

// Kept in stores: what a partner's slot is never changes.
int slot_of(std::string_view partner) { return digest({partner}).front() % kSlots; }

}  // namespace crosswalk::store
