#include "service/problem.h"

#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "base/catalogue.h"

namespace crosswalk::service {
namespace {

namespace json = boost::json;

TEST(Problem, IsAnRfc9457DocumentWithTheCataloguesWords) {
  const net::Response response = problem_response({"event.schema", "/data/title", "Must be a text."}, "r-1");
  EXPECT_EQ(response.status, 422);
  EXPECT_EQ(*response.headers.find("Content-Type"), "application/problem+json");
  const json::object body = json::parse(response.body).as_object();
  EXPECT_EQ(body.at("type"), "/v1/errors#event.schema");
  EXPECT_EQ(std::string(body.at("title").as_string()), explain("event.schema").title);
  EXPECT_EQ(std::string(body.at("action").as_string()), explain("event.schema").action);
  EXPECT_EQ(body.at("status"), 422);
  EXPECT_EQ(body.at("code"), "event.schema");
  EXPECT_EQ(body.at("pointer"), "/data/title");
  EXPECT_EQ(body.at("detail"), "Must be a text.");
  EXPECT_EQ(body.at("request_id"), "r-1");
}

TEST(Problem, ShowsTheCausesOfAnError) {
  const Error error{"store.failed", "It cannot be written.", {{"store.busy", "Locked.", {}}}};
  const net::Response response = problem_response(error, "");
  EXPECT_EQ(response.status, 503);
  EXPECT_EQ(*response.headers.find("Retry-After"), "1");
  EXPECT_EQ(json::parse(response.body).at("causes").at(0).at("code"), "store.busy");
}

TEST(Problem, TellsHowToAuthenticate) {
  EXPECT_EQ(*problem_response({"auth.missing", "", ""}, "").headers.find("WWW-Authenticate"), "Bearer");
}

TEST(Problem, EveryCodeThatThisRoomGivesIsInTheCatalogue) {
  for (const std::string_view code : {"event.invalid_json",
                                      "event.not_utf8",
                                      "event.not_cloudevent",
                                      "event.unknown_type",
                                      "event.schema",
                                      "event.invalid_time",
                                      "event.partner_missing",
                                      "event.partner_unknown",
                                      "event.partner_forbidden",
                                      "event.too_large",
                                      "event.too_deep",
                                      "event.too_many",
                                      "event.string_too_long",
                                      "event.data_too_large",
                                      "event.duplicate_conflict",
                                      "event.content_type",
                                      "event.none_taken",
                                      "event.time_ahead",
                                      "event.label_missing",
                                      "event.unknown_member",
                                      "alert.moving_part_in_key",
                                      "auth.missing",
                                      "auth.invalid",
                                      "auth.expired",
                                      "auth.revoked",
                                      "auth.forbidden",
                                      "request.invalid",
                                      "request.not_found",
                                      "request.malformed",
                                      "request.timeout",
                                      "request.too_large",
                                      "request.header_twice",
                                      "request.header_too_large",
                                      "request.content_encoding",
                                      "request.transfer_encoding",
                                      "request.no_room",
                                      "request.too_many_clients",
                                      "request.method_not_allowed",
                                      "partner.unknown",
                                      "partner.exists",
                                      "partner.invalid",
                                      "record.unknown",
                                      "plan.unknown",
                                      "store.not_found",
                                      "store.corrupt",
                                      "mapping.version_unknown",
                                      "mapping.missing",
                                      "mapping.schema",
                                      "mapping.draft_missing",
                                      "mapping.references_unchecked"})
    EXPECT_EQ(explain(code).code, code);
}

TEST(Problem, WritesJsonStringsThatReadBackTheSame) {
  for (const std::string& text : {std::string("plain"), std::string("a\"b\\c\n\t\x01\x1f"),
                                  std::string("é\xf0\x9f\x98\x80"), std::string("a\0b", 3)}) {
    std::string out;
    append_json_string(out, text);
    EXPECT_EQ(std::string(json::parse(out).as_string()), text);
  }
}

}  // namespace
}  // namespace crosswalk::service
