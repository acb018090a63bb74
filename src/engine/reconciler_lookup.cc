// What may have been done although nobody heard of it: looked for before it is done again.
#include <fmt/format.h>

#include <algorithm>
#include <boost/json/serialize.hpp>

#include "base/catalogue.h"
#include "base/text.h"
#include "engine/reconciler.h"
#include "plan/markers.h"
#include "psa/object_fields.h"
#include "workflows/lives.h"

namespace crosswalk::engine {
namespace json = boost::json;
namespace {

/// Notes that could not be read are read again this much later.
constexpr Duration kNotesRetry{std::chrono::minutes{2}};
/// How long it is taken for granted who has which e-mail address, and how many answers are kept of one partner.
constexpr Duration kContactKept{std::chrono::minutes{10}};
constexpr std::size_t kContactsMax = 1'000;
/// The PSA's clock and ours may differ, and what is told may come late.
constexpr Duration kNotesOverlap{std::chrono::hours{1}};

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

/// Whether a note with this marker stands in our books.
bool is_known(const workflows::Link& link, const std::string& marker) {
  return std::ranges::any_of(
      link.posted, [&](const std::string& key) { return plan::note_marker(link.external_reference, key) == marker; });
}

/// Whether we have written the note: by its signature, or by its marker.
bool is_ours(const PartnerState& partner, const workflows::Link& link, const psa::TicketNote& note) {
  const std::string& us = link.member.empty() ? partner.member : link.member;
  if (!us.empty() && equals_ignoring_case(note.created_by, us)) return true;
  return std::ranges::any_of(plan::markers_in(note.text), [&](const std::string& marker) {
    return link.found_markers.contains(marker) || is_known(link, marker);
  });
}

/// Its object carries a reference, and may have been made without our books knowing.
bool is_looked_up(const Item& item) { return item.in_doubt && !item.stop && workflow_of(item).has_several_lives(); }

bool lower_number(const psa::Object& left, const psa::Object& right) {
  return left.id.value.size() != right.id.value.size() ? left.id.value.size() < right.id.value.size()
                                                       : left.id.value < right.id.value;
}

}  // namespace

boost::asio::awaitable<void> Reconciler::look_up(PartnerState& partner, const psa::Psa& psa, std::vector<Item>& items) {
  struct Candidate {
    Item* item;
    std::string anchor, reference;
  };
  if (std::ranges::none_of(items, is_looked_up)) co_return;
  std::vector<Candidate> candidates;
  for (Item& item : items) {
    if (!is_looked_up(item)) continue;
    for (std::string& anchor : workflow_of(item).possible_anchors(view_of(partner, item), item.answer))
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
  if (found.complete && found.items.empty() && !references.empty()) believed = co_await believe_no_ticket(partner, psa);
  for (Item& item : items) {
    if (!is_looked_up(item)) continue;
    if (!found.complete)
      postpone(partner, item, found.error, found.disposition, found.retry_after);
    else if (!believed)
      wait_for_rows(partner, item, believed.error());
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
      park(*each.item, {"psa.twins_found",
                        fmt::format("ConnectWise has {} tickets with the reference {}; the oldest one is kept.", count,
                                    each.reference),
                        {}});
  }
}

void Reconciler::adopt(Item& item, const psa::Object& ticket, const std::string& anchor) {
  workflows::Link link;
  link.anchor = anchor;
  link.anchored_at = time_of(item, anchor);
  link.external_reference = ticket.external_reference;
  link.object = ticket.id;
  link.made_by_us = true;
  link.how = "made by Crosswalk";
  link.linked_at = clock_.now();
  link.linked_sequence = sequence_of(item, anchor);
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

boost::asio::awaitable<void> Reconciler::look_up_notes(PartnerState& partner, const psa::Psa& psa, Item& item) {
  for (workflows::Link& link : item.links) {
    if (link.planned || !link.gone.empty() || link.external_reference.empty()) continue;
    const Timestamp asked_at = clock_.now();
    metrics_.lookups += 1;
    const auto notes = co_await psa.tickets->notes(link.object.value, lane_of(item));
    if (!notes.complete) {
      postpone(partner, item, notes.error, notes.disposition, notes.retry_after);
      co_return;
    }
    item.looked_up_at = std::min(item.looked_up_at.value_or(asked_at), asked_at);
    // What was written may not be wanted at present, and be wanted again later: so all are kept that we do not know.
    for (const psa::TicketNote& note : notes.items)
      for (std::string& marker : plan::markers_in(note.text))
        if (!is_known(link, marker) && link.found_markers.insert(std::move(marker)).second) item.change(link);
  }
}

boost::asio::awaitable<void> Reconciler::find_contact(PartnerState& partner, const psa::Psa& psa, Item& item) {
  const auto asking = std::ranges::find_if(
      item.answer.wanted, [](const workflows::Desired& each) { return each.contact_question.has_value(); });
  if (asking == item.answer.wanted.end() || !psa.objects) co_return;
  const workflows::ContactQuestion question = *asking->contact_question;
  const auto known = partner.contacts.find(question);
  if (known != partner.contacts.end() && clock_.now() - known->second.first < kContactKept) {
    item.contact = known->second.second;
    item.is_answered = false;
    think(partner, item);
    co_return;
  }
  workflows::ContactFound found;
  // What we may not read keeps no ticket from being made; what is only late is waited for.
  const auto is_late = [&](const auto& read) {
    if (read.complete) return false;
    if (read.disposition == Disposition::park || read.disposition == Disposition::gone) {
      found.how = "The contact could not be looked up: " + crosswalk::explain(read.error.code).title + ".";
      return false;
    }
    postpone(partner, item, read.error, read.disposition, read.retry_after);
    return true;
  };
  if (!question.email.empty()) {
    const auto people = co_await psa.objects->contacts_with_email(question.company, question.email, lane_of(item));
    if (is_late(people)) co_return;
    if (people.items.size() == 1) {
      found = {people.items.front(), "The contact is the one of the company who has the alert's e-mail address."};
    } else if (found.how.empty()) {
      found.how = people.items.empty() ? "Nobody of the company has the alert's e-mail address."
                                       : "Several people of the company have the alert's e-mail address.";
    }
  }
  if (found.contact.empty() && question.company_default) {
    const auto contact = co_await psa.objects->default_contact(question.company, lane_of(item));
    if (is_late(contact)) co_return;
    if (!contact.items.empty()) found = {contact.items.front(), "The contact is the company's default contact."};
  }
  if (partner.contacts.size() >= kContactsMax) partner.contacts.clear();
  partner.contacts[question] = {clock_.now(), found};
  item.contact = std::move(found);
  item.is_answered = false;
  think(partner, item);
}

boost::asio::awaitable<void> Reconciler::look_for_people(PartnerState& partner, const psa::Psa& psa, Item& item) {
  for (const workflows::Desired& desired : item.answer.wanted) {
    workflows::Link* link = item.find_link(desired.anchor);
    if (!link || !(desired.looks_for_notes || desired.looks_for_tasks)) continue;
    const auto touch = [&](workflows::Trace trace, const std::string& member) {
      if (link->touched[trace].insert(member).second) item.change(*link);
    };
    // What we may not read says nothing; the ticket is closed by what else is known.
    const auto ends = [&](const auto& read) {
      if (read.complete || read.disposition == Disposition::park || read.disposition == Disposition::gone) return false;
      postpone(partner, item, read.error, read.disposition, read.retry_after);
      return true;
    };
    if (desired.looks_for_notes) {
      const auto notes = co_await psa.tickets->notes(link->object.value, lane_of(item));
      if (ends(notes)) co_return;
      for (const psa::TicketNote& note : notes.items)
        if (!is_ours(partner, *link, note)) touch(workflows::Trace::note, note.created_by);
    }
    if (desired.looks_for_tasks) {
      const auto tasks = co_await psa.tickets->tasks(link->object.value, lane_of(item));
      if (ends(tasks)) co_return;
      for (const psa::TicketTask& task : tasks.items)
        if (task.finished) touch(workflows::Trace::task, task.updated_by);
    }
    item.people_looked_for.insert(desired.anchor);
  }
}

boost::asio::awaitable<void> Reconciler::hear_notes(PartnerState& partner, const psa::Psa& psa, Item& item) {
  for (workflows::Link& link : item.links) {
    if (!item.to_hear.contains(link.anchor) || !link.gone.empty()) continue;
    const auto notes = co_await psa.tickets->notes(link.object.value, psa::Lane::records);
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
                            workflows::Link& link, Item& item) {
  // What was there when the ticket was last looked at is old, whether or not anybody was told.
  const auto before = std::ranges::find(item.links_before, link.anchor, &workflows::Link::anchor);
  Timestamp since = link.linked_at;
  if (before != item.links_before.end()) since = std::max(since, before->observed_at);
  for (const psa::TicketNote& note : notes) {
    if (is_ours(partner, link, note)) continue;
    if (link.touched[workflows::Trace::note].insert(note.created_by).second) item.change(link);
    const bool old = note.created_at && *note.created_at < since - kNotesOverlap;
    if (note.kind == psa::NoteKind::internal || old) continue;
    if (!link.told_notes.insert(note.id).second) continue;
    item.change(link);
    item.heard_notes.emplace_back(link.object, note);
  }
}

}  // namespace crosswalk::engine
