#include "connectwise/manage/errors.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <fstream>

#include "base/text.h"
#include "scripted_transport.h"

namespace crosswalk::connectwise::manage {
namespace {

struct Known {
  int status;
  const char* body;
  const char* code;
  Disposition disposition;  // of a read
  const char* content_type = "application/json";
};

const Known kKnown[] = {
    {400,
     R"({"code":"InvalidObject","message":"contact object is invalid","errors":[{"code":"MissingRequiredField","message":"The firstName field is required.","resource":"contact","field":"firstName"}]})",
     "psa.contact_first_name_missing", Disposition::park},
    {400,
     R"({"code":"InvalidObject","message":"callbackEntry object is invalid","errors":[{"code":"InvalidField","message":"Invalid URL","field":"url"},{"code":"InvalidObject","message":"Unrecognized level for type, see documentation","field":"level"}]})",
     "psa.callback_url_invalid", Disposition::park},
    {400,
     R"({"code":"InvalidObject","message":"callbackEntry object is invalid","errors":[{"code":"InvalidObject","message":"Unrecognized level for type, see documentation","field":"level"}]})",
     "psa.callback_level_unknown", Disposition::park},
    {400,
     R"({"code":"InvalidObject","message":"callbackEntry object is invalid","errors":[{"code":"ObjectExists","message":"A matching callback entry already exists","field":"objectId"}]})",
     "psa.callback_exists", Disposition::park},
    {404, R"({"code":"NotFound","message":"Contact 57919 not found"})", "psa.contact_gone", Disposition::gone},
    {404, R"({"code":"NotFound","message":"Ticket 12 not found"})", "psa.ticket_gone", Disposition::gone},
    {404, R"({"code":"NotFound","message":"Thing 12 not found"})", "psa.object_gone", Disposition::gone},
    {404, R"({"code":"ConnectWiseApi","message":"The endpoint does not exist."})", "psa.endpoint_missing",
     Disposition::rediscover},
    {400, R"({"code":"ApiFindCondition","message":"foo is not a recognized name."})", "psa.conditions_invalid",
     Disposition::park},
    {400,
     R"({"message":"Expected a boolean value, not a numeric. String values should be enclosed with double or single quotes; DateTime values..."})",
     "psa.conditions_invalid", Disposition::park},
    {401, R"({"code":"ConnectWiseApi","message":"UserNotAuthenticated"})", "partner.refused_credentials",
     Disposition::credentials},
    {401, R"({"code":"Unauthorized"})", "partner.refused_credentials", Disposition::credentials},
    {401, "", "partner.refused_credentials", Disposition::credentials},
    {400, R"({"code":"Any","message":"A valid clientId is needed"})", "psa.client_id_refused",
     Disposition::credentials},
    {403, R"({"code":"Security","message":"You do not have security permission to perform this action."})",
     "psa.permission_missing", Disposition::park},
    {403, R"({"code":"Security","message":"SSL is required.","errors":null})", "psa.ssl_required",
     Disposition::credentials},
    {429, R"({"error":"ConnectWiseAPI","message":"Too many requests. Please try again in 30 seconds."})",
     "psa.throttled", Disposition::throttled},
    {429, "<html><title>Rate limited</title></html>", "psa.throttled", Disposition::throttled, "text/html"},
    {500, R"({"code":"ConnectWiseApi","message":"String was not recognized as a valid Boolean."})", "psa.value_format",
     Disposition::park},
    {500, R"({"message":"String was not recognized as a valid DateTime."})", "psa.stored_date_invalid",
     Disposition::park},
    {400, R"({"code":"InvalidObject","errors":[{"code":"OutOfRange","field":"yearEstablished"}]})",
     "psa.value_out_of_range", Disposition::park},
    {400, R"({"errors":[{"code":"UnsupportedFormat","message":"Unsupported format applied to dateStart"}]})",
     "psa.date_format", Disposition::park},
    {400,
     R"({"code":"InvalidObject","message":"ticket object is invalid","errors":[{"code":"NotFound","message":"Service Status 17 not found for Service Board 21","resource":"ticket","field":"status/id"}]})",
     "psa.status_not_on_board", Disposition::park},
    {400, R"({"code":"InvalidObject","errors":[{"code":"NotFound","message":"not found","field":"status/id"}]})",
     "psa.status_missing", Disposition::park},
    {400, R"({"code":"InvalidObject","errors":[{"code":"NotFound","message":"not found","field":"board/id"}]})",
     "psa.board_missing", Disposition::park},
    {400, R"({"code":"InvalidObject","errors":[{"code":"NotFound","message":"not found","field":"Priority/id"}]})",
     "psa.priority_missing", Disposition::park},
    {400, R"({"code":"InvalidObject","errors":[{"code":"NotFound","message":"not found","field":"company/id"}]})",
     "psa.company_missing", Disposition::park},
    {400, R"({"code":"InvalidObject","errors":[{"code":"NotFound","message":"not found","field":"source/id"}]})",
     "psa.reference_missing", Disposition::park},
    {400,
     R"({"code":"InvalidObject","message":"serviceNote object is invalid","errors":[{"message":"Please choose where to display the notes in order to save this record."}]})",
     "psa.note_flags_missing", Disposition::park},
    {400,
     R"({"code":"InvalidObject","message":"configuration object is invalid","errors":[{"code":"MissingRequiredField","message":"id or deviceIdentifier is required.","field":"id"}]})",
     "psa.configuration_reference_missing", Disposition::park},
    {400, R"({"errors":[{"message":"Company Site name is required."}]})", "psa.company_site_missing",
     Disposition::park},
    {400, R"({"errors":[{"message":"typeIds can only be used when creating a new company."}]})",
     "psa.company_types_locked", Disposition::park},
    {400,
     R"({"message":"Addition object is invalid","errors":[{"message":"effectiveDate cannot be less than the agreement billing start date"}]})",
     "psa.addition_before_billing_start", Disposition::park},
    {400,
     R"({"message":"Addition object is invalid","errors":[{"message":"Since this period has already been invoiced there will not be an invoice generated for additional products for this period."}]})",
     "psa.addition_period_invoiced", Disposition::park},
    {415, R"({"message":"The request entity's media type 'application/json' is not supported for this resource."})",
     "psa.media_type", Disposition::park},
    {400, "Cannot route. Codebase/company is invalid", "psa.cannot_route", Disposition::rediscover, "text/plain"},
    {400,
     R"({"code":"InvalidObject","message":"ticket object is invalid","errors":[{"code":"MaxLengthField","message":"The field summary must be a string with a maximum length of 100.","resource":"ticket","field":"summary"}]})",
     "psa.summary_too_long", Disposition::park},
    {409, R"({"code":"Conflict","message":"in use"})", "psa.conflict", Disposition::retry},
    {500, R"({"code":"ConnectWiseApi","message":"Object reference not set"})", "psa.server_error", Disposition::retry},
    {500, "", "psa.server_error", Disposition::retry},
    {502, "<html><head><title>502 Bad Gateway</title></head></html>", "psa.outage", Disposition::retry, "text/html"},
    {503, "", "psa.outage", Disposition::retry},
    {403, "<html><title>Attention Required! | Cloudflare</title></html>", "psa.answer_not_json", Disposition::retry,
     "text/html"},
    {404, "<html><title>Not here</title></html>", "psa.endpoint_missing", Disposition::rediscover, "text/html"},
    {302, "", "psa.endpoint_missing", Disposition::rediscover},
    {400, "", "psa.answer_empty", Disposition::retry},
    {418, R"({"code":"Teapot","message":"short and stout"})", "psa.unrecognized_answer", Disposition::park},
    {400, R"([1,2])", "psa.unrecognized_answer", Disposition::park},
    {599, R"({"code":"New","message":"new"})", "psa.unrecognized_answer", Disposition::retry},
    {200, "<html>Sign in</html>", "psa.answer_not_json", Disposition::retry, "text/html"},
    {200, "", "psa.answer_empty", Disposition::retry},
};

TEST(ReadFailure, RecognizesEveryKnownBody) {
  for (const Known& known : kKnown) {
    const Reading reading = read_failure(known.status, known.content_type, known.body, false);
    EXPECT_EQ(reading.error.code, known.code) << known.status << " " << known.body;
    EXPECT_EQ(reading.disposition, known.disposition) << known.status << " " << known.body;
    EXPECT_NE(reading.error.message.find(std::to_string(known.status)), std::string::npos);
    EXPECT_EQ(explain(known.code).code, known.code);
  }
}

TEST(ReadFailure, ReadsEveryCollectedSample) {
  std::ifstream stream(connectwise_material("samples/misc/error_bodies.json"));
  if (!stream) GTEST_SKIP() << kMaterialIsAbsent;
  const std::string text((std::istreambuf_iterator<char>(stream)), {});
  int read_count = 0;
  const boost::json::value samples = boost::json::parse(text);
  for (const boost::json::value& sample : samples.as_array()) {
    const boost::json::object& object = sample.as_object();
    const int status = object.at("status").is_null() ? 403 : static_cast<int>(object.at("status").as_int64());
    std::string body, type = "application/json";
    if (const auto* inline_body = object.if_contains("body")) {
      body = boost::json::serialize(*inline_body);
    } else if (const auto* file = object.if_contains("body_file")) {
      std::ifstream other(connectwise_material("samples/" + std::string(file->as_string())));
      body.assign(std::istreambuf_iterator<char>(other), {});
    } else {
      body = object.at("body_text").as_string();
      type = object.at("content_type").as_string();
    }
    ASSERT_FALSE(body.empty());
    const Reading reading = read_failure(status, type, body, true);
    EXPECT_TRUE(reading.error.code != "psa.unrecognized_answer" && reading.error.code != "psa.object_invalid" &&
                reading.error.code != "psa.server_error" && reading.error.code != "psa.answer_not_json")
        << reading.error.code << " for " << body;
    ++read_count;
  }
  EXPECT_GE(read_count, 26);
}

TEST(ReadFailure, LeavesTheOutcomeOpenWhenAWriteMayHaveBeenDone) {
  EXPECT_EQ(read_failure(500, "", "", true).disposition, Disposition::unknown);
  EXPECT_EQ(read_failure(504, "text/html", "<html>", true).disposition, Disposition::unknown);
  EXPECT_EQ(read_failure(599, "", "{}", true).disposition, Disposition::unknown);
  EXPECT_EQ(read_failure(201, "", "", true).disposition, Disposition::unknown);
  EXPECT_EQ(read_failure(201, "", "{}", true).disposition, Disposition::unknown);
  EXPECT_EQ(read_failure(409, "", "{}", true).disposition, Disposition::retry) << "a conflict was certainly not done";
  EXPECT_EQ(read_failure(500, "", R"({"message":"String was not recognized as a valid DateTime."})", true).disposition,
            Disposition::park);
}

TEST(ReadFailure, LeavesTheOutcomeOpenWhenAnotherThanTheApiAnswersAWrite) {
  for (const int status : {301, 302, 303, 307, 308}) {
    EXPECT_EQ(read_failure(status, "", "", true).disposition, Disposition::unknown) << status;
    EXPECT_EQ(read_failure(status, "", R"({"code":"Moved"})", true).disposition, Disposition::unknown) << status;
    EXPECT_EQ(read_failure(status, "", "", false).disposition, Disposition::rediscover) << status;
    EXPECT_EQ(read_failure(status, "", "", true).error.code, "psa.endpoint_missing") << status;
  }
  for (const int status : {400, 403, 404, 409, 451}) {
    for (const char* body : {"", "<html><title>Attention Required!</title></html>", "no"})
      EXPECT_EQ(read_failure(status, "text/html", body, true).disposition, Disposition::unknown) << status << body;
  }
  // What the gateway and the API are known to say is believed.
  EXPECT_EQ(read_failure(400, "text/plain", "Cannot route. Codebase/company is invalid", true).disposition,
            Disposition::rediscover);
  EXPECT_EQ(read_failure(429, "text/html", "<html>", true).disposition, Disposition::throttled);
  EXPECT_EQ(read_failure(401, "", "", true).disposition, Disposition::credentials);
  EXPECT_EQ(
      read_failure(404, "", R"({"code":"ConnectWiseApi","message":"The endpoint does not exist."})", true).disposition,
      Disposition::rediscover);
}

TEST(ReadFailure, SurvivesAnswersThatAreNoAnswers) {
  const std::string deep = std::string(10'000, '[') + std::string(10'000, ']');
  const std::string many =
      R"({"errors":[)" + std::string("{}") + R"(,7,null,"x",{"code":5,"message":null,"field":[]}]})";
  for (const std::string& body :
       {deep, many, std::string("\0\0\0", 3), std::string("\xff\xfe<html>"), std::string("null"),
        std::string("\"text\""), std::string(R"({"message":)") + "\"" + std::string(100'000, 'x') + "\"}",
        std::string("{\"code\":\"Secur")}) {
    const Reading reading = read_failure(400, "application/json", body, true);
    EXPECT_LT(reading.error.message.size(), 2'000u);
    EXPECT_TRUE(is_utf8(reading.error.message));
    EXPECT_EQ(explain(reading.error.code).code, reading.error.code);
  }
}

RC_GTEST_PROP(ReadFailure, AlwaysGivesAKnownCodeAndSafeWords, (const std::string& body, bool was_write)) {
  const int status = *rc::gen::inRange(100, 600);
  const Reading reading = read_failure(status, "application/json", body, was_write);
  RC_ASSERT(explain(reading.error.code).code == reading.error.code);
  RC_ASSERT(is_utf8(reading.error.message));
  RC_ASSERT(!was_write || status < 500 || reading.disposition != Disposition::retry);
}

TEST(ReadFailure, QuotesConnectWisesOwnWords) {
  const Reading reading = read_failure(400, "", kKnown[22].body, true);
  EXPECT_NE(reading.error.message.find("status/id: Service Status 17 not found for Service Board 21"),
            std::string::npos)
      << reading.error.message;
  EXPECT_NE(read_failure(502, "text/html", "<TITLE>Bad\nGateway</TITLE>", false).error.message.find("Bad Gateway"),
            std::string::npos);
}

TEST(RetryAfter, ReadsSecondsDatesAndWords) {
  const Timestamp now = *parse_timestamp("2026-03-01T08:00:00Z");
  const auto header = [&](std::string value) {
    return read_retry_after(net::Headers{{"Retry-After", std::move(value)}}, "", now);
  };
  EXPECT_EQ(header("30"), std::chrono::seconds(30));
  EXPECT_EQ(header(" 7 "), std::chrono::seconds(7));
  EXPECT_EQ(header("Sun, 01 Mar 2026 08:00:45 GMT"), std::chrono::seconds(45));
  EXPECT_EQ(header("Sun, 01 Mar 2026 07:00:00 GMT"), Duration{0});
  EXPECT_EQ(header("Fri, 31 Dec 2027 07:00:00 GMT"), kRetryAfterMax);
  EXPECT_EQ(header("99999999999"), kRetryAfterMax);
  EXPECT_FALSE(header("soon"));
  EXPECT_FALSE(header("-5"));
  EXPECT_EQ(read_retry_after({}, "Too many requests. Please try again in 12 seconds.", now), std::chrono::seconds(12));
  EXPECT_FALSE(read_retry_after({}, "", now));
}

TEST(TransportErrors, TellWhetherTheCallMayHaveBeenDone) {
  using Kind = net::TransportError::Kind;
  const auto read = [](Kind kind, const char* code, bool was_write) {
    return read_transport_error({kind, code, "words"}, was_write).disposition;
  };
  EXPECT_EQ(read(Kind::not_sent, "net.connection_refused", true), Disposition::retry);
  EXPECT_EQ(read(Kind::not_sent, "net.timeout", true), Disposition::retry);
  EXPECT_EQ(read(Kind::not_sent, "net.host_not_allowed", true), Disposition::park);
  EXPECT_EQ(read(Kind::not_sent, "net.write_refused", true), Disposition::park);
  EXPECT_EQ(read(Kind::not_sent, "net.never_heard_of", true), Disposition::retry);
  EXPECT_EQ(read(Kind::no_answer, "net.timeout", true), Disposition::unknown);
  EXPECT_EQ(read(Kind::no_answer, "net.timeout", false), Disposition::retry);
  EXPECT_EQ(read(Kind::answer_unreadable, "net.answer_too_large", true), Disposition::unknown);
  EXPECT_EQ(read(Kind::answer_unreadable, "net.answer_too_large", false), Disposition::retry);
}

TEST(Rights, AreNamedAsTheRolePageNamesThem) {
  EXPECT_EQ(right_for("POST", "/service/tickets", false), "Service Desk > Service Tickets: Add All and Inquire All");
  EXPECT_NE(right_for("PATCH", "/service/tickets/5", true).find("Close Service Tickets"), std::string::npos);
  EXPECT_EQ(right_for("PATCH", "/service/tickets/5", false),
            "Service Desk > Service Tickets: Edit All and Inquire All");
  EXPECT_NE(right_for("GET", "/service/boards/3/statuses?x", false).find("Service Board"), std::string::npos);
  EXPECT_NE(right_for("GET", "/company/companies?x", false).find("Company Maintenance"), std::string::npos);
  EXPECT_NE(right_for("GET", "/company/companies/statuses?x", false).find("Company Status"), std::string::npos);
  EXPECT_NE(right_for("GET", "/company/configurations/types/5/questions?x", false).find("Table Setup"),
            std::string::npos);
  // Not the right that tying a configuration to a ticket needs.
  EXPECT_EQ(right_for("POST", "/company/configurations/bulk", false),
            "Companies > Configurations: Add, Edit and Inquire All");
  EXPECT_EQ(right_for("PATCH", "/company/contacts/5", false), "Companies > Contacts: Add, Edit and Inquire All");
  EXPECT_NE(right_for("GET", "/new/thing?x", false).find("/new/thing"), std::string::npos);
}

}  // namespace
}  // namespace crosswalk::connectwise::manage
