#include "workflows/lives.h"

#include <algorithm>

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

/// Where a ticket's life begins. A beginning that was counted together with later repeats, to bound the record, is
/// where these repeats are. Nothing when all of that episode's beginning was let go.
std::optional<std::size_t> place_of(const model::Alert& alert, const TicketLink& link) {
  if (const auto index = index_of(alert, link.anchor)) return index;
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
Timestamp closed_time(const TicketLink& link, const Life& life) {
  if (link.observed && link.observed->closed_at) return *link.observed->closed_at;
  if (life.resolved_at) return *life.resolved_at;
  return link.observed_at;
}

enum class Recurrence { same_ticket, reopen, note_only, new_ticket };

/// What becomes of an alert that comes back at `at`, while `life` is the newest ticket.
Recurrence decide(const Life& life, Timestamp at, const mapping::TicketSettings& settings, bool flapping) {
  const TicketLink& link = *life.link;
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
  LifeBuilder(const model::Alert& alert, const std::vector<TicketLink>& links, const mapping::TicketSettings& settings,
              const Flapping& flapping)
      : alert_(alert), settings_(settings), flapping_(flapping) {
    for (const TicketLink& link : links) {
      if (const auto index = place_of(alert, link))
        placed_.push_back({*index, &link});
      else
        forgotten_.push_back(&link);
    }
    std::sort(placed_.begin(), placed_.end(), [](const Placed& a, const Placed& b) { return a.index < b.index; });
    std::sort(forgotten_.begin(), forgotten_.end(),
              [](const TicketLink* a, const TicketLink* b) { return a->created_at < b->created_at; });
    for (const TicketLink* link : forgotten_) {
      Life life;
      life.link = link;
      life.anchor = life.last_anchor = link->anchor;
      life.parts = 1;
      life.open = false;
      life.raised_at = link->created_at;
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
    if (newest && !lives_.empty() && lives_.back().open) split_where_closed_by_hand(episode);
  }

  std::vector<Life> finish() { return std::move(lives_); }

 private:
  struct Placed {
    std::size_t index;
    const TicketLink* link;
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
        const TicketLink* former = lives_.back().link;
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
    const TicketLink& link = *lives_.back().link;
    if (!link.gone.empty()) return episode.first_sequence <= link.gone_sequence;
    return link.closed_by_people() && episode.raised_at <= closed_time(link, Life{});
  }

  /// A technician has closed the ticket while the alert was still open: repeats after that are a recurrence (or
  /// nothing, when there are none).
  void split_where_closed_by_hand(const Episode& episode) {
    Life& life = lives_.back();
    if (!life.link) return;
    const TicketLink& link = *life.link;
    if (!link.gone.empty()) {
      split_at(episode, [&](const Happening& happening) { return happening.sequence > link.gone_sequence; });
      return;
    }
    if (!link.closed_by_people()) return;
    const Timestamp closed_at = closed_time(link, Life{});
    split_at(episode, [closed_at](const Happening& happening) { return happening.time > closed_at; });
  }

  template <class IsLater>
  void split_at(const Episode& episode, IsLater is_later) {
    const Life& life = lives_.back();
    for (std::size_t i = std::max(life.begin + 1, episode.begin); i < episode.end; ++i) {
      const Happening& happening = alert_.happenings[i];
      if (happening.kind != Happening::Kind::raised || !is_later(happening)) continue;
      Episode rest = episode;
      rest.anchor = happening.identity;
      rest.raised_at = happening.time;
      rest.first_sequence = happening.sequence;
      rest.begin = i;
      rest.severity_max = model::Severity::info;
      rest.raises = 0;
      for (std::size_t k = i; k < episode.end; ++k) {
        rest.severity_max = std::max(rest.severity_max, alert_.happenings[k].severity);
        if (alert_.happenings[k].kind == Happening::Kind::raised) rest.raises += alert_.happenings[k].count;
      }
      lives_.back().end = i;
      lives_.back().open = false;
      place_unlinked(rest, true);
      return;
    }
  }

  void start(const Episode& episode, std::size_t begin, std::size_t end, const TicketLink* link, std::string why) {
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
  std::vector<Placed> placed_;
  std::vector<const TicketLink*> forgotten_;
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

std::vector<Life> find_lives(const model::Alert& alert, const std::vector<Episode>& episodes,
                             const std::vector<TicketLink>& links, const mapping::TicketSettings& settings,
                             const Flapping& flapping) {
  LifeBuilder builder(alert, links, settings, flapping);
  for (std::size_t i = 0; i < episodes.size(); ++i) builder.take(episodes[i], i + 1 == episodes.size());
  return builder.finish();
}

}  // namespace crosswalk::workflows
