#include <boost/json.hpp>

#include "fixtures.h"
#include "mapping/schema.h"

namespace crosswalk::mapping {
namespace {

TEST(Document, VendorDefaultsSetEverySettingThatTheWorkflowNeeds) {
  const TicketSettings& settings = vendor_defaults().settings;
  EXPECT_EQ(settings.mode, Mode::test);
  EXPECT_TRUE(settings.summary && settings.description && settings.severity_threshold && settings.repeat_note_interval);
  EXPECT_TRUE(settings.reopen_policy && settings.reopen_window && settings.flap_transitions && settings.flap_window &&
              settings.flap_quiet);
  EXPECT_TRUE(settings.storm_alerts && settings.storm_window && settings.auto_close && settings.takeover);
  EXPECT_TRUE(settings.attach_configuration && settings.contact_from_alert);
  EXPECT_EQ(settings.hold_down.size(), 5U);
  EXPECT_EQ(settings.notes.size(), kNoteNames.size());
  EXPECT_EQ(settings.ownership.size(), static_cast<std::size_t>(psa::kTicketFieldCount));
  EXPECT_EQ(vendor_defaults().unknown_customer.policy, UnknownCustomer::Policy::hold);
}

TEST(Document, VendorDefaultsHoldTheAgreedRules) {
  using namespace std::chrono_literals;
  const TicketSettings& settings = vendor_defaults().settings;
  EXPECT_EQ(settings.hold_down.at(model::Severity::critical), 0s);
  EXPECT_EQ(settings.hold_down.at(model::Severity::high), 60s);
  EXPECT_EQ(settings.hold_down.at(model::Severity::medium), 5min);
  EXPECT_EQ(settings.hold_down.at(model::Severity::low), 15min);
  EXPECT_EQ(settings.flap_transitions, 4);
  EXPECT_EQ(settings.flap_window, 60min);
  EXPECT_EQ(settings.flap_quiet, 30min);
  EXPECT_EQ(settings.storm_alerts, 10);
  EXPECT_EQ(settings.storm_window, 5min);
  EXPECT_EQ(settings.reopen_policy, ReopenPolicy::within);
  EXPECT_EQ(settings.reopen_window, 24h);
  EXPECT_EQ(settings.repeat_note_interval, 15min);
  EXPECT_EQ(settings.auto_close, AutoClose::close);
  EXPECT_EQ(settings.ownership.at(psa::TicketField::priority), Ownership::product);
  EXPECT_EQ(settings.ownership.at(psa::TicketField::summary), Ownership::create);
  EXPECT_EQ(settings.ownership.at(psa::TicketField::owner), Ownership::psa);
}

TEST(Document, PublishedSchemaIsEmbeddedAsItStandsInTheTree) {
  const boost::json::value schema = boost::json::parse(json_schema());
  EXPECT_EQ(schema.at("$schema").as_string(), "http://json-schema.org/draft-07/schema#");
}

TEST(Document, EmptyObjectIsADocument) { EXPECT_EQ(document("{}"), Document{}); }

TEST(Document, IdsMayBeNumbersOrTexts) {
  const Document parsed = document(R"({"defaults": {"board": {"id": 21, "name": "Alerts"}, "source": {"id": "4"}}})");
  EXPECT_EQ(parsed.settings.fields.at(psa::TicketField::board).id, "21");
  EXPECT_EQ(parsed.settings.fields.at(psa::TicketField::board).name, "Alerts");
  EXPECT_EQ(parsed.settings.fields.at(psa::TicketField::source).id, "4");
}

TEST(Document, PriorityCanBeOneOrBySeverityOrBoth) {
  const Document parsed = document(R"({"defaults": {"priority": {"id": 3, "by_severity": {"critical": {"id": 1}}}}})");
  EXPECT_EQ(parsed.settings.fields.at(psa::TicketField::priority).id, "3");
  EXPECT_EQ(parsed.settings.priority_by_severity.at(model::Severity::critical).id, "1");
}

TEST(Document, NoteGivenAsTextIsInternal) {
  const Document parsed = document(R"({"defaults": {"notes": {"resolved": "Done."}}})");
  EXPECT_EQ(parsed.settings.notes.at("resolved").text, "Done.");
  EXPECT_EQ(parsed.settings.notes.at("resolved").kind, psa::NoteKind::internal);
}

struct Refusal {
  std::string_view json, code, pointer, words;
};

class DocumentRefuses : public testing::TestWithParam<Refusal> {};

TEST_P(DocumentRefuses, WithCodePointerAndWords) {
  const Parsed parsed = parse_document(GetParam().json);
  EXPECT_FALSE(parsed.document);
  const Problem* problem = find_problem(parsed.problems, GetParam().code, GetParam().pointer);
  ASSERT_TRUE(problem) << listing(parsed.problems);
  EXPECT_NE(problem->message.find(GetParam().words), std::string::npos) << problem->message;
}

INSTANTIATE_TEST_SUITE_P(
    Examples, DocumentRefuses,
    testing::Values(
        Refusal{R"({"defualts": {}})", "mapping.schema", "/defualts", "Did you mean \"defaults\"?"},
        Refusal{R"({"defaults": {"bord": {"id": 1}}})", "mapping.schema", "/defaults/bord", "Did you mean \"board\"?"},
        Refusal{R"({"zzzzzzzz": 1})", "mapping.schema", "/zzzzzzzz", "expected $schema, workflow"},
        Refusal{R"({"mode": "life"})", "mapping.schema", "/mode", "Did you mean \"live\"?"},
        Refusal{R"({"mode": 3})", "mapping.schema", "/mode", "This is a number, but a text was expected"},
        Refusal{R"([1, 2])", "mapping.schema", "", "This is a list, but an object was expected"},
        Refusal{R"({"defaults": {"board": {"name": "Alerts"}}})", "mapping.schema", "/defaults/board",
                "\"id\" is missing"},
        Refusal{R"({"defaults": {"board": "Alerts"}})", "mapping.schema", "/defaults/board",
                "but an object was expected"},
        Refusal{R"({"defaults": {"board": {"id": ""}}})", "mapping.schema", "/defaults/board/id", "empty"},
        Refusal{R"({"defaults": {"board": {"id": -1}}})", "mapping.schema", "/defaults/board/id", "out of range"},
        Refusal{R"({"defaults": {"board": {"id": 1.5}}})", "mapping.schema", "/defaults/board/id", "a whole number"},
        Refusal{R"({"defaults": {"hold_down": {"high": "5 minutes"}}})", "mapping.schema", "/defaults/hold_down/high",
                "such as 90s"},
        Refusal{R"({"defaults": {"hold_down": {"high": "999d"}}})", "mapping.duration", "/defaults/hold_down/high",
                "at most 366d"},
        Refusal{R"({"defaults": {"flapping": {"transitions": 1}}})", "mapping.schema", "/defaults/flapping/transitions",
                "from 2 to 100"},
        Refusal{R"({"defaults": {"notes": {"resolvd": "x"}}})", "mapping.schema", "/defaults/notes/resolvd",
                "\"resolved\""},
        Refusal{R"({"defaults": {"notes": {"resolved": {"kind": "internal"}}}})", "mapping.schema",
                "/defaults/notes/resolved", "\"text\" is missing"},
        Refusal{R"({"defaults": {"priority": {"name": "High"}}})", "mapping.schema", "/defaults/priority/name",
                "\"id\" is missing"},
        Refusal{R"({"defaults": {"summary": "{{title"}})", "mapping.template", "/defaults/summary", "Unclosed tag"},
        Refusal{R"({"defaults": {"summary": "{{#title}}x"}})", "mapping.template", "/defaults/summary", "title"},
        Refusal{R"({"defaults": {"summary": "{{=<% %>=}}"}})", "mapping.template", "/defaults/summary", "delimiters"},
        Refusal{R"({"defaults": {"description": "{{> other}}"}})", "mapping.template", "/defaults/description",
                "partial"},
        Refusal{R"({"defaults": {"notes": {"flapping": "{{}}"}}})", "mapping.template", "/defaults/notes/flapping/text",
                "empty"},
        Refusal{R"({"customers": {"a/b": {"compny": {"id": 1}}}})", "mapping.schema", "/customers/a~1b/compny",
                "\"company\""},
        Refusal{R"({"customers": {"": {}}})", "mapping.schema", "/customers/", "empty"},
        Refusal{R"({"rules": [{"name": "x"}]})", "mapping.schema", "/rules/0", "\"set\" is missing"},
        Refusal{R"({"rules": [{"name": "x", "set": {}, "when": [{"attribute": "severity"}]}]})", "mapping.schema",
                "/rules/0/when/0", "exactly one of"},
        Refusal{
            R"({"rules": [{"name": "x", "set": {}, "when": [{"attribute": "severity", "is": "high", "in": ["low"]}]}]})",
            "mapping.schema", "/rules/0/when/0", "exactly one of"},
        Refusal{R"({"rules": [{"name": "x", "set": {}, "when": [{"attribute": "severty", "is": "high"}]}]})",
                "mapping.attribute", "/rules/0/when/0/attribute", "Did you mean \"severity\"?"},
        Refusal{R"({"rules": [{"name": "x", "set": {}, "when": [{"attribute": "severity", "is": "hgh"}]}]})",
                "mapping.condition", "/rules/0/when/0/is", "not a severity"},
        Refusal{
            R"({"rules": [{"name": "x", "set": {}, "when": [{"attribute": "alert.score", "greater_than": "much"}]}]})",
            "mapping.condition", "/rules/0/when/0/greater_than", "not a number"},
        Refusal{R"({"rules": [{"name": "x", "set": {}, "when": [{"attribute": "title", "matches": "a\\"}]}]})",
                "mapping.pattern", "/rules/0/when/0/matches", "needs a character after it"},
        Refusal{R"({"maintenance_windows": [{"name": "x"}]})", "mapping.window", "/maintenance_windows/0",
                "either starts_at and ends_at"},
        Refusal{R"({"maintenance_windows": [{"name": "x", "weekdays": ["monday"], "from": "22:00"}]})",
                "mapping.window", "/maintenance_windows/0", "until"},
        Refusal{
            R"({"maintenance_windows": [{"name": "x", "weekdays": ["funday"], "from": "22:00", "until": "23:00"}]})",
            "mapping.schema", "/maintenance_windows/0/weekdays/0", "monday"},
        Refusal{
            R"({"maintenance_windows": [{"name": "x", "weekdays": ["monday"], "from": "24:00", "until": "23:00"}]})",
            "mapping.window", "/maintenance_windows/0/from", "00:00"},
        Refusal{
            R"({"maintenance_windows": [{"name": "x", "weekdays": ["monday", "monday"], "from": "22:00", "until": "23:00"}]})",
            "mapping.schema", "/maintenance_windows/0/weekdays/1", "twice"},
        Refusal{
            R"({"maintenance_windows": [{"name": "x", "starts_at": "2026-03-02T00:00:00Z", "ends_at": "2026-03-01T00:00:00Z"}]})",
            "mapping.window", "/maintenance_windows/0/ends_at", "before it starts"},
        Refusal{
            R"({"maintenance_windows": [{"name": "x", "weekdays": ["monday"], "from": "22:00", "until": "23:00", "time_zone": "Europe/Berln"}]})",
            "mapping.time_zone", "/maintenance_windows/0/time_zone", "not a time zone"},
        Refusal{R"({"go_live_at": "2026-02-30T00:00:00Z"})", "mapping.schema", "/go_live_at", "not a point in time"},
        Refusal{R"({"unknown_customer": {"policy": "catch_all"}})", "mapping.schema", "/unknown_customer/company",
                "needs a company"},
        Refusal{R"({"mode": "live", "defaults": {"mode": "off"}})", "mapping.schema", "/mode", "differently"}));

TEST(Document, TellsAllProblemsAtOnce) {
  const Parsed parsed =
      parse_document(R"({"mode": "life", "rules": [{"name": "", "set": {"bord": 1}}], "triage_board": {"id": []}})");
  EXPECT_TRUE(find_problem(parsed.problems, "mapping.schema", "/mode"));
  EXPECT_TRUE(find_problem(parsed.problems, "mapping.schema", "/rules/0/name"));
  EXPECT_TRUE(find_problem(parsed.problems, "mapping.schema", "/rules/0/set/bord"));
  EXPECT_TRUE(find_problem(parsed.problems, "mapping.schema", "/triage_board/id"));
  EXPECT_EQ(parsed.problems.size(), 4U) << listing(parsed.problems);
}

TEST(Document, MisspeltTemplateValueIsAWarning) {
  const Parsed parsed = parse_document(R"({"defaults": {"summary": "{{titel}} {{device.name}} {{count}}"}})");
  ASSERT_TRUE(parsed.document);
  ASSERT_EQ(parsed.problems.size(), 1U) << listing(parsed.problems);
  EXPECT_EQ(parsed.problems[0].level, Problem::Level::warning);
  EXPECT_EQ(parsed.problems[0].code, "mapping.template_value");
  EXPECT_NE(parsed.problems[0].message.find("Did you mean \"title\"?"), std::string::npos);
}

TEST(Document, ALiveOneThatNeverClosesATicketIsWarnedOf) {
  const auto warns = [](std::string_view text) {
    const Parsed parsed = parse_document(text);
    EXPECT_TRUE(parsed.document) << listing(parsed.problems);
    return find_problem(parsed.problems, "mapping.never_closes", "/defaults/statuses");
  };
  EXPECT_TRUE(warns(R"({"mode": "live"})"));
  EXPECT_FALSE(warns(R"({"mode": "test"})")) << "nothing is written";
  EXPECT_FALSE(warns(R"({"mode": "live", "defaults": {"auto_close": "never"}})")) << "somebody wants it";
  EXPECT_FALSE(warns(R"({"mode": "live", "defaults": {"statuses": {"resolved": {"id": 1}}}})"));
  EXPECT_FALSE(warns(R"({"mode": "live", "customers": {"a": {"settings": {"statuses": {"resolved": {"id": 1}}}}}})"));
}

TEST(Document, SyntaxErrorTellsLineAndColumn) {
  const Parsed parsed = parse_document("{\n  \"mode\": \"test\"\n  \"rules\": []\n}");
  ASSERT_EQ(parsed.problems.size(), 1U);
  EXPECT_EQ(parsed.problems[0].code, "mapping.json");
  EXPECT_NE(parsed.problems[0].message.find("line 3, column 3"), std::string::npos) << parsed.problems[0].message;
}

TEST(Document, UnfinishedTextAndTextAfterTheEndAreRefused) {
  EXPECT_NE(parse_document("{\"mode\": ").problems.at(0).message.find("ends too early"), std::string::npos);
  EXPECT_NE(parse_document("").problems.at(0).message.find("ends too early"), std::string::npos);
  EXPECT_NE(parse_document("{} x").problems.at(0).message.find("more text after the end"), std::string::npos);
  EXPECT_TRUE(parse_document(" {} \n").document);
}

TEST(Document, KeyGivenTwiceIsRefusedInsteadOfOneBeingLost) {
  const Parsed parsed = parse_document(R"({"rules": [], "customers": {"a": {"excluded": true}, "a": {}}})");
  EXPECT_FALSE(parsed.document);
  EXPECT_TRUE(find_problem(parsed.problems, "mapping.json", "/customers/a")) << listing(parsed.problems);
}

TEST(Document, HostileBytesAreRefusedCleanly) {
  EXPECT_NE(parse_document("{\"mode\": \"\xC3\x28\"}").problems.at(0).message.find("UTF-8"), std::string::npos);
  EXPECT_NE(parse_document(std::string{"{\"mode\": \"a\0b\"}", 15}).problems.at(0).message.find("not JSON"),
            std::string::npos);
  const Parsed escaped = parse_document(R"({"defaults": {"summary": "a\u0000b"}})");
  EXPECT_TRUE(find_problem(escaped.problems, "mapping.json", "/defaults/summary")) << listing(escaped.problems);
  EXPECT_NE(parse_document(std::string(50'000'000, ' ')).problems.at(0).message.find("at most"), std::string::npos);
  const std::string deep = std::string(10'000, '[') + std::string(10'000, ']');
  EXPECT_NE(parse_document(deep).problems.at(0).message.find("nested"), std::string::npos);
  EXPECT_NE(parse_document("{\"defaults\": {\"repeat_note_interval\": \"" + std::string(4'000'000, '9') + "\"}}")
                .problems.at(0)
                .message.find("does not fit"),
            std::string::npos);
}

TEST(Document, ByteOrderMarkOfAnEditorIsIgnored) { EXPECT_TRUE(parse_document("\xEF\xBB\xBF{}").document); }

}  // namespace
}  // namespace crosswalk::mapping
