#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <map>
#include <random>
#include <set>

#include "model/alert.h"
#include "model/entity.h"

namespace crosswalk::model {
namespace {

const PartnerId kPartner{"northwind"};

struct Told {
  int sequence = 0;
  EventType type = EventType::alert_raised;
  std::int64_t at = 0;  ///< in milliseconds
  std::string instance{};
  bool still = false;
};

Event event(const Told& told) {
  Event result;
  result.sequence = told.sequence;
  result.source = "alertmanager";
  result.id = "event-" + std::to_string(told.sequence);
  result.type = told.type;
  result.time = from_milliseconds(told.at);
  result.data = {{"product", "prometheus"}, {"customer", "contoso"}, {"subject", "srv-01"}, {"condition", "disk"}};
  if (!told.instance.empty()) result.data["instance"] = told.instance;
  if (told.still) result.data["still"] = true;
  result.record = record_of(kPartner, told.type, result.data);
  return result;
}

Alert folded(const std::vector<Told>& all) {
  Alert alert;
  for (const Told& each : all) fold(alert, event(each));
  return alert;
}

constexpr EventType kRaise = EventType::alert_raised, kResolve = EventType::alert_resolved;

TEST(Members, TheEpisodeEndsWithTheLastMemberAndNotWithTheFirst) {
  const std::vector<Told> history{{1, kRaise, 1'000, "warning"}, {2, kRaise, 2'000, "critical"}};
  std::vector<Told> told = history;
  told.push_back({3, kResolve, 3'000, "critical"});
  EXPECT_TRUE(episodes(folded(told)).back().open());
  told.push_back({4, kResolve, 4'000, "warning"});
  const std::vector<Episode> found = episodes(folded(told));
  ASSERT_EQ(found.size(), 1u);
  ASSERT_FALSE(found[0].open());
  EXPECT_EQ(to_milliseconds(*found[0].resolved_at), 4'000);
}

TEST(Members, TheEndOfWhatNeverFiredEndsNothing) {
  const Alert alert = folded({{1, kRaise, 1'000, "a"}, {2, kResolve, 2'000, "b"}, {3, kResolve, 3'000, "b"}});
  EXPECT_TRUE(episodes(alert).back().open());
  EXPECT_TRUE(member_state(alert, "a").fires);
  EXPECT_FALSE(member_state(alert, "b").fires);
}

TEST(Members, WhatNamesNoMemberSpeaksOfTheWhole) {
  EXPECT_FALSE(episodes(folded({{1, kRaise, 1, "a"}, {2, kRaise, 2, "b"}, {3, kResolve, 3}})).back().open());
  EXPECT_FALSE(episodes(folded({{1, kRaise, 1}, {2, kResolve, 2, "a"}})).back().open());
  // As it is with what was told before members were: the first that is named takes its place.
  EXPECT_TRUE(episodes(folded({{1, kRaise, 1}, {2, kRaise, 2, "a"}, {3, kResolve, 3, "b"}})).back().open());
  EXPECT_FALSE(episodes(folded({{1, kRaise, 1}, {2, kRaise, 2, "a"}, {3, kResolve, 3, "a"}})).back().open());
}

TEST(Members, ThatItIsStillThereCountsAsNothingNew) {
  const Alert alert = folded({{1, kRaise, 1'000, "a"}, {2, kRaise, 400'000, "a", true}});
  const std::vector<Episode> found = episodes(alert);
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].raises, 1);
  ASSERT_EQ(alert.happenings.size(), 2u);
  EXPECT_EQ(alert.happenings[1].count, 0);
  EXPECT_EQ(episodes(folded({{2, kRaise, 400'000, "a", true}})).back().raises, 1) << "what begins has happened once";
}

TEST(Members, AWordThatItIsStillThereDoesNotOutliveAnEndThatWasToldAfterIt) {
  // Its time is that of its receipt, by a clock that may run ahead of the source's.
  const std::vector<Told> told{{1, kRaise, 1'000, "a"}, {2, kRaise, 9'000, "a", true}, {3, kResolve, 8'000, "a"}};
  EXPECT_FALSE(episodes(folded(told)).back().open());
  std::vector<Told> returned = told;
  returned.push_back({4, kRaise, 10'000, "a", true});
  EXPECT_TRUE(episodes(folded(returned)).back().open());
}

/// Which members fire, by the rules alone and without any bound.
std::set<std::string> firing_by_the_rules(std::vector<Told> history) {
  std::sort(history.begin(), history.end(),
            [](const Told& a, const Told& b) { return std::tie(a.at, a.sequence) < std::tie(b.at, b.sequence); });
  std::set<std::string> firing;
  for (const Told& each : history) {
    if (each.type == kRaise)
      firing.insert(each.instance);
    else
      firing.erase(each.instance);
  }
  return firing;
}

TEST(Members, WhichFireIsKnownHoweverLongTheHistoryIs) {
  for (unsigned seed = 0; seed < 600; ++seed) {
    std::mt19937 random(seed);
    const int length = static_cast<int>(1 + random() % 700);
    const unsigned members = std::array{1U, 3U, 10U, 40U, 300U}[random() % 5];
    const unsigned raises = 2 + static_cast<unsigned>(random() % 3);
    std::vector<Told> history;
    for (int i = 0; i < length; ++i) {
      const auto type = random() % 5 < raises ? kRaise : kResolve;
      const std::string member = "m" + std::to_string(random() % members);
      history.push_back({i + 1, type, i * 60'000LL / 7, member, type == kRaise && random() % 3 == 0});
    }
    const Alert alert = folded(history);
    ASSERT_LE(alert.happenings.size(), kHappeningsMax);
    const std::set<std::string> firing = firing_by_the_rules(history);
    for (unsigned i = 0; i < members; ++i) {
      const std::string member = "m" + std::to_string(i);
      ASSERT_EQ(member_state(alert, member).fires, firing.contains(member)) << member << " with seed " << seed;
    }
    const std::vector<Episode> found = episodes(alert);
    ASSERT_EQ(!found.empty() && found.back().open(), !firing.empty()) << "seed " << seed;
    ASSERT_EQ(*parse_alert(alert.ref, serialize(alert)), alert);
  }
}

RC_GTEST_PROP(Members, TheOrderInWhichTheyAreFoldedDoesNotMatter, ()) {
  std::vector<Told> history;
  const int length = *rc::gen::inRange(1, 60);
  for (int i = 0; i < length; ++i)
    history.push_back({i + 1, *rc::gen::element(kRaise, kResolve), *rc::gen::inRange(0, 8),
                       *rc::gen::element<std::string>("", "a", "b", "c"), *rc::gen::arbitrary<bool>()});
  std::vector<Told> shuffled = history;
  std::shuffle(shuffled.begin(), shuffled.end(), std::mt19937(*rc::gen::arbitrary<std::uint32_t>()));
  const Alert alert = folded(history);
  RC_ASSERT(folded(shuffled) == alert);
  RC_ASSERT(*parse_alert(alert.ref, serialize(alert)) == alert);
}

TEST(Members, OfMoreThanCanBeRememberedTheOldestAreFollowedNoLonger) {
  std::vector<Told> history;
  const int all = static_cast<int>(kCarriedMax + kHappeningsMax) + 500;
  for (int i = 0; i < all; ++i) history.push_back({i + 1, kRaise, i * 1'000'000LL, "m" + std::to_string(i)});
  const Alert alert = folded(history);
  EXPECT_EQ(alert.carried.size(), kCarriedMax);
  EXPECT_LE(alert.happenings.size(), kHappeningsMax);
  EXPECT_FALSE(member_state(alert, "m1").fires);
  EXPECT_TRUE(member_state(alert, "m" + std::to_string(all - 1)).fires);
  EXPECT_TRUE(member_state(alert, "m0").fires) << "the one that began it stays";
}

TEST(Members, ACrowdAtOnceIsCountedInFull) {
  std::vector<Told> history;
  for (int i = 0; i < 1'500; ++i) history.push_back({i + 1, kRaise, 1'000, "m" + std::to_string(i)});
  Alert alert = folded(history);
  EXPECT_EQ(episodes(alert).back().raises, 1'500);
  for (int i = 0; i < 1'499; ++i) fold(alert, event({2'000 + i, kResolve, 5'000, "m" + std::to_string(i)}));
  EXPECT_TRUE(episodes(alert).back().open());
  fold(alert, event({9'000, kResolve, 5'000, "m1499"}));
  EXPECT_FALSE(episodes(alert).back().open());
}

TEST(Ties, WithinOneTimeTheOrderOfArrivalDecidesWhetherTheAlertIsOpen) {
  EXPECT_TRUE(episodes(folded({{1, kRaise, 1}, {2, kResolve, 5}, {3, kRaise, 5}})).back().open());
  EXPECT_FALSE(episodes(folded({{1, kRaise, 5}, {2, kResolve, 5}})).back().open());
}

TEST(Ties, WithinOneTimeTheLaterWordsCount) {
  for (int i = 0; i < 8; ++i) {
    Alert alert;
    Entity device;
    for (const int sequence : {2, 1}) {
      Event told = event({10 * i + sequence, kRaise, 5});
      told.data["title"] = sequence == 2 ? "later" : "earlier";
      told.data["name"] = told.data["title"];
      fold(alert, told);
      fold(device, told);
      Event ended = event({10 * i + sequence + 5, kResolve, 6});
      ended.data["resolution"] = told.data["title"];
      fold(alert, ended);
    }
    EXPECT_EQ(alert.content.title, "later");
    EXPECT_EQ(alert.resolution, "later");
    EXPECT_EQ(device.attributes.at("name"), "later");
    EXPECT_EQ(*parse_entity(device.ref, serialize(device)), device);
  }
}

TEST(Ties, WithinOneTimeTheLaterSnoozeCounts) {
  Alert alert = folded({{1, kRaise, 5}});
  for (const int sequence : {3, 2}) {
    Event snooze = event({sequence, EventType::alert_snoozed, 1'000});
    if (sequence == 2) snooze.data["until"] = format_timestamp(from_milliseconds(90'000));
    fold(alert, snooze);
  }
  EXPECT_TRUE(quiet_times(alert).empty()) << "the word that ended it came last";
}

TEST(Ties, AStateThatWasStoredBeforeIsReadAndPutInTheOrderOfArrival) {
  const std::string stored = R"({"content":{"product":"edr","customer":"c","subject":"s","condition":"d","title":"t"},
      "stamp":[5000,"aaaa"],"resolution":"gone","resolution_stamp":[5000,"bbbb"],
      "happenings":[[1000,0,4,false,1,"aaa1",1],[5000,0,4,false,1,"aaa3",3],[5000,2,0,false,1,"aaa2",2]],
      "snoozes":[[900,900,"cccc","ann","later"]]})";
  const auto alert = parse_alert({kPartner, RecordKind::alert, "v1/edr/c/s/d"}, stored);
  ASSERT_TRUE(alert.has_value());
  EXPECT_TRUE(episodes(*alert).back().open());
  EXPECT_EQ(alert->snoozes.at(0).reason, "later");
  EXPECT_EQ(*parse_alert(alert->ref, serialize(*alert)), *alert);
}

}  // namespace
}  // namespace crosswalk::model
