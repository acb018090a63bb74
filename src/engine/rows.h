#pragma once

#include <boost/asio/awaitable.hpp>
#include <set>
#include <string>

#include "base/clock.h"
#include "engine/partner.h"
#include "psa/port.h"
#include "store/store.h"

namespace crosswalk::engine {

/// What a read does not show, before it is taken for deleted or made anew; see absence.h.
class Rows {
 public:
  Rows(store::Store& store, const Clock& clock) : store_(store), clock_(clock) {}

  /// Fails with "psa.rows_hidden" when what is `absent` from a complete answer is more likely hidden than gone.
  boost::asio::awaitable<Result<void>> believe_absent(PartnerState& partner, const psa::Psa& psa, psa::ObjectKind kind,
                                                      const std::set<std::string>& absent,
                                                      const std::set<std::string>& shown);
  /// Whether tickets of ours are shown at all, before what was not found is made.
  boost::asio::awaitable<Result<void>> believe_no_ticket(PartnerState& partner, const psa::Psa& psa);
  /// One ticket that is shown tells that tickets are; of other kinds only a whole list does.
  void note_shown(PartnerState& partner, psa::ObjectKind kind, const std::set<std::string>& shown) const;

 private:
  store::Store& store_;
  const Clock& clock_;
};

}  // namespace crosswalk::engine
