#include "workflows/alert_to_ticket.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "base/text.h"
#include "plan/markers.h"
#include "plan/steps.h"
#include "workflows/fields.h"

namespace crosswalk::workflows {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

const Timestamp kStart = from_milliseconds(1'767'225'600'000);

constexpr const char* kMapping = R"({
  "workflow": "alert_to_ticket", "mode": "live",
  "defaults": {
    "board": {"id": "2", "name": "SOC"},
    "statuses": {"opened": {"id": "21", "name": "New"}, "resolved": {"id": "29", "name": "Closed"},
                 "reopened": {"id": "25", "name": "Re-opened"}},
    "priority": {"by_severity": {"high": {"id": "2", "name": "High"}, "critical": {"id": "1", "name": "Critical"}}},
    "reopen": {"policy": "%POLICY%", "window": "24h"}
  },
  "customers": {"contoso": {"company": {"id": "12", "name": "Contoso"}}}
})";

mapping::Document document(std::string policy = "within") {
  std::string text = kMapping;
  text.replace(text.find("%POLICY%"), 8, policy);
  const mapping::Parsed parsed = mapping::parse_document(text);
  if (!parsed.document) throw std::runtime_error(parsed.problems.front().message);
  return *parsed.document;
}

/// Builds an alert event by event.
class History {
 public:
  History& raised(Timestamp at, std::string severity = "critical") {
    return add(model::EventType::alert_raised, at, severity);
  }
  History& resolved(Timestamp at) { return add(model::EventType::alert_resolved, at, "critical"); }
  const model::Alert& alert() const { return alert_; }
  std::string identity(std::size_t index) const { return alert_.happenings.at(index).identity; }

 private:
  History& add(model::EventType type, Timestamp at, const std::string& severity) {
    model::Event event;
    event.sequence = ++count_;
    event.source = "test";
    event.id = std::to_string(count_);
    event.type = type;
    event.time = at;
    event.data = {{"product", "edr"},       {"customer", "contoso"}, {"subject", "desk-7"},
                  {"condition", "malware"}, {"severity", severity},  {"title", "Malware"}};
    event.record = model::record_of(PartnerId("p"), type, event.data);
    alert_.ref = event.record;
    model::fold(alert_, event);
    return *this;
  }
  model::Alert alert_;
  int count_ = 0;
};

Answer ask(const History& history, const std::vector<Link>& links, Timestamp now, const mapping::Document& mapping) {
  return alert_to_ticket({.alert = history.alert(), .document = mapping, .links = links, .storm = {}, .now = now});
}

/// The ticket of the first episode, as it is after it was made and perhaps closed.
Link link_of(const History& history, bool closed, bool by_us, Timestamp closed_at) {
  Link link;
  link.anchor = history.identity(0);
  link.external_reference = external_reference(history.alert().ref, link.anchor);
  link.object = {"manage", PartnerId("p"), psa::ObjectKind::ticket, "100"};
  link.linked_at = kStart;
  link.linked_sequence = link.observed_sequence = 1;
  link.written = {{"status", psa::Reference{closed && by_us ? "29" : "21", ""}}};
  psa::Object observed;
  observed.id = link.object;
  observed.progress.emplace().closed = closed;
  if (closed) observed.progress->closed_at = closed_at;
  observed.values = {{"status", psa::Reference{closed ? "29" : "21", closed ? "Closed" : "New"}}};
  link.observed = observed;
  link.observed_at = closed_at;
  link.closed_by_us = closed && by_us;
  return link;
}

enum class State { open, closed_recently, closed_long_ago, deleted, merged };
struct ReopenCase {
  State state;
  const char* policy;
  const char* expected;  ///< "same", "reopen" or "new"
};

TEST(AlertToTicket, P7_FiveStatesOfTheOldTicketTimesThreePolicies) {
  const ReopenCase cases[] = {
      {State::open, "never", "same"},
      {State::open, "within", "same"},
      {State::open, "always", "same"},
      {State::closed_recently, "never", "new"},
      {State::closed_recently, "within", "reopen"},
      {State::closed_recently, "always", "reopen"},
      {State::closed_long_ago, "never", "new"},
      {State::closed_long_ago, "within", "new"},
      {State::closed_long_ago, "always", "reopen"},
      {State::deleted, "never", "new"},
      {State::deleted, "within", "new"},
      {State::deleted, "always", "new"},
      {State::merged, "never", "new"},
      {State::merged, "within", "new"},
      {State::merged, "always", "new"},
  };
  for (const ReopenCase& each : cases) {
    const Timestamp closed_at = kStart + hours{1};
    const Timestamp again = each.state == State::closed_long_ago ? closed_at + hours{25} : closed_at + hours{2};
    History history;
    history.raised(kStart).resolved(closed_at).raised(again);
    Link link = link_of(history, each.state != State::open, true, closed_at);
    if (each.state == State::deleted) link.gone = "deleted";
    if (each.state == State::merged) link.gone = "merged into #7";
    const Answer answer = ask(history, {link}, again + minutes{1}, document(each.policy));
    std::string found = "nothing";
    for (const Desired& ticket : answer.wanted) {
      if (ticket.may_create)
        found = "new";
      else if (ticket.turn && ticket.turn->key.starts_with("reopened"))
        found = "reopen";
      else if (found == "nothing")
        found = "same";
    }
    EXPECT_EQ(found, each.expected) << "state " << static_cast<int>(each.state) << ", policy " << each.policy;
  }
}

TEST(AlertToTicket, P7_WithoutAStatusToReopenWithAnAlertThatComesBackGetsANewTicket) {
  History history;
  history.raised(kStart).resolved(kStart + hours{1}).raised(kStart + hours{2});
  Link link = link_of(history, true, true, kStart + hours{1});
  link.written["board"] = psa::Reference{"2", "SOC"};
  psa::ReferenceData data;
  data.companies = {{{"12", "Contoso"}, false}};
  psa::Board board;
  board.reference = {"2", "SOC"};
  board.statuses = {{{"21", "New"}, false, true, true},
                    {{"25", "Re-opened"}, true, false, false},
                    {{"29", "Closed"}, true, false, false}};
  data.boards.push_back(board);
  const mapping::Document mapping = document("always");
  const std::vector<Link> links{link};
  const Answer answer = alert_to_ticket({.alert = history.alert(),
                                         .document = mapping,
                                         .links = links,
                                         .storm = {},
                                         .reference_data = &data,
                                         .now = kStart + hours{2}});
  ASSERT_FALSE(answer.wanted.empty());
  EXPECT_TRUE(answer.wanted.back().may_create);
  EXPECT_FALSE(answer.problems.empty());
}

TEST(AlertToTicket, TechniciansChangesToFieldsTheyOwnAreNeverOverwritten) {
  History history;
  history.raised(kStart, "high");
  Link link = link_of(history, false, true, kStart);
  link.observed->values = {{"summary", std::string("My own words")},  {"board", psa::Reference{"9", "Other board"}},
                           {"status", psa::Reference{"21", "New"}},   {"owner", psa::Reference{"5", "mlopez"}},
                           {"priority", psa::Reference{"2", "High"}}, {"company", psa::Reference{"99", "Moved"}}};
  const Answer answer = ask(history, {link}, kStart + minutes{1}, document());
  ASSERT_EQ(answer.wanted.size(), 1u);
  EXPECT_FALSE(plan::next_step(answer.wanted[0], &link, kStart + minutes{1}).step.has_value());
}

TEST(AlertToTicket, FieldsThatTheProductOwnsAreKeptSo) {
  History history;
  history.raised(kStart, "high").raised(kStart + minutes{1}, "critical");
  Link link = link_of(history, false, true, kStart);
  link.observed->values["priority"] = psa::Reference{"2", "High"};
  link.posted.insert("escalated:" + history.identity(1));
  const Answer answer = ask(history, {link}, kStart + minutes{2}, document());
  const auto step = plan::next_step(answer.wanted.at(0), &link, kStart + minutes{2}).step;
  ASSERT_TRUE(step.has_value());
  const auto* update = std::get_if<psa::UpdateObject>(&step->operation);
  ASSERT_NE(update, nullptr);
  ASSERT_EQ(update->values.size(), 1u);
  EXPECT_EQ(update->values.at("priority").id(), "1");
  ASSERT_EQ(step->changes.size(), 1u);
  EXPECT_EQ(step->changes[0].before, "High");
  EXPECT_EQ(step->changes[0].after, "Critical");
}

TEST(AlertToTicket, ResolveWritesTheNoteFirstAndClosesAfterIt) {
  History history;
  history.raised(kStart).resolved(kStart + minutes{5});
  Link link = link_of(history, false, true, kStart);
  const mapping::Document mapping = document();
  const Timestamp now = kStart + minutes{6};
  const Desired noted = ask(history, {link}, now, mapping).wanted.at(0);
  const auto first = plan::next_step(noted, &link, now).step;
  ASSERT_TRUE(first.has_value());
  EXPECT_EQ(first->kind, plan::StepKind::note);
  plan::settle(*first, noted, link.object, std::nullopt, now, link);
  const Desired closing = ask(history, {link}, now, mapping).wanted.at(0);
  const auto second = plan::next_step(closing, &link, now).step;
  ASSERT_TRUE(second.has_value());
  EXPECT_EQ(second->kind, plan::StepKind::close);
  plan::settle(*second, closing, link.object, std::nullopt, now, link);
  const Answer done = ask(history, {link}, kStart + minutes{6}, mapping);
  for (const Desired& ticket : done.wanted) EXPECT_FALSE(plan::next_step(ticket, &link, now).step.has_value());
}

TEST(AlertToTicket, AskedTwiceItAnswersTheSame) {
  History history;
  history.raised(kStart, "high");
  const Answer first = ask(history, {}, kStart + minutes{2}, document());
  const Answer second = ask(history, {}, kStart + minutes{2}, document());
  ASSERT_EQ(first.wanted.size(), 1u);
  EXPECT_EQ(first.wanted[0].external_reference, second.wanted[0].external_reference);
  EXPECT_EQ(plan::next_step(first.wanted[0], nullptr, kStart).step->operation,
            plan::next_step(second.wanted[0], nullptr, kStart).step->operation);
}

TEST(AlertToTicket, HoldDownAsksAgainAtItsEnd) {
  History history;
  history.raised(kStart, "medium");
  const Answer answer = ask(history, {}, kStart + minutes{1}, document());
  EXPECT_TRUE(answer.wanted.empty());
  ASSERT_TRUE(answer.held.has_value());
  EXPECT_EQ(answer.held->code, "alert.held_down");
  EXPECT_EQ(answer.ask_again_at, kStart + minutes{5});
}

RC_GTEST_PROP(Summary, AlwaysFitsConnectWiseAndStaysUtf8, (const std::vector<std::uint16_t>& points)) {
  std::string text;
  for (const std::uint16_t point : points) {
    const std::uint32_t code = point % 5 == 0   ? 0x1F600u + point % 64
                               : point % 3 == 0 ? 0x5D0u + point % 20
                                                : 32u + point % 90;
    if (code < 0x80)
      text += static_cast<char>(code);
    else if (code < 0x800)
      text += {static_cast<char>(0xC0 | (code >> 6)), static_cast<char>(0x80 | (code & 0x3F))};
    else
      text += {static_cast<char>(0xF0), static_cast<char>(0x80 | ((code >> 12) & 0x3F)),
               static_cast<char>(0x80 | ((code >> 6) & 0x3F)), static_cast<char>(0x80 | (code & 0x3F))};
  }
  const std::string fitted = fit_summary(text);
  std::size_t units = 0;
  for (const unsigned char byte : fitted) units += ((byte & 0xC0) != 0x80) + (byte >= 0xF0);
  RC_ASSERT(is_utf8(fitted));
  RC_ASSERT(units >= 1u);
  RC_ASSERT(units <= kSummaryCharactersMax);
}

TEST(Link, SurvivesItsStoredForm) {
  History history;
  history.raised(kStart);
  Link link = link_of(history, true, true, kStart + hours{1});
  link.posted = {"resolved:x", "repeated:y:3"};
  link.children = {"7", "8"};
  link.turn = "resolved:x";
  link.member = "APIuser";
  link.attempted_status = "25";
  link.gone = "deleted";
  link.gone_sequence = 4;
  const auto read = parse_link(PartnerId("p"), psa::ObjectKind::ticket, serialize(link));
  ASSERT_TRUE(read.has_value());
  EXPECT_EQ(serialize(*read), serialize(link));
}

TEST(Markers, DifferByTicketAndNoteAndAreFoundAgain) {
  const std::string marker = plan::note_marker("CW-1", "resolved:a");
  EXPECT_NE(marker, plan::note_marker("CW-2", "resolved:a"));
  EXPECT_NE(marker, plan::note_marker("CW-1", "resolved:b"));
  EXPECT_EQ(plan::markers_in(plan::mark("Done.", marker)), std::vector<std::string>{marker});
  EXPECT_TRUE(plan::markers_in("Done. [ref is] [ref too long to be one] [ref ").empty());
}

}  // namespace
}  // namespace crosswalk::workflows
