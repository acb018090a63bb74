#include "matching/carriers.h"

#include <algorithm>

namespace crosswalk::matching {

void Carriers::put(const std::string& holder, std::string name, std::vector<std::string> values) {
  const auto known = held_.find(holder);
  if (known != held_.end() && known->second.name == name && known->second.values == values) return;
  erase(holder);
  for (const std::string& value : values) names_[value][holder] = name;
  held_.insert_or_assign(holder, Held{std::move(name), std::move(values)});
}

void Carriers::erase(const std::string& holder) {
  const auto known = held_.find(holder);
  if (known == held_.end()) return;
  for (const std::string& value : known->second.values) {
    const auto names = names_.find(value);
    if (names == names_.end()) continue;
    names->second.erase(holder);
    if (names->second.empty()) names_.erase(names);
  }
  held_.erase(known);
}

void Carriers::clear() {
  held_.clear();
  names_.clear();
}

std::size_t Carriers::others(const std::string& value, const std::string& holder, std::string_view name) const {
  const auto names = names_.find(value);
  if (names == names_.end()) return 0;
  std::vector<std::string> different;
  for (const auto& [each, called] : names->second)
    if (each != holder && called != name) different.push_back(called);
  return count_different(std::move(different));
}

std::vector<std::string> Carriers::holders(const std::string& value, const std::string& but) const {
  std::vector<std::string> found;
  const auto names = names_.find(value);
  if (names == names_.end()) return found;
  for (const auto& [holder, called] : names->second)
    if (holder != but) found.push_back(holder);
  return found;
}

std::size_t count_different(std::vector<std::string> names) {
  std::ranges::sort(names);
  const auto twice = std::ranges::unique(names);
  return names.size() - static_cast<std::size_t>(std::ranges::size(twice));
}

}  // namespace crosswalk::matching
