#include "net/call_queue.h"

#include <algorithm>

namespace crosswalk::net {

namespace {

// Each call that an owner has under way asks for this part of the slots to be free before the next one, up to half of
// them: the last eighth is for owners who have none, and nobody alone takes more than half.
constexpr int kPartsKeptFree = 8;
constexpr int kPartsMax = 4;

}  // namespace

int CallQueue::slots_wanted(int slots, int under_way) {
  return std::max(1, slots * std::min(under_way, kPartsMax) / kPartsKeptFree);
}

void CallQueue::add(std::shared_ptr<Transfer> transfer, Time now) {
  const std::uint64_t number = ++last_number_;
  // No owner is named like this, since a name has no line break.
  transfer->owner = transfer->options.owner.empty() ? "\n" + std::to_string(number) : transfer->options.owner;
  const std::string name = transfer->owner;
  Owner& owner = owners_[name];
  owner.waiting.push_back({number, now + transfer->options.timeout, std::move(transfer)});
  if (owner.waiting.size() == 1) enlist(name, owner);
}

std::shared_ptr<Transfer> CallQueue::next() {
  if (turns_.empty()) return nullptr;
  // Whoever has the fewest under way also needs the fewest free slots.
  const auto& [under_way, number, first] = *turns_.begin();
  if (free_ < slots_wanted(slots_, under_way)) return nullptr;
  const std::string name = first;
  Owner& owner = owners_.at(name);
  strike(name, owner);
  std::shared_ptr<Transfer> transfer = std::move(owner.waiting.front().transfer);
  owner.waiting.pop_front();
  ++owner.under_way;
  --free_;
  enlist(name, owner);
  return transfer;
}

void CallQueue::ended(const Transfer& transfer) {
  const auto found = owners_.find(transfer.owner);
  Owner& owner = found->second;
  strike(found->first, owner);
  --owner.under_way;
  ++free_;
  enlist(found->first, owner);
  if (owner.under_way == 0 && owner.waiting.empty()) owners_.erase(found);
}

std::shared_ptr<Transfer> CallQueue::take(const Transfer& transfer) {
  const auto taken = take_out([&](const Waiting& each) { return each.transfer.get() == &transfer; });
  return taken.empty() ? nullptr : taken.front();
}

std::vector<std::shared_ptr<Transfer>> CallQueue::take_overdue(Time now) {
  return take_out([&](const Waiting& each) { return each.overdue_at <= now; });
}

std::vector<std::shared_ptr<Transfer>> CallQueue::take_all() {
  return take_out([](const Waiting&) { return true; });
}

template <class Which>
std::vector<std::shared_ptr<Transfer>> CallQueue::take_out(Which which) {
  std::vector<std::shared_ptr<Transfer>> taken;
  for (auto at = owners_.begin(); at != owners_.end();) {
    Owner& owner = at->second;
    strike(at->first, owner);
    std::erase_if(owner.waiting, [&](const Waiting& each) {
      if (!which(each)) return false;
      taken.push_back(each.transfer);
      return true;
    });
    enlist(at->first, owner);
    at = owner.under_way == 0 && owner.waiting.empty() ? owners_.erase(at) : std::next(at);
  }
  return taken;
}

void CallQueue::enlist(const std::string& name, const Owner& owner) {
  if (!owner.waiting.empty()) turns_.emplace(owner.under_way, owner.waiting.front().number, name);
}

void CallQueue::strike(const std::string& name, const Owner& owner) {
  if (!owner.waiting.empty()) turns_.erase({owner.under_way, owner.waiting.front().number, name});
}

}  // namespace crosswalk::net
