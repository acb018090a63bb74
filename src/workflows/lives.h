#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "mapping/document.h"
#include "model/alert.h"
#include "workflows/desired.h"

namespace crosswalk::workflows {

/// Whether an alert opens and closes too often, and until when that is so.
struct Flapping {
  bool now = false;
  Timestamp quiet_at{};  ///< when it will have been quiet for long enough
  std::string since;     ///< identity of the happening that made it flap
  int transitions = 0;   ///< within the window, at the last transition
};
[[nodiscard]] Flapping find_flapping(const std::vector<model::Episode>& episodes,
                                     const mapping::TicketSettings& settings, Timestamp now);

/// The part of an alert's history that belongs to one ticket: one episode, or several when it was re-opened.
struct Life {
  const Link* link = nullptr;  ///< absent: no ticket yet
  std::string anchor;
  Timestamp raised_at{};           ///< of its last part
  std::string last_anchor;         ///< of its last part
  int parts = 0;                   ///< above 1: it came back
  std::size_t begin = 0, end = 0;  ///< happenings of its last part
  bool open = true;
  std::optional<Timestamp> resolved_at;
  std::string resolved_identity;
  model::Severity severity_max = model::Severity::info;
  std::int64_t raises = 0;  ///< in all its parts
  std::int64_t first_sequence = 0;
  const Link* follows = nullptr;          ///< the closed ticket of an earlier life
  bool note_only = false;                 ///< it came back, and the mapping wants no more than a note
  bool is_left = false;                   ///< technicians have ended its ticket, and the mapping leaves it so
  bool reported_since = false;            ///< `is_left`, and the alert was reported again after that
  std::optional<Timestamp> ask_again_at;  ///< when it is to be looked at anew, whatever happens
  std::string why;
};

/// Deals the episodes out to tickets, by the links that exist and the reopen policy. Episodes that were resolved before
/// they had a ticket belong to none, except to a ticket that stays open through flapping.
///
/// A report that repeats an open alert is no return of it: when technicians have closed or removed the ticket, only
/// what the mapping says of that (`still_open`), a rise of the severity, or a raise after a resolve changes it.
[[nodiscard]] std::vector<Life> find_lives(const model::Alert& alert, const std::vector<model::Episode>& episodes,
                                           const std::vector<Link>& links, const mapping::TicketSettings& settings,
                                           const Flapping& flapping, Timestamp now);

/// How the part of a life is named that began because the alert was still open after a time.
inline constexpr std::string_view kStillOpenPart = "still-open-";

/// The anchor of the ticket that takes the place of one that technicians have removed while its alert was still open:
/// the beginning of the former one's life, and when it ended.
[[nodiscard]] std::string successor_anchor(std::string_view former, Timestamp ended);

/// When the ticket was closed, or last seen before it was gone, as far as anybody knows.
[[nodiscard]] Timestamp ended_at(const Link& link);

}  // namespace crosswalk::workflows
