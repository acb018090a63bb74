// The tickets of a mid-sized MSP: as people and monitoring would have made them, and as people would have worked them.
#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <set>
#include <vector>

#include "base/text.h"
#include "helpers.h"
#include "sandbox/conditions.h"
#include "sandbox/office_hours.h"
#include "sandbox/town_words.h"

namespace crosswalk::sandbox {
namespace {

namespace json = boost::json;

constexpr std::int64_t kAfterHoursBoard = 22;
constexpr std::int64_t kSecondsPerHour = 3'600, kSecondsPerDay = 86'400;
/// All but the first days of the four months before 2026-03-01 are in winter.
constexpr std::int64_t kEasternInWinter = -5 * kSecondsPerHour;

/// One mid-sized MSP for all tests of this file; they only read.
Bench& mid() {
  static Bench bench(WorldOptions{.scenario = "mid"});
  return bench;
}

std::vector<json::object> all(std::string_view collection) { return mid().world.list("sandbox", collection); }

const std::vector<json::object>& tickets() {
  static const std::vector<json::object> list = all("service/tickets");
  return list;
}

std::string text_in(const json::object& object, std::string_view member) {
  const json::value* text = object.if_contains(member);
  return text == nullptr ? std::string() : std::string(text->as_string());
}

std::int64_t id_in(const json::object& object, std::string_view member) {
  const json::value* named = object.if_contains(member);
  return named == nullptr ? 0 : named->at("id").as_int64();
}

std::int64_t id_of(const json::object& object) { return object.at("id").as_int64(); }

std::int64_t seconds(std::string_view text) { return to_milliseconds(*parse_timestamp(text)) / 1'000; }

std::int64_t entered(const json::object& object) {
  return seconds(text_in(object.at("_info").as_object(), "dateEntered"));
}

std::string entered_by(const json::object& object) { return text_in(object.at("_info").as_object(), "enteredBy"); }

bool is_alert(const json::object& ticket) {
  const std::string_view source = ticket.at("source").at("name").as_string();
  return source == "RMM Alert" || source == "Monitoring - Legacy";
}

/// Whether a text is this one of town.json with its blanks filled.
bool is_made_from(std::string_view text, std::string_view pattern) {
  std::size_t blank = pattern.find('{');
  if (blank == std::string_view::npos) return text == pattern;
  if (!text.starts_with(pattern.substr(0, blank))) return false;
  text.remove_prefix(blank);
  for (;;) {
    pattern.remove_prefix(pattern.find('}') + 1);
    blank = pattern.find('{');
    const std::string_view piece = pattern.substr(0, blank);
    if (blank == std::string_view::npos) return text.ends_with(piece);
    const std::size_t at = text.find(piece);
    if (at == std::string_view::npos) return false;
    text.remove_prefix(at + piece.size());
  }
}

bool is_one_of(std::string_view text, const json::object& subject, std::string_view list) {
  const json::value* patterns = subject.if_contains(list);
  return patterns != nullptr && std::ranges::any_of(patterns->as_array(), [&](const json::value& pattern) {
           return is_made_from(text, pattern.as_string());
         });
}

/// What town.json has on the subject of a ticket.
const json::object* subject_of(const json::object& ticket) {
  for (const json::value& board : town_words().at("boards").as_array()) {
    if (board.at("id") != ticket.at("board").at("id")) continue;
    for (const json::value& subject : board.at("subjects").as_array()) {
      if (is_one_of(text_in(ticket, "summary"), subject.as_object(), "summary")) return &subject.as_object();
    }
  }
  return nullptr;
}

std::int64_t number_in(const json::object& object, std::string_view name) {
  const json::value* value = object.if_contains(name);
  return value == nullptr ? 0 : value->as_int64();
}

/// The hours since midnight on the MSP's wall.
double hour_at(std::int64_t moment) {
  return static_cast<double>((moment + kEasternInWinter) % kSecondsPerDay) / static_cast<double>(kSecondsPerHour);
}

bool is_weekend(std::int64_t moment) {
  const std::int64_t since_thursday = (moment + kEasternInWinter) / kSecondsPerDay % 7;  // 1970 began on one
  return since_thursday == 2 || since_thursday == 3;
}

/// The notes that stand in tickets themselves, in the order in which they were written.
std::map<std::int64_t, std::vector<json::object>> notes_by_ticket() {
  std::map<std::int64_t, std::vector<json::object>> notes;
  for (json::object& each : all("service/tickets/notes")) {
    const std::int64_t ticket = each.at("ticketId").as_int64();
    notes[ticket].push_back(std::move(each));
  }
  return notes;
}

TEST(OfficeHours, FollowTheClockOnTheWall) {
  EXPECT_EQ(wall_clock(seconds("2026-01-15T17:30:00Z")), seconds("2026-01-15T12:30:00Z"));
  EXPECT_EQ(wall_clock(seconds("2026-03-08T06:59:59Z")), seconds("2026-03-08T01:59:59Z"));
  EXPECT_EQ(wall_clock(seconds("2026-03-08T07:00:00Z")), seconds("2026-03-08T03:00:00Z"));
  EXPECT_EQ(wall_clock(seconds("2026-11-01T05:59:59Z")), seconds("2026-11-01T01:59:59Z"));
  EXPECT_EQ(wall_clock(seconds("2026-11-01T06:00:00Z")), seconds("2026-11-01T01:00:00Z"));
  EXPECT_EQ(at_wall_clock(day_of(seconds("2026-07-01T00:00:00Z")), 9 * kSecondsPerHour),
            seconds("2026-07-01T13:00:00Z"));
  EXPECT_EQ(at_wall_clock(day_of(seconds("2026-12-01T00:00:00Z")), 9 * kSecondsPerHour),
            seconds("2026-12-01T14:00:00Z"));
  EXPECT_TRUE(in_office_hours(seconds("2026-02-27T13:00:00Z")));
  EXPECT_FALSE(in_office_hours(seconds("2026-02-27T12:59:59Z")));
  EXPECT_FALSE(in_office_hours(seconds("2026-02-27T22:00:00Z")));
  EXPECT_FALSE(in_office_hours(seconds("2026-03-01T15:00:00Z"))) << "a Sunday";
  EXPECT_FALSE(in_office_hours(seconds("2025-12-25T15:00:00Z"))) << "Christmas";
  EXPECT_EQ(next_opening(seconds("2026-02-27T15:00:00Z")), seconds("2026-03-02T13:00:00Z")) << "from Friday to Monday";
  EXPECT_EQ(next_opening(seconds("2026-02-26T12:00:00Z")), seconds("2026-02-26T13:00:00Z")) << "the same day";
  EXPECT_EQ(next_opening(seconds("2026-03-07T15:00:00Z")), seconds("2026-03-09T12:00:00Z")) << "into summer time";
}

TEST(TownTickets, HaveTheTypeOfTheirSubject) {
  std::map<std::int64_t, std::set<std::string>> types;
  std::size_t with_subtype = 0;
  for (const json::object& ticket : tickets()) {
    const json::object* subject = subject_of(ticket);
    ASSERT_NE(subject, nullptr) << ticket.at("summary");
    EXPECT_EQ(id_in(ticket, "type"), subject->at("type").as_int64()) << ticket.at("summary");
    EXPECT_EQ(id_in(ticket, "subType"), number_in(*subject, "subType")) << ticket.at("summary");
    EXPECT_EQ(id_in(ticket, "item"), number_in(*subject, "item")) << ticket.at("summary");
    types[id_in(ticket, "board")].insert(std::string(ticket.at("type").at("name").as_string()));
    with_subtype += ticket.contains("subType");
  }
  EXPECT_EQ(types[1], (std::set<std::string>{"Break-fix", "Change", "Request"}));
  EXPECT_EQ(types[2], (std::set<std::string>{"Account Compromise", "Malware", "Phishing", "Vulnerability"}));
  EXPECT_EQ(types[3], (std::set<std::string>{"Availability", "Hardware", "Performance"}));
  EXPECT_EQ(types[20], (std::set<std::string>{"Incident", "Problem"}));
  EXPECT_EQ(types[21], (std::set<std::string>{"Backup Failure", "Restore Request"}));
  EXPECT_GT(with_subtype * 10, tickets().size() * 9);
}

TEST(TownTickets, HaveThePriorityOfTheirSubject) {
  std::map<std::int64_t, std::size_t> of_priority;
  for (const json::object& ticket : tickets()) {
    const std::int64_t priority = id_in(ticket, "priority");
    ++of_priority[priority];
    const json::array& chances = subject_of(ticket)->at("priority").as_array();
    EXPECT_GT(chances.at(static_cast<std::size_t>(priority - 1)).as_int64(), 0) << ticket.at("summary");
    const std::string severity = text_in(ticket, "severity"), impact = text_in(ticket, "impact");
    EXPECT_EQ(priority == 1, severity == "High" && impact == "High") << ticket.at("summary");
    EXPECT_EQ(priority == 4, severity == "Low" && impact == "Low") << ticket.at("summary");
    const std::string summary = text_in(ticket, "summary");
    if (contains_ignoring_case(summary, "server down") || contains_ignoring_case(summary, "ransomware")) {
      EXPECT_LE(priority, 2) << summary;
    }
    if (contains_ignoring_case(summary, "new user") || contains_ignoring_case(summary, "install")) {
      EXPECT_GE(priority, 3) << summary;
    }
  }
  const std::size_t whole = tickets().size();
  EXPECT_GT(of_priority[1] * 100, whole * 2);
  EXPECT_LT(of_priority[1] * 100, whole * 12);
  EXPECT_GT(of_priority[2] * 100, whole * 15);
  EXPECT_GT(of_priority[3], of_priority[2]);
  EXPECT_GT(of_priority[4] * 100, whole * 15);
}

TEST(TownTickets, OfPeopleComeInOfficeHoursAndAlertsAtAnyTime) {
  std::set<int> hours;
  std::size_t alerts = 0, outside = 0;
  std::map<std::string, int> people;
  for (const json::object& ticket : tickets()) {
    const std::int64_t moment = entered(ticket);
    const double hour = hour_at(moment);
    const bool office = !is_weekend(moment) && hour >= 8 && hour < 17;
    if (!is_alert(ticket)) {
      EXPECT_TRUE(office) << json::serialize(ticket);
      ++people[std::string(ticket.at("source").at("name").as_string())];
      continue;
    }
    if (id_in(ticket, "board") == kAfterHoursBoard) {
      EXPECT_FALSE(in_office_hours(moment)) << json::serialize(ticket);
    }
    ++alerts;
    outside += !office;
    hours.insert(static_cast<int>(hour));
  }
  EXPECT_EQ(hours.size(), 24u);
  EXPECT_GT(outside * 2, alerts);
  for (const char* source : {"Call", "Email Connector", "Portal", "Chat", "Internal"}) EXPECT_GT(people[source], 20);
}

/// How much gaps differ: the standard deviation in parts of the mean. Chance makes 1, a clock 0.
double variation(const std::vector<std::int64_t>& moments) {
  double sum = 0, squares = 0;
  for (std::size_t i = 1; i < moments.size(); ++i) {
    const auto gap = static_cast<double>(moments[i] - moments[i - 1]);
    sum += gap;
    squares += gap * gap;
  }
  const auto count = static_cast<double>(moments.size() - 1);
  const double mean = sum / count;
  return std::sqrt(squares / count - mean * mean) / mean;
}

TEST(TownTickets, AreSpacedAsChanceWouldHaveIt) {
  std::vector<std::int64_t> moments;
  std::set<std::int64_t> seconds_of_minute;
  for (const json::object& ticket : tickets()) {
    moments.push_back(entered(ticket));
    seconds_of_minute.insert(moments.back() % 60);
  }
  EXPECT_TRUE(std::ranges::is_sorted(moments)) << "ids follow the time";
  EXPECT_GT(variation(moments), 0.8);
  EXPECT_GT(seconds_of_minute.size(), 50u);
}

TEST(TownTickets, AreEnteredByWhoeverHasWrittenOrCalled) {
  const std::set<std::string> dispatchers{"tbaker", "lgreen"};
  for (const json::object& ticket : tickets()) {
    const std::string_view source = ticket.at("source").at("name").as_string();
    const std::string by = entered_by(ticket);
    if (is_alert(ticket)) {
      EXPECT_EQ(by, "APIuser");
    } else if (source == "Email Connector" || source == "Portal") {
      EXPECT_EQ(by, text_in(ticket, "contactEmailAddress"));
      EXPECT_NE(by, "");
    } else if (source == "Call" || source == "Chat") {
      EXPECT_TRUE(dispatchers.contains(by)) << by;
    }
  }
}

TEST(TownTickets, HaveNotesThatSpeakOfThem) {
  std::map<std::int64_t, const json::object*> subjects;
  for (const json::object& ticket : tickets()) subjects[id_of(ticket)] = subject_of(ticket);
  std::size_t looked_at = 0;
  for (const json::object& note : all("service/tickets/notes")) {
    const json::object& subject = *subjects.at(note.at("ticketId").as_int64());
    const std::string text = text_in(note, "text");
    const bool fits = note.at("issueFlag") == true              ? is_one_of(text, subject, "opening")
                      : note.at("internalAnalysisFlag") == true ? is_one_of(text, subject, "internal")
                      : note.at("resolutionFlag") == true
                          ? is_one_of(text, subject, "resolution") || is_one_of(text, subject, "cleared") ||
                                is_one_of(text, subject, "false_alarm")
                          : is_one_of(text, subject, "discussion");
    EXPECT_TRUE(fits) << subject.at("summary") << ": " << text;
    EXPECT_EQ(text.find('{'), std::string::npos) << text;
    ++looked_at;
  }
  for (const json::object& entry : all("time/entries")) {
    if (text_in(entry, "chargeToType") != "ServiceTicket") continue;
    const json::object& subject = *subjects.at(entry.at("chargeToId").as_int64());
    EXPECT_TRUE(is_one_of(text_in(entry, "notes"), subject, "work")) << subject.at("summary");
  }
  EXPECT_GT(looked_at, 2 * tickets().size());
}

TEST(TownTickets, HaveNotesInManyWords) {
  std::map<std::string, std::set<std::int64_t>> tickets_with;
  for (const json::object& note : all("service/tickets/notes"))
    tickets_with[text_in(note, "text")].insert(note.at("ticketId").as_int64());
  for (const json::object& entry : all("time/entries")) {
    if (text_in(entry, "chargeToType") == "ServiceTicket")
      tickets_with[text_in(entry, "notes")].insert(entry.at("chargeToId").as_int64());
  }
  for (const auto& [text, ids] : tickets_with) EXPECT_LT(ids.size() * 100, tickets().size() * 3) << text;
  EXPECT_GT(tickets_with.size(), 1'000u);
}

TEST(TownTickets, ThatAreClosedEndWithAResolution) {
  const auto notes = notes_by_ticket();
  std::map<std::int64_t, std::int64_t> booked_until;
  for (const json::object& entry : all("time/entries")) {
    if (text_in(entry, "chargeToType") != "ServiceTicket") continue;
    std::int64_t& until = booked_until[entry.at("chargeToId").as_int64()];
    until = std::max(until, seconds(text_in(entry, "timeEnd")));
  }
  std::size_t closed = 0;
  for (const json::object& ticket : tickets()) {
    if (ticket.at("closedFlag") == false) continue;
    ++closed;
    const json::object& last = notes.at(id_of(ticket)).back();
    EXPECT_EQ(last.at("resolutionFlag"), true) << ticket.at("summary");
    EXPECT_EQ(entered_by(last), text_in(ticket, "closedBy")) << ticket.at("summary");
    EXPECT_LE(entered(last), seconds(text_in(ticket, "closedDate")));
    EXPECT_GE(entered(last), booked_until[id_of(ticket)]);
  }
  EXPECT_GT(closed, tickets().size() / 2);
}

TEST(TownTickets, AreWorkedByPeopleInOfficeHours) {
  std::map<std::string, std::set<std::int64_t>> boards;  // of each member, by the teams
  std::map<std::int64_t, std::string> members;
  for (const json::object& member : all("system/members")) members[id_of(member)] = text_in(member, "identifier");
  for (const json::object& team : all("service/boards/teams")) {
    for (const json::value& member : team.at("members").as_array())
      boards[members.at(member.as_int64())].insert(team.at("boardId").as_int64());
  }
  const auto notes = notes_by_ticket();
  for (const json::object& ticket : tickets()) {
    const std::int64_t board = id_in(ticket, "board");
    if (const json::value* owner = ticket.if_contains("owner")) {
      EXPECT_TRUE(boards[std::string(owner->at("identifier").as_string())].contains(board)) << ticket.at("summary");
    }
    std::int64_t before = 0;
    for (const json::object& note : notes.at(id_of(ticket))) {
      const std::int64_t moment = entered(note);
      EXPECT_GE(moment - before, 60) << json::serialize(note);
      before = moment;
      const std::string author = entered_by(note);
      if (author == "APIuser" || note.at("issueFlag") == true) continue;
      EXPECT_TRUE(boards[author].contains(board)) << author << " " << ticket.at("summary");
      EXPECT_TRUE(board == kAfterHoursBoard || in_office_hours(moment)) << json::serialize(note);
    }
  }
}

TEST(TownTickets, HaveTimeThatSomebodyCanHaveSpent) {
  std::map<std::int64_t, const json::object*> by_id;
  for (const json::object& ticket : tickets()) by_id[id_of(ticket)] = &ticket;
  std::size_t entries = 0;
  for (const json::object& entry : all("time/entries")) {
    if (text_in(entry, "chargeToType") != "ServiceTicket") continue;
    ++entries;
    const json::object& ticket = *by_id.at(entry.at("chargeToId").as_int64());
    const std::int64_t start = seconds(text_in(entry, "timeStart")), end = seconds(text_in(entry, "timeEnd"));
    EXPECT_EQ(entry.at("member").at("id"), ticket.at("owner").at("id"));
    EXPECT_GT(start, entered(ticket));
    EXPECT_EQ(start % 300, 0);
    EXPECT_LE(end - start, 2 * kSecondsPerHour);
    if (id_in(ticket, "board") != kAfterHoursBoard) {
      EXPECT_FALSE(is_weekend(start));
      EXPECT_GE(hour_at(start), 8);
      EXPECT_LE(hour_at(start), 17);
    }
  }
  EXPECT_GT(entries, 500u);
}

TEST(TownTickets, ThatClearedByThemselvesWereClosedByTheIntegration) {
  const auto notes = notes_by_ticket();
  std::size_t found = 0;
  for (const json::object& ticket : tickets()) {
    const std::string_view status = ticket.at("status").at("name").as_string();
    const bool automatic = status == "Auto-Resolved" || status == ">Closed (auto)";
    EXPECT_EQ(automatic, text_in(ticket, "closedBy") == "APIuser") << json::serialize(ticket);
    if (!automatic) continue;
    ++found;
    EXPECT_TRUE(is_alert(ticket)) << ticket.at("summary");
    for (const char* member : {"owner", "actualHours", "resources"}) EXPECT_FALSE(ticket.contains(member)) << member;
    const auto& written = notes.at(id_of(ticket));
    ASSERT_EQ(written.size(), 2u);
    EXPECT_TRUE(is_one_of(text_in(written.back(), "text"), *subject_of(ticket), "cleared"));
    EXPECT_EQ(entered_by(written.back()), "APIuser");
  }
  EXPECT_GT(found, 100u);
}

/// The words of a summary, without what stands at their ends.
std::set<std::string> words_of(std::string summary) {
  std::ranges::replace(summary, ':', ' ');
  std::set<std::string> words;
  for (std::size_t at = 0; at < summary.size();) {
    const std::size_t end = std::min(summary.find(' ', at), summary.size());
    words.insert(summary.substr(at, end - at));
    at = end + 1;
  }
  return words;
}

TEST(TownTickets, OfAlertsCarryTheDeviceThatTheySpeakOf) {
  const Tenant& tenant = *mid().world.tenant("sandbox");
  const Table& rows = tenant.table("service/tickets");
  const Table& devices = tenant.table("company/configurations");
  const Resource& of_device = devices.resource();
  std::set<std::string, std::less<>> names;
  devices.each([&](const Row& device) { return names.emplace(device.text(of_device.field("name"))), true; });
  std::size_t named = 0;
  for (const json::object& ticket : tickets()) {
    const std::set<std::string> words = words_of(text_in(ticket, "summary"));
    const bool speaks = std::ranges::any_of(words, [&](const std::string& word) { return names.contains(word); });
    const json::object& subject = *subject_of(ticket);
    EXPECT_EQ(speaks, text_in(subject, "who") == "device") << ticket.at("summary");
    EXPECT_EQ(is_alert(ticket), subject.contains("who")) << ticket.at("summary");
    const json::value* attached = rows.find(id_of(ticket))->get(rows.resource().field("configuration"));
    if (speaks) {
      ASSERT_NE(attached, nullptr) << ticket.at("summary");
    }
    if (attached == nullptr) continue;
    ++named;
    const Row& device = *devices.find(attached->at(0).as_int64());
    EXPECT_TRUE(!speaks || words.contains(std::string(device.text(of_device.field("name"))))) << ticket.at("summary");
    EXPECT_EQ(device.integer(of_device.field("company")), id_in(ticket, "company"));
    EXPECT_EQ(device.integer(of_device.field("type")), number_in(subject, "device")) << ticket.at("summary");
    EXPECT_TRUE(device.flag(of_device.field("activeFlag"))) << ticket.at("summary");
    EXPECT_LT(device.date_entered, entered(ticket)) << ticket.at("summary");
  }
  EXPECT_GT(named, tickets().size() / 3);
}

TEST(TownTickets, AreOfPeopleAndAgreementsThatWereThereBefore) {
  std::map<std::int64_t, std::int64_t> since;
  for (const json::object& contact : all("company/contacts")) since[id_of(contact)] = entered(contact);
  std::map<std::int64_t, std::string> starts;
  for (const json::object& agreement : all("finance/agreements"))
    starts[id_of(agreement)] = text_in(agreement, "startDate");
  for (const json::object& ticket : tickets()) {
    if (ticket.contains("contact")) {
      EXPECT_LT(since.at(id_in(ticket, "contact")), entered(ticket));
    }
    if (ticket.contains("agreement")) {
      EXPECT_LT(seconds(starts.at(id_in(ticket, "agreement"))), entered(ticket));
    }
  }
}

TEST(TownTickets, AreOfCustomersThatTheMspLooksAfter) {
  std::map<std::int64_t, json::object> companies;
  for (json::object& company : all("company/companies")) companies[id_of(company)] = std::move(company);
  for (const json::object& ticket : tickets()) {
    const json::object& company = companies.at(id_in(ticket, "company"));
    EXPECT_EQ(company.at("deletedFlag"), false) << company.at("name");
    const std::string_view status = company.at("status").at("name").as_string();
    EXPECT_TRUE(status == "Active" || status == "Credit Hold") << company.at("name");
  }
}

}  // namespace
}  // namespace crosswalk::sandbox
