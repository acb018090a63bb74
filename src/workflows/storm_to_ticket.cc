#include "workflows/storm_to_ticket.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "mapping/values.h"
#include "psa/object_fields.h"
#include "workflows/fields.h"
#include "workflows/takeover.h"

namespace crosswalk::workflows {
namespace {

using mapping::AlertState;

/// Names in one note; more are counted.
constexpr std::int64_t kNamesPerNote = 50;
/// How often a growing storm's ticket is looked at, at the most.
constexpr Duration kLookAgainInterval{60'000};

/// A storm of many conditions is split when this share of its alerts has ended, and the others have not for a while.
constexpr std::int64_t kSplitOpenShare = 4;
/// What is longer names no site.
constexpr std::size_t kSiteBytesMax = 200;

std::string line_of(const StormMember& member, bool wide) {
  std::string text = fmt::format("- {}", member.name);
  if (wide) text += ": " + member.condition;
  if (!member.open && member.resolved_at)
    text += fmt::format(" (ended {})", format_timestamp_seconds(*member.resolved_at));
  else
    text += fmt::format(" ({} since {})", member.open ? "open" : "ended, was open",
                        format_timestamp_seconds(member.raised_at));
  for (const psa::ObjectId& ticket : member.tickets) text += " #" + ticket.value;
  return text;
}

/// Members one a line, as far as a note has room. `all`: how many there are.
std::string list_members(const std::vector<const StormMember*>& members, std::int64_t all, bool wide) {
  std::string text;
  std::int64_t shown = 0;
  for (const StormMember* member : members) {
    if (shown == kNamesPerNote) break;
    ++shown;
    if (!text.empty()) text += '\n';
    text += line_of(*member, wide);
  }
  if (all > shown) text += fmt::format("\nand {} more", all - shown);
  return text;
}

class StormBuilder {
 public:
  StormBuilder(const StormInput& input, const mapping::Resolved& resolved, const mapping::Facts& facts, Answer& answer)
      : in_(input), resolved_(resolved), settings_(resolved.settings), facts_(facts), answer_(answer) {}

  void build() {
    const std::string anchor = storm_anchor(in_.group);
    for (const Link& link : in_.links)
      if (link.anchor == anchor) link_ = &link;
    if (link_ && !link_->gone.empty()) return;
    ticket_.kind = psa::ObjectKind::ticket;
    ticket_.known_by_number = true;
    ticket_.looks_before_changes = true;
    ticket_.anchor = anchor;
    ticket_.may_create = link_ == nullptr;
    ticket_.external_reference = external_reference(in_.group.ref, anchor);
    ticket_.on_catch_all = resolved_.company_is_catch_all;
    ticket_.why =
        fmt::format("{} alerts {} came at once", in_.count.all, in_.group.wide ? "together" : "of the same kind");
    if (link_) find_news();
    if (!fields()) return;
    if (link_) {
      if (link_->closed_by_people()) return;
      look_again();
      running_list();
      if (!link_->closed()) split();
      for (const StormMember& member : in_.members)
        for (const psa::ObjectId& child : member.tickets) ticket_.children.push_back(child);
      if (is_over(in_.members))
        resolve();
      else if (link_->closed())
        reopen();
    } else {
      describe();
    }
    answer_.wanted.push_back(std::move(ticket_));
  }

 private:
  bool fields() {
    model::Severity severity = model::Severity::info;
    for (const StormMember& each : in_.members) severity = std::max(severity, each.severity);
    FieldsInput input{.resolved = resolved_,
                      .facts = facts_,
                      .document = in_.document,
                      .reference_data = in_.reference_data,
                      .severity = severity,
                      .summary = summary(),
                      .link = link_};
    FieldsResult result = desired_fields(input);
    for (mapping::Problem& each : result.problems) answer_.problems.push_back(std::move(each));
    if (result.held) {
      answer_.held = std::move(result.held);
      return false;
    }
    ticket_.fields = std::move(result.fields);
    keep_count();
    ticket_.name = psa::shown(find_field(ticket_.fields, psa::field::summary)->value);
    board_ = result.board;
    if (!link_) status("opened:" + ticket_.anchor, AlertState::opened, "the storm's ticket is new");
    return true;
  }

  std::string summary() const {
    const std::string title = mapping::render(settings_.summary.value_or("{{title}}"), facts_, {{"subject_name", ""}});
    if (!in_.group.wide) return fit_summary(fmt::format("{} alerts: {}", in_.count.all, title));
    std::set<std::string> conditions;
    for (const StormMember& each : in_.members) conditions.insert(each.condition);
    std::string more;
    if (in_.count.all > static_cast<std::int64_t>(in_.members.size()))
      more = " and more";
    else if (conditions.size() > 1)
      more = fmt::format(" and {} more condition{}", conditions.size() - 1, conditions.size() == 2 ? "" : "s");
    return fit_summary(fmt::format("{} alerts at {}: {}{}", in_.count.all,
                                   in_.group.site.empty() ? answer_.customer : in_.group.site, title, more));
  }

  /// The title of a storm tells how many there are. It is kept true while nobody has worded it anew, and written only
  /// when there is news to be told anyway.
  void keep_count() {
    if (!link_) return;
    DesiredField* const found = find_field(ticket_.fields, psa::field::summary);
    if (!found || found->ownership == mapping::Ownership::psa) return;
    const psa::Value* written = link_->written_value(psa::field::summary);
    const psa::Value* seen = link_->seen(psa::field::summary);
    if (!written || !seen) return;
    if (found->ownership == mapping::Ownership::create && *written != *seen) return;
    // The note that it comes with is written after it: then there is no news any more.
    ticket_.fields_first = has_news_;
    if (has_news_)
      found->ownership = mapping::Ownership::product;
    else
      found->value = *written;
  }

  void status(std::string key, AlertState state, std::string why) {
    StatusChoice choice = choose_status(resolved_, state, board_, in_.reference_data);
    if (choice.problem) answer_.problems.push_back(std::move(*choice.problem));
    if (!choice.status || (state == AlertState::opened && choice.closes)) return;
    ticket_.turn = Turn{std::move(key), *choice.status, choice.closes, std::move(why), choice.decided_by};
  }

  void describe() {
    ticket_.description = fmt::format("{}\n\nAffected so far: {}\n{}",
                                      mapping::render(settings_.description.value_or("{{description}}"), facts_, {}),
                                      in_.count.all, list_members(open_first(), in_.count.all, in_.group.wide));
  }

  std::vector<const StormMember*> open_first() const {
    std::vector<const StormMember*> all;
    for (const StormMember& member : in_.members) all.push_back(&member);
    std::ranges::stable_partition(all, [](const StormMember* each) { return each->open; });
    return all;
  }

  Duration interval() const {
    return std::max(settings_.repeat_note_interval.value_or(std::chrono::minutes{15}), Duration{60'000});
  }
  std::int64_t slot_of(Timestamp at) const { return (at - link_->linked_at) / interval(); }
  Timestamp end_of(std::int64_t slot) const { return link_->linked_at + (slot + 1) * interval(); }
  static std::string note_key(std::int64_t slot) { return fmt::format("members:{}", slot); }

  /// In which intervals alerts have joined or ended since the ticket was made. That the last has ended is told by
  /// another note.
  void find_news() {
    const bool over = is_over(in_.members);
    has_news_ = over;
    for (const StormMember& member : in_.members) {
      if (member.raised_at > link_->linked_at) ++slots_[slot_of(member.raised_at)];
      if (!over && member.resolved_at && *member.resolved_at > link_->linked_at)
        slots_.try_emplace(slot_of(*member.resolved_at), 0);
    }
    for (const auto& [slot, joined] : slots_) {
      if (link_->posted.contains(note_key(slot)) || (end_of(slot) > in_.now && !over)) continue;
      has_news_ = true;
    }
  }

  /// All alerts with their states: one note at the end of an interval of which something is to be told. It stands for
  /// those before it that have not been told of, as after an outage.
  void running_list() {
    std::vector<std::string> keys;
    std::int64_t joined = 0;
    for (const auto& [slot, count] : slots_) {
      if (link_->posted.contains(note_key(slot))) continue;
      if (end_of(slot) > in_.now && !is_over(in_.members)) {
        answer_.ask_again(end_of(slot));
        continue;
      }
      keys.push_back(note_key(slot));
      joined += count;
    }
    if (keys.empty()) return;
    std::string key = std::move(keys.back());
    keys.pop_back();
    const std::size_t before = ticket_.notes.size();
    note(std::move(key), "members", {{"members", list_members(open_first(), in_.count.all, in_.group.wide)}},
         joined == 0 ? "alerts of the storm have ended" : fmt::format("{} more joined the storm", joined));
    if (ticket_.notes.size() > before) ticket_.notes.back().covers = std::move(keys);
  }

  /// Of a storm of many conditions most has ended, and what is left has lasted on: that has another cause.
  void split() {
    if (!in_.group.wide || is_over(in_.members) || in_.count.open * kSplitOpenShare > in_.count.all) return;
    Timestamp last = newest_raise();
    std::vector<const StormMember*> left;
    for (const StormMember& member : in_.members) {
      if (member.resolved_at) last = std::max(last, *member.resolved_at);
      if (member.open) left.push_back(&member);
    }
    const Timestamp at = last + settings_.storm_split_after.value_or(std::chrono::minutes{30});
    if (in_.now < at) return answer_.ask_again(at);
    note(fmt::format("split:{}", to_milliseconds(newest_raise())), "split",
         {{"count", std::to_string(in_.count.open)}, {"members", list_members(left, in_.count.open, true)}},
         "what is left of the storm has another cause");
    answer_.splits_storm = true;
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
    if (!ticket_.turn) status(key, AlertState::opened, "an alert of the storm came back");
  }

  void resolve() {
    const std::string key = fmt::format("resolved:{}", to_milliseconds(newest_raise()));
    const StatusChoice resolved = choose_status(resolved_, AlertState::resolved, board_, in_.reference_data);
    const std::string taken = link_->turn == key
                                  ? std::string()
                                  : taken_over(*link_, settings_, resolved.status ? &*resolved.status : nullptr);
    const auto policy = settings_.auto_close.value_or(mapping::AutoClose::close);
    if (policy == mapping::AutoClose::never) return;
    note(key, taken.empty() ? "resolved" : "resolved_taken_over", {{"taken_over", taken}},
         "all alerts of the storm have resolved");
    if (!taken.empty())
      answer_.reasons.push_back("All its alerts have resolved, and the ticket stays open: " + taken + ".");
    else if (policy == mapping::AutoClose::close)
      close(key);
  }

  void close(const std::string& key) {
    status(key, AlertState::resolved, "all alerts of the storm have resolved");
    if (link_->turn != key) look_for_people(settings_, ticket_);
  }

  void note(std::string key, const std::string& name, std::map<std::string, std::string> extra, std::string why) {
    const auto found = settings_.notes.find(name);
    if (found == settings_.notes.end() || found->second.text.empty()) return;
    extra.try_emplace("count", std::to_string(in_.count.all));
    extra.try_emplace("open_count", std::to_string(in_.count.open));
    ticket_.notes.push_back({.key = std::move(key),
                             .kind = found->second.kind,
                             .text = mapping::render(found->second.text, facts_, extra),
                             .why = std::move(why)});
  }

  const StormInput& in_;
  const mapping::Resolved& resolved_;
  const mapping::TicketSettings& settings_;
  const mapping::Facts& facts_;
  Answer& answer_;
  const Link* link_ = nullptr;
  Desired ticket_;
  std::string board_;
  std::map<std::int64_t, std::int64_t> slots_;  ///< how many have joined, by the intervals since the ticket was made
  bool has_news_ = false;
};

}  // namespace

StormMember storm_member(const model::Alert& alert, Timestamp raised_at, bool open) {
  const model::AlertContent& content = alert.content;
  StormMember member;
  member.name = content.subject_name.empty() ? content.subject : content.subject_name;
  member.condition = content.condition_name.empty() ? content.condition : content.condition_name;
  member.raised_at = raised_at;
  member.open = open;
  const std::vector<model::Episode> episodes = model::episodes(alert);
  if (episodes.empty()) return member;
  member.severity = episodes.back().severity_max;
  member.resolved_at = episodes.back().resolved_at;
  return member;
}

std::string site_of(const model::Alert& alert, const model::Entity* device) {
  const mapping::Facts facts{&alert, device};
  for (const std::string_view name : {"attributes.site", "device.site"}) {
    const auto found = mapping::find_value(name, facts);
    if (!found) continue;
    std::string site = found->json ? mapping::to_text(*found->json) : std::string(found->text);
    // It becomes part of a key, as ids do that are bounded by their schema.
    return site.size() <= kSiteBytesMax ? site : "";
  }
  return "";
}

std::string storm_key(const model::Alert& alert, const model::Entity* device, mapping::StormBy by) {
  const model::AlertContent& content = alert.content;
  const std::string site = by == mapping::StormBy::site ? site_of(alert, device) : "";
  if (by == mapping::StormBy::customer || !site.empty())
    return model::wide_group_key(content.product, content.customer, site);
  return model::group_key(content.product, content.customer, content.condition);
}

bool is_split_off(const model::Group& group, Timestamp raised_at) {
  return group.split_at && raised_at <= *group.split_at;
}

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
  answer.customer = input.group.customer_name.empty() ? input.group.customer : input.group.customer_name;
  const std::string& condition =
      input.group.condition_name.empty() ? input.group.condition : input.group.condition_name;
  answer.title = fmt::format("Storm: {}", !input.group.wide          ? condition
                                          : input.group.site.empty() ? answer.customer
                                                                     : input.group.site);
  const bool made = std::any_of(input.links.begin(), input.links.end(),
                                [&](const Link& link) { return link.anchor == storm_anchor(input.group); });
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
