#pragma once

#include <functional>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "matching/carriers.h"

namespace crosswalk::matching {

/// What tells one device (or its configuration in the PSA) from another.
struct DeviceFacts {
  std::string id;  ///< in the PSA; of a record: empty
  std::string name;
  std::string company;     ///< id in the PSA
  std::string identifier;  ///< the product's own id for the device
  std::string serial, mac;
  std::string model{};
  bool active = true;

  bool operator==(const DeviceFacts&) const = default;
};

/// A serial number as it can be compared: letters and digits in upper case. Empty for what makers put in its place ("To
/// be filled by O.E.M.", "System Serial Number", "0").
[[nodiscard]] std::string comparable_serial(std::string_view text);
/// Twelve upper-case hexadecimal digits; empty for anything else, and for addresses that many devices share.
[[nodiscard]] std::string comparable_mac(std::string_view text);

/// What a machine is called, so that it can be compared: without the domain, in lower case.
[[nodiscard]] std::string comparable_host(std::string_view name);

/// What became of a search for the object that a record is.
struct ObjectMatch {
  enum class Verdict { link, propose, none };
  Verdict verdict = Verdict::none;
  std::string id, name;  ///< the best candidate; empty for `none`
  std::string why;       ///< in words: "the serial number 5CG1234 is the same"
  bool own_id = false;   ///< it carries the id that the product has for the record
};

/// The configurations of one PSA, prepared for finding; kept up to date one by one.
class DeviceIndex {
 public:
  /// Adds a configuration, or replaces what was known of it.
  void put(DeviceFacts facts);
  void erase(const std::string& id);
  [[nodiscard]] std::size_t size() const { return entries_.size(); }

  /// By the product's id, serial number, MAC address, then name within the company. What contradicts (another serial
  /// number behind a shared MAC address or name) is never the same. A serial number or a MAC address alone names
  /// nobody: where the names differ, and nothing else agrees, it is proposed, and what many carry tells nothing. What
  /// is at another company, or fits twice, is left to a person. `taken`: whether another record is linked to it.
  [[nodiscard]] ObjectMatch find(const DeviceFacts& record, const std::function<bool(const std::string& id)>& taken,
                                 const OthersTold& others = nullptr) const;
  /// The one configuration that is the same machine as the record by its serial number and model, or by its MAC
  /// address, whoever is linked to it: a machine that is imaged anew has another id for the product. `link` where the
  /// names agree too, `propose` where they do not.
  [[nodiscard]] ObjectMatch find_same_machine(const DeviceFacts& record) const;
  /// Keys of what the facts may share with other machines.
  [[nodiscard]] static std::vector<std::string> values_of(const DeviceFacts& facts);

 private:
  using Ids = std::set<std::string>;
  enum class By { identifier, serial, mac, name };
  [[nodiscard]] static std::string key_of(By by, const DeviceFacts& facts);
  [[nodiscard]] ObjectMatch judge(By by, const DeviceFacts& record, const std::vector<const DeviceFacts*>& found) const;
  [[nodiscard]] std::size_t carriers(const std::string& key, const DeviceFacts& record, const OthersTold& others) const;
  [[nodiscard]] static bool confirms(By by, const DeviceFacts& record, const DeviceFacts& found, std::size_t carriers);

  std::unordered_map<std::string, DeviceFacts> entries_;
  std::unordered_map<std::string, Ids> postings_;
};

}  // namespace crosswalk::matching
