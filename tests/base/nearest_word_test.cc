#include "base/nearest_word.h"

#include <gtest/gtest.h>

#include <array>

namespace crosswalk {
namespace {

constexpr std::array<std::string_view, 5> kVerbs{"partners", "records", "replay", "mapping", "config"};

TEST(NearestWord, FindsWhatWasMistyped) {
  EXPECT_EQ(nearest_word("recrods", kVerbs), "records");
  EXPECT_EQ(nearest_word("partner", kVerbs), "partners");
  EXPECT_EQ(nearest_word("Mappings", kVerbs), "mapping");
  EXPECT_EQ(nearest_word("conf", kVerbs), "config");
}

TEST(NearestWord, IsSilentWhereNothingIsNear) {
  EXPECT_EQ(nearest_word("webhooks", kVerbs), std::nullopt);
  EXPECT_EQ(nearest_word("", kVerbs), std::nullopt);
  EXPECT_EQ(nearest_word("x", kVerbs), std::nullopt);
  EXPECT_EQ(nearest_word("records", kVerbs), std::nullopt) << "it is known";
}

TEST(NearestWord, MakesAQuestion) {
  EXPECT_EQ(did_you_mean("replya", kVerbs), " Did you mean \"replay\"?");
  EXPECT_EQ(did_you_mean("nothing of the kind", kVerbs), "");
}

}  // namespace
}  // namespace crosswalk
