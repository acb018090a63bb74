#pragma once

#include <boost/asio/awaitable.hpp>
#include <vector>

#include "engine/engine.h"
#include "engine/item.h"
#include "engine/partner.h"
#include "engine/rows.h"

namespace crosswalk::engine {

/// What of the PSA's boards, priorities and companies the tickets of a batch need.
class ReferenceReader {
 public:
  ReferenceReader(const Clock& clock, const EngineOptions& options, Rows& rows)
      : clock_(clock), options_(options), rows_(rows) {}

  /// Reads what the partner's mapping of alerts needs, when it is missing, old or does not cover `items`. `force`: in
  /// any case, for all customers.
  boost::asio::awaitable<Result<void>> refresh(PartnerState& partner, const psa::Psa& psa,
                                               const std::vector<Item>& items, bool force);

 private:
  const Clock& clock_;
  const EngineOptions& options_;
  Rows& rows_;
};

}  // namespace crosswalk::engine
