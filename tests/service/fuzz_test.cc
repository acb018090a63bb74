#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <boost/json.hpp>

#include "base/text.h"
#include "intake_context.h"
#include "service/alertmanager.h"
#include "service/cloudevents.h"

namespace crosswalk::service {
namespace {

namespace json = boost::json;

const Timestamp kNow = *parse_timestamp("2026-03-01T08:00:00Z");

constexpr std::string_view kEvent =
    R"({"specversion":"1.0","id":"e-1","source":"/edr","type":"alert.raised","time":"2026-03-01T07:59:00Z","partner":"northwind",)"
    R"("data":{"product":"edr","customer":"contoso","subject":"srv-01","condition":"c","severity":"high","title":"T\u00e9","attributes":{"a":1}}})";
constexpr std::string_view kNotification =
    R"({"version":"4","receiver":"crosswalk","alerts":[{"status":"firing","labels":{"alertname":"Down","customer":"contoso","instance":"a:1"},)"
    R"("annotations":{"summary":"It is down"},"startsAt":"2026-03-01T07:00:00Z","generatorURL":"http://p/","fingerprint":"f00d"}]})";

/// `text` with a few of its bytes replaced, doubled, dropped or exchanged for what parsers like least.
rc::Gen<std::string> mangled(std::string_view text) {
  return rc::gen::map(
      rc::gen::container<std::vector<std::tuple<std::size_t, int, std::string>>>(rc::gen::tuple(
          rc::gen::inRange<std::size_t>(0, text.size()), rc::gen::inRange(0, 3),
          rc::gen::oneOf(rc::gen::element<std::string>("\xff", "\xc0\x80", "\xed\xa0\x80", "\\u0000", "\\ud800", "[[[[",
                                                       "}}", "\"", "1e999", std::string(1, '\0'), "null", ",,"),
                         rc::gen::container<std::string>(rc::gen::arbitrary<char>())))),
      [text](const auto& changes) {
        std::string out(text);
        for (const auto& [place, kind, piece] : changes) {
          const std::size_t at = std::min(place, out.size());
          if (kind == 0) out.insert(at, piece);
          if (kind == 1) out.replace(at, std::min<std::size_t>(piece.size(), out.size() - at), piece);
          if (kind == 2) out.erase(at, 1 + piece.size());
        }
        return out;
      });
}

bool holds_nul(const json::value& value) {
  if (value.is_string()) return value.get_string().find('\0') != json::string::npos;
  if (value.is_array()) return std::any_of(value.get_array().begin(), value.get_array().end(), holds_nul);
  if (!value.is_object()) return false;
  return std::any_of(value.get_object().begin(), value.get_object().end(), [](const auto& member) {
    return member.key().find('\0') != std::string_view::npos || holds_nul(member.value());
  });
}

void expect_sound(const Incoming& incoming) {
  if (incoming.problem) {
    RC_ASSERT(!incoming.problem->code.empty());
    RC_ASSERT(is_utf8(incoming.problem->detail) && is_utf8(incoming.problem->pointer));
  }
  for (const IncomingEvent& event : incoming.events) {
    if (event.problem) {
      RC_ASSERT(is_utf8(event.problem->detail) && is_utf8(event.problem->pointer));
      continue;
    }
    const store::EventRow& row = event.row;
    for (const std::string* text : {&row.partner, &row.source, &row.id, &row.type, &row.kind, &row.key, &row.data}) {
      RC_ASSERT(!text->empty());
      RC_ASSERT(is_utf8(*text));
      RC_ASSERT(text->find('\0') == std::string::npos);
    }
    const json::value data = json::parse(row.data);
    RC_ASSERT(data.is_object());
    RC_ASSERT(!holds_nul(data));
    RC_ASSERT(row.time <= kNow + kSkewMax);
  }
  // Whatever was read can be answered.
  std::vector<store::Appended> appended;
  for (const IncomingEvent& event : incoming.events)
    if (!event.problem) appended.push_back({});
  if (!incoming.problem) {
    boost::system::error_code error;
    const net::Response response = render_intake(incoming, fates(incoming, appended), "r-1");
    RC_ASSERT(json::parse(response.body, error).is_object());
    RC_ASSERT(!error);
  }
}

Incoming read(std::string body, std::string type) {
  net::Request request{"POST", "/v1/events", {{"Content-Type", std::move(type)}}, std::move(body)};
  return read_cloudevents(request, intake_context(kNow));
}

TEST(IntakeFuzz, MangledEventsAreReadSoundlyOrRefused) {
  EXPECT_TRUE(rc::check([] { expect_sound(read(*mangled(kEvent), "application/cloudevents+json")); }));
}

TEST(IntakeFuzz, MangledBatchesAreReadSoundlyOrRefused) {
  const std::string batch = "[" + std::string(kEvent) + "," + std::string(kEvent) + "]";
  EXPECT_TRUE(rc::check([&] { expect_sound(read(*mangled(batch), "application/cloudevents-batch+json")); }));
}

TEST(IntakeFuzz, MangledHeadersAreReadSoundlyOrRefused) {
  EXPECT_TRUE(rc::check([](const std::string& id, const std::string& source) {
    const json::value data = json::parse(kEvent).at("data");
    net::Request request{"POST", "/v1/events", {}, json::serialize(data)};
    request.headers = {{"Content-Type", "application/json"},
                       {"ce-specversion", "1.0"},
                       {"ce-type", "alert.raised"},
                       {"ce-id", id},
                       {"ce-source", source},
                       {"ce-partner", "northwind"}};
    expect_sound(read_cloudevents(request, intake_context(kNow)));
  }));
}

TEST(IntakeFuzz, MangledNotificationsAreReadSoundlyOrRefused) {
  EXPECT_TRUE(rc::check([] {
    net::Request request{"POST", "/v1/sources/alertmanager/northwind", {}, *mangled(kNotification)};
    expect_sound(read_alertmanager(request, "northwind", {}, kNow));
  }));
}

}  // namespace
}  // namespace crosswalk::service
