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
  int count = 1;              ///< above 1: repeats of one slot of time that were put together to bound the record
  std::string identity;       ///< short digest of (source, id): breaks ties in time and names episodes
  std::int64_t sequence = 0;  ///< of the event: tells what may have been acted upon before a restart

  bool operator==(const Happening&) const = default;
};

/// Somebody wants to hear nothing of the alert for a while.
struct Snooze {
  Timestamp at{};
  Timestamp until{};  ///< not after `at`: an earlier snooze ends here
  std::string reason, by;
  std::string identity;

  bool operator==(const Snooze&) const = default;
};

/// What the newest raise or update said, field by field; templates and rules read it. The newest event that names a
/// field wins it.
struct AlertContent {
  Timestamp time{};      ///< of the newest event taken
  std::string identity;  ///< of the newest event taken
  /// Fields that an older event than the newest has set last, with the (time, identity) of that event.
  std::map<std::string, std::pair<Timestamp, std::string>, std::less<>> stamps;
  std::string product, customer, customer_name, subject, subject_name, subject_type, condition, condition_name;
  Severity severity = Severity::medium;
  bool severity_known = false;  ///< an event has told the severity
  std::string title, description, url, device, contact_email;
  boost::json::object attributes;  ///< flat: strings, numbers, booleans

  bool operator==(const AlertContent&) const = default;
};

/// An alert, folded from its events. A value: folding the same set of events in any order gives the same record.
struct Alert {
  RecordRef ref;
  AlertContent content;
  std::string resolution;  ///< text of the newest resolve
  Timestamp resolution_time{};
  std::string resolution_identity;
  std::vector<Happening> happenings;  ///< by (time, kind, identity); at most kHappeningsMax
  std::int64_t forgotten_count = 0;   ///< happenings that were let go to bound the record
  std::vector<Snooze> snoozes;        ///< by (at, identity); at most kSnoozesMax, the newest

  bool operator==(const Alert&) const = default;
};

/// How many happenings of one alert are kept; up to there the order of arrival does not matter. Bounds a record to some
/// 10 kB.
inline constexpr std::size_t kHappeningsMax = 128;
/// Beyond it, repeats within one such slot are counted together first; only then is the oldest let go.
inline constexpr Duration kRepeatSlot{std::chrono::minutes{5}};

inline constexpr std::size_t kSnoozesMax = 16;
/// What is longer is forgotten by everybody, and mutes what it was not meant for.
inline constexpr Duration kSnoozeMax{std::chrono::days{90}};

/// Takes one event into the alert. Folding the same event twice changes nothing.
void fold(Alert& alert, const Event& event);

/// One open-to-resolved life.
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
