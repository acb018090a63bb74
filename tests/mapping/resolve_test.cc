#include <chrono>

#include "fixtures.h"

namespace crosswalk::mapping {
namespace {

using namespace std::chrono_literals;
using psa::TicketField;

const Document& layered() {
  static const Document made = document(R"({
    "mode": "live",
    "defaults": {"board": {"id": 1, "name": "Help Desk"}, "type": {"id": 11}, "source": {"id": 5},
                 "statuses": {"opened": {"id": 100}, "resolved": {"id": 199}},
                 "priority": {"id": 4, "by_severity": {"critical": {"id": 1}}}, "repeat_note_interval": "30m"},
    "unknown_customer": {"policy": "catch_all", "company": {"id": 2, "name": "Catchall"}},
    "customers": {
      "contoso": {"company": {"id": 12, "name": "Contoso"}, "settings": {"source": {"id": 6}, "team": {"id": 31}}},
      "quiet": {"company": {"id": 13}, "excluded": true},
      "trial": {"company": {"id": 14}, "settings": {"mode": "test"}}},
    "rules": [
      {"name": "Tier 1", "when": [{"attribute": "device.tags", "is": "TIER-1"}], "set": {"source": {"id": 7}}},
      {"name": "Ransomware", "when": [{"attribute": "condition", "matches": "ransom*"}],
       "set": {"board": {"id": 2, "name": "Security"}, "statuses": {"opened": {"id": 200}}, "source": {"id": 8}, "hold_down": {"high": "0s"},
               "auto_close": "note_only"}},
      {"name": "Never", "when": [{"attribute": "severity", "is": "info"}], "set": {"source": {"id": 9}, "mode": "off"}}]})");
  return made;
}

TEST(Resolve, LevelsAreFilledInFieldByField) {
  World world;
  const Resolved resolved = resolve(layered(), world.facts());
  EXPECT_EQ(resolved.settings.fields.at(TicketField::source).id, "7");
  EXPECT_EQ(resolved.decided_by("source"), "rule 1: Tier 1");
  EXPECT_EQ(resolved.settings.fields.at(TicketField::board).id, "2");
  EXPECT_EQ(resolved.decided_by("board"), "rule 2: Ransomware");
  EXPECT_EQ(resolved.settings.hold_down.at(model::Severity::high), 0s);
  EXPECT_EQ(resolved.decided_by("hold_down.high"), "rule 2: Ransomware");
  EXPECT_EQ(resolved.settings.hold_down.at(model::Severity::low), 15min);
  EXPECT_EQ(resolved.decided_by("hold_down.low"), "vendor default");
  EXPECT_EQ(resolved.settings.repeat_note_interval, 30min);
  EXPECT_EQ(resolved.decided_by("repeat_note_interval"), "partner default");
  EXPECT_EQ(resolved.decided_by("auto_close"), "rule 2: Ransomware");
  EXPECT_EQ(resolved.decided_by("nothing of the kind"), "");
}

TEST(Resolve, WhatBelongsToAnotherBoardIsLeftOut) {
  World world;
  const Resolved resolved = resolve(layered(), world.facts());
  EXPECT_FALSE(resolved.settings.fields.contains(TicketField::type));
  EXPECT_FALSE(resolved.settings.fields.contains(TicketField::team));
  EXPECT_EQ(resolved.settings.statuses.at(AlertState::opened).id, "200");
  EXPECT_FALSE(resolved.settings.statuses.contains(AlertState::resolved));
}

TEST(Resolve, WhatBelongsToTheSameBoardIsKept) {
  World world;
  world.alert.content.condition = "disk";
  const Resolved resolved = resolve(layered(), world.facts());
  EXPECT_EQ(resolved.settings.fields.at(TicketField::type).id, "11");
  EXPECT_EQ(resolved.settings.fields.at(TicketField::team).id, "31");
  EXPECT_EQ(resolved.decided_by("team"), "customer contoso");
  EXPECT_EQ(resolved.settings.statuses.at(AlertState::resolved).id, "199");
}

TEST(Resolve, ValuesSetWithoutAnyBoardGoWithTheBoardOfTheCustomer) {
  const Document made = document(
      R"({"defaults": {"statuses": {"opened": {"id": 100}}}, "customers": {"contoso": {"settings": {"board": {"id": 1}}}}})");
  World world;
  EXPECT_TRUE(resolve(made, world.facts()).settings.statuses.contains(AlertState::opened));
}

TEST(Resolve, PriorityGoesBySeverityWhereTheLevelSaysSo) {
  World world;
  world.alert.content.severity = model::Severity::critical;
  EXPECT_EQ(resolve(layered(), world.facts()).settings.fields.at(TicketField::priority).id, "1");
  world.alert.content.severity = model::Severity::low;
  const Resolved resolved = resolve(layered(), world.facts());
  EXPECT_EQ(resolved.settings.fields.at(TicketField::priority).id, "4");
  EXPECT_EQ(resolved.settings.priority_by_severity.at(model::Severity::critical).id, "1");
  EXPECT_EQ(resolved.decided_by("priority"), "partner default");
}

TEST(Resolve, OnePriorityOfARuleBeatsPrioritiesBySeverityBelow) {
  const Document made = document(R"({"defaults": {"priority": {"by_severity": {"high": {"id": 2}}}},
                                     "rules": [{"name": "VIP", "set": {"priority": {"id": 1}}}]})");
  World world;
  const Resolved resolved = resolve(made, world.facts());
  EXPECT_EQ(resolved.settings.fields.at(TicketField::priority).id, "1");
  EXPECT_EQ(resolved.decided_by("priority"), "rule 1: VIP");
}

TEST(Resolve, ModeIsTheStrictest) {
  World world;
  EXPECT_EQ(resolve(layered(), world.facts()).mode, Mode::live);
  world.alert.content.customer = "trial";
  EXPECT_EQ(resolve(layered(), world.facts()).mode, Mode::test);
  EXPECT_EQ(resolve(layered(), world.facts()).decided_by("mode"), "customer trial");
  world.alert.content.severity = model::Severity::info;
  EXPECT_EQ(resolve(layered(), world.facts()).mode, Mode::off);
  EXPECT_EQ(resolve(layered(), world.facts()).decided_by("mode"), "rule 3: Never");
  EXPECT_EQ(resolve(document("{}"), world.facts()).mode, Mode::test);
  EXPECT_EQ(
      resolve(document(R"({"mode": "off", "customers": {"trial": {"settings": {"mode": "live"}}}})"), world.facts())
          .mode,
      Mode::off);
}

TEST(Resolve, CompanyComesFromTheCustomerOrTheCatchAllOrNobody) {
  World world;
  EXPECT_EQ(resolve(layered(), world.facts()).company.id, "12");
  EXPECT_EQ(resolve(layered(), world.facts()).decided_by("company"), "customer contoso");
  world.alert.content.customer = "stranger";
  EXPECT_EQ(resolve(layered(), world.facts()).company.id, "2");
  EXPECT_TRUE(resolve(layered(), world.facts()).company_is_catch_all);
  EXPECT_TRUE(resolve(document("{}"), world.facts()).company.empty());
  world.alert.content.customer = "quiet";
  EXPECT_TRUE(resolve(layered(), world.facts()).excluded);
}

TEST(Resolve, NeedsNoFactsAtAll) { EXPECT_EQ(resolve(layered(), {}).settings.fields.at(TicketField::board).id, "1"); }

TEST(Resolve, SettlesEverySettingOfTheVendorForAnEmptyDocument) {
  World world;
  TicketSettings expected = vendor_defaults().settings;
  EXPECT_EQ(resolve(document("{}"), world.facts()).settings, expected);
}

Condition condition(std::string attribute, Condition::Operator op, std::vector<std::string> values) {
  return {std::move(attribute), op, std::move(values)};
}

struct Case {
  Condition condition;
  bool holds;
};

class Conditions : public testing::TestWithParam<Case> {};

TEST_P(Conditions, HoldAsWritten) {
  World world;
  EXPECT_EQ(holds(GetParam().condition, world.facts()), GetParam().holds) << GetParam().condition.attribute;
}

using Operator = Condition::Operator;
INSTANTIATE_TEST_SUITE_P(Examples, Conditions,
                         testing::Values(Case{condition("condition", Operator::equals, {"RANSOMWARE"}), true},
                                         Case{condition("condition", Operator::equals, {"ransom"}), false},
                                         Case{condition("product", Operator::not_equals, {"shield"}), false},
                                         Case{condition("product", Operator::not_in, {"a", "b"}), true},
                                         Case{condition("severity", Operator::in, {"critical", "high"}), true},
                                         Case{condition("severity", Operator::greater, {"medium"}), true},
                                         Case{condition("severity", Operator::greater, {"high"}), false},
                                         Case{condition("severity", Operator::less, {"critical"}), true},
                                         Case{condition("alert.score", Operator::greater, {"86.5"}), true},
                                         Case{condition("alert.score", Operator::less, {"86.5"}), false},
                                         Case{condition("attributes.score", Operator::equals, {"87"}), true},
                                         Case{condition("alert.ratio", Operator::equals, {"1.5"}), true},
                                         Case{condition("alert.contained", Operator::equals, {"false"}), true},
                                         Case{condition("title", Operator::greater, {"3"}), false},
                                         Case{condition("title", Operator::contains, {"STOPPED"}), true},
                                         Case{condition("title", Operator::starts_with, {"ransom"}), true},
                                         Case{condition("title", Operator::ends_with, {"ransom"}), false},
                                         Case{condition("subject", Operator::matches, {"dev-?"}), true},
                                         Case{condition("subject", Operator::matches, {"dev-"}), false},
                                         Case{condition("device.os.name", Operator::starts_with, {"windows"}), true},
                                         Case{condition("device.tags", Operator::in, {"vip"}), true},
                                         Case{condition("device.tags", Operator::not_in, {"vip"}), false},
                                         Case{condition("customer.plan", Operator::equals, {"gold"}), true},
                                         Case{condition("customer.size", Operator::present, {}), false},
                                         Case{condition("customer.size", Operator::absent, {}), true},
                                         Case{condition("customer.size", Operator::equals, {""}), false},
                                         Case{condition("customer.size", Operator::not_equals, {"small"}), true},
                                         Case{condition("url", Operator::present, {}), true}));

struct Fit {
  std::string_view text, pattern;
  bool fits;
};

TEST(Pattern, StarsAndQuestionMarksFitWholeTexts) {
  for (const auto& [text, pattern, fits] :
       {Fit{"", "", true}, Fit{"", "*", true}, Fit{"", "?", false}, Fit{"abc", "a*c", true}, Fit{"abc", "A?C", true},
        Fit{"abc", "a*d", false}, Fit{"aXbXc", "*x?", true}, Fit{"mañana", "ma?ana", true}, Fit{"a*c", "a\\*c", true},
        Fit{"abc", "a\\*c", false}, Fit{"a\\c", "a\\\\c", true}, Fit{"abcabc", "*abc", true},
        Fit{"abcab", "*abc", false}, Fit{"日本語", "??語", true}}) {
    World world;
    world.alert.content.title = text;
    const Condition made{"title", Condition::Operator::matches, {std::string{pattern}}};
    EXPECT_EQ(holds(made, world.facts()), fits && !text.empty()) << text << " " << pattern;
  }
}

TEST(Pattern, HostilePatternOverAHugeTextEndsSoon) {
  World world;
  world.alert.content.description = std::string(60'000, 'a');
  std::string pattern;
  for (int i = 0; i < 127; ++i) pattern += "*a";
  const Condition made{"description", Condition::Operator::matches, {pattern + "*b"}};
  const auto start = std::chrono::steady_clock::now();
  EXPECT_FALSE(holds(made, world.facts()));
  EXPECT_LT(std::chrono::steady_clock::now() - start, 2s);
}

}  // namespace
}  // namespace crosswalk::mapping
