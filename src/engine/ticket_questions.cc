#include "engine/ticket_questions.h"

#include <algorithm>
#include <utility>

#include "base/catalogue.h"
#include "base/text.h"
#include "engine/wanted.h"
#include "plan/markers.h"

namespace crosswalk::engine {
namespace {

/// How the turn of a re-opening is named, before the happening that asks for it.
constexpr std::string_view kReopenedTurn = "reopened:";
/// Notes that could not be read are read again this much later.
constexpr Duration kNotesRetry{std::chrono::minutes{2}};
/// How long it is taken for granted who has which e-mail address, and how many answers are kept of one partner.
constexpr Duration kContactKept{std::chrono::minutes{10}};
constexpr std::size_t kContactsMax = 1'000;
/// The PSA's clock and ours may differ, and what is told may come late.
constexpr Duration kNotesOverlap{std::chrono::hours{1}};

/// Whether we have written the note: by its signature, or by its marker.
bool is_ours(const PartnerState& partner, const workflows::Link& link, const psa::TicketNote& note) {
  const std::string& us = link.member.empty() ? partner.member : link.member;
  if (!us.empty() && equals_ignoring_case(note.created_by, us)) return true;
  return std::ranges::any_of(plan::markers_in(note.text), [&](const std::string& marker) {
    return link.found_markers.contains(marker) || is_known_marker(link, marker);
  });
}

}  // namespace

bool is_known_marker(const workflows::Link& link, const std::string& marker) {
  return std::ranges::any_of(
      link.posted, [&](const std::string& key) { return plan::note_marker(link.external_reference, key) == marker; });
}

void close_for_good(Item& item, workflows::Link& link, const plan::Step& step, const std::string& why) {
  link.gone = "closed for good: " + why;
  const std::int64_t asked_by = item.sequence_of(step.turn.substr(kReopenedTurn.size()));
  link.gone_sequence = asked_by > 0 ? asked_by - 1 : link.observed_sequence;
  item.change(link);
}

boost::asio::awaitable<void> TicketQuestions::find_contact(PartnerState& partner, const psa::Psa& psa, Item& item) {
  const auto asking = std::ranges::find_if(
      item.answer.wanted, [](const workflows::Desired& each) { return each.contact_question.has_value(); });
  if (asking == item.answer.wanted.end() || !psa.objects) co_return;
  const workflows::ContactQuestion question = *asking->contact_question;
  const auto known = partner.contacts.find(question);
  if (known != partner.contacts.end() && clock_.now() - known->second.first < kContactKept) {
    item.contact = known->second.second;
    item.is_answered = false;
    think(partner, item, clock_.now());
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
    waits_.postpone(partner, item, read.error, read.disposition, read.retry_after);
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
  think(partner, item, clock_.now());
}

boost::asio::awaitable<void> TicketQuestions::refuse_invoiced(PartnerState& partner, const psa::Psa& psa, Item& item) {
  const auto has_time = [](const workflows::Link& link) {
    return link.observed && link.observed->progress && link.observed->progress->time_entered;
  };
  if (std::ranges::none_of(item.links, has_time)) co_return;
  const auto step = next_of(item, clock_.now());
  if (!step || step->step.kind != plan::StepKind::reopen) co_return;
  workflows::Link* link = item.find_link(step->step.anchor);
  if (!link || !has_time(*link)) co_return;
  const auto invoiced = co_await psa.tickets->invoiced_time(link->object.value, lane_of(item));
  if (!invoiced.complete && invoiced.disposition != Disposition::park && invoiced.disposition != Disposition::gone) {
    waits_.postpone(partner, item, invoiced.error, invoiced.disposition, invoiced.retry_after);
    co_return;
  }
  // What we may not read says nothing.
  if (invoiced.complete && !invoiced.items.empty())
    close_for_good(item, *link, step->step, "its time stands on an invoice");
}

boost::asio::awaitable<void> TicketQuestions::look_for_people(PartnerState& partner, const psa::Psa& psa, Item& item) {
  for (const workflows::Desired& desired : item.answer.wanted) {
    workflows::Link* link = item.find_link(desired.anchor);
    if (!link || !(desired.looks_for_notes || desired.looks_for_tasks)) continue;
    const auto touch = [&](workflows::Trace trace, const std::string& member) {
      if (link->touched[trace].insert(member).second) item.change(*link);
    };
    // What we may not read says nothing; the ticket is closed by what else is known.
    const auto ends = [&](const auto& read) {
      if (read.complete || read.disposition == Disposition::park || read.disposition == Disposition::gone) return false;
      waits_.postpone(partner, item, read.error, read.disposition, read.retry_after);
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

boost::asio::awaitable<void> TicketQuestions::hear_notes(PartnerState& partner, const psa::Psa& psa, Item& item) {
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

void TicketQuestions::take_notes(const PartnerState& partner, const std::vector<psa::TicketNote>& notes,
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
