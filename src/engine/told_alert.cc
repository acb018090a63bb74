#include "engine/told_alert.h"

#include <algorithm>
#include <boost/json/array.hpp>
#include <optional>
#include <set>
#include <vector>

#include "base/json.h"

namespace crosswalk::engine {
namespace {

namespace json = boost::json;
using model::Alert;
using model::Episode;
using model::Happening;

/// "a%2Fb" is "a/b": what model::alert_key has escaped.
std::string unescaped(std::string_view part) {
  std::string text;
  text.reserve(part.size());
  for (std::size_t i = 0; i < part.size(); ++i) {
    const std::string_view code = part.substr(i, 3);
    if (code == "%2F" || code == "%25") {
      text += code == "%2F" ? '/' : '%';
      i += 2;
    } else {
      text += part[i];
    }
  }
  return text;
}

std::vector<std::string> parts_of(std::string_view key) {
  std::vector<std::string> parts;
  for (std::size_t begin = 0; begin <= key.size();) {
    const std::size_t end = std::min(key.find('/', begin), key.size());
    parts.push_back(unescaped(key.substr(begin, end - begin)));
    begin = end + 1;
  }
  return parts;
}

/// An event of the record, as the log has it.
struct Heard {
  std::string source, id;
  Timestamp time{};
  json::object data;

  [[nodiscard]] std::string text(std::string_view name) const { return text_at(data, name); }
};

std::optional<Heard> heard_at(store::Store& store, const store::RecordKey& ref, std::int64_t sequence) {
  if (sequence <= 0) return std::nullopt;
  const auto rows = store.events_after(sequence - 1, 1);
  if (!rows || rows->empty()) return std::nullopt;
  const store::EventRow& row = rows->front();
  const bool is_it =
      row.sequence == sequence && row.partner == ref.partner && row.kind == ref.kind && row.key == ref.key;
  if (!is_it) return std::nullopt;
  Heard heard{row.source, row.id, row.time, {}};
  boost::system::error_code error;
  json::value data = parse_own_json(row.data, error);
  if (!error && data.is_object()) heard.data = std::move(data.get_object());
  return heard;
}

void put(json::object& object, std::string_view name, std::string text) {
  if (!text.empty()) object[name] = std::move(text);
}

/// By which event the product has raised it, and what it calls it.
void tell_raise(store::Store& store, const store::RecordKey& ref, const Alert& alert, const Episode& episode,
                json::object& told) {
  const std::optional<Heard> first = heard_at(store, ref, episode.first_sequence);
  if (first && !first->id.empty())
    told["raised_by"] =
        json::object{{"source", first->source}, {"id", first->id}, {"time", format_timestamp(first->time)}};
  std::optional<Heard> newest;
  for (std::size_t i = episode.end; i > episode.begin && !newest; --i) {
    const Happening& each = alert.happenings[i - 1];
    if (each.kind == Happening::Kind::resolved) continue;
    newest = each.sequence == episode.first_sequence ? first : heard_at(store, ref, each.sequence);
  }
  std::string id = newest ? newest->text("alert_id") : std::string();
  if (id.empty() && first) id = first->text("alert_id");
  put(told, "alert_id", std::move(id));
}

/// The members that were raised in this life, those that were told of last first.
void tell_members(store::Store& store, const store::RecordKey& ref, const Alert& alert, const Episode& episode,
                  bool is_newest, json::object& told) {
  json::array members;
  std::set<std::string> seen;
  for (std::size_t i = episode.end; i > episode.begin; --i) {
    const Happening& each = alert.happenings[i - 1];
    if (each.kind != Happening::Kind::raised || each.member.empty() || !seen.insert(each.member).second) continue;
    if (members.size() >= kMembersTold) continue;
    const std::optional<Heard> heard = heard_at(store, ref, each.sequence);
    std::string instance = heard ? heard->text("instance") : std::string();
    if (instance.empty()) continue;
    json::object member{{"instance", instance},
                        {"fires", is_newest && episode.open() && model::member_state(alert, instance).fires}};
    put(member, "alert_id", heard->text("alert_id"));
    members.push_back(std::move(member));
  }
  if (is_newest && episode.open())
    for (const model::Carried& each : alert.carried) seen.insert(each.member);
  const std::size_t more = seen.size() - std::min(seen.size(), members.size());
  if (!members.empty()) told["members"] = std::move(members);
  if (more > 0) told["more_members"] = more;
}

json::object told_of(store::Store& store, const model::RecordRef& record, const Alert& alert, std::string_view anchor,
                     bool with_members) {
  json::object told = named_by_key(record);
  put(told, "url", alert.content.url);
  const std::vector<Episode> lives = model::episodes(alert);
  if (lives.empty()) return told;
  auto life = std::ranges::find_if(lives, [&](const Episode& each) { return each.anchor == anchor; });
  if (life == lives.end()) life = lives.end() - 1;
  const store::RecordKey ref = key_of(record);
  tell_raise(store, ref, alert, *life, told);
  if (with_members) tell_members(store, ref, alert, *life, life + 1 == lives.end(), told);
  return told;
}

void tell_storm(store::Store& store, const Item& item, json::object& data) {
  std::vector<store::RecordKey> keys;
  for (const std::string& key : item.member_keys)
    if (keys.size() < kAlertsTold) keys.push_back({item.row.ref.partner, "alert", key});
  const auto rows = store.records(keys);
  if (!rows) return;
  json::array alerts;
  for (std::size_t i = 0; i < keys.size(); ++i) {
    const auto& row = (*rows)[i];
    if (!row) continue;
    const model::RecordRef ref{item.ref.partner, model::RecordKind::alert, keys[i].key};
    const auto alert = model::parse_alert(ref, row->state);
    json::object told{{"key", keys[i].key}, {"open", row->open}};
    const json::object names = alert ? told_of(store, ref, *alert, "", false) : named_by_key(ref);
    for (const auto& member : names) told[member.key()] = member.value();
    alerts.push_back(std::move(told));
  }
  const auto known = static_cast<std::size_t>(std::max<std::int64_t>(item.member_count.all, 0));
  const std::size_t more = std::max(known, item.member_keys.size()) - alerts.size();
  data["alerts"] = std::move(alerts);
  if (more > 0) data["more_alerts"] = more;
}

}  // namespace

json::object named_by_key(const model::RecordRef& record) {
  json::object named;
  const std::vector<std::string> parts = parts_of(record.key);
  const auto part = [&](std::size_t i) { return i < parts.size() ? parts[i] : std::string(); };
  put(named, "product", part(1));
  put(named, "customer", part(2));
  if (record.kind == model::RecordKind::alert) {
    put(named, "subject", part(3));
    put(named, "condition", part(4));
  } else {
    // A storm of many conditions has an empty part where another has its condition.
    put(named, "condition", part(3));
    put(named, "site", part(4));
  }
  return named;
}

json::object told_alert(store::Store& store, const Item& item, std::string_view anchor) {
  json::object data;
  if (item.ref.kind == model::RecordKind::alert) {
    data["alert"] = told_of(store, item.ref, item.alert, anchor, true);
  } else if (item.ref.kind == model::RecordKind::group) {
    data["alert"] = named_by_key(item.ref);
    tell_storm(store, item, data);
  }
  return data;
}

}  // namespace crosswalk::engine
