#include "engine/wanted.h"

#include <fmt/format.h>

#include <utility>

#include "engine/value_words.h"
#include "plan/steps.h"
#include "psa/object_fields.h"

namespace crosswalk::engine {
namespace {

/// What is left as it was when the object was adopted, and what the product would write.
std::string words_of_theirs(const workflows::Desired& wanted, const workflows::Link& link, const std::string& field) {
  return fmt::format(
      "{} is {} in ConnectWise since before the link, and {} for the product; it is left as it is there.",
      psa::label_of(wanted.kind, field), value_in_words(link.seen(field)),
      value_in_words(&workflows::find_field(wanted.fields, field)->value));
}

/// Fields that are left as they are in the PSA, with the reason.
void tell_left_fields(Item& item) {
  for (const workflows::Desired& desired : item.answer.wanted) {
    const workflows::Link* link = item.find_link(desired.anchor);
    if (!link) continue;
    for (const std::string& field : plan::contested_fields(desired, *link))
      item.answer.problems.push_back(
          {mapping::Problem::Level::warning, "object.contested", "/fields/" + field,
           fmt::format("\"{}\" is changed back in ConnectWise each time; it is left as it is there.", field)});
    for (const std::string& field : plan::fields_of_others(desired, *link))
      item.answer.problems.push_back({mapping::Problem::Level::warning, "object.theirs", "/fields/" + field,
                                      words_of_theirs(desired, *link, field)});
  }
}

}  // namespace

workflows::RecordView view_of(const PartnerState& partner, const Item& item, Timestamp now) {
  return {.alert = item.entity ? nullptr : &item.alert,
          .group = item.group ? &*item.group : nullptr,
          .entity = item.entity ? &*item.entity : nullptr,
          .links = item.links,
          .tickets = partner.document ? &*partner.document : nullptr,
          .document = partner.document_of(item.ref.kind),
          .reference_data = partner.reference_data.get(),
          .device = item.device ? &*item.device : nullptr,
          .customer = item.customer ? &*item.customer : nullptr,
          .company = item.company,
          .mapped_company = item.mapped_company,
          .mapped_excluded = item.mapped_excluded,
          .configuration = item.configuration,
          .configuration_expected = item.configuration_expected,
          .contact = item.contact ? &*item.contact : nullptr,
          .storm = item.storm,
          .members = item.members,
          .member_count = item.member_count,
          .leaving = item.leaving,
          .candidate = item.candidate ? &*item.candidate : nullptr,
          .searched = item.searched,
          .in_doubt = item.in_doubt,
          .person_agrees = item.person_agrees,
          .now = now};
}

void consider(const PartnerState& partner, Item& item, Timestamp now) {
  item.answer = workflow_of(item).desired(view_of(partner, item, now));
}

void think(const PartnerState& partner, Item& item, Timestamp now) {
  if (item.is_answered) return;
  consider(partner, item, now);
  tell_left_fields(item);
  item.is_answered = true;
}

std::optional<Next> next_of(Item& item, Timestamp now) {
  for (std::size_t i = 0; i < item.answer.wanted.size(); ++i) {
    const workflows::Desired& desired = item.answer.wanted[i];
    workflows::Link* link = item.find_link(desired.anchor);
    if (link && plan::settle_observed(desired, *link)) item.change(*link);
    plan::Next next = plan::next_step(desired, link, now);
    if (next.waits_until) item.answer.ask_again(*next.waits_until);
    if (!next.step) continue;
    const bool asks_for_people = (desired.looks_for_notes || desired.looks_for_tasks) && link;
    const bool unanswered =
        asks_for_people ? !item.people_looked_for.contains(desired.anchor) : desired.contact_question.has_value();
    return Next{std::move(*next.step), i, unanswered};
  }
  return std::nullopt;
}

}  // namespace crosswalk::engine
