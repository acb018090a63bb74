#include "cli/line_limit.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace crosswalk::cli {
namespace {

const LineLimit::Time kStart = std::chrono::steady_clock::now();

TEST(LineLimit, TakesLinesThatDifferInNamesAndNumbersForOneKind) {
  EXPECT_EQ(line_shape("partner=acme record=disk-7 code=psa.refused it failed 3 times: \"desk 9\" is gone"),
            line_shape("partner=northwind record=x code=net.timeout it failed 12 times: \"other\" is gone"));
  EXPECT_NE(line_shape("webhook=a failed"), line_shape("partner=a failed"));
  EXPECT_EQ(line_shape("name="), "name=");
  EXPECT_EQ(line_shape("an open \"quote"), "an open \"");
}

TEST(LineLimit, ARepeatedTroubleIsWrittenSomeTimesAndThenAFewTimesASecond) {
  LineLimit limit;
  int written = 0;
  for (int i = 0; i < 100'000; ++i)
    written += limit.admit(fmt::format("events cannot be folded: record {}", i), kStart).write ? 1 : 0;
  EXPECT_EQ(written, static_cast<int>(LineLimit::kAtOnce));
  EXPECT_TRUE(limit.admit("something else", kStart).write);
  const auto later = limit.admit("events cannot be folded: record 7", kStart + std::chrono::seconds{1});
  EXPECT_TRUE(later.write);
  EXPECT_EQ(later.left_out, 100'000u - static_cast<unsigned>(LineLimit::kAtOnce));
  EXPECT_EQ(limit.admit("events cannot be folded: record 8", kStart + std::chrono::seconds{2}).left_out, 0u);
}

TEST(LineLimit, ItsOwnMemoryIsBounded) {
  LineLimit limit;
  for (int i = 0; i < 5'000; ++i) {
    std::string kind = "kind ";
    for (int rest = i; rest > 0; rest /= 26) kind += static_cast<char>('a' + rest % 26);
    EXPECT_TRUE(limit.admit(kind, kStart).write);
  }
}

}  // namespace
}  // namespace crosswalk::cli
