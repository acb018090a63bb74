#include <gmock/gmock.h>

#include "harness.h"
#include "service/callback_address.h"

namespace crosswalk::service {
namespace {

constexpr std::size_t kMiB = 1u << 20;

class AdmissionTest : public ServiceTest {
 protected:
  AdmissionTest() { service->guard(options); }

  net::Admission admit(std::string method, std::string target, const std::string& key = "") {
    net::Request head{std::move(method), std::move(target), {}, ""};
    if (!key.empty()) head.headers.add("Authorization", "Bearer " + key);
    return options.admit(head);
  }
  /// The status and the code of a refusal.
  std::string refused(std::string method, std::string target, const std::string& key = "") {
    const net::Admission admission = admit(std::move(method), std::move(target), key);
    if (!admission.refusal) return "admitted";
    EXPECT_TRUE(admission.refusal->headers.find("X-Request-Id"));
    return std::to_string(admission.refusal->status) + " " + at(parsed(*admission.refusal), "/code");
  }
  std::size_t limit(std::string method, std::string target, const std::string& key = "") {
    const net::Admission admission = admit(std::move(method), std::move(target), key);
    EXPECT_FALSE(admission.refusal) << admission.refusal->body;
    return admission.body_bytes_max;
  }

  net::ServerOptions options;
};

TEST_F(AdmissionTest, EventsNeedTheirKeyBeforeTheirBody) {
  EXPECT_EQ(refused("POST", "/v1/events"), "401 auth.missing");
  EXPECT_EQ(refused("POST", "/v1/events?x=y", "cw_wrong"), "401 auth.invalid");
  EXPECT_EQ(limit("POST", "/v1/events", northwind_key), 4 * kMiB);
  const std::string source = "/v1/sources/alertmanager/";
  EXPECT_EQ(refused("POST", source + "northwind"), "401 auth.missing");
  EXPECT_EQ(refused("POST", source + "fabrikam", northwind_key), "403 event.partner_forbidden");
  EXPECT_EQ(refused("POST", source + "nobody", admin_key), "404 partner.unknown");
  EXPECT_EQ(refused("POST", source + "northwind/more", admin_key), "404 request.not_found");
  EXPECT_EQ(limit("POST", source + "northwind", northwind_key), 32 * kMiB);
}

TEST_F(AdmissionTest, RefusedEventsAreCountedLikeThoseThatCameWhole) {
  EXPECT_EQ(refused("POST", "/v1/events"), "401 auth.missing");
  const std::string metrics = ask("GET", "/metrics").body;
  EXPECT_THAT(metrics, testing::ContainsRegex("code=\"auth.missing\"[^\n]* 1\n"));
  EXPECT_THAT(metrics, testing::ContainsRegex("4xx[^\n]* 1\n"));
}

TEST_F(AdmissionTest, CallbacksNeedTheirSecretAddressBeforeTheirBody) {
  EXPECT_EQ(refused("POST", "/v1/callbacks/northwind/guessed?recordId=1"), "404 request.not_found");
  EXPECT_EQ(limit("POST", "/v1/callbacks/northwind/" + callback_secret("northwind", *secrets) + "?recordId=1"), kMiB);
}

TEST_F(AdmissionTest, AdministrationNeedsRouteKeyAndRightBeforeTheBody) {
  EXPECT_EQ(refused("POST", "/v1/partners"), "401 auth.missing");
  EXPECT_EQ(refused("POST", "/v1/partners", northwind_key), "403 auth.forbidden");
  EXPECT_EQ(refused("POST", "/v1/nothing", admin_key), "404 request.not_found");
  EXPECT_EQ(refused("PUT", "/v1/partners", admin_key), "405 request.method_not_allowed");
  EXPECT_EQ(refused("POST", "/healthz"), "405 request.method_not_allowed");
  EXPECT_EQ(refused("POST", "/v1/partners/nobody/replay", admin_key), "404 partner.unknown");
  EXPECT_EQ(limit("POST", "/v1/partners", admin_key), 64u << 10);
  EXPECT_EQ(limit("PUT", "/v1/partners/northwind/mappings/alert_to_ticket/draft", admin_key), 4 * kMiB);
  EXPECT_EQ(limit("POST", "/v1/partners/northwind/mappings/alert_to_ticket/validate", northwind_key), 4 * kMiB);
  EXPECT_EQ(limit("GET", "/healthz"), 0u) << "what anybody may read takes no body";
  EXPECT_EQ(limit("HEAD", "/"), 0u);
}

TEST_F(AdmissionTest, NamesTheHealthChecksThatAFullServerStillAnswers) {
  EXPECT_EQ(options.vital_paths, (std::vector<std::string>{"/healthz", "/readyz"}));
}

TEST_F(AdmissionTest, WordsWhatTheServerRefusesAsTheCatalogueDoes) {
  const net::Request events{"POST", "/v1/events", {}, ""};
  net::Response response = options.refuse(events, {413, "request.too_large", "At most 4 MiB."});
  EXPECT_EQ(response.status, 413);
  EXPECT_EQ(at(parsed(response), "/code"), "event.too_large");
  EXPECT_EQ(at(parsed(response), "/detail"), "At most 4 MiB.");
  EXPECT_THAT(ask("GET", "/metrics").body, testing::ContainsRegex("code=\"event.too_large\"[^\n]* 1\n"));
  response = options.refuse({"POST", "/v1/partners", {}, ""}, {413, "request.too_large", "At most 64 KiB."});
  EXPECT_EQ(at(parsed(response), "/code"), "request.too_large");
  response = options.refuse(events, {415, "request.content_encoding", ""});
  EXPECT_EQ(*response.headers.find("Accept-Encoding"), "identity");
  response = options.refuse({"", "", {}, ""}, {503, "request.no_room", ""});
  EXPECT_TRUE(response.headers.find("Retry-After"));
}

TEST_F(AdmissionTest, GivesEachRefusalTheStatusThatTheServerMeans) {
  for (const auto& [status, code] : std::vector<std::pair<int, std::string_view>>{{400, "request.malformed"},
                                                                                  {400, "request.header_twice"},
                                                                                  {408, "request.timeout"},
                                                                                  {413, "request.too_large"},
                                                                                  {415, "request.content_encoding"},
                                                                                  {431, "request.header_too_large"},
                                                                                  {500, "internal.unknown_error"},
                                                                                  {501, "request.transfer_encoding"},
                                                                                  {503, "request.no_room"},
                                                                                  {503, "request.too_many_clients"}}) {
    EXPECT_EQ(options.refuse({"GET", "/", {}, ""}, {status, code, ""}).status, status) << code;
  }
}

}  // namespace
}  // namespace crosswalk::service
