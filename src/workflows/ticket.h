#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/time.h"
#include "mapping/resolve.h"
#include "psa/objects.h"

namespace crosswalk::workflows {

/// Where somebody's hand can be seen on a ticket.
enum class Trace { owner, scheduled, status, note, task };

/// What is known of one ticket that a record has made (or, in a plan, would have made). The store keeps it as
/// LinkRow::state.
struct TicketLink {
  std::string anchor;       ///< the happening that began its life
  Timestamp anchored_at{};  ///< when that happened: its place in the alert's history once it is no longer kept there
  std::string external_reference;
  psa::ObjectId ticket;
  Timestamp created_at{};
  std::int64_t created_sequence = 0;     ///< newest event that the record knew when the ticket was made
  std::set<std::string> posted;          ///< keys of notes that are on the ticket
  std::string status_step;               ///< key of the last status step that is done
  std::vector<psa::FieldValue> written;  ///< what we last wrote, field by field
  std::string attempted_status;          ///< id of a status whose setting had no answer: it may be ours
  std::string member;                    ///< who we are to the PSA, as it signed the ticket that we made
  /// Who has left which trace since it was last as we made it: members' identifiers, empty where the PSA does not tell.
  std::map<Trace, std::set<std::string>> touched;
  std::set<std::string> quick_hands, slow_hands;  ///< who has changed it at once after it was made, and who later
  std::string reopening;             ///< key of the last step that re-opened it while its alert was still open
  Timestamp reopened_at{};           ///< when the part of its life began that this step belongs to
  Timestamp left_closed_at{};        ///< the closing after which the product was told that the alert is still open
  std::set<std::string> children;    ///< tickets attached beneath it
  std::set<std::string> told_notes;  ///< ids of notes by others that the product has been told of
  bool configuration_attached = false;
  std::string configuration;       ///< the id of the one that was attached, or could not be; empty: found by its device
  bool on_catch_all = false;       ///< made for a customer that was not mapped then
  bool closed_by_us = false;       ///< by our last status step
  std::int64_t gone_sequence = 0;  ///< newest event that the record knew when the ticket was last seen
  std::string gone;                ///< why nothing more is done with it: deleted, merged; empty: it is there
  std::optional<psa::Ticket> observed;
  Timestamp observed_at{};
  std::int64_t observed_sequence = 0;  ///< newest event that the record knew when it was observed

  [[nodiscard]] bool closed() const { return observed ? observed->closed : closed_by_us; }
  /// Closed, and not by us: neither by our last step, nor by one whose answer was lost.
  [[nodiscard]] bool closed_by_people() const;
  [[nodiscard]] const psa::Reference* written_field(psa::TicketField field) const;
};

/// The ticket as the PSA shows it now, and who has left traces on it since it was last seen. `written`: what we have
/// written with the call whose answer this is.
void take_view(TicketLink& link, const psa::Ticket& seen, Timestamp at,
               const std::vector<psa::FieldValue>* written = nullptr);

struct DesiredField {
  psa::FieldValue value;
  mapping::Ownership ownership = mapping::Ownership::product;
  std::string decided_by;
};

struct DesiredNote {
  std::string key;
  std::vector<std::string> covers{};  ///< keys of notes for which it stands as well
  psa::NoteKind kind = psa::NoteKind::internal;
  std::string text;
  std::string why;
};

/// The status changes at the turns of an alert's life and rests between them, so that technicians can move it.
struct StatusStep {
  std::string key;
  mapping::AlertState state = mapping::AlertState::opened;
  psa::Reference status;
  bool closes = false;
  std::string why, decided_by;
};

/// Who the contact of a new ticket is, for the PSA to answer.
struct ContactQuestion {
  std::string company, email;
  bool company_default = false;  ///< nobody has the address: the company's default contact

  auto operator<=>(const ContactQuestion&) const = default;
};

/// The answer. `how` tells, in words, how the contact was found, or why there is none.
struct ContactFound {
  psa::Reference contact;
  std::string how;
};

/// A ticket as the mapping wants it.
struct DesiredTicket {
  std::string anchor;
  Timestamp anchored_at{};  ///< when its life began
  std::string external_reference;
  bool exists = false;               ///< a link stands for it already
  std::vector<DesiredField> fields;  ///< all but the status
  std::optional<StatusStep> status;  ///< at creation: the opened status
  std::string description;
  std::vector<DesiredNote> notes;    ///< in the order in which they must be posted
  std::string configuration_device;  ///< device identifier whose configuration is to be attached
  std::string configuration;         ///< its id, where the device's record is linked to one
  std::vector<psa::ObjectId> children;
  bool on_catch_all = false;
  bool fields_first = false;  ///< fields are written before the notes, unless the status is to change
  bool look_again = false;    ///< events have come that ask whether the ticket is still as it was
  std::optional<ContactQuestion> contact_question;  ///< to be answered before the ticket is made
  /// It is about to be closed: notes and finished tasks of people would keep it open, and are to be looked at before.
  bool looks_for_notes = false, looks_for_tasks = false;
  Timestamp part_began_at{};  ///< when the part of its life began that a re-opening belongs to
  std::string why;            ///< why it exists
};

/// Why a record has no ticket, or not all that it could have.
struct Held {
  std::string code;    ///< catalogue code
  std::string detail;  ///< about this record
  bool parks = false;  ///< waits for a person, not for time
};

/// A ticket that technicians have closed or removed while its alert is open, and that stays so.
struct LeftTicket {
  std::string anchor;
  bool reported_since = false;  ///< the alert was reported again after that
};

/// What a workflow says of a record: what it should be, or "nothing yet, ask again at T".
struct Answer {
  mapping::Mode mode = mapping::Mode::off;
  std::vector<DesiredTicket> tickets;
  std::optional<Timestamp> ask_again_at;
  std::optional<Held> held;
  std::optional<LeftTicket> left;
  bool joins_storm = false;
  bool splits_storm = false;  ///< of a storm: its open alerts are to be looked at for themselves
  std::string title, customer;
  std::vector<std::string> reasons;  ///< the decisions, in words, oldest first
  std::vector<mapping::Problem> problems;

  void ask_again(Timestamp at) {
    if (!ask_again_at || at < *ask_again_at) ask_again_at = at;
  }
};

/// The marker that Crosswalk leaves on a ticket (externalXRef): partner, record and anchor, digested.
[[nodiscard]] std::string external_reference(const model::RecordRef& record, std::string_view anchor);

[[nodiscard]] std::string serialize(const TicketLink& link);
[[nodiscard]] Result<TicketLink> parse_link(std::string_view text);

}  // namespace crosswalk::workflows
