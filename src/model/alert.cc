#include "model/alert.h"

#include <algorithm>
#include <array>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <set>
#include <tuple>
#include <utility>

#include "base/digest.h"
#include "base/json.h"

namespace crosswalk::model {
namespace json = boost::json;
namespace {

constexpr std::array<std::string_view, 5> kSeverities{"info", "low", "medium", "high", "critical"};

/// Characters of a happening's identity: 60 bits, so that two events of one alert never share one.
constexpr std::size_t kIdentityCharacters = 12;

struct TextField {
  std::string_view name;
  std::string AlertContent::*member;
};
constexpr std::array<TextField, 13> kTextFields{{{"product", &AlertContent::product},
                                                 {"customer", &AlertContent::customer},
                                                 {"customer_name", &AlertContent::customer_name},
                                                 {"subject", &AlertContent::subject},
                                                 {"subject_name", &AlertContent::subject_name},
                                                 {"subject_type", &AlertContent::subject_type},
                                                 {"condition", &AlertContent::condition},
                                                 {"condition_name", &AlertContent::condition_name},
                                                 {"title", &AlertContent::title},
                                                 {"description", &AlertContent::description},
                                                 {"url", &AlertContent::url},
                                                 {"device", &AlertContent::device},
                                                 {"contact_email", &AlertContent::contact_email}}};

/// Shorter than an identity: there are thousands of them, and they are told apart within one alert only.
constexpr std::size_t kMemberCharacters = 10;

bool is_before(const Happening& left, const Happening& right) {
  const auto order = [](const Happening& each) { return std::tie(each.time, each.sequence, each.kind, each.identity); };
  return order(left) < order(right);
}

bool is_before(const Snooze& left, const Snooze& right) {
  const auto order = [](const Snooze& each) { return std::tie(each.at, each.sequence, each.identity); };
  return order(left) < order(right);
}

std::string member_of(std::string_view instance) {
  return instance.empty() ? std::string() : short_digest({instance}, kMemberCharacters);
}

/// The members that fire, after one happening and the next.
class Members {
 public:
  [[nodiscard]] bool any() const { return whole_ || !named_.empty(); }
  [[nodiscard]] bool fires(std::string_view member) const {
    return member.empty() ? any() : whole_ || named_.contains(member);
  }
  [[nodiscard]] bool has(std::string_view member) const { return member.empty() ? any() : named_.contains(member); }
  void raise(std::string_view member) {
    if (member.empty()) {
      whole_ = named_.empty();
    } else {
      whole_ = false;
      named_.insert(member);
    }
  }
  void resolve(std::string_view member) {
    if (member.empty()) named_.clear();
    if (member.empty() || named_.erase(member) == 0) whole_ = false;
  }

 private:
  bool whole_ = false;  ///< raised without a member; never beside one that is named
  std::set<std::string_view> named_;
};

/// What a happening does to the members that fire.
enum class Effect {
  none,     ///< an update, an end of what does not fire, a word that came too late
  begins,   ///< the first of an episode
  joins,    ///< one more member
  repeats,  ///< of one that fires already
  leaves,   ///< the end of one, and others fire
  ends      ///< the end of the last
};

/// An end that was told later than `still` although it was earlier: the source knew better by then.
bool is_outdated(const Alert& alert, std::size_t index) {
  const Happening& still = alert.happenings[index];
  return std::any_of(alert.happenings.begin(), alert.happenings.begin() + static_cast<std::ptrdiff_t>(index),
                     [&](const Happening& each) {
                       return each.kind == Happening::Kind::resolved && each.sequence > still.sequence &&
                              (each.member.empty() || each.member == still.member);
                     });
}

/// Walks through the alert's history in the order of time.
class Walk {
 public:
  explicit Walk(const Alert& alert) : alert_(alert) {}

  [[nodiscard]] bool done() const { return next_ == alert_.happenings.size(); }
  [[nodiscard]] const Members& members() const { return members_; }

  Effect step() {
    const std::size_t index = next_++;
    const Happening& happening = alert_.happenings[index];
    for (; carried_ < alert_.carried.size() && alert_.carried[carried_].time <= happening.time; ++carried_)
      members_.raise(alert_.carried[carried_].member);
    if (happening.kind == Happening::Kind::resolved) return resolve(happening);
    if (happening.kind == Happening::Kind::updated) return Effect::none;
    const bool fired = running_ && (happening.spent || members_.has(happening.member));
    if (happening.still && !fired && is_outdated(alert_, index)) return Effect::none;
    if (!happening.spent) members_.raise(happening.member);
    if (std::exchange(running_, true)) return fired ? Effect::repeats : Effect::joins;
    return Effect::begins;
  }

 private:
  Effect resolve(const Happening& happening) {
    const bool fired = members_.fires(happening.member);
    members_.resolve(happening.member);
    if (!running_ || !fired) return Effect::none;
    running_ = members_.any();
    return running_ ? Effect::leaves : Effect::ends;
  }

  const Alert& alert_;
  Members members_;
  std::size_t next_ = 0, carried_ = 0;
  bool running_ = false;
};

std::vector<Effect> effects_of(const Alert& alert) {
  std::vector<Effect> effects;
  effects.reserve(alert.happenings.size());
  for (Walk walk(alert); !walk.done();) effects.push_back(walk.step());
  return effects;
}

/// Field-wise "the newest that names it wins", which does not depend on the order of arrival.
class ContentMerge {
 public:
  ContentMerge(AlertContent& content, Stamp incoming)
      : content_(content), old_(content.newest), incoming_(std::move(incoming)) {}

  void text(std::string_view name, std::string& member, const json::object& data) {
    const json::value* value = data.if_contains(name);
    const bool named = value && value->is_string() && !value->get_string().empty();
    if (wins(name, named, !member.empty())) member.assign(value->get_string().data(), value->get_string().size());
  }

  void severity(const json::object& data) {
    const json::value* value = data.if_contains("severity");
    const auto severity = value && value->is_string() ? parse_severity(value->get_string()) : std::nullopt;
    if (!wins("severity", severity.has_value(), content_.severity_known)) return;
    content_.severity = *severity;
    content_.severity_known = true;
  }

  void attributes(const json::object& data) {
    const json::value* value = data.if_contains("attributes");
    const bool named = value && value->is_object() && !value->get_object().empty();
    if (wins("attributes", named, !content_.attributes.empty())) content_.attributes = value->get_object();
  }

  void finish() {
    const Stamp newest = std::max(old_, incoming_);
    for (auto& [name, stamp] : set_)
      if (stamp == newest)
        content_.stamps.erase(std::string(name));
      else
        content_.stamps.insert_or_assign(std::string(name), stamp);
    content_.newest = newest;
  }

 private:
  /// Decides one field, and notes whose it is now.
  bool wins(std::string_view name, bool named, bool was_set) {
    const auto known = content_.stamps.find(name);
    const Stamp current = known != content_.stamps.end() ? known->second : was_set ? old_ : Stamp{};
    const bool won = named && incoming_ > current;
    const Stamp owner = won ? incoming_ : current;
    if (owner != Stamp{}) set_.emplace_back(name, owner);
    return won;
  }

  AlertContent& content_;
  Stamp old_, incoming_;
  std::vector<std::pair<std::string_view, Stamp>> set_;
};

void merge_content(AlertContent& content, const Event& event, const std::string& identity) {
  ContentMerge merge(content, {event.time, event.sequence, identity});
  for (const TextField& field : kTextFields) merge.text(field.name, content.*field.member, event.data);
  merge.severity(event.data);
  merge.attributes(event.data);
  merge.finish();
}

/// The parts of the key are the same in every event of the alert, so a resolve may tell them too.
void fill_identity(AlertContent& content, const json::object& data) {
  for (const std::string_view name : {"product", "customer", "subject", "condition"})
    for (const TextField& field : kTextFields)
      if (field.name == name)
        if (const json::value* value = data.if_contains(name); value && value->is_string())
          (content.*field.member).assign(value->get_string().data(), value->get_string().size());
}

void merge_resolution(Alert& alert, const Event& event, const std::string& identity) {
  Stamp stamp{event.time, event.sequence, identity};
  if (stamp <= alert.resolved) return;
  alert.resolved = std::move(stamp);
  alert.resolution = text_at(event.data, "resolution");
}

/// Remembers whom a happening that is let go has made fire, or has ended.
void carry(Alert& alert, const Happening& gone, Effect effect) {
  auto& carried = alert.carried;
  if (gone.kind == Happening::Kind::resolved)
    std::erase_if(carried, [&](const Carried& each) {
      return each.time <= gone.time && (gone.member.empty() || gone.member == each.member);
    });
  if (gone.kind != Happening::Kind::raised || gone.member.empty() || gone.spent || effect == Effect::none) return;
  const auto known = std::ranges::find(carried, gone.member, &Carried::member);
  // Where the raise that made it fire is still there, a repeat is not needed.
  if (known == carried.end() && effect == Effect::repeats) return;
  Carried fresh{gone.time, gone.member};
  if (known != carried.end()) {
    fresh.time = std::max(fresh.time, known->time);
    carried.erase(known);
  }
  carried.insert(std::ranges::upper_bound(carried, fresh), std::move(fresh));
  if (carried.size() > kCarriedMax) carried.erase(carried.begin());
}

void let_go(Alert& alert, std::size_t index, Effect effect) {
  alert.forgotten_count += alert.happenings[index].count;
  const Happening gone = std::move(alert.happenings[index]);
  alert.happenings.erase(alert.happenings.begin() + static_cast<std::ptrdiff_t>(index));
  carry(alert, gone, effect);
  if (gone.kind != Happening::Kind::resolved || gone.member.empty()) return;
  for (std::size_t i = 0; i < index; ++i)
    if (alert.happenings[i].member == gone.member) alert.happenings[i].spent = true;
}

/// Lets the oldest go of what only said that the alert is still there. The newest raise is kept, whatever it says.
bool let_go_still(Alert& alert, const std::vector<Effect>& effects) {
  auto& happenings = alert.happenings;
  const auto is_raise = [](const Happening& each) { return each.kind == Happening::Kind::raised; };
  const auto newest = std::find_if(happenings.rbegin(), happenings.rend(), is_raise);
  Severity highest = happenings.front().severity;
  for (std::size_t i = 1; i < happenings.size(); ++i) {
    const Happening& each = happenings[i];
    if (each.still && effects[i] == Effect::repeats && each.severity <= highest && &each != &*newest) {
      let_go(alert, i, effects[i]);
      return true;
    }
    highest = std::max(highest, each.severity);
  }
  return false;
}

/// Counts two repeats of the running episode, within one slot of time, together.
bool put_together(Alert& alert, const std::vector<Effect>& effects) {
  auto& happenings = alert.happenings;
  for (std::size_t i = 1; i + 1 < happenings.size(); ++i) {
    const Happening &left = happenings[i], &right = happenings[i + 1];
    if (left.kind != Happening::Kind::raised || right.kind != Happening::Kind::raised) continue;
    if (left.severity != right.severity) continue;
    if (left.time.time_since_epoch() / kRepeatSlot != right.time.time_since_epoch() / kRepeatSlot) continue;
    happenings[i + 1].count += std::exchange(happenings[i].count, 0);
    let_go(alert, i, effects[i]);
    return true;
  }
  return false;
}

/// Lets the oldest end go that did not end the episode.
bool let_go_end(Alert& alert, const std::vector<Effect>& effects) {
  for (std::size_t i = 1; i < effects.size(); ++i) {
    if (alert.happenings[i].kind != Happening::Kind::resolved || effects[i] == Effect::ends) continue;
    let_go(alert, i, effects[i]);
    return true;
  }
  return false;
}

/// Keeps the record bounded: first the oldest happenings of past episodes go, then, of the running one, what only said
/// that it is still there and ends of some of its members; then its repeats are counted together.
void bound(Alert& alert) {
  while (alert.happenings.size() > kHappeningsMax) {
    const std::vector<Effect> effects = effects_of(alert);
    const auto latest = std::find(effects.rbegin(), effects.rend(), Effect::begins);
    const bool is_first = latest != effects.rend() && &*latest == &effects.front();
    if (!is_first)
      let_go(alert, 0, effects[0]);
    else if (!let_go_still(alert, effects) && !let_go_end(alert, effects) && !put_together(alert, effects))
      let_go(alert, 1, effects[1]);
  }
}

json::value stamp_to_json(const Stamp& stamp) {
  return json::array{to_milliseconds(stamp.time), stamp.identity, stamp.sequence};
}

Stamp stamp_from_json(const json::value& value) {
  const json::array& parts = value.as_array();
  return {from_milliseconds(parts.at(0).to_number<std::int64_t>()),
          parts.size() > 2 ? parts.at(2).to_number<std::int64_t>() : 0, std::string(parts.at(1).as_string())};
}

}  // namespace

std::string_view to_string(Severity severity) { return kSeverities[static_cast<std::size_t>(severity)]; }

std::optional<Severity> parse_severity(std::string_view text) {
  for (std::size_t i = 0; i < kSeverities.size(); ++i)
    if (kSeverities[i] == text) return static_cast<Severity>(i);
  return std::nullopt;
}

const std::string& device_of(const AlertContent& content) {
  return content.device.empty() ? content.subject : content.device;
}

void take_snooze(Alert& alert, const Event& event) {
  Snooze snooze;
  snooze.at = snooze.until = event.time;
  snooze.identity = short_digest({event.source, event.id}, kIdentityCharacters);
  snooze.sequence = event.sequence;
  snooze.reason = text_at(event.data, "reason");
  snooze.by = text_at(event.data, "by");
  if (const auto until = parse_timestamp(text_at(event.data, "until")))
    snooze.until = std::min(*until, event.time + kSnoozeMax);
  if (std::ranges::find(alert.snoozes, snooze.identity, &Snooze::identity) != alert.snoozes.end()) return;
  const auto place = std::lower_bound(alert.snoozes.begin(), alert.snoozes.end(), snooze,
                                      [](const Snooze& left, const Snooze& right) { return is_before(left, right); });
  alert.snoozes.insert(place, std::move(snooze));
  if (alert.snoozes.size() > kSnoozesMax) alert.snoozes.erase(alert.snoozes.begin());
}

void fold(Alert& alert, const Event& event) {
  if (event.type == EventType::alert_snoozed) {
    fill_identity(alert.content, event.data);
    take_snooze(alert, event);
    return;
  }
  Happening happening;
  happening.identity = short_digest({event.source, event.id}, kIdentityCharacters);
  happening.time = event.time;
  happening.sequence = event.sequence;
  for (const Happening& known : alert.happenings)
    if (known.identity == happening.identity) return;
  happening.kind = event.type == EventType::alert_resolved  ? Happening::Kind::resolved
                   : event.type == EventType::alert_updated ? Happening::Kind::updated
                                                            : Happening::Kind::raised;
  if (const json::value* severity = event.data.if_contains("severity"); severity && severity->is_string())
    happening.severity = parse_severity(severity->get_string()).value_or(Severity::info);
  if (const json::value* acknowledged = event.data.if_contains("acknowledged"); acknowledged && acknowledged->is_bool())
    happening.acknowledged = acknowledged->get_bool();
  happening.member = member_of(text_at(event.data, "instance"));
  const bool is_raise = happening.kind == Happening::Kind::raised;
  happening.still = is_raise && flag_at(event.data, "still");
  if (happening.still && !flag_at(event.data, "again")) happening.count = 0;

  if (happening.kind == Happening::Kind::resolved) {
    fill_identity(alert.content, event.data);
    merge_resolution(alert, event, happening.identity);
  } else {
    merge_content(alert.content, event, happening.identity);
  }
  const auto place = std::lower_bound(alert.happenings.begin(), alert.happenings.end(), happening,
                                      [](const Happening& a, const Happening& b) { return is_before(a, b); });
  alert.happenings.insert(place, std::move(happening));
  bound(alert);
}

std::vector<Episode> episodes(const Alert& alert) {
  std::vector<Episode> found;
  Walk walk(alert);
  for (std::size_t i = 0; !walk.done(); ++i) {
    const Effect effect = walk.step();
    const Happening& happening = alert.happenings[i];
    if (effect == Effect::begins) {
      Episode episode;
      episode.anchor = happening.identity;
      episode.raised_at = happening.time;
      episode.first_sequence = happening.sequence;
      episode.begin = i;
      // What begins it has happened, however it was told.
      if (happening.count == 0) episode.raises = 1;
      found.push_back(std::move(episode));
    } else if (found.empty() || !found.back().open()) {
      continue;
    }
    Episode& episode = found.back();
    episode.end = i + 1;
    episode.severity_max = std::max(episode.severity_max, happening.severity);
    if (happening.kind == Happening::Kind::raised) episode.raises += happening.count;
    if (effect == Effect::ends) {
      episode.resolved_at = happening.time;
      episode.resolved_identity = happening.identity;
    }
  }
  return found;
}

MemberState member_state(const Alert& alert, std::string_view instance) {
  const std::string member = member_of(instance);
  MemberState state;
  const auto told = [&state](Timestamp at, std::int64_t sequence) {
    if (state.told_at && *state.told_at > at) return;
    state.told_at = at;
    state.told_sequence = sequence;
  };
  for (const Carried& each : alert.carried)
    if (each.member == member) told(each.time, 0);
  Walk walk(alert);
  for (const Happening& each : alert.happenings) {
    walk.step();
    if (each.kind != Happening::Kind::updated && (each.member.empty() || each.member == member))
      told(each.time, each.sequence);
  }
  state.fires = walk.members().fires(member);
  return state;
}

std::vector<QuietTime> quiet_times(const Alert& alert) {
  std::vector<QuietTime> times;
  if (alert.snoozes.empty()) return times;
  const std::vector<Effect> effects = effects_of(alert);
  for (std::size_t i = 0; i < alert.snoozes.size(); ++i) {
    const Snooze& snooze = alert.snoozes[i];
    QuietTime time{snooze.at, snooze.until, &snooze};
    if (i + 1 < alert.snoozes.size()) time.ends = std::min(time.ends, alert.snoozes[i + 1].at);
    std::optional<Severity> before;
    for (std::size_t k = 0; k < effects.size(); ++k) {
      const Happening& each = alert.happenings[k];
      const bool told_before = each.time < snooze.at ||
                               (each.time == snooze.at && (snooze.sequence == 0 || each.sequence < snooze.sequence));
      if (each.kind == Happening::Kind::resolved) {
        // What an earlier episode was does not count.
        if (told_before && effects[k] == Effect::ends) before.reset();
      } else if (told_before || !before) {
        before = std::max(before.value_or(each.severity), each.severity);
      } else if (each.severity > *before) {
        time.ends = std::min(time.ends, each.time);
      }
    }
    if (time.ends > time.begins) times.push_back(time);
  }
  return times;
}

std::string serialize(const Alert& alert) {
  json::object state;
  json::object content;
  for (const TextField& field : kTextFields)
    if (!(alert.content.*field.member).empty()) content[field.name] = alert.content.*field.member;
  if (alert.content.severity_known) content["severity"] = to_string(alert.content.severity);
  if (!alert.content.attributes.empty()) content["attributes"] = alert.content.attributes;
  state["content"] = std::move(content);
  state["stamp"] = stamp_to_json(alert.content.newest);
  if (!alert.content.stamps.empty()) {
    json::object stamps;
    for (const auto& [name, stamp] : alert.content.stamps) stamps[name] = stamp_to_json(stamp);
    state["stamps"] = std::move(stamps);
  }
  if (!alert.resolved.identity.empty()) {
    state["resolution"] = alert.resolution;
    state["resolution_stamp"] = stamp_to_json(alert.resolved);
  }
  json::array happenings;
  happenings.reserve(alert.happenings.size());
  for (const Happening& each : alert.happenings) {
    json::array row{to_milliseconds(each.time),
                    static_cast<int>(each.kind),
                    static_cast<int>(each.severity),
                    each.acknowledged,
                    each.count,
                    each.identity,
                    each.sequence};
    if (!each.member.empty() || each.still) row.emplace_back(each.member);
    if (each.still || each.spent) row.emplace_back(each.still);
    if (each.spent) row.emplace_back(true);
    happenings.emplace_back(std::move(row));
  }
  state["happenings"] = std::move(happenings);
  if (alert.forgotten_count) state["forgotten"] = alert.forgotten_count;
  if (!alert.carried.empty()) {
    json::array carried;
    carried.reserve(alert.carried.size());
    for (const Carried& each : alert.carried)
      carried.emplace_back(json::array{to_milliseconds(each.time), each.member});
    state["carried"] = std::move(carried);
  }
  if (!alert.snoozes.empty()) {
    json::array snoozes;
    for (const Snooze& each : alert.snoozes)
      snoozes.push_back(json::array{to_milliseconds(each.at), to_milliseconds(each.until), each.identity, each.by,
                                    each.reason, each.sequence});
    state["snoozes"] = std::move(snoozes);
  }
  return json::serialize(state);
}

Result<Alert> parse_alert(const RecordRef& ref, std::string_view text) try {
  Alert alert;
  alert.ref = ref;
  if (text.empty()) return alert;
  const json::value parsed = parse_own_json(text);
  const json::object& state = parsed.as_object();
  const json::object& content = state.at("content").as_object();
  for (const TextField& field : kTextFields) alert.content.*field.member = text_at(content, field.name);
  if (const auto severity = parse_severity(text_at(content, "severity"))) {
    alert.content.severity = *severity;
    alert.content.severity_known = true;
  }
  if (const json::value* attributes = content.if_contains("attributes"))
    alert.content.attributes = attributes->as_object();
  alert.content.newest = stamp_from_json(state.at("stamp"));
  if (const json::value* stamps = state.if_contains("stamps"))
    for (const auto& [name, stamp] : stamps->as_object()) alert.content.stamps.emplace(name, stamp_from_json(stamp));
  if (const json::value* stamp = state.if_contains("resolution_stamp")) {
    alert.resolution = text_at(state, "resolution");
    alert.resolved = stamp_from_json(*stamp);
  }
  for (const json::value& each : state.at("happenings").as_array()) {
    const json::array& row = each.as_array();
    Happening happening;
    happening.time = from_milliseconds(row.at(0).to_number<std::int64_t>());
    happening.kind = static_cast<Happening::Kind>(row.at(1).to_number<int>());
    happening.severity = static_cast<Severity>(row.at(2).to_number<int>());
    happening.acknowledged = row.at(3).as_bool();
    happening.count = row.at(4).to_number<int>();
    happening.identity = std::string(row.at(5).as_string());
    happening.sequence = row.at(6).to_number<std::int64_t>();
    if (row.size() > 7) happening.member = std::string(row.at(7).as_string());
    happening.still = row.size() > 8 && row.at(8).as_bool();
    happening.spent = row.size() > 9 && row.at(9).as_bool();
    alert.happenings.push_back(std::move(happening));
  }
  // What was stored before ties went by arrival stands in another order.
  std::ranges::stable_sort(alert.happenings, [](const auto& a, const auto& b) { return is_before(a, b); });
  if (const json::value* carried = state.if_contains("carried"))
    for (const json::value& each : carried->as_array())
      alert.carried.push_back({from_milliseconds(each.as_array().at(0).to_number<std::int64_t>()),
                               std::string(each.as_array().at(1).as_string())});
  if (const json::value* forgotten = state.if_contains("forgotten"))
    alert.forgotten_count = forgotten->to_number<std::int64_t>();
  if (const json::value* snoozes = state.if_contains("snoozes"))
    for (const json::value& each : snoozes->as_array()) {
      const json::array& row = each.as_array();
      alert.snoozes.push_back({.at = from_milliseconds(row.at(0).to_number<std::int64_t>()),
                               .until = from_milliseconds(row.at(1).to_number<std::int64_t>()),
                               .reason = std::string(row.at(4).as_string()),
                               .by = std::string(row.at(3).as_string()),
                               .identity = std::string(row.at(2).as_string()),
                               .sequence = row.size() > 5 ? row.at(5).to_number<std::int64_t>() : 0});
    }
  return alert;
} catch (const std::exception& broken) {
  return failure("store.corrupt", std::string("The stored state of an alert cannot be read: ") + broken.what());
}

}  // namespace crosswalk::model
