#include "workflows/storm_to_ticket.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "workflows/fields.h"
#include "workflows/takeover.h"

namespace crosswalk::workflows {
namespace {

using mapping::AlertState;

/// Names in one note; more are counted.
constexpr std::size_t kNamesPerNote = 50;
/// How often a growing storm's ticket is looked at, at the most.
constexpr Duration kLookAgainInterval{60'000};

std::string list_names(const std::vector<const StormMember*>& members) {
  std::string text;
  std::size_t shown = 0;
  for (const StormMember* member : members) {
    if (shown++ == kNamesPerNote) {
      text += fmt::format("and {} more", members.size() - kNamesPerNote);
      break;
    }
    text += fmt::format("- {} ({})\n", member->name, format_timestamp_seconds(member->raised_at));
  }
  while (text.ends_with('\n')) text.pop_back();
  return text;
}

class StormBuilder {
 public:
  StormBuilder(const StormInput& input, const mapping::Resolved& resolved, const mapping::Facts& facts, Answer& answer)
      : in_(input), resolved_(resolved), settings_(resolved.settings), facts_(facts), answer_(answer) {}

  void build() {
    const std::string anchor = storm_anchor(in_.group);
    for (const TicketLink& link : in_.links)
      if (link.anchor == anchor) link_ = &link;
    if (link_ && !link_->gone.empty()) return;
    ticket_.anchor = anchor;
    ticket_.exists = link_ != nullptr;
    ticket_.external_reference = external_reference(in_.group.ref, anchor);
    ticket_.on_catch_all = resolved_.company_is_catch_all;
    ticket_.why = fmt::format("{} alerts of the same kind came at once", in_.members.size());
    if (!fields()) return;
    if (link_) {
      if (link_->closed_by_people()) return;
      look_again();
      running_list();
      for (const StormMember& member : in_.members)
        for (const psa::ObjectId& child : member.tickets) ticket_.children.push_back(child);
      if (is_over(in_.members))
        resolve();
      else if (link_->closed())
        reopen();
    } else {
      describe();
    }
    answer_.tickets.push_back(std::move(ticket_));
  }

 private:
  bool fields() {
    model::Severity severity = model::Severity::info;
    for (const model::Happening& each : in_.representative.happenings) severity = std::max(severity, each.severity);
    const std::string title = mapping::render(settings_.summary.value_or("{{title}}"), facts_, {{"subject_name", ""}});
    FieldsInput input{.resolved = resolved_,
                      .facts = facts_,
                      .document = in_.document,
                      .reference_data = in_.reference_data,
                      .severity = severity,
                      .summary = fit_summary(fmt::format("{} alerts: {}", in_.members.size(), title)),
                      .link = link_};
    FieldsResult result = desired_fields(input);
    for (mapping::Problem& each : result.problems) answer_.problems.push_back(std::move(each));
    if (result.held) {
      answer_.held = std::move(result.held);
      return false;
    }
    ticket_.fields = std::move(result.fields);
    board_ = result.board;
    if (!link_) status("opened:" + ticket_.anchor, AlertState::opened, "the storm's ticket is new");
    return true;
  }

  void status(std::string key, AlertState state, std::string why) {
    StatusChoice choice = choose_status(resolved_, state, board_, in_.reference_data);
    if (choice.problem) answer_.problems.push_back(std::move(*choice.problem));
    if (!choice.status || (state == AlertState::opened && choice.closes)) return;
    ticket_.status =
        StatusStep{std::move(key), state, *choice.status, choice.closes, std::move(why), choice.decided_by};
  }

  void describe() {
    std::vector<const StormMember*> all;
    for (const StormMember& member : in_.members) all.push_back(&member);
    ticket_.description = fmt::format("{}\n\nAffected so far: {}\n{}",
                                      mapping::render(settings_.description.value_or("{{description}}"), facts_, {}),
                                      all.size(), list_names(all));
  }

  /// Who has joined since the ticket was made, one note for each interval.
  void running_list() {
    const Duration interval =
        std::max(settings_.repeat_note_interval.value_or(std::chrono::minutes{15}), Duration{60'000});
    std::map<std::int64_t, std::vector<const StormMember*>> joined;
    for (const StormMember& member : in_.members)
      if (member.raised_at > link_->created_at)
        joined[(member.raised_at - link_->created_at) / interval].push_back(&member);
    for (const auto& [slot, members] : joined) {
      const Timestamp ends = link_->created_at + (slot + 1) * interval;
      if (ends > in_.now && !is_over(in_.members)) {
        answer_.ask_again(ends);
        continue;
      }
      note(fmt::format("members:{}", slot), "members",
           {{"count", std::to_string(in_.members.size())}, {"members", list_names(members)}},
           fmt::format("{} more joined the storm", members.size()));
    }
  }

  /// Alerts that joined ask whether technicians have ended the ticket meanwhile.
  void look_again() {
    if (link_->closed() || newest_raise() <= link_->observed_at) return;
    const Timestamp again = link_->observed_at + kLookAgainInterval;
    if (in_.now >= again)
      ticket_.look_again = true;
    else
      answer_.ask_again(again);
  }

  Timestamp newest_raise() const {
    Timestamp newest{};
    for (const StormMember& member : in_.members) newest = std::max(newest, member.raised_at);
    return newest;
  }

  /// A member came back while the storm's ticket was being closed.
  void reopen() {
    const std::string key = fmt::format("reopened:{}", to_milliseconds(newest_raise()));
    status(key, AlertState::reopened, "an alert of the storm came back");
    if (!ticket_.status) status(key, AlertState::opened, "an alert of the storm came back");
  }

  void resolve() {
    const std::string key = fmt::format("resolved:{}", to_milliseconds(newest_raise()));
    const StatusChoice resolved = choose_status(resolved_, AlertState::resolved, board_, in_.reference_data);
    const std::string taken = link_->status_step == key
                                  ? std::string()
                                  : taken_over(*link_, settings_, resolved.status ? &*resolved.status : nullptr);
    const auto policy = settings_.auto_close.value_or(mapping::AutoClose::close);
    if (policy == mapping::AutoClose::never) return;
    note(key, taken.empty() ? "resolved" : "resolved_taken_over",
         {{"count", std::to_string(in_.members.size())}, {"taken_over", taken}},
         "all alerts of the storm have resolved");
    if (!taken.empty())
      answer_.reasons.push_back("All its alerts have resolved, and the ticket stays open: " + taken + ".");
    else if (policy == mapping::AutoClose::close)
      close(key);
  }

  void close(const std::string& key) {
    status(key, AlertState::resolved, "all alerts of the storm have resolved");
    if (link_->status_step != key) look_for_people(settings_, ticket_);
  }

  void note(std::string key, const std::string& name, std::map<std::string, std::string> extra, std::string why) {
    const auto found = settings_.notes.find(name);
    if (found == settings_.notes.end() || found->second.text.empty()) return;
    ticket_.notes.push_back(
        {std::move(key), found->second.kind, mapping::render(found->second.text, facts_, extra), std::move(why)});
  }

  const StormInput& in_;
  const mapping::Resolved& resolved_;
  const mapping::TicketSettings& settings_;
  const mapping::Facts& facts_;
  Answer& answer_;
  const TicketLink* link_ = nullptr;
  DesiredTicket ticket_;
  std::string board_;
};

}  // namespace

std::string storm_anchor(const model::Group& group) {
  return fmt::format("storm-{}", to_milliseconds(group.started_at));
}

bool is_over(const std::vector<StormMember>& members) {
  return std::none_of(members.begin(), members.end(), [](const StormMember& member) { return member.open; });
}

Answer storm_to_ticket(const StormInput& input) {
  Answer answer;
  const mapping::Facts facts{&input.representative, nullptr, nullptr, input.linked_company};
  const mapping::Resolved resolved = mapping::resolve(input.document, facts);
  answer.mode = resolved.mode;
  answer.title =
      fmt::format("Storm: {}", input.group.condition_name.empty() ? input.group.condition : input.group.condition_name);
  answer.customer = input.group.customer_name.empty() ? input.group.customer : input.group.customer_name;
  const bool made = std::any_of(input.links.begin(), input.links.end(),
                                [&](const TicketLink& link) { return link.anchor == storm_anchor(input.group); });
  if (resolved.mode == mapping::Mode::off || resolved.excluded || input.members.empty()) return answer;
  if (!made && is_over(input.members)) {
    answer.reasons.push_back("All its alerts resolved before a ticket was needed.");
    return answer;
  }
  if (!made && resolved.company.empty()) {
    answer.held =
        Held{"mapping.customer_unknown",
             fmt::format("The customer \"{}\" is not mapped to a ConnectWise company yet.", answer.customer), true};
    return answer;
  }
  StormBuilder(input, resolved, facts, answer).build();
  return answer;
}

}  // namespace crosswalk::workflows
