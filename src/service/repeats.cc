#include "service/repeats.h"

#include <algorithm>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <map>

#include "base/json.h"
#include "engine/link_rows.h"
#include "model/alert.h"
#include "workflows/desired.h"

namespace crosswalk::service {
namespace {

namespace json = boost::json;

/// What is known of one alert.
struct Known {
  model::Alert alert;
  std::vector<workflows::Link> links;
};

/// People have closed or removed its ticket after the alert was last told of, and may not know that it goes on.
bool outlived(const Known& known, const model::MemberState& state) {
  const auto newest = std::ranges::max_element(known.links, {}, &workflows::Link::linked_at);
  if (newest == known.links.end()) return false;
  if (!newest->gone.empty()) return state.told_sequence > 0 && state.told_sequence <= newest->gone_sequence;
  return newest->closed_by_people() &&
         *state.told_at <= newest->observed->progress->closed_at.value_or(newest->observed_at);
}

class RepeatFinder {
 public:
  explicit RepeatFinder(store::Store& store) : store_(store) {}

  /// Reads what is known of the alerts that these events are about.
  Result<void> read(const std::vector<store::RecordKey>& keys) {
    for (const store::RecordKey& key : keys) {
      if (folded_.contains(key.partner)) continue;
      const auto folded = store_.folded(store::Share::of(key.partner));
      if (!folded) return tl::unexpected(folded.error());
      folded_[key.partner] = *folded;
    }
    const auto rows = store_.records(keys);
    if (!rows) return tl::unexpected(rows.error());
    const auto links = store_.links(keys);
    if (!links) return tl::unexpected(links.error());
    for (const std::optional<store::RecordRow>& row : *rows) {
      if (!row) continue;
      const model::RecordRef ref{PartnerId{row->ref.partner}, model::RecordKind::alert, row->ref.key};
      // What cannot be read is the engine's to tell.
      if (auto alert = model::parse_alert(ref, row->state)) known_[row->ref].alert = std::move(*alert);
    }
    for (const store::LinkRow& row : *links) {
      const auto known = known_.find(row.ref);
      auto link = engine::read_link(row);
      if (known != known_.end() && link) known->second.links.push_back(std::move(*link));
    }
    return {};
  }

  [[nodiscard]] std::optional<store::EventRow> repeat_of(const store::EventRow& row, std::int64_t sequence) const {
    const auto found = known_.find(store::RecordKey{row.partner, row.kind, row.key});
    // What is not folded yet is as new as this.
    if (found == known_.end() || sequence > folded_.at(row.partner)) return std::nullopt;
    json::object data = parse_own_json(row.data).as_object();
    const Known& known = found->second;
    model::MemberState state = model::member_state(known.alert, text_at(data, "instance"));
    // Nothing is kept of it in a long history: then the newest of the others tells the time.
    if (!state.told_at && !known.alert.happenings.empty()) state.told_at = known.alert.happenings.back().time;
    if (!state.told_at) return std::nullopt;
    const Duration stood = row.received_at - *state.told_at;
    const bool firing = row.type == "alert.raised";
    store::EventRow repeat = row;
    // Our clock may be behind the one that told the last word.
    repeat.time = std::max(row.received_at, *state.told_at + Duration{1});
    const std::string last = format_timestamp(*state.told_at);
    if (firing == state.fires) {
      if (!firing || (stood < kStillEvery && !outlived(known, state))) return std::nullopt;
      repeat.id += "/still/" + last;
    } else if (stood < kStandsFor) {
      return std::nullopt;
    } else {
      repeat.id += (firing ? "/again/" : "/after/") + last;
      if (firing) data["again"] = true;
    }
    // Its time is ours: an end that is told after it counts, whatever the sender's clock says.
    if (firing) data["still"] = true;
    repeat.data = json::serialize(data);
    return repeat;
  }

 private:
  store::Store& store_;
  std::map<std::string, std::int64_t> folded_;  ///< by partner
  std::map<store::RecordKey, Known> known_;
};

}  // namespace

Result<std::vector<Repeat>> find_repeats(store::Store& store, const Incoming& incoming,
                                         const std::vector<store::Appended>& appended) {
  std::vector<std::pair<std::size_t, const store::EventRow*>> duplicates;
  std::vector<store::RecordKey> keys;
  std::size_t next = 0;
  for (const IncomingEvent& event : incoming.events) {
    if (event.problem) continue;
    const std::size_t place = next++;
    if (appended.at(place).kind != store::Appended::Kind::duplicate) continue;
    duplicates.emplace_back(place, &event.row);
    keys.push_back({event.row.partner, event.row.kind, event.row.key});
  }
  std::vector<Repeat> repeats;
  if (duplicates.empty()) return repeats;
  std::ranges::sort(keys);
  keys.erase(std::unique(keys.begin(), keys.end()), keys.end());
  RepeatFinder finder(store);
  if (auto done = finder.read(keys); !done) return tl::unexpected(done.error());
  for (const auto& [place, row] : duplicates)
    if (auto repeat = finder.repeat_of(*row, appended.at(place).sequence))
      repeats.push_back({place, std::move(*repeat)});
  return repeats;
}

}  // namespace crosswalk::service
