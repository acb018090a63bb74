#include "net/guests.h"

#include <utility>

namespace crosswalk::net {

std::string Guests::origin_of(const boost::asio::ip::address& address) {
  constexpr std::size_t kNetworkBytes = 8;
  if (address.is_v4()) {
    const auto bytes = address.to_v4().to_bytes();
    return {bytes.begin(), bytes.end()};
  }
  const boost::asio::ip::address_v6 six = address.to_v6();
  if (six.is_v4_mapped()) return origin_of(make_address_v4(boost::asio::ip::v4_mapped, six));
  const auto bytes = six.to_bytes();
  return {bytes.begin(), bytes.begin() + kNetworkBytes};
}

Guests::Arrival Guests::arrive(const boost::asio::ip::address& address, std::size_t worker, Guest::Time now) {
  auto guest = std::make_shared<Guest>(worker, origin_of(address));
  const std::lock_guard lock(mutex_);
  // They come faster than others can leave.
  if (leaving_ >= places_.reserved) return {};
  const bool full = static_cast<int>(guests_.size()) - leaving_ - reserved_ >= places_.all;
  Arrival arrival{Place::own, guest, nullptr};
  const auto of_origin = by_origin_.find(guest->origin);
  const bool origin_full = of_origin != by_origin_.end() && of_origin->second >= places_.per_origin;
  if (origin_full || full) {
    arrival.leaves = find_longest_waiting(now, origin_full ? &guest->origin : nullptr);
    if (!arrival.leaves && reserved_ >= places_.reserved) return {};
    guest->reserved = !arrival.leaves || arrival.leaves->reserved;
    if (arrival.leaves) ask_to_leave(*arrival.leaves);
  }
  if (guest->reserved) {
    arrival.place = Place::reserved;
    ++reserved_;
  }
  // Whoever says nothing has waited from the beginning.
  guest->waits_since(now);
  guest->number = ++last_number_;
  guests_.emplace(guest->number, guest);
  ++by_origin_[guest->origin];
  return arrival;
}

std::shared_ptr<Guest> Guests::longest_waiting(Guest::Time now) {
  const std::lock_guard lock(mutex_);
  auto guest = find_longest_waiting(now, nullptr);
  if (guest) ask_to_leave(*guest);
  return guest;
}

std::shared_ptr<Guest> Guests::find_longest_waiting(Guest::Time now, const std::string* origin) const {
  const std::shared_ptr<Guest>* longest = nullptr;
  Guest::Time since = now;
  for (const auto& [number, guest] : guests_) {
    const Guest::Time waiting = guest->waiting();
    if (guest->leaving || waiting > since || (origin != nullptr && guest->origin != *origin)) continue;
    longest = &guest;
    since = waiting;
  }
  return longest == nullptr ? nullptr : *longest;
}

void Guests::ask_to_leave(Guest& guest) {
  guest.leaving = true;
  ++leaving_;
  if (guest.reserved) --reserved_;
  forget_origin(guest);
}

void Guests::stays(Guest& guest) {
  const std::lock_guard lock(mutex_);
  if (!std::exchange(guest.leaving, false)) return;
  --leaving_;
  if (guest.reserved) ++reserved_;
  ++by_origin_[guest.origin];
}

void Guests::left(const Guest& guest) {
  const std::lock_guard lock(mutex_);
  if (guest.leaving) {
    --leaving_;
  } else {
    if (guest.reserved) --reserved_;
    forget_origin(guest);
  }
  guests_.erase(guest.number);
  if (guests_.empty() && !open_) none_left_.notify_all();
}

void Guests::forget_origin(const Guest& guest) {
  const auto found = by_origin_.find(guest.origin);
  if (--found->second == 0) by_origin_.erase(found);
}

void Guests::open() {
  const std::lock_guard lock(mutex_);
  open_ = true;
}

void Guests::close() {
  const std::lock_guard lock(mutex_);
  open_ = false;
  if (guests_.empty()) none_left_.notify_all();
}

bool Guests::wait_for_none(std::chrono::steady_clock::duration longest) {
  std::unique_lock lock(mutex_);
  return none_left_.wait_for(lock, longest, [&] { return guests_.empty() && !open_; });
}

}  // namespace crosswalk::net
