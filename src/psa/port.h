#pragma once

#include <boost/asio/awaitable.hpp>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "psa/objects.h"
#include "psa/operations.h"
#include "psa/ticket_references.h"

namespace crosswalk::psa {

/// Lanes of a partner's budget, most urgent first. `urgent`: tickets that are to be closed, and critical ones.
enum class Lane { urgent, tickets, records, sweep };
inline constexpr int kLaneCount = 4;

/// What one HTTP call told about the PSA's willingness.
struct CallReport {
  /// `aside`: something that says nothing of whether the API answers, takes the keys, or not.
  enum class Kind { answered, throttled, failed, unreachable, refused_credentials, aside };
  Kind kind = Kind::answered;
  std::optional<Duration> retry_after;
  /// The PSA itself has answered to our keys: not a sign-in page, nor what it tells everybody.
  bool signed_in = false;
  std::optional<Error> why{};  ///< of all but "answered"
};

/// The engine's budget as a provider sees it: entered before every HTTP call, left after it. Nothing reaches a PSA
/// beside it.
class CallGate {
 public:
  virtual ~CallGate() = default;
  /// Waits for a token and a free slot. Fails with "engine.stopping" or "psa.circuit_open" without a call being made.
  virtual boost::asio::awaitable<Result<void>> enter(Lane lane) = 0;
  virtual void leave(const CallReport& report) = 0;
};

/// The end of a read: `complete` or not. What is missing from a partial read is never taken for deleted.
template <class T>
struct ReadResult {
  std::vector<T> items;
  bool complete = false;
  Error error;  ///< why it is partial
  Disposition disposition = Disposition::retry;
  std::optional<Duration> retry_after;
  std::vector<Call> calls;
};

/// The capabilities. A provider has each or has it not; what it cannot do it says.

class AppliesOperations {
 public:
  virtual ~AppliesOperations() = default;
  /// Does one intent, and never guesses: a lost answer comes back as Disposition::unknown.
  virtual boost::asio::awaitable<Outcome> apply(const Operation& operation, Lane lane) = 0;
  /// Makes all of them, of one kind, in as few calls as the PSA allows: an outcome for each, in their order.
  virtual boost::asio::awaitable<std::vector<Outcome>> create_together(std::span<const CreateObject> objects,
                                                                       Lane lane) = 0;
};

/// What only tickets have; whatever all objects have is read as of any of them.
class ReadsTickets {
 public:
  virtual ~ReadsTickets() = default;
  /// By external reference, batched; all that fit, so that twins are seen.
  virtual boost::asio::awaitable<ReadResult<Object>> tickets_by_external_reference(
      std::span<const std::string> references, Lane lane) = 0;
  /// All notes of one ticket.
  virtual boost::asio::awaitable<ReadResult<TicketNote>> notes(const std::string& ticket, Lane lane) = 0;
  /// Whether time that was booked on the ticket stands on an invoice; one item when it does, none when it does not.
  virtual boost::asio::awaitable<ReadResult<std::string>> invoiced_time(const std::string& ticket, Lane lane) = 0;
  /// All tasks of one ticket.
  virtual boost::asio::awaitable<ReadResult<TicketTask>> tasks(const std::string& ticket, Lane lane) = 0;
};

/// Objects of any kind, page by page. Deleted ones are shown with their flag where the PSA still shows them. Lists of
/// tickets have those that carry a reference of ours, and no others.
class ReadsObjects {
 public:
  virtual ~ReadsObjects() = default;
  virtual boost::asio::awaitable<ReadResult<Object>> objects(ObjectKind kind, Lane lane) = 0;
  /// Those that the PSA says were changed at or after `since`.
  virtual boost::asio::awaitable<ReadResult<Object>> objects_changed_since(ObjectKind kind, Timestamp since,
                                                                           Lane lane) = 0;
  /// Ids of all that are not deleted.
  virtual boost::asio::awaitable<ReadResult<std::string>> object_ids(ObjectKind kind, Lane lane) = 0;
  /// Active contacts of a company that have this e-mail address among theirs, case aside.
  virtual boost::asio::awaitable<ReadResult<Reference>> contacts_with_email(const std::string& company,
                                                                            const std::string& email, Lane lane) = 0;
  /// The contact that the company names as its default; none when it names none.
  virtual boost::asio::awaitable<ReadResult<Reference>> default_contact(const std::string& company, Lane lane) = 0;
  /// By id, batched; an id that does not exist is left out of a complete answer.
  virtual boost::asio::awaitable<ReadResult<Object>> objects_by_id(ObjectKind kind, std::span<const std::string> ids,
                                                                   Lane lane) = 0;
};

class ReadsReferenceData {
 public:
  virtual ~ReadsReferenceData() = default;
  /// Priorities, sources, locations, all boards; statuses, types and teams of `boards` only; companies of `companies`
  /// only.
  virtual boost::asio::awaitable<Result<ReferenceData>> reference_data(std::span<const std::string> boards,
                                                                       std::span<const std::string> companies,
                                                                       Lane lane) = 0;
  /// What else a mapping of tickets names by id: an entry for each that exists. What we may not read is said in the
  /// answer; a failure is one that passes.
  virtual boost::asio::awaitable<Result<TicketReferencesFound>> ticket_references(const TicketReferences& wanted,
                                                                                  Lane lane) = 0;
  /// Types, statuses and kinds of companies, contacts and configurations; all of it or a failure.
  virtual boost::asio::awaitable<Result<ObjectReferenceData>> object_reference_data(const ObjectReferences& references,
                                                                                    Lane lane) = 0;
};

/// One line of a check-up of a partner's connection.
struct Check {
  std::string name;  ///< "Service Desk > Service Tickets"
  bool passed = false;
  std::string detail;  ///< plain words
  std::string action;  ///< what to do when it failed
};

/// What a partner's workflows write; the rights to do so are checked where the PSA shows them.
struct CheckScope {
  bool tickets = false, closes = false;
  std::map<ObjectKind, bool> objects{};  ///< whether they are made, too
};

class ChecksConnection {
 public:
  virtual ~ChecksConnection() = default;
  /// Finds the instance, signs in, reads each collection that the workflow needs, and what the member may write. Reads
  /// only. A right to write has the name of what it is for, and ", to write" behind it.
  virtual boost::asio::awaitable<std::vector<Check>> check(Lane lane, CheckScope scope) = 0;
};

/// What a PSA sends when something of its world has changed, as it came over the wire.
struct CallbackMessage {
  std::string body;
  std::string signature;  ///< of the header that the PSA signs with; empty: there was none
};

/// A message that has been proven to come from the partner's PSA. A hint, never the truth: what changed is read anew.
struct Change {
  ObjectKind kind = ObjectKind::ticket;
  std::string id;
  bool deleted = false;
  std::optional<Timestamp> updated_at;  ///< what the message says of the object
  std::string by;                       ///< the member who changed it; empty where the PSA does not tell
};

class ReadsCallbacks {
 public:
  virtual ~ReadsCallbacks() = default;
  /// Proves that the partner's own PSA has sent it. Fails with "callback.malformed", "callback.foreign" (another
  /// company or installation), "callback.signature_wrong", or why the key could not be read. Nothing: a kind of object
  /// that we do not follow.
  virtual boost::asio::awaitable<Result<std::optional<Change>>> read_callback(const CallbackMessage& message,
                                                                              Lane lane) = 0;
};

/// Where a PSA is to send changes. Entries whose address ends in `tail` are ours, wherever they lead.
struct CallbackTarget {
  std::string url;
  std::string tail;
};

/// What has become of the registration of one kind.
struct CallbackEntry {
  ObjectKind kind = ObjectKind::ticket;
  std::string id;    ///< of the entry in the PSA; empty: there is none
  std::string done;  ///< what was changed, in words: "made", "moved and enabled", "removed"; empty: nothing
};

struct CallbackReport {
  std::vector<CallbackEntry> entries;
  std::optional<Error> error;  ///< why it is not as it should be
  Disposition disposition = Disposition::retry;
  std::vector<Call> calls;
};

class RegistersCallbacks {
 public:
  virtual ~RegistersCallbacks() = default;
  /// Has changes of `kinds`, and of no others, sent to the target: makes what is missing, moves what leads elsewhere,
  /// enables what the PSA has disabled, removes what is there twice or not wanted. Entries that are not ours stay.
  virtual boost::asio::awaitable<CallbackReport> ensure_callbacks(const CallbackTarget& target,
                                                                  std::span<const ObjectKind> kinds, Lane lane) = 0;
};

/// One partner's PSA. An absent capability is a null pointer: in test mode `applies` is null, and the provider beneath
/// it is built on a transport that has no write verbs.
struct Psa {
  std::string provider;
  std::string instance;  ///< which installation and company: ids of one mean nothing in another
  AppliesOperations* applies = nullptr;
  ReadsTickets* tickets = nullptr;
  ReadsObjects* objects = nullptr;
  /// How many objects of a kind one call can make; kinds that are not here: one.
  std::map<ObjectKind, std::size_t> create_together_max;
  ReadsReferenceData* reference_data = nullptr;
  ChecksConnection* connection = nullptr;
  ReadsCallbacks* callbacks = nullptr;
  RegistersCallbacks* registers_callbacks = nullptr;  ///< null in test mode, as `applies`
  /// A link that opens the ticket in the PSA's own pages.
  std::function<std::string(const ObjectId&)> link;
};

}  // namespace crosswalk::psa
