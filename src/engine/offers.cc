// Companies of the PSA that the product may take over as customers of its own.
#include <algorithm>
#include <map>

#include "base/digest.h"
#include "engine/engine_impl.h"
#include "engine/outbound_events.h"
#include "engine/record_facts.h"

namespace crosswalk::engine {
namespace {

/// As in the sweep: a change may show late, or by another clock.
constexpr Duration kOverlap{std::chrono::minutes{5}};
constexpr std::size_t kOffersInOneCommit = 500;
constexpr std::size_t kDigestCharacters = 20;
/// Customers that wait for a person; with more of them than this, some company may be offered that is one of the
/// others.
constexpr std::size_t kHeldMax = 10'000;
constexpr std::size_t kCandidatesMax = 20;

std::string text_at(const psa::Object& object, std::string_view field, bool id) {
  const psa::Reference* value = object.find(field);
  return value ? (id ? value->id : value->name) : std::string();
}

std::string digest_of(const psa::Object& company) {
  return short_digest({workflows::serialize_values(company.values)}, kDigestCharacters);
}

}  // namespace

Result<std::set<std::string>> EngineImpl::candidates_of_held(const PartnerState& partner,
                                                             const mapping::ObjectDocument& document,
                                                             const std::vector<psa::Object>& companies) {
  std::set<std::string> possible;
  std::vector<matching::CompanyFacts> facts;
  for (const psa::Object& each : companies) facts.push_back(company_facts(each));
  const matching::CompanyIndex index(facts);
  store::Store::RecordQuery query;
  query.partner = partner.row.id;
  query.kind = "customer";
  query.parked_only = true;
  query.count_max = kHeldMax;
  const auto held = store_.list_records(query);
  if (!held) return tl::unexpected(held.error());
  for (const store::RecordRow& row : *held) {
    const auto entity =
        model::parse_entity({PartnerId(partner.row.id), model::RecordKind::customer, row.ref.key}, row.state);
    if (!entity) return tl::unexpected(entity.error());
    for (const matching::Candidate& each : index.find(company_facts(*entity), document.propose_at, kCandidatesMax))
      possible.insert(each.id);
  }
  return possible;
}

boost::asio::awaitable<Result<void>> EngineImpl::offer_companies(PartnerState& partner, const psa::Psa& psa) {
  const auto live = store_.live_mapping(partner.row.id, std::string(mapping::kCustomerToCompany));
  if (!live) co_return tl::unexpected(live.error());
  if (!*live) co_return Result<void>{};
  const mapping::ParsedObjects parsed = mapping::parse_object_document(mapping::kCustomerToCompany, (*live)->document);
  // Nobody would hear of it, and it would count as told.
  const bool offers = parsed.document && parsed.document->imports() && parsed.document->mode == mapping::Mode::live &&
                      store_.outbound().has_webhooks();
  if (!offers) co_return Result<void>{};
  const mapping::ObjectDocument& document = *parsed.document;
  const std::string kind(psa::to_string(psa::ObjectKind::company));
  const auto rows = store_.sweeps(partner.row.id);
  const auto told = store_.offers(partner.row.id, kind);
  const auto linked = store_.linked_objects(partner.row.id, kind);
  if (!rows) co_return tl::unexpected(rows.error());
  if (!told) co_return tl::unexpected(told.error());
  if (!linked) co_return tl::unexpected(linked.error());
  store::SweepRow row{partner.row.id, store::kOfferSweep, {}, {}};
  for (const store::SweepRow& each : *rows)
    if (each.kind == row.kind) row = each;
  const Timestamp began = clock_.now();
  // A customer may be about to become what would be offered.
  store::Store::RecordQuery query;
  query.partner = partner.row.id;
  query.kind = "customer";
  query.due_only = true;
  const auto due = store_.list_records(query);
  if (!due) co_return tl::unexpected(due.error());
  const auto is_due = [&](const store::RecordRow& each) { return each.due_at && *each.due_at <= began; };
  if (std::ranges::any_of(*due, is_due)) co_return failure("engine.customers_first", "customers are being linked");
  psa::ReadResult<psa::Object> found;
  if (row.changed_until == Timestamp{})
    found = co_await psa.objects->objects(psa::ObjectKind::company, psa::Lane::sweep);
  else
    found = co_await psa.objects->objects_changed_since(psa::ObjectKind::company, row.changed_until - kOverlap,
                                                        psa::Lane::sweep);
  if (!found.complete) co_return tl::unexpected(found.error);
  std::map<std::string, std::string> digests;
  for (const store::OfferRow& each : *told) digests[each.object_id] = each.digest;
  std::set<std::string> taken;
  for (const store::Store::LinkedObject& each : *linked) taken.insert(each.object_id);
  const auto possible = candidates_of_held(partner, document, found.items);
  if (!possible) co_return tl::unexpected(possible.error());
  store::Transaction transaction;
  for (const psa::Object& company : found.items) {
    // One that is linked is told of as what it is: a customer's company. What may be one that is known already waits
    // for the person who decides; the mapping that says so has all read again.
    if (taken.contains(company.id.value) || possible->contains(company.id.value)) continue;
    const bool available =
        !company.deleted && document.counts(text_at(company, "status", true), text_at(company, "type_ids", false));
    const std::string digest = available ? digest_of(company) : std::string();
    const auto before = digests.find(company.id.value);
    if (before == digests.end() ? !available : before->second == digest) continue;
    transaction.outbound.events.push_back(offer_event(available, company, partner.row.id, began));
    transaction.offers.push_back({partner.row.id, kind, company.id.value, digest});
    if (transaction.offers.size() < kOffersInOneCommit) continue;
    const auto written = co_await writer_.write(std::exchange(transaction, {}));
    if (!written) co_return tl::unexpected(written.error());
  }
  if (row.changed_until != Timestamp{} && began - row.compared_at >= options_.compare_interval) {
    // What was deleted shows in no list of changes.
    const auto ids = co_await psa.objects->object_ids(psa::ObjectKind::company, psa::Lane::sweep);
    if (!ids.complete) co_return tl::unexpected(ids.error);
    const std::set<std::string> there(ids.items.begin(), ids.items.end());
    for (const auto& [id, digest] : digests) {
      if (digest.empty() || there.contains(id) || taken.contains(id)) continue;
      psa::Object gone;
      gone.id = {psa.provider, PartnerId(partner.row.id), psa::ObjectKind::company, id};
      transaction.outbound.events.push_back(offer_event(false, gone, partner.row.id, began));
      transaction.offers.push_back({partner.row.id, kind, id, ""});
    }
    row.compared_at = began;
  }
  if (row.changed_until == Timestamp{}) row.compared_at = began;
  row.changed_until = began;
  transaction.sweeps.push_back(std::move(row));
  const auto written = co_await writer_.write(std::move(transaction));
  if (!written) co_return tl::unexpected(written.error());
  if (options_.outbound_written) options_.outbound_written();
  co_return Result<void>{};
}

}  // namespace crosswalk::engine
