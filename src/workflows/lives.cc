#include "workflows/lives.h"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>

namespace crosswalk::workflows {
namespace {

using model::Episode;
using model::Happening;

struct Transition {
  Timestamp time;
  std::string identity;
};

std::vector<Transition> transitions_of(const std::vector<Episode>& episodes) {
  std::vector<Transition> found;
  for (const Episode& episode : episodes) {
    found.push_back({episode.raised_at, episode.anchor});
    if (episode.resolved_at) found.push_back({*episode.resolved_at, episode.resolved_identity});
  }
  return found;
}

std::optional<std::size_t> index_of(const model::Alert& alert, std::string_view identity) {
  for (std::size_t i = 0; i < alert.happenings.size(); ++i)
    if (alert.happenings[i].identity == identity) return i;
  return std::nullopt;
}

/// Between the two parts of a successor's anchor.
constexpr char kSuccessorMark = '+';

/// Where a ticket's life begins. A beginning that was counted together with later repeats, to bound the record, is
/// where these repeats are. Nothing when all of that episode's beginning was let go.
std::optional<std::size_t> place_of(const model::Alert& alert, const Link& link) {
  if (const auto index = index_of(alert, std::string_view(link.anchor).substr(0, link.anchor.find(kSuccessorMark))))
    return index;
  if (link.anchored_at == Timestamp{}) return std::nullopt;
  for (const Episode& episode : model::episodes(alert))
    for (std::size_t i = episode.begin + 1; i < episode.end; ++i) {
      if (alert.happenings[i].kind != Happening::Kind::raised || alert.happenings[i].time < link.anchored_at) continue;
      if (alert.happenings[episode.begin].time > link.anchored_at) return std::nullopt;
      return i;
    }
  return std::nullopt;
}

/// When the ticket was closed, as far as anybody knows.
Timestamp closed_time(const Link& link, const Life& life) {
  if (link.observed && link.observed->progress && link.observed->progress->closed_at)
    return *link.observed->progress->closed_at;
  if (life.resolved_at) return *life.resolved_at;
  return link.observed_at;
}

enum class Recurrence { same_ticket, reopen, note_only, new_ticket };

/// What becomes of an alert that comes back at `at`, while `life` is the newest ticket.
Recurrence decide(const Life& life, Timestamp at, const mapping::TicketSettings& settings, bool flapping) {
  const Link& link = *life.link;
  if (!link.gone.empty()) return Recurrence::new_ticket;
  if (!link.closed()) return Recurrence::same_ticket;
  if (flapping) return Recurrence::reopen;
  switch (settings.reopen_policy.value_or(mapping::ReopenPolicy::within)) {
    case mapping::ReopenPolicy::never:
      return Recurrence::new_ticket;
    case mapping::ReopenPolicy::note_only:
      return Recurrence::note_only;
    case mapping::ReopenPolicy::always:
      return Recurrence::reopen;
    case mapping::ReopenPolicy::within:
      break;
  }
  const Duration window = settings.reopen_window.value_or(std::chrono::hours{24});
  return at - closed_time(link, life) <= window ? Recurrence::reopen : Recurrence::new_ticket;
}

class LifeBuilder {
 public:
  LifeBuilder(const model::Alert& alert, const std::vector<Link>& links, const mapping::TicketSettings& settings,
              const Flapping& flapping, Timestamp now)
      : alert_(alert), settings_(settings), flapping_(flapping), now_(now) {
    for (const Link& link : links) {
      if (const auto index = place_of(alert, link))
        placed_.push_back({*index, &link});
      else
        forgotten_.push_back(&link);
    }
    std::sort(placed_.begin(), placed_.end(), [](const Placed& a, const Placed& b) {
      return std::tie(a.index, a.link->linked_at) < std::tie(b.index, b.link->linked_at);
    });
    std::sort(forgotten_.begin(), forgotten_.end(),
              [](const Link* a, const Link* b) { return a->linked_at < b->linked_at; });
    for (const Link* link : forgotten_) {
      Life life;
      life.link = link;
      life.anchor = life.last_anchor = link->anchor;
      life.parts = 1;
      life.open = false;
      life.raised_at = link->linked_at;
      lives_.push_back(std::move(life));
    }
  }

  void take(const Episode& episode, bool newest) {
    std::vector<Placed> inside;
    for (const Placed& each : placed_)
      if (each.index >= episode.begin && each.index < episode.end) inside.push_back(each);
    if (inside.empty()) {
      place_unlinked(episode, newest);
    } else {
      for (std::size_t i = 0; i < inside.size(); ++i) {
        const std::size_t begin = i == 0 ? episode.begin : inside[i].index;
        const std::size_t end = i + 1 < inside.size() ? inside[i + 1].index : episode.end;
        start(episode, begin, end, inside[i].link, "");
      }
    }
    if (!newest || lives_.empty() || !lives_.back().open || !lives_.back().link) return;
    continue_where_reopened(episode);
    continue_after_people(episode);
  }

  std::vector<Life> finish() { return std::move(lives_); }

 private:
  struct Placed {
    std::size_t index;
    const Link* link;
  };

  void place_unlinked(const Episode& episode, bool newest) {
    const bool wanted = episode.open() || (newest && flapping_.now);
    if (lives_.empty() || !lives_.back().link) {
      if (wanted) start(episode, episode.begin, episode.end, nullptr, "the alert was raised");
      return;
    }
    if (began_before_the_end(episode)) {
      continue_last(episode, episode.begin, episode.end);
      return;
    }
    switch (decide(lives_.back(), episode.raised_at, settings_, newest && flapping_.now)) {
      case Recurrence::same_ticket:
        continue_last(episode, episode.begin, episode.end);
        return;
      case Recurrence::reopen:
        if (wanted) continue_last(episode, episode.begin, episode.end);
        return;
      case Recurrence::note_only:
        if (!wanted) return;
        continue_last(episode, episode.begin, episode.end);
        lives_.back().note_only = true;
        return;
      case Recurrence::new_ticket:
        if (!wanted) return;
        const Link* former = lives_.back().link;
        start(episode, episode.begin, episode.end, nullptr,
              former->gone.empty() ? "the alert came back after the time in which its ticket is re-opened"
                                   : "the alert came back, and its former ticket is " + former->gone);
        lives_.back().follows = former;
        return;
    }
  }

  /// Whether the last ticket was still there when the episode began, so that it belongs to it; what was raised after a
  /// technician had closed or removed the ticket is split off later.
  bool began_before_the_end(const Episode& episode) const {
    const Link& link = *lives_.back().link;
    if (!link.gone.empty()) return episode.first_sequence <= link.gone_sequence;
    return link.closed_by_people() && episode.raised_at <= ended_at(link);
  }

  /// The ticket was re-opened while its alert was still open: what came since is another part of its life.
  void continue_where_reopened(const Episode& episode) {
    Life& life = lives_.back();
    const Link& link = *life.link;
    constexpr std::string_view kStep = "reopened:";
    if (!link.reopening.starts_with(kStep) || link.reopened_at < episode.raised_at) return;
    const std::string key = link.reopening.substr(kStep.size());
    if (key == life.last_anchor) return;
    begin_part(index_of(alert_, key).value_or(life.begin), episode, key, link.reopened_at);
  }

  /// Technicians have closed or removed the ticket while the alert is still open.
  void continue_after_people(const Episode& episode) {
    Life& life = lives_.back();
    const Link& link = *life.link;
    const bool gone = !link.gone.empty();
    if (!gone && !link.closed_by_people()) return;
    const Timestamp ended = ended_at(link);
    // To be re-opened already, and only the call is not done, or its answer was lost; or it has come back since.
    if (!gone && (link.reopened_at > ended || (life.parts > 1 && life.raised_at > ended))) return;
    const auto is_later = [&](const Happening& each) {
      return gone ? each.sequence > link.gone_sequence : each.time > ended;
    };
    model::Severity before = model::Severity::info;
    std::optional<std::size_t> rise, report;
    for (std::size_t i = episode.begin; i < episode.end; ++i) {
      const Happening& each = alert_.happenings[i];
      if (i <= life.begin || !is_later(each)) {
        before = std::max(before, each.severity);
        continue;
      }
      if (!report && each.kind == Happening::Kind::raised) report = i;
      if (!rise && each.severity > before) rise = i;
    }
    const auto policy = settings_.still_open_policy.value_or(mapping::StillOpenPolicy::leave);
    if (rise) return place_unlinked(rest_of(episode, *rise), true);
    if (policy == mapping::StillOpenPolicy::new_ticket && report) return begin_another(episode, *report);
    life.is_left = true;
    life.reported_since = report.has_value();
    if (policy != mapping::StillOpenPolicy::reopen_after) return;
    const Timestamp at = ended + settings_.still_open_after.value_or(std::chrono::hours{4});
    if (now_ < at) {
      life.ask_again_at = at;
      return;
    }
    life.is_left = false;
    // What must not be re-opened gets a successor as well.
    if (gone || settings_.reopen_policy == mapping::ReopenPolicy::never) return begin_successor(episode, ended);
    begin_part(life.begin, episode, fmt::format("{}{}", kStillOpenPart, to_milliseconds(ended)), at);
  }

  /// The same ticket, in a new part of its life that begins at `at`.
  void begin_part(std::size_t begin, const Episode& episode, std::string key, Timestamp at) {
    Life& life = lives_.back();
    life.begin = std::max(life.begin, begin);
    life.end = episode.end;
    ++life.parts;
    life.raised_at = at;
    life.last_anchor = std::move(key);
    life.open = true;
  }

  /// What the report at `index` begins: the former ticket ends before it.
  Episode rest_of(const Episode& episode, std::size_t index) {
    const Happening& first = alert_.happenings[index];
    Episode rest = episode;
    rest.anchor = first.identity;
    rest.raised_at = first.time;
    rest.first_sequence = first.sequence;
    rest.begin = index;
    rest.severity_max = model::Severity::info;
    rest.raises = 0;
    for (std::size_t k = index; k < episode.end; ++k) {
      rest.severity_max = std::max(rest.severity_max, alert_.happenings[k].severity);
      if (alert_.happenings[k].kind == Happening::Kind::raised) rest.raises += alert_.happenings[k].count;
    }
    lives_.back().end = index;
    lives_.back().open = false;
    return rest;
  }

  void begin_another(const Episode& episode, std::size_t index) {
    const Link* former = lives_.back().link;
    const Episode rest = rest_of(episode, index);
    start(rest, rest.begin, rest.end, nullptr, "the alert is still open, and technicians have ended its former ticket");
    lives_.back().follows = former;
  }

  void begin_successor(const Episode& episode, Timestamp ended) {
    const Life former = lives_.back();
    lives_.back().end = lives_.back().begin;
    lives_.back().open = false;
    start(episode, former.begin, episode.end, nullptr, "the alert is still open, and its former ticket is gone");
    Life& life = lives_.back();
    life.anchor = successor_anchor(former.anchor, ended);
    life.last_anchor = life.anchor;
    life.follows = former.link;
  }

  void start(const Episode& episode, std::size_t begin, std::size_t end, const Link* link, std::string why) {
    Life life;
    life.link = link;
    life.anchor = link ? link->anchor : alert_.happenings[begin].identity;
    life.why = std::move(why);
    lives_.push_back(std::move(life));
    continue_last(episode, begin, end);
    lives_.back().first_sequence = alert_.happenings[begin].sequence;
  }

  void continue_last(const Episode& episode, std::size_t begin, std::size_t end) {
    Life& life = lives_.back();
    life.begin = begin;
    life.end = end;
    ++life.parts;
    life.raised_at = alert_.happenings[begin].time;
    life.last_anchor = alert_.happenings[begin].identity;
    const bool whole = end == episode.end;
    life.open = whole ? episode.open() : false;
    life.resolved_at = whole ? episode.resolved_at : std::nullopt;
    life.resolved_identity = whole ? episode.resolved_identity : std::string();
    life.severity_max = model::Severity::info;
    for (std::size_t i = begin; i < end; ++i) {
      life.severity_max = std::max(life.severity_max, alert_.happenings[i].severity);
      if (alert_.happenings[i].kind == Happening::Kind::raised) life.raises += alert_.happenings[i].count;
    }
  }

  const model::Alert& alert_;
  const mapping::TicketSettings& settings_;
  const Flapping& flapping_;
  Timestamp now_;
  std::vector<Placed> placed_;
  std::vector<const Link*> forgotten_;
  std::vector<Life> lives_;
};

}  // namespace

Flapping find_flapping(const std::vector<Episode>& episodes, const mapping::TicketSettings& settings, Timestamp now) {
  Flapping flapping;
  const int allowed = settings.flap_transitions.value_or(0);
  if (allowed <= 0) return flapping;
  const Duration window = settings.flap_window.value_or(std::chrono::hours{1});
  const Duration quiet = settings.flap_quiet.value_or(std::chrono::minutes{30});
  const std::vector<Transition> transitions = transitions_of(episodes);
  bool active = false;
  for (std::size_t i = 0; i < transitions.size(); ++i) {
    if (i > 0 && transitions[i].time - transitions[i - 1].time >= quiet) active = false;
    int count = 0;
    for (std::size_t k = 0; k <= i; ++k)
      if (transitions[i].time - transitions[k].time < window) ++count;
    if (count > allowed && !active) {
      active = true;
      flapping.since = transitions[i].identity;
    }
    flapping.transitions = count;
  }
  if (!active) return flapping;
  flapping.quiet_at = transitions.back().time + quiet;
  flapping.now = now < flapping.quiet_at;
  return flapping;
}

std::string successor_anchor(std::string_view former, Timestamp ended) {
  return fmt::format("{}{}{}", former.substr(0, former.find(kSuccessorMark)), kSuccessorMark, to_milliseconds(ended));
}

Timestamp ended_at(const Link& link) { return closed_time(link, Life{}); }

std::vector<Life> find_lives(const model::Alert& alert, const std::vector<Episode>& episodes,
                             const std::vector<Link>& links, const mapping::TicketSettings& settings,
                             const Flapping& flapping, Timestamp now) {
  LifeBuilder builder(alert, links, settings, flapping, now);
  for (std::size_t i = 0; i < episodes.size(); ++i) builder.take(episodes[i], i + 1 == episodes.size());
  return builder.finish();
}

}  // namespace crosswalk::workflows
