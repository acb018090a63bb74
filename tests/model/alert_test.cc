#include "model/alert.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <numeric>
#include <random>

#include "model/entity.h"

namespace crosswalk::model {
namespace {

const PartnerId kPartner{"northwind"};

Event event(int number, EventType type, std::int64_t at_milliseconds, boost::json::object data = {}) {
  Event result;
  result.sequence = number;
  result.source = "edr";
  result.id = "event-" + std::to_string(number);
  result.type = type;
  result.time = from_milliseconds(at_milliseconds);
  result.data = std::move(data);
  result.data["product"] = "edr";
  result.data["customer"] = "contoso";
  result.data["subject"] = "desk-7";
  result.data["condition"] = "malware";
  result.record = record_of(kPartner, type, result.data);
  return result;
}

Alert fold_all(const std::vector<Event>& events) {
  Alert alert;
  alert.ref = events.front().record;
  for (const Event& each : events) fold(alert, each);
  return alert;
}

rc::Gen<std::vector<Event>> histories(int length_max) {
  return rc::gen::mapcat(rc::gen::inRange(1, length_max + 1), [](int length) {
    return rc::gen::exec([length] {
      std::vector<Event> events;
      for (int i = 0; i < length; ++i) {
        const auto type = *rc::gen::element(EventType::alert_raised, EventType::alert_updated,
                                            EventType::alert_resolved, EventType::alert_snoozed);
        boost::json::object data;
        if (*rc::gen::arbitrary<bool>())
          data["severity"] = *rc::gen::element<std::string>("info", "low", "medium", "high", "critical");
        if (*rc::gen::arbitrary<bool>()) data["title"] = "title " + std::to_string(i);
        if (*rc::gen::arbitrary<bool>()) data["description"] = *rc::gen::element<std::string>("", "a", "b");
        if (*rc::gen::arbitrary<bool>()) data["attributes"] = boost::json::object{{"n", i}};
        if (type == EventType::alert_updated) data["acknowledged"] = *rc::gen::arbitrary<bool>();
        if (type == EventType::alert_snoozed && *rc::gen::arbitrary<bool>())
          data["until"] = format_timestamp(from_milliseconds(*rc::gen::inRange(0, 8)));
        if (type == EventType::alert_resolved) data["resolution"] = "cleaned " + std::to_string(i);
        events.push_back(event(i, type, *rc::gen::inRange(0, 8), std::move(data)));
      }
      return events;
    });
  });
}

TEST(AlertFold, AllPermutationsOfAHistoryFoldToTheSameRecord) {
  EXPECT_TRUE(rc::check([] {
    std::vector<Event> events = *histories(5);
    const Alert expected = fold_all(events);
    std::vector<std::size_t> order(events.size());
    std::iota(order.begin(), order.end(), 0);
    do {
      std::vector<Event> permuted;
      for (std::size_t index : order) permuted.push_back(events[index]);
      RC_ASSERT(fold_all(permuted) == expected);
    } while (std::next_permutation(order.begin(), order.end()));
  }));
}

RC_GTEST_PROP(AlertFold, ShufflesOfLongHistoriesFoldToTheSameRecord, ()) {
  const auto events = *histories(60);
  auto shuffled = events;
  const auto seed = *rc::gen::arbitrary<std::uint32_t>();
  std::shuffle(shuffled.begin(), shuffled.end(), std::mt19937(seed));
  RC_ASSERT(fold_all(shuffled) == fold_all(events));
}

RC_GTEST_PROP(AlertFold, FoldingAnEventAgainChangesNothing, ()) {
  const auto events = *histories(20);
  Alert alert = fold_all(events);
  const Alert before = alert;
  fold(alert, *rc::gen::elementOf(events));
  RC_ASSERT(alert == before);
}

RC_GTEST_PROP(AlertFold, SurvivesItsStoredForm, ()) {
  const Alert alert = fold_all(*histories(40));
  const auto read = parse_alert(alert.ref, serialize(alert));
  RC_ASSERT(read.has_value());
  RC_ASSERT(*read == alert);
}

TEST(AlertFold, ResolveBeforeItsRaiseIsHeldAndClosesThatEpisode) {
  const Alert alert = fold_all({event(2, EventType::alert_resolved, 2000), event(1, EventType::alert_raised, 1000)});
  const auto found = episodes(alert);
  ASSERT_EQ(found.size(), 1u);
  EXPECT_FALSE(found[0].open());
}

TEST(AlertFold, EachOpenToResolvedLifeIsAnEpisode) {
  const Alert alert = fold_all({event(1, EventType::alert_raised, 1), event(2, EventType::alert_raised, 2),
                                event(3, EventType::alert_resolved, 3), event(4, EventType::alert_raised, 4)});
  const auto found = episodes(alert);
  ASSERT_EQ(found.size(), 2u);
  EXPECT_EQ(found[0].raises, 2);
  EXPECT_FALSE(found[0].open());
  EXPECT_TRUE(found[1].open());
  EXPECT_NE(found[0].anchor, found[1].anchor);
}

TEST(AlertFold, NoisyAlertStaysSmallAndKeepsItsAnchorAndCount) {
  std::vector<Event> events;
  for (int i = 0; i < 500; ++i) events.push_back(event(i, EventType::alert_raised, i * 7'200));
  const Alert alert = fold_all(events);
  EXPECT_LE(alert.happenings.size(), kHappeningsMax);
  const auto found = episodes(alert);
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].raises + alert.forgotten_count, 500);
  EXPECT_EQ(found[0].first_sequence, 0);
  EXPECT_EQ(alert.forgotten_count, 0);
}

TEST(AlertFold, UpdateWithoutTitleKeepsTheTitle) {
  const Alert alert = fold_all({event(1, EventType::alert_raised, 1, {{"title", "Malware"}, {"severity", "high"}}),
                                event(2, EventType::alert_updated, 2, {{"severity", "critical"}})});
  EXPECT_EQ(alert.content.title, "Malware");
  EXPECT_EQ(alert.content.severity, Severity::critical);
}

TEST(AlertKey, PartsWithSlashesStayApart) {
  EXPECT_NE(alert_key("p", "a/b", "c", "d"), alert_key("p", "a", "b/c", "d"));
  EXPECT_EQ(alert_key("edr", "contoso", "desk-7", "malware"), "v1/edr/contoso/desk-7/malware");
}

TEST(MovingPart, P3_ClocksCountsAndPercentagesAreReported) {
  for (const char* moving : {"disk 91%", "expires in 12 days", "2026-03-01 backup", "failed at 10:45", "run 1767225600",
                             "seen 14 times", "cpu_95_percent"})
    EXPECT_TRUE(find_moving_part("desk-7", moving)) << moving;
  EXPECT_TRUE(find_moving_part("session 1767225600123", "malware"));
}

TEST(MovingPart, NamesWithDigitsAreFine) {
  for (const char* stable : {"disk-full", "rule-4711", "CVE-2024-30078", "event 4625", "m365-mfa-off", "raid5",
                             "tls1.2", "web-1:9100", "10.0.0.1:9100", "db2:9093"})
    EXPECT_FALSE(find_moving_part("SRV-2019-DC01", stable))
        << stable << ": " << find_moving_part("SRV-2019-DC01", stable).value_or("");
}

TEST(EntityFold, NewestUpsertWinsInAnyOrder) {
  const auto older = event(1, EventType::device_upserted, 1, {{"device", "d1"}, {"name", "old"}});
  const auto newer = event(2, EventType::device_upserted, 2, {{"device", "d1"}, {"name", "new"}});
  Entity forward, backward;
  fold(forward, older), fold(forward, newer);
  fold(backward, newer), fold(backward, older);
  EXPECT_EQ(forward, backward);
  EXPECT_EQ(forward.attributes.at("name").as_string(), "new");
  EXPECT_EQ(*parse_entity(forward.ref, serialize(forward)), forward);
}

}  // namespace
}  // namespace crosswalk::model
