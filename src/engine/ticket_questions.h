#pragma once

#include <boost/asio/awaitable.hpp>
#include <string>
#include <vector>

#include "base/clock.h"
#include "engine/item.h"
#include "engine/partner.h"
#include "engine/waits.h"
#include "plan/steps.h"

namespace crosswalk::engine {

/// Whether a note with this marker stands in our books.
[[nodiscard]] bool is_known_marker(const workflows::Link& link, const std::string& marker);

/// The ticket can no longer be re-opened, as `step` would have: the alert gets another one.
void close_for_good(Item& item, workflows::Link& link, const plan::Step& step, const std::string& why);

/// What must be asked about a ticket before its next step, and what others have written on it.
class TicketQuestions {
 public:
  TicketQuestions(const Clock& clock, Waits& waits) : clock_(clock), waits_(waits) {}

  /// Who the contact of a new ticket is. The ticket is made in any case.
  boost::asio::awaitable<void> find_contact(PartnerState& partner, const psa::Psa& psa, Item& item);
  /// A ticket whose time was invoiced is not re-opened.
  boost::asio::awaitable<void> refuse_invoiced(PartnerState& partner, const psa::Psa& psa, Item& item);
  /// What people have written and finished on tickets that are about to be closed.
  boost::asio::awaitable<void> look_for_people(PartnerState& partner, const psa::Psa& psa, Item& item);
  /// What others have written on its tickets, for the product. Never keeps the record from anything: what could not be
  /// read is read later.
  boost::asio::awaitable<void> hear_notes(PartnerState& partner, const psa::Psa& psa, Item& item);

 private:
  static void take_notes(const PartnerState& partner, const std::vector<psa::TicketNote>& notes, workflows::Link& link,
                         Item& item);

  const Clock& clock_;
  Waits& waits_;
};

}  // namespace crosswalk::engine
