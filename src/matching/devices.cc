#include "matching/devices.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "matching/normalize.h"

namespace crosswalk::matching {
namespace {

/// Shorter ones are shelf marks, and shared.
constexpr std::size_t kSerialCharactersMin = 4;
constexpr std::size_t kMacDigits = 12;

/// What firmware says when nobody has filled the field in, as comparable_serial() would have it.
constexpr std::array<std::string_view, 17> kJunkSerials{"TOBEFILLEDBYOEM",
                                                        "SYSTEMSERIALNUMBER",
                                                        "DEFAULTSTRING",
                                                        "NOTSPECIFIED",
                                                        "NOTAVAILABLE",
                                                        "NOTAPPLICABLE",
                                                        "NONE",
                                                        "UNKNOWN",
                                                        "INVALID",
                                                        "SERIALNUMBER",
                                                        "OEM",
                                                        "CHASSISSERIALNUMBER",
                                                        "0123456789",
                                                        "123456789",
                                                        "1234567890",
                                                        "BASEBOARDSERIALNUMBER",
                                                        "EMPTY"};

char upper(char each) { return each >= 'a' && each <= 'z' ? static_cast<char>(each - 'a' + 'A') : each; }
bool is_digit(char each) { return each >= '0' && each <= '9'; }

bool is_one_character(std::string_view text) { return text.find_first_not_of(text.front()) == std::string_view::npos; }

bool differ(const std::string& left, const std::string& right) {
  return !left.empty() && !right.empty() && left != right;
}

/// Whether the names are those of one machine; one that is not told contradicts nothing.
bool same_host(const DeviceFacts& left, const DeviceFacts& right) {
  return !differ(comparable_host(left.name), comparable_host(right.name));
}

bool same_model(const DeviceFacts& left, const DeviceFacts& right) {
  const std::string model = plain_words(left.model);
  return !model.empty() && model == plain_words(right.model);
}

bool same_mac(const DeviceFacts& left, const DeviceFacts& right) {
  const std::string mac = comparable_mac(left.mac);
  return !mac.empty() && mac == comparable_mac(right.mac);
}

}  // namespace

std::string comparable_host(std::string_view name) { return plain_words(name.substr(0, name.find('.'))); }

std::string comparable_serial(std::string_view text) {
  std::string serial;
  for (const char each : text)
    if (const char big = upper(each); is_digit(big) || (big >= 'A' && big <= 'Z')) serial += big;
  if (serial.size() < kSerialCharactersMin || is_one_character(serial)) return {};
  if (std::ranges::find(kJunkSerials, serial) != kJunkSerials.end()) return {};
  return serial;
}

std::string comparable_mac(std::string_view text) {
  std::string mac;
  for (const char each : text) {
    const char big = upper(each);
    if (is_digit(big) || (big >= 'A' && big <= 'F'))
      mac += big;
    else if (each != ':' && each != '-' && each != '.' && each != ' ')
      return {};
  }
  if (mac.size() != kMacDigits || is_one_character(mac)) return {};
  return mac;
}

std::string DeviceIndex::key_of(By by, const DeviceFacts& facts) {
  switch (by) {
    case By::identifier:
      return facts.identifier.empty() ? std::string() : "i" + facts.identifier;
    case By::serial: {
      const std::string serial = comparable_serial(facts.serial);
      return serial.empty() ? serial : "s" + serial;
    }
    case By::mac: {
      const std::string mac = comparable_mac(facts.mac);
      return mac.empty() ? mac : "m" + mac;
    }
    case By::name: {
      const std::string name = plain_words(facts.name);
      return name.empty() || facts.company.empty() ? std::string() : "n" + facts.company + "/" + name;
    }
  }
  return {};
}

void DeviceIndex::put(DeviceFacts facts) {
  erase(facts.id);
  for (const By by : {By::identifier, By::serial, By::mac, By::name})
    if (std::string key = key_of(by, facts); !key.empty()) postings_[std::move(key)].insert(facts.id);
  std::string id = facts.id;
  entries_.insert_or_assign(std::move(id), std::move(facts));
}

void DeviceIndex::erase(const std::string& id) {
  const auto entry = entries_.find(id);
  if (entry == entries_.end()) return;
  for (const By by : {By::identifier, By::serial, By::mac, By::name}) {
    const auto posting = postings_.find(key_of(by, entry->second));
    if (posting == postings_.end()) continue;
    posting->second.erase(id);
    if (posting->second.empty()) postings_.erase(posting);
  }
  entries_.erase(entry);
}

std::vector<std::string> DeviceIndex::values_of(const DeviceFacts& facts) {
  std::vector<std::string> values;
  for (const By by : {By::serial, By::mac})
    if (std::string key = key_of(by, facts); !key.empty()) values.push_back(std::move(key));
  return values;
}

/// On how many machines the value stands, the record's among them: told apart by their names.
std::size_t DeviceIndex::carriers(const std::string& key, const DeviceFacts& record, const OthersTold& others) const {
  std::vector<std::string> names{comparable_host(record.name)};
  if (const auto posting = postings_.find(key); posting != postings_.end())
    for (const std::string& id : posting->second) names.push_back(comparable_host(entries_.at(id).name));
  // The record's own configuration, and one that is called otherwise, are two on the side of the PSA.
  const std::size_t there = count_different(std::move(names));
  return std::max(there, others ? others(key) + 1 : 1);
}

/// Whether something else says that they are the same.
bool DeviceIndex::confirms(By by, const DeviceFacts& record, const DeviceFacts& found, std::size_t carriers) {
  if (same_host(record, found)) return true;
  const bool other_serial = differ(comparable_serial(record.serial), comparable_serial(found.serial));
  // The id is the product's own; a short one may be another tool's, too.
  if (by == By::identifier) return !other_serial || same_mac(record, found);
  // Machines that are bought together have one model, and, when nobody has filled it in, one serial number.
  constexpr std::size_t kTheTwoOfThem = 2;
  if (carriers <= kTheTwoOfThem && same_model(record, found)) return true;
  return by == By::serial && same_mac(record, found);
}

ObjectMatch DeviceIndex::find(const DeviceFacts& record, const std::function<bool(const std::string& id)>& taken,
                              const OthersTold& others) const {
  for (const By by : {By::identifier, By::serial, By::mac, By::name}) {
    const std::string key = key_of(by, record);
    const auto posting = key.empty() ? postings_.end() : postings_.find(key);
    if (posting == postings_.end()) continue;
    const std::size_t count = by == By::serial || by == By::mac ? carriers(key, record, others) : 1;
    std::vector<const DeviceFacts*> found, confirmed;
    for (const std::string& id : posting->second) {
      const DeviceFacts& each = entries_.at(id);
      const bool other_serial = differ(comparable_serial(record.serial), comparable_serial(each.serial));
      const bool other_identifier = differ(record.identifier, each.identifier);
      // Docking stations lend their MAC address to many, and names are given anew to the next machine.
      if (by != By::identifier && by != By::serial && other_serial) continue;
      if (by == By::name && (other_identifier || differ(comparable_mac(record.mac), comparable_mac(each.mac))))
        continue;
      if (taken(id)) continue;
      found.push_back(&each);
      if (by == By::name || confirms(by, record, each, count)) confirmed.push_back(&each);
    }
    if (!confirmed.empty()) return judge(by, record, confirmed);
    if (found.empty() || count > kFewCarriers) continue;
    ObjectMatch match = judge(by, record, found);
    match.verdict = ObjectMatch::Verdict::propose;
    match.why += fmt::format(", but its name is {}, and nothing else agrees", match.name);
    return match;
  }
  return {};
}

ObjectMatch DeviceIndex::find_same_machine(const DeviceFacts& record) const {
  std::set<std::string> ids;
  std::string why;
  for (const By by : {By::serial, By::mac}) {
    const std::string key = key_of(by, record);
    const auto posting = key.empty() ? postings_.end() : postings_.find(key);
    if (posting == postings_.end()) continue;
    for (const std::string& id : posting->second) {
      const DeviceFacts& each = entries_.at(id);
      if (each.company != record.company) continue;
      if (differ(comparable_serial(record.serial), comparable_serial(each.serial))) continue;
      const bool same = by == By::mac || same_model(record, each) || same_mac(record, each);
      if (!same && differ(plain_words(record.model), plain_words(each.model))) continue;
      if (!same && !same_host(record, each)) continue;
      ids.insert(id);
      why = by == By::mac ? "the MAC address " + record.mac + " is the same"
                          : "the serial number " + record.serial + " is the same";
    }
  }
  if (ids.size() != 1) return {};
  const DeviceFacts& found = entries_.at(*ids.begin());
  const bool same_name = same_host(record, found);
  return {same_name ? ObjectMatch::Verdict::link : ObjectMatch::Verdict::propose, found.id, found.name, why};
}

ObjectMatch DeviceIndex::judge(By by, const DeviceFacts& record, const std::vector<const DeviceFacts*>& found) const {
  std::vector<const DeviceFacts*> here;
  for (const DeviceFacts* each : found)
    if (each->company == record.company) here.push_back(each);
  // Of several the one in use is meant: the others were retired, or doubled by another tool.
  if (here.size() > 1 && std::ranges::count_if(here, &DeviceFacts::active) == 1)
    std::erase_if(here, [](const DeviceFacts* each) { return !each->active; });
  ObjectMatch match;
  const DeviceFacts& best = here.empty() ? *found.front() : *here.front();
  match.id = best.id;
  match.name = best.name;
  switch (by) {
    case By::identifier:
      match.why = "it carries the device's own id " + record.identifier;
      match.own_id = true;
      break;
    case By::serial:
      match.why = "the serial number " + record.serial + " is the same";
      break;
    case By::mac:
      match.why = "the MAC address " + record.mac + " is the same";
      break;
    case By::name:
      match.why = "the name is the same, at the same company, and nothing contradicts";
      break;
  }
  match.verdict = here.size() == 1 ? ObjectMatch::Verdict::link : ObjectMatch::Verdict::propose;
  if (here.empty())
    match.why += ", but it belongs to another company";
  else if (here.size() > 1)
    match.why += ", but so it is of " + std::to_string(here.size() - 1) + " more";
  return match;
}

}  // namespace crosswalk::matching
