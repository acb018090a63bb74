#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace crosswalk::matching {

// Serial numbers that makers did not fill in, MAC addresses that belong to software, mailboxes that a whole office
// reads: what stands on several machines or people names none of them, and no list of such values is ever complete. So
// it is counted who carries them, on both sides.

/// How many of the product's other records, called otherwise, carry a value; the value as its key (see values_of()).
using OthersTold = std::function<std::size_t(const std::string& key)>;

/// On more than so many a value tells nothing, and is not even worth a person's look.
inline constexpr std::size_t kFewCarriers = 3;

/// Which of the product's records carry a value.
class Carriers {
 public:
  /// Replaces what was known of the holder. `name`: what it is called, as it can be compared.
  void put(const std::string& holder, std::string name, std::vector<std::string> values);
  void erase(const std::string& holder);
  void clear();
  /// Holders of the value that are called otherwise.
  [[nodiscard]] std::size_t others(const std::string& value, const std::string& holder, std::string_view name) const;
  /// Holders of the value, but for one.
  [[nodiscard]] std::vector<std::string> holders(const std::string& value, const std::string& but) const;

 private:
  struct Held {
    std::string name;
    std::vector<std::string> values;
  };
  std::unordered_map<std::string, Held> held_;
  std::unordered_map<std::string, std::map<std::string, std::string>> names_;  ///< by value: holder, name
};

/// How many different names there are.
[[nodiscard]] std::size_t count_different(std::vector<std::string> names);

}  // namespace crosswalk::matching
