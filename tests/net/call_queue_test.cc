#include "net/call_queue.h"

#include <gtest/gtest.h>

#include <map>

namespace crosswalk::net {
namespace {

using namespace std::chrono_literals;
using Call = std::shared_ptr<Transfer>;

const CallQueue::Time kNow = CallQueue::Time{} + 1h;

Call call(std::string owner, Duration timeout = Duration{30'000}) {
  auto transfer = std::make_shared<Transfer>();
  transfer->options.owner = std::move(owner);
  transfer->options.timeout = timeout;
  return transfer;
}

/// Begins all that may begin, and tells how many of each owner.
std::map<std::string, int> begin_all(CallQueue& queue, std::vector<Call>* begun = nullptr) {
  std::map<std::string, int> counts;
  while (Call next = queue.next()) {
    ++counts[next->options.owner];
    if (begun != nullptr) begun->push_back(std::move(next));
  }
  return counts;
}

TEST(CallQueue, LetsWhoeverHasTheFewestUnderWayGoFirst) {
  CallQueue queue(4);
  std::vector<Call> calls{call("slow"), call("slow"), call("slow"), call("quiet"), call("other")};
  for (const Call& each : calls) queue.add(each, kNow);
  EXPECT_EQ(queue.next(), calls[0]);
  EXPECT_EQ(queue.next(), calls[3]) << "it came later, and has none under way";
  EXPECT_EQ(queue.next(), calls[4]);
}

TEST(CallQueue, KeepsTheOrderOfOneOwner) {
  CallQueue queue(100);
  std::vector<Call> calls{call("a"), call("a"), call("a")};
  for (const Call& each : calls) queue.add(each, kNow);
  for (const Call& each : calls) EXPECT_EQ(queue.next(), each);
  EXPECT_EQ(queue.next(), nullptr);
}

TEST(CallQueue, BeginsFurtherCallsOfOneOwnerOnlyWhileSlotsArePlentiful) {
  CallQueue queue(80);
  for (int owner = 0; owner < 30; ++owner)
    for (int count = 0; count < 4; ++count) queue.add(call("slow-" + std::to_string(owner)), kNow);
  int under_way = 0;
  for (const auto& [owner, count] : begin_all(queue)) under_way += count;
  EXPECT_LE(under_way, 70) << "what is left is for owners who have none";
  EXPECT_GE(under_way, 60);
  for (int owner = 0; owner < 10; ++owner) queue.add(call("quiet-" + std::to_string(owner)), kNow);
  const auto begun = begin_all(queue);
  EXPECT_EQ(begun.size(), 10u);
  for (const auto& [owner, count] : begun) EXPECT_EQ(owner.substr(0, 5), "quiet");
}

TEST(CallQueue, LeavesHalfToOthersEvenWhenOneOwnerIsAlone) {
  CallQueue queue(80);
  for (int count = 0; count < 100; ++count) queue.add(call("a"), kNow);
  EXPECT_EQ(begin_all(queue)["a"], 41) << "half of the slots were free when the last one began";
}

TEST(CallQueue, AsksFewSlotsOfNobodyWhenThereAreFew) {
  CallQueue queue(1);
  queue.add(call("a"), kNow);
  queue.add(call("a"), kNow);
  const Call first = queue.next();
  ASSERT_TRUE(first);
  EXPECT_FALSE(queue.next());
  queue.ended(*first);
  EXPECT_TRUE(queue.next());
}

TEST(CallQueue, GivesTheSlotOfACallThatHasEndedToTheNext) {
  CallQueue queue(8);
  std::vector<Call> begun;
  for (int owner = 0; owner < 20; ++owner) queue.add(call("p" + std::to_string(owner)), kNow);
  EXPECT_EQ(begin_all(queue, &begun).size(), 8u);
  queue.ended(*begun[3]);
  EXPECT_EQ(begin_all(queue), (std::map<std::string, int>{{"p8", 1}}));
}

TEST(CallQueue, TakesCallsWithoutOwnerForThemselves) {
  CallQueue queue(16);
  for (int count = 0; count < 20; ++count) queue.add(call(""), kNow);
  EXPECT_EQ(begin_all(queue)[""], 16);
}

TEST(CallQueue, GivesBackWhatHasWaitedTooLong) {
  CallQueue queue(1);
  const Call first = call("a"), patient = call("b", 20s), hasty = call("c", 5s);
  for (const Call& each : {first, patient, hasty}) queue.add(each, kNow);
  ASSERT_EQ(queue.next(), first);
  EXPECT_TRUE(queue.take_overdue(kNow + 4s).empty());
  EXPECT_EQ(queue.take_overdue(kNow + 5s), std::vector<Call>{hasty});
  queue.ended(*first);
  EXPECT_EQ(queue.next(), patient);
}

TEST(CallQueue, TakesOutWhatIsCancelled) {
  CallQueue queue(1);
  const Call first = call("a"), second = call("b"), third = call("b");
  for (const Call& each : {first, second, third}) queue.add(each, kNow);
  ASSERT_EQ(queue.next(), first);
  EXPECT_EQ(queue.take(*second), second);
  EXPECT_EQ(queue.take(*second), nullptr);
  EXPECT_EQ(queue.take(*first), nullptr) << "it is under way";
  queue.ended(*first);
  EXPECT_EQ(queue.next(), third);
  queue.add(second, kNow);
  EXPECT_EQ(queue.take_all(), std::vector<Call>{second});
}

}  // namespace
}  // namespace crosswalk::net
