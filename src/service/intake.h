#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "mapping/object_document.h"
#include "service/problem.h"
#include "store/store.h"

namespace crosswalk::service {

/// Larger bodies are refused before they are read as JSON: 1,000 events of 4 kB.
inline constexpr std::size_t kBodyBytesMax = 4u << 20;
/// Of a notification of Alertmanager, which holds a whole group and is never sent again when it is refused: 20,000
/// alerts of 1.5 kB. It is committed in parts of kBatchEventsMax.
inline constexpr std::size_t kNotificationBytesMax = 32u << 20;
/// One commit takes a whole batch; more would hold up its neighbours.
inline constexpr std::size_t kBatchEventsMax = 1'000;
/// Deeper JSON is an attack on somebody's stack, not an event.
inline constexpr std::size_t kNestingMax = 32;
/// A product's clock may run ahead of ours by this much.
inline constexpr Duration kSkewMax = std::chrono::minutes{5};

/// Said about an event that was taken all the same.
struct IntakeWarning {
  std::string code, pointer, detail;
};

/// One event of a request: a row to be kept, or what is wrong with it.
struct IncomingEvent {
  store::EventRow row;  ///< `id` is set as far as it could be read, also when there is a problem
  std::optional<RequestProblem> problem;
  std::vector<IntakeWarning> warnings;
  std::string product;                 ///< who speaks, by the data; empty: it does not say
  std::string about;                   ///< what it is about, for people who look for it; empty: its id tells
  std::string pointer;                 ///< to its data
  std::vector<std::string> unknown{};  ///< names in its data that no schema has
};

/// A request as a list of events, or what is wrong with it as a whole.
struct Incoming {
  bool batch = false;
  std::string partner;  ///< whose address it came to; empty: each event says
  std::vector<IncomingEvent> events;
  std::optional<RequestProblem> problem;
};

/// What reading needs to know of the world.
struct IntakeContext {
  std::string_view key_partner;  ///< the partner whose key was used; empty: all
  std::function<bool(const std::string&)> partner_known;
  /// The mapping that says what may be kept of a partner's contacts.
  std::function<std::shared_ptr<const mapping::ObjectDocument>(const std::string&)> contact_mapping;
  Timestamp now{};
};

/// Sets an event's time: `claimed`, or now when it says nothing or is too far ahead (with a warning).
void set_time(IncomingEvent& event, std::optional<Timestamp> claimed, Timestamp now, std::string_view pointer);
/// Checks `data`, names its record and serializes it into the row; of contacts only what may be kept. `pointer` is
/// where `data` is in the body.
void take_data(IncomingEvent& event, std::string_view type_name, const boost::json::object& data,
               std::string_view pointer, const IntakeContext& context);

/// What became of one event.
struct EventFate {
  enum class Kind { accepted, duplicate, conflict, rejected };
  Kind kind = Kind::accepted;
};

struct IntakeCounts {
  int accepted = 0, duplicates = 0, conflicts = 0, rejected = 0;
};

/// Fates in the order of the events; `appended` are the answers of the store for those without a problem, in order.
[[nodiscard]] std::vector<EventFate> fates(const Incoming& incoming, const std::vector<store::Appended>& appended);
[[nodiscard]] IntakeCounts count(const std::vector<EventFate>& fates);

/// The answer (openapi: IntakeReport, or a problem where nothing was taken).
[[nodiscard]] net::Response render_intake(const Incoming& incoming, const std::vector<EventFate>& fates,
                                          std::string_view request_id);

}  // namespace crosswalk::service
