#include "matching/devices.h"

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

}  // namespace

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

ObjectMatch DeviceIndex::find(const DeviceFacts& record,
                              const std::function<bool(const std::string& id)>& taken) const {
  for (const By by : {By::identifier, By::serial, By::mac, By::name}) {
    const std::string key = key_of(by, record);
    const auto posting = key.empty() ? postings_.end() : postings_.find(key);
    if (posting == postings_.end()) continue;
    std::vector<const DeviceFacts*> found;
    for (const std::string& id : posting->second) {
      const DeviceFacts& each = entries_.at(id);
      const bool other_serial = differ(comparable_serial(record.serial), comparable_serial(each.serial));
      const bool other_identifier = differ(record.identifier, each.identifier);
      // Docking stations lend their MAC address to many, and names are given anew to the next machine.
      if (by != By::identifier && by != By::serial && other_serial) continue;
      if (by == By::name && (other_identifier || differ(comparable_mac(record.mac), comparable_mac(each.mac))))
        continue;
      if (!taken(id)) found.push_back(&each);
    }
    if (!found.empty()) return judge(by, record, found);
  }
  return {};
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
