#include "service/cloudevents.h"

#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "intake_context.h"

namespace crosswalk::service {
namespace {

namespace json = boost::json;

const Timestamp kNow = *parse_timestamp("2026-03-01T08:00:00Z");

json::object event() {
  return {{"specversion", "1.0"},
          {"id", "e-1"},
          {"source", "/edr"},
          {"type", "alert.raised"},
          {"time", "2026-03-01T09:59:00+02:00"},
          {"partner", "northwind"},
          {"data",
           {{"product", "edr"},
            {"customer", "contoso"},
            {"subject", "srv-01"},
            {"condition", "ransomware"},
            {"severity", "high"},
            {"title", "Ransomware"}}}};
}

Incoming read(std::string body, std::string type = "application/cloudevents+json", std::string key_partner = "",
              net::Headers headers = {}) {
  net::Request request{"POST", "/v1/events", std::move(headers), std::move(body)};
  request.headers.add("Content-Type", std::move(type));
  return read_cloudevents(request, intake_context(kNow, key_partner));
}

/// The problem of a single event, or of the request.
RequestProblem problem_of(const Incoming& incoming) {
  if (incoming.problem) return *incoming.problem;
  EXPECT_EQ(incoming.events.size(), 1u);
  return incoming.events.at(0).problem.value_or(RequestProblem{});
}

/// The event with one member set; `pointer` has one or two steps.
RequestProblem problem_with(std::string_view pointer, json::value value) {
  json::object whole = event();
  const std::string_view name = pointer.substr(pointer.rfind('/') + 1);
  json::object& parent = pointer.starts_with("/data/") ? whole["data"].as_object() : whole;
  parent[name] = std::move(value);
  return problem_of(read(json::serialize(whole)));
}

/// As JSON; json::value takes no std::string by itself.
json::value text(std::string_view characters) { return json::string(characters); }

TEST(CloudEvents, ReadsStructuredMode) {
  const Incoming incoming = read(json::serialize(event()), "application/cloudevents+json; charset=utf-8");
  ASSERT_FALSE(incoming.problem);
  ASSERT_EQ(incoming.events.size(), 1u);
  const IncomingEvent& first = incoming.events[0];
  ASSERT_FALSE(first.problem) << first.problem->detail;
  EXPECT_FALSE(incoming.batch);
  EXPECT_EQ(first.row.partner, "northwind");
  EXPECT_EQ(first.row.source, "/edr");
  EXPECT_EQ(first.row.id, "e-1");
  EXPECT_EQ(first.row.type, "alert.raised");
  EXPECT_EQ(first.row.kind, "alert");
  EXPECT_EQ(first.row.key, "v1/edr/contoso/srv-01/ransomware");
  EXPECT_EQ(format_timestamp(first.row.time), "2026-03-01T07:59:00Z");
  EXPECT_EQ(first.row.received_at, kNow);
  EXPECT_EQ(json::parse(first.row.data), event().at("data"));
  EXPECT_TRUE(first.warnings.empty());
}

TEST(CloudEvents, ReadsBatchedModeAndReportsEachBadEventWithItsPointer) {
  json::object bad = event();
  bad["data"].as_object()["severity"] = "awful";
  const Incoming incoming =
      read(json::serialize(json::array{event(), bad, 7, event()}), "application/cloudevents-batch+json");
  ASSERT_FALSE(incoming.problem);
  ASSERT_EQ(incoming.events.size(), 4u);
  EXPECT_TRUE(incoming.batch);
  EXPECT_FALSE(incoming.events[0].problem);
  ASSERT_TRUE(incoming.events[1].problem);
  EXPECT_EQ(incoming.events[1].problem->code, "event.schema");
  EXPECT_EQ(incoming.events[1].problem->pointer, "/1/data/severity");
  EXPECT_EQ(incoming.events[1].row.id, "e-1");
  EXPECT_EQ(incoming.events[2].problem->pointer, "/2");
  EXPECT_FALSE(incoming.events[3].problem);
}

TEST(CloudEvents, ReadsBinaryModeWithPercentEncodedHeaders) {
  const net::Headers headers{{"ce-specversion", "1.0"},   {"ce-id", "caf%C3%A9"},
                             {"ce-source", "/edr"},       {"ce-type", "alert.raised.v1"},
                             {"ce-partner", "northwind"}, {"ce-time", "2026-03-01T07:00:00Z"}};
  const Incoming incoming = read(json::serialize(event().at("data")), "application/json", "", headers);
  ASSERT_EQ(incoming.events.size(), 1u);
  ASSERT_FALSE(incoming.events[0].problem) << incoming.events[0].problem->detail;
  EXPECT_EQ(incoming.events[0].row.id, "café");
  EXPECT_EQ(incoming.events[0].row.key, "v1/edr/contoso/srv-01/ransomware");
}

TEST(CloudEvents, BinaryModeNamesTheHeaderThatIsMissingOrBroken) {
  net::Headers headers{
      {"ce-specversion", "1.0"}, {"ce-source", "/edr"}, {"ce-type", "alert.raised"}, {"ce-partner", "northwind"}};
  const std::string data = json::serialize(event().at("data"));
  RequestProblem problem = problem_of(read(data, "application/json", "", headers));
  EXPECT_EQ(problem.code, "event.not_cloudevent");
  EXPECT_NE(problem.detail.find("ce-id"), std::string::npos);
  headers.add("ce-id", "%FF");
  problem = problem_of(read(data, "application/json", "", headers));
  EXPECT_NE(problem.detail.find("ce-id"), std::string::npos);
}

TEST(CloudEvents, BinaryModeTakesNoAttributeTwice) {
  net::Headers headers{{"ce-specversion", "1.0"},   {"ce-id", "e-1"},
                       {"ce-source", "/edr"},       {"ce-type", "alert.raised"},
                       {"ce-partner", "northwind"}, {"CE-Partner", "fabrikam"}};
  const RequestProblem problem = problem_of(read(json::serialize(event().at("data")), "application/json", "", headers));
  EXPECT_EQ(problem.code, "request.header_twice");
  EXPECT_NE(problem.detail.find("CE-Partner"), std::string::npos);
  headers.items.pop_back();
  EXPECT_EQ(problem_of(read(json::serialize(event().at("data")), "application/json", "", headers)), RequestProblem{});
}

TEST(CloudEvents, RefusesOtherContentTypes) {
  EXPECT_EQ(problem_of(read("{}", "text/plain")).code, "event.content_type");
  EXPECT_EQ(problem_of(read("{}", "")).code, "event.content_type");
  EXPECT_EQ(problem_of(read("[]", "application/cloudevents-batch+xml")).code, "event.content_type");
}

TEST(CloudEvents, RefusesBrokenJsonSayingWhere) {
  for (const std::string body : {"", "{", "{\"a\":1,}", "nul", "{} {}", "{\"a\":01}"}) {
    const RequestProblem problem = problem_of(read(body));
    EXPECT_EQ(problem.code, "event.invalid_json") << body;
    EXPECT_NE(problem.detail.find("byte"), std::string::npos);
  }
}

TEST(CloudEvents, RefusesDeepNestingWithoutReadingIt) {
  EXPECT_EQ(problem_of(read(std::string(10'000, '[') + std::string(10'000, ']'))).code, "event.too_deep");
  std::string deep = "1";
  for (int i = 0; i < 40; ++i) deep = "{\"a\":" + deep + "}";
  EXPECT_EQ(problem_of(read(deep)).code, "event.too_deep");
}

TEST(CloudEvents, TakesNestingUpToTheLimit) {
  std::string deep = "1";
  for (int i = 0; i < 29; ++i) deep = "{\"a\":" + deep + "}";
  json::object nested = event();
  nested["data"].as_object()["extra"] = json::parse(deep);
  EXPECT_EQ(problem_of(read(json::serialize(nested))), RequestProblem{});
}

TEST(CloudEvents, RefusesBytesThatAreNotUtf8) {
  std::string body = json::serialize(event());
  for (const std::string bad : {"\xff", "\xc0\xaf", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xe2\x82"}) {
    std::string broken = body;
    broken.replace(broken.find("Ransomware"), 1, bad);
    EXPECT_EQ(problem_of(read(broken)).code, "event.not_utf8");
  }
}

TEST(CloudEvents, ATextThatIsTornCostsItsOwnEventAndNotTheBatch) {
  const std::string whole = json::serialize(event());
  for (const std::string half : {"\\ud83d", "\\ude00", "\\ud83d\\\\ude00", "\xed\xa0\xbd", "\xff"}) {
    std::string torn = whole;
    torn.replace(torn.find("Ransomware"), 1, half);
    const Incoming incoming = read("[" + whole + "," + torn + "," + whole + "]", "application/cloudevents-batch+json");
    ASSERT_FALSE(incoming.problem) << half << ": " << incoming.problem->detail;
    ASSERT_EQ(incoming.events.size(), 3u);
    EXPECT_FALSE(incoming.events[0].problem);
    EXPECT_FALSE(incoming.events[2].problem);
    ASSERT_TRUE(incoming.events[1].problem) << half;
    EXPECT_EQ(incoming.events[1].problem->code, "event.not_utf8");
    EXPECT_EQ(incoming.events[1].problem->pointer, "/1/data/title");
    EXPECT_EQ(incoming.events[1].row.id, incoming.events[0].row.id);
    EXPECT_EQ(problem_of(read(torn)).pointer, "/data/title");
  }
  std::string paired = whole;
  paired.replace(paired.find("Ransomware"), 1, "\\ud83d\\ude00\\\\ud83d");
  EXPECT_EQ(problem_of(read(paired)), RequestProblem{}) << "a pair, and a backslash before what is no escape";
}

TEST(CloudEvents, AByteOrderMarkBeforeTheBodyIsNoPartOfIt) {
  const std::string mark = "\xEF\xBB\xBF", whole = json::serialize(event());
  EXPECT_EQ(problem_of(read(mark + whole)), RequestProblem{});
  const Incoming batch = read(mark + "[" + whole + "]", "application/cloudevents-batch+json");
  EXPECT_FALSE(batch.problem);
}

TEST(CloudEvents, NullIsUnsetAtEveryDepth) {
  json::object nulls = event();
  for (const char* name : {"time", "subject", "dataschema", "datacontenttype", "traceparent", "data_base64"})
    nulls[name] = nullptr;
  json::object& data = nulls["data"].as_object();
  data["url"] = nullptr;
  data["description"] = nullptr;
  data["attributes"] = json::object{{"host", "a"}, {"rack", nullptr}};
  data["extra"] = json::object{{"deep", json::object{{"x", nullptr}, {"y", 1}}}, {"list", json::array{1, nullptr}}};
  const Incoming incoming = read(json::serialize(nulls));
  ASSERT_EQ(problem_of(incoming), RequestProblem{});
  const json::object kept = json::parse(incoming.events.at(0).row.data).as_object();
  EXPECT_FALSE(kept.contains("url"));
  EXPECT_EQ(kept.at("attributes"), (json::object{{"host", "a"}}));
  EXPECT_EQ(kept.at("extra"), (json::object{{"deep", {{"y", 1}}}, {"list", {1, nullptr}}}));
  for (const char* name : {"id", "source", "type", "specversion", "data"})
    EXPECT_EQ(problem_with("/" + std::string(name), nullptr).code, "event.not_cloudevent") << name;
  EXPECT_EQ(problem_with("/data/title", nullptr).pointer, "/data/title") << "what is required is missing";
  json::object encoded = event();
  encoded.erase("data");
  encoded["data_base64"] = "e30=";
  EXPECT_EQ(problem_of(read(json::serialize(encoded))).pointer, "/data_base64");
}

TEST(CloudEvents, RefusesNulInDataAndAttributes) {
  const json::value nul = text(std::string_view("a\0b", 3));
  RequestProblem problem = problem_with("/data/title", nul);
  EXPECT_EQ(problem.code, "event.schema");
  EXPECT_EQ(problem.pointer, "/data/title");
  EXPECT_EQ(problem_with("/id", nul).pointer, "/id");
  EXPECT_EQ(problem_with("/source", nul).pointer, "/source");
  EXPECT_EQ(problem_with("/data/extra", json::array{json::object{{"x", nul}}}).pointer, "/data/extra/0/x");
  EXPECT_EQ(problem_with("/data/extra", json::object{{std::string_view("a\0b", 3), 1}}).code, "event.schema");
}

TEST(CloudEvents, RefusesWrongAttributes) {
  const struct {
    std::string pointer;
    json::value value;
    std::string code;
  } cases[] = {{"/specversion", "0.3", "event.not_cloudevent"},
               {"/specversion", 1.0, "event.not_cloudevent"},
               {"/id", "", "event.not_cloudevent"},
               {"/id", 7, "event.not_cloudevent"},
               {"/id", nullptr, "event.not_cloudevent"},
               {"/id", text(std::string(257, 'x')), "event.string_too_long"},
               {"/source", "", "event.not_cloudevent"},
               {"/source", text(std::string(513, 'x')), "event.string_too_long"},
               {"/type", "alert.exploded", "event.unknown_type"},
               {"/type", "alert.raised.v2", "event.unknown_type"},
               {"/time", "yesterday", "event.invalid_time"},
               {"/time", "2026-02-30T00:00:00Z", "event.invalid_time"},
               {"/time", 1772352000, "event.not_cloudevent"},
               {"/partner", "nobody", "event.partner_unknown"},
               {"/partner", "", "event.partner_missing"},
               {"/data", json::array{}, "event.not_cloudevent"},
               {"/data", "text", "event.not_cloudevent"},
               {"/datacontenttype", "text/xml", "event.not_cloudevent"}};
  for (const auto& each : cases) {
    const RequestProblem problem = problem_with(each.pointer, each.value);
    EXPECT_EQ(problem.code, each.code) << each.pointer << " " << each.value;
    EXPECT_EQ(problem.pointer, each.pointer);
    EXPECT_FALSE(problem.detail.empty());
  }
}

TEST(CloudEvents, NamesTheAttributeThatIsMissing) {
  for (const std::string name : {"specversion", "id", "source", "type", "data"}) {
    json::object without = event();
    without.erase(name);
    const RequestProblem problem = problem_of(read(json::serialize(without)));
    EXPECT_EQ(problem.pointer, "/" + name);
    EXPECT_NE(problem.detail.find(name), std::string::npos);
  }
}

TEST(CloudEvents, ToleratesUnknownAttributesAndKeepsUnknownData) {
  json::object more = event();
  more["traceparent"] = "00-1";
  more["subject"] = "srv-01";
  more["data"].as_object()["vendor_extra"] = json::object{{"deep", json::array{1, 2.5, nullptr}}};
  const Incoming incoming = read(json::serialize(more));
  ASSERT_FALSE(incoming.events.at(0).problem);
  EXPECT_EQ(json::parse(incoming.events[0].row.data).at("vendor_extra"), more["data"].at("vendor_extra"));
}

TEST(CloudEvents, TakesThePartnerOfTheKeyWhenTheEventNamesNone) {
  json::object without = event();
  without.erase("partner");
  EXPECT_EQ(problem_of(read(json::serialize(without))).code, "event.partner_missing");
  const Incoming incoming = read(json::serialize(without), "application/cloudevents+json", "northwind");
  ASSERT_FALSE(incoming.events.at(0).problem);
  EXPECT_EQ(incoming.events[0].row.partner, "northwind");
}

TEST(CloudEvents, RefusesAnotherPartnerThanTheKeys) {
  json::object other = event();
  other["partner"] = "fabrikam";
  const RequestProblem problem = problem_of(read(json::serialize(other), "application/cloudevents+json", "northwind"));
  EXPECT_EQ(problem.code, "event.partner_forbidden");
}

TEST(CloudEvents, TakesTheTimeOfReceiptForATimeTooFarAheadAndWarns) {
  json::object ahead = event();
  ahead["time"] = "2026-03-01T08:05:00Z";
  EXPECT_TRUE(read(json::serialize(ahead)).events.at(0).warnings.empty());
  ahead["time"] = "2026-03-01T08:05:00.001Z";
  const Incoming incoming = read(json::serialize(ahead));
  EXPECT_EQ(incoming.events.at(0).row.time, kNow);
  ASSERT_EQ(incoming.events[0].warnings.size(), 1u);
  EXPECT_EQ(incoming.events[0].warnings[0].code, "event.time_ahead");
}

TEST(CloudEvents, WarnsOfAMovingPartInTheKey) {
  json::object moving = event();
  moving["data"].as_object()["condition"] = "disk 91%";
  const Incoming incoming = read(json::serialize(moving));
  ASSERT_FALSE(incoming.events.at(0).problem);
  ASSERT_EQ(incoming.events[0].warnings.size(), 1u);
  EXPECT_EQ(incoming.events[0].warnings[0].code, "alert.moving_part_in_key");
}

TEST(CloudEvents, RefusesTooManyEventsAndTooMuchData) {
  json::array many(1'001, event());
  EXPECT_EQ(problem_of(read(json::serialize(many), "application/cloudevents-batch+json")).code, "event.too_many");
  many.pop_back();
  EXPECT_EQ(read(json::serialize(many), "application/cloudevents-batch+json").events.size(), 1'000u);
  EXPECT_EQ(problem_of(read(std::string(kBodyBytesMax + 1, ' '))).code, "event.too_large");
  EXPECT_EQ(problem_with("/data/extra", text(std::string(140'000, 'x'))).code, "event.data_too_large");
}

TEST(CloudEvents, TakesAnEmptyBatch) {
  const Incoming incoming = read("[]", "application/cloudevents-batch+json");
  EXPECT_FALSE(incoming.problem);
  EXPECT_TRUE(incoming.events.empty());
}

}  // namespace
}  // namespace crosswalk::service
