#pragma once

#include <boost/asio/awaitable.hpp>
#include <set>
#include <string>
#include <vector>

#include "engine/loop.h"
#include "engine/partner.h"
#include "store/writer.h"

namespace crosswalk::engine {

/// Companies of the PSA that no customer is linked to, for the product to take over as customers of its own.
class Offers {
 public:
  Offers(Loop& loop, store::Store& store, store::Writer& writer, const Clock& clock, const EngineOptions& options)
      : loop_(loop), store_(store), writer_(writer), clock_(clock), options_(options) {}

  /// Tells the product what is on offer and what is not any more, where the mapping says so.
  boost::asio::awaitable<Result<void>> tell(PartnerState& partner, const psa::Psa& psa);

 private:
  struct Reading;
  boost::asio::awaitable<Result<void>> read(const psa::Psa& psa, Reading& reading);
  boost::asio::awaitable<Result<void>> write(Reading& reading, bool last);
  Result<std::optional<Reading>> begin(const PartnerState& partner, const psa::Psa& psa);
  /// Whether a customer is about to be linked.
  Result<bool> customers_under_way(const PartnerState& partner);
  /// Of the companies, those that a customer may be who waits for a person to say so.
  boost::asio::awaitable<Result<std::set<std::string>>> candidates_of_held(const PartnerState& partner,
                                                                           const mapping::ObjectDocument& document,
                                                                           const std::vector<psa::Object>& companies);

  Loop& loop_;
  store::Store& store_;
  store::Writer& writer_;
  const Clock& clock_;
  const EngineOptions& options_;
};

}  // namespace crosswalk::engine
