#include "engine/object_index.h"

#include <algorithm>

#include "engine/record_facts.h"
#include "workflows/object.h"

namespace crosswalk::engine {
namespace {

/// The PSA's clock and ours may differ by this much, and a change may show late.
constexpr Duration kOverlap{std::chrono::minutes{5}};

std::string text(const psa::ObjectValues& values, std::string_view field) {
  const auto found = values.find(field);
  return found == values.end() ? std::string() : found->second.name;
}

std::string id(const psa::ObjectValues& values, std::string_view field) {
  const auto found = values.find(field);
  return found == values.end() ? std::string() : found->second.id;
}

}  // namespace

boost::asio::awaitable<Result<void>> ObjectIndex::refresh(const psa::Psa& psa, store::Store& store,
                                                          const std::string& partner, Timestamp not_before,
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
                                                       const std::string& partner, Clock& clock) {
  const Timestamp began = clock.now();
  psa::ReadResult<psa::Object> found;
  if (known_)
    found = co_await psa.objects->objects_changed_since(kind_, read_at_ - kOverlap, psa::Lane::records);
  else
    found = co_await psa.objects->objects(kind_, psa::Lane::records);
  if (!found.complete) co_return tl::unexpected(found.error);
  if (!known_) {
    const auto linked = store.linked_objects(partner, std::string(psa::to_string(kind_)));
    if (!linked) co_return tl::unexpected(linked.error());
    for (const store::Store::LinkedObject& each : *linked) take(each.object_id, each.ref);
  }
  for (const psa::Object& each : found.items) put(each);
  read_at_ = began;
  known_ = true;
  co_return Result<void>{};
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
  const psa::ObjectValues& values = object.values;
  objects_.insert_or_assign(key, Known{workflows::serialize_values(values), object.updated_at, object.updated_by});
  switch (kind_) {
    case psa::ObjectKind::configuration:
      devices_.put(device_facts(object));
      break;
    case psa::ObjectKind::contact:
      contacts_.put(contact_facts(object));
      break;
    case psa::ObjectKind::company:
      companies_.insert_or_assign(key, company_facts(object));
      standing_.insert_or_assign(key, std::pair(id(values, "status"), text(values, "type_ids")));
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
  return devices_.find(facts, [&](const std::string& each) { return is_taken(each, by); });
}

matching::ObjectMatch ObjectIndex::find(const matching::ContactFacts& facts, const store::RecordKey& by) const {
  return contacts_.find(facts, [&](const std::string& each) { return is_taken(each, by); });
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
  matching::Match match = matching::decide(*company_index_, facts, policy, [&](const std::string& each) {
    return !document.allow_shared && is_taken(each, by);
  });
  if (!named.empty()) take_named(match, document, named, is_taken(named, by));
  if (match.verdict != matching::Match::Verdict::link) return match;
  const auto& [status, types] = standing_.at(match.candidates.front().id);
  if (document.counts(status, types)) return match;
  match.verdict = matching::Match::Verdict::propose;
  match.why = match.candidates.front().name + " fits, but its type or status is none of those that count as customers.";
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
    match.candidates.insert(match.candidates.begin(), {named, company->second.name, 0, 0, {}});
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
  object.values = workflows::parse_values(found->second.values);
  object.updated_at = found->second.updated_at;
  object.updated_by = found->second.updated_by;
  return object;
}

}  // namespace crosswalk::engine
