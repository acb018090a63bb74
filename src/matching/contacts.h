#pragma once

#include <functional>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "matching/devices.h"

namespace crosswalk::matching {

/// What tells one person at a company from another.
struct ContactFacts {
  std::string id;       ///< in the PSA; of a record: empty
  std::string company;  ///< id in the PSA
  std::string first_name, last_name, email, phone;

  bool operator==(const ContactFacts&) const = default;
};

/// The contacts of one PSA, prepared for finding; kept up to date one by one.
class ContactIndex {
 public:
  /// Adds a contact, or replaces what was known of it.
  void put(ContactFacts facts);
  void erase(const std::string& id);
  [[nodiscard]] std::size_t size() const { return entries_.size(); }

  /// Within the company by e-mail or telephone with the same name, then by the whole name of somebody without an e-mail
  /// address. An address alone names nobody: several may read one mailbox. What fits less well, twice, or at another
  /// company is left to a person: a contact made twice is worse than one that waits. `taken`: whether another record is
  /// linked to it.
  [[nodiscard]] ObjectMatch find(const ContactFacts& record, const std::function<bool(const std::string& id)>& taken,
                                 const OthersTold& others = nullptr) const;
  /// Keys of what the facts may share with other people.
  [[nodiscard]] static std::vector<std::string> values_of(const ContactFacts& facts);
  /// What the person is called, as it can be compared.
  [[nodiscard]] static std::string name_of(const ContactFacts& facts);

 private:
  void index(const ContactFacts& facts, bool add);
  [[nodiscard]] std::vector<const ContactFacts*> look(const std::string& key,
                                                      const std::function<bool(const std::string&)>& taken) const;

  std::unordered_map<std::string, ContactFacts> entries_;
  std::unordered_map<std::string, std::set<std::string>> postings_;
};

}  // namespace crosswalk::matching
