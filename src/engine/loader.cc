#include "engine/loader.h"

#include <algorithm>
#include <array>
#include <map>

#include "engine/link_rows.h"
#include "workflows/entity_fields.h"
#include "workflows/lives.h"

namespace crosswalk::engine {
namespace {

/// How many neighbours of an alert are looked at to notice a storm; a mapping's limit above this counts as this.
constexpr int kNeighboursMax = 256;
/// Alerts that waited this long (for the PSA, for keys, for a mapping) still find their storm.
constexpr Duration kStormLookBack{std::chrono::hours{24}};
/// And this long where nothing is found within it.
constexpr Duration kStormLookBackMax{std::chrono::days{90}};
/// The longest storm window that is looked back.
constexpr Duration kStormWindowMax{std::chrono::hours{1}};

/// How far a storm is looked back for, and how many neighbours tell it.
struct StormReach {
  Duration window{};
  std::size_t neighbours = 0;
  mapping::StormBy by = mapping::StormBy::condition;
  bool operator==(const StormReach&) const = default;
};

/// One more than the limit is enough to tell a storm: the oldest come first. What a level leaves out is the vendor's.
StormReach storm_reach(const mapping::TicketSettings& settings) {
  const mapping::TicketSettings& vendor = mapping::vendor_defaults().settings;
  const Duration window = settings.storm_window.value_or(vendor.storm_window.value_or(std::chrono::minutes{5}));
  const int limit = settings.storm_alerts.value_or(vendor.storm_alerts.value_or(10));
  return {std::min(window, kStormWindowMax), static_cast<std::size_t>(std::clamp(limit, 0, kNeighboursMax)) + 1,
          settings.storm_by.value_or(vendor.storm_by.value_or(mapping::StormBy::condition))};
}

/// Storms of one partner under way at once; a partner with more has other worries.
constexpr std::size_t kOpenGroupsMax = 10'000;

}  // namespace

void prepare_storm_view(PartnerState& partner) {
  const mapping::Document& document = *partner.document;
  StormReach longest = storm_reach(document.settings);
  partner.storms_differ = false;
  const auto consider = [&](const mapping::TicketSettings& settings) {
    if (!settings.storm_window && !settings.storm_alerts && !settings.storm_by) return;
    const StormReach each = storm_reach(settings);
    partner.storms_differ = true;
    longest.window = std::max(longest.window, each.window);
    longest.neighbours = std::max(longest.neighbours, each.neighbours);
  };
  for (const mapping::Rule& rule : document.rules) consider(rule.set);
  for (const auto& [key, customer] : document.customers) consider(customer.settings);
  partner.storm_window = longest.window;
  partner.storm_neighbours = longest.neighbours;
  partner.storm_by = longest.by;
}

void read_open_groups(store::Store& store, PartnerState& partner) {
  if (partner.open_groups) return;
  store::Store::RecordQuery query;
  query.partner = partner.row.id;
  query.kind = "group";
  query.open_only = true;
  query.count_max = kOpenGroupsMax;
  const auto groups = store.list_records(query);
  if (!groups) return;
  partner.open_groups.emplace();
  for (const store::RecordRow& group : *groups) partner.open_groups->insert(group.ref.key);
}

Result<std::vector<Item>> Loader::load(const PartnerState& partner, std::vector<store::RecordRow> rows) {
  std::vector<Item> items;
  items.reserve(rows.size());
  for (store::RecordRow& row : rows) {
    Item item;
    const auto kind = model::parse_record_kind(row.ref.kind);
    if (!kind) item.broken = Error{"store.corrupt", "There is no kind of record \"" + row.ref.kind + "\".", {}};
    item.ref = {PartnerId(row.ref.partner), kind.value_or(model::RecordKind::alert), row.ref.key};
    item.attempts = row.attempts;
    item.row = std::move(row);
    items.push_back(std::move(item));
  }
  if (auto loaded = load_links(items); !loaded) return tl::unexpected(loaded.error());
  for (Item& item : items) {
    if (item.broken) continue;
    Result<void> loaded;
    switch (item.ref.kind) {
      case model::RecordKind::alert:
        loaded = load_alert(partner, item);
        break;
      case model::RecordKind::group:
        loaded = load_group(partner, item);
        break;
      case model::RecordKind::customer:
      case model::RecordKind::contact:
      case model::RecordKind::device:
        loaded = load_object(partner, item);
        break;
      case model::RecordKind::usage:
        item.broken = Error{"store.corrupt", "No workflow knows what to do with a record of this kind.", {}};
        break;
    }
    if (!loaded) return tl::unexpected(loaded.error());
  }
  if (auto loaded = load_companies(partner, items); !loaded) return tl::unexpected(loaded.error());
  return items;
}

Result<void> Loader::load_object(const PartnerState& partner, Item& item) {
  auto entity = model::parse_entity(item.ref, item.row.state);
  if (!entity) {
    item.broken = entity.error();
    return {};
  }
  item.entity = std::move(*entity);
  if (item.ref.kind != model::RecordKind::customer || !partner.document) return {};
  const auto mapped = partner.document->customers.find(item.ref.key);
  if (mapped == partner.document->customers.end()) return {};
  item.mapped_company = mapped->second.company;
  item.mapped_excluded = mapped->second.excluded;
  return {};
}

Result<std::map<std::string, psa::Reference>> Loader::companies_of(const PartnerState& partner,
                                                                   const std::set<std::string>& customers) {
  std::map<std::string, psa::Reference> companies;
  std::vector<store::RecordKey> unknown;
  for (const std::string& customer : customers) {
    const mapping::CustomerMapping* mapped = nullptr;
    if (partner.document) {
      const auto found = partner.document->customers.find(customer);
      if (found != partner.document->customers.end()) mapped = &found->second;
    }
    if (mapped && !mapped->company.empty())
      companies[customer] = mapped->company;
    else if (!(mapped && mapped->excluded) && partner.document_of(model::RecordKind::customer))
      unknown.push_back({partner.row.id, "customer", customer});
  }
  auto rows = store_.links(unknown);
  if (!rows) return tl::unexpected(rows.error());
  for (const store::LinkRow& row : *rows) {
    auto link = read_link(row);
    // The customer's own record says so, where it is looked at; here nobody is told a wrong company.
    if (!link) continue;
    if (link->gone.empty()) companies[row.ref.key] = {link->object.value, psa::shown(link->seen("name"))};
  }
  return companies;
}

Result<void> Loader::load_companies(const PartnerState& partner, std::vector<Item>& items) {
  // A customer's own company is what its record becomes.
  const auto customer = [](const Item& item) {
    return item.broken || item.ref.kind == model::RecordKind::customer ? std::string() : customer_of(item);
  };
  std::set<std::string> customers;
  for (const Item& item : items)
    if (std::string key = customer(item); !key.empty()) customers.insert(std::move(key));
  const auto companies = companies_of(partner, customers);
  if (!companies) return tl::unexpected(companies.error());
  for (Item& item : items) {
    const auto company = companies->find(customer(item));
    if (company != companies->end()) item.company = company->second;
  }
  return {};
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
      const store::LinkRow& row = (*rows)[at++];
      const auto kind = psa::parse_object_kind(row.object_kind);
      auto link =
          kind ? read_link(row) : failure("store.corrupt", "There is no kind of object \"" + row.object_kind + "\".");
      // Without it, what has an object already would get another one.
      if (!link) {
        item.broken = link.error();
        continue;
      }
      if (link->anchor == workflows::kOnlyLife) {
        item.was_linked = true;
        if (link->gone.empty()) item.linked_before = link->object.value;
      }
      if (row.stale) item.stale_links.insert(link->anchor);
      item.links.push_back(std::move(*link));
    }
    item.links_before = item.links;
    item.product_listens = store_.outbound().has_webhooks();
  }
  return {};
}

Result<std::vector<workflows::Link>> Loader::links_of(const store::RecordKey& ref) {
  const std::array<store::RecordKey, 1> refs{ref};
  auto rows = store_.links(refs);
  if (!rows) return tl::unexpected(rows.error());
  std::vector<workflows::Link> links;
  for (const store::LinkRow& row : *rows)
    if (auto link = read_link(row)) links.push_back(std::move(*link));
  return links;
}

Result<void> Loader::load_alert(const PartnerState& partner, Item& item) {
  auto alert = model::parse_alert(item.ref, item.row.state);
  if (!alert) {
    item.broken = alert.error();
    return {};
  }
  item.alert = std::move(*alert);
  std::vector<store::RecordKey> related;
  const std::string& device = model::device_of(item.alert.content);
  related.push_back({item.row.ref.partner, "device", device});
  related.push_back({item.row.ref.partner, "customer", item.alert.content.customer});
  auto rows = store_.records(related);
  if (!rows) return tl::unexpected(rows.error());
  for (std::size_t i = 0; i < 2; ++i) {
    if (!(*rows)[i]) continue;
    const auto kind = i == 0 ? model::RecordKind::device : model::RecordKind::customer;
    auto entity = model::parse_entity({item.ref.partner, kind, related[i].key}, (*rows)[i]->state);
    // An alert is worth its ticket also when what is known of its device cannot be read.
    if (!entity) continue;
    (i == 0 ? item.device : item.customer) = std::move(*entity);
  }
  const mapping::ObjectDocument* devices = partner.document_of(model::RecordKind::device);
  if (item.device && devices) {
    const std::array<store::RecordKey, 1> key{related[0]};
    auto links = store_.links(key);
    if (!links) return tl::unexpected(links.error());
    const auto decision = devices->decisions.find(device);
    const bool excluded = decision != devices->decisions.end() && decision->second.excluded;
    if (!links->empty()) {
      auto link = read_link(links->front());
      if (link && link->gone.empty()) item.configuration = link->object.value;
    }
    item.configuration_expected = item.configuration.empty() && devices->mode == mapping::Mode::live && !excluded;
  }
  const bool has_open_ticket = std::any_of(item.links.begin(), item.links.end(),
                                           [](const auto& link) { return link.gone.empty() && !link.closed(); });
  return has_open_ticket ? Result<void>{} : load_storm(partner, item);
}

Result<void> Loader::load_storm(const PartnerState& partner, Item& item) {
  if (item.row.group_key.empty() || !item.row.raised_at || !partner.document) return {};
  StormReach reach{partner.storm_window, partner.storm_neighbours, partner.storm_by};
  if (partner.storms_differ) {
    const mapping::Facts facts{&item.alert, item.device ? &*item.device : nullptr,
                               item.customer ? &*item.customer : nullptr};
    reach = storm_reach(mapping::resolve(*partner.document, facts).settings);
  }
  if (auto chosen = choose_storm(item, reach.by); !chosen) return chosen;
  auto neighbours = store_.group_members(item.row.ref.partner, item.row.group_key, *item.row.raised_at - reach.window,
                                         reach.neighbours);
  if (!neighbours) return tl::unexpected(neighbours.error());
  for (const store::RecordRow& each : *neighbours)
    if (each.raised_at) item.storm.raised_at.push_back(*each.raised_at);
  const std::array<store::RecordKey, 1> group{store::RecordKey{item.row.ref.partner, "group", item.row.group_key}};
  auto rows = store_.records(group);
  if (!rows) return tl::unexpected(rows.error());
  if (!(*rows)[0]) return {};
  auto parsed = model::parse_group({item.ref.partner, model::RecordKind::group, item.row.group_key}, (*rows)[0]->state);
  item.storm_broken = !parsed;
  if (!parsed) return {};
  auto links = links_of(group[0]);
  if (!links) return tl::unexpected(links.error());
  item.storm.active = (*rows)[0]->open && !workflows::is_split_off(*parsed, *item.row.raised_at);
  for (const workflows::Link& link : *links) {
    if (link.anchor != workflows::storm_anchor(*parsed)) continue;
    if (item.storm.active) item.storm.parent_number = link.object.value;
    // As the storm counts its alerts. What was raised after its end was no part of it.
    const bool belongs = *item.row.raised_at >= parsed->started_at - reach.window &&
                         ((*rows)[0]->open || *item.row.raised_at <= link.observed_at) &&
                         !workflows::is_split_off(*parsed, *item.row.raised_at);
    if (belongs) item.storm.past_number = link.object.value;
    // A storm ticket that technicians closed or removed gathers nothing more.
    if (link.gone.empty() && !link.closed_by_people()) continue;
    item.storm.active = false;
    item.storm.parent_number = link.object.value;
    item.storm.ended_by_people = workflows::ended_at(link);
    item.storm.parent_made_at = link.linked_at;
    item.storm.parent_posted = link.posted;
  }
  return {};
}

Result<void> Loader::choose_storm(Item& item, mapping::StormBy by) {
  const std::string alone = workflows::storm_key(item.alert, nullptr, mapping::StormBy::condition);
  if (by == mapping::StormBy::condition && item.row.group_key == alone) return {};
  std::string wanted = workflows::storm_key(item.alert, item.device ? &*item.device : nullptr, by);
  if (wanted == item.row.group_key && wanted == alone) return {};
  const std::array<store::RecordKey, 2> keys{store::RecordKey{item.row.ref.partner, "group", item.row.group_key},
                                             store::RecordKey{item.row.ref.partner, "group", wanted}};
  auto rows = store_.records(keys);
  if (!rows) return tl::unexpected(rows.error());
  const auto group_of = [&](std::size_t at) -> std::optional<model::Group> {
    if (!(*rows)[at]) return std::nullopt;
    auto group = model::parse_group({item.ref.partner, model::RecordKind::group, keys[at].key}, (*rows)[at]->state);
    return group ? std::optional(std::move(*group)) : std::nullopt;
  };
  const std::optional<model::Group> present = group_of(0), next = group_of(1);
  const Timestamp raised_at = *item.row.raised_at;
  if (next && workflows::is_split_off(*next, raised_at)) wanted = alone;
  if (wanted == item.row.group_key) return {};
  if (present && (*rows)[0]->open && !workflows::is_split_off(*present, raised_at)) return {};
  item.row.group_key = wanted;
  item.regrouped = true;
  return {};
}

/// What is open first: a storm is over only when nothing is. Then what has resolved, as far as there is room.
Result<std::vector<store::RecordRow>> Loader::members_of(const Item& item, Duration look_back) {
  const std::string &partner = item.row.ref.partner, &group = item.row.ref.key;
  auto rows = store_.open_group_members(partner, group, workflows::kStormMembersMax);
  if (!rows || rows->size() >= workflows::kStormMembersMax) return rows;
  auto others = store_.group_members(partner, group, item.group->started_at - look_back, workflows::kStormMembersMax);
  if (!others) return others;
  for (store::RecordRow& row : *others)
    if (!row.open && rows->size() < workflows::kStormMembersMax) rows->push_back(std::move(row));
  std::stable_sort(rows->begin(), rows->end(), [](const store::RecordRow& left, const store::RecordRow& right) {
    return left.raised_at < right.raised_at;
  });
  return rows;
}

Result<void> Loader::load_group(const PartnerState& partner, Item& item) {
  auto group = model::parse_group(item.ref, item.row.state);
  if (!group) {
    item.broken = group.error();
    return {};
  }
  item.group = std::move(*group);
  // Alerts may have waited for long before their storm began, for a mapping or until a wider one was split.
  for (const Duration look_back : {kStormLookBack, kStormLookBackMax}) {
    auto rows = members_of(item, look_back);
    if (!rows) return tl::unexpected(rows.error());
    if (auto loaded = load_members(partner, item, *rows); !loaded) return loaded;
    if (!item.members.empty()) break;
  }
  return {};
}

Result<void> Loader::load_members(const PartnerState& partner, Item& item, const std::vector<store::RecordRow>& rows) {
  const Duration window = partner.document ? partner.storm_window : kStormWindowMax;
  for (const store::RecordRow& row : rows) {
    if (row.raised_at && row.open && workflows::is_split_off(*item.group, *row.raised_at)) continue;
    const model::RecordRef ref{item.ref.partner, model::RecordKind::alert, row.ref.key};
    auto alert = model::parse_alert(ref, row.state);
    if (!alert) continue;
    workflows::StormMember member = workflows::storm_member(*alert, row.raised_at.value_or(Timestamp{}), row.open);
    const bool recent = member.raised_at >= item.group->started_at - window;
    // It was open when the storm began.
    const bool ended_since = member.resolved_at && *member.resolved_at >= item.group->started_at;
    if (!recent && !row.open && !ended_since) continue;
    auto links = links_of(row.ref);
    if (!links) return tl::unexpected(links.error());
    for (const workflows::Link& link : *links)
      if (link.gone.empty() && !link.closed()) member.tickets.push_back(link.object);
    // An older alert with a ticket of its own has nothing to do with this storm.
    if (!recent && !member.tickets.empty()) continue;
    if (item.alert.ref.key.empty()) item.alert = *alert;
    item.members.push_back(std::move(member));
    item.member_keys.push_back(row.ref.key);
  }
  return count_members(item, rows.size() >= workflows::kStormMembersMax, item.group->started_at - window);
}

/// Those that are listed are known one by one; only where they are too many the store is asked how many there are.
Result<void> Loader::count_members(Item& item, bool is_cut, Timestamp since) {
  item.member_count.all = static_cast<std::int64_t>(item.members.size());
  item.member_count.open = std::ranges::count_if(item.members, [](const auto& each) { return each.open; });
  if (!is_cut) return {};
  // What is open comes first: it is known one by one unless it fills the list alone.
  const bool all_open = item.member_count.open >= static_cast<std::int64_t>(workflows::kStormMembersMax);
  auto counted = store_.count_group_members(item.ref.partner.value, item.ref.key, since);
  if (!counted) return tl::unexpected(counted.error());
  item.member_count.all = std::max(item.member_count.all, counted->all);
  if (all_open) item.member_count.open = std::max(item.member_count.open, counted->open);
  return {};
}

}  // namespace crosswalk::engine
