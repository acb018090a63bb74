#include "engine/object_search.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <set>

#include "base/text.h"
#include "engine/absence.h"
#include "engine/folder.h"
#include "engine/link_rows.h"
#include "engine/loader.h"
#include "engine/record_facts.h"
#include "workflows/entity_fields.h"

namespace crosswalk::engine {
namespace {

/// A picture of the PSA that is older is brought up to date before a record is said to have no object there.
constexpr Duration kPictureAgeMax{std::chrono::seconds{60}};
/// How many of a record's events are looked through for what it was when a lost attempt was made.
constexpr std::size_t kEarlierMax = 50;
/// A device is taken for another one that is called otherwise only when that had been silent this long before.
constexpr Duration kSilence{std::chrono::hours{1}};
/// A record that is being worked on is looked at again this much later.
constexpr Duration kBusyRetry{5'000};
/// The PSA's clock and ours may differ by this much.
constexpr Duration kClocksDiffer{std::chrono::minutes{5}};

ObjectIndex& index_of(PartnerState& partner, psa::ObjectKind kind, const boost::asio::any_io_executor& executor) {
  auto& index = partner.indexes[kind];
  if (!index) index = std::make_unique<ObjectIndex>(executor, kind);
  return *index;
}

/// What a record of these facts would have been made as, to the letter.
bool is_twin(const model::Entity& record, const psa::Object& object) {
  const auto is = [&](std::string_view field, const std::string& text) {
    const psa::Value told = workflows::fitted(object.id.kind, field, text);
    return psa::same(object.find(field), &told);
  };
  const auto told = [&](std::string_view name) { return workflows::text_of(record, name); };
  switch (object.id.kind) {
    case psa::ObjectKind::configuration:
      // Of one that leaves nobody has decided anything: the product's own id is enough.
      return is("device_identifier", record.ref.key) &&
             (is("name", told("name")) || workflows::told_state(record) != "active");
    case psa::ObjectKind::contact:
      return is("first_name", told("first_name")) && is("last_name", told("last_name")) && is("email", told("email"));
    case psa::ObjectKind::company:
      return is("name", told("name"));
    case psa::ObjectKind::ticket:
    case psa::ObjectKind::agreement:
      break;
  }
  return false;
}

/// `record` may be what the record was once; `company` is of its customer then.
std::optional<workflows::ObjectCandidate> candidate_of(const PartnerState& partner, ObjectIndex& index,
                                                       const store::RecordKey& key, const model::Entity& record,
                                                       const std::string& company) {
  if (record.ref.kind == model::RecordKind::customer) {
    const matching::Match match = index.find(company_facts(record), *partner.document_of(record.ref.kind), key,
                                             workflows::text_of(record, "company_id"));
    if (match.verdict == matching::Match::Verdict::none || match.candidates.empty()) return std::nullopt;
    const matching::Candidate& best = match.candidates.front();
    const bool sure = match.verdict == matching::Match::Verdict::link;
    std::string why = match.why;
    if (sure && !best.reasons.empty()) why = best.reasons.front().text;
    return workflows::ObjectCandidate{{best.id, best.name}, sure, std::move(why)};
  }
  const matching::ObjectMatch match = record.ref.kind == model::RecordKind::contact
                                          ? index.find(contact_facts(record, company), key)
                                          : index.find(device_facts(record, company), key);
  if (match.verdict == matching::ObjectMatch::Verdict::none) return std::nullopt;
  workflows::ObjectCandidate candidate{
      {match.id, match.name}, match.verdict == matching::ObjectMatch::Verdict::link, match.why};
  candidate.ours = match.own_id;
  return candidate;
}

void mark_twin(const ObjectIndex& index, const model::Entity& record, workflows::ObjectCandidate& candidate) {
  const auto object = index.object(record.ref.partner, candidate.object.id);
  candidate.twin = object && is_twin(record, *object);
}

/// Whether an attempt of ours may have made the object from what was received then: nobody else has touched it, and it
/// is not older.
bool may_be_ours(const PartnerState& partner, const psa::Object& object, Timestamp received_at) {
  if (!object.updated_at || *object.updated_at + kClocksDiffer < received_at) return false;
  return partner.member.empty() || object.updated_by.empty() || equals_ignoring_case(object.updated_by, partner.member);
}

}  // namespace

/// An attempt whose answer was lost has made what the record was then, which events may have changed since.
Result<void> ObjectSearch::find_earlier_attempt(const PartnerState& partner, ObjectIndex& index, Item& item) {
  const auto events = store_.events_of(item.row.ref, kEarlierMax);
  if (!events) return tl::unexpected(events.error());
  struct Told {
    model::Entity record;
    Timestamp received_at{};
  };
  std::vector<Told> told;
  std::set<std::string> customers;
  for (const store::EventRow& row : *events) {
    auto event = to_event(row);
    if (!event) continue;
    if (event->data == item.entity->attributes) continue;
    told.push_back({{item.ref, event->time, {}, 0, std::move(event->data)}, row.received_at});
    customers.insert(workflows::text_of(told.back().record, "customer"));
  }
  if (told.empty()) return {};
  const auto companies = Loader(store_).companies_of(partner, customers);
  if (!companies) return tl::unexpected(companies.error());
  for (const auto& [record, received_at] : told) {
    const auto company = companies->find(workflows::text_of(record, "customer"));
    auto candidate = candidate_of(partner, index, item.row.ref, record,
                                  company == companies->end() ? std::string() : company->second.id);
    if (!candidate || !candidate->sure) continue;
    const auto object = index.object(item.ref.partner, candidate->object.id);
    if (!object || !is_twin(record, *object) || !may_be_ours(partner, *object, received_at)) continue;
    if (item.candidate && item.candidate->sure && item.candidate->object != candidate->object) {
      // Somebody must say which of the two it is.
      item.candidate->sure = false;
      item.candidate->why += fmt::format("; but an attempt whose answer was lost has made {}", candidate->object.id);
      return {};
    }
    candidate->twin = true;
    candidate->why = "it is what an attempt has made whose answer was lost";
    item.candidate = std::move(candidate);
    return {};
  }
  return {};
}

/// Whether any of these records still is what it was: none has succeeded it, imaged anew.
Result<bool> ObjectSearch::any_unsucceeded(const Item& item, const std::set<std::string>& keys) {
  for (const std::string& each : keys) {
    const std::array<store::RecordKey, 1> key{store::RecordKey{item.row.ref.partner, item.row.ref.kind, each}};
    const auto rows = store_.links(key);
    if (!rows) return tl::unexpected(rows.error());
    const auto link = rows->empty() ? Result<workflows::Link>{} : read_link(rows->front());
    if (!link || link->successor.empty()) return true;
  }
  return false;
}

/// A machine that is imaged anew has another id for the product, and is the same all the same: unless the record that
/// is linked to its configuration still reports, and they are two. What more records carry tells nothing.
Result<void> ObjectSearch::find_predecessor(const PartnerState& partner, const ObjectIndex& index, Item& item) {
  const matching::DeviceFacts facts = device_facts(*item.entity, item.company.id);
  const matching::ObjectMatch match = index.find_same_machine(facts);
  if (match.verdict == matching::ObjectMatch::Verdict::none) return {};
  const std::array<std::string, 1> ids{match.id};
  const auto rows = store_.links_to(partner.row.id, std::string(psa::to_string(kind_of(item))), ids);
  const auto events = store_.events_of(item.row.ref, kEarlierMax);
  if (!rows) return tl::unexpected(rows.error());
  if (!events) return tl::unexpected(events.error());
  const auto owner = std::ranges::find_if(*rows, [&](const store::LinkRow& row) {
    const auto link = read_link(row);
    return link && link->gone.empty() && row.ref != item.row.ref;
  });
  if (owner == rows->end() || events->empty()) return {};
  std::set<std::string> others = index.others_with(facts, item.row.ref);
  others.erase(owner->ref.key);
  const auto shared = any_unsucceeded(item, others);
  if (!shared) return tl::unexpected(shared.error());
  if (*shared && others.size() >= matching::kFewCarriers) return {};
  const std::array<store::RecordKey, 1> key{owner->ref};
  const auto records = store_.records(key);
  if (!records) return tl::unexpected(records.error());
  if (!records->front()) return {};
  const model::RecordRef ref{item.ref.partner, item.ref.kind, owner->ref.key};
  const auto former = model::parse_entity(ref, records->front()->state);
  if (!former) return {};
  Timestamp first = events->front().time;
  for (const store::EventRow& each : *events) first = std::min(first, each.time);
  const Timestamp seen = workflows::last_seen(*former);
  const bool left = workflows::told_state(*former) != "active";
  const bool same_name = match.verdict == matching::ObjectMatch::Verdict::link;
  workflows::ObjectCandidate found{{match.id, match.name}, false, match.why};
  if (*shared) {
    found.why += ", but other devices carry it too";
  } else if (!left && (seen >= first || (!same_name && first - seen < kSilence))) {
    found.why += fmt::format(", but the device \"{}\" is linked to it, and was last seen at {}", owner->ref.key,
                             format_timestamp(seen));
  } else if (partner.in_flight.contains(owner->ref)) {
    return failure("record.busy", "The record that it was until now is being worked on at this moment.");
  } else {
    found.sure = true;
    found.why += fmt::format("; it was the device \"{}\", and was imaged anew", owner->ref.key);
    found.predecessor = owner->ref.key;
  }
  item.candidate = std::move(found);
  return {};
}

boost::asio::awaitable<void> ObjectSearch::search(PartnerState& partner, const psa::Psa& psa,
                                                  std::vector<Item>& items) {
  const auto executor = co_await boost::asio::this_coro::executor;
  std::map<PartnerState::Claim, int> wanted;
  const auto claim = [](const Item& item) { return PartnerState::Claim{kind_of(item), item.candidate->object.id}; };
  for (Item& item : items) {
    if (item.stop || !item.answer.needs_search) continue;
    ObjectIndex& index = index_of(partner, kind_of(item), executor);
    const Timestamp now = clock_.now();
    Timestamp not_before = now - kPictureAgeMax;
    if (item.in_doubt) {
      const Timestamp settled_at = item.doubt_since + options_.settle;
      not_before = std::max(not_before, now >= settled_at ? settled_at : item.doubt_since);
    }
    const bool was_known = index.is_known();
    Result<void> ready = co_await index.refresh(psa, store_, partner, not_before, clock_);
    if (ready) {
      if (!was_known) note_rows(partner, kind_of(item), nullptr, now);
      index.tell(*item.entity);
      item.candidate = candidate_of(partner, index, item.row.ref, *item.entity, item.company.id);
      if (item.ref.kind == model::RecordKind::device && !(item.candidate && item.candidate->sure))
        ready = find_predecessor(partner, index, item);
      if (item.in_doubt && item.candidate && item.candidate->sure) mark_twin(index, *item.entity, *item.candidate);
      if (ready && item.in_doubt && !(item.candidate && item.candidate->twin))
        ready = find_earlier_attempt(partner, index, item);
    }
    if (!ready) {
      if (ready.error().code == "psa.rows_hidden") note_rows(partner, kind_of(item), &ready.error(), now);
      if (ready.error().code == "record.busy")
        waits_.postpone(partner, item, ready.error(), Disposition::retry, kBusyRetry);
      else
        waits_.wait_for_rows(partner, item, ready.error());
      continue;
    }
    if (item.in_doubt) item.looked_up_at = index.read_at();
    item.searched = true;
    item.is_answered = false;
    if (item.candidate && item.candidate->sure) ++wanted[claim(item)];
  }
  // What two records want at once, neither gets without a person.
  for (Item& item : items) {
    if (!item.candidate || !item.candidate->sure || wanted[claim(item)] < 2) continue;
    if (may_share(partner, item)) continue;
    item.candidate->sure = false;
    item.candidate->why = "it fits more than one record";
  }
}

/// What is to be linked is looked at first, so that what differs is known in the same turn.
boost::asio::awaitable<void> ObjectSearch::view_decided(PartnerState& partner, const psa::Psa& psa,
                                                        std::vector<Item>& items) {
  std::map<psa::ObjectKind, std::vector<Item*>> unknown;
  for (Item& item : items) {
    if (!is_to_be_linked(item)) continue;
    const std::string& id = item.wanted()->decided.id;
    const auto index = partner.indexes.find(kind_of(item));
    if (index != partner.indexes.end()) item.decided_view = index->second->object(item.ref.partner, id);
    if (!item.decided_view) unknown[kind_of(item)].push_back(&item);
  }
  for (auto& [kind, list] : unknown) {
    std::vector<std::string> ids;
    for (const Item* item : list) ids.push_back(item->wanted()->decided.id);
    const auto found = co_await psa.objects->objects_by_id(kind, ids, psa::Lane::records);
    std::set<std::string> absent(ids.begin(), ids.end()), shown;
    for (const psa::Object& each : found.items) {
      shown.insert(each.id.value);
      absent.erase(each.id.value);
    }
    Result<void> believed;
    if (found.complete) believed = co_await rows_.believe_absent(partner, psa, kind, absent, shown);
    for (Item* item : list) {
      if (!found.complete) {
        waits_.postpone(partner, *item, found.error, found.disposition, found.retry_after);
        continue;
      }
      if (!believed && absent.contains(item->wanted()->decided.id)) {
        waits_.wait_for_rows(partner, *item, believed.error());
        continue;
      }
      for (const psa::Object& each : found.items)
        if (each.id.value == item->wanted()->decided.id && !each.deleted) item->decided_view = each;
      if (!item->decided_view)
        waits_.park(*item, {"object.decided_missing",
                            fmt::format("{} {} is deleted, was merged into another, or cannot be seen by the key.",
                                        psa::to_string(kind), item->wanted()->decided.id),
                            {}});
    }
  }
  if (const auto refused = claims_.refuse_taken(partner, psa, items); !refused)
    for (Item& item : items)
      if (is_to_be_linked(item))
        waits_.postpone(partner, item, refused.error(), crosswalk::explain(refused.error().code).disposition,
                        std::nullopt);
}

}  // namespace crosswalk::engine
