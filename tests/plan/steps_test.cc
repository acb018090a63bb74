#include "plan/steps.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "plan/markers.h"

namespace crosswalk::plan {
namespace {

using mapping::Ownership;
using psa::ObjectKind;
using psa::Reference;
using psa::Value;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using workflows::Desired;
using workflows::Link;

const Timestamp kNow = *parse_timestamp("2026-03-01T08:00:00Z");

Value text(const std::string& words) { return Value(words); }

Desired company() {
  Desired desired;
  desired.kind = ObjectKind::company;
  desired.name = "Contoso";
  desired.fields = {{"name", text("Contoso"), Ownership::product, "mapping"}};
  return desired;
}

Desired ticket() {
  Desired desired;
  desired.kind = ObjectKind::ticket;
  desired.known_by_number = true;
  desired.anchor = "a";
  desired.external_reference = "CW-1";
  desired.name = "Disk full";
  desired.fields = {{"summary", text("Disk full"), Ownership::create, "summary"},
                    {"priority", Reference{"2", "High"}, Ownership::product, "priority"}};
  return desired;
}

/// The link after the object was made as desired, and the PSA has shown just that.
Link made(Desired desired) {
  desired.may_create = true;
  Link link;
  const Next next = next_step(desired, nullptr, kNow);
  psa::Object shown;
  shown.id = {"manage", PartnerId("p"), desired.kind, "7"};
  shown.values = std::get<psa::CreateObject>(next.step->operation).values;
  if (desired.kind == ObjectKind::ticket) shown.progress.emplace();
  settle(*next.step, desired, shown.id, shown, kNow, link);
  return link;
}

/// As if a person had set the field in the PSA.
void change_there(Link& link, std::string_view field, Value value) {
  psa::Object seen = *link.observed;
  seen.values[std::string(field)] = std::move(value);
  workflows::observe(link, seen, kNow);
}

/// The step is done, and the PSA shows what was written.
void take(const Step& step, const Desired& desired, Link& link) {
  psa::Object seen = *link.observed;
  for (const auto& [field, value] : std::get<psa::UpdateObject>(step.operation).values) seen.values[field] = value;
  if (seen.progress && step.sets_status) seen.progress->closed = step.closes;
  settle(step, desired, link.object, seen, kNow, link);
}

StepKind kind_of(const Desired& desired, const Link* link) { return next_step(desired, link, kNow).step->kind; }

TEST(NextStep, MakesLinksOrLeavesWhatHasNoObject) {
  Desired desired = company();
  EXPECT_FALSE(next_step(desired, nullptr, kNow).step);
  desired.may_create = true;
  EXPECT_EQ(kind_of(desired, nullptr), StepKind::create);
  desired.decided = {"12", "Contoso Ltd"};
  EXPECT_EQ(kind_of(desired, nullptr), StepKind::link) << "what is there is not made again";
  Link link = made(company());
  EXPECT_EQ(kind_of(desired, &link), StepKind::link) << "a person has chosen another one";
  desired.decided = {"7", ""};
  EXPECT_FALSE(next_step(desired, &link, kNow).step);
  link.gone = "deleted";
  EXPECT_EQ(kind_of(desired, &link), StepKind::link);
  desired.decided = {};
  desired.may_create = false;
  EXPECT_FALSE(next_step(desired, &link, kNow).step) << "nothing more is done with what is gone";
}

TEST(NextStep, ASecondLookAfterEachStepAsksForNothing) {
  for (Desired desired : {company(), ticket()}) {
    const Link link = made(desired);
    EXPECT_FALSE(next_step(desired, &link, kNow).step) << desired.name;
  }
}

TEST(NextStep, WritesOnlyWhatTheProductOwns) {
  for (const Ownership ownership : {Ownership::product, Ownership::create, Ownership::psa}) {
    Desired desired = company();
    Link link = made(desired);
    desired.fields.front().ownership = ownership;
    desired.fields.front().value = text("Contoso GmbH");
    EXPECT_EQ(next_step(desired, &link, kNow).step.has_value(), ownership == Ownership::product)
        << mapping::to_string(ownership);
  }
}

TEST(NextStep, SaysWhetherTheProductOrAPersonHasChangedAValue) {
  Desired desired = company();
  Link link = made(desired);
  change_there(link, "name", text("Contoso (VIP)"));
  EXPECT_EQ(next_step(desired, &link, kNow).step->why,
            "somebody has changed it in ConnectWise, and the mapping keeps the product's value");
  desired.fields.front().value = text("Contoso GmbH");
  EXPECT_EQ(next_step(desired, &link, kNow).step->why, "the product's value changed");
}

TEST(NextStep, ATugOfWarEndsAfterThreeRoundsForEveryKindOfObject) {
  for (Desired desired : {company(), ticket()}) {
    desired.fields.back().ownership = Ownership::product;
    const std::string field = desired.fields.back().field;
    const Value theirs = desired.kind == ObjectKind::ticket ? Value(Reference{"5", "Low"}) : text("Theirs");
    Link link = made(desired);
    int rounds = 0;
    for (; rounds < 10; ++rounds) {
      change_there(link, field, theirs);
      const auto step = next_step(desired, &link, kNow).step;
      if (!step) break;
      take(*step, desired, link);
    }
    EXPECT_EQ(rounds, kOverruledMax) << desired.name;
    EXPECT_THAT(contested_fields(desired, link), ElementsAre(field));
    // News of the product's are no part of it.
    desired.fields.back().value = desired.kind == ObjectKind::ticket ? Value(Reference{"1", "Critical"}) : text("New");
    const auto step = next_step(desired, &link, kNow).step;
    ASSERT_TRUE(step) << desired.name;
    take(*step, desired, link);
    EXPECT_THAT(contested_fields(desired, link), IsEmpty());
  }
}

TEST(NextStep, WhatThePsaKeepsInAnotherFormIsNotWrittenAgain) {
  Desired desired = company();
  desired.fields.front().value = text("A name that is cut");
  desired.may_create = true;
  Link link;
  const auto create = next_step(desired, nullptr, kNow).step;
  psa::Object shown;
  shown.id = {"manage", PartnerId("p"), ObjectKind::company, "7"};
  shown.values["name"] = text("A name");
  settle(*create, desired, shown.id, shown, kNow, link);
  EXPECT_FALSE(next_step(desired, &link, kNow).step);
  change_there(link, "name", text("Mine"));
  EXPECT_TRUE(next_step(desired, &link, kNow).step) << "but what a person makes of it is a change";
}

TEST(NextStep, WhatWasThereAtAnAdoptionStaysUntilAPersonSaysOtherwise) {
  Desired desired = company();
  desired.decided = {"12", "Contoso"};
  desired.keeps_theirs = true;
  desired.fields.push_back({"phone", text("555 0100"), Ownership::product, "mapping"});
  Link link;
  psa::Object shown;
  shown.id = {"manage", PartnerId("p"), ObjectKind::company, "12"};
  shown.values["name"] = text("Contoso, by another tool");
  settle(*next_step(desired, nullptr, kNow).step, desired, shown.id, shown, kNow, link);
  EXPECT_THAT(fields_of_others(desired, link), ElementsAre("name"));
  const auto step = next_step(desired, &link, kNow).step;
  ASSERT_TRUE(step);
  const auto& values = std::get<psa::UpdateObject>(step->operation).values;
  EXPECT_EQ(values.size(), 1u);
  EXPECT_TRUE(values.contains("phone")) << "what is empty is filled";
  desired.takes_theirs = true;
  EXPECT_EQ(std::get<psa::UpdateObject>(next_step(desired, &link, kNow).step->operation).values.size(), 2u);
}

TEST(NextStep, AFlagThatIsNotSetIsLeftOut) {
  Desired desired = company();
  desired.kind = ObjectKind::contact;
  desired.fields = {{"inactive", Value::flag(false), Ownership::product, "the product"}};
  Link link;
  link.object = {"manage", PartnerId("p"), ObjectKind::contact, "7"};
  link.observed.emplace();
  EXPECT_FALSE(next_step(desired, &link, kNow).step);
  desired.fields.front().value = Value::flag(true);
  EXPECT_TRUE(next_step(desired, &link, kNow).step);
}

TEST(NextStep, AFieldThatStandsAloneFollowsTheOthersInACallOfItsOwn) {
  Desired desired = company();
  desired.kind = ObjectKind::contact;
  desired.fields = {{"email", text("a@b.example"), Ownership::product, "mapping"},
                    {"title", text("Clerk"), Ownership::product, "mapping"}};
  desired.communication_types["email"] = {"3", "Work"};
  Link link;
  link.object = {"manage", PartnerId("p"), ObjectKind::contact, "7"};
  link.observed.emplace();
  link.observed->values["email"] = text("old@b.example");
  link.observed->parts["email"] = "44";
  const auto first = next_step(desired, &link, kNow).step;
  EXPECT_TRUE(std::get<psa::UpdateObject>(first->operation).values.contains("title"));
  take(*first, desired, link);
  const auto second = next_step(desired, &link, kNow).step;
  ASSERT_TRUE(second);
  const auto& update = std::get<psa::UpdateObject>(second->operation);
  EXPECT_TRUE(update.values.contains("email"));
  EXPECT_EQ(update.part, "44");
  EXPECT_EQ(update.communication_type.id, "3");
}

TEST(NextStep, AChangeThatMayWaitSaysUntilWhen) {
  Desired desired = company();
  desired.fields.front().every = std::chrono::hours{24};
  Link link = made(desired);
  desired.fields.front().value = text("New");
  const Next waits = next_step(desired, &link, kNow + std::chrono::hours{1});
  EXPECT_FALSE(waits.step);
  EXPECT_EQ(waits.waits_until, kNow + std::chrono::hours{24});
  EXPECT_TRUE(next_step(desired, &link, kNow + std::chrono::hours{24}).step);
  // With a change that may not wait it goes along.
  desired.fields.push_back({"phone", text("555"), Ownership::product, "mapping"});
  const auto step = next_step(desired, &link, kNow + std::chrono::hours{1}).step;
  EXPECT_EQ(std::get<psa::UpdateObject>(step->operation).values.size(), 2u);
}

TEST(NextStep, AnswersToQuestionsGoAsAWhole) {
  Desired desired = company();
  desired.kind = ObjectKind::configuration;
  desired.fields = {{"question:1", text("yes"), Ownership::product, "mapping"}};
  Link link;
  link.object = {"manage", PartnerId("p"), ObjectKind::configuration, "7"};
  link.observed.emplace();
  link.observed->values["question:1"] = text("no");
  link.observed->values["question:2"] = text("theirs");
  const auto step = next_step(desired, &link, kNow).step;
  const auto& values = std::get<psa::UpdateObject>(step->operation).values;
  EXPECT_EQ(values.at("question:1").text(), "yes");
  EXPECT_EQ(values.at("question:2").text(), "theirs");
}

TEST(Turns, AClosedTicketIsReopenedBeforeItIsWrittenUponAndClosedAfter) {
  Desired desired = ticket();
  Link link = made(desired);
  desired.notes.push_back({.key = "n1", .text = "a note", .why = "news"});
  desired.turn = workflows::Turn{"resolved:1", {"9", "Closed"}, true, "it was resolved", "mapping"};
  EXPECT_EQ(kind_of(desired, &link), StepKind::note) << "the note comes before the close";
  link.posted.insert("n1");
  const auto close = next_step(desired, &link, kNow).step;
  ASSERT_EQ(close->kind, StepKind::close);
  take(*close, desired, link);
  EXPECT_TRUE(link.closed());
  EXPECT_FALSE(link.closed_by_people());
  desired.fields.back().value = Reference{"1", "Critical"};
  EXPECT_FALSE(next_step(desired, &link, kNow).step) << "a closed ticket is left alone";
  desired.notes.push_back({.key = "n2", .text = "it is back", .why = "news"});
  desired.turn = workflows::Turn{"reopened:2", {"1", "New"}, false, "it came back", "mapping"};
  const auto reopen = next_step(desired, &link, kNow).step;
  ASSERT_EQ(reopen->kind, StepKind::reopen) << "before the note";
  EXPECT_TRUE(std::get<psa::UpdateObject>(reopen->operation).values.contains("priority"));
  take(*reopen, desired, link);
  EXPECT_EQ(link.reopening, "reopened:2");
  EXPECT_EQ(kind_of(desired, &link), StepKind::note);
}

TEST(Turns, AreTakenOnceAndRestAfterThat) {
  Desired desired = ticket();
  desired.turn = workflows::Turn{"opened:a", {"1", "New"}, false, "the ticket is new", "mapping"};
  Link link = made(desired);
  change_there(link, "status", Reference{"4", "In Progress"});
  EXPECT_FALSE(next_step(desired, &link, kNow).step) << "people move it as they like";
  desired.turn->key = "acknowledged:b";
  desired.turn->status = {"4", "In Progress"};
  settle_observed(desired, link);
  EXPECT_EQ(link.turn, "acknowledged:b") << "what is so already costs no call";
  EXPECT_FALSE(next_step(desired, &link, kNow).step);
}

TEST(Notes, ThatWereFoundBeforeTheyAreWantedAreNotWrittenAgain) {
  Desired desired = ticket();
  Link link = made(desired);
  link.found_markers = {note_marker(desired.external_reference, "slot:2"), "[ref 0000000000]"};
  EXPECT_FALSE(settle_observed(desired, link));
  desired.notes = {{.key = "slot:3", .covers = {"slot:1", "slot:2"}, .text = "and more", .why = "news"}};
  EXPECT_TRUE(settle_observed(desired, link));
  EXPECT_EQ(link.posted, (std::set<std::string>{"slot:1", "slot:2"})) << "one that is there stands for those before it";
  EXPECT_EQ(link.found_markers, std::set<std::string>{"[ref 0000000000]"});
  EXPECT_EQ(next_step(desired, &link, kNow).step->note_key, "slot:3");
}

TEST(Turns, OneThatShowsInTheFieldsIsTakenWithThem) {
  Desired desired = company();
  desired.kind = ObjectKind::configuration;
  desired.fields = {{"active", Value::flag(true), Ownership::product, "the device is active"}};
  desired.turn = workflows::Turn{.key = "active", .why = "the device is active"};
  Link link = made(desired);
  EXPECT_EQ(link.turn, "active");
  desired.turn = workflows::Turn{.key = "retired", .why = "the device is retired"};
  desired.fields.front().value = Value::flag(false);
  desired.leaves_by_itself = true;
  const auto step = next_step(desired, &link, kNow).step;
  EXPECT_EQ(step->why, "the device is retired");
  take(*step, desired, link);
  EXPECT_EQ(link.turn, "retired");
  EXPECT_EQ(link.left_at, kNow);
  EXPECT_FALSE(link.closed_by_us);
}

/// Whatever is desired and whatever stands there: done step by step it comes to rest, and then each field is whose it
/// should be.
RC_GTEST_PROP(Steps, ComeToRestWithEveryFieldAsItsOwnerWantsIt, ()) {
  const auto word = [] { return std::string(1, *rc::gen::inRange<char>('a', 'd')); };
  Desired desired = company();
  desired.fields.clear();
  Link link;
  link.object = {"manage", PartnerId("p"), ObjectKind::company, "7"};
  link.observed.emplace();
  for (const char* field : {"name", "phone", "city", "zip"}) {
    const auto ownership = static_cast<Ownership>(*rc::gen::inRange(0, 3));
    if (*rc::gen::arbitrary<bool>()) desired.fields.push_back({field, text(word()), ownership, "mapping"});
    if (*rc::gen::arbitrary<bool>()) link.observed->values[field] = text(word());
  }
  const psa::Values before = link.observed->values;
  int steps = 0;
  for (; steps < 5; ++steps) {
    const auto step = next_step(desired, &link, kNow).step;
    if (!step) break;
    take(*step, desired, link);
  }
  RC_ASSERT(steps <= 1);
  for (const char* field : {"name", "phone", "city", "zip"}) {
    const auto* wanted = workflows::find_field(desired.fields, field);
    const bool ours = wanted && wanted->ownership == Ownership::product;
    RC_ASSERT(psa::same(link.seen(field), ours ? &wanted->value : psa::find(before, field)));
  }
}

}  // namespace
}  // namespace crosswalk::plan
