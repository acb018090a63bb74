#include "engine/claims.h"

#include <fmt/format.h>

#include <array>
#include <map>
#include <utility>

#include "base/catalogue.h"
#include "engine/link_rows.h"

namespace crosswalk::engine {
namespace {

/// Whether people have said that the record is something else than `object`, or nothing.
bool decided_elsewhere(const PartnerState& partner, model::RecordKind kind, const std::string& record,
                       const std::string& object) {
  const mapping::ObjectDocument* document = partner.document_of(kind);
  if (document) {
    const auto decision = document->decisions.find(record);
    // One that is to be made stays what it is, once it has become something.
    if (decision != document->decisions.end() && (decision->second.excluded || !decision->second.object.empty()))
      return decision->second.object.id != object;
  }
  if (kind != model::RecordKind::customer || !partner.document) return false;
  const auto mapped = partner.document->customers.find(record);
  return mapped != partner.document->customers.end() &&
         (mapped->second.excluded || (!mapped->second.company.empty() && mapped->second.company.id != object));
}

PartnerState::Claim claim_of(const Item& item) { return {kind_of(item), item.wanted()->decided.id}; }

}  // namespace

bool may_share(const PartnerState& partner, const Item& item) {
  const mapping::ObjectDocument* document = partner.document_of(item.ref.kind);
  return item.ref.kind == model::RecordKind::customer && document && document->allow_shared;
}

bool is_to_be_linked(const Item& item) {
  if (item.stop || !item.wanted() || item.wanted()->decided.empty()) return false;
  const workflows::Link* link = item.only_link();
  return !link || !link->gone.empty() || link->object.value != item.wanted()->decided.id;
}

Result<std::string> Claims::owner_of(const PartnerState& partner, const psa::Psa& psa, const Item& item) {
  if (may_share(partner, item)) return std::string();
  const auto claim = partner.claimed.find(claim_of(item));
  if (claim != partner.claimed.end() && claim->second != item.row.ref) return claim->second.key;
  const std::array<std::string, 1> ids{item.wanted()->decided.id};
  const auto rows = store_.links_to(partner.row.id, std::string(psa::to_string(kind_of(item))), ids);
  if (!rows) return tl::unexpected(rows.error());
  for (const store::LinkRow& row : *rows) {
    if (item.candidate && item.candidate->predecessor == row.ref.key && item.candidate->object.id == ids[0]) continue;
    if (row.ref == item.row.ref || decided_elsewhere(partner, item.ref.kind, row.ref.key, ids[0])) continue;
    const auto link = read_link(row);
    // Whose link cannot be read may own the object still.
    if (!link || (link->gone.empty() && (link->instance.empty() || link->instance == psa.instance))) return row.ref.key;
  }
  return std::string();
}

Error Claims::taken_error(const Item& item, const std::string& owner) {
  return {"object.taken",
          fmt::format("{} {} was chosen, and the {} \"{}\" is linked to it.", psa::to_string(kind_of(item)),
                      item.wanted()->decided.id, model::to_string(item.ref.kind), owner),
          {}};
}

/// What one record has become is not linked to a second one, unless the mapping allows it: each would overwrite what
/// the other writes.
Result<void> Claims::refuse_taken(const PartnerState& partner, const psa::Psa& psa, std::vector<Item>& items) {
  std::map<PartnerState::Claim, std::string> wanted;
  for (Item& item : items) {
    if (!is_to_be_linked(item) || may_share(partner, item)) continue;
    auto owner = owner_of(partner, psa, item);
    if (!owner) return tl::unexpected(owner.error());
    if (owner->empty()) {
      const auto [first, is_first] = wanted.try_emplace(claim_of(item), item.ref.key);
      if (is_first) continue;
      *owner = first->second;
    }
    waits_.park(item, taken_error(item, *owner));
  }
  return {};
}

psa::Outcome Claims::take(PartnerState& partner, const psa::Psa& psa, Item& item, const plan::Step& step) {
  psa::Outcome linked;
  // Others may have been linked to it since it was chosen: nothing comes between this look and the claim.
  const auto owner = owner_of(partner, psa, item);
  if (!owner || !owner->empty()) {
    linked.error = owner ? taken_error(item, *owner) : owner.error();
    linked.disposition = crosswalk::explain(linked.error.code).disposition;
    return linked;
  }
  if (item.candidate && !item.candidate->predecessor.empty() && item.candidate->object == item.wanted()->decided) {
    store::RecordKey former = item.row.ref;
    former.key = item.candidate->predecessor;
    // It must not be worked on while it is being changed.
    if (!partner.in_flight.insert(former).second) {
      linked.error = {"record.busy", "The record that it was until now is being worked on at this moment.", {}};
      linked.disposition = Disposition::retry;
      return linked;
    }
    item.succeeds = std::move(former);
  }
  item.claimed = claim_of(item);
  partner.claimed.insert_or_assign(*item.claimed, item.row.ref);
  linked.applied = true;
  linked.object = std::get<psa::LinkObject>(step.operation).object;
  linked.object->provider = psa.provider;
  linked.object->partner = item.ref.partner;
  linked.observed = item.decided_view;
  return linked;
}

}  // namespace crosswalk::engine
