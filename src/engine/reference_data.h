#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/json/object.hpp>

#include "engine/partners.h"

namespace crosswalk::engine {

/// What the partner's mappings of objects name of that which is read only where it is asked for.
void add_named(const PartnerState& partner, psa::ObjectReferences& references);

/// What a mapping can point at, as the partner's PSA has it.
class ReferenceQuestions {
 public:
  ReferenceQuestions(const Clock& clock, Partners& partners) : clock_(clock), partners_(partners) {}

  // As the methods of Engine say.
  boost::asio::awaitable<Result<boost::json::object>> of_tickets(PartnerId partner);
  boost::asio::awaitable<Result<psa::TicketReferencesFound>> ticket_references(PartnerId partner,
                                                                               psa::TicketReferences wanted);
  boost::asio::awaitable<Result<boost::json::object>> of_objects(PartnerId partner, psa::ObjectReferences references);

 private:
  const Clock& clock_;
  Partners& partners_;
};

}  // namespace crosswalk::engine
