#include "service/intake_notes.h"

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>

#include "base/catalogue.h"
#include "base/digest.h"
#include "base/json.h"
#include "base/text.h"
#include "service/event_schema.h"

namespace crosswalk::service {
namespace {

namespace json = boost::json;

constexpr std::string_view kSettingPrefix = "intake/";
/// Words of others, which nobody reads to the end.
constexpr std::size_t kCharactersMax = 300;

Timestamp time_at(const json::object& object, std::string_view name) {
  return parse_timestamp(text_at(object, name)).value_or(Timestamp{});
}

/// Devices and the like name no product; then it is whoever sends them.
std::string speaker_of(const IncomingEvent& event) {
  return cut_text(event.product.empty() ? event.row.source : event.product, kCharactersMax);
}

}  // namespace

Result<void> IntakeNotes::open(store::Store& store) {
  const auto partners = store.partners();
  if (!partners) return tl::unexpected(partners.error());
  const std::lock_guard lock(mutex_);
  for (const store::PartnerRow& row : *partners) {
    const auto kept = store.setting(std::string(kSettingPrefix) + row.id);
    if (!kept) return tl::unexpected(kept.error());
    boost::system::error_code error;
    const json::value value = *kept ? parse_own_json(**kept, error) : json::value();
    if (error || !value.is_object()) continue;
    Partner partner = from_json(value.get_object());
    for (const auto& [key, each] : partner.names) known_names_.emplace(each.product, each.name);
    partners_.insert_or_assign(row.id, std::move(partner));
  }
  return {};
}

void IntakeNotes::note(Partner& partner, Cause cause, Timestamp now) {
  cause.about = cut_text(single_line(cause.about), kCharactersMax);
  cause.detail = cut_text(single_line(cause.detail), kCharactersMax);
  const std::string key = short_digest({cause.source, cause.code, cause.about, cause.detail}, 16);
  const auto [place, is_new] = partner.causes.try_emplace(key, std::move(cause));
  if (is_new) place->second.first_at = now;
  place->second.last_at = now;
  ++place->second.count;
  partner.changed = changed_ = true;
  partner.urgent = partner.urgent || is_new;
  if (partner.causes.size() <= kCausesMax) return;
  const auto oldest = std::ranges::min_element(
      partner.causes, [](const auto& a, const auto& b) { return a.second.last_at < b.second.last_at; });
  partner.causes.erase(oldest);
}

void IntakeNotes::refused(std::string_view source, const Incoming& incoming, const std::string& partner,
                          Timestamp now) {
  const bool any = incoming.problem || std::ranges::any_of(incoming.events, [](const IncomingEvent& each) {
                     return each.problem.has_value();
                   });
  if (!any) return;
  const std::lock_guard lock(mutex_);
  if (incoming.problem && !partner.empty())
    note(partners_[partner],
         {.source = std::string(source),
          .code = incoming.problem->code,
          .about = {},
          .detail = incoming.problem->detail},
         now);
  for (const IncomingEvent& event : incoming.events) {
    if (!event.problem) continue;
    // What it says of itself is worth something only where it is somebody's.
    const bool is_known = !event.row.partner.empty() && !event.problem->code.starts_with("event.partner_");
    const std::string& whose = is_known ? event.row.partner : partner;
    if (whose.empty()) continue;
    note(partners_[whose],
         {.source = std::string(source),
          .code = event.problem->code,
          .about = event.about,
          .detail = event.problem->detail},
         now);
  }
}

std::vector<std::string> IntakeNotes::unknown(Incoming& incoming, Timestamp now) {
  std::vector<std::string> told;
  for (IncomingEvent& event : incoming.events) {
    if (event.problem || event.unknown.empty()) continue;
    const auto type = model::parse_event_type(event.row.type);
    if (!type) continue;
    const std::string product = speaker_of(event);
    const std::lock_guard lock(mutex_);
    Partner& partner = partners_[event.row.partner];
    for (const std::string& name : event.unknown) {
      if (known_names_.size() < 10 * kNamesMax && known_names_.emplace(product, name).second) {
        std::string words = explain_unknown(*type, name);
        event.warnings.push_back({"event.unknown_member", event.pointer + "/" + name, words});
        told.push_back(product + ": " + words);
      }
      if (partner.names.size() >= kNamesMax) continue;
      const bool is_new =
          partner.names.try_emplace(product + "\n" + name, Unknown{product, event.row.type, name, now}).second;
      if (is_new) partner.changed = partner.urgent = changed_ = true;
    }
  }
  return told;
}

std::vector<store::SettingRow> IntakeNotes::take_changes(Timestamp now) {
  std::vector<store::SettingRow> rows;
  if (!changed_) return rows;
  const std::lock_guard lock(mutex_);
  changed_ = false;
  for (auto& [id, partner] : partners_) {
    const bool waits = !partner.urgent && now >= partner.written_at && now - partner.written_at < kWriteEvery;
    if (partner.changed && waits) changed_ = true;
    if (!partner.changed || waits) continue;
    partner.changed = partner.urgent = false;
    partner.written_at = now;
    rows.push_back({std::string(kSettingPrefix) + id, json::serialize(to_json(partner, false))});
  }
  return rows;
}

void IntakeNotes::put_back(const std::vector<store::SettingRow>& rows) {
  const std::lock_guard lock(mutex_);
  for (const store::SettingRow& row : rows) {
    const auto found = partners_.find(row.name.substr(kSettingPrefix.size()));
    if (found == partners_.end()) continue;
    found->second.changed = changed_ = true;
    found->second.written_at = {};
  }
}

void IntakeNotes::forget(const std::string& partner) {
  const std::lock_guard lock(mutex_);
  partners_.erase(partner);
}

json::object IntakeNotes::describe(const std::string& partner) const {
  const std::lock_guard lock(mutex_);
  const auto found = partners_.find(partner);
  return to_json(found == partners_.end() ? Partner{} : found->second, true);
}

IntakeNotes::Recent IntakeNotes::refused_since(const std::string& partner, std::string_view source,
                                               Timestamp since) const {
  constexpr std::size_t kWordsMax = 3;
  Recent recent;
  const std::lock_guard lock(mutex_);
  const auto found = partners_.find(partner);
  if (found == partners_.end()) return recent;
  std::vector<const Cause*> causes;
  for (const auto& [key, each] : found->second.causes)
    if (each.source == source && each.last_at >= since) causes.push_back(&each);
  std::ranges::sort(causes, std::greater{}, &Cause::last_at);
  for (const Cause* each : causes) {
    recent.events += each->count;
    if (recent.words.size() == kWordsMax) continue;
    recent.words.push_back((each->about.empty() ? std::string() : each->about + ": ") + each->detail);
  }
  return recent;
}

json::object IntakeNotes::to_json(const Partner& partner, bool for_people) {
  std::vector<const Cause*> causes;
  for (const auto& [key, each] : partner.causes) causes.push_back(&each);
  std::ranges::stable_sort(causes, std::greater{}, &Cause::last_at);
  json::array refused, unknown;
  for (const Cause* each : causes) {
    json::object entry{{"source", each->source},
                       {"code", each->code},
                       {"about", each->about},
                       {"detail", each->detail},
                       {"count", each->count},
                       {"first_at", format_timestamp(each->first_at)},
                       {"last_at", format_timestamp(each->last_at)}};
    if (for_people) entry["action"] = explain(each->code).action;
    refused.emplace_back(std::move(entry));
  }
  for (const auto& [key, each] : partner.names) {
    json::object entry{{"product", each.product},
                       {"type", each.type},
                       {"name", each.name},
                       {"first_at", format_timestamp(each.first_at)}};
    const auto type = model::parse_event_type(each.type);
    if (for_people && type) entry["detail"] = explain_unknown(*type, each.name);
    unknown.emplace_back(std::move(entry));
  }
  return {{"refused", std::move(refused)}, {"unknown_members", std::move(unknown)}};
}

IntakeNotes::Partner IntakeNotes::from_json(const json::object& kept) {
  Partner partner;
  const auto each_of = [&kept](std::string_view name, const auto& take) {
    const json::value* list = kept.if_contains(name);
    if (!list || !list->is_array()) return;
    for (const json::value& each : list->get_array())
      if (each.is_object()) take(each.get_object());
  };
  each_of("refused", [&](const json::object& each) {
    Cause cause{text_at(each, "source"), text_at(each, "code"), text_at(each, "about"), text_at(each, "detail")};
    if (const json::value* count = each.if_contains("count"); count && count->is_int64())
      cause.count = count->get_int64();
    cause.first_at = time_at(each, "first_at");
    cause.last_at = time_at(each, "last_at");
    const std::string key = short_digest({cause.source, cause.code, cause.about, cause.detail}, 16);
    partner.causes.insert_or_assign(key, std::move(cause));
  });
  each_of("unknown_members", [&](const json::object& each) {
    Unknown unknown{text_at(each, "product"), text_at(each, "type"), text_at(each, "name"), time_at(each, "first_at")};
    partner.names.insert_or_assign(unknown.product + "\n" + unknown.name, std::move(unknown));
  });
  return partner;
}

}  // namespace crosswalk::service
