#include "engine/observer.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/serialize.hpp>
#include <utility>

#include "base/text.h"
#include "engine/absence.h"
#include "engine/value_words.h"
#include "engine/wanted.h"
#include "mapping/personal_data.h"
#include "plan/markers.h"
#include "psa/object_fields.h"

namespace crosswalk::engine {
namespace json = boost::json;
namespace {

/// What a record has become for good, and not for one of several lives.
bool is_for_good(const workflows::Link& link) { return link.anchor == workflows::kOnlyLife; }

/// What has become of a lost call is seen by the object itself; what carries a reference was looked for by that.
bool ends_doubt(const Item& item, const workflows::Link& link) { return item.in_doubt && is_for_good(link); }

/// How an object that was read differs from what is known of it, for the story; empty: it does not.
std::string news_in_words(const workflows::Link& before, const workflows::Link& after, const psa::Object& seen,
                          const std::string& changes) {
  if (!after.gone.empty() && before.gone.empty())
    return fmt::format("{} {} is {} in ConnectWise.", psa::to_string(after.object.kind), after.object.value,
                       after.gone);
  if (after.gone.empty() && !before.gone.empty()) return "It is there again.";
  if (changes.empty()) return "";
  return fmt::format("Changed in ConnectWise{}{}: {}", seen.updated_by.empty() ? "" : " by " + seen.updated_by,
                     seen.updated_at ? " at " + format_timestamp(*seen.updated_at) : "", changes);
}

/// Its object carries a reference, and may have been made without our books knowing.
bool is_looked_up(const Item& item) { return item.in_doubt && !item.stop && workflow_of(item).has_several_lives(); }

bool lower_number(const psa::Object& left, const psa::Object& right) {
  return left.id.value.size() != right.id.value.size() ? left.id.value.size() < right.id.value.size()
                                                       : left.id.value < right.id.value;
}

}  // namespace

boost::asio::awaitable<void> Observer::observe(PartnerState& partner, const psa::Psa& psa, std::vector<Item>& items,
                                               Purpose purpose) {
  for (Item& item : items) {
    if (item.stop || !item.entity) continue;
    item.person_agrees = purpose != Purpose::apply;
    if (const auto index = partner.indexes.find(kind_of(item)); index != partner.indexes.end())
      index->second->tell(*item.entity);
  }
  leaving_.count(partner, items);
  if (!psa.objects) co_return;
  for (Item& item : items) {
    if (item.stop) continue;
    item.instance = psa.instance;
    // Its ids mean something else where the partner is now: nothing of it is written to, and it is looked for anew.
    const workflows::Link* link = item.only_link();
    if (link && !link->instance.empty() && link->instance != psa.instance) {
      item.links.clear();
      item.was_linked = false;
    }
    think(partner, item, clock_.now());
  }
  const Timestamp began = clock_.now();
  co_await look_up(partner, psa, items);
  for (Item& item : items)
    if (!item.stop) think(partner, item, clock_.now());
  co_await look_at_links(partner, psa, items, purpose, began);
  for (Item& item : items)
    if (!item.stop) think(partner, item, clock_.now());
  co_await search_.search(partner, psa, items);
  for (Item& item : items) {
    if (item.stop) continue;
    think(partner, item, clock_.now());
    // Where nothing is asked for, there is nothing to look for, and no doubt that could be ended by looking.
    if (item.in_doubt && !item.looked_up_at && !item.only_link()) {
      item.looked_up_at = clock_.now();
      // Once its customer is known, or the person is back, there will be.
      item.doubt_stays = item.answer.held && (item.answer.held->code == "mapping.customer_unknown" ||
                                              item.answer.held->code == "contact.opted_out");
    }
    co_await ask_about(partner, psa, item);
  }
  co_await search_.view_decided(partner, psa, items);
  if (purpose == Purpose::apply) leaving_.note(partner, items);
}

/// What the next step of the record asks of the PSA.
boost::asio::awaitable<void> Observer::ask_about(PartnerState& partner, const psa::Psa& psa, Item& item) {
  co_await questions_.find_contact(partner, psa, item);
  if (item.stop) co_return;
  co_await questions_.refuse_invoiced(partner, psa, item);
  if (item.stop) co_return;
  co_await questions_.look_for_people(partner, psa, item);
  if (item.stop || !item.in_doubt) co_return;
  co_await look_up_notes(partner, psa, item);
}

/// Whether an object is to be read: the PSA has told of a change, events ask how it stands, it is about to be changed,
/// or a call whose answer was lost may have changed it.
bool Observer::is_to_be_looked_at(const Item& item, const workflows::Link& link, const std::optional<Next>& next,
                                  Purpose purpose) {
  const bool told = item.stale_links.contains(link.anchor);
  if (is_for_good(link)) return told || item.in_doubt;
  if (purpose == Purpose::apply && item.answer.mode == mapping::Mode::off) return false;
  // A life that can change no more needs no look.
  const auto desired = std::ranges::find(item.answer.wanted, link.anchor, &workflows::Desired::anchor);
  if (desired == item.answer.wanted.end()) return false;
  const bool is_next = next && item.answer.wanted[next->wanted].anchor == link.anchor;
  return told || desired->look_again || (is_next && desired->looks_before_changes);
}

/// The links of one record that are to be looked at, by the kind of their objects.
void Observer::choose_looks(Item& item, Purpose purpose, Timestamp began, Looks& looks) {
  const Timestamp now = clock_.now();
  const bool changes = std::ranges::any_of(item.answer.wanted, &workflows::Desired::looks_before_changes);
  const std::optional<Next> next = changes ? next_of(item, clock_.now()) : std::nullopt;
  for (const workflows::Link& link : item.links) {
    if (!is_to_be_looked_at(item, link, next, purpose)) continue;
    // What was seen "later" than now was seen before the system's clock was set back.
    if (link.observed_at >= began && link.observed_at <= now) continue;
    const bool is_anothers = !link.successor.empty();
    if (is_anothers) {
      // What it was is another record's to look at.
      item.change(link);
      item.looked_at.insert(link.anchor);
    }
    // Nothing more is read of a person who has opted out, so there is nothing that could end a doubt.
    if (is_anothers || (item.entity && mapping::has_opted_out(item.entity->attributes)))
      item.looked_up_at = now;
    else
      looks[link.object.kind].push_back({&item, link.anchor, link.object.value});
  }
}

boost::asio::awaitable<void> Observer::look_at_links(PartnerState& partner, const psa::Psa& psa,
                                                     std::vector<Item>& items, Purpose purpose, Timestamp began) {
  Looks looks;
  for (Item& item : items)
    if (!item.stop) choose_looks(item, purpose, began, looks);
  for (const auto& [kind, list] : looks) {
    std::vector<std::string> ids;
    psa::Lane lane = psa::Lane::records;
    for (const Look& each : list) {
      ids.push_back(each.id);
      lane = std::min(lane, lane_of(*each.item));
    }
    const bool any_for_good =
        std::ranges::any_of(list, [](const Look& each) { return is_for_good(*each.item->find_link(each.anchor)); });
    if (any_for_good) metrics_.lookups += 1;
    const Timestamp asked_at = clock_.now();
    const auto found = co_await psa.objects->objects_by_id(kind, ids, lane);
    std::map<std::string, const psa::Object*> by_id;
    std::set<std::string> absent, shown;
    for (const psa::Object& each : found.items) {
      by_id[each.id.value] = &each;
      shown.insert(each.id.value);
    }
    for (const Look& each : list)
      if (each.item->find_link(each.anchor)->gone.empty() && !by_id.contains(each.id)) absent.insert(each.id);
    Result<void> believed;
    if (found.complete) believed = co_await rows_.believe_absent(partner, psa, kind, absent, shown);
    if (found.complete && believed) rows_.note_shown(partner, kind, shown);
    for (const Look& each : list) {
      Item& item = *each.item;
      if (!found.complete) {
        if (!item.stop) waits_.postpone(partner, item, found.error, found.disposition, found.retry_after);
        continue;
      }
      if (!believed && absent.contains(each.id)) {
        waits_.wait_for_rows(partner, item, believed.error());
        continue;
      }
      workflows::Link& link = *item.find_link(each.anchor);
      const auto object = by_id.find(each.id);
      if (object == by_id.end())
        take_absence(partner, item, link);
      else
        take_view(partner, item, link, partner.kept_of(*object->second));
      if (ends_doubt(item, link)) item.looked_up_at = asked_at;
    }
  }
}

/// The object is not there any more.
void Observer::take_absence(PartnerState& partner, Item& item, workflows::Link& link) {
  const Timestamp now = clock_.now();
  item.change(link);
  item.looked_at.insert(link.anchor);
  link.gone_sequence = std::exchange(link.observed_sequence, item.newest_sequence());
  const bool is_news = link.gone.empty();
  link.gone = "deleted";
  // The end of one of several lives is told by when it was last seen.
  if (!is_for_good(link)) return;
  link.observed_at = now;
  if (is_news)
    tell(item, fmt::format("{} {} is not there any more.", psa::to_string(link.object.kind), link.object.value));
  psa::Object missing;
  missing.id = link.object;
  missing.deleted = true;
  show(partner, missing);
}

void Observer::take_view(PartnerState& partner, Item& item, workflows::Link& link, const psa::Object& object) {
  item.change(link);
  item.looked_at.insert(link.anchor);
  const std::int64_t seen_before = std::exchange(link.observed_sequence, item.newest_sequence());
  if (object.external_reference != link.external_reference)
    return waits_.park(item, {"psa.ticket_not_ours",
                              fmt::format("Ticket #{} carries the reference \"{}\" and not ours.", link.object.value,
                                          object.external_reference),
                              {}});
  if (is_for_good(link)) {
    take_view_for_good(partner, item, link, object);
  } else {
    const auto seen_at = link.observed ? link.observed->updated_at : std::nullopt;
    const bool by_us = !link.member.empty() && equals_ignoring_case(object.updated_by, link.member);
    const bool changed = object.updated_at != seen_at && !by_us;
    if (item.product_listens && (changed || item.stale_links.contains(link.anchor))) item.to_hear.insert(link.anchor);
    workflows::observe(link, object, clock_.now());
  }
  if (object.progress && object.progress->merged_into) {
    link.gone = "merged into #" + *object.progress->merged_into;
    link.gone_sequence = seen_before;
  }
  show(partner, object);
}

/// Of what a record is for good the story tells field by field what people have changed.
void Observer::take_view_for_good(const PartnerState& partner, Item& item, workflows::Link& link,
                                  const psa::Object& object) {
  const workflows::Link known = link;
  const mapping::ObjectDocument* document = partner.document_of(item.ref.kind);
  psa::Values before = link.observed ? link.observed->values : psa::Values{};
  for (psa::Values* values : {&before, &link.kept, &link.written, &link.theirs})
    mapping::drop_unnamed(document, link.object.kind, *values);
  psa::Values shown = object.values;
  // What was not kept until now is no change.
  if (const std::string named = mapping::named_digest(document); link.named != named) {
    psa::keep_only(shown, [&](std::string_view field) { return before.contains(field); });
    link.named = named;
  }
  const std::string changes = changes_in_words(link.object.kind, before, shown, item.changed_there);
  link.gone.clear();
  workflows::observe(link, object, clock_.now());
  tell(item, news_in_words(known, link, object, changes));
}

void Observer::tell(Item& item, const std::string& text) const {
  if (text.empty()) return;
  item.journal.push_back(
      {0, item.row.ref, clock_.now(), json::serialize(json::object{{"kind", "decision"}, {"text", text}})});
}

/// Into the picture of the partner's PSA, where there is one.
void Observer::show(PartnerState& partner, const psa::Object& object) {
  const auto index = partner.indexes.find(object.id.kind);
  if (index != partner.indexes.end()) index->second->put(object);
}

boost::asio::awaitable<void> Observer::look_up(PartnerState& partner, const psa::Psa& psa, std::vector<Item>& items) {
  struct Candidate {
    Item* item;
    std::string anchor, reference;
  };
  if (std::ranges::none_of(items, is_looked_up)) co_return;
  std::vector<Candidate> candidates;
  for (Item& item : items) {
    if (!is_looked_up(item)) continue;
    for (std::string& anchor : workflow_of(item).possible_anchors(view_of(partner, item, clock_.now()), item.answer))
      if (!item.find_link(anchor)) {
        std::string reference = workflows::external_reference(item.ref, anchor);
        candidates.push_back({&item, std::move(anchor), std::move(reference)});
      }
  }
  const Timestamp asked_at = clock_.now();
  psa::Lane lane = psa::Lane::tickets;
  for (const Candidate& each : candidates) lane = std::min(lane, lane_of(*each.item));
  std::vector<std::string> references;
  for (const Candidate& each : candidates) references.push_back(each.reference);
  psa::ReadResult<psa::Object> found;
  found.complete = true;
  if (!references.empty()) {
    metrics_.lookups += 1;
    found = co_await psa.tickets->tickets_by_external_reference(references, lane);
  }
  // What is hidden from us would be made a second time.
  Result<void> believed;
  if (found.complete && found.items.empty() && !references.empty())
    believed = co_await rows_.believe_no_ticket(partner, psa);
  for (Item& item : items) {
    if (!is_looked_up(item)) continue;
    if (!found.complete)
      waits_.postpone(partner, item, found.error, found.disposition, found.retry_after);
    else if (!believed)
      waits_.wait_for_rows(partner, item, believed.error());
    else
      item.looked_up_at = asked_at;
  }
  if (!found.complete || !believed) co_return;
  std::sort(found.items.begin(), found.items.end(), lower_number);
  for (const Candidate& each : candidates) {
    int count = 0;
    for (const psa::Object& ticket : found.items) {
      if (ticket.external_reference != each.reference) continue;
      if (count++ == 0) adopt(*each.item, ticket, each.anchor);
    }
    if (count > 1)
      waits_.park(*each.item, {"psa.twins_found",
                               fmt::format("ConnectWise has {} tickets with the reference {}; the oldest one is kept.",
                                           count, each.reference),
                               {}});
  }
}

void Observer::adopt(Item& item, const psa::Object& ticket, const std::string& anchor) {
  workflows::Link link;
  link.anchor = anchor;
  link.anchored_at = item.time_of(anchor);
  link.external_reference = ticket.external_reference;
  link.object = ticket.id;
  link.made_by_us = true;
  link.how = "made by Crosswalk";
  link.linked_at = clock_.now();
  link.linked_sequence = item.sequence_of(anchor);
  link.written = ticket.values;
  link.observed = ticket;
  link.observed_at = clock_.now();
  link.member = ticket.created_by;
  if (!equals_ignoring_case(ticket.updated_by, link.member) && ticket.find(psa::field::owner))
    link.touched[workflows::Trace::owner].insert(ticket.updated_by);
  item.change(link);
  item.links.push_back(std::move(link));
  item.journal.push_back(
      {0, item.row.ref, clock_.now(),
       json::serialize(json::object{
           {"kind", "decision"},
           {"text",
            fmt::format("Ticket #{} was found by its reference {}: it had been made, and only the answer was lost.",
                        ticket.id.value, ticket.external_reference)}})});
}

boost::asio::awaitable<void> Observer::look_up_notes(PartnerState& partner, const psa::Psa& psa, Item& item) {
  for (workflows::Link& link : item.links) {
    if (link.planned || !link.gone.empty() || link.external_reference.empty()) continue;
    const Timestamp asked_at = clock_.now();
    metrics_.lookups += 1;
    const auto notes = co_await psa.tickets->notes(link.object.value, lane_of(item));
    if (!notes.complete) {
      waits_.postpone(partner, item, notes.error, notes.disposition, notes.retry_after);
      co_return;
    }
    item.looked_up_at = std::min(item.looked_up_at.value_or(asked_at), asked_at);
    // What was written may not be wanted at present, and be wanted again later: so all are kept that we do not know.
    for (const psa::TicketNote& note : notes.items)
      for (std::string& marker : plan::markers_in(note.text))
        if (!is_known_marker(link, marker) && link.found_markers.insert(std::move(marker)).second) item.change(link);
  }
}

}  // namespace crosswalk::engine
