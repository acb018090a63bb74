#include "connectwise/manage/conditions.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "net/http.h"

namespace crosswalk::connectwise::manage {
namespace {

using Operator = Condition::Operator;

// Reads `field in ("a","b")` back as ConnectWise does: a backslash takes the next character as it is.
std::optional<std::vector<std::string>> read_back(const std::string& text, const std::string& field) {
  const std::string head = field + " in (";
  if (!text.starts_with(head) || !text.ends_with(')')) return std::nullopt;
  std::vector<std::string> values;
  std::size_t at = head.size();
  while (at < text.size() - 1) {
    if (text[at] == ',') ++at;
    if (text[at++] != '"') return std::nullopt;
    std::string value;
    while (at < text.size() && text[at] != '"') {
      if (text[at] == '\\') ++at;
      value += text[at++];
    }
    if (at++ >= text.size()) return std::nullopt;
    values.push_back(value);
  }
  return values;
}

RC_GTEST_PROP(Conditions, WhatWasQuotedReadsBackWhateverItHolds, (const std::vector<std::string>& texts)) {
  RC_PRE(!texts.empty());
  std::vector<Condition::Value> values(texts.begin(), texts.end());
  const Condition condition = Condition::in("externalXRef", values);
  RC_ASSERT(read_back(condition.text(), "externalXRef") == texts);
  RC_ASSERT(net::percent_decode(encode_query(condition.text())) == condition.text());
}

RC_GTEST_PROP(Conditions, BatchesHoldEveryValueOnceAndInOrderWithinTheLimit, (const std::vector<std::string>& texts)) {
  constexpr std::size_t kMax = 120;
  std::vector<Condition::Value> values(texts.begin(), texts.end());
  std::vector<std::string> all;
  for (const Condition& batch : in_batches("externalXRef", values, kMax)) {
    const auto read = read_back(batch.text(), "externalXRef");
    RC_ASSERT(read.has_value());
    RC_ASSERT(read->size() == 1 || encode_query(batch.text()).size() <= kMax);
    all.insert(all.end(), read->begin(), read->end());
  }
  RC_ASSERT(all == texts);
}

TEST(Conditions, WriteEveryKindOfLiteral) {
  EXPECT_EQ(Condition::compare("summary", Operator::equal, std::string("a\"b\\c")).text(), R"(summary = "a\"b\\c")");
  EXPECT_EQ(Condition::compare("summary", Operator::contains, std::string("50%*[x]_'")).text(),
            R"(summary contains "50%*[x]_'")");
  EXPECT_EQ(Condition::compare("id", Operator::greater_or_equal, std::int64_t{5}).text(), "id >= 5");
  EXPECT_EQ(Condition::compare("closedFlag", Operator::equal, false).text(), "closedFlag = false");
  EXPECT_EQ(Condition::compare("closedDate", Operator::not_equal, nullptr).text(), "closedDate != null");
  EXPECT_EQ(Condition::compare("lastUpdated", Operator::less, *parse_timestamp("2026-03-01T08:00:00.25Z")).text(),
            "lastUpdated < [2026-03-01T08:00:00Z]");
}

TEST(Conditions, JoinWithParentheses) {
  const Condition one = Condition::compare("id", Operator::greater, std::int64_t{1});
  const Condition two = Condition::compare("id", Operator::less_or_equal, std::int64_t{2});
  const std::vector<Condition> both{one, two};
  EXPECT_EQ(Condition::all_of(both).text(), "(id > 1 and id <= 2)");
  EXPECT_EQ(Condition::any_of(both).text(), "(id > 1 or id <= 2)");
  EXPECT_EQ(Condition::any_of(std::vector<Condition>{one}).text(), "id > 1");
}

TEST(Conditions, EncodeWhatUrlsMayNotHold) {
  EXPECT_EQ(encode_query("a in (1,2) & \"x'*%+\""), "a%20in%20(1,2)%20%26%20%22x%27%2A%25%2B%22");
}

}  // namespace
}  // namespace crosswalk::connectwise::manage
