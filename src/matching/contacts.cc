#include "matching/contacts.h"

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

ObjectMatch ContactIndex::find(const ContactFacts& record,
                               const std::function<bool(const std::string& id)>& taken) const {
  std::vector<const ContactFacts*> here, elsewhere;
  for (const ContactFacts* each : look(email_key(record), taken))
    (each->company == record.company ? here : elsewhere).push_back(each);
  if (here.size() == 1) return made(kLink, *here.front(), "the e-mail address is the same");
  if (here.size() > 1)
    return made(kPropose, *here.front(),
                "the e-mail address is that of " + std::to_string(here.size()) + " contacts of this company");
  for (const ContactFacts* each : look(phone_key(record), taken)) {
    const bool same_name = plain_words(each->last_name) == plain_words(record.last_name);
    if (same_name && (each->email.empty() || record.email.empty()))
      return made(kLink, *each, "telephone number and last name are the same");
    if (same_name)
      return made(kPropose, *each, "telephone number and last name are the same, the e-mail address is not");
  }
  const auto named = look(name_key(record), taken);
  if (named.size() == 1 && (named.front()->email.empty() || record.email.empty()))
    return made(kLink, *named.front(), "the name is the same, at the same company");
  if (!named.empty()) return made(kPropose, *named.front(), "the name is the same, the e-mail address is not");
  if (!elsewhere.empty())
    return made(kPropose, *elsewhere.front(), "the e-mail address is that of a contact of another company");
  return {};
}

}  // namespace crosswalk::matching
