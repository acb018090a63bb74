#pragma once

#include <boost/json/object.hpp>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "model/event.h"
#include "psa/objects.h"
#include "store/store.h"
#include "workflows/desired.h"

namespace crosswalk::engine {

// What the vendor's product is told of its records: events of the outbound log (store/outbound.h). Pure. Whoever
// appends them does so in the transaction that makes them true, and only while OutboundReads::has_webhooks().

enum class OutboundType {
  ticket_created,
  ticket_status_changed,
  ticket_note_added,
  ticket_closed,
  ticket_assigned,
  ticket_removed,
  alert_still_open,
  ticket_time_added,
  company_linked,
  company_updated,
  company_deleted,
  contact_linked,
  contact_updated,
  contact_deleted,
  configuration_linked,
  configuration_updated,
  configuration_deleted,
  company_available,
  company_withdrawn,
  workflow_parked,
  workflow_unparked,
  connection_lost,
  connection_restored,
  connection_rows_hidden,
  connection_rows_shown,
  partner_paused,
  partner_resumed,
  webhook_failing,   ///< made by the outbound room (outbound/failing.h)
  webhook_restored,  ///< likewise
};

/// "ticket.created"
[[nodiscard]] std::string_view to_string(OutboundType type);
/// All of them, in the order of the enumeration.
[[nodiscard]] std::span<const std::string_view> outbound_types();

/// `data`: what is told beside partner and record.
[[nodiscard]] store::OutboundRow outbound_event(OutboundType type, const model::RecordRef& record, Timestamp at,
                                                const boost::json::object& data);

/// A link into the PSA's own pages; empty: there is none.
using TicketUrl = std::function<std::string(const psa::ObjectId&)>;

/// Members of the data that name what the event is about in the product's own words (engine/told_alert.h), by the
/// anchor of a life of the record; empty: the newest.
using About = std::function<boost::json::object(const std::string& anchor)>;

/// A note that somebody wrote on a record's ticket.
[[nodiscard]] store::OutboundRow note_added(const model::RecordRef& record, const psa::ObjectId& ticket,
                                            const psa::TicketNote& note, const TicketUrl& url, Timestamp at,
                                            const boost::json::object& about = {});

/// Company, contact or configuration that a record is linked to, has changed on the PSA's side, or is gone there.
/// `details` become members of "data"; nothing for other kinds of objects.
enum class ObjectChange { linked, updated, deleted };
[[nodiscard]] std::optional<store::OutboundRow> object_event(const model::RecordRef& record, ObjectChange change,
                                                             const psa::ObjectId& object, std::string_view name,
                                                             boost::json::object details, Timestamp at);

/// What has become of a customer's, contact's or device's object between two states of its link. `before` null: it was
/// linked to none. `changed`: fields that people have changed in the PSA. Nothing when there is nothing to tell.
[[nodiscard]] std::optional<store::OutboundRow> object_news(const model::RecordRef& record,
                                                            const workflows::Link* before, const workflows::Link& after,
                                                            std::span<const std::string> changed, Timestamp at);

/// A company of the PSA that no record is linked to, for the product to take over; or that it is no longer on offer.
[[nodiscard]] store::OutboundRow offer_event(bool available, const psa::Object& company, const std::string& partner,
                                             Timestamp at);

/// What has become of a partner's connection, or of the partner itself: of no record.
[[nodiscard]] store::OutboundRow connection_event(OutboundType type, const std::string& partner, Timestamp at,
                                                  const boost::json::object& data);

/// What has become of a record's tickets between two states of its links. `alert_open`: what they were made for still
/// is.
[[nodiscard]] std::vector<store::OutboundRow> ticket_events(const model::RecordRef& record,
                                                            const std::vector<workflows::Link>& before,
                                                            const std::vector<workflows::Link>& after,
                                                            const TicketUrl& url, Timestamp at, bool alert_open,
                                                            const About& about = nullptr);

/// Whether a record has begun or ceased to wait for a person. That a partner is in test mode is not told.
[[nodiscard]] std::optional<store::OutboundRow> workflow_event(const model::RecordRef& record,
                                                               const store::Parked& before, const store::Parked& after,
                                                               Timestamp at, const boost::json::object& about = {});

struct Item;
struct PartnerState;

/// Adds what a reconcile has changed to the transaction that keeps it. `parked`: as the record will have it. Not pure:
/// what the product calls an alert is read from the log.
void tell_product(store::Store& store, const PartnerState& partner, const Item& item, const store::Parked& parked,
                  Timestamp at, store::Transaction& transaction);

}  // namespace crosswalk::engine
