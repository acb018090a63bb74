#include "net/http.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace crosswalk::net {
namespace {

TEST(Headers, AreFoundIgnoringCaseAndSetOnce) {
  Headers headers{{"Content-Type", "a"}, {"X-Two", "1"}, {"x-two", "2"}};
  EXPECT_EQ(*headers.find("content-TYPE"), "a");
  EXPECT_EQ(*headers.find("X-TWO"), "1");
  EXPECT_EQ(headers.find("absent"), nullptr);
  headers.set("X-TWO", "3");
  headers.set("new", "n");
  ASSERT_EQ(headers.items.size(), 3u);
  EXPECT_EQ(*headers.find("x-two"), "3");
  EXPECT_EQ(*headers.find("New"), "n");
}

TEST(PercentEncoding, LeavesOnlyUnreservedCharacters) {
  EXPECT_EQ(percent_encode("a-Z_0.9~"), "a-Z_0.9~");
  EXPECT_EQ(percent_encode("board/name=\"é\" & +"), "board%2Fname%3D%22%C3%A9%22%20%26%20%2B");
}

TEST(PercentDecoding, RefusesMalformedEscapes) {
  EXPECT_EQ(percent_decode("a%20b+c"), "a b+c");
  EXPECT_EQ(percent_decode("a%20b+c", true), "a b c");
  EXPECT_EQ(percent_decode("%c3%A9"), "é");
  for (const std::string_view text : {"%", "%4", "%zz", "a%2", "%%20", "%2G", "%-1"}) {
    EXPECT_EQ(percent_decode(text), std::nullopt) << text;
  }
}

RC_GTEST_PROP(PercentEncoding, IsDecodedExactlyAndIsPlainAscii, (const std::vector<unsigned char>& bytes, bool plus)) {
  const std::string text(bytes.begin(), bytes.end());
  const std::string encoded = percent_encode(text);
  RC_ASSERT(percent_decode(encoded, plus) == text);
  RC_ASSERT(encoded.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~%") ==
            std::string::npos);
}

TEST(ParseTarget, SplitsPathAndQuery) {
  const Target target =
      parse_target("/v1/alerts/a%2Fb/?pageSize=10&conditions=summary%20like%20%22x%2By%22+and&flag&=v&&a=1=2");
  EXPECT_EQ(target.path, "/v1/alerts/a/b/");
  EXPECT_EQ(target.segments, (std::vector<std::string>{"v1", "alerts", "a/b"}));
  ASSERT_EQ(target.query.items.size(), 5u);
  EXPECT_EQ(*target.query.find("PAGESIZE"), "10");
  EXPECT_EQ(*target.query.find("conditions"), "summary like \"x+y\" and");
  EXPECT_EQ(*target.query.find("flag"), "");
  EXPECT_EQ(*target.query.find(""), "v");
  EXPECT_EQ(*target.query.find("a"), "1=2");
  EXPECT_EQ(target.query.find("absent"), nullptr);
}

TEST(ParseTarget, KeepsMalformedEscapesAsTheyAre) {
  const Target target = parse_target("/a%zz/%2/%?q=%&r=%41%4");
  EXPECT_EQ(target.segments, (std::vector<std::string>{"a%zz", "%2", "%"}));
  EXPECT_EQ(*target.query.find("q"), "%");
  EXPECT_EQ(*target.query.find("r"), "A%4");
}

TEST(ParseTarget, TakesTheAbsoluteFormAndLeavesFragmentsOut) {
  EXPECT_EQ(parse_target("http://host:80/v1/x?y=1#z").path, "/v1/x");
  EXPECT_EQ(*parse_target("http://host?y=1").query.find("y"), "1");
  EXPECT_EQ(parse_target("/redirect?to=http://host/path").path, "/redirect");
  EXPECT_TRUE(parse_target("*").query.items.empty());
  EXPECT_TRUE(parse_target("").segments.empty());
  EXPECT_TRUE(parse_target("////").segments.empty());
}

RC_GTEST_PROP(ParseTarget, TakesAnyBytes, (const std::vector<unsigned char>& bytes)) {
  const Target target = parse_target(std::string(bytes.begin(), bytes.end()));
  RC_ASSERT(target.path.size() <= bytes.size());
  for (const std::string& segment : target.segments) RC_ASSERT(!segment.empty());
}

RC_GTEST_PROP(ParseTarget, FindsEncodedSegmentsAndValuesAgain,
              (const std::vector<std::string>& segments, const std::string& value)) {
  std::string text;
  std::vector<std::string> expected;
  for (const std::string& segment : segments) {
    text += "/" + percent_encode(segment);
    if (!segment.empty()) expected.push_back(segment);
  }
  const Target target = parse_target((text.empty() ? "/" : text) + "?q=" + percent_encode(value));
  RC_ASSERT(target.segments == expected);
  RC_ASSERT(*target.query.find("q") == value);
}

}  // namespace
}  // namespace crosswalk::net
