#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/time.h"
#include "model/event.h"
#include "psa/objects.h"

namespace crosswalk::workflows {

/// Where somebody's hand can be seen on an object that people work on.
enum class Trace { owner, scheduled, status, note, task };

/// Which object a record has become (or, in a plan, would become), and what we last wrote to and saw of it. A record
/// whose object has several lives has a link for each. The store keeps it as LinkRow::state.
struct Link {
  std::string anchor;       ///< which life of the record: the happening that began it, or kOnlyLife
  Timestamp anchored_at{};  ///< when that happened: its place in the history once it is no longer kept there
  psa::ObjectId object;
  std::string instance;            ///< of the PSA whose ids these are; empty: of before this was kept
  std::string external_reference;  ///< that the object carries; empty: it carries none
  bool planned = false;            ///< of a plan: there is no such object; never stored
  bool made_by_us = false;
  std::string how;  ///< in words: "made by Crosswalk", "the serial number X is the same", "decided by ..."
  Timestamp linked_at{};
  std::int64_t linked_sequence = 0;  ///< newest event that the record knew then

  // Its fields.
  psa::Values written;                                ///< what we last wrote, field by field
  psa::Values kept;                                   ///< what the PSA made of it, where that is something else
  std::map<std::string, int, std::less<>> overruled;  ///< how often a value of ours was changed there, and set again
  Timestamp written_at{};                             ///< when something was last written
  /// Fields that showed another value when the object was adopted, and what the product said then: another tool's, or a
  /// person's. They are left as they are until somebody says otherwise.
  psa::Values theirs;
  std::string named;  ///< mapping::named_digest() of when it was last looked at

  // The items beneath it.
  std::set<std::string> posted;  ///< keys of notes that are on it
  /// Markers of notes that were found on it and that our books do not know: their keys are known once they are wanted.
  std::set<std::string> found_markers;
  std::set<std::string> children;  ///< tickets attached beneath it
  bool configuration_attached = false;
  std::string configuration;  ///< the id of the one that was attached, or could not be; empty: found by its device

  // The turns of its life.
  std::string turn;              ///< key of the last turn that was taken
  bool closed_by_us = false;     ///< by that turn
  std::string attempted_status;  ///< id of a status whose setting had no answer: it may be ours
  std::string reopening;         ///< key of the last turn that re-opened it while its record was still open
  Timestamp reopened_at{};       ///< when the part of its life began that this turn belongs to
  Timestamp left_at{};           ///< when it left without a person's agreement; epoch: it has not, or is back
  bool on_catch_all = false;     ///< made for a customer that was not mapped then

  // What is there.
  std::optional<psa::Object> observed;
  Timestamp observed_at{};             ///< epoch: never
  std::int64_t observed_sequence = 0;  ///< newest event that the record knew when it was observed
  std::string gone;                    ///< why nothing more is done with it: deleted, merged; empty: it is there
  std::int64_t gone_sequence = 0;      ///< newest event that the record knew when it was last seen
  /// The key of the record that is this machine now: it was imaged anew. Empty: none.
  std::string successor;

  // What people do to it.
  std::string member;  ///< who we are to the PSA, as it signed what we made
  /// Who has left which trace since it was last as we made it: members' identifiers, empty where the PSA does not tell.
  std::map<Trace, std::set<std::string>> touched;
  std::set<std::string> quick_hands, slow_hands;  ///< who has changed it at once after it was made, and who later
  std::set<std::string> told_notes;               ///< ids of notes by others that the product has been told of
  Timestamp left_closed_at{};  ///< the closing after which the product was told that the alert is still open

  [[nodiscard]] bool closed() const { return observed ? observed->closed() : closed_by_us; }
  /// Closed, and not by us: neither by our last turn, nor by one whose answer was lost.
  [[nodiscard]] bool closed_by_people() const;
  /// What we last wrote; null: never.
  [[nodiscard]] const psa::Value* written_value(std::string_view field) const { return psa::find(written, field); }
  /// What the PSA last showed, or what we wrote while it has shown nothing. Null: the field is not set.
  [[nodiscard]] const psa::Value* seen(std::string_view field) const;
};

/// The anchor of a record that becomes one object for good.
inline constexpr std::string_view kOnlyLife = "object";

/// The object as the PSA shows it now, and who has left traces on it since it was last seen. `written`: what we have
/// written with the call whose answer this is.
void observe(Link& link, const psa::Object& seen, Timestamp at, const psa::Values* written = nullptr);

/// The marker that Crosswalk leaves on a ticket (externalXRef): partner, record and anchor, digested.
[[nodiscard]] std::string external_reference(const model::RecordRef& record, std::string_view anchor);

[[nodiscard]] std::string serialize(const Link& link);
/// Of what serialize() gave, now or in an earlier version. Fails with "store.corrupt".
[[nodiscard]] Result<Link> parse_link(const PartnerId& partner, psa::ObjectKind kind, std::string_view text);

}  // namespace crosswalk::workflows
