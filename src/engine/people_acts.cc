#include "engine/people_acts.h"

#include <fmt/format.h>

#include <algorithm>

namespace crosswalk::engine {
namespace {

using psa::TicketField;
using workflows::TicketLink;
using workflows::Trace;

class Acts {
 public:
  Acts(const TicketLink& before, const TicketLink& after) : before_(before), after_(after) {}

  std::vector<std::string> tell() {
    if (before_.observed && after_.observed) {
      owner();
      scheduled();
      status();
    }
    for (const std::string& each : new_hands(Trace::note))
      acts_.push_back(fmt::format("{} has written a note on ticket {}.", who(each), number()));
    for (const std::string& each : new_hands(Trace::task))
      acts_.push_back(fmt::format("{} has finished a task of ticket {}.", who(each), number()));
    if (before_.gone.empty() && !after_.gone.empty())
      acts_.push_back(fmt::format("Ticket {} is {}.", number(), after_.gone));
    return std::move(acts_);
  }

 private:
  [[nodiscard]] std::string number() const { return "#" + after_.ticket.value; }
  static std::string who(const std::string& member) { return member.empty() ? "Somebody" : member; }

  /// Who has left the trace since: nobody when there is none that is new.
  [[nodiscard]] std::vector<std::string> new_hands(Trace trace) const {
    const auto now = after_.touched.find(trace);
    if (now == after_.touched.end()) return {};
    const auto then = before_.touched.find(trace);
    std::vector<std::string> hands;
    for (const std::string& each : now->second)
      if (then == before_.touched.end() || !then->second.contains(each)) hands.push_back(each);
    return hands;
  }
  /// One who changed a field more than once leaves one trace.
  [[nodiscard]] std::string changer(Trace trace) const {
    const std::vector<std::string> hands = new_hands(trace);
    return who(hands.empty() ? after_.observed->updated_by : hands.back());
  }

  void owner() {
    const psa::Reference *then = before_.observed->find(TicketField::owner),
                         *now = after_.observed->find(TicketField::owner);
    if ((then ? then->id : "") == (now ? now->id : "")) return;
    const psa::Reference* ours = after_.written_field(TicketField::owner);
    if (now && ours && *now == *ours) return;
    acts_.push_back(
        now ? fmt::format("{} has assigned ticket {} to {}.", changer(Trace::owner), number(), psa::shown(now))
            : fmt::format("{} has taken the owner off ticket {}.", changer(Trace::owner), number()));
  }

  void scheduled() {
    for (const std::string& each : after_.observed->scheduled)
      if (!before_.observed->scheduled.contains(each))
        acts_.push_back(fmt::format("{} is scheduled on ticket {}.", each, number()));
  }

  void status() {
    const psa::Reference *then = before_.observed->find(TicketField::status),
                         *now = after_.observed->find(TicketField::status);
    if (!now || (then && *then == *now)) return;
    const psa::Reference* ours = after_.written_field(TicketField::status);
    if (ours && *now == *ours) return;
    const std::string by = changer(Trace::status);
    if (after_.observed->closed && !before_.observed->closed)
      acts_.push_back(fmt::format("{} has closed ticket {} as \"{}\".", by, number(), psa::shown(now)));
    else if (before_.observed->closed && !after_.observed->closed)
      acts_.push_back(fmt::format("{} has re-opened ticket {} as \"{}\".", by, number(), psa::shown(now)));
    else
      acts_.push_back(fmt::format("{} has moved ticket {} to \"{}\".", by, number(), psa::shown(now)));
  }

  const TicketLink& before_;
  const TicketLink& after_;
  std::vector<std::string> acts_;
};

}  // namespace

std::vector<std::string> people_acts(const std::vector<TicketLink>& before, const std::vector<TicketLink>& after) {
  std::vector<std::string> acts;
  for (const TicketLink& link : after) {
    const auto earlier = std::ranges::find(before, link.anchor, &TicketLink::anchor);
    if (earlier == before.end() || link.ticket.provider == "planned") continue;
    std::vector<std::string> told = Acts(*earlier, link).tell();
    std::ranges::move(told, std::back_inserter(acts));
  }
  return acts;
}

}  // namespace crosswalk::engine
