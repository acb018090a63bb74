// Where the PSA differs from what the mapping wants, and what is to be forgotten.
#include "engine/drift.h"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/json/array.hpp>
#include <boost/json/value.hpp>
#include <set>

#include "engine/folder.h"
#include "engine/link_rows.h"
#include "engine/people_json.h"
#include "engine/wakes.h"
#include "engine/wanted.h"
#include "psa/object_fields.h"
#include "workflows/entity_fields.h"

namespace crosswalk::engine {
namespace json = boost::json;
namespace {

/// Records that are looked at before others get a turn on the engine's thread.
constexpr std::size_t kPageRecords = 50;
/// A list that is longer is read by nobody.
constexpr std::size_t kDifferencesMax = 5'000;
/// A call that is under way for a record is waited for this long.
constexpr Duration kBusyMax{10'000}, kBusyPause{20};

using psa::shown;

void add_differences(const Item& item, json::array& differences) {
  const workflows::Link& link = *item.only_link();
  const auto entry = [&](std::string_view field, std::string wanted, std::string seen, std::string_view owner) {
    json::object out{{"record", json::object{{"kind", item.row.ref.kind}, {"key", item.row.ref.key}}},
                     {"title", item.answer.title},
                     {"object", json::object{{"kind", psa::to_string(link.object.kind)}, {"id", link.object.value}}},
                     {"field", field},
                     {"wanted", std::move(wanted)},
                     {"seen", std::move(seen)},
                     {"owner", owner}};
    if (link.observed && !link.observed->updated_by.empty()) out["changed_by"] = link.observed->updated_by;
    if (link.observed && link.observed->updated_at) out["changed_at"] = format_timestamp(*link.observed->updated_at);
    differences.push_back(std::move(out));
  };
  if (!link.successor.empty()) return;
  if (!link.gone.empty()) return entry("", "there", link.gone, "product");
  if (!item.wanted()) return;
  for (const workflows::DesiredField& each : item.wanted()->fields) {
    const psa::Value* seen = link.seen(each.field);
    if (psa::same(seen, &each.value)) continue;
    if (!seen && each.value.flag() == false) continue;
    // What can only be said when an object is made is not read back.
    const psa::ObjectField* field = psa::find_object_field(link.object.kind, each.field);
    const bool is_identifier = each.field == psa::field::identifier && each.ownership == mapping::Ownership::create;
    if ((field && field->set_once) || is_identifier) continue;
    entry(each.field, shown(each.value), shown(seen), mapping::to_string(each.ownership));
  }
}

/// A short number may be part of anything.
bool tells_a_person(std::string_view text) {
  constexpr std::ptrdiff_t kDigitsMin = 7;
  return text.find('@') != std::string_view::npos ||
         std::ranges::count_if(text, [](char each) { return each >= '0' && each <= '9'; }) >= kDigitsMin;
}

/// How many events are looked through for what a person's address was before.
constexpr std::size_t kEarlierMax = 1'000;

}  // namespace

boost::asio::awaitable<Result<json::object>> Drift::drift(PartnerId id) {
  auto begun = co_await partners_.use(id.value);
  if (!begun) co_return tl::unexpected(begun.error());
  PartnerState& partner = **begun;
  const auto turn = co_await partners_.ask(partner);
  if (!turn) co_return tl::unexpected(turn.error());
  Result<json::object> report = json::object{};
  json::array differences;
  std::int64_t looked_at = 0;
  for (const char* kind : {"customer", "contact", "device"}) {
    store::Store::RecordQuery query;
    query.partner = id.value;
    query.kind = kind;
    query.count_max = kPageRecords;
    for (;;) {
      auto rows = store_.list_records(query);
      if (!rows) {
        report = tl::unexpected(rows.error());
        break;
      }
      const bool last = rows->size() < kPageRecords;
      if (!rows->empty()) query.key_after = rows->back().ref.kind + "\n" + rows->back().ref.key;
      auto items = loader_.load(partner, std::move(*rows));
      if (!items) {
        report = tl::unexpected(items.error());
        break;
      }
      for (Item& item : *items) {
        if (item.broken || !item.only_link()) continue;
        ++looked_at;
        consider(partner, item, clock_.now());
        if (differences.size() < kDifferencesMax) add_differences(item, differences);
      }
      if (last) break;
      co_await boost::asio::post(boost::asio::use_awaitable);
    }
  }
  if (report) *report = {{"partner", id.value}, {"linked", looked_at}, {"differences", std::move(differences)}};
  co_return report;
}

boost::asio::awaitable<bool> Forgetting::is_free(const PartnerState& partner, const store::RecordKey& key) {
  const Timestamp deadline = clock_.monotonic() + kBusyMax;
  while (partner.in_flight.contains(key) && clock_.monotonic() < deadline) co_await clock_.sleep_for(kBusyPause);
  co_return !partner.in_flight.contains(key);
}

/// What tells a person wherever it stands: as the product has told it over time, and as the PSA spells it. Names are
/// not taken out of what belongs to others: they are words of every day.
Result<std::vector<std::string>> Forgetting::personal_texts(const model::RecordRef& ref) {
  std::set<std::string> texts;
  if (ref.kind != model::RecordKind::contact) return std::vector<std::string>{};
  const store::RecordKey key = key_of(ref);
  const auto events = store_.events_of(key, kEarlierMax);
  const auto links = store_.links(std::span(&key, 1));
  if (!events) return tl::unexpected(events.error());
  if (!links) return tl::unexpected(links.error());
  for (const store::EventRow& row : *events) {
    const auto event = to_event(row);
    // What cannot be read must not keep a person from being forgotten.
    if (!event) continue;
    const model::Entity told{ref, {}, {}, 0, event->data};
    for (const char* name : {"email", "phone"}) texts.insert(workflows::text_of(told, name));
  }
  for (const store::LinkRow& row : *links) {
    const auto link = read_link(row);
    if (!link) continue;
    for (const char* name : {"email", "phone"})
      if (const psa::Value* seen = link->seen(name)) texts.emplace(seen->text());
  }
  std::erase_if(texts, [](const std::string& each) { return !tells_a_person(each); });
  return std::vector<std::string>(texts.begin(), texts.end());
}

boost::asio::awaitable<Result<std::int64_t>> Forgetting::forget(model::RecordRef ref) {
  auto begun = co_await partners_.use(ref.partner.value);
  if (!begun) co_return tl::unexpected(begun.error());
  PartnerState& partner = **begun;
  const store::RecordKey key = key_of(ref);
  Result<std::int64_t> rows = tl::unexpected(no_record(key.kind, key.key));
  const auto known = store_.records(std::span(&key, 1));
  if (!known) {
    rows = tl::unexpected(known.error());
  } else if (!co_await is_free(partner, key)) {
    rows = failure("record.busy", "The record is being worked on at this moment.");
  } else if ((*known)[0]) {
    // No fold may read what is being removed.
    co_await folding_.begin();
    store::Transaction outbound;
    outbound.outbound.forgotten.push_back(key);
    const auto written = co_await writer_.write(std::move(outbound));
    const auto texts = personal_texts(ref);
    if (!written)
      rows = tl::unexpected(written.error());
    else if (!texts)
      rows = tl::unexpected(texts.error());
    else
      rows = store_.forget(key, *texts);
    folding_.end();
    if (!rows) co_return rows;
    for (const auto& [kind, index] : partner.indexes) index->release_of(key);
    partner.clean.erase(key);
    partner.doubts.erase(key);
    // What it was linked to is free for another. Not earlier: who looks before that finds it taken still.
    store::Transaction freed;
    freed.wakes.push_back(wake_taken(ref.partner.value, key.kind, clock_.now()));
    if (const auto told = co_await writer_.write(std::move(freed)); !told) co_return tl::unexpected(told.error());
    if (!partner.next_due || *partner.next_due > clock_.now()) partner.next_due = clock_.now();
  }
  co_return rows;
}

}  // namespace crosswalk::engine
