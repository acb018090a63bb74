#pragma once

#include <atomic>
#include <boost/asio/ip/address.hpp>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

namespace crosswalk::net {

/// One connection as the server's door sees it, while its own thread works on it.
struct Guest {
  using Time = std::chrono::steady_clock::time_point;

  explicit Guest(std::size_t worker, std::string origin) : worker(worker), origin(std::move(origin)) {}

  /// Since when it has kept a place without being served: from then on it may be sent away for the sake of another.
  void waits_since(Time time) { waiting_since.store(time.time_since_epoch().count(), std::memory_order_relaxed); }
  [[nodiscard]] Time waiting() const { return Time(Time::duration(waiting_since.load(std::memory_order_relaxed))); }
  void is_served() { waits_since(Time::max()); }

  const std::size_t worker;
  const std::string origin;  ///< whose connections count together
  bool reserved = false;     ///< has a reserved place
  std::atomic<Time::rep> waiting_since = Time::max().time_since_epoch().count();
  std::uint64_t number = 0;
  bool leaving = false;  ///< asked to leave; no place is counted for it
};

/// The connections of a server: how many there are, from where, and who leaves when a place is wanted. Thread-safe.
class Guests {
 public:
  struct Places {
    int all = 0;         ///< for everybody
    int per_origin = 0;  ///< of these, for one address
    int reserved = 0;    ///< beyond all, for what must be answered even then
  };
  enum class Place { own, reserved, none };
  struct Arrival {
    Place place = Place::none;
    std::shared_ptr<Guest> guest;   ///< absent when there is no place
    std::shared_ptr<Guest> leaves;  ///< who must be asked to leave for it
  };

  explicit Guests(Places places) : places_(places) {}

  [[nodiscard]] Arrival arrive(const boost::asio::ip::address& address, std::size_t worker, Guest::Time now);
  /// Who has waited longest, if anybody waits: there are fewer places than was thought.
  [[nodiscard]] std::shared_ptr<Guest> longest_waiting(Guest::Time now);
  /// It was asked to leave, and is being served again by now.
  void stays(Guest& guest);
  void left(const Guest& guest);

  /// Nobody finds the house empty between these two.
  void open();
  void close();
  bool wait_for_none(std::chrono::steady_clock::duration longest);

  /// An IPv4 address, or the network of an IPv6 address, of which one client has as many addresses as it likes.
  [[nodiscard]] static std::string origin_of(const boost::asio::ip::address& address);

 private:
  [[nodiscard]] std::shared_ptr<Guest> find_longest_waiting(Guest::Time now, const std::string* origin) const;
  void ask_to_leave(Guest& guest);
  void forget_origin(const Guest& guest);

  const Places places_;
  std::mutex mutex_;
  std::condition_variable none_left_;
  bool open_ = false;
  int leaving_ = 0;
  int reserved_ = 0;  ///< how many reserved places are taken, but by those who are leaving
  std::uint64_t last_number_ = 0;
  std::unordered_map<std::uint64_t, std::shared_ptr<Guest>> guests_;
  std::unordered_map<std::string, int> by_origin_;  ///< without those who are leaving
};

}  // namespace crosswalk::net
