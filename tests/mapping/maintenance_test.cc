#include "fixtures.h"

namespace crosswalk::mapping {
namespace {

Document weekly(std::string_view weekdays, std::string_view from, std::string_view until, std::string_view zone) {
  std::string json{R"({"maintenance_windows": [{"name": "Patching", "weekdays": [)"};
  json.append(weekdays).append(R"(], "from": ")").append(from).append(R"(", "until": ")").append(until);
  json.append(R"(", "time_zone": ")").append(zone).append(R"("}]})");
  return document(json);
}

/// When the window that covers `at` ends; empty when none does.
std::string end_at(const Document& made, std::string_view at) {
  World world;
  const auto found = maintenance(made, world.facts(), *parse_timestamp(at));
  return found ? format_timestamp(found->ends_at) : "";
}

TEST(Maintenance, OneOffWindowCoversItsStartAndNotItsEnd) {
  const Document made = document(
      R"({"maintenance_windows": [{"name": "Move", "starts_at": "2026-03-01T00:00:00Z", "ends_at": "2026-03-01T06:00:00+02:00"}]})");
  EXPECT_EQ(end_at(made, "2026-02-28T23:59:59.999Z"), "");
  EXPECT_EQ(end_at(made, "2026-03-01T00:00:00Z"), "2026-03-01T04:00:00Z");
  EXPECT_EQ(end_at(made, "2026-03-01T03:59:59Z"), "2026-03-01T04:00:00Z");
  EXPECT_EQ(end_at(made, "2026-03-01T04:00:00Z"), "");
}

TEST(Maintenance, WeeklyWindowReachesIntoTheNextDay) {
  const Document made = weekly(R"("monday")", "22:00", "02:00", "Europe/Berlin");  // 2026-01-05 is a Monday
  EXPECT_EQ(end_at(made, "2026-01-05T20:59:59Z"), "");
  EXPECT_EQ(end_at(made, "2026-01-05T21:00:00Z"), "2026-01-06T01:00:00Z");
  EXPECT_EQ(end_at(made, "2026-01-06T00:59:59Z"), "2026-01-06T01:00:00Z");
  EXPECT_EQ(end_at(made, "2026-01-06T01:00:00Z"), "");
  EXPECT_EQ(end_at(made, "2026-01-06T21:30:00Z"), "");
}

TEST(Maintenance, EqualTimesAreAWholeDayAndMidnightCanBeAnEnd) {
  EXPECT_EQ(end_at(weekly(R"("sunday")", "06:00", "06:00", "UTC"), "2026-01-05T05:00:00Z"), "2026-01-05T06:00:00Z");
  EXPECT_EQ(end_at(weekly(R"("sunday")", "00:00", "24:00", "UTC"), "2026-01-04T23:59:59Z"), "2026-01-05T00:00:00Z");
  EXPECT_EQ(end_at(weekly(R"("sunday")", "00:00", "24:00", "UTC"), "2026-01-05T00:00:00Z"), "");
}

TEST(Maintenance, BerlinSpringDayIsAnHourShorter) {
  // 2026-03-29: 02:00 becomes 03:00 at 01:00Z.
  const Document across = weekly(R"("saturday")", "22:00", "04:00", "Europe/Berlin");
  EXPECT_EQ(end_at(across, "2026-03-28T21:00:00Z"), "2026-03-29T02:00:00Z");
  const Document skipped = weekly(R"("sunday")", "02:30", "03:30", "Europe/Berlin");
  EXPECT_EQ(end_at(skipped, "2026-03-29T00:59:59Z"), "");
  EXPECT_EQ(end_at(skipped, "2026-03-29T01:00:00Z"), "2026-03-29T01:30:00Z");
  EXPECT_EQ(end_at(skipped, "2026-03-29T01:30:00Z"), "");
}

TEST(Maintenance, BerlinAutumnDayIsAnHourLonger) {
  // 2026-10-25: 03:00 becomes 02:00 at 01:00Z, so 02:30 comes twice: 00:30Z and 01:30Z.
  const Document made = weekly(R"("sunday")", "02:15", "02:30", "Europe/Berlin");
  EXPECT_EQ(end_at(made, "2026-10-25T00:14:59Z"), "");
  EXPECT_EQ(end_at(made, "2026-10-25T00:15:00Z"), "2026-10-25T01:30:00Z");
  EXPECT_EQ(end_at(made, "2026-10-25T01:29:59Z"), "2026-10-25T01:30:00Z");
  EXPECT_EQ(end_at(made, "2026-10-25T01:30:00Z"), "");
  EXPECT_EQ(end_at(weekly(R"("saturday")", "22:00", "04:00", "Europe/Berlin"), "2026-10-24T20:00:00Z"),
            "2026-10-25T03:00:00Z");
}

TEST(Maintenance, NewYorkChangesOnItsOwnDays) {
  // 2026-03-08: 02:00 becomes 03:00 at 07:00Z; 2026-11-01: 02:00 becomes 01:00 at 06:00Z.
  const Document made = weekly(R"("saturday", "sunday")", "22:00", "03:30", "America/New_York");
  EXPECT_EQ(end_at(made, "2026-03-08T03:00:00Z"), "2026-03-08T07:30:00Z");
  EXPECT_EQ(end_at(made, "2026-03-09T02:00:00Z"), "2026-03-09T07:30:00Z");
  EXPECT_EQ(end_at(made, "2026-11-01T02:00:00Z"), "2026-11-01T08:30:00Z");
  EXPECT_EQ(end_at(made, "2026-11-01T08:30:00Z"), "");
  EXPECT_EQ(end_at(weekly(R"("sunday")", "01:00", "01:59", "America/New_York"), "2026-11-01T05:00:00Z"),
            "2026-11-01T06:59:00Z");
}

TEST(Maintenance, WindowCountsOnlyForAlertsThatFitAndTheLongestOneWins) {
  const Document made = document(R"({"maintenance_windows": [
    {"name": "Others", "when": [{"attribute": "customer", "is": "fabrikam"}], "starts_at": "2026-03-01T00:00:00Z", "ends_at": "2026-03-09T00:00:00Z"},
    {"name": "Short", "starts_at": "2026-03-01T00:00:00Z", "ends_at": "2026-03-02T00:00:00Z"},
    {"name": "Long", "when": [{"attribute": "customer", "is": "contoso"}], "starts_at": "2026-03-01T00:00:00Z", "ends_at": "2026-03-03T00:00:00Z"}]})");
  World world;
  const auto found = maintenance(made, world.facts(), *parse_timestamp("2026-03-01T12:00:00Z"));
  ASSERT_TRUE(found);
  EXPECT_EQ(found->name, "Long");
}

}  // namespace
}  // namespace crosswalk::mapping
