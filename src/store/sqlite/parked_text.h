#pragma once

#include <string>
#include <string_view>

#include "store/parked.h"

namespace crosswalk::store {

// A row keeps the code in `parked_code`, which is searched, and all else in `parked`, a JSON text that only this file
// reads and writes.

/// The column `parked`; empty when nothing is waited for.
[[nodiscard]] std::string parked_text(const Parked& parked);
/// From the columns `parked_code` and `parked`. A text that cannot be read is "store.corrupt", whatever the code.
[[nodiscard]] Parked parked_of(std::string code, std::string_view text);

}  // namespace crosswalk::store
