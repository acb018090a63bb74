#pragma once

#include <boost/json.hpp>
#include <cstdint>
#include <random>
#include <string>
#include <string_view>

namespace crosswalk::sandbox {

/// What a town is made of: lists of names, devices, tickets.
[[nodiscard]] const boost::json::object& town_words();

/// Draws that mean the same with every standard library.
class Dice {
 public:
  explicit Dice(std::uint64_t seed) : random_(seed) {}
  std::size_t below(std::size_t limit) { return random_() % limit; }
  /// The same, for what is counted with signs.
  std::int64_t some(std::int64_t limit) { return static_cast<std::int64_t>(below(static_cast<std::size_t>(limit))); }
  bool chance(unsigned percent) { return below(100) < percent; }
  const boost::json::value& of(const boost::json::value& list) {
    const boost::json::array& values = list.as_array();
    return values[below(values.size())];
  }
  const boost::json::value& pick(std::string_view list) { return of(town_words().at(list)); }
  std::string text(std::string_view list) { return std::string(pick(list).as_string()); }
  std::uint64_t raw() { return random_(); }

 private:
  std::mt19937_64 random_;
};

/// A company of a town.
struct Customer {
  std::int64_t id = 0;
  std::string name, identifier;
  std::size_t city = 0;
  std::int64_t status = 1, type = 4;
  bool deleted = false;
  std::size_t weight = 1;  ///< how big it is
  std::int64_t contacts = 0;
  std::int64_t first_device = 0, devices = 0;
  std::int64_t workstations = 0, servers = 0;  ///< of its devices, those in use
  std::int64_t since = 0;                      ///< when it became one, in seconds since 1970
  std::int64_t agreement = 0;                  ///< under which work for it is done; 0: none

  /// Looked after by the month, and still there.
  [[nodiscard]] bool managed() const { return type == 4 && status == 1 && !deleted && contacts > 0; }
};

}  // namespace crosswalk::sandbox
