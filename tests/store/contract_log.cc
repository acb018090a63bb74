// How the log is folded.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "store/contract.h"

namespace crosswalk::store::contract {
namespace {

using ::testing::ElementsAre;

constexpr std::size_t kMany = 1'000;

TEST_P(StoreContract, FoldsTheLogShareByShare) {
  // Of the two shares, and of one another slot of the first.
  std::vector<std::string> evens, odds;
  for (int i = 0; evens.size() < 2 || odds.empty(); ++i) {
    const std::string partner = "partner-" + std::to_string(i);
    if (slot_of(partner) % 2 == 1)
      odds.push_back(partner);
    else if (evens.empty() || slot_of(partner) != slot_of(evens.front()))
      evens.push_back(partner);
  }
  const std::string &one = evens[0], &two = evens[1], &odd = odds[0];
  commit({.events = {event(one, "1"), event(odd, "2"), event(two, "3"), event(odd, "4")}});
  const Share even_share{0, 2}, odd_share{1, 2};
  const auto told = [&](const Share& share, std::int64_t after, std::size_t count_max = kMany) {
    std::vector<std::string> ids;
    const Unfolded unfolded = store_->unfolded(share, after, count_max).value();
    for (const EventRow& row : unfolded.events) ids.push_back(row.id);
    return ids;
  };
  EXPECT_THAT(told({}, 0), ElementsAre("1", "2", "3", "4"));
  EXPECT_THAT(told(even_share, 0), ElementsAre("1", "3"));
  EXPECT_THAT(told(odd_share, 0, 3), ElementsAre("2"));
  EXPECT_EQ(store_->unfolded(odd_share, 0, 3).value().through, 3) << "a piece ends where it ends, whose ever it is";
  EXPECT_EQ(store_->unfolded(odd_share, 4, 3).value().through, 4);
  commit({.folded = FoldedTo{odd_share, 4}});
  EXPECT_EQ(store_->folded(odd_share).value(), 4);
  EXPECT_EQ(store_->folded(Share::of(odd)).value(), 4);
  EXPECT_EQ(store_->folded(even_share).value(), 0);
  EXPECT_EQ(store_->folded({}).value(), 0) << "some are not folded";
  EXPECT_THAT(told({}, 0), ElementsAre("1", "3")) << "one that takes all over begins where each slot was left";
  commit({.folded = FoldedTo{{}, 2}});
  EXPECT_EQ(store_->folded(odd_share).value(), 4) << "nothing is folded again";
  EXPECT_THAT(told(Share::of(two), 0), ElementsAre("3"));
  EXPECT_THAT(told({}, store_->folded({}).value()), ElementsAre("3"));
}

}  // namespace
}  // namespace crosswalk::store::contract
