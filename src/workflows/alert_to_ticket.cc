#include "workflows/alert_to_ticket.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "psa/object_fields.h"
#include "workflows/fields.h"
#include "workflows/lives.h"
#include "workflows/takeover.h"

namespace crosswalk::workflows {
namespace {

using mapping::AlertState;
using mapping::AutoClose;
using mapping::Ownership;
using model::Happening;
using model::Severity;
using Extra = std::map<std::string, std::string>;

/// How often a repeating alert's ticket is looked at, at the most.
constexpr Duration kLookAgainInterval{60'000};
/// Intake takes no time that is further ahead than that: what is was received before the clock was set back, and lasts
/// no shorter for it.
constexpr Duration kAheadMax{std::chrono::minutes{5}};
/// A ticket whose device has no configuration yet asks for it again: soon at first, then ever more seldom.
constexpr Duration kAskForConfigurationMin{60'000}, kAskForConfigurationMax{std::chrono::hours{24}};

std::string snoozed_words(const model::QuietTime& time) {
  const model::Snooze& snooze = *time.snooze;
  return fmt::format("It is snoozed{} until {}{}.", snooze.by.empty() ? "" : " by " + snooze.by,
                     format_timestamp_seconds(time.ends), snooze.reason.empty() ? "" : ": " + snooze.reason);
}

/// The tail of one alert's history that is turned into the desired state of one ticket.
class TicketBuilder {
 public:
  TicketBuilder(const AlertInput& input, const mapping::Resolved& resolved, const mapping::Facts& facts,
                const Life& life, const Flapping& flapping, Answer& answer)
      : in_(input),
        resolved_(resolved),
        settings_(resolved.settings),
        facts_(facts),
        life_(life),
        flapping_(flapping),
        answer_(answer) {}

  std::optional<Desired> build() {
    ticket_.kind = psa::ObjectKind::ticket;
    ticket_.known_by_number = true;
    ticket_.looks_before_changes = true;
    ticket_.anchor = life_.anchor;
    ticket_.anchored_at = life_.link ? life_.link->anchored_at : in_.alert.happenings[life_.begin].time;
    exists_ = life_.link != nullptr;
    ticket_.may_create = !exists_;
    ticket_.part_began_at = life_.raised_at;
    ticket_.external_reference =
        life_.link ? life_.link->external_reference : external_reference(in_.alert.ref, life_.anchor);
    ticket_.on_catch_all =
        life_.link ? life_.link->on_catch_all && resolved_.company_is_catch_all : resolved_.company_is_catch_all;
    ticket_.why = life_.why;
    find_quiet();
    find_beginning();
    if (life_.note_only) {
      if (quiet_now_) return std::move(ticket_);
      note("recurred:" + beginning_, "recurred", life_.raised_at, {},
           "the alert came back after its ticket was closed");
      finish_notes();
      return std::move(ticket_);
    }
    if (!fields()) return std::nullopt;
    if (!exists_) description();
    if (closed_by_people()) return std::move(ticket_);
    configuration();
    history();
    look_again();
    steps();
    finish_notes();
    return std::move(ticket_);
  }

 private:
  /// What the keys of this part's notes and steps are made of: the raise that began it when they were first written. A
  /// raise that arrives late, and happened earlier, must not make them anew.
  void find_beginning() {
    beginning_ = life_.last_anchor;
    began_at_ = life_.raised_at;
    if (!life_.link) return;
    const Link& link = *life_.link;
    if (life_.parts <= 1 && link.anchored_at != Timestamp{}) {
      beginning_ = link.anchor;
      began_at_ = link.anchored_at;
      return;
    }
    // It was taken up by the time that passed, and by no report.
    if (life_.last_anchor.starts_with(kStillOpenPart)) return;
    for (std::size_t i = life_.begin; i < life_.end; ++i) {
      const Happening& each = in_.alert.happenings[i];
      const bool used = link.turn == "reopened:" + each.identity || link.posted.contains("reopened:" + each.identity) ||
                        link.posted.contains("recurred:" + each.identity);
      if (!used) continue;
      beginning_ = each.identity;
      began_at_ = each.time;
      return;
    }
  }

  void find_quiet() {
    quiet_times_ = model::quiet_times(in_.alert);
    for (const model::QuietTime& each : quiet_times_) {
      if (in_.now < each.begins || in_.now >= each.ends) continue;
      quiet_now_ = true;
      answer_.ask_again(each.ends);
      answer_.reasons.push_back(snoozed_words(each));
    }
  }

  bool is_quiet(Timestamp at) const {
    return std::any_of(quiet_times_.begin(), quiet_times_.end(),
                       [at](const model::QuietTime& each) { return at > each.begins && at <= each.ends; });
  }

  struct TimedNote {
    Timestamp time;
    DesiredNote note;
  };

  Ownership status_ownership() const {
    const auto found = settings_.ownership.find(psa::TicketField::status);
    return found == settings_.ownership.end() ? Ownership::product : found->second;
  }

  bool fields() {
    FieldsInput input{.resolved = resolved_,
                      .facts = facts_,
                      .document = in_.document,
                      .reference_data = in_.reference_data,
                      .severity = life_.severity_max,
                      .summary = summary(),
                      .link = life_.link};
    FieldsResult result = desired_fields(input);
    for (mapping::Problem& each : result.problems) answer_.problems.push_back(std::move(each));
    if (result.held) {
      answer_.held = std::move(result.held);
      return false;
    }
    ticket_.fields = std::move(result.fields);
    ticket_.name = psa::shown(find_field(ticket_.fields, psa::field::summary)->value);
    board_ = result.board;
    contact();
    if (life_.link && life_.link->observed)
      if (const psa::Value* now_on = life_.link->observed->find(psa::field::board)) board_ = now_on->id();
    if (!exists_ && status_ownership() != Ownership::psa) {
      StatusChoice choice = choose_status(resolved_, AlertState::opened, board_, in_.reference_data);
      if (choice.problem) answer_.problems.push_back(std::move(*choice.problem));
      if (choice.status && !choice.closes)
        ticket_.turn = Turn{"opened:" + life_.anchor, *choice.status, false, "the ticket is new", choice.decided_by};
    }
    return true;
  }

  /// Whom the alert names, among the people of the company.
  void contact() {
    const std::string& email = in_.alert.content.contact_email;
    if (exists_ || !settings_.contact_from_alert.value_or(false) || resolved_.company_is_catch_all) return;
    DesiredField* const named = find_field(ticket_.fields, psa::field::contact);
    const bool is_named = named != nullptr;
    const bool asks_default = !is_named && settings_.contact_fallback == mapping::ContactFallback::company_default;
    if (email.empty() && !asks_default) return;
    if (!in_.contact) {
      ticket_.contact_question = ContactQuestion{resolved_.company.id, email, asks_default};
      return;
    }
    answer_.reasons.push_back(in_.contact->how);
    if (in_.contact->contact.empty()) return;
    if (is_named)
      named->value = in_.contact->contact;
    else
      ticket_.fields.push_back(
          {std::string(psa::field::contact), in_.contact->contact, Ownership::create, "contact_from_alert"});
  }

  std::string summary() const {
    return fit_summary(mapping::render(settings_.summary.value_or("{{title}}"), facts_, extra()));
  }

  void description() {
    ticket_.description = mapping::render(settings_.description.value_or("{{description}}"), facts_, extra());
    if (life_.follows) ticket_.description += fmt::format("\n\nEarlier ticket: #{}", life_.follows->object.value);
  }

  void configuration() {
    if (!life_.open || !in_.device || !settings_.attach_configuration.value_or(false)) return;
    if (in_.configuration.empty() && in_.configuration_expected) {
      if (!life_.link || life_.link->configuration_attached) return;
      const Duration age = in_.now - life_.link->linked_at;
      answer_.ask_again(in_.now + std::clamp(age, kAskForConfigurationMin, kAskForConfigurationMax));
      return;
    }
    ticket_.configuration = in_.configuration;
    ticket_.configuration_device = in_.alert.content.device;
  }

  Extra extra() const {
    Extra values{{"count", std::to_string(std::max<std::int64_t>(life_.raises, 1))},
                 {"resolution", in_.alert.resolution},
                 {"first_time", format_timestamp_seconds(life_.raised_at)}};
    if (life_.follows) values["previous_ticket"] = "#" + life_.follows->object.value;
    return values;
  }

  /// The technicians have closed it, and nothing has happened since that would re-open it.
  bool closed_by_people() const {
    if (!life_.link || !life_.link->closed_by_people()) return false;
    return life_.parts <= 1 ||
           life_.raised_at <= life_.link->observed->progress->closed_at.value_or(life_.link->observed_at);
  }

  /// Our own close, or a technician's, came before this part of its life.
  bool comes_back() const {
    if (!life_.link || life_.parts <= 1 || !(life_.open || flapping_.now)) return false;
    return life_.link->closed() || life_.link->turn == "reopened:" + beginning_;
  }

  void history() {
    Severity highest = Severity::info;
    bool acknowledged = false;
    const Duration interval =
        std::max(settings_.repeat_note_interval.value_or(std::chrono::minutes{15}), Duration{60'000});
    std::map<std::int64_t, std::int64_t> repeats;
    for (std::size_t i = life_.begin; i < life_.end; ++i) {
      const Happening& happening = in_.alert.happenings[i];
      if (happening.kind == Happening::Kind::raised && happening.count > 0 && happening.time >= began_at_ &&
          happening.identity != beginning_)
        repeats[(happening.time - began_at_) / interval] += happening.count;
      if (i > life_.begin && happening.severity > highest && exists_) escalated(happening, highest);
      highest = std::max(highest, happening.severity);
      if (happening.acknowledged && !acknowledged && exists_) {
        acknowledged = true;
        acknowledged_ = happening.identity;
        note("acknowledged:" + happening.identity, "acknowledged", happening.time, {}, "the alert was acknowledged");
      }
    }
    if (exists_) repeated(repeats, interval);
  }

  /// A repeat asks whether the ticket is still open; a flood of repeats asks once in a while.
  void look_again() {
    if (!exists_ || !life_.open) return;
    std::int64_t newest = 0;
    for (std::size_t i = life_.begin; i < life_.end; ++i)
      if (in_.alert.happenings[i].kind == Happening::Kind::raised)
        newest = std::max(newest, in_.alert.happenings[i].sequence);
    if (newest <= life_.link->observed_sequence) return;
    const Timestamp again = life_.link->observed_at + kLookAgainInterval;
    if (in_.now >= again)
      ticket_.look_again = true;
    else
      answer_.ask_again(again);
  }

  void escalated(const Happening& happening, Severity before) {
    // What the ticket was opened with is in its description.
    if (happening.sequence <= life_.link->linked_sequence) return;
    escalated_ = happening.identity;
    note(
        "escalated:" + happening.identity, "escalated", happening.time,
        {{"previous_severity", std::string(model::to_string(before))},
         {"severity", std::string(model::to_string(happening.severity))}},
        fmt::format("the severity rose from {} to {}", model::to_string(before), model::to_string(happening.severity)));
  }

  /// One note for each interval in which the alert came again, when that interval is over.
  void repeated(const std::map<std::int64_t, std::int64_t>& repeats, Duration interval) {
    // What was not told before the life ended is told by its last note.
    const Timestamp horizon =
        life_.open ? in_.now : life_.resolved_at.value_or(in_.alert.happenings[life_.end - 1].time);
    std::int64_t total = 1;
    for (const auto& [slot, count] : repeats) {
      total += count;
      const Timestamp begins = began_at_ + slot * interval;
      const Timestamp ends = begins + interval;
      if (ends > horizon) {
        if (life_.open) answer_.ask_again(ends);
        continue;
      }
      if (is_quiet(ends)) continue;
      note(fmt::format("repeated:{}:{}", beginning_, slot), "repeated", ends,
           {{"count", std::to_string(total)},
            {"interval_count", std::to_string(count)},
            {"interval", describe_duration(interval)}},
           fmt::format("it was reported {} more time{} within {}", count, count == 1 ? "" : "s",
                       describe_duration(interval)));
    }
  }

  void steps() {
    if (!exists_) return;
    if (flapping_.now) answer_.ask_again(flapping_.quiet_at);
    if (flapping_.now && !quiet_now_) {
      note("flapping:" + flapping_.since, "flapping", in_.now, {{"count", std::to_string(flapping_.transitions)}},
           "the alert opens and closes too often");
      answer_.reasons.push_back(
          fmt::format("It has opened and closed {} times; the ticket stays open until it has been quiet until {}.",
                      flapping_.transitions, format_timestamp_seconds(flapping_.quiet_at)));
    }
    if (comes_back()) {
      if (quiet_now_) return;
      note("reopened:" + beginning_, "reopened", life_.raised_at, {},
           "the alert came back while its ticket may be re-opened");
      const std::string key = "reopened:" + beginning_;
      if (!step(key, AlertState::reopened, "the alert came back")) step(key, AlertState::opened, "the alert came back");
      if (life_.link->turn != key) return;
    }
    if (life_.open || flapping_.now) {
      if (!acknowledged_.empty())
        gentle_step("acknowledged:" + acknowledged_, AlertState::acknowledged, "the alert was acknowledged");
      else if (!escalated_.empty())
        gentle_step("updated:" + escalated_, AlertState::updated, "the alert was updated");
      return;
    }
    resolve();
  }

  void resolve() {
    const AutoClose policy = settings_.auto_close.value_or(AutoClose::close);
    if (policy == AutoClose::never) return;
    const std::string key = "resolved:" + life_.resolved_identity;
    const bool done = life_.link->turn == key;
    if (life_.link->closed() && !done && !life_.link->posted.contains(key)) return;
    const std::string taken = policy == AutoClose::close && !done ? takeover() : std::string();
    const bool leave = !taken.empty();
    note(key, leave ? "resolved_taken_over" : "resolved", life_.resolved_at.value_or(in_.now), {{"taken_over", taken}},
         "the alert was resolved");
    if (leave) {
      answer_.reasons.push_back("It was resolved, and the ticket stays open: " + taken + ".");
      return;
    }
    if (policy != AutoClose::close) return;
    if (!step(key, AlertState::resolved, "the alert was resolved and nobody has taken the ticket over") && !done &&
        !life_.link->closed())
      answer_.reasons.push_back(
          "It was resolved, and the ticket stays open: no status for resolved alerts can be set on its board.");
    if (!done) look_for_people(settings_, ticket_);
  }

  std::string takeover() const {
    const StatusChoice resolved = choose_status(resolved_, AlertState::resolved, board_, in_.reference_data);
    return taken_over(*life_.link, settings_, resolved.status ? &*resolved.status : nullptr);
  }

  bool moved(const psa::Value* status) const {
    const psa::Value* ours = life_.link->written_value(psa::field::status);
    if (!status || !ours || *status == *ours || status->id() == life_.link->attempted_status) return false;
    // A change of ours whose answer was lost with the process: signed by us, to a status that we set.
    const bool signed_by_us = !life_.link->member.empty() && life_.link->observed->updated_by == life_.link->member;
    return !signed_by_us || !(is_status(AlertState::reopened, status) || is_status(AlertState::acknowledged, status) ||
                              is_status(AlertState::updated, status) || is_status(AlertState::opened, status));
  }

  bool is_status(AlertState state, const psa::Value* status) const {
    const StatusChoice choice = choose_status(resolved_, state, board_, in_.reference_data);
    return status && choice.status && choice.status->id == status->id();
  }

  bool step(std::string key, AlertState state, std::string why) {
    if (status_ownership() != Ownership::product) return false;
    StatusChoice choice = choose_status(resolved_, state, board_, in_.reference_data);
    if (choice.problem) answer_.problems.push_back(std::move(*choice.problem));
    if (!choice.status) return false;
    const bool reopening = state == AlertState::reopened || state == AlertState::opened;
    if (reopening && choice.closes) return false;
    ticket_.turn = Turn{std::move(key), *choice.status, choice.closes, std::move(why), choice.decided_by};
    return true;
  }

  /// A step between open states: taken only while the status is still the one that we set.
  void gentle_step(std::string key, AlertState state, std::string why) {
    if (!settings_.statuses.contains(state)) return;
    const psa::Value* observed = life_.link->observed ? life_.link->observed->find(psa::field::status) : nullptr;
    if (moved(observed) && life_.link->turn != key && !is_status(state, observed)) return;
    step(std::move(key), state, std::move(why));
  }

  void note(std::string key, const std::string& name, Timestamp at, Extra more, std::string why) {
    const auto found = settings_.notes.find(name);
    if (found == settings_.notes.end() || found->second.text.empty()) return;
    if (life_.link && life_.link->posted.contains(key)) {
      notes_.push_back({at, {.key = std::move(key), .kind = found->second.kind, .text = {}, .why = std::move(why)}});
      return;
    }
    Extra values = extra();
    for (auto& [each, value] : more) values[each] = std::move(value);
    std::string text = mapping::render(found->second.text, facts_, values);
    if (text.empty()) return;
    notes_.push_back(
        {at, {.key = std::move(key), .kind = found->second.kind, .text = std::move(text), .why = std::move(why)}});
  }

  void finish_notes() {
    std::stable_sort(notes_.begin(), notes_.end(),
                     [](const TimedNote& a, const TimedNote& b) { return a.time < b.time; });
    for (TimedNote& each : notes_) ticket_.notes.push_back(std::move(each.note));
  }

  const AlertInput& in_;
  const mapping::Resolved& resolved_;
  const mapping::TicketSettings& settings_;
  const mapping::Facts& facts_;
  const Life& life_;
  const Flapping& flapping_;
  Answer& answer_;
  Desired ticket_;
  bool exists_ = false;  ///< a link stands for it already
  std::vector<TimedNote> notes_;
  std::vector<model::QuietTime> quiet_times_;
  bool quiet_now_ = false;
  std::string beginning_;
  Timestamp began_at_{};
  std::string board_, acknowledged_, escalated_;
};

/// Whether an alert without a ticket may open one now; fills `answer.held` when not.
class Admission {
 public:
  Admission(const AlertInput& input, const mapping::Resolved& resolved, const mapping::Facts& facts, Answer& answer)
      : in_(input), resolved_(resolved), facts_(facts), answer_(answer) {}

  bool admits(const Life& life, const Flapping& flapping) {
    const mapping::TicketSettings& settings = resolved_.settings;
    if (in_.document.go_live_at && life.raised_at < *in_.document.go_live_at)
      return hold("alert.before_go_live", fmt::format("It was raised at {}, before the integration went live at {}.",
                                                      format_timestamp_seconds(life.raised_at),
                                                      format_timestamp_seconds(*in_.document.go_live_at)));
    for (const model::QuietTime& each : model::quiet_times(in_.alert)) {
      if (in_.now < each.begins || in_.now >= each.ends) continue;
      answer_.ask_again(each.ends);
      return hold("alert.snoozed", snoozed_words(each));
    }
    const Severity threshold = settings.severity_threshold.value_or(Severity::info);
    if (life.severity_max < threshold)
      return hold("alert.below_threshold",
                  fmt::format("Its severity is {}; tickets are opened from {} on.", model::to_string(life.severity_max),
                              model::to_string(threshold)));
    if (const auto window = mapping::maintenance(in_.document, facts_, in_.now)) {
      answer_.ask_again(window->ends_at);
      return hold("alert.in_maintenance", fmt::format("The maintenance window \"{}\" is in force until {}.",
                                                      window->name, format_timestamp_seconds(window->ends_at)));
    }
    if (!held_long_enough(life, flapping)) return false;
    if (resolved_.company.empty())
      return park("mapping.customer_unknown",
                  fmt::format("The customer \"{}\" is not mapped to a ConnectWise company yet.", answer_.customer));
    return !stays_with_ended_storm(life) && !joins_storm(life);
  }

 private:
  bool held_long_enough(const Life& life, const Flapping& flapping) {
    if (flapping.now) return true;
    const auto& holds = resolved_.settings.hold_down;
    const auto found = holds.find(life.severity_max);
    const Duration wait = found == holds.end() ? Duration{0} : found->second;
    const Timestamp until = life.raised_at + wait;
    if (in_.now >= until || life.raised_at > in_.now + kAheadMax) return true;
    answer_.ask_again(until);
    return hold(
        "alert.held_down",
        fmt::format("A {} alert must last {} before it becomes a ticket; this one is looked at again at {}.",
                    model::to_string(life.severity_max), describe_duration(wait), format_timestamp_seconds(until)));
  }

  /// Technicians have ended the ticket that it shared with others: it is left with it as an alert with a ticket of its
  /// own would be.
  bool stays_with_ended_storm(const Life& life) {
    if (!in_.storm.ended_by_people || life.raised_at > *in_.storm.ended_by_people) return false;
    // Whom the ticket never named, nobody has seen.
    const Duration interval =
        std::max(resolved_.settings.repeat_note_interval.value_or(std::chrono::minutes{15}), Duration{60'000});
    const auto slot = (life.raised_at - in_.storm.parent_made_at) / interval;
    const bool named =
        life.raised_at <= in_.storm.parent_made_at || in_.storm.parent_posted.contains(fmt::format("members:{}", slot));
    if (!named) return false;
    const Timestamp ended = *in_.storm.ended_by_people;
    Severity before = Severity::info;
    bool reported = false;
    for (std::size_t i = life.begin; i < life.end; ++i) {
      const Happening& each = in_.alert.happenings[i];
      if (each.time > ended && each.severity > before) return false;
      reported |= each.time > ended && each.kind == Happening::Kind::raised;
      before = std::max(before, each.severity);
    }
    const auto policy = resolved_.settings.still_open_policy.value_or(mapping::StillOpenPolicy::leave);
    if (policy == mapping::StillOpenPolicy::new_ticket && reported) return false;
    std::string until = ", as the mapping says (still_open)";
    if (policy == mapping::StillOpenPolicy::reopen_after) {
      const Timestamp again = ended + resolved_.settings.still_open_after.value_or(std::chrono::hours{4});
      if (in_.now >= again) return false;
      answer_.ask_again(again);
      until = " until " + format_timestamp_seconds(again);
    }
    hold("alert.in_storm", fmt::format("It belonged to the storm ticket #{}, which technicians have ended. It is left "
                                       "so{}.",
                                       in_.storm.parent_number, until));
    return true;
  }

  bool joins_storm(const Life& life) {
    const int limit = resolved_.settings.storm_alerts.value_or(0);
    if (limit <= 0) return false;
    const Duration window = resolved_.settings.storm_window.value_or(std::chrono::minutes{5});
    const auto together = std::count_if(in_.storm.raised_at.begin(), in_.storm.raised_at.end(), [&](Timestamp at) {
      return at > life.raised_at - window && at < life.raised_at + window;
    });
    if (!in_.storm.active && together <= limit) return false;
    answer_.joins_storm = true;
    hold("alert.in_storm", in_.storm.parent_number.empty()
                               ? fmt::format("{} alerts of this kind came at once; they share one ticket.", together)
                               : fmt::format("It belongs to the storm ticket #{}.", in_.storm.parent_number));
    return true;
  }

  bool hold(std::string code, std::string detail) {
    answer_.held = Held{std::move(code), std::move(detail), false};
    return false;
  }
  bool park(std::string code, std::string detail) {
    answer_.held = Held{std::move(code), std::move(detail), true};
    return false;
  }

  const AlertInput& in_;
  const mapping::Resolved& resolved_;
  const mapping::Facts& facts_;
  Answer& answer_;
};

/// Whether the board of the newest ticket has an open status to re-open it with; the mapped one, or the opened one.
bool can_reopen(const AlertInput& input, const mapping::Resolved& resolved) {
  if (!input.reference_data) return true;
  const Link& newest = input.links.back();
  const psa::Value* on = newest.observed ? newest.observed->find(psa::field::board) : nullptr;
  if (!on) on = newest.written_value(psa::field::board);
  if (!on) return true;
  const std::string board(on->id());
  for (const psa::Board& each : input.reference_data->boards)
    if (each.reference.id == board && each.inactive) return false;
  for (const AlertState state : {AlertState::reopened, AlertState::opened}) {
    const StatusChoice choice = choose_status(resolved, state, board, input.reference_data);
    if (choice.status && !choice.closes) return true;
  }
  return false;
}

/// Technicians have ended its ticket, and it is still open.
void leave(const Life& life, Answer& answer) {
  const Link& link = *life.link;
  answer.left = LeftTicket{link.anchor, life.reported_since};
  const std::string ended = link.gone.empty() ? fmt::format("Technicians have closed ticket #{} at {}",
                                                            link.object.value, format_timestamp_seconds(ended_at(link)))
                                              : fmt::format("Ticket #{} is {}", link.object.value, link.gone);
  answer.reasons.push_back(fmt::format(
      "{} while the alert is still open. {}", ended,
      life.ask_again_at
          ? fmt::format("It is taken up again at {}, if the alert is still open then.",
                        format_timestamp_seconds(*life.ask_again_at))
          : "It is left so, as the mapping says (still_open), until the severity rises or the alert is raised anew "
            "after a resolve."));
}

}  // namespace

Answer alert_to_ticket(const AlertInput& input) {
  Answer answer;
  const mapping::Facts facts{&input.alert, input.device, input.customer, input.linked_company};
  mapping::Resolved resolved = mapping::resolve(input.document, facts);
  answer.mode = resolved.mode;
  answer.title = input.alert.content.title.empty() ? input.alert.content.condition : input.alert.content.title;
  answer.customer =
      input.alert.content.customer_name.empty() ? input.alert.content.customer : input.alert.content.customer_name;
  if (resolved.mode == mapping::Mode::off || resolved.excluded) {
    answer.held = Held{
        resolved.excluded ? "mapping.customer_excluded" : "mapping.off",
        resolved.excluded ? "This customer is excluded from the integration." : "The workflow is switched off.", false};
    return answer;
  }
  if (!input.links.empty() && !can_reopen(input, resolved)) {
    // An alert that comes back must be seen: without a status to re-open with, it gets a new ticket.
    resolved.settings.reopen_policy = mapping::ReopenPolicy::never;
    answer.problems.push_back(
        {mapping::Problem::Level::warning, "psa.status_missing", "",
         "The ticket's board is inactive, or has no open status that the mapping names; alerts that come back open new "
         "tickets."});
  }
  const std::vector<model::Episode> episodes = model::episodes(input.alert);
  const Flapping flapping = find_flapping(episodes, resolved.settings, input.now);
  const std::vector<Life> lives =
      find_lives(input.alert, episodes, input.links, resolved.settings, flapping, input.now);
  if (lives.empty()) {
    const std::string& storm = input.storm.past_number;
    if (!episodes.empty())
      answer.reasons.push_back(storm.empty() ? "It was resolved before a ticket was needed."
                                             : "It was one of the alerts of the storm ticket #" + storm + ".");
    return answer;
  }
  // Only the newest life can still change; what came before is settled, except a ticket whose resolve has not been
  // written yet.
  for (std::size_t i = 0; i < lives.size(); ++i) {
    const Life& life = lives[i];
    const bool newest = i + 1 == lives.size();
    if (life.ask_again_at) answer.ask_again(*life.ask_again_at);
    if (life.is_left) leave(life, answer);
    if (life.link && !life.link->gone.empty()) {
      if (newest && !life.is_left)
        answer.reasons.push_back("Its ticket is " + life.link->gone + "; nothing more is written to it.");
      continue;
    }
    if (life.begin == life.end) continue;
    if (!life.link && !Admission(input, resolved, facts, answer).admits(life, flapping)) continue;
    if (!newest && life.open) continue;
    const Flapping none{};
    if (auto ticket = TicketBuilder(input, resolved, facts, life, newest ? flapping : none, answer).build())
      answer.wanted.push_back(std::move(*ticket));
  }
  return answer;
}

}  // namespace crosswalk::workflows
