#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <memory>
#include <set>
#include <string>
#include <tuple>
#include <unordered_map>
#include <vector>

#include "net/transfer.h"

namespace crosswalk::net {

/// Decides which calls are under way. There are only so many slots, and those whose calls are slow must not take all of
/// them: the owner with the fewest calls under way goes first, and each further call of one owner is begun only while
/// more slots are free. Calls without an owner stand for themselves.
class CallQueue {
 public:
  using Time = std::chrono::steady_clock::time_point;

  explicit CallQueue(int slots) : slots_(slots), free_(slots) {}

  void add(std::shared_ptr<Transfer> transfer, Time now);
  /// The next call to be begun, which then has a slot; nullptr: none may begin now.
  [[nodiscard]] std::shared_ptr<Transfer> next();
  /// A call that had a slot has ended.
  void ended(const Transfer& transfer);
  /// Takes out a call that waits; nullptr when it does not.
  std::shared_ptr<Transfer> take(const Transfer& transfer);
  /// Takes out the calls that have waited as long as one may take.
  [[nodiscard]] std::vector<std::shared_ptr<Transfer>> take_overdue(Time now);
  [[nodiscard]] std::vector<std::shared_ptr<Transfer>> take_all();

  /// How many slots must be free before an owner with so many calls under way begins another one.
  [[nodiscard]] static int slots_wanted(int slots, int under_way);

 private:
  struct Waiting {
    std::uint64_t number = 0;
    Time overdue_at;
    std::shared_ptr<Transfer> transfer;
  };
  struct Owner {
    int under_way = 0;
    std::deque<Waiting> waiting;
  };
  using Turn = std::tuple<int, std::uint64_t, std::string>;  ///< calls under way, number of the first, owner

  void enlist(const std::string& name, const Owner& owner);
  void strike(const std::string& name, const Owner& owner);
  template <class Which>
  std::vector<std::shared_ptr<Transfer>> take_out(Which which);

  const int slots_;
  int free_;
  std::uint64_t last_number_ = 0;
  std::unordered_map<std::string, Owner> owners_;  ///< who has calls waiting or under way
  std::set<Turn> turns_;                           ///< of those who have calls waiting
};

}  // namespace crosswalk::net
