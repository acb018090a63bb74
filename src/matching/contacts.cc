#include "matching/contacts.h"

#include <algorithm>

#include "matching/normalize.h"

namespace crosswalk::matching {
namespace {

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& each : out)
    if (each >= 'A' && each <= 'Z') each = static_cast<char>(each - 'A' + 'a');
  return out;
}

std::string email_key(const ContactFacts& facts) { return facts.email.empty() ? "" : "e" + lower(facts.email); }

std::string phone_key(const ContactFacts& facts) {
  const std::string line = telephone_line(facts.phone);
  return line.empty() ? line : "p" + facts.company + "/" + line;
}

std::string name_key(const ContactFacts& facts) {
  const std::string name = plain_words(facts.first_name + " " + facts.last_name);
  return name.empty() ? name : "n" + facts.company + "/" + name;
}

std::string shown(const ContactFacts& facts) {
  return facts.last_name.empty() ? facts.first_name : facts.first_name + " " + facts.last_name;
}

ObjectMatch made(ObjectMatch::Verdict verdict, const ContactFacts& facts, std::string why) {
  return {verdict, facts.id, shown(facts), std::move(why)};
}

/// A given name may be shortened, or told by its first letter; one that is not told contradicts nothing.
bool may_be_same(const std::string& left, const std::string& right) {
  return left.starts_with(right) || right.starts_with(left);
}

bool same_name(const ContactFacts& left, const ContactFacts& right) {
  const std::string last = plain_words(left.last_name), other = plain_words(right.last_name);
  const bool same_last = last.empty() || other.empty() || last == other;
  return same_last && may_be_same(plain_words(left.first_name), plain_words(right.first_name));
}

constexpr auto kLink = ObjectMatch::Verdict::link;
constexpr auto kPropose = ObjectMatch::Verdict::propose;

}  // namespace

void ContactIndex::index(const ContactFacts& facts, bool add) {
  for (std::string key : {email_key(facts), phone_key(facts), name_key(facts)}) {
    if (key.empty()) continue;
    if (add) {
      postings_[std::move(key)].insert(facts.id);
    } else if (const auto posting = postings_.find(key); posting != postings_.end()) {
      posting->second.erase(facts.id);
      if (posting->second.empty()) postings_.erase(posting);
    }
  }
}

void ContactIndex::put(ContactFacts facts) {
  erase(facts.id);
  index(facts, true);
  std::string id = facts.id;
  entries_.insert_or_assign(std::move(id), std::move(facts));
}

void ContactIndex::erase(const std::string& id) {
  const auto entry = entries_.find(id);
  if (entry == entries_.end()) return;
  index(entry->second, false);
  entries_.erase(entry);
}

std::vector<const ContactFacts*> ContactIndex::look(const std::string& key,
                                                    const std::function<bool(const std::string&)>& taken) const {
  std::vector<const ContactFacts*> found;
  const auto posting = key.empty() ? postings_.end() : postings_.find(key);
  if (posting == postings_.end()) return found;
  for (const std::string& id : posting->second)
    if (!taken(id)) found.push_back(&entries_.at(id));
  return found;
}

std::vector<std::string> ContactIndex::values_of(const ContactFacts& facts) {
  std::vector<std::string> values;
  if (std::string key = email_key(facts); !key.empty()) values.push_back(std::move(key));
  if (const std::string line = telephone_line(facts.phone); !line.empty()) values.push_back("t" + line);
  return values;
}

std::string ContactIndex::name_of(const ContactFacts& facts) {
  return plain_words(facts.first_name + " " + facts.last_name);
}

ObjectMatch ContactIndex::find(const ContactFacts& record, const std::function<bool(const std::string& id)>& taken,
                               const OthersTold& others) const {
  const auto told = [&](const std::string& key) { return others && !key.empty() ? others(key) : std::size_t{0}; };
  const bool is_named = !name_of(record).empty();
  std::vector<const ContactFacts*> here, elsewhere, same;
  for (const ContactFacts* each : look(email_key(record), taken))
    (each->company == record.company ? here : elsewhere).push_back(each);
  for (const ContactFacts* each : here)
    if (same_name(record, *each)) same.push_back(each);
  const std::size_t readers = std::max(here.size() + (same.empty() ? 1 : 0), told(email_key(record)) + 1);
  if (same.size() == 1 && (is_named || readers == 1))
    return made(kLink, *same.front(), "the e-mail address is the same, and the name fits");
  if (same.size() > 1)
    return made(kPropose, *same.front(),
                "the e-mail address is that of " + std::to_string(same.size()) + " contacts of this company");
  const auto by_phone = look(phone_key(record), taken);
  std::vector<const ContactFacts*> same_phone;
  for (const ContactFacts* each : by_phone)
    if (is_named && same_name(record, *each) && (each->email.empty() || record.email.empty()))
      same_phone.push_back(each);
  if (same_phone.size() == 1) return made(kLink, *same_phone.front(), "telephone number and name are the same");
  const auto named = look(name_key(record), taken);
  if (named.size() == 1 && (named.front()->email.empty() || record.email.empty()))
    return made(kLink, *named.front(), "the name is the same, at the same company");
  // What remains is not sure. A mailbox or a line that many share is no reason to ask.
  if (!here.empty() && readers <= kFewCarriers)
    return made(kPropose, *here.front(), "the e-mail address is the same, the name is not: several may read it");
  const std::size_t callers = std::max(by_phone.size() + 1, told("t" + telephone_line(record.phone)) + 1);
  for (const ContactFacts* each : by_phone)
    if (callers <= kFewCarriers && plain_words(each->last_name) == plain_words(record.last_name))
      return made(kPropose, *each, "telephone number and last name are the same, the rest is not");
  if (!named.empty()) return made(kPropose, *named.front(), "the name is the same, the e-mail address is not");
  if (!elsewhere.empty() && readers <= kFewCarriers)
    return made(kPropose, *elsewhere.front(), "the e-mail address is that of a contact of another company");
  return {};
}

}  // namespace crosswalk::matching
