#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <unordered_set>

#include "base/async.h"
#include "engine/budget.h"
#include "engine/engine.h"
#include "engine/object_index.h"
#include "mapping/document.h"
#include "mapping/object_document.h"
#include "mapping/personal_data.h"
#include "workflows/desired.h"

namespace crosswalk::engine {

/// A record about which we do not know whether something was done: its look-ups come before its writes.
struct Doubt {
  Timestamp since{};  ///< when the answer was lost, or when this program started
  int tries = 0;      ///< answers lost in a row
  /// An earlier run may have done it, of which these books know nothing: they are older, or were put back from a copy.
  bool from_before = false;
};

/// A picture of what a PSA has is kept this long after its last use.
inline constexpr Duration kIndexesKept{std::chrono::minutes{10}};

/// What the engine holds in memory of one partner that has something to do. All of it can be lost and found again.
struct PartnerState {
  PartnerState(boost::asio::any_io_executor executor, Clock& clock, BudgetOptions options, Metrics& metrics,
               std::uint64_t seed)
      : budget(executor, clock, options, metrics, seed),
        settings_free(executor),
        callbacks_settled(executor),
        asked(executor) {}

  store::PartnerRow row;
  bool known = false;
  Budget budget;
  std::unique_ptr<PsaSession> live, read_only;
  std::optional<store::ConnectionRow> connection;  ///< as it is kept; absent: not read yet
  bool standing_changed = false;                   ///< Budget::standing is newer
  bool telling = false;
  std::optional<mapping::Document> document;
  std::map<std::string, mapping::ObjectDocument, std::less<>> object_documents;  ///< by workflow
  std::int64_t mapping_version = 0;                         ///< of all workflows together: grows with each publish
  Duration storm_window{};                                  ///< the longest in the mapping
  bool storms_differ = false;                               ///< rules or customers have storm settings of their own
  mapping::StormBy storm_by = mapping::StormBy::condition;  ///< where they have not
  std::size_t storm_neighbours = 0;                         ///< how many alerts of a group tell a storm
  std::map<psa::ObjectKind, std::unique_ptr<ObjectIndex>> indexes;  ///< read on first use, dropped when idle
  std::optional<Timestamp> drop_indexes_at;
  std::shared_ptr<const psa::ReferenceData> reference_data;
  std::set<std::string> reference_companies;  ///< those that reference_data covers
  bool reading_reference_data = false;
  bool settings_stale = true;  ///< row and mapping must be read again
  int settings_users = 0;      ///< who holds row, mapping and sessions; these are exchanged only while nobody does
  Signal settings_free;        ///< the last of them has gone

  /// An object that a record is linked to, which is not in the store yet.
  using Claim = std::pair<psa::ObjectKind, std::string>;
  std::map<Claim, store::RecordKey> claimed;

  /// Who the contacts of new tickets were found to be, and when.
  std::map<workflows::ContactQuestion, std::pair<Timestamp, workflows::ContactFound>> contacts;
  /// When records have left, by kind and key: what the mappings' guards count. Read on first use.
  std::map<model::RecordKind, std::map<std::string, Timestamp>> left;

  /// The PSA does not show what it must have; see absence.h.
  struct Hidden {
    Timestamp since{};
    std::string text;
  };
  std::map<psa::ObjectKind, Hidden> hidden;   ///< until a whole list shows it again
  bool rows_changed = false;                  ///< kinds of `hidden` are newer than what is kept of them
  std::optional<Timestamp> tickets_shown_at;  ///< when a read last showed tickets that are linked

  std::set<store::RecordKey> in_flight;
  std::set<store::RecordKey> refolded;  ///< in flight, and events came for them meanwhile
  int batches = 0;
  std::optional<Timestamp> next_due;
  std::optional<Timestamp> sweep_at;  ///< absent: nothing of the partner's is linked
  bool sweeping = false;
  std::optional<Timestamp> callbacks_at;  ///< when their registration is compared next
  bool settling_callbacks = false, hearing = false, sweep_wanted = false;
  Signal callbacks_settled;
  bool asking = false;     ///< a question that takes long is being answered: one at a time
  std::size_t askers = 0;  ///< who wait for their turn to ask
  Signal asked;
  std::unique_ptr<PsaSession> ears;          ///< proves callbacks; apart from those that settings are exchanged under
  std::int64_t ears_version = 0;             ///< of the partner's row that `ears` was opened with
  Timestamp ears_made_at{};                  ///< when that partner was made
  std::string member;                        ///< who we are to the PSA; empty: not known yet
  std::map<store::RecordKey, Doubt> doubts;  ///< answers lost since the start
  std::set<store::RecordKey> refused;        ///< refused once, and tried a second time before a person is asked
  /// What is known of a cause for which records are parked: how it is told, and what those who looked have found.
  struct Cause {
    std::optional<Timestamp> refused_at{}, passed_at{};
    bool looking = false;
  };
  std::map<std::string, Cause> causes;  ///< by code and message
  bool references_changed = false;      ///< what is parked may go on with what was read of the PSA
  std::set<store::RecordKey> clean;     ///< older than this program's start, and known to have been settled
  std::unordered_map<std::string, Timestamp> accepted_at;  ///< by record key: oldest event not acted upon yet
  std::optional<std::set<std::string>> open_groups;        ///< keys of storms under way; read on first use

  /// The system's clock was set: how long an answer has been lost stays the same.
  void move_doubts(Duration by) {
    for (auto& [key, doubt] : doubts)
      if (!doubt.from_before) doubt.since += by;
  }
  /// The system's clock was set back: what was to come by the old time comes by the new one.
  void set_back(Duration by) {
    for (std::optional<Timestamp>* each : {&next_due, &sweep_at, &callbacks_at, &drop_indexes_at})
      if (*each) **each -= by;
    move_doubts(-by);
    for (auto& [kind, index] : indexes) index->set_back(by);
    // Its age is reckoned from when it was read.
    reference_data.reset();
  }

  /// What may be kept of an object as the PSA shows it.
  [[nodiscard]] psa::Object kept_of(psa::Object object) const {
    mapping::drop_unnamed(document_of(object.id.kind), object.id.kind, object.values);
    return object;
  }
  /// Null: none has been published.
  [[nodiscard]] const mapping::ObjectDocument* document_of(model::RecordKind kind) const {
    const auto found = object_documents.find(mapping::workflow_of(kind));
    return found == object_documents.end() ? nullptr : &found->second;
  }
  /// What the mapping of the workflow in force says; off: none has been published.
  [[nodiscard]] mapping::Mode mode_of(std::string_view workflow) const {
    if (workflow == mapping::kAlertToTicket)
      return document ? document->settings.mode.value_or(
                            mapping::vendor_defaults().settings.mode.value_or(mapping::Mode::test))
                      : mapping::Mode::off;
    const auto found = object_documents.find(workflow);
    return found == object_documents.end() ? mapping::Mode::off : found->second.mode;
  }
  /// Whether a mapping of the workflow has been published.
  [[nodiscard]] bool is_mapped(std::string_view workflow) const {
    return workflow == mapping::kAlertToTicket ? document.has_value() : object_documents.contains(workflow);
  }
  [[nodiscard]] const mapping::ObjectDocument* document_of(psa::ObjectKind kind) const {
    for (const auto& [workflow, document] : object_documents)
      if (document.kind == kind) return &document;
    return nullptr;
  }
};

}  // namespace crosswalk::engine
