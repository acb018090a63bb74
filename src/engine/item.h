#pragma once

#include <algorithm>
#include <boost/json/object.hpp>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/assert.h"
#include "model/alert.h"
#include "model/entity.h"
#include "plan/steps.h"
#include "psa/port.h"
#include "store/store.h"
#include "workflows/entity_fields.h"
#include "workflows/registry.h"

namespace crosswalk::engine {

/// One record on its way through a reconcile.
struct Item {
  store::RecordRow row;
  model::RecordRef ref;
  model::Alert alert;  ///< for a group: the member whose facts decide
  std::optional<model::Group> group;
  std::optional<model::Entity> device, customer;
  workflows::StormView storm;
  bool storm_broken = false;  ///< the record of its storm cannot be read: the storm is begun anew
  std::vector<workflows::StormMember> members;
  workflows::StormCount member_count;
  bool regrouped = false;                          ///< an alert: `row.group_key` is another than the store has
  std::vector<std::string> member_keys;            ///< of a group: the alerts that are its members
  std::vector<workflows::Link> links;              ///< one for each life of its object
  std::set<std::string> changed_links;             ///< anchors
  std::set<std::string> stale_links;               ///< anchors: the PSA has told of a change
  std::set<std::string> looked_at;                 ///< anchors: seen in this reconcile
  std::optional<workflows::ContactFound> contact;  ///< who the contact of its new ticket is, once that was asked
  std::set<std::string> people_looked_for;         ///< anchors: what people have done on them is known
  workflows::Answer answer;
  bool is_answered = false;  ///< `answer` is of the record as it is now

  // customers, contacts and devices
  std::optional<model::Entity> entity;
  std::string linked_before;               ///< the object's id, as it was read; empty: none, or gone
  bool was_linked = false;                 ///< it had become an object before, which may be gone
  std::vector<std::string> changed_there;  ///< fields that people have changed in the PSA
  bool look_at_object = false;             ///< in the next one
  std::optional<workflows::ObjectCandidate> candidate;
  std::optional<store::RecordKey> succeeds;  ///< the record that was linked to its object until now
  bool searched = false;
  std::optional<std::pair<psa::ObjectKind, std::string>> claimed;  ///< see PartnerState::claimed
  std::string instance;                                            ///< of the PSA that the reconcile speaks to
  psa::Reference company;         ///< what the record's customer is; empty: not known yet
  psa::Reference mapped_company;  ///< of a customer: as the mapping of alerts says
  bool mapped_excluded = false;
  workflows::Leaving leaving;
  bool person_agrees = false;               ///< a plan is being made or applied
  std::optional<psa::Object> decided_view;  ///< what the object to be linked looks like
  std::string configuration;                ///< of an alert: the configuration that its device is linked to
  bool configuration_expected = false;      ///< of an alert: its device is not linked yet, and may be

  bool in_doubt = false;
  bool doubt_stays = false;  ///< nothing could be looked for yet
  Timestamp doubt_since{};
  int doubt_tries = 0;
  std::optional<Timestamp> looked_up_at;  ///< when the look-ups that the doubt asks for were complete
  bool stop = false;                      ///< nothing more this turn
  std::optional<std::size_t> steps_max;   ///< of a saved plan: more than it says is not done

  std::optional<Timestamp> due_at;
  store::Parked parked;
  std::optional<Error> postponed;  ///< why nothing could be done this turn
  std::optional<Error> broken;     ///< its own state or link cannot be read: nothing is done but to say so
  bool looks_again = false;        ///< refused for the first time, and tried once more
  int attempts = 0;
  std::optional<store::RecordRow> started_group;  ///< a storm that this record was the first to notice
  std::vector<store::JournalRow> journal;
  std::vector<plan::Step> steps;  ///< applied, or in a plan: pretended
  std::set<std::string> to_hear;  ///< anchors: others may have written notes on the ticket
  /// Notes by others that were found on its tickets, when the product wants to hear.
  std::vector<std::pair<psa::ObjectId, psa::TicketNote>> heard_notes;
  std::vector<std::string> results;
  std::vector<std::string> numbers;
  std::vector<workflows::Link> links_before;  ///< as the store has them
  bool product_listens = false;               ///< it wants to hear what becomes of the record

  [[nodiscard]] workflows::Link* find_link(std::string_view anchor) { return find(links, anchor); }
  [[nodiscard]] const workflows::Link* find_link(std::string_view anchor) const { return find(links, anchor); }
  /// Of a record that becomes one object for good. Null: it has not become any.
  [[nodiscard]] workflows::Link* only_link() { return find_link(workflows::kOnlyLife); }
  [[nodiscard]] const workflows::Link* only_link() const { return find_link(workflows::kOnlyLife); }
  void change(const workflows::Link& link) {
    changed_links.insert(link.anchor);
    is_answered = false;
  }
  /// Of what the record knows of its events.
  [[nodiscard]] std::int64_t newest_sequence() const {
    std::int64_t newest = 0;
    for (const model::Happening& each : alert.happenings) newest = std::max(newest, each.sequence);
    return newest;
  }
  /// When what began a life happened, and its place in the log; epoch and 0 where that is no longer kept.
  [[nodiscard]] Timestamp time_of(std::string_view anchor) const {
    const model::Happening* began = happening(anchor);
    return began ? began->time : Timestamp{};
  }
  [[nodiscard]] std::int64_t sequence_of(std::string_view anchor) const {
    const model::Happening* began = happening(anchor);
    return began ? began->sequence : 0;
  }
  /// What such a record is to be. Null: nothing, or nothing yet.
  [[nodiscard]] const workflows::Desired* wanted() const {
    return answer.wanted.empty() ? nullptr : &answer.wanted.front();
  }

 private:
  [[nodiscard]] const model::Happening* happening(std::string_view identity) const {
    const auto found = std::ranges::find(alert.happenings, identity, &model::Happening::identity);
    return found == alert.happenings.end() ? nullptr : &*found;
  }
  template <class Links>
  [[nodiscard]] static auto find(Links& links, std::string_view anchor) -> decltype(&links.front()) {
    for (auto& each : links)
      if (each.anchor == anchor) return &each;
    return nullptr;
  }
};

/// Of a record that could be loaded.
[[nodiscard]] inline const workflows::Workflow& workflow_of(const Item& item) {
  const workflows::Workflow* workflow = workflows::find_workflow(item.ref.kind);
  require(workflow, "a record that is worked on has a workflow");
  return *workflow;
}

/// What such a record becomes.
[[nodiscard]] inline psa::ObjectKind kind_of(const Item& item) { return workflow_of(item).object; }

/// How urgent the calls for one record are.
[[nodiscard]] inline psa::Lane lane_of(const Item& item) {
  if (!workflow_of(item).has_several_lives()) return psa::Lane::records;
  return item.row.lane == store::record_lane::kUrgent ? psa::Lane::urgent : psa::Lane::tickets;
}

/// The customer that the record is, or is of; empty: nobody tells.
[[nodiscard]] inline std::string customer_of(const Item& item) {
  if (item.ref.kind == model::RecordKind::customer) return item.ref.key;
  if (item.entity) return workflows::text_of(*item.entity, "customer");
  return item.group ? item.group->customer : item.alert.content.customer;
}

[[nodiscard]] inline store::RecordKey key_of(const model::RecordRef& ref) {
  return {ref.partner.value, std::string(model::to_string(ref.kind)), ref.key};
}

}  // namespace crosswalk::engine
