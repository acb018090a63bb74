#include "engine/object_index.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <set>

#include "base/assert.h"
#include "engine/absence.h"
#include "engine/record_facts.h"
#include "psa/object_fields.h"
#include "workflows/registry.h"
#include "workflows/values_json.h"

namespace crosswalk::engine {
namespace {

/// The PSA's clock and ours may differ by this much, and a change may show late.
constexpr Duration kOverlap{std::chrono::minutes{5}};
/// Records that are read at once.
constexpr std::size_t kPageRecords = 500;

std::string status_of(const psa::Object& object) {
  const psa::Value* status = object.find(psa::field::status);
  return status ? std::string(status->id()) : std::string();
}

}  // namespace

boost::asio::awaitable<Result<void>> ObjectIndex::refresh(const psa::Psa& psa, store::Store& store,
                                                          const PartnerState& partner, Timestamp not_before,
                                                          Clock& clock) {
  if (reading_) {
    while (reading_) co_await read_.wait();
    // One announcement wakes one; there may be more who wait.
    read_.set();
  }
  if (known_ && read_at_ >= not_before) co_return Result<void>{};
  reading_ = true;
  Result<void> done = co_await read(psa, store, partner, clock);
  reading_ = false;
  read_.set();
  co_return done;
}

boost::asio::awaitable<Result<void>> ObjectIndex::read(const psa::Psa& psa, store::Store& store,
                                                       const PartnerState& partner, Clock& clock) {
  const Timestamp began = clock.now();
  psa::ReadResult<psa::Object> found;
  if (known_)
    found = co_await psa.objects->objects_changed_since(kind_, read_at_ - kOverlap, psa::Lane::records);
  else
    found = co_await psa.objects->objects(kind_, psa::Lane::records);
  if (!found.complete) co_return tl::unexpected(found.error);
  if (!known_) {
    const auto linked = store.linked_objects(partner.row.id, std::string(psa::to_string(kind_)));
    if (!linked) co_return tl::unexpected(linked.error());
    // What is hidden from us would be made a second time.
    std::set<std::string> there;
    for (const psa::Object& each : found.items) there.insert(each.id.value);
    const auto compared = compare(store, partner.row.id, kind_, psa.instance, *linked, there);
    if (!compared) co_return tl::unexpected(compared.error());
    // There is no PSA without companies: the MSP's own is one.
    const bool nothing = there.empty() && (kind_ == psa::ObjectKind::company || compared->absence.missing > 0);
    if (nothing || is_doubtful(compared->absence, absent_percent_max(partner, kind_)))
      co_return tl::unexpected(rows_hidden(kind_, compared->absence));
    for (const store::Store::LinkedObject& each : *linked) take(each.object_id, each.ref);
  }
  if (!known_)
    if (const auto told = co_await read_told(store, partner); !told) co_return tl::unexpected(told.error());
  for (const psa::Object& each : found.items) put(each);
  read_at_ = began;
  known_ = true;
  co_return Result<void>{};
}

/// All records of the kind, a page at a time: others have tickets to open meanwhile.
boost::asio::awaitable<Result<void>> ObjectIndex::read_told(store::Store& store, const PartnerState& partner) {
  store::Store::RecordQuery query;
  query.partner = partner.row.id;
  const workflows::Workflow* workflow = workflows::find_workflow(kind_);
  require(workflow, "a picture is of objects that records become");
  query.kind = model::to_string(workflow->record);
  query.count_max = kPageRecords;
  told_.clear();
  for (;;) {
    const auto rows = store.list_records(query);
    if (!rows) co_return tl::unexpected(rows.error());
    for (const store::RecordRow& row : *rows)
      if (const auto entity =
              model::parse_entity({PartnerId(row.ref.partner), workflow->record, row.ref.key}, row.state))
        tell(*entity);
    if (rows->size() < kPageRecords) co_return Result<void>{};
    query.key_after = rows->back().ref.kind + "\n" + rows->back().ref.key;
    co_await boost::asio::post(boost::asio::use_awaitable);
  }
}

void ObjectIndex::tell(const model::Entity& record) {
  switch (record.ref.kind) {
    case model::RecordKind::device: {
      const matching::DeviceFacts facts = device_facts(record, "");
      told_.put(record.ref.key, matching::comparable_host(facts.name), matching::DeviceIndex::values_of(facts));
      break;
    }
    case model::RecordKind::contact: {
      const matching::ContactFacts facts = contact_facts(record, "");
      told_.put(record.ref.key, matching::ContactIndex::name_of(facts), matching::ContactIndex::values_of(facts));
      break;
    }
    case model::RecordKind::customer: {
      const matching::CompanyFacts facts = company_facts(record);
      told_.put(record.ref.key, matching::plain_words(facts.name), matching::CompanyIndex::values_of(facts));
      break;
    }
    case model::RecordKind::alert:
    case model::RecordKind::usage:
    case model::RecordKind::group:
      break;
  }
}

void ObjectIndex::put(const psa::Object& object) {
  const std::string& key = object.id.value;
  if (object.deleted) {
    objects_.erase(key);
    devices_.erase(key);
    contacts_.erase(key);
    if (companies_.erase(key) > 0) company_index_.reset();
    return;
  }
  objects_.insert_or_assign(
      key, Known{workflows::serialize_values(object.values), object.parts, object.updated_at, object.updated_by});
  switch (kind_) {
    case psa::ObjectKind::configuration:
      devices_.put(device_facts(object));
      break;
    case psa::ObjectKind::contact:
      contacts_.put(contact_facts(object));
      break;
    case psa::ObjectKind::company:
      companies_.insert_or_assign(key, company_facts(object));
      standing_.insert_or_assign(key, Standing{status_of(object), object.types});
      company_index_.reset();
      break;
    case psa::ObjectKind::ticket:
    case psa::ObjectKind::agreement:
      break;
  }
}

bool ObjectIndex::is_taken(const std::string& object, const store::RecordKey& by) const {
  const auto taken = taken_.find(object);
  return taken != taken_.end() && taken->second != by;
}

matching::ObjectMatch ObjectIndex::find(const matching::DeviceFacts& facts, const store::RecordKey& by) const {
  const std::string name = matching::comparable_host(facts.name);
  return devices_.find(
      facts, [&](const std::string& each) { return is_taken(each, by); },
      [&](const std::string& value) { return told_.others(value, by.key, name); });
}

matching::ObjectMatch ObjectIndex::find(const matching::ContactFacts& facts, const store::RecordKey& by) const {
  const std::string name = matching::ContactIndex::name_of(facts);
  return contacts_.find(
      facts, [&](const std::string& each) { return is_taken(each, by); },
      [&](const std::string& value) { return told_.others(value, by.key, name); });
}

std::set<std::string> ObjectIndex::others_with(const matching::DeviceFacts& facts, const store::RecordKey& by) const {
  std::set<std::string> others;
  for (const std::string& value : matching::DeviceIndex::values_of(facts))
    for (std::string& each : told_.holders(value, by.key)) others.insert(std::move(each));
  return others;
}

matching::Match ObjectIndex::find(const matching::CompanyFacts& facts, const mapping::ObjectDocument& document,
                                  const store::RecordKey& by, const std::string& named) {
  if (!company_index_) {
    std::vector<matching::CompanyFacts> list;
    list.reserve(companies_.size());
    for (const auto& [key, each] : companies_) list.push_back(each);
    std::ranges::sort(list, {}, &matching::CompanyFacts::id);
    company_index_.emplace(list);
  }
  const matching::MatchPolicy policy{.link_at = document.link_at, .propose_at = document.propose_at};
  matching::CompanyFacts told = facts;
  for (const std::string& value : matching::CompanyIndex::values_of(facts))
    if (told_.others(value, by.key, matching::plain_words(facts.name)) > 0) told.shared.push_back(value);
  matching::Match match = matching::decide(*company_index_, told, policy, [&](const std::string& each) {
    return !document.allow_shared && is_taken(each, by);
  });
  if (!named.empty()) take_named(match, document, named, is_taken(named, by));
  if (match.verdict != matching::Match::Verdict::link) return match;
  const matching::Candidate& best = match.candidates.front();
  const auto& [status, types] = standing_.at(best.id);
  const std::string why = no_customer(&document, status, types, companies_.at(best.id));
  // What the product itself names it has taken over, whatever it is called.
  const bool said = best.id == named && document.counts(status, types);
  if (why.empty() || said) return match;
  match.verdict = matching::Match::Verdict::propose;
  match.why = fmt::format("{} fits, but {}.", matching::in_words(best), why);
  return match;
}

/// An id alone is not enough: it may be of the PSA that the partner has left.
void ObjectIndex::take_named(matching::Match& match, const mapping::ObjectDocument& document, const std::string& named,
                             bool taken) {
  const auto company = companies_.find(named);
  if (company == companies_.end()) return;
  const auto candidate = std::ranges::find(match.candidates, named, &matching::Candidate::id);
  const bool fits = candidate != match.candidates.end() && candidate->score >= document.propose_at;
  if (candidate == match.candidates.end())
    match.candidates.insert(match.candidates.begin(), matching::named(company->second));
  else
    std::rotate(match.candidates.begin(), candidate, candidate + 1);
  match.candidates.front().reasons.insert(match.candidates.front().reasons.begin(),
                                          {"the product names this company", 0});
  const bool free = !taken || document.allow_shared;
  match.verdict = fits && free ? matching::Match::Verdict::link : matching::Match::Verdict::propose;
  match.why = fits ? "the product names this company" : "the product names this company, but it hardly resembles it";
  if (fits && !free) match.why += ", which another customer is linked to";
}

std::optional<psa::Object> ObjectIndex::object(const PartnerId& partner, const std::string& object_id) const {
  const auto found = objects_.find(object_id);
  if (found == objects_.end()) return std::nullopt;
  psa::Object object;
  object.id = {"", partner, kind_, object_id};
  object.values = workflows::parse_values(kind_, found->second.values);
  object.parts = found->second.parts;
  object.updated_at = found->second.updated_at;
  object.updated_by = found->second.updated_by;
  return object;
}

}  // namespace crosswalk::engine
