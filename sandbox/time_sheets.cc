#include "sandbox/time_sheets.h"

#include <map>

#include "sandbox/money.h"
#include "sandbox/office_hours.h"
#include "sandbox/planting.h"
#include "sandbox/rules.h"

namespace crosswalk::sandbox {
namespace json = boost::json;
namespace {

constexpr std::int64_t kMeetingCode = 1;
constexpr int kDaysPerWeek = 7;

Day monday_of(Day day) { return day - (std::chrono::weekday(day) - std::chrono::Monday); }

/// The identifiers of the people who work here.
std::vector<std::string> present_members(const Tenant& tenant) {
  const Table& members = tenant.table("system/members");
  std::vector<std::string> present;
  members.each([&](const Row& row) {
    const bool person = row.text(members.resource().field("licenseClass")) != "A";
    if (person && !is_inactive(members.resource(), row))
      present.emplace_back(row.text(members.resource().field("identifier")));
    return true;
  });
  return present;
}

struct Sheet {
  std::vector<std::int64_t> entries;
  std::int64_t hours = 0;
};

const char* status_of(Day week, Day this_week) {
  if (week >= this_week) return "Open";
  return week + std::chrono::days(kDaysPerWeek) == this_week ? "PendingApproval" : "ApprovedByTierOne";
}

/// The number of a week within its year.
std::int64_t number_of(Day week) {
  const std::chrono::year_month_day date(week);
  return (week - Day(date.year() / std::chrono::January / 1)).count() / kDaysPerWeek + 1;
}

}  // namespace

void enter_meetings(Tenant& tenant, int weeks, const Actor& actor) {
  const Day this_week = monday_of(day_of(actor.now));
  for (int week = weeks; week > 0; --week) {
    const std::int64_t start = at_wall_clock(this_week - std::chrono::days(week * kDaysPerWeek), 9 * kHour);
    for (const std::string& member : present_members(tenant)) {
      write(tenant, "time/entries", 0,
            {{"chargeToId", kMeetingCode},
             {"chargeToType", "ChargeCode"},
             {"member", by_identifier(member)},
             {"timeStart", time_text(start)},
             {"timeEnd", time_text(start + kHour)},
             {"billableOption", "DoNotBill"},
             {"notes", "Weekly round."}},
            at(actor, start + kHour, member));
    }
  }
}

void fill_time_sheets(Tenant& tenant, const Actor& actor) {
  Table& entries = tenant.table("time/entries");
  const Resource& of_entry = entries.resource();
  const Day this_week = monday_of(day_of(actor.now));
  std::map<std::pair<Day, std::int64_t>, Sheet> sheets;
  entries.each([&](const Row& row) {
    const Day week = monday_of(day_of(row.integer(of_entry.field("timeStart"))));
    Sheet& sheet = sheets[{week, row.integer(of_entry.field("member"))}];
    sheet.entries.push_back(row.id);
    sheet.hours += row.integer(of_entry.field("actualHours"));
    return true;
  });
  std::int64_t id = 0;
  for (const auto& [key, sheet] : sheets) {
    const auto& [week, member] = key;
    const Day last = week + std::chrono::days(kDaysPerWeek - 1);
    const char* status = status_of(week, this_week);
    const std::chrono::year_month_day date(week);
    plant(tenant, "time/sheets",
          {{"id", ++id},
           {"member", reference(member)},
           {"year", static_cast<int>(date.year())},
           {"period", number_of(week)},
           {"dateStart", time_text(seconds_of(week))},
           {"dateEnd", time_text(seconds_of(last))},
           {"status", status},
           {"deadline", time_text(seconds_of(last + std::chrono::days(1)))}},
          at(actor, seconds_of(week)));
    settle(tenant, "time/sheets", id, "hours", sheet.hours);
    for (const std::int64_t entry : sheet.entries) {
      Row changed = *entries.find(entry);
      changed.set(of_entry.field("timeSheet"), id);
      changed.set(of_entry.field("status"), json::string(status));
      entries.replace(std::move(changed));
    }
  }
}

}  // namespace crosswalk::sandbox
