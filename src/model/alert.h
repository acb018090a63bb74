#pragma once

#include <boost/json/object.hpp>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "model/event.h"

namespace crosswalk::model {

enum class Severity { info, low, medium, high, critical };

[[nodiscard]] std::string_view to_string(Severity severity);
[[nodiscard]] std::optional<Severity> parse_severity(std::string_view text);

/// One raise, update or resolve, boiled down to what the life cycle needs.
struct Happening {
  enum class Kind { raised, updated, resolved };
  Timestamp time{};
  Kind kind = Kind::raised;
  Severity severity = Severity::info;  ///< info when the event did not say
  bool acknowledged = false;
  /// Above 1: repeats of one slot of time that were put together to bound the record. 0: it only said that the alert is
  /// still there.
  int count = 1;
  std::string identity;       ///< short digest of (source, id): names episodes
  std::int64_t sequence = 0;  ///< of the event: breaks ties in time, and tells what may have been acted upon before
  std::string member;         ///< short digest of the `instance` that it is about; empty: the alert as a whole
  /// The raise says that the alert is there, not when it began. It brings nothing back of which an end was told later.
  bool still = false;
  bool spent = false;  ///< a raise of a member whose end was let go: it makes nobody fire any more

  bool operator==(const Happening&) const = default;
};

/// Where an event stands among the others: by time, and within one time in the order in which they were told.
struct Stamp {
  Timestamp time{};
  std::int64_t sequence = 0;  ///< 0 where it was stored before sequences were
  std::string identity;

  auto operator<=>(const Stamp&) const = default;
};

/// A member that fires by a raise that was let go to bound the record.
struct Carried {
  Timestamp time{};
  std::string member;  ///< as Happening::member, never empty

  auto operator<=>(const Carried&) const = default;
};

/// Somebody wants to hear nothing of the alert for a while.
struct Snooze {
  Timestamp at{};
  Timestamp until{};  ///< not after `at`: an earlier snooze ends here
  std::string reason, by;
  std::string identity;
  std::int64_t sequence = 0;  ///< of the event; 0 where it was stored before sequences were

  bool operator==(const Snooze&) const = default;
};

/// What the newest raise or update said, field by field; templates and rules read it. The newest event that names a
/// field wins it.
struct AlertContent {
  Stamp newest;  ///< of the newest event taken
  /// Fields that an older event than the newest has set last, with the stamp of that event.
  std::map<std::string, Stamp, std::less<>> stamps;
  std::string product, customer, customer_name, subject, subject_name, subject_type, condition, condition_name;
  Severity severity = Severity::medium;
  bool severity_known = false;  ///< an event has told the severity
  std::string title, description, url, device, contact_email;
  boost::json::object attributes;  ///< flat: strings, numbers, booleans

  bool operator==(const AlertContent&) const = default;
};

/// The key of the device that the alert tells of: the one that it names, or else its subject.
[[nodiscard]] const std::string& device_of(const AlertContent& content);

/// An alert, folded from its events. A value: folding the same set of events in any order gives the same record.
struct Alert {
  RecordRef ref;
  AlertContent content;
  std::string resolution;             ///< text of the newest resolve
  Stamp resolved;                     ///< of the newest resolve
  std::vector<Happening> happenings;  ///< by (time, sequence); at most kHappeningsMax
  std::int64_t forgotten_count = 0;   ///< happenings that were let go to bound the record
  std::vector<Carried> carried;       ///< by (time, member); at most kCarriedMax, the newest
  std::vector<Snooze> snoozes;        ///< by (at, sequence); at most kSnoozesMax, the newest

  bool operator==(const Alert&) const = default;
};

/// How many happenings of one alert are kept; up to there the order of arrival does not matter. Bounds a record to some
/// 10 kB.
inline constexpr std::size_t kHappeningsMax = 128;
/// Beyond it, repeats within one such slot are counted together first; only then is the oldest let go.
inline constexpr Duration kRepeatSlot{std::chrono::minutes{5}};
/// How many members that fire are remembered beyond the kept happenings. Of more than these the oldest are followed no
/// longer: the episode ends without them, and begins anew when they are told of again.
inline constexpr std::size_t kCarriedMax = 2'000;

inline constexpr std::size_t kSnoozesMax = 16;
/// What is longer is forgotten by everybody, and mutes what it was not meant for.
inline constexpr Duration kSnoozeMax{std::chrono::days{90}};

/// Takes one event into the alert. Folding the same event twice changes nothing.
void fold(Alert& alert, const Event& event);

/// One open-to-resolved life. An alert is a set of members (Alertmanager's fingerprints, the `instance` of an event):
/// an episode is open while one of them fires, and ends with the end of the last. An event that names no member speaks
/// of the whole: its resolve ends all of them, and what its raise began is ended by any resolve, or taken over by the
/// first member that is named. The end of a member that does not fire ends nothing.
struct Episode {
  std::string anchor;  ///< identity of its first raise
  Timestamp raised_at{};
  std::int64_t first_sequence = 0;
  std::optional<Timestamp> resolved_at;
  std::string resolved_identity;
  std::size_t begin = 0, end = 0;  ///< its happenings: [begin, end) in Alert::happenings
  Severity severity_max = Severity::info;
  std::int64_t raises = 0;  ///< how often it was raised, the first time included

  [[nodiscard]] bool open() const { return !resolved_at; }
};

/// The episodes in the kept happenings, oldest first. Updates and resolves without an open episode belong to none.
[[nodiscard]] std::vector<Episode> episodes(const Alert& alert);

/// What is known of one member.
struct MemberState {
  bool fires = false;
  std::optional<Timestamp> told_at;  ///< of the newest kept raise or resolve about it, or about the whole
  std::int64_t told_sequence = 0;    ///< of the same; 0 where only its time is known
};
[[nodiscard]] MemberState member_state(const Alert& alert, std::string_view instance);

/// A time in which the alert is snoozed: until it was to end, the next snooze began, or the severity rose above what it
/// was in this episode before (or, where it was not raised yet, when it was raised).
struct QuietTime {
  Timestamp begins{}, ends{};
  const Snooze* snooze = nullptr;  ///< of the alert
};
[[nodiscard]] std::vector<QuietTime> quiet_times(const Alert& alert);

[[nodiscard]] std::string serialize(const Alert& alert);
[[nodiscard]] Result<Alert> parse_alert(const RecordRef& ref, std::string_view text);

}  // namespace crosswalk::model
