#include <gtest/gtest.h>

#include <cctype>
#include <map>
#include <regex>
#include <set>
#include <sstream>

#include "base/text.h"
#include "helpers.h"
#include "sandbox/details.h"
#include "sandbox/town_words.h"

namespace crosswalk::sandbox {
namespace {

namespace json = boost::json;

std::int64_t count(Bench& bench, std::string_view path, std::string_view conditions = "") {
  return bench.get(std::string(path) + "/count?conditions=" + encoded(conditions)).at("count").as_int64();
}

/// One mid-sized MSP for all tests of this file; they only read.
Bench& mid() {
  static Bench bench(WorldOptions{.scenario = "mid"});
  return bench;
}

TEST(Town, HasTheSizeItPromises) {
  EXPECT_EQ(count(mid(), "/company/companies"), 400);
  EXPECT_EQ(count(mid(), "/company/configurations"), 8'000);
  EXPECT_EQ(count(mid(), "/finance/agreements"), 480);
  EXPECT_EQ(count(mid(), "/service/tickets"), 2'500);
}

TEST(Town, KeepsTheIdsThatEveryScenarioHas) {
  EXPECT_EQ(mid().world.id_of("sandbox", "company/companies", "Catchall"), 250);
  EXPECT_EQ(mid().world.id_of("sandbox", "company/companies", "NorthwindMSP"), 251);
  EXPECT_EQ(mid().world.id_of("sandbox", "service/boards/statuses", "New", 1), 101);
}

TEST(Town, CompaniesAreAsPeopleHaveEnteredThem) {
  std::map<std::string, int> names;
  std::set<std::string> identifiers;
  int doing_business_as = 0, limited = 0, deleted = 0, shouted = 0;
  for (const json::object& company : mid().world.list("sandbox", "company/companies")) {
    const std::string name(company.at("name").as_string());
    ++names[name];
    EXPECT_TRUE(identifiers.insert(std::string(company.at("identifier").as_string())).second) << name;
    doing_business_as += name.find(" d/b/a ") != std::string::npos;
    limited += name.ends_with(" Ltd") || name.ends_with(" Limited");
    shouted += std::none_of(name.begin(), name.end(), [](char c) { return c >= 'a' && c <= 'z'; });
    deleted += company.at("deletedFlag").as_bool();
  }
  EXPECT_TRUE(std::any_of(names.begin(), names.end(), [](const auto& each) { return each.second == 2; }));
  EXPECT_GT(doing_business_as, 3);
  EXPECT_GT(limited, 3);
  EXPECT_GT(shouted, 3);
  EXPECT_GT(deleted, 1);
  EXPECT_GT(count(mid(), "/company/companies", "status/name=\"Inactive\""), 5);
  EXPECT_GT(count(mid(), "/company/companies", "status/name=\"Former Client\""), 5);
}

/// The words of a name in small letters, without points and commas.
std::vector<std::string> words_of(std::string name) {
  std::erase_if(name, [](char c) { return c == '.' || c == ',' || c == '\''; });
  std::vector<std::string> words;
  std::istringstream stream(to_lower(name));
  for (std::string word; stream >> word;) words.push_back(word);
  return words;
}

/// No word comes twice, and there is one legal form at most.
void expect_name(const std::string& name) {
  static const std::set<std::string> forms{"inc", "llc", "ltd", "limited", "co", "pllc", "pa"};
  const std::vector<std::string> words = words_of(name);
  EXPECT_EQ(std::set<std::string>(words.begin(), words.end()).size(), words.size()) << name;
  EXPECT_LE(std::ranges::count_if(words, [](const std::string& word) { return forms.contains(word); }), 1) << name;
  EXPECT_FALSE(forms.contains(words.front())) << name;
}

TEST(Town, NamesAreSuchAsCompaniesGiveThemselves) {
  for (const json::object& company : mid().world.list("sandbox", "company/companies")) {
    const std::string name(company.at("name").as_string());
    const std::size_t trading = name.find(" d/b/a ");
    expect_name(name.substr(0, trading));
    // "of St. Louis" is where it trades.
    if (trading != std::string::npos) expect_name(name.substr(trading + 7, name.rfind(" of ") - trading - 7));
  }
  // What the dice of other seeds and of the large town may make of the lists.
  for (const json::value& group : town_words().at("trades").as_array()) {
    for (const json::value& trade : group.at("names").as_array()) {
      const std::string named(trade.as_string());
      for (const json::value& suffix : group.at("suffixes").as_array())
        expect_name(named + std::string(suffix.as_string()));
      for (const json::value& first : town_words().at("first").as_array())
        expect_name(std::string(first.as_string()) + " " + named);
    }
  }
}

TEST(Town, PeopleHaveNamesOfPeopleOrOfTheirDesk) {
  std::set<std::string> desks, people;
  for (const json::value& desk : town_words().at("desks").as_array()) desks.emplace(desk.as_string());
  std::map<std::int64_t, std::set<std::string>> of_company;
  const auto contacts = mid().world.list("sandbox", "company/contacts");
  for (const json::object& contact : contacts) {
    const std::string first(contact.at("firstName").as_string());
    const json::value* last = contact.if_contains("lastName");
    const bool nameless = last == nullptr || last->as_string().empty();
    EXPECT_EQ(nameless, desks.contains(first)) << first;
    const std::string whole = nameless ? first : first + " " + std::string(last->as_string());
    people.insert(whole);
    const auto& names = of_company[contact.at("company").at("id").as_int64()].insert(whole);
    EXPECT_TRUE(names.second) << whole << " is there twice";
    expect_name(whole);
  }
  EXPECT_GT(people.size() * 3, contacts.size() * 2);
}

std::string letters_of(std::string_view text) {
  std::string letters = to_lower(text);
  std::erase_if(letters, [](unsigned char c) { return std::isalnum(c) == 0; });
  return letters;
}

TEST(Town, IdentifiersAreTheFirstWordsOfTheName) {
  const std::regex after_words("(-[A-Z]{2}|[2-9])?$");
  for (const json::object& company : mid().world.list("sandbox", "company/companies")) {
    const std::string identifier(company.at("identifier").as_string()), name(company.at("name").as_string());
    if (company.at("id") == 250 || company.at("id") == 251) continue;
    EXPECT_LE(identifier.size(), 25u);
    const std::string made =
        letters_of(std::regex_replace(identifier, after_words, "", std::regex_constants::format_first_only));
    std::string words;
    std::set<std::string> beginnings;
    for (const std::string& word : words_of(name)) beginnings.insert(words += letters_of(word));
    EXPECT_TRUE(beginnings.contains(made)) << identifier << " of " << name;
    for (const char* form : {"inc", "llc", "ltd", "pllc"}) EXPECT_FALSE(made.ends_with(form)) << identifier;
  }
}

TEST(Town, PhonesAndAddressesFitTheirCompanies) {
  EXPECT_EQ(mail_name("Sofía", "O'Brien"), "sofia.obrien");
  EXPECT_EQ(mail_name("Front Desk", ""), "frontdesk");
  std::map<std::string, std::set<std::string>> areas;
  for (const json::value& city : town_words().at("cities").as_array())
    areas[std::string(city.at(0).as_string())].emplace(city.at(3).as_string());
  std::map<std::int64_t, std::pair<std::string, std::string>> companies;  // their cities and domains
  const auto expect_phone = [&](const std::string& city, const json::value& number) {
    const std::string text(number.as_string());
    EXPECT_TRUE(std::regex_match(text, std::regex("[0-9]{3}555[0-9]{4}"))) << text;
    EXPECT_TRUE(areas.at(city).contains(text.substr(0, 3))) << city << " " << text;
  };
  for (const json::object& company : mid().world.list("sandbox", "company/companies")) {
    const std::string city(company.at("city").as_string());
    expect_phone(city, company.at("phoneNumber"));
    companies[company.at("id").as_int64()] = {city, to_lower(company.at("identifier").as_string()) + ".example"};
  }
  const std::regex address("[a-z]+(\\.[a-z]+)?@([a-z0-9-]+\\.example)|[a-z]+(\\.[a-z]+)?[0-9]{2}@mail\\.example");
  for (const json::object& contact : mid().world.list("sandbox", "company/contacts")) {
    const auto& [city, domain] = companies.at(contact.at("company").at("id").as_int64());
    const json::value* items = contact.if_contains("communicationItems");
    if (items == nullptr) continue;
    for (const json::value& item : items->as_array()) {
      if (item.at("communicationType") == "Phone") {
        expect_phone(city, item.at("value"));
        continue;
      }
      const std::string mail(item.at("value").as_string());
      std::smatch parts;
      EXPECT_TRUE(std::regex_match(mail, parts, address)) << mail;
      EXPECT_TRUE(!parts[2].matched || parts[2] == domain) << mail;
    }
  }
}

TEST(Town, AgreementsBeginInTheYearOfTheirName) {
  int with_year = 0;
  for (const json::object& agreement : mid().world.list("sandbox", "finance/agreements")) {
    const std::string name(agreement.at("name").as_string()), start(agreement.at("startDate").as_string());
    std::smatch year;
    if (!std::regex_search(name, year, std::regex("\\b20[0-9]{2}\\b"))) continue;
    ++with_year;
    EXPECT_EQ(year.str(), start.substr(0, 4)) << name;
    EXPECT_EQ(agreement.at("type").at("name"), "MSA - Gold (2019, grandfathered)");
    const std::string company = "/company/companies/" + std::to_string(agreement.at("company").at("id").as_int64());
    EXPECT_LE(mid().get(company).at("dateAcquired").as_string(), start) << name;
  }
  EXPECT_GT(with_year, 2);
}

TEST(Town, SomeCompaniesHaveSeveralAgreements) {
  std::map<std::int64_t, int> of_company;
  std::set<std::string> statuses;
  for (const json::object& agreement : mid().world.list("sandbox", "finance/agreements")) {
    ++of_company[agreement.at("company").at("id").as_int64()];
    statuses.insert(std::string(agreement.at("agreementStatus").as_string()));
  }
  EXPECT_TRUE(std::any_of(of_company.begin(), of_company.end(), [](const auto& each) { return each.second >= 3; }));
  EXPECT_EQ(statuses, (std::set<std::string>{"Active", "Cancelled", "Expired"}));
}

TEST(Town, DevicesRetireAndTicketsAreInEveryState) {
  EXPECT_GT(count(mid(), "/company/configurations", "status/description=\"Retired\""), 200);
  EXPECT_GT(count(mid(), "/service/tickets", "closedFlag=true"), 1'000);
  EXPECT_GT(count(mid(), "/service/tickets", "closedFlag=false"), 100);
  EXPECT_GT(count(mid(), "/service/tickets", "owner/id=null"), 10);
  EXPECT_GT(count(mid(), "/time/entries"), 500);
  std::set<std::string> boards;
  for (const json::object& ticket : mid().world.tickets("sandbox"))
    boards.insert(std::string(ticket.at("board").at("name").as_string()));
  EXPECT_TRUE(boards.contains("Backup & DR"));
  EXPECT_EQ(boards.size(), 6u);
}

TEST(Town, NothingIsNewerThanNow) {
  for (const char* collection : {"service/tickets", "service/tickets/notes", "time/entries", "company/companies"}) {
    for (const json::object& each : mid().world.list("sandbox", collection))
      ASSERT_LE(each.at("_info").at("lastUpdated").as_string(), "2026-03-01T08:00:00Z") << json::serialize(each);
  }
}

TEST(Town, ASnapshotInLinesHoldsAllOfIt) {
  std::stringstream lines;
  mid().world.save_to(lines);
  Bench loaded(WorldOptions{.seeded = false});
  EXPECT_TRUE(loaded.world.tenants().empty());
  ASSERT_TRUE(loaded.world.load_from(lines));
  EXPECT_TRUE(loaded.world.save() == mid().world.save());
  EXPECT_EQ(loaded.get("/service/tickets/10000"), mid().get("/service/tickets/10000"));
}

TEST(Town, ABrokenSnapshotLeavesTheWorldAsItWas) {
  Bench bench;
  for (const char* text :
       {"", "{}", "{\"version\":99}\n{\"tenant\":{}}", "{\"version\":1}\n{\"tenant\":{}}", "nonsense",
        "{\"version\":1}\n", "{\"version\":1}\n{\"table\":\"service/tickets\",\"next_id\":1}"}) {
    std::istringstream lines(text);
    EXPECT_FALSE(bench.world.load_from(lines)) << text;
  }
  EXPECT_EQ(bench.world.tickets("sandbox").size(), 10u);
}

TEST(Town, TheSeedDecidesEverything) {
  const auto drawn = [](std::uint64_t seed) {
    Bench bench(WorldOptions{.seed = seed, .scenario = "mid"});
    return json::serialize(bench.world.save());
  };
  const std::string first = drawn(5);
  EXPECT_TRUE(first == drawn(5));
  EXPECT_FALSE(first == drawn(6));
}

}  // namespace
}  // namespace crosswalk::sandbox
