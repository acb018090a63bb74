#include "matching/companies.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "matching/similarity.h"

namespace crosswalk::matching {
namespace {

// Points of each argument. A name alone reaches 90 when it is the same; what contradicts it takes it below.
constexpr int kCertain = 100;
constexpr int kSameIdentifier = 92, kSameName = 90, kSameNameJoined = 90, kSameAlias = 84, kSimilarNameMost = 80;
constexpr int kSameDomain = 40, kSharedDomain = 15, kSameLine = 25, kSharedLine = 10, kSameStreet = 20;
constexpr int kSameZip = 6, kSameCity = 4;
constexpr int kOtherDomain = -12, kOtherCity = -14, kOtherState = -4, kOtherForm = -6;
/// Without any likeness of the names, whatever else agrees: a person looks.
constexpr int kOtherNameMost = 85, kOtherNameBonus = 20;
/// Short of certain: only an id is.
constexpr int kScoreMost = 99;
/// Likeness of names from which on it counts, and at which it counts in full.
constexpr double kLikenessMin = 0.55, kLikenessFull = 0.95;
/// Of a name that holds all words of the other: worth a person's look, and no more.
constexpr double kLikenessContained = 0.86;
/// A word, a telephone line or a domain that this many companies have is not looked up: it tells nothing.
constexpr std::size_t kPostingsMax = 200;
constexpr std::size_t kSlipLettersMin = 4;

std::string join(const std::vector<std::string>& words, std::string_view between = "") {
  std::string out;
  for (const std::string& word : words) out.append(out.empty() ? "" : between).append(word);
  return out;
}

/// Whether the first name is the other and more; one word alone is too little to tell.
bool contains(const std::vector<std::string>& whole, const std::vector<std::string>& part) {
  constexpr std::size_t kWordsMin = 2;
  return part.size() >= kWordsMin && std::all_of(part.begin(), part.end(), [&](const std::string& word) {
           return std::find(whole.begin(), whole.end(), word) != whole.end();
         });
}

void add_once(std::vector<std::string>& list, std::string value) {
  if (!value.empty() && std::find(list.begin(), list.end(), value) == list.end()) list.push_back(std::move(value));
}

const std::string* common(const std::vector<std::string>& left, const std::vector<std::string>& right) {
  for (const std::string& each : left)
    if (std::find(right.begin(), right.end(), each) != right.end()) return &each;
  return nullptr;
}

/// The word with each of its letters left out once: two words one slip apart share one of these.
template <class Take>
void each_slip(const std::string& word, Take&& take) {
  take(word);
  if (word.size() < kSlipLettersMin) return;
  for (std::size_t i = 0; i < word.size(); ++i) take(word.substr(0, i) + word.substr(i + 1));
}

}  // namespace

CompanyIndex::Prepared CompanyIndex::prepare(const CompanyFacts& facts) {
  Prepared out;
  out.facts = facts;
  out.name = take_apart(facts.name);
  for (const auto& core : out.name.cores) out.joined.push_back(join(core));
  for (const std::string& each : facts.addresses) add_once(out.domains, organization_domain(each));
  for (const std::string& each : facts.phones) add_once(out.lines, telephone_line(each));
  out.identifier = plain_words(facts.identifier);
  out.street = street_line(facts.street);
  out.city = plain_words(facts.city);
  out.state = plain_words(facts.state);
  out.zip = postal_code(facts.zip);
  return out;
}

void CompanyIndex::post(const std::string& key, std::uint32_t entry) {
  std::vector<std::uint32_t>& list = postings_[key];
  if (list.empty() || list.back() != entry) list.push_back(entry);
}

CompanyIndex::CompanyIndex(std::span<const CompanyFacts> companies) {
  entries_.reserve(companies.size());
  for (const CompanyFacts& company : companies) {
    const auto number = static_cast<std::uint32_t>(entries_.size());
    const Prepared& entry = entries_.emplace_back(prepare(company));
    post("i:" + entry.facts.id, number);
    if (!entry.identifier.empty()) post("n:" + entry.identifier, number);
    for (const std::string& each : entry.joined)
      each_slip(each, [&](const std::string& key) { post("j:" + key, number); });
    for (const auto& core : entry.name.cores)
      for (const std::string& word : core) {
        each_slip(word, [&](const std::string& key) { post("w:" + key, number); });
        ++words_[word];
      }
    for (const std::string& each : entry.domains) post("d:" + each, number);
    for (const std::string& each : entry.lines) post("t:" + each, number);
    if (!entry.street.empty()) post("s:" + entry.street + "/" + entry.zip, number);
  }
}

double CompanyIndex::weight(const std::string& word) const {
  const auto found = words_.find(word);
  const double seen = found == words_.end() ? 0 : found->second;
  return std::log((static_cast<double>(entries_.size()) + 10) / (seen + 1)) + 0.2;
}

bool CompanyIndex::is_shared(const std::string& key) const {
  const auto found = postings_.find(key);
  return found != postings_.end() && found->second.size() > 1;
}

bool CompanyIndex::is_told_twice(const Prepared& record, const std::string& key) {
  return std::ranges::find(record.facts.shared, key) != record.facts.shared.end();
}

std::vector<std::string> CompanyIndex::values_of(const CompanyFacts& facts) {
  std::vector<std::string> values;
  for (const std::string& each : facts.addresses)
    if (const std::string domain = organization_domain(each); !domain.empty()) add_once(values, "d:" + domain);
  for (const std::string& each : facts.phones)
    if (const std::string line = telephone_line(each); !line.empty()) add_once(values, "t:" + line);
  return values;
}

std::vector<std::uint32_t> CompanyIndex::likely(const Prepared& record) const {
  std::vector<std::uint32_t> numbers;
  const auto look = [&](const std::string& key, bool whatever_many = false) {
    const auto found = postings_.find(key);
    if (found == postings_.end() || (!whatever_many && found->second.size() > kPostingsMax)) return;
    numbers.insert(numbers.end(), found->second.begin(), found->second.end());
  };
  if (!record.facts.id.empty()) look("i:" + record.facts.id);
  if (!record.identifier.empty()) look("n:" + record.identifier);
  for (const std::string& each : record.joined) {
    look("j:" + each, true);
    each_slip(each, [&](const std::string& key) { look("j:" + key); });
  }
  for (const auto& core : record.name.cores)
    for (const std::string& word : core) each_slip(word, [&](const std::string& key) { look("w:" + key); });
  for (const std::string& each : record.domains) look("d:" + each);
  for (const std::string& each : record.lines) look("t:" + each);
  if (!record.street.empty()) look("s:" + record.street + "/" + record.zip);
  std::sort(numbers.begin(), numbers.end());
  numbers.erase(std::unique(numbers.begin(), numbers.end()), numbers.end());
  return numbers;
}

Reason CompanyIndex::compare_names(const Prepared& record, const Prepared& company) const {
  if (record.name.empty() || company.name.empty()) return {};
  const std::string words = join(record.name.core, " ");
  if (record.name.core == company.name.core) return {"the names are the same", kSameName};
  if (record.joined.front() == company.joined.front())
    return {"the names are the same but for blanks", kSameNameJoined};
  double likeness = 0;
  for (std::size_t i = 0; i < record.name.cores.size(); ++i)
    for (std::size_t k = 0; k < company.name.cores.size(); ++k) {
      const auto& left = record.name.cores[i];
      const auto& right = company.name.cores[k];
      if (left == right) return {fmt::format("both go by \"{}\"", join(left, " ")), kSameAlias};
      const double shared = word_similarity(left, right, [this](const std::string& word) { return weight(word); });
      if (contains(left, right) || contains(right, left)) likeness = std::max(likeness, kLikenessContained);
      likeness = std::max({likeness, shared, 0.95 * trigram_similarity(record.joined[i], company.joined[k])});
    }
  const double share = std::clamp((likeness - kLikenessMin) / (kLikenessFull - kLikenessMin), 0.0, 1.0);
  const int points = static_cast<int>(std::lround(share * kSimilarNameMost));
  if (points == 0) return {};
  return {fmt::format("the names are alike ({} %)", std::lround(likeness * 100)), points};
}

Candidate named(const CompanyFacts& company) {
  return {.id = company.id,
          .name = company.name,
          .identifier = company.identifier,
          .city = company.city,
          .status = company.status,
          .types = company.types,
          .website = company.addresses.empty() ? std::string() : company.addresses.front()};
}

Candidate CompanyIndex::judge(const Prepared& record, const Prepared& company) const {
  Candidate out = named(company.facts);
  const auto add = [&out](std::string text, int points) {
    if (points != 0) out.reasons.push_back({std::move(text), points});
  };
  if (!record.facts.id.empty() && record.facts.id == company.facts.id) {
    out.score = kCertain;
    out.points = kCertain + kScoreMost;
    add("the product names this company by its id", kCertain);
    return out;
  }
  Reason name = compare_names(record, company);
  const bool same_identifier = !record.identifier.empty() && record.identifier == company.identifier;
  if (same_identifier && name.points < kSameIdentifier)
    name = {"the ConnectWise identifier is the same", kSameIdentifier};
  const bool has_name = name.points > 0;
  const bool same_name = name.points >= kSameAlias;
  add(std::move(name.text), name.points);
  if (same_name && !same_identifier && !record.name.forms.empty() && !company.name.forms.empty() &&
      record.name.forms != company.name.forms)
    add("the legal forms differ", kOtherForm);
  int evidence = 0;
  const auto support = [&](std::string text, int points) {
    evidence += points;
    add(std::move(text), points);
  };
  if (const std::string* domain = common(record.domains, company.domains))
    support("the domain " + *domain + " is the same",
            is_shared("d:" + *domain) || is_told_twice(record, "d:" + *domain) ? kSharedDomain : kSameDomain);
  else if (!record.domains.empty() && !company.domains.empty())
    add(fmt::format("the domains differ ({}, {})", record.domains.front(), company.domains.front()), kOtherDomain);
  if (const std::string* line = common(record.lines, company.lines))
    support("the telephone number is the same",
            is_shared("t:" + *line) || is_told_twice(record, "t:" + *line) ? kSharedLine : kSameLine);
  const bool zips = !record.zip.empty() && !company.zip.empty();
  const bool cities = !record.city.empty() && !company.city.empty();
  const bool same_place = (zips && record.zip == company.zip) || (cities && record.city == company.city);
  if (!record.street.empty() && record.street == company.street && same_place)
    support("the street is the same", kSameStreet);
  if (zips && record.zip == company.zip) support("the postal code is the same", kSameZip);
  if (cities && record.city == company.city) support("the city is the same", kSameCity);
  if (cities && !same_place)
    add(fmt::format("the cities differ ({}, {})", record.facts.city, company.facts.city), kOtherCity);
  if (!same_place && !record.state.empty() && !company.state.empty() && record.state != company.state)
    add("the states differ", kOtherState);
  if (!has_name && evidence > 0) add("the names do not resemble each other, so a person should look", kOtherNameBonus);
  for (const Reason& reason : out.reasons) out.points += reason.points;
  if (!has_name) out.points = std::min(out.points, kOtherNameMost);
  out.score = std::clamp(out.points, 0, kScoreMost);
  return out;
}

std::vector<Candidate> CompanyIndex::find(const CompanyFacts& facts, int score_min, std::size_t count_max) const {
  const Prepared record = prepare(facts);
  std::vector<Candidate> found;
  for (const std::uint32_t number : likely(record)) {
    Candidate candidate = judge(record, entries_[number]);
    if (candidate.score >= score_min) found.push_back(std::move(candidate));
  }
  std::sort(found.begin(), found.end(), [](const Candidate& left, const Candidate& right) {
    if (left.points != right.points) return left.points > right.points;
    return left.id.size() != right.id.size() ? left.id.size() < right.id.size() : left.id < right.id;
  });
  if (found.size() > count_max) found.resize(count_max);
  return found;
}

std::string unlike_a_customer(std::string_view status, std::string_view types) {
  constexpr std::array<std::string_view, 16> kEnded{
      "inactive", "former", "ex",       "terminated", "cancelled",   "canceled",   "closed", "lost",
      "churned",  "dead",   "archived", "left",       "deactivated", "offboarded", "not",    "disabled"};
  constexpr std::array<std::string_view, 7> kNever{"prospect", "prospects", "lead",    "leads",
                                                   "suspect",  "vendor",    "supplier"};
  const auto has = [](std::string_view name, std::span<const std::string_view> words) {
    const std::string plain = " " + plain_words(name) + " ";
    return std::ranges::any_of(
        words, [&](std::string_view word) { return plain.find(fmt::format(" {} ", word)) != std::string::npos; });
  };
  if (has(status, kEnded)) return fmt::format("its status is {}", status);
  // Of several types one that is a customer's is enough.
  bool any = false;
  for (std::size_t begin = 0; begin < types.size();) {
    const std::size_t end = std::min(types.find(',', begin), types.size());
    const std::string_view each = types.substr(begin, end - begin);
    if (!has(each, kEnded) && !has(each, kNever)) return {};
    any = true;
    begin = end + 1;
  }
  return any ? fmt::format("its type is {}", types) : std::string();
}

std::string in_words(const Candidate& candidate) {
  std::string words;
  for (const std::string* each :
       {&candidate.identifier, &candidate.city, &candidate.types, &candidate.status, &candidate.website})
    if (!each->empty()) words += (words.empty() ? "" : ", ") + *each;
  return words.empty() ? candidate.name : candidate.name + " (" + words + ")";
}

Match decide(const CompanyIndex& index, const CompanyFacts& record, const MatchPolicy& policy,
             const std::function<bool(const std::string& id)>& taken) {
  constexpr std::size_t kShown = 5;
  Match match;
  match.candidates =
      index.find(record, std::min(policy.propose_at, policy.link_at - policy.ambiguous_within + 1), kShown);
  if (match.candidates.empty()) {
    match.why = "No company resembles it.";
    return match;
  }
  const Candidate& best = match.candidates.front();
  const Candidate* second = match.candidates.size() > 1 ? &match.candidates[1] : nullptr;
  const bool near =
      second != nullptr && best.score < kCertain && best.points - second->points < policy.ambiguous_within;
  if (best.score >= policy.link_at && !near && !taken(best.id)) {
    match.verdict = Match::Verdict::link;
    match.why = fmt::format("{} scores {} of 100, and nothing else comes near.", best.name, best.score);
    return match;
  }
  match.verdict = best.score >= policy.propose_at ? Match::Verdict::propose : Match::Verdict::none;
  if (near)
    match.why = fmt::format("{} and {} are too close to tell ({} and {} of 100).", in_words(best), in_words(*second),
                            best.score, second->score);
  else if (best.score >= policy.link_at)
    match.why =
        fmt::format("{} scores {} of 100, but another customer is linked to it already.", best.name, best.score);
  else
    match.why =
        fmt::format("{} scores {} of 100; from {} on it is linked by itself.", best.name, best.score, policy.link_at);
  return match;
}

}  // namespace crosswalk::matching
