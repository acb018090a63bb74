// Companies of the PSA that the product may take over as customers of its own.
#include "engine/offers.h"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <iterator>
#include <map>

#include "base/digest.h"
#include "engine/absence.h"
#include "engine/known_update.h"
#include "engine/outbound_events.h"
#include "engine/record_facts.h"
#include "psa/object_fields.h"
#include "workflows/entity_fields.h"
#include "workflows/values_json.h"

namespace crosswalk::engine {
namespace {

constexpr std::size_t kOffersInOneCommit = 500;
constexpr std::size_t kDigestCharacters = 20;
/// Customers that wait for a person; with more of them than this, some company may be offered that is one of the
/// others.
constexpr std::size_t kHeldMax = 10'000;
constexpr std::size_t kCandidatesMax = 20;
constexpr std::size_t kMatchesInARow = 20;
/// A customer that is due within this time, a retry among them, is about to be linked.
constexpr Duration kUnderWay{std::chrono::minutes{10}};
/// In place of a digest: not offered, since a customer is it or may be it.
constexpr std::string_view kKeptBack = "kept back";
/// In place of a company's id: its digest names the installation that the others are of.
constexpr const char* kInstanceRow = "";

store::Store::RecordQuery customers_of(const PartnerState& partner) {
  store::Store::RecordQuery query;
  query.partner = partner.row.id;
  query.kind = "customer";
  query.count_max = kHeldMax;
  return query;
}

/// Of what a digest tells: the product has been offered it, and it has not been withdrawn.
bool is_on_offer(const std::string& digest) { return !digest.empty() && digest != kKeptBack; }

/// In the words of the first version, so that what was told then is not told again.
std::string digest_of(const psa::Object& company, const std::string& instance) {
  psa::Values values = company.values;
  std::string types;
  for (const psa::Reference& each : company.types) types += (types.empty() ? "" : ",") + each.id;
  if (!types.empty()) values["type_ids"] = types;
  return short_digest({instance, "{\"values\":" + workflows::serialize_values(values) + "}"}, kDigestCharacters);
}

bool counts(const mapping::ObjectDocument& document, const psa::Object& company) {
  const psa::Value* status = company.find(psa::field::status);
  return document.counts(status ? status->id() : std::string_view(), company.types);
}

}  // namespace

/// One reading of what is on offer.
struct Offers::Reading {
  std::string kind = std::string(psa::to_string(psa::ObjectKind::company));
  std::string instance;
  mapping::ObjectDocument document;
  store::SweepRow place, place_before;           ///< how far it was read, and how far it will have been
  std::map<std::string, std::string> told;       ///< digests by id
  std::vector<psa::Object> companies;            ///< what was read
  std::optional<std::set<std::string>> present;  ///< ids of all that are there, when they were read
  bool end = false;                              ///< the mapping offers nothing any more: all is withdrawn
  store::Transaction transaction;
  Timestamp at{};
};

boost::asio::awaitable<Result<std::set<std::string>>> Offers::candidates_of_held(
    const PartnerState& partner, const mapping::ObjectDocument& document, const std::vector<psa::Object>& companies) {
  std::set<std::string> possible;
  std::vector<matching::CompanyFacts> facts;
  for (const psa::Object& each : companies) facts.push_back(company_facts(each));
  const matching::CompanyIndex index(facts);
  store::Store::RecordQuery query = customers_of(partner);
  query.parked_only = true;
  const auto held = store_.list_records(query);
  if (!held) co_return tl::unexpected(held.error());
  std::size_t count = 0;
  for (const store::RecordRow& row : *held) {
    // Each takes milliseconds among thousands of companies, and others have work to do.
    if (++count % kMatchesInARow == 0) co_await boost::asio::post(loop_.executor, boost::asio::use_awaitable);
    const auto entity =
        model::parse_entity({PartnerId(partner.row.id), model::RecordKind::customer, row.ref.key}, row.state);
    if (!entity) continue;
    for (const matching::Candidate& each : index.find(company_facts(*entity), document.propose_at, kCandidatesMax))
      possible.insert(each.id);
  }
  co_return possible;
}

boost::asio::awaitable<Result<void>> Offers::read(const psa::Psa& psa, Reading& reading) {
  const bool all = reading.place.changed_until == Timestamp{};
  psa::ReadResult<psa::Object> found;
  if (all)
    found = co_await psa.objects->objects(psa::ObjectKind::company, psa::Lane::sweep);
  else
    found = co_await psa.objects->objects_changed_since(
        psa::ObjectKind::company, look_back(reading.place.changed_until, reading.at), psa::Lane::sweep);
  if (!found.complete) co_return tl::unexpected(found.error);
  reading.companies = std::move(found.items);
  if (all) {
    reading.present.emplace();
    for (const psa::Object& each : reading.companies)
      if (!each.deleted) reading.present->insert(each.id.value);
  } else if (reading.at - reading.place.compared_at >= options_.compare_interval) {
    // What was deleted shows in no list of changes.
    const auto ids = co_await psa.objects->object_ids(psa::ObjectKind::company, psa::Lane::sweep);
    if (!ids.complete) co_return tl::unexpected(ids.error);
    reading.present.emplace(ids.items.begin(), ids.items.end());
  }
  if (reading.present) {
    // What is hidden from us is not withdrawn: the product would end its customers.
    Absence absence;
    for (const auto& [id, digest] : reading.told) {
      if (!is_on_offer(digest)) continue;
      ++absence.of;
      absence.missing += reading.present->contains(id) ? 0 : 1;
    }
    if (reading.present->empty() || is_doubtful(absence, kAbsentPercentMax))
      co_return tl::unexpected(rows_hidden(psa::ObjectKind::company, absence));
    reading.place.compared_at = reading.at;
  }
  reading.place.changed_until = reading.at;
  // What was kept back may be free by now, though nothing about it has changed; what is linked is not.
  std::set<std::string> read;
  for (const psa::Object& each : reading.companies) read.insert(each.id.value);
  const auto linked = store_.linked_objects(reading.place.partner, reading.kind);
  if (!linked) co_return tl::unexpected(linked.error());
  for (const store::Store::LinkedObject& each : *linked) read.insert(each.object_id);
  std::vector<std::string> kept_back;
  for (const auto& [id, digest] : reading.told)
    if (digest == kKeptBack && !read.contains(id)) kept_back.push_back(id);
  if (kept_back.empty()) co_return Result<void>{};
  auto again = co_await psa.objects->objects_by_id(psa::ObjectKind::company, kept_back, psa::Lane::sweep);
  if (!again.complete) co_return tl::unexpected(again.error);
  std::ranges::move(again.items, std::back_inserter(reading.companies));
  co_return Result<void>{};
}

boost::asio::awaitable<Result<void>> Offers::write(Reading& reading, bool last) {
  if (!last && reading.transaction.offers.size() < kOffersInOneCommit) co_return Result<void>{};
  if (last) {
    // A mapping that was published meanwhile has asked for all of it again.
    const auto rows = store_.sweeps(reading.place.partner);
    if (!rows) co_return tl::unexpected(rows.error());
    const auto now = std::ranges::find(*rows, reading.place.kind, &store::SweepRow::kind);
    const bool as_read = now == rows->end() || now->changed_until == reading.place_before.changed_until ||
                         reading.place_before.kind.empty();
    if (as_read) reading.transaction.sweeps.push_back(reading.place);
  }
  const bool tells = !reading.transaction.outbound.events.empty();
  const auto written = co_await writer_.write(std::exchange(reading.transaction, {}));
  if (!written) co_return tl::unexpected(written.error());
  if (tells && options_.outbound_written) options_.outbound_written();
  co_return Result<void>{};
}

/// The reading that the partner's live mapping asks for; nothing when nobody is offered anything, or ever was.
Result<std::optional<Offers::Reading>> Offers::begin(const PartnerState& partner, const psa::Psa& psa) {
  const auto live = store_.live_mapping(partner.row.id, std::string(mapping::kCustomerToCompany));
  if (!live) return tl::unexpected(live.error());
  // Nobody would hear of it, and it would count as told.
  if (!*live || !store_.outbound().has_webhooks()) return std::nullopt;
  const mapping::ParsedObjects parsed = mapping::parse_object_document(mapping::kCustomerToCompany, (*live)->document);
  if (!parsed.document) return std::nullopt;
  Reading reading;
  reading.end = !parsed.document->imports() || parsed.document->mode == mapping::Mode::off;
  if (!reading.end && parsed.document->mode == mapping::Mode::test) return std::nullopt;
  reading.document = *parsed.document;
  reading.instance = psa.instance;
  reading.at = clock_.now();
  reading.place = {partner.row.id, store::kOfferSweep, {}, {}};
  const auto rows = store_.sweeps(partner.row.id);
  const auto told = store_.offers(partner.row.id, reading.kind);
  if (!rows) return tl::unexpected(rows.error());
  if (!told) return tl::unexpected(told.error());
  for (const store::SweepRow& each : *rows)
    if (each.kind == reading.place.kind) reading.place = reading.place_before = each;
  for (const store::OfferRow& each : *told) reading.told[each.object_id] = each.digest;
  const auto instance = reading.told.find(kInstanceRow);
  const bool is_same = instance != reading.told.end() && instance->second == psa.instance;
  if (instance != reading.told.end()) reading.told.erase(instance);
  if (reading.end) {
    const auto on_offer = [](const auto& each) { return is_on_offer(each.second); };
    if (std::ranges::none_of(reading.told, on_offer)) return std::nullopt;
  } else if (!is_same) {
    // The ids of another installation mean nothing here: all is read, and what is not there any more withdrawn.
    reading.place.changed_until = {};
  }
  return reading;
}

boost::asio::awaitable<Result<void>> Offers::tell(PartnerState& partner, const psa::Psa& psa) {
  auto begun = begin(partner, psa);
  if (!begun) co_return tl::unexpected(begun.error());
  if (!*begun) co_return Result<void>{};
  Reading& reading = **begun;
  std::set<std::string> possible;
  if (!reading.end) {
    // A customer may be about to become what would be offered.
    const auto busy = customers_under_way(partner);
    if (!busy) co_return tl::unexpected(busy.error());
    if (*busy) co_return failure("engine.customers_first", "customers are being linked");
    if (const auto done = co_await read(psa, reading); !done) co_return tl::unexpected(done.error());
    auto found = co_await candidates_of_held(partner, reading.document, reading.companies);
    if (!found) co_return tl::unexpected(found.error());
    possible = std::move(*found);
  }
  const auto linked = store_.linked_objects(partner.row.id, reading.kind);
  if (!linked) co_return tl::unexpected(linked.error());
  std::set<std::string> taken;
  for (const store::Store::LinkedObject& each : *linked) taken.insert(each.object_id);
  const auto tell = [&](bool available, const psa::Object& company, std::string digest) {
    reading.transaction.outbound.events.push_back(offer_event(available, company, partner.row.id, reading.at));
    reading.transaction.offers.push_back({partner.row.id, reading.kind, company.id.value, std::move(digest)});
  };
  for (const psa::Object& company : reading.companies) {
    const std::string& id = company.id.value;
    const auto before = reading.told.find(id);
    const bool known = before != reading.told.end();
    // One that is linked is told of as what it is: a customer's company. What may be one that is known already waits
    // for the person who decides.
    if (taken.contains(id) || possible.contains(id)) {
      if (!known) reading.transaction.offers.push_back({partner.row.id, reading.kind, id, std::string(kKeptBack)});
    } else if (company.deleted || !counts(reading.document, company)) {
      if (known && is_on_offer(before->second)) tell(false, company, "");
    } else if (std::string digest = digest_of(company, reading.instance); !known || before->second != digest) {
      tell(true, company, std::move(digest));
    }
    if (const auto written = co_await write(reading, false); !written) co_return tl::unexpected(written.error());
  }
  for (const auto& [id, digest] : reading.told) {
    if (!is_on_offer(digest) || taken.contains(id)) continue;
    if (!reading.end && (!reading.present || reading.present->contains(id))) continue;
    psa::Object gone;
    gone.id = {psa.provider, PartnerId(partner.row.id), psa::ObjectKind::company, id};
    tell(false, gone, "");
  }
  reading.transaction.offers.push_back({partner.row.id, reading.kind, std::string(kInstanceRow), reading.instance});
  co_return co_await write(reading, true);
}

Result<bool> Offers::customers_under_way(const PartnerState& partner) {
  store::Store::RecordQuery query = customers_of(partner);
  query.due_only = true;
  const auto due = store_.list_records(query);
  if (!due) return tl::unexpected(due.error());
  const Timestamp soon = clock_.now() + kUnderWay;
  return std::ranges::any_of(*due, [&](const store::RecordRow& each) { return each.due_at && *each.due_at <= soon; });
}

}  // namespace crosswalk::engine
