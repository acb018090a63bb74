#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "base/digest.h"
#include "base/ids.h"
#include "base/result.h"
#include "base/time.h"
#include "store/outbound.h"
#include "store/parked.h"
#include "store/record_key.h"
#include "store/share.h"

namespace crosswalk::store {

// The store knows rows, not meanings: states are JSON texts of the rooms above. Every table leads with the partner.

struct EventRow {
  std::int64_t sequence = 0;  ///< given by the store
  std::string partner, source, id, type, kind, key;
  Timestamp time{}, received_at{};
  std::string data;  ///< JSON object
  std::string told;  ///< written only: what the event said where less of it is kept, so that it is known again
};

/// What became of one event of a transaction.
struct Appended {
  enum class Kind {
    stored,
    duplicate,  ///< (partner, source, id) was there with the same content
    conflict,   ///< (partner, source, id) was there with other content; the first stays
  };
  Kind kind = Kind::stored;
  std::int64_t sequence = 0;  ///< of the stored (or the earlier) event
};

/// The order in which the due records of a partner are taken. Tickets: what is to be closed, what is critical, and
/// storms before all else, then by severity.
namespace record_lane {
inline constexpr int kUrgent = -4, kHigh = -3, kMedium = -2, kLow = -1, kInfo = 0;
}  // namespace record_lane
/// How long a record waits for more urgent ones.
inline constexpr Duration kPatience{std::chrono::minutes{10}};

/// A record: what its events fold to, and when the engine should look at it.
struct RecordRow {
  RecordKey ref;
  std::int64_t version = 0;  ///< raised by each fold and each wake
  std::string state;
  std::string group_key;    ///< alerts: what storm they would belong to
  std::string refers_to{};  ///< another record that this one waits for or tells of, in the words of the rooms above
  /// Alerts: latest raise. Devices: when last seen alive; the epoch when the product says that they are gone.
  std::optional<Timestamp> raised_at;
  bool open = false;  ///< alerts: not resolved; groups: storm under way; devices: not known to have left yet
  std::optional<Timestamp> due_at;  ///< absent: nothing to do until something changes
  int lane = 0;                     ///< of record_lane: the lesser goes first
  Parked parked{};
  int attempts = 0;  ///< failed tries in a row
  /// The oldest time of an event that the state holds something of: what is older is not needed to make it anew.
  std::optional<Timestamp> needed_since{};
  /// Written only: the version that the row was made from (0: there was none), which must be there still. Absent: any
  /// that is older than the row's own.
  std::optional<std::int64_t> based_on{};
};

/// What a reconcile leaves behind. Applied only when the record still has `version`; otherwise the newer fold's due_at
/// stays.
struct RecordSettled {
  RecordKey ref;
  std::int64_t version = 0;
  std::optional<Timestamp> due_at;
  Parked parked{};
  int attempts = 0;
  std::optional<bool> open;  ///< absent: as it was
};

/// Which object a record has become: a ticket for each life of an alert or group, one object for all others.
struct LinkRow {
  RecordKey ref;
  std::string anchor;  ///< the episode's (or group's) anchor
  std::string provider, object_kind, object_id, external_reference;
  std::string state;   ///< JSON: what was written, posted, observed
  bool stale = false;  ///< read only: the PSA has told of a change since it was last looked at
  /// Written only: the object was looked at for this version of the record, so that it is stale no more unless the
  /// record has a newer one.
  std::optional<std::int64_t> looked_at_for{};
};

/// Something of the PSA's world has changed: what is linked to it is stale, and its record due.
struct Changed {
  std::string partner, object_kind, object_id;
  Timestamp at{};
};

/// How far one kind of a partner's objects has been swept.
struct SweepRow {
  std::string partner, kind;
  Timestamp changed_until{};  ///< changes up to here have been read
  Timestamp compared_at{};    ///< when all ids were last compared; the epoch: never
};

/// The PSA's promise to tell of changes to one kind of a partner's objects, and whether it is kept.
struct CallbackRow {
  std::string partner, kind;
  std::string entry;                      ///< the registration's id in the PSA; empty: there is none
  Timestamp made_at{};                    ///< since when it is as it should be
  Timestamp checked_at{};                 ///< when it was last compared with what the PSA has; the epoch: never
  std::optional<Timestamp> heard_at;      ///< when a message that was proven came last
  std::optional<Timestamp> missed_since;  ///< the first change since then that we were not told of
  int missed = 0;                         ///< sweeps since then that found such changes
  std::string problem;                    ///< JSON: why it is not as it should be; empty: it is
};

/// How it stands between us and a partner's PSA.
struct ConnectionRow {
  std::string partner;
  /// "in_order", "refused" (the keys), "unreachable"; "never_reached": not since the address or the keys were entered.
  std::string state;
  Timestamp since{};                    ///< when the state began
  std::string code, message;            ///< why it is not in order: of the catalogue, and in words; empty: it is
  std::optional<Timestamp> reached_at;  ///< when it was last known to be in order; absent: never
  std::string hidden{};  ///< JSON: of which kinds the PSA shows too little, and since when; empty: of none
};

/// An object of the PSA that the product has been offered to take over.
struct OfferRow {
  std::string partner, kind, object_id;
  std::string digest;  ///< of what was told; empty: that it is no longer on offer
};
/// SweepRow::kind of the reading that finds offers. One that is at the epoch reads all.
inline constexpr const char* kOfferSweep = "company.offer";

struct JournalRow {
  std::int64_t sequence = 0;  ///< given by the store
  RecordKey ref;
  Timestamp at{};
  std::string entry;  ///< JSON
};

struct PartnerRow {
  std::string id, name;
  bool paused = false;
  std::string settings;            ///< JSON: provider, site, company, ...; no secret (store/partner_leaving.h)
  std::string sealed_credentials;  ///< by net::SecretBox
  Timestamp created_at{};
  /// 1 for a new one, and raised by one with each change: a row with version n is written only over version n - 1, so
  /// that of two who change what they have read the second fails ("store.changed_meanwhile", "store.exists").
  std::int64_t version = 0;
};

struct MappingRow {
  std::string partner, workflow;
  std::int64_t version = 0;  ///< 1, 2, 3, ... per partner and workflow; given by the store for new rows
  std::string state;         ///< "draft", "live" or "superseded"
  std::string document;      ///< JSON
  std::string author, comment;
  Timestamp created_at{};
  std::optional<Timestamp> published_at;
  /// Which versions were the draft and the live one when this was written; 0: there was none.
  struct Seen {
    std::int64_t draft = 0, live = 0;
    bool operator==(const Seen&) const = default;
  };
  /// Written only: when others are the draft and the live one by now, the transaction fails
  /// ("store.changed_meanwhile").
  std::optional<Seen> seen{};
};

struct ApiKeyRow {
  std::string id, name, hash;
  std::string partner;  ///< empty: all partners
  Timestamp created_at{};
  std::optional<Timestamp> expires_at, revoked_at, last_used_at;
  std::string role;  ///< what the key may do: "administration", "partner" or "intake"
};

/// One column of a key, so that whoever writes it cannot undo what another has written.
struct KeyTime {
  std::string id;
  Timestamp at{};
};

/// What somebody has done to the installation. Kept in the transaction that does it.
struct AuditRow {
  std::int64_t sequence = 0;  ///< given by the store
  Timestamp at{};
  std::string key_id, key_name;  ///< whose key it was; an empty id: nobody's, on the machine itself
  std::string act;               ///< "partner.change", ...
  std::string partner;           ///< empty: of no partner
  std::string target;            ///< what it was done to: "partner", "webhook wh_...", ...
  std::string before, after;     ///< JSON: what it has changed, without secrets; empty: there was, or is, nothing
  std::string request_id;
};

/// A text of the installation itself, by its name.
struct SettingRow {
  std::string name, value;
};

struct PlanRow {
  std::string partner, id, hash, document;
  Timestamp created_at{}, expires_at{};
  std::optional<Timestamp> applied_at;
};

/// Makes records due unless they are due earlier, and raises their versions: all for which everything holds that is
/// said here of their columns. What is absent or empty says nothing.
struct Wake {
  enum class State {
    any,
    open,
    parked,
    parked_not_due,      ///< parked, and not due by `due_at`
    parked_or_due,       ///< parked, or due by `due_at`
    open_parked_or_due,  ///< open, or parked, or due at whatever time
  };
  std::string partner{};  ///< empty: of all
  Timestamp due_at{};
  State state = State::any;
  std::vector<std::string> kinds{};  ///< one of these
  std::vector<int> lanes{};          ///< one of these; a lane that is named narrows down what is due
  /// An empty one is the column of no record.
  std::optional<std::string> key{}, group_key{}, refers_to{}, parked_code{};
};

/// Deletes what nobody needs any more, a bounded piece at a time: each call goes on where the last one ended. An absent
/// time keeps all of that kind.
struct Prune {
  /// Events received before, that no state holds anything of (RecordRow::needed_since). Repeats of them are new events
  /// afterwards.
  std::optional<Timestamp> events_before;
  std::optional<Timestamp> journal_before;  ///< entries, but of records that are open, or wait for something
  /// Records of `closed_kinds` that are neither open, due nor parked, and of which nothing was heard or done since:
  /// with all that belongs to them.
  std::optional<Timestamp> closed_before;
  std::vector<std::string> closed_kinds;
  std::optional<Timestamp> plans_before;  ///< expired before
  std::optional<Timestamp> audit_before;
  std::size_t rows_max = 0;  ///< rows looked at, of each kind
};

/// Deletes a piece of all that is held of a partner: records with their events and links first, the partner itself with
/// its last mapping and keys at the end. The audit stays. Committed::pruned_all: nothing is left.
struct PartnerErased {
  std::string partner;
  std::size_t rows_max = 0;
};

/// The system's clock was set back: records that are due in the future by the old time are due so much earlier.
struct ClockSetBack {
  Timestamp now{};  ///< by the new time
  Duration by{};
};

/// Of a share's partners, all events up to the sequence are folded.
struct FoldedTo {
  Share share;
  std::int64_t sequence = 0;
};

/// A piece of the log, as one share sees it.
struct Unfolded {
  std::vector<EventRow> events;
  std::int64_t through = 0;  ///< where the piece ends: what else it holds is of other shares, or folded
};

/// Everything that is written together. Order within: partners, mappings, keys, plans, events, records, settled, links,
/// journal, outbound, wakes, cursor, settings, audit.
struct Transaction {
  std::vector<PartnerRow> partners;  ///< insert or replace, by version
  /// Version 0: a new draft replaces an older draft; "live": supersedes the former, and a version is made live only
  /// while it is the draft. Of a version that is there only its state changes, and its comment when there is a new one.
  std::vector<MappingRow> mappings;
  std::vector<ApiKeyRow> keys;        ///< insert
  std::vector<KeyTime> keys_revoked;  ///< of keys that are not revoked yet; else "store.changed_meanwhile"
  std::vector<KeyTime> keys_used;
  std::vector<PlanRow> plans;  ///< insert, or replace what is not applied yet; else "store.changed_meanwhile"
  std::vector<EventRow> events;
  std::vector<RecordRow> records;  ///< insert or replace, on condition of the version; else "store.changed_meanwhile"
  std::vector<RecordSettled> settled;
  std::vector<LinkRow> links;  ///< insert or replace by (record, anchor)
  std::vector<JournalRow> journal;
  OutboundChanges outbound;
  std::vector<Wake> wakes;
  std::vector<Changed> changed;
  std::vector<SweepRow> sweeps;              ///< insert or replace
  std::vector<CallbackRow> callbacks;        ///< the registration: insert or replace; one made anew was never heard
  std::vector<CallbackRow> callbacks_heard;  ///< whether it works: heard_at, missed_since, missed of known ones
  std::vector<OfferRow> offers;              ///< insert or replace
  std::vector<ConnectionRow> connections;    ///< insert or replace
  std::optional<FoldedTo> folded;
  std::vector<SettingRow> settings;  ///< insert or replace
  std::vector<AuditRow> audit;       ///< of the newest kAuditRowsMax all are kept
  std::optional<Prune> prune;
  std::optional<PartnerErased> erased;
  std::optional<ClockSetBack> clock_set_back;
  std::optional<Timestamp> restored_at;  ///< when the folder was put back from a copy; the epoch: no longer of interest
  [[nodiscard]] bool empty() const { return rows() == 0; }
  /// How much there is to write: what bounds a shared commit.
  [[nodiscard]] std::size_t rows() const;
};

struct Committed {
  std::vector<Appended> events;                ///< as Transaction::events
  std::vector<std::int64_t> mapping_versions;  ///< as Transaction::mappings
  std::int64_t outbound_touched = 0;           ///< rows that an expiry, a replay or a sweep has changed
  std::int64_t pruned = 0;                     ///< rows that a prune has deleted
  bool pruned_all = true;                      ///< it, or an erasure, has reached the end of what may go
};

/// Years of what people do; only a program that changes settings all day long comes near it.
inline constexpr std::int64_t kAuditRowsMax = 1'000'000;

/// What must survive. Synchronous; safe to use from several threads (reads do not wait for writes). Errors:
/// "store.full" (disk full), "store.busy", "store.failed", "store.damaged", "store.newer" (made by a newer program). Of
/// a transaction that meets another state than its author has read: "store.changed_meanwhile", "store.exists".
class Store {
 public:
  virtual ~Store() = default;

  /// All of them in one durable commit, or none of them.
  [[nodiscard]] virtual Result<std::vector<Committed>> commit(std::span<const Transaction* const> transactions) = 0;

  /// Removes a record with its links and journal, empties its events, and takes `texts` (of at least four characters)
  /// out of whatever else the store holds of the partner. Nothing of it is left in the files. Answers how many rows
  /// were removed or changed.
  [[nodiscard]] virtual Result<std::int64_t> forget(const RecordKey& ref, std::span<const std::string> texts) = 0;

  // Reads, for the engine
  /// The sequence up to which all events of the share's partners are folded.
  [[nodiscard]] virtual Result<std::int64_t> folded(const Share& share) = 0;
  /// Events of the share's partners that are not folded, among the next `count_max` of the log after `after`.
  [[nodiscard]] virtual Result<Unfolded> unfolded(const Share& share, std::int64_t after, std::size_t count_max) = 0;
  [[nodiscard]] virtual Result<std::int64_t> newest_event() = 0;  ///< 0: none
  [[nodiscard]] virtual Result<std::vector<EventRow>> events_after(std::int64_t sequence, std::size_t count_max) = 0;
  [[nodiscard]] virtual Result<std::vector<std::optional<RecordRow>>> records(std::span<const RecordKey> refs) = 0;
  /// Due at `now`, by lane, then due_at; of lanes up to `lane_max` only. What the lanes of tickets have kept waiting
  /// longer than kPatience gets a quarter of the room, so that a less urgent one never waits for ever. `except`: those
  /// that are being worked on.
  [[nodiscard]] virtual Result<std::vector<RecordRow>> due(const std::string& partner, Timestamp now,
                                                           std::size_t count_max,
                                                           int lane_max = std::numeric_limits<int>::max(),
                                                           const std::set<RecordKey>& except = {}) = 0;
  struct PartnerDue {
    std::string partner;
    Timestamp earliest{};
  };
  [[nodiscard]] virtual Result<std::vector<PartnerDue>> due_partners() = 0;
  /// When the partner's next record after `after` is due; nothing when none is.
  [[nodiscard]] virtual Result<std::optional<Timestamp>> earliest_due(const std::string& partner, Timestamp after) = 0;
  /// In the order of `refs`, then by anchor.
  [[nodiscard]] virtual Result<std::vector<LinkRow>> links(std::span<const RecordKey> refs) = 0;
  /// Alerts of one group raised at or after `since`, oldest raise first.
  [[nodiscard]] virtual Result<std::vector<RecordRow>> group_members(const std::string& partner,
                                                                     const std::string& group_key, Timestamp since,
                                                                     std::size_t count_max) = 0;
  /// Alerts of one group raised at or after `since`, and how many of them are open.
  struct GroupCount {
    std::int64_t all = 0, open = 0;
  };
  [[nodiscard]] virtual Result<GroupCount> count_group_members(const std::string& partner, const std::string& group_key,
                                                               Timestamp since) = 0;
  /// Open alerts of one group, oldest raise first.
  [[nodiscard]] virtual Result<std::vector<RecordRow>> open_group_members(const std::string& partner,
                                                                          const std::string& group_key,
                                                                          std::size_t count_max) = 0;

  /// Links of the records that have become these objects.
  [[nodiscard]] virtual Result<std::vector<LinkRow>> links_to(const std::string& partner,
                                                              const std::string& object_kind,
                                                              std::span<const std::string> object_ids) = 0;
  struct LinkedObject {
    std::string object_id;
    RecordKey ref;
  };
  /// All objects of one kind that records have become, without their states; by object id as text.
  [[nodiscard]] virtual Result<std::vector<LinkedObject>> linked_objects(const std::string& partner,
                                                                         const std::string& object_kind) = 0;
  struct Leaving {
    std::int64_t about_to = 0;  ///< open, and last seen at or before a time
    std::int64_t held = 0;      ///< waiting for a person because too many leave
    std::int64_t of = 0;        ///< all
  };
  /// Of the records of one kind: those that leave. `held`: the code that they are parked with.
  [[nodiscard]] virtual Result<Leaving> leaving(const std::string& partner, const std::string& kind,
                                                Timestamp seen_until, const std::string& held) = 0;
  [[nodiscard]] virtual Result<std::vector<SweepRow>> sweeps(const std::string& partner) = 0;
  /// By partner and kind; `partner` empty: of all.
  [[nodiscard]] virtual Result<std::vector<CallbackRow>> callbacks(const std::string& partner) = 0;
  /// By partner; `partner` empty: of all that are known.
  [[nodiscard]] virtual Result<std::vector<ConnectionRow>> connections(const std::string& partner) = 0;
  [[nodiscard]] virtual Result<std::vector<OfferRow>> offers(const std::string& partner, const std::string& kind) = 0;
  /// When the folder was put back from a copy; nothing: never, or too long ago to matter.
  [[nodiscard]] virtual Result<std::optional<Timestamp>> restored_at() = 0;
  /// Partners with a live mapping of any workflow.
  [[nodiscard]] virtual Result<std::vector<std::string>> mapped_partners() = 0;
  /// Partners whose offers have never been read.
  [[nodiscard]] virtual Result<std::vector<std::string>> partners_without_offers() = 0;
  /// Partners of which records have become objects, or that have been swept.
  [[nodiscard]] virtual Result<std::vector<std::string>> linked_partners() = 0;

  // Reads, for people
  struct RecordQuery {
    std::string partner, kind;  ///< kind empty: all
    std::string key_after;      ///< paging: "kind\nkey" of the last row seen
    bool parked_only = false, due_only = false, open_only = false;
    bool settled_only = false;             ///< neither due nor parked
    std::optional<Timestamp> due_after{};  ///< due, but later than this
    std::size_t count_max = 100;
  };
  [[nodiscard]] virtual Result<std::vector<RecordRow>> list_records(const RecordQuery& query) = 0;
  /// Records of a partner whose key or state has all of these words in it, the case of ASCII letters aside: open ones
  /// first, then the newest. Reads through all of the partner's records.
  [[nodiscard]] virtual Result<std::vector<RecordRow>> find_records(const std::string& partner,
                                                                    std::span<const std::string> words,
                                                                    std::size_t count_max) = 0;
  [[nodiscard]] virtual Result<std::vector<EventRow>> events_of(const RecordKey& ref,
                                                                std::size_t count_max) = 0;  ///< newest first
  [[nodiscard]] virtual Result<std::vector<JournalRow>> journal_of(const RecordKey& ref,
                                                                   std::size_t count_max) = 0;  ///< newest first
  struct Counts {
    std::int64_t events = 0, records = 0, due = 0, parked = 0, links = 0;
  };
  [[nodiscard]] virtual Result<Counts> counts(const std::string& partner) = 0;  ///< empty: all

  // Settings
  struct SettingsVersion {
    std::int64_t partner = 0, mapping = 0;  ///< 0: there is none
    Timestamp made_at{};  ///< when the partner was: one of the same id that follows another begins its versions anew
    bool operator==(const SettingsVersion&) const = default;
  };
  /// Tells cheaply whether the partner or one of the live mappings has changed: `mapping` grows with each publish.
  [[nodiscard]] virtual Result<SettingsVersion> settings_version(const std::string& partner) = 0;
  [[nodiscard]] virtual Result<std::vector<PartnerRow>> partners() = 0;
  [[nodiscard]] virtual Result<std::optional<PartnerRow>> partner(const std::string& id) = 0;
  [[nodiscard]] virtual Result<std::vector<MappingRow>> mappings(const std::string& partner,
                                                                 const std::string& workflow) = 0;  ///< newest first
  [[nodiscard]] virtual Result<std::optional<MappingRow>> live_mapping(const std::string& partner,
                                                                       const std::string& workflow) = 0;
  [[nodiscard]] virtual Result<std::vector<ApiKeyRow>> api_keys() = 0;
  [[nodiscard]] virtual Result<std::optional<PlanRow>> plan(const std::string& partner, const std::string& id) = 0;
  [[nodiscard]] virtual Result<std::optional<std::string>> setting(const std::string& name) = 0;

  struct AuditQuery {
    std::string partner{}, act{}, target{};  ///< empty: all
    std::optional<std::int64_t> before{};    ///< paging: sequence of the last one seen
    std::size_t count_max = 100;
  };
  [[nodiscard]] virtual Result<std::vector<AuditRow>> audit(const AuditQuery& query) = 0;  ///< newest first

  [[nodiscard]] virtual OutboundReads& outbound() = 0;
};

}  // namespace crosswalk::store
