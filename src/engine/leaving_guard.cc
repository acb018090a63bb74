#include "engine/leaving_guard.h"

#include <algorithm>
#include <map>

#include "engine/link_rows.h"

namespace crosswalk::engine {
namespace {

/// Links whose states are read at once.
constexpr std::size_t kSlice = 500;

/// Devices last seen at or before this are about to leave; before all times when none leaves by being silent.
Timestamp silent_until(const mapping::ObjectDocument& document, Timestamp now) {
  Duration silence = document.inactive_after;
  if (silence.count() == 0 || (document.retired_after.count() > 0 && document.retired_after < silence))
    silence = document.retired_after;
  return silence.count() == 0 ? Timestamp{} : now - silence;
}

/// Those that have left, by record key, as the links say.
Result<std::map<std::string, Timestamp>> read_left(store::Store& store, const std::string& partner,
                                                   psa::ObjectKind kind) {
  std::map<std::string, Timestamp> left;
  const std::string name(psa::to_string(kind));
  const auto linked = store.linked_objects(partner, name);
  if (!linked) return tl::unexpected(linked.error());
  for (std::size_t begin = 0; begin < linked->size(); begin += kSlice) {
    std::vector<std::string> ids;
    for (std::size_t i = begin; i < std::min(begin + kSlice, linked->size()); ++i)
      ids.push_back((*linked)[i].object_id);
    const auto rows = store.links_to(partner, name, ids);
    if (!rows) return tl::unexpected(rows.error());
    for (const store::LinkRow& row : *rows) {
      if (row.state.find("\"left_at\"") == std::string::npos) continue;
      const auto link = read_link(row);
      if (link && link->left_at != Timestamp{}) left[row.ref.key] = link->left_at;
    }
  }
  return left;
}

}  // namespace

bool LeavingGuard::leaves(const PartnerState& partner, const Item& item) const {
  const mapping::ObjectDocument* document = item.entity ? partner.document_of(item.ref.kind) : nullptr;
  const workflows::Link* link = item.only_link();
  return document && link && link->gone.empty() && workflows::leaves_now(*item.entity, *document, *link, clock_.now());
}

/// What cannot be counted holds nothing up: the store has other ways to say that it is broken.
void LeavingGuard::count(PartnerState& partner, std::vector<Item>& items) const {
  std::map<model::RecordKind, std::vector<Item*>> leaving;
  for (Item& item : items)
    if (!item.stop && leaves(partner, item)) leaving[item.ref.kind].push_back(&item);
  const Timestamp now = clock_.now();
  for (auto& [kind, list] : leaving) {
    const mapping::ObjectDocument& document = *partner.document_of(kind);
    const auto [known, is_new] = partner.left.try_emplace(kind);
    std::map<std::string, Timestamp>& left = known->second;
    if (is_new)
      if (auto read = read_left(store_, partner.row.id, document.kind)) left = std::move(*read);
    std::erase_if(left, [&](const auto& each) { return each.second + document.guard_window <= now; });
    const std::string held = workflows::mass_change_code(kind);
    const auto counted =
        store_.leaving(partner.row.id, std::string(model::to_string(kind)), silent_until(document, now), held);
    if (!counted) continue;
    workflows::Leaving sum{
        .about_to = counted->held, .left = static_cast<std::int64_t>(left.size()), .of = counted->of};
    for (const Item* item : list) {
      // Those that wait are counted already, and those that have tried to leave are no more for it.
      if (item->row.parked.code != held) ++sum.about_to;
      if (left.contains(item->ref.key)) --sum.left;
    }
    if (kind == model::RecordKind::device) sum.about_to = std::max(sum.about_to, counted->about_to);
    for (Item* item : list) item->leaving = sum;
  }
}

/// From now on they count for those that come after, whatever becomes of their calls.
void LeavingGuard::note(PartnerState& partner, const std::vector<Item>& items) const {
  for (const Item& item : items) {
    if (item.stop) continue;
    const auto left = partner.left.find(item.ref.kind);
    if (left == partner.left.end()) continue;
    if (!leaves(partner, item)) {
      if (item.only_link() && item.only_link()->left_at == Timestamp{}) left->second.erase(item.ref.key);
    } else if (item.wanted() && item.answer.mode == mapping::Mode::live) {
      left->second[item.ref.key] = clock_.now();
    }
  }
}

}  // namespace crosswalk::engine
