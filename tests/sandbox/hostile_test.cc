// What fuzzers (tests/fuzz) have found, one test each.
#include <gtest/gtest.h>

#include "base/text.h"
#include "helpers.h"

namespace crosswalk::sandbox {
namespace {

TEST(Hostile, AnswersAreTextThoughTheQueryIsNone) {
  Bench bench;
  for (const char* parameter : {"conditions", "childConditions", "customFieldConditions", "orderBy", "fields"}) {
    const net::Response response =
        bench.call("GET", std::string("/service/tickets?") + parameter + "=summary%20%CC%25%FF%20x%E2%82");
    EXPECT_TRUE(is_utf8(response.body)) << parameter;
    boost::system::error_code error;
    boost::json::parse(response.body, error);
    EXPECT_FALSE(error) << response.body;
  }
  const net::Response response = bench.call("GET", "/service/tickets?orderBy=%C3%A4%FFb");
  EXPECT_NE(response.body.find("\xC3\xA4\xEF\xBF\xBD"
                               "b is not a recognized name."),
            std::string::npos)
      << response.body;
}

TEST(Hostile, LinksAreTextThoughTheHostIsNone) {
  Bench bench;
  net::Request request = bench.request("GET", "/service/tickets/1000");
  request.headers.set("Host", "psa\xFF.example");
  EXPECT_TRUE(is_utf8(bench.world.handle(request).body));
}

}  // namespace
}  // namespace crosswalk::sandbox
