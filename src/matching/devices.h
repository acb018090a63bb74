#pragma once

#include <functional>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace crosswalk::matching {

/// What tells one device (or its configuration in the PSA) from another.
struct DeviceFacts {
  std::string id;  ///< in the PSA; of a record: empty
  std::string name;
  std::string company;     ///< id in the PSA
  std::string identifier;  ///< the product's own id for the device
  std::string serial, mac;
  bool active = true;

  bool operator==(const DeviceFacts&) const = default;
};

/// A serial number as it can be compared: letters and digits in upper case. Empty for what makers put in its place ("To
/// be filled by O.E.M.", "System Serial Number", "0").
[[nodiscard]] std::string comparable_serial(std::string_view text);
/// Twelve upper-case hexadecimal digits; empty for anything else, and for addresses that many devices share.
[[nodiscard]] std::string comparable_mac(std::string_view text);

/// What became of a search for the object that a record is.
struct ObjectMatch {
  enum class Verdict { link, propose, none };
  Verdict verdict = Verdict::none;
  std::string id, name;  ///< the best candidate; empty for `none`
  std::string why;       ///< in words: "the serial number 5CG1234 is the same"
};

/// The configurations of one PSA, prepared for finding; kept up to date one by one.
class DeviceIndex {
 public:
  /// Adds a configuration, or replaces what was known of it.
  void put(DeviceFacts facts);
  void erase(const std::string& id);
  [[nodiscard]] std::size_t size() const { return entries_.size(); }

  /// By the product's id, serial number, MAC address, then name within the company. What contradicts (another serial
  /// number behind a shared MAC address or name) is never the same; what is at another company, or fits twice, is left
  /// to a person. `taken`: whether another record is linked to it.
  [[nodiscard]] ObjectMatch find(const DeviceFacts& record,
                                 const std::function<bool(const std::string& id)>& taken) const;

 private:
  using Ids = std::set<std::string>;
  enum class By { identifier, serial, mac, name };
  [[nodiscard]] static std::string key_of(By by, const DeviceFacts& facts);
  [[nodiscard]] ObjectMatch judge(By by, const DeviceFacts& record, const std::vector<const DeviceFacts*>& found) const;

  std::unordered_map<std::string, DeviceFacts> entries_;
  std::unordered_map<std::string, Ids> postings_;
};

}  // namespace crosswalk::matching
