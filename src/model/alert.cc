#include "model/alert.h"

#include <algorithm>
#include <array>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <tuple>

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

auto order_of(const Happening& happening) { return std::tie(happening.time, happening.kind, happening.identity); }

using Stamp = std::pair<Timestamp, std::string>;

/// Field-wise "the newest that names it wins", which does not depend on the order of arrival.
class ContentMerge {
 public:
  ContentMerge(AlertContent& content, Timestamp time, const std::string& identity)
      : content_(content), old_{content.time, content.identity}, incoming_{time, identity} {}

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
    std::tie(content_.time, content_.identity) = newest;
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
  ContentMerge merge(content, event.time, identity);
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
  if (std::tie(event.time, identity) <= std::tie(alert.resolution_time, alert.resolution_identity)) return;
  alert.resolution_time = event.time;
  alert.resolution_identity = identity;
  const json::value* text = event.data.if_contains("resolution");
  alert.resolution = text && text->is_string() ? std::string(text->get_string()) : std::string();
}

bool is_repeat(const Alert& alert, std::size_t index, std::size_t latest_begin) {
  return index > latest_begin && alert.happenings[index].kind == Happening::Kind::raised;
}

/// Keeps the record bounded: first the oldest happenings of past episodes go, then repeats of the running one are
/// counted together.
void bound(Alert& alert) {
  while (alert.happenings.size() > kHappeningsMax) {
    const std::vector<Episode> all = episodes(alert);
    const std::size_t latest = all.empty() ? 0 : all.back().begin;
    auto& happenings = alert.happenings;
    if (latest > 0 || all.empty()) {
      alert.forgotten_count += happenings.front().count;
      happenings.erase(happenings.begin());
      continue;
    }
    bool merged = false;
    for (std::size_t i = latest + 1; i + 1 < happenings.size() && !merged; ++i) {
      if (!is_repeat(alert, i, latest) || !is_repeat(alert, i + 1, latest)) continue;
      if (happenings[i].severity != happenings[i + 1].severity) continue;
      if (happenings[i].time.time_since_epoch() / kRepeatSlot !=
          happenings[i + 1].time.time_since_epoch() / kRepeatSlot)
        continue;
      happenings[i + 1].count += happenings[i].count;
      happenings.erase(happenings.begin() + static_cast<std::ptrdiff_t>(i));
      merged = true;
    }
    if (merged) continue;
    alert.forgotten_count += happenings[1].count;
    happenings.erase(happenings.begin() + 1);
  }
}

json::value stamp_to_json(const Stamp& stamp) { return json::array{to_milliseconds(stamp.first), stamp.second}; }

std::string text_at(const json::object& object, std::string_view name) {
  const json::value* value = object.if_contains(name);
  return value && value->is_string() ? std::string(value->get_string()) : std::string();
}

Stamp stamp_from_json(const json::value& value) {
  const json::array& pair = value.as_array();
  return {from_milliseconds(pair.at(0).to_number<std::int64_t>()), std::string(pair.at(1).as_string())};
}

}  // namespace

std::string_view to_string(Severity severity) { return kSeverities[static_cast<std::size_t>(severity)]; }

std::optional<Severity> parse_severity(std::string_view text) {
  for (std::size_t i = 0; i < kSeverities.size(); ++i)
    if (kSeverities[i] == text) return static_cast<Severity>(i);
  return std::nullopt;
}

void take_snooze(Alert& alert, const Event& event) {
  Snooze snooze;
  snooze.at = snooze.until = event.time;
  snooze.identity = short_digest({event.source, event.id}, kIdentityCharacters);
  snooze.reason = text_at(event.data, "reason");
  snooze.by = text_at(event.data, "by");
  if (const auto until = parse_timestamp(text_at(event.data, "until")))
    snooze.until = std::min(*until, event.time + kSnoozeMax);
  const auto order = [](const Snooze& each) { return std::tie(each.at, each.identity); };
  const auto place =
      std::lower_bound(alert.snoozes.begin(), alert.snoozes.end(), snooze,
                       [&](const Snooze& left, const Snooze& right) { return order(left) < order(right); });
  if (place != alert.snoozes.end() && place->identity == snooze.identity) return;
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

  if (happening.kind == Happening::Kind::resolved) {
    fill_identity(alert.content, event.data);
    merge_resolution(alert, event, happening.identity);
  } else {
    merge_content(alert.content, event, happening.identity);
  }
  const auto place = std::lower_bound(alert.happenings.begin(), alert.happenings.end(), happening,
                                      [](const Happening& a, const Happening& b) { return order_of(a) < order_of(b); });
  alert.happenings.insert(place, std::move(happening));
  bound(alert);
}

std::vector<Episode> episodes(const Alert& alert) {
  std::vector<Episode> found;
  for (std::size_t i = 0; i < alert.happenings.size(); ++i) {
    const Happening& happening = alert.happenings[i];
    const bool running = !found.empty() && found.back().open();
    if (happening.kind == Happening::Kind::raised && !running) {
      Episode episode;
      episode.anchor = happening.identity;
      episode.raised_at = happening.time;
      episode.first_sequence = happening.sequence;
      episode.begin = i;
      found.push_back(std::move(episode));
    } else if (!running) {
      continue;
    }
    Episode& episode = found.back();
    episode.end = i + 1;
    episode.severity_max = std::max(episode.severity_max, happening.severity);
    if (happening.kind == Happening::Kind::raised) episode.raises += happening.count;
    if (happening.kind == Happening::Kind::resolved) {
      episode.resolved_at = happening.time;
      episode.resolved_identity = happening.identity;
    }
  }
  return found;
}

std::vector<QuietTime> quiet_times(const Alert& alert) {
  std::vector<QuietTime> times;
  for (std::size_t i = 0; i < alert.snoozes.size(); ++i) {
    const Snooze& snooze = alert.snoozes[i];
    QuietTime time{snooze.at, snooze.until, &snooze};
    if (i + 1 < alert.snoozes.size()) time.ends = std::min(time.ends, alert.snoozes[i + 1].at);
    std::optional<Severity> before;
    for (const Happening& each : alert.happenings) {
      const bool is_before = each.time <= snooze.at;
      if (each.kind == Happening::Kind::resolved) {
        // What an earlier episode was does not count.
        if (is_before) before.reset();
      } else if (is_before || !before) {
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
  state["stamp"] = stamp_to_json({alert.content.time, alert.content.identity});
  if (!alert.content.stamps.empty()) {
    json::object stamps;
    for (const auto& [name, stamp] : alert.content.stamps) stamps[name] = stamp_to_json(stamp);
    state["stamps"] = std::move(stamps);
  }
  if (!alert.resolution_identity.empty()) {
    state["resolution"] = alert.resolution;
    state["resolution_stamp"] = stamp_to_json({alert.resolution_time, alert.resolution_identity});
  }
  json::array happenings;
  happenings.reserve(alert.happenings.size());
  for (const Happening& each : alert.happenings)
    happenings.push_back(json::array{to_milliseconds(each.time), static_cast<int>(each.kind),
                                     static_cast<int>(each.severity), each.acknowledged, each.count, each.identity,
                                     each.sequence});
  state["happenings"] = std::move(happenings);
  if (alert.forgotten_count) state["forgotten"] = alert.forgotten_count;
  if (!alert.snoozes.empty()) {
    json::array snoozes;
    for (const Snooze& each : alert.snoozes)
      snoozes.push_back(
          json::array{to_milliseconds(each.at), to_milliseconds(each.until), each.identity, each.by, each.reason});
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
  std::tie(alert.content.time, alert.content.identity) = stamp_from_json(state.at("stamp"));
  if (const json::value* stamps = state.if_contains("stamps"))
    for (const auto& [name, stamp] : stamps->as_object()) alert.content.stamps.emplace(name, stamp_from_json(stamp));
  if (const json::value* stamp = state.if_contains("resolution_stamp")) {
    alert.resolution = text_at(state, "resolution");
    std::tie(alert.resolution_time, alert.resolution_identity) = stamp_from_json(*stamp);
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
    alert.happenings.push_back(std::move(happening));
  }
  if (const json::value* forgotten = state.if_contains("forgotten"))
    alert.forgotten_count = forgotten->to_number<std::int64_t>();
  if (const json::value* snoozes = state.if_contains("snoozes"))
    for (const json::value& each : snoozes->as_array()) {
      const json::array& row = each.as_array();
      alert.snoozes.push_back({.at = from_milliseconds(row.at(0).to_number<std::int64_t>()),
                               .until = from_milliseconds(row.at(1).to_number<std::int64_t>()),
                               .reason = std::string(row.at(4).as_string()),
                               .by = std::string(row.at(3).as_string()),
                               .identity = std::string(row.at(2).as_string())});
    }
  return alert;
} catch (const std::exception& broken) {
  return failure("store.corrupt", std::string("The stored state of an alert cannot be read: ") + broken.what());
}

}  // namespace crosswalk::model
