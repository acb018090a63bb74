// What may have been done although nobody heard of it: looked for before it is done again.
#include <fmt/format.h>

#include <algorithm>
#include <boost/json/serialize.hpp>

#include "base/text.h"
#include "engine/reconciler.h"
#include "plan/markers.h"

namespace crosswalk::engine {
namespace json = boost::json;
namespace {

/// References that one record looks for after a restart or a lost answer.
constexpr std::size_t kLookUpAnchorsMax = 60;
/// Notes that could not be read are read again this much later.
constexpr Duration kNotesRetry{std::chrono::minutes{2}};
/// The PSA's clock and ours may differ, and what is told may come late.
constexpr Duration kNotesOverlap{std::chrono::hours{1}};

/// Anchors under which a ticket may have been made that our books do not know: those that we would use now, those of
/// the episodes, and the newest raises.
std::vector<std::string> possible_anchors(const Item& item) {
  if (item.group) return {workflows::storm_anchor(*item.group)};
  std::vector<std::string> anchors;
  const auto add = [&](const std::string& anchor) {
    if (anchors.size() < kLookUpAnchorsMax && std::find(anchors.begin(), anchors.end(), anchor) == anchors.end())
      anchors.push_back(anchor);
  };
  for (const workflows::DesiredTicket& each : item.answer.tickets) add(each.anchor);
  const std::vector<model::Episode> episodes = model::episodes(item.alert);
  for (auto each = episodes.rbegin(); each != episodes.rend(); ++each) add(each->anchor);
  const auto& happenings = item.alert.happenings;
  for (auto each = happenings.rbegin(); each != happenings.rend(); ++each)
    if (each->kind == model::Happening::Kind::raised) add(each->identity);
  return anchors;
}

std::int64_t sequence_of(const Item& item, const std::string& anchor) {
  for (const model::Happening& each : item.alert.happenings)
    if (each.identity == anchor) return each.sequence;
  return 0;
}

Timestamp time_of(const Item& item, const std::string& anchor) {
  for (const model::Happening& each : item.alert.happenings)
    if (each.identity == anchor) return each.time;
  return {};
}

bool lower_number(const psa::Ticket& left, const psa::Ticket& right) {
  return left.id.value.size() != right.id.value.size() ? left.id.value.size() < right.id.value.size()
                                                       : left.id.value < right.id.value;
}

}  // namespace

boost::asio::awaitable<void> Reconciler::look_up(PartnerState& partner, const psa::Psa& psa, std::vector<Item>& items) {
  struct Candidate {
    Item* item;
    std::string anchor, reference;
  };
  std::vector<Candidate> candidates;
  for (Item& item : items) {
    if (!item.in_doubt || item.stop || item.is_object()) continue;
    think(partner, item);
    for (std::string& anchor : possible_anchors(item))
      if (!item.find_link(anchor)) {
        std::string reference = workflows::external_reference(item.ref, anchor);
        candidates.push_back({&item, std::move(anchor), std::move(reference)});
      }
  }
  const Timestamp asked_at = clock_.now();
  std::vector<std::string> references;
  for (const Candidate& each : candidates) references.push_back(each.reference);
  psa::ReadResult<psa::Ticket> found;
  found.complete = true;
  if (!references.empty()) {
    metrics_.lookups += 1;
    found = co_await psa.tickets->tickets_by_external_reference(references, psa::Lane::tickets);
  }
  for (Item& item : items) {
    if (!item.in_doubt || item.stop || item.is_object()) continue;
    if (found.complete)
      item.looked_up_at = asked_at;
    else
      postpone(partner, item, found.error, found.disposition, found.retry_after);
  }
  if (!found.complete) co_return;
  std::sort(found.items.begin(), found.items.end(), lower_number);
  for (const Candidate& each : candidates) {
    int count = 0;
    for (const psa::Ticket& ticket : found.items) {
      if (ticket.external_reference != each.reference) continue;
      if (count++ == 0) adopt(*each.item, ticket, each.anchor);
    }
    if (count > 1)
      park(*each.item, {"psa.twins_found",
                        fmt::format("ConnectWise has {} tickets with the reference {}; the oldest one is kept.", count,
                                    each.reference),
                        {}});
  }
}

void Reconciler::adopt(Item& item, const psa::Ticket& ticket, const std::string& anchor) {
  workflows::TicketLink link;
  link.anchor = anchor;
  link.anchored_at = time_of(item, anchor);
  link.external_reference = ticket.external_reference;
  link.ticket = ticket.id;
  link.created_at = clock_.now();
  link.created_sequence = sequence_of(item, anchor);
  link.written = ticket.fields;
  link.observed = ticket;
  link.observed_at = clock_.now();
  item.changed_links.insert(anchor);
  item.links.push_back(std::move(link));
  item.journal.push_back(
      {0, item.row.ref, clock_.now(),
       json::serialize(json::object{
           {"kind", "decision"},
           {"text",
            fmt::format("Ticket #{} was found by its reference {}: it had been made, and only the answer was lost.",
                        ticket.id.value, ticket.external_reference)}})});
}

boost::asio::awaitable<void> Reconciler::look_up_notes(PartnerState& partner, const psa::Psa& psa, Item& item) {
  for (const workflows::DesiredTicket& desired : item.answer.tickets) {
    workflows::TicketLink* link = item.find_link(desired.anchor);
    const bool asked = link && std::any_of(desired.notes.begin(), desired.notes.end(),
                                           [&](const auto& note) { return !link->posted.contains(note.key); });
    if (!asked) continue;
    const Timestamp asked_at = clock_.now();
    metrics_.lookups += 1;
    auto notes = co_await psa.tickets->notes(link->ticket.value, psa::Lane::tickets);
    if (!notes.complete) {
      postpone(partner, item, notes.error, notes.disposition, notes.retry_after);
      co_return;
    }
    item.looked_up_at = std::min(item.looked_up_at.value_or(asked_at), asked_at);
    for (const workflows::DesiredNote& note : desired.notes) {
      const std::string marker = plan::note_marker(link->external_reference, note.key);
      for (const psa::TicketNote& each : notes.items)
        if (plan::carries(each.text, marker) && link->posted.insert(note.key).second)
          item.changed_links.insert(link->anchor);
    }
  }
}

boost::asio::awaitable<void> Reconciler::hear_notes(PartnerState& partner, const psa::Psa& psa, Item& item) {
  for (workflows::TicketLink& link : item.links) {
    if (!item.to_hear.contains(link.anchor) || !link.gone.empty()) continue;
    const auto notes = co_await psa.tickets->notes(link.ticket.value, psa::Lane::records);
    if (!notes.complete) {
      const bool passes = notes.disposition != Disposition::park && notes.disposition != Disposition::gone;
      if (!passes) item.to_hear.erase(link.anchor);
      const Timestamp later = clock_.now() + kNotesRetry;
      if (passes && (!item.due_at || *item.due_at > later)) item.due_at = later;
      continue;
    }
    item.to_hear.erase(link.anchor);
    take_notes(partner, notes.items, link, item);
  }
}

void Reconciler::take_notes(const PartnerState& partner, const std::vector<psa::TicketNote>& notes,
                            workflows::TicketLink& link, Item& item) {
  const std::string& us = link.member.empty() ? partner.member : link.member;
  // What was there when the ticket was last looked at is old, whether or not anybody was told.
  const auto before = std::ranges::find(*item.links_before, link.anchor, &workflows::TicketLink::anchor);
  Timestamp since = link.created_at;
  if (before != item.links_before->end()) since = std::max(since, before->observed_at);
  for (const psa::TicketNote& note : notes) {
    const bool ours = (!us.empty() && equals_ignoring_case(note.created_by, us)) ||
                      std::ranges::any_of(link.posted, [&](const std::string& key) {
                        return plan::carries(note.text, plan::note_marker(link.external_reference, key));
                      });
    const bool old = note.created_at && *note.created_at < since - kNotesOverlap;
    if (note.kind == psa::NoteKind::internal || ours || old) continue;
    if (!link.told_notes.insert(note.id).second) continue;
    item.changed_links.insert(link.anchor);
    item.heard_notes.emplace_back(link.ticket, note);
  }
}

}  // namespace crosswalk::engine
