// Whether all that records have become is as our books say, and where it differs.
#include "engine/verify.h"

#include <algorithm>
#include <array>
#include <boost/json/array.hpp>
#include <set>

#include "engine/absence.h"
#include "engine/breather.h"
#include "engine/link_rows.h"
#include "engine/sweeper.h"
#include "mapping/personal_data.h"
#include "psa/object_fields.h"

namespace crosswalk::engine {
namespace json = boost::json;
namespace {

/// Records that are thought through before others get a turn.
constexpr std::size_t kThoughts = 10;

json::object field_json(std::string_view field, std::string_view before, std::string_view after, bool ours) {
  return {{"field", field}, {"before", before}, {"after", after}, {"owner", ours ? "product" : "psa"}};
}

std::string number_of(const std::optional<std::string>& ticket) { return ticket ? "#" + *ticket : std::string(); }

/// What of a ticket is another than it was. `owned`: the fields that would be set back.
json::array changes_of(const psa::Object& before, const psa::Object& after, const std::set<std::string>& owned) {
  json::array fields;
  for (const psa::ObjectField& field : psa::object_fields(psa::ObjectKind::ticket)) {
    const psa::Value *then = before.find(field.name), *now = after.find(field.name);
    if (psa::same(then, now)) continue;
    const std::string name(field.name);
    fields.push_back(field_json(name, psa::shown(then), psa::shown(now), owned.contains(name)));
  }
  const psa::Progress was = before.progress.value_or(psa::Progress{}), is = after.progress.value_or(psa::Progress{});
  if (was.parent != is.parent)
    fields.push_back(field_json("parent", number_of(was.parent), number_of(is.parent), false));
  // Such a ticket is ours no more.
  if (was.merged_into != is.merged_into)
    fields.push_back(field_json("merged_into", number_of(was.merged_into), number_of(is.merged_into), true));
  if (was.of_project != is.of_project)
    fields.push_back(field_json("of_project", was.of_project ? "yes" : "", is.of_project ? "yes" : "", true));
  return fields;
}

/// Whether the product's value is not there, and would be set back.
bool is_overruled(const Item& item, const std::string& field, const psa::Value* shown) {
  if (!item.wanted() || item.only_link()->theirs.contains(field)) return false;
  const workflows::DesiredField* wanted = workflows::find_field(item.wanted()->fields, field);
  if (!wanted || wanted->ownership != mapping::Ownership::product) return false;
  return shown ? *shown != wanted->value : wanted->value.flag() != false;
}

json::array changes_of(const Item& item, const psa::Values& before, const psa::Values& after) {
  std::set<std::string> names;
  for (const auto& [name, value] : before) names.insert(name);
  for (const auto& [name, value] : after) names.insert(name);
  json::array fields;
  for (const std::string& name : names) {
    const psa::Value *was = psa::find(before, name), *is = psa::find(after, name);
    if (psa::same(was, is)) continue;
    fields.push_back(field_json(name, psa::shown(was), psa::shown(is), is_overruled(item, name, is)));
  }
  return fields;
}

bool any_ours(const json::array& fields) {
  return std::ranges::any_of(fields, [](const json::value& each) { return each.at("owner").as_string() == "product"; });
}

}  // namespace

boost::asio::awaitable<Result<Verification::Verified>> Verification::verify_kind(PartnerState& partner,
                                                                                 const psa::Psa& psa,
                                                                                 psa::ObjectKind kind) {
  Verified verified;
  const std::string name(psa::to_string(kind));
  const auto linked = store_.linked_objects(partner.row.id, name);
  if (!linked) co_return tl::unexpected(linked.error());
  verified.linked = *linked;
  if (linked->empty()) co_return verified;
  if (kind == psa::ObjectKind::ticket) {
    auto found = co_await psa.objects->objects(kind, psa::Lane::sweep);
    if (!found.complete) co_return tl::unexpected(found.error);
    std::map<std::string, Seen> read;
    for (const psa::Object& each : found.items) read[each.id.value] = {each.updated_at, each.updated_by};
    const auto news = news_of(store_, partner, kind, read);
    if (!news) co_return tl::unexpected(news.error());
    const std::set<std::string> newer(news->begin(), news->end());
    for (psa::Object& each : found.items) {
      const std::string id = each.id.value;
      verified.there.insert(id);
      if (newer.contains(id)) verified.tickets.insert_or_assign(id, std::move(each));
    }
    co_return verified;
  }
  // Field by field: that nothing was marked as updated proves nothing.
  auto found = co_await psa.objects->objects(kind, psa::Lane::sweep);
  if (!found.complete) co_return tl::unexpected(found.error);
  for (psa::Object& each : found.items) {
    if (each.deleted) continue;
    const std::array<std::string, 1> id{each.id.value};
    const auto links = store_.links_to(partner.row.id, name, id);
    if (!links) co_return tl::unexpected(links.error());
    verified.there.insert(each.id.value);
    bool differs = false;
    for (const store::LinkRow& row : *links) {
      const auto link = read_link(row);
      psa::Values believed = link && link->observed ? link->observed->values : psa::Values{}, shown = each.values;
      for (psa::Values* values : {&believed, &shown}) mapping::drop_unnamed(partner.document_of(kind), kind, *values);
      differs |= !link || believed != shown;
    }
    if (differs) verified.objects.insert_or_assign(id[0], std::move(each));
  }
  co_return verified;
}

boost::asio::awaitable<Result<Verification::Difference>> Verification::difference_of(
    PartnerState& partner, const store::Store::LinkedObject& linked, const Verified& verified) {
  Difference difference;
  auto rows = store_.records(std::span(&linked.ref, 1));
  if (!rows) co_return tl::unexpected(rows.error());
  if (!(*rows)[0]) co_return difference;
  std::vector<store::RecordRow> wanted;
  wanted.push_back(std::move(*(*rows)[0]));
  auto items = loader_.load(partner, std::move(wanted));
  if (!items) co_return tl::unexpected(items.error());
  Item& item = items->front();
  if (item.broken) {
    // The look that follows parks it.
    difference.ours = true;
    co_return difference;
  }
  if (const auto ticket = verified.tickets.find(linked.object_id); ticket != verified.tickets.end()) {
    const auto link =
        std::ranges::find(item.links, linked.object_id, [](const workflows::Link& each) { return each.object.value; });
    if (link == item.links.end()) co_return difference;
    const std::string anchor = link->anchor;
    const psa::Object before = link->observed.value_or(psa::Object{});
    // What would be written to the ticket as it is now tells what of it is ours.
    workflows::observe(*link, ticket->second, clock_.now());
    const psa::Psa no_calls;
    co_await reconciler_.run(partner, no_calls, item, Purpose::pretend);
    std::set<std::string> owned;
    for (const plan::Step& step : item.steps)
      if (step.anchor == anchor)
        for (const plan::FieldChange& each : step.changes) owned.insert(each.field);
    difference.fields = changes_of(before, ticket->second, owned);
  } else if (const auto object = verified.objects.find(linked.object_id);
             object != verified.objects.end() && item.only_link()) {
    consider(partner, item, clock_.now());
    const workflows::Link& link = *item.only_link();
    const psa::ObjectKind kind = link.object.kind;
    psa::Values believed = link.observed ? link.observed->values : psa::Values{}, shown = object->second.values;
    for (psa::Values* values : {&believed, &shown}) mapping::drop_unnamed(partner.document_of(kind), kind, *values);
    difference.fields = changes_of(item, believed, shown);
  }
  difference.ours = any_ours(difference.fields);
  co_return difference;
}

boost::asio::awaitable<Result<json::object>> Verification::verify(PartnerId id) {
  const auto partner = co_await partners_.use(id.value);
  if (!partner) co_return tl::unexpected(partner.error());
  const auto turn = co_await partners_.ask(**partner);
  if (!turn) co_return tl::unexpected(turn.error());
  co_return co_await verify_held(**partner);
}

boost::asio::awaitable<Result<json::object>> Verification::verify_held(PartnerState& partner) {
  const Result<psa::Psa> psa = partners_.session(partner, true);
  if (!psa) co_return tl::unexpected(psa.error());
  json::array kinds, findings, others;
  store::Transaction transaction;
  const Timestamp now = clock_.now();
  Breather breather(kThoughts);
  for (const psa::ObjectKind kind : kFollowedKinds) {
    const std::string name(psa::to_string(kind));
    const auto verified = co_await verify_kind(partner, *psa, kind);
    if (!verified) co_return tl::unexpected(verified.error());
    if (verified->linked.empty()) continue;
    std::int64_t agree = 0, changed = 0, missing = 0, touched = 0;
    const auto compared = compare(store_, partner.row.id, kind, psa->instance, verified->linked, verified->there);
    if (!compared) co_return tl::unexpected(compared.error());
    // What is hidden from us is told as missing, and not looked at one by one: nothing would come of it.
    const bool hidden = is_doubtful(compared->absence, absent_percent_max(partner, kind));
    if (hidden) {
      const Error error = rows_hidden(kind, compared->absence);
      note_rows(partner, kind, &error, now);
    }
    for (const store::Store::LinkedObject& each : verified->linked) {
      const bool there = verified->there.contains(each.object_id);
      const bool differs = verified->tickets.contains(each.object_id) || verified->objects.contains(each.object_id);
      if (there && !differs) {
        ++agree;
        continue;
      }
      json::object finding{{"record", json::object{{"kind", each.ref.kind}, {"key", each.ref.key}}},
                           {"object", json::object{{"kind", name}, {"id", each.object_id}}}};
      if (there || !hidden) transaction.changed.push_back({partner.row.id, name, each.object_id, now});
      if (!there) {
        ++missing;
        finding["finding"] = "missing";
        finding["fields"] = json::array{};
        findings.push_back(std::move(finding));
        continue;
      }
      co_await breather.breathe();
      auto difference = co_await difference_of(partner, each, *verified);
      if (!difference) co_return tl::unexpected(difference.error());
      ++(difference->ours ? changed : touched);
      finding["fields"] = std::move(difference->fields);
      if (difference->ours) finding["finding"] = "changed";
      (difference->ours ? findings : others).push_back(std::move(finding));
    }
    kinds.push_back(json::object{{"kind", name},
                                 {"linked", verified->linked.size()},
                                 {"read", verified->there.size()},
                                 {"agree", agree},
                                 {"changed", changed},
                                 {"missing", missing},
                                 {"touched", touched}});
  }
  // Of a partner that is paused nothing is looked at.
  const std::size_t again = partner.row.paused ? 0 : transaction.changed.size();
  if (!transaction.changed.empty()) {
    const auto written = co_await writer_.write(std::move(transaction));
    if (!written) co_return tl::unexpected(written.error());
    if (!partner.next_due || *partner.next_due > now) partner.next_due = now;
  }
  co_return json::object{{"partner", partner.row.id},       {"proven", findings.empty()},   {"kinds", std::move(kinds)},
                         {"findings", std::move(findings)}, {"touched", std::move(others)}, {"looked_at_again", again}};
}

}  // namespace crosswalk::engine
