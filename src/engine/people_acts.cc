#include "engine/people_acts.h"

#include <fmt/format.h>

#include <algorithm>

#include "psa/object_fields.h"

namespace crosswalk::engine {
namespace {

using workflows::Link;
using workflows::Trace;

class Acts {
 public:
  Acts(const Link& before, const Link& after) : before_(before), after_(after) {}

  std::vector<std::string> tell() {
    if (before_.observed && before_.observed->progress && after_.observed && after_.observed->progress) {
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
  [[nodiscard]] std::string number() const { return "#" + after_.object.value; }
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
    const psa::Value *then = before_.observed->find(psa::field::owner), *now = after_.observed->find(psa::field::owner);
    if (psa::same(then, now)) return;
    const psa::Value* ours = after_.written_value(psa::field::owner);
    if (now && ours && *now == *ours) return;
    acts_.push_back(
        now ? fmt::format("{} has assigned ticket {} to {}.", changer(Trace::owner), number(), psa::shown(now))
            : fmt::format("{} has taken the owner off ticket {}.", changer(Trace::owner), number()));
  }

  void scheduled() {
    for (const std::string& each : after_.observed->progress->scheduled)
      if (!before_.observed->progress->scheduled.contains(each))
        acts_.push_back(fmt::format("{} is scheduled on ticket {}.", each, number()));
  }

  void status() {
    const psa::Value *then = before_.observed->find(psa::field::status),
                     *now = after_.observed->find(psa::field::status);
    if (!now || (then && *then == *now)) return;
    const psa::Value* ours = after_.written_value(psa::field::status);
    if (ours && *now == *ours) return;
    const std::string by = changer(Trace::status);
    if (after_.observed->closed() && !before_.observed->closed())
      acts_.push_back(fmt::format("{} has closed ticket {} as \"{}\".", by, number(), psa::shown(now)));
    else if (before_.observed->closed() && !after_.observed->closed())
      acts_.push_back(fmt::format("{} has re-opened ticket {} as \"{}\".", by, number(), psa::shown(now)));
    else
      acts_.push_back(fmt::format("{} has moved ticket {} to \"{}\".", by, number(), psa::shown(now)));
  }

  const Link& before_;
  const Link& after_;
  std::vector<std::string> acts_;
};

}  // namespace

std::vector<std::string> people_acts(const std::vector<Link>& before, const std::vector<Link>& after) {
  std::vector<std::string> acts;
  for (const Link& link : after) {
    const auto earlier = std::ranges::find(before, link.anchor, &Link::anchor);
    // Only of what people work on, its progress tells what they do.
    const bool is_worked_on = link.observed && link.observed->progress;
    if (earlier == before.end() || link.planned || !is_worked_on) continue;
    std::vector<std::string> told = Acts(*earlier, link).tell();
    std::ranges::move(told, std::back_inserter(acts));
  }
  return acts;
}

}  // namespace crosswalk::engine
