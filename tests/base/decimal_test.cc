#include "base/decimal.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <limits>

namespace crosswalk {
namespace {

TEST(Decimal, ReadsWholeAndFractionalNumbers) {
  EXPECT_EQ(Decimal::parse("12")->units(), 120'000);
  EXPECT_EQ(Decimal::parse("-0.5")->units(), -5'000);
  EXPECT_EQ(Decimal::parse("3.1415")->units(), 31'415);
  EXPECT_EQ(Decimal::parse("007.10")->units(), 71'000);
  EXPECT_TRUE(Decimal::parse("-0")->is_zero());
}

TEST(Decimal, RefusesWhatItCannotHoldExactly) {
  for (const std::string_view text :
       {"", "-", ".", ".5", "5.", "1.23456", "1e3", "+1", " 1", "1 ", "1,5", "--1", "1.2.3", "0x10",
        "922337203685477.5808", "-922337203685477.5809", "99999999999999999999"}) {
    EXPECT_EQ(Decimal::parse(text), std::nullopt) << text;
  }
}

TEST(Decimal, WritesTheShortestExactForm) {
  EXPECT_EQ(Decimal().to_string(), "0");
  EXPECT_EQ(Decimal::from_units(5'000).to_string(), "0.5");
  EXPECT_EQ(Decimal::from_units(-1).to_string(), "-0.0001");
  EXPECT_EQ(Decimal::from_units(120'000).to_string(), "12");
  EXPECT_EQ(Decimal::from_units(std::numeric_limits<std::int64_t>::min()).to_string(), "-922337203685477.5808");
  EXPECT_EQ(Decimal::from_units(std::numeric_limits<std::int64_t>::max()).to_string(), "922337203685477.5807");
}

RC_GTEST_PROP(Decimal, IsReadBackExactly, (std::int64_t units)) {
  const Decimal decimal = Decimal::from_units(units);
  RC_ASSERT(Decimal::parse(decimal.to_string()) == decimal);
}

RC_GTEST_PROP(Decimal, OrdersLikeItsUnits, (std::int64_t left, std::int64_t right)) {
  RC_ASSERT((Decimal::from_units(left) < Decimal::from_units(right)) == (left < right));
}

}  // namespace
}  // namespace crosswalk
