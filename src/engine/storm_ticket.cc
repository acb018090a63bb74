#include "engine/storm_ticket.h"

#include <algorithm>
#include <array>
#include <boost/json/object.hpp>
#include <charconv>
#include <vector>

#include "base/json.h"
#include "engine/link_rows.h"
#include "workflows/desired.h"

namespace crosswalk::engine {
namespace json = boost::json;
namespace {

using workflows::Link;

/// How far back in an alert's story its newest decision is looked for.
constexpr std::size_t kDecisionsMax = 50;
/// And in a storm's, when it took tickets beneath its own.
constexpr std::size_t kStormStoryMax = 500;
/// Alerts that notice a storm together tell of it within this.
constexpr Duration kNoticing{std::chrono::minutes{1}};
constexpr std::string_view kStormAnchor = "storm-";

/// When the storm began that the ticket was made for.
Timestamp began(const Link& storm) {
  std::int64_t at = 0;
  if (storm.anchor.starts_with(kStormAnchor))
    std::from_chars(storm.anchor.data() + kStormAnchor.size(), storm.anchor.data() + storm.anchor.size(), at);
  return from_milliseconds(at);
}

struct Joined {
  Timestamp at{};
  std::string text;
};

/// That it shares a storm's ticket, when that is the last that was decided of it.
Result<std::optional<Joined>> joined(store::Store& store, const store::RecordKey& alert) {
  const auto journal = store.journal_of(alert, kDecisionsMax);
  if (!journal) return tl::unexpected(journal.error());
  for (const store::JournalRow& row : *journal) {
    boost::system::error_code broken;
    const json::value parsed = parse_own_json(row.entry, broken);
    if (broken || !parsed.is_object()) continue;
    const json::object& entry = parsed.get_object();
    const std::string code = text_at(entry, "code");
    // What the PSA has refused decides nothing of storms.
    if (text_at(entry, "kind") != "decision" || !code.starts_with("alert.")) continue;
    if (code != "alert.in_storm") return std::optional<Joined>();
    return std::optional(Joined{row.at, text_at(entry, "text")});
  }
  return std::optional<Joined>();
}

/// Of the storms of one kind, that which it joined.
const Link& storm_of(const std::vector<Link>& storms, const Joined& joined, Timestamp raised_at) {
  const Timestamp at = std::max(joined.at, raised_at) + kNoticing;
  const Link* found = nullptr;
  for (const Link& each : storms) {
    if (names_ticket(joined.text, each.object.value)) return each;
    if (began(each) <= at && (!found || began(*found) < began(each))) found = &each;
  }
  return found ? *found : storms.front();
}

}  // namespace

bool names_ticket(std::string_view text, std::string_view number) {
  const std::string wanted = "#" + std::string(number);
  for (std::size_t at = text.find(wanted); at != std::string_view::npos; at = text.find(wanted, at + 1)) {
    const std::size_t end = at + wanted.size();
    if (end == text.size() || text[end] < '0' || text[end] > '9') return true;
  }
  return false;
}

Timestamp joined_at(store::Store& store, const store::RecordRow& alert, const StormTicket& storm) {
  Timestamp at = storm.since;
  if (storm.child.empty()) return at;
  const auto journal = store.journal_of({alert.ref.partner, "group", alert.group_key}, kStormStoryMax);
  if (!journal) return at;
  for (const store::JournalRow& row : *journal) {
    // Newest first: the last that fits is the first after both were there.
    if (row.at < storm.since) break;
    boost::system::error_code broken;
    const json::value parsed = parse_own_json(row.entry, broken);
    if (broken || !parsed.is_object()) continue;
    const json::object& entry = parsed.get_object();
    if (text_at(entry, "action") == "attach" && text_at(entry, "ticket") == storm.number) at = row.at;
  }
  return at;
}

Result<std::optional<StormTicket>> storm_ticket_of(store::Store& store, const store::RecordRow& alert) {
  const std::optional<StormTicket> none;
  if (alert.ref.kind != "alert" || alert.group_key.empty()) return none;
  const store::RecordKey group{alert.ref.partner, "group", alert.group_key};
  const std::array<store::RecordKey, 2> keys{alert.ref, group};
  const auto rows = store.links(keys);
  if (!rows) return tl::unexpected(rows.error());
  std::vector<Link> own, storms;
  for (const store::LinkRow& row : *rows) {
    auto link = read_link(row);
    // What cannot be read is told where its record is looked at.
    if (link && !link->object.value.empty()) (row.ref == group ? storms : own).push_back(std::move(*link));
  }
  if (storms.empty()) return none;
  for (const Link& storm : storms)
    for (const Link& each : own)
      if (storm.children.contains(each.object.value))
        return std::optional(
            StormTicket{storm.object.value, std::max(storm.linked_at, each.linked_at), each.object.value});
  const auto joins = joined(store, alert.ref);
  if (!joins) return tl::unexpected(joins.error());
  if (!*joins) return none;
  const Joined& part = **joins;
  // It has got a ticket of its own since.
  if (std::ranges::any_of(own, [&](const Link& each) { return each.linked_at > part.at; })) return none;
  const Link& storm = storm_of(storms, part, alert.raised_at.value_or(Timestamp{}));
  return std::optional(StormTicket{storm.object.value, std::max(storm.linked_at, part.at), ""});
}

}  // namespace crosswalk::engine
