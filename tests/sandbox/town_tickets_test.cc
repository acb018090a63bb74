// The tickets of the larger MSPs, as somebody who works at one would look at them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>

#include "base/time.h"
#include "helpers.h"
#include "sandbox/office_hours.h"
#include "sandbox/planting.h"
#include "sandbox/town_words.h"

namespace crosswalk::sandbox {
namespace {

namespace json = boost::json;

/// One mid-sized MSP for all tests of this file; they only read.
Bench& mid() {
  static Bench bench(WorldOptions{.scenario = "mid"});
  return bench;
}

std::vector<json::object> listed(std::string_view collection) { return mid().world.list("sandbox", collection); }
std::string text(const json::object& object, std::string_view field) {
  const json::value* value = object.if_contains(field);
  return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
}
std::string named(const json::object& object, std::string_view field) {
  const json::value* value = object.if_contains(field);
  return value != nullptr && value->is_object() ? text(value->get_object(), "name") : std::string();
}
bool has(const std::string& where, std::string_view what) { return where.find(what) != std::string::npos; }
bool by_machine(const json::object& ticket) {
  return named(ticket, "source") == "RMM Alert" || named(ticket, "source") == "Monitoring - Legacy";
}
std::int64_t seconds_at(const json::object& ticket, std::string_view field) {
  return parse_timestamp(text(ticket, field))->time_since_epoch().count() / 1'000;
}

TEST(TownTickets, HaveTypesAndPrioritiesThatFitTheirSubjects) {
  std::map<std::string, int> types, priorities;
  int with_subtype = 0;
  for (const json::object& ticket : mid().world.tickets("sandbox")) {
    const std::string summary = text(ticket, "summary"), type = named(ticket, "type");
    const std::string priority = named(ticket, "priority");
    ++types[named(ticket, "board") + "/" + type];
    ++priorities[priority];
    with_subtype += !named(ticket, "subType").empty();
    if (has(summary, "unreachable") || has(summary, "Internet down")) {
      EXPECT_THAT(priority, testing::AnyOf("Priority 1 - Critical", "Priority 2 - High")) << summary;
    }
    if (has(summary, "PDF editor") || has(summary, "New hire")) {
      EXPECT_EQ(type, "Request") << summary;
    }
    if (has(summary, "PDF editor")) {
      EXPECT_EQ(priority, "Priority 4 - Low");
    }
    if (summary.starts_with("Restore a folder")) {
      EXPECT_EQ(type, "Restore Request");
    }
    if (has(summary, "hishing mail")) {
      EXPECT_EQ(type, "Phishing");
    }
    if (has(summary, "disk ")) {
      EXPECT_EQ(type, "Performance") << summary;
    }
  }
  EXPECT_GE(types.size(), 14u);
  EXPECT_LT(types["Help Desk/Break-fix"], 700);
  EXPECT_GT(with_subtype, 2'000);
  ASSERT_EQ(priorities.size(), 4u);
  EXPECT_LT(priorities["Priority 1 - Critical"], 300);
  EXPECT_GT(priorities["Priority 3 - Medium"], priorities["Priority 1 - Critical"] * 3);
}

TEST(TownTickets, PeopleWriteInOfficeHoursAndDevicesAtAnyTime) {
  std::map<std::int64_t, int> gaps;
  std::int64_t before = 0;
  int by_people = 0, by_night = 0, on_sundays = 0;
  for (const json::object& ticket : mid().world.tickets("sandbox")) {
    const std::int64_t opened = seconds_at(ticket.at("_info").as_object(), "dateEntered");
    EXPECT_GE(opened, before) << "they are numbered as they come";
    ++gaps[opened - std::exchange(before, opened)];
    // New York is four or five hours behind.
    const std::int64_t hour = opened / kHour % 24, weekday = (opened / kDay + 4) % 7;
    if (by_machine(ticket)) {
      by_night += hour >= 5 && hour < 10;
      on_sundays += weekday == 0;
      continue;
    }
    ++by_people;
    EXPECT_TRUE(weekday != 0 && hour >= 11 && hour < 23) << opened;
  }
  EXPECT_GT(by_people, 1'000);
  EXPECT_GT(by_night, 200);
  EXPECT_GT(on_sundays, 80);
  for (const auto& [gap, count] : gaps) EXPECT_LT(count, 25) << gap << " s";
}

TEST(TownTickets, AreWorkedInWordsOfTheirOwn) {
  std::map<std::string, int> texts;
  std::set<std::int64_t> resolved;
  int notes = 0;
  for (const json::object& note : listed("service/tickets/notes")) {
    ++notes;
    ++texts[text(note, "text")];
    if (note.at("resolutionFlag").as_bool()) resolved.insert(note.at("ticketId").as_int64());
  }
  EXPECT_GT(notes, 5'000);
  for (const auto& [words, count] : texts) EXPECT_LT(count, notes / 40) << words;
  int closed = 0, told = 0;
  for (const json::object& ticket : mid().world.tickets("sandbox")) {
    if (!ticket.at("closedFlag").as_bool()) continue;
    ++closed;
    told += resolved.contains(ticket.at("id").as_int64());
  }
  EXPECT_GT(closed, 1'500);
  EXPECT_EQ(told, closed) << "how each of them ended is written there";
  for (const auto& [words, count] : texts) EXPECT_FALSE(has(words, "{")) << words;
}

/// Whether the text holds all that a sentence of town.json says around its "{device}", "{person}" and the like.
bool holds(const std::string& text, std::string_view sentence) {
  while (!sentence.empty()) {
    const std::size_t open = sentence.find('{'), close = sentence.find('}');
    std::string_view piece = sentence.substr(0, open);
    if (!piece.empty() && text.find(piece) == std::string::npos) return false;
    if (open == std::string_view::npos) return true;
    sentence.remove_prefix(close + 1);
  }
  return true;
}
bool holds_one_of(const std::string& text, const json::object& kind, std::string_view list) {
  const json::value* sentences = kind.if_contains(list);
  return sentences != nullptr && std::ranges::any_of(sentences->as_array(), [&](const json::value& each) {
           return holds(text, each.as_string());
         });
}

TEST(TownTickets, HaveNotesThatSpeakOfThem) {
  std::map<std::int64_t, std::vector<const json::object*>> kinds;
  for (const json::object& ticket : mid().world.tickets("sandbox"))
    for (const json::value& each : town_words().at("tickets").as_array())
      if (holds_one_of(text(ticket, "summary"), each.as_object(), "subjects"))
        kinds[ticket.at("id").as_int64()].push_back(&each.as_object());
  EXPECT_EQ(kinds.size(), 2'500u);
  const auto expect_about = [&](std::int64_t ticket, const std::string& words) {
    EXPECT_TRUE(std::ranges::any_of(kinds.at(ticket),
                                    [&](const json::object* kind) {
                                      return holds_one_of(words, *kind, "openings") ||
                                             holds_one_of(words, *kind, "steps") ||
                                             holds_one_of(words, *kind, "outcomes") ||
                                             holds_one_of(words, *kind, "cleared");
                                    }))
        << ticket << ": " << words;
  };
  for (const json::object& note : listed("service/tickets/notes"))
    expect_about(note.at("ticketId").as_int64(), text(note, "text"));
  for (const json::object& entry : listed("time/entries"))
    if (text(entry, "chargeToType") == "ServiceTicket")
      expect_about(entry.at("chargeToId").as_int64(), text(entry, "notes"));
}

TEST(TownTickets, OfMonitoringNameTheirDeviceAndCloseThemselves) {
  std::map<std::int64_t, std::set<std::string>> attached;
  int named_device = 0, cleared = 0;
  for (const json::object& ticket : mid().world.tickets("sandbox")) {
    const std::string summary = text(ticket, "summary");
    EXPECT_FALSE(has(summary, "{")) << summary;
    if (by_machine(ticket) && ticket.at("closedFlag").as_bool() && text(ticket, "closedBy") == "APIuser") {
      ++cleared;
      EXPECT_TRUE(!ticket.contains("owner") || ticket.at("owner").is_null()) << summary;
      EXPECT_TRUE(!ticket.contains("actualHours") || ticket.at("actualHours") == 0) << summary;
    }
    if (!has(summary, "unreachable") && !has(summary, "Backup failed on")) continue;
    ++named_device;
    const std::string path = "/service/tickets/" + std::to_string(ticket.at("id").as_int64()) + "/configurations";
    const json::value devices = mid().get(path);
    ASSERT_EQ(devices.as_array().size(), 1u) << summary;
    const json::object device =
        mid().get("/company/configurations/" + std::to_string(devices.at(0).at("id").as_int64())).as_object();
    EXPECT_TRUE(has(summary, text(device, "name"))) << summary << " " << text(device, "name");
    EXPECT_EQ(named(device, "company"), named(ticket, "company"));
  }
  EXPECT_GT(named_device, 50);
  EXPECT_GT(cleared, 200);
}

TEST(TownTickets, AreEnteredByWhoTookTheCallOrWroteOrSawIt) {
  std::map<std::string, std::set<std::string>> enterers;
  for (const json::object& ticket : mid().world.tickets("sandbox"))
    enterers[named(ticket, "source")].insert(text(ticket.at("_info").as_object(), "enteredBy"));
  EXPECT_THAT(enterers["Call"], testing::UnorderedElementsAre("lgreen", "tbaker"));
  EXPECT_THAT(enterers["RMM Alert"], testing::ElementsAre("APIuser"));
  for (const std::string& writer : enterers["Email Connector"]) EXPECT_TRUE(has(writer, "@")) << writer;
}

TEST(OfficeHours, BeginAgainOnTheNextWeekday) {
  const OfficeHours hours;
  Dice dice(1);
  const auto at = [](std::string_view when) { return parse_timestamp(when)->time_since_epoch().count() / 1'000; };
  EXPECT_TRUE(hours.contains(at("2026-03-02T14:00:00Z"))) << "nine o'clock on a Monday";
  EXPECT_FALSE(hours.contains(at("2026-03-02T12:59:59Z"))) << "before eight";
  EXPECT_TRUE(hours.contains(at("2026-03-09T12:00:00Z"))) << "summer time has begun";
  EXPECT_FALSE(hours.contains(at("2026-02-28T15:00:00Z"))) << "a Saturday";
  EXPECT_EQ(hours.next(at("2026-03-02T14:00:00Z"), dice), at("2026-03-02T14:00:00Z"));
  const std::int64_t monday = hours.next(at("2026-02-27T23:00:00Z"), dice);
  EXPECT_GE(monday, at("2026-03-02T13:00:00Z"));
  EXPECT_LT(monday, at("2026-03-02T14:30:00Z"));
  const std::int64_t today = hours.next(at("2026-03-02T08:00:00Z"), dice);
  EXPECT_GE(today, at("2026-03-02T13:00:00Z"));
  EXPECT_LT(today, at("2026-03-02T14:30:00Z"));
}

TEST(Town, NamesAreThoseOfCompanies) {
  for (const json::object& company : listed("company/companies")) {
    const std::string name = text(company, "name"), identifier = text(company, "identifier");
    EXPECT_FALSE(has(name, "Capital Capital") || has(name, "{")) << name;
    for (const char* institution : {"Church", "School District", "Credit Union", "Golf Club"})
      for (const char* suffix : {" & Sons", " PLLC", ", P.A.", " Associates"})
        EXPECT_FALSE(name.ends_with(std::string(institution) + suffix)) << name;
    EXPECT_FALSE(identifier.ends_with("Inc") || identifier.ends_with("LLC")) << identifier;
  }
}

TEST(Town, TheMspItselfIsNoCustomer) {
  const json::object own = mid().get("/company/companies/251").as_object();
  EXPECT_EQ(own.at("types").as_array().at(0).at("name").as_string(), "Owner");
  EXPECT_EQ(mid().get("/finance/agreements?conditions=" + encoded("company/id = 251")).as_array().size(), 0u);
}

TEST(Town, AnAgreementThatBearsItsYearBeganInIt) {
  int count = 0;
  for (const json::object& agreement : listed("finance/agreements")) {
    if (!has(text(agreement, "name"), "2019")) continue;
    ++count;
    EXPECT_TRUE(text(agreement, "startDate").starts_with("2019-")) << text(agreement, "startDate");
  }
  EXPECT_GT(count, 3);
}

TEST(Town, ADispatcherHasTheRoleOfOne) {
  for (const json::object& member : listed("system/members"))
    if (text(member, "title") == "Dispatcher") {
      EXPECT_EQ(named(member, "securityRole"), "Dispatcher");
    }
}

TEST(Town, NobodyOfACompanyHasAnothersAddress) {
  std::set<std::pair<std::int64_t, std::string>> addresses;
  for (const json::object& contact : listed("company/contacts")) {
    if (!contact.contains("communicationItems")) continue;
    for (const json::value& item : contact.at("communicationItems").as_array()) {
      if (item.at("communicationType") != "Email") continue;
      const auto company = contact.at("company").at("id").as_int64();
      EXPECT_TRUE(addresses.emplace(company, item.at("value").as_string()).second) << item;
    }
  }
  EXPECT_GT(addresses.size(), 500u);
}

}  // namespace
}  // namespace crosswalk::sandbox
