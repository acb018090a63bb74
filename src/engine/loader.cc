#include "engine/loader.h"

#include <algorithm>
#include <array>

namespace crosswalk::engine {
namespace {

/// How many neighbours of an alert are looked at to notice a storm; a mapping's limit above this counts as this.
constexpr int kNeighboursMax = 256;
/// Alerts that waited this long (for the PSA, for keys, for a mapping) still find their storm.
constexpr Duration kStormLookBack{std::chrono::hours{24}};
/// The longest storm window that is looked back.
constexpr Duration kStormWindowMax{std::chrono::hours{1}};

Duration longest_storm_window(const mapping::Document& document) {
  Duration longest = document.settings.storm_window.value_or(
      mapping::vendor_defaults().settings.storm_window.value_or(std::chrono::minutes{5}));
  for (const mapping::Rule& rule : document.rules)
    longest = std::max(longest, rule.set.storm_window.value_or(Duration{0}));
  for (const auto& [key, customer] : document.customers)
    longest = std::max(longest, customer.settings.storm_window.value_or(Duration{0}));
  return std::min(longest, kStormWindowMax);
}

/// One more than the highest limit in the mapping is enough to tell a storm: the oldest come first.
std::size_t neighbours_needed(const mapping::Document& document) {
  int most = document.settings.storm_alerts.value_or(mapping::vendor_defaults().settings.storm_alerts.value_or(10));
  for (const mapping::Rule& rule : document.rules) most = std::max(most, rule.set.storm_alerts.value_or(0));
  for (const auto& [key, customer] : document.customers)
    most = std::max(most, customer.settings.storm_alerts.value_or(0));
  return static_cast<std::size_t>(std::clamp(most, 0, kNeighboursMax)) + 1;
}

}  // namespace

void prepare_storm_view(PartnerState& partner) {
  partner.storm_window = longest_storm_window(*partner.document);
  partner.storm_neighbours = neighbours_needed(*partner.document);
}

Result<std::vector<Item>> Loader::load(const PartnerState& partner, std::vector<store::RecordRow> rows) {
  std::vector<Item> items;
  items.reserve(rows.size());
  for (store::RecordRow& row : rows) {
    Item item;
    const auto kind = model::parse_record_kind(row.ref.kind).value_or(model::RecordKind::alert);
    item.ref = {PartnerId(row.ref.partner), kind, row.ref.key};
    item.attempts = row.attempts;
    item.row = std::move(row);
    items.push_back(std::move(item));
  }
  if (auto loaded = load_links(items); !loaded) return tl::unexpected(loaded.error());
  for (Item& item : items) {
    Result<void> loaded;
    if (item.ref.kind == model::RecordKind::alert) loaded = load_alert(partner, item);
    if (item.ref.kind == model::RecordKind::group) loaded = load_group(partner, item);
    if (!loaded) return tl::unexpected(loaded.error());
  }
  return items;
}

Result<void> Loader::load_links(std::vector<Item>& items) {
  std::vector<store::RecordKey> refs;
  refs.reserve(items.size());
  for (const Item& item : items) refs.push_back(item.row.ref);
  auto rows = store_.links(refs);
  if (!rows) return tl::unexpected(rows.error());
  std::size_t at = 0;
  for (Item& item : items) {
    while (at < rows->size() && (*rows)[at].ref == item.row.ref) {
      auto link = workflows::parse_link((*rows)[at++].state);
      if (!link) return tl::unexpected(link.error());
      item.links.push_back(std::move(*link));
    }
  }
  return {};
}

Result<std::vector<workflows::TicketLink>> Loader::links_of(const store::RecordKey& ref) {
  const std::array<store::RecordKey, 1> refs{ref};
  auto rows = store_.links(refs);
  if (!rows) return tl::unexpected(rows.error());
  std::vector<workflows::TicketLink> links;
  for (const store::LinkRow& row : *rows) {
    auto link = workflows::parse_link(row.state);
    if (!link) return tl::unexpected(link.error());
    links.push_back(std::move(*link));
  }
  return links;
}

Result<void> Loader::load_alert(const PartnerState& partner, Item& item) {
  auto alert = model::parse_alert(item.ref, item.row.state);
  if (!alert) return tl::unexpected(alert.error());
  item.alert = std::move(*alert);
  std::vector<store::RecordKey> related;
  const std::string device = item.alert.content.device.empty() ? item.alert.content.subject : item.alert.content.device;
  related.push_back({item.row.ref.partner, "device", device});
  related.push_back({item.row.ref.partner, "customer", item.alert.content.customer});
  auto rows = store_.records(related);
  if (!rows) return tl::unexpected(rows.error());
  for (std::size_t i = 0; i < 2; ++i) {
    if (!(*rows)[i]) continue;
    const auto kind = i == 0 ? model::RecordKind::device : model::RecordKind::customer;
    auto entity = model::parse_entity({item.ref.partner, kind, related[i].key}, (*rows)[i]->state);
    if (!entity) return tl::unexpected(entity.error());
    (i == 0 ? item.device : item.customer) = std::move(*entity);
  }
  const bool has_open_ticket = std::any_of(item.links.begin(), item.links.end(),
                                           [](const auto& link) { return link.gone.empty() && !link.closed(); });
  return has_open_ticket ? Result<void>{} : load_storm(partner, item);
}

Result<void> Loader::load_storm(const PartnerState& partner, Item& item) {
  if (item.row.group_key.empty() || !item.row.raised_at || !partner.document) return {};
  const Duration window = partner.storm_window;
  auto neighbours = store_.group_members(item.row.ref.partner, item.row.group_key, *item.row.raised_at - window,
                                         partner.storm_neighbours);
  if (!neighbours) return tl::unexpected(neighbours.error());
  for (const store::RecordRow& each : *neighbours)
    if (each.raised_at) item.storm.raised_at.push_back(*each.raised_at);
  const std::array<store::RecordKey, 1> group{store::RecordKey{item.row.ref.partner, "group", item.row.group_key}};
  auto rows = store_.records(group);
  if (!rows) return tl::unexpected(rows.error());
  if (!(*rows)[0] || !(*rows)[0]->open) return {};
  auto parsed = model::parse_group({item.ref.partner, model::RecordKind::group, item.row.group_key}, (*rows)[0]->state);
  auto links = links_of(group[0]);
  if (!parsed) return tl::unexpected(parsed.error());
  if (!links) return tl::unexpected(links.error());
  item.storm.active = true;
  for (const workflows::TicketLink& link : *links) {
    if (link.anchor != workflows::storm_anchor(*parsed)) continue;
    item.storm.parent_number = link.ticket.value;
    // A storm ticket that technicians closed or removed gathers nothing more.
    if (!link.gone.empty() || (link.closed() && !link.closed_by_us)) item.storm.active = false;
  }
  return {};
}

Result<void> Loader::load_group(const PartnerState& partner, Item& item) {
  auto group = model::parse_group(item.ref, item.row.state);
  if (!group) return tl::unexpected(group.error());
  item.group = std::move(*group);
  const Duration window = partner.document ? partner.storm_window : kStormWindowMax;
  auto rows = store_.group_members(item.row.ref.partner, item.row.ref.key, item.group->started_at - kStormLookBack,
                                   workflows::kStormMembersMax);
  if (!rows) return tl::unexpected(rows.error());
  for (const store::RecordRow& row : *rows) {
    const bool recent = row.raised_at && *row.raised_at >= item.group->started_at - window;
    if (!recent && !row.open) continue;
    const model::RecordRef ref{item.ref.partner, model::RecordKind::alert, row.ref.key};
    auto alert = model::parse_alert(ref, row.state);
    if (!alert) return tl::unexpected(alert.error());
    workflows::StormMember member;
    member.name = alert->content.subject_name.empty() ? alert->content.subject : alert->content.subject_name;
    member.raised_at = row.raised_at.value_or(Timestamp{});
    member.open = row.open;
    auto links = links_of(row.ref);
    if (!links) return tl::unexpected(links.error());
    for (const workflows::TicketLink& link : *links)
      if (link.gone.empty() && !link.closed()) member.tickets.push_back(link.ticket);
    // An older alert with a ticket of its own has nothing to do with this storm.
    if (!recent && !member.tickets.empty()) continue;
    if (item.alert.ref.key.empty()) item.alert = *alert;
    item.members.push_back(std::move(member));
  }
  return {};
}

}  // namespace crosswalk::engine
