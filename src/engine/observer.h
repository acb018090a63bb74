#pragma once

#include <boost/asio/awaitable.hpp>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "engine/engine.h"
#include "engine/item.h"
#include "engine/leaving_guard.h"
#include "engine/object_search.h"
#include "engine/partner.h"
#include "engine/purpose.h"
#include "engine/rows.h"
#include "engine/ticket_questions.h"
#include "engine/waits.h"
#include "engine/wanted.h"

namespace crosswalk::engine {

/// What the PSA has of the objects of a batch: looked up, looked at, looked for and asked about, before anything is
/// written.
class Observer {
 public:
  Observer(const Clock& clock, Metrics& metrics, Waits& waits, Rows& rows, LeavingGuard& leaving, ObjectSearch& search,
           TicketQuestions& questions)
      : clock_(clock),
        metrics_(metrics),
        waits_(waits),
        rows_(rows),
        leaving_(leaving),
        search_(search),
        questions_(questions) {}

  /// What the items need to be trusted, read for all of them together: looks up what is in doubt, looks at what may
  /// have changed, finds what is there already, and asks what the next steps depend on.
  boost::asio::awaitable<void> observe(PartnerState& partner, const psa::Psa& psa, std::vector<Item>& items,
                                       Purpose purpose);

 private:
  /// A link whose object is to be read.
  struct Look {
    Item* item;
    std::string anchor, id;
  };
  using Looks = std::map<psa::ObjectKind, std::vector<Look>>;
  boost::asio::awaitable<void> look_up(PartnerState& partner, const psa::Psa& psa, std::vector<Item>& items);
  void adopt(Item& item, const psa::Object& ticket, const std::string& anchor);
  boost::asio::awaitable<void> look_up_notes(PartnerState& partner, const psa::Psa& psa, Item& item);
  [[nodiscard]] static bool is_to_be_looked_at(const Item& item, const workflows::Link& link,
                                               const std::optional<Next>& next, Purpose purpose);
  void choose_looks(Item& item, Purpose purpose, Timestamp began, Looks& looks);
  /// `began`: what was seen since then needs no other look.
  boost::asio::awaitable<void> look_at_links(PartnerState& partner, const psa::Psa& psa, std::vector<Item>& items,
                                             Purpose purpose, Timestamp began);
  void take_absence(PartnerState& partner, Item& item, workflows::Link& link);
  void take_view(PartnerState& partner, Item& item, workflows::Link& link, const psa::Object& object);
  void take_view_for_good(const PartnerState& partner, Item& item, workflows::Link& link, const psa::Object& object);
  /// A decision, for the story; nothing when `text` is empty.
  void tell(Item& item, const std::string& text) const;
  static void show(PartnerState& partner, const psa::Object& object);
  boost::asio::awaitable<void> ask_about(PartnerState& partner, const psa::Psa& psa, Item& item);

  const Clock& clock_;
  Metrics& metrics_;
  Waits& waits_;
  Rows& rows_;
  LeavingGuard& leaving_;
  ObjectSearch& search_;
  TicketQuestions& questions_;
};

}  // namespace crosswalk::engine
