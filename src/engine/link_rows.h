#pragma once

#include "store/store.h"
#include "workflows/link.h"

namespace crosswalk::engine {

/// A link as the store keeps it. Fails with "store.corrupt".
[[nodiscard]] inline Result<workflows::Link> read_link(const store::LinkRow& row) {
  const auto kind = psa::parse_object_kind(row.object_kind);
  if (!kind) return failure("store.corrupt", "There is no kind of object \"" + row.object_kind + "\".");
  return workflows::parse_link(PartnerId(row.ref.partner), *kind, row.state);
}

}  // namespace crosswalk::engine
