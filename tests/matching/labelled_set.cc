#include "matching/labelled_set.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <random>
#include <string_view>
#include <unordered_map>

namespace crosswalk::matching {
namespace {

constexpr std::string_view kSurnames[] = {
    "Miller",    "O'Brien",  "García",    "Nguyen",      "Johansson",  "Schmidt",    "Müller",    "Kowalski",
    "Rossi",     "Patel",    "Thompson",  "Whitaker",    "Castellano", "Brightwell", "Okafor",    "Lindqvist",
    "Delacroix", "Petrov",   "Hernández", "McAllister",  "Fairbanks",  "Goldstein",  "Yamamoto",  "Andersen",
    "Kaplan",    "Winthrop", "Sørensen",  "Baumgartner", "Fitzgerald", "Abernathy",  "Caldwell",  "Novak",
    "Rasmussen", "Silva",    "Donovan",   "Hartley",     "Pemberton",  "Lombardi",   "Vance",     "Stratton",
    "Ellsworth", "Kessler",  "Moreau",    "Ibarra",      "Quinn",      "Townsend",   "Blackwood", "Sinclair",
    "Marchetti", "Holloway", "Dubois",    "Ferreira",    "Ashworth",   "Keller"};
constexpr std::string_view kPlaces[] = {
    "Riverside", "Lakewood",    "Summit",   "Cedar Valley", "Harbor Point", "Oak Hill", "Northgate",  "Bayview",
    "Millbrook", "Stonebridge", "Fairview", "Westfield",    "Pinecrest",    "Eastport", "Clearwater", "Highland",
    "Granite",   "Maple Grove", "Redwood",  "Silver Creek", "Prairie",      "Canyon",   "Tidewater",  "Blue Ridge"};
constexpr std::string_view kTrades[] = {"Dental Group",
                                        "Family Dentistry",
                                        "Orthopedic Associates",
                                        "Law Offices",
                                        "Accounting Services",
                                        "Insurance Agency",
                                        "Construction",
                                        "Plumbing and Heating",
                                        "Electric",
                                        "Manufacturing",
                                        "Machine Works",
                                        "Veterinary Clinic",
                                        "Animal Hospital",
                                        "Realty",
                                        "Property Management",
                                        "Logistics",
                                        "Transport",
                                        "Engineering Consultants",
                                        "Architects",
                                        "Design Studio",
                                        "Foods",
                                        "Bakery",
                                        "Brewing",
                                        "Auto Group",
                                        "Motors",
                                        "Financial Advisors",
                                        "Capital Partners",
                                        "Medical Center",
                                        "Pediatrics",
                                        "Physical Therapy",
                                        "Credit Union",
                                        "Charter School",
                                        "Academy",
                                        "Printing",
                                        "Packaging Solutions",
                                        "Landscaping",
                                        "Roofing",
                                        "Technologies",
                                        "Staffing",
                                        "Title Company"};
constexpr std::string_view kBrands[] = {
    "Northstar", "Bluefin", "Ironclad", "Everline", "Quantum", "Vertex", "Lumina", "Pinnacle", "Keystone", "Meridian",
    "Sapphire",  "Horizon", "Cobalt",   "Juniper",  "Beacon",  "Anchor", "Falcon", "Aurora",   "Titan",    "Evergreen"};
constexpr std::string_view kForms[] = {"Inc.", "LLC", "Ltd", "Corp.", "PC", "LLP", "Limited", "Incorporated", "Co."};
constexpr std::string_view kCities[] = {"Tampa", "Dayton",  "Boise", "Fresno", "Albany", "Mobile", "Salem",  "Reno",
                                        "Tulsa", "Lansing", "Macon", "Dover",  "Akron",  "Provo",  "Eugene", "Toledo"};
constexpr std::string_view kStates[] = {"FL", "OH", "ID", "CA", "NY", "AL", "OR", "NV",
                                        "OK", "MI", "GA", "DE", "OH", "UT", "OR", "OH"};
constexpr std::string_view kStreets[] = {"Main", "Oak", "Washington", "Market", "Elm", "Second", "Commerce", "Park"};
constexpr std::pair<std::string_view, std::string_view> kShort[] = {
    {"Services", "Svcs"},        {"Manufacturing", "Mfg"}, {"Associates", "Assoc."},
    {"Construction", "Constr."}, {"Management", "Mgmt"},   {"Center", "Ctr"},
    {"Technologies", "Tech"},    {"Company", "Co"},        {"Engineering", "Eng."}};

class Maker {
 public:
  explicit Maker(std::uint64_t seed) : random_(seed) {}

  LabelledSet make(std::size_t companies, std::size_t records) {
    for (std::size_t i = 0; i < companies; ++i) add_company();
    while (set_.records.size() < records) add_record();
    return std::move(set_);
  }

 private:
  template <class List>
  std::string pick(const List& list) {
    return std::string(list[std::uniform_int_distribution<std::size_t>(0, std::size(list) - 1)(random_)]);
  }
  int number(int least, int most) { return std::uniform_int_distribution<int>(least, most)(random_); }
  bool chance(double share) { return std::bernoulli_distribution(share)(random_); }

  std::string base_name() {
    const int kind = number(0, 9);
    if (kind <= 3) return pick(kSurnames) + " " + pick(kTrades);
    if (kind <= 5) return pick(kPlaces) + " " + pick(kTrades);
    if (kind == 6) return pick(kSurnames) + " & " + pick(kSurnames);
    if (kind == 7) return pick(kBrands) + " " + pick(kTrades);
    if (kind == 8) return pick(kSurnames) + " " + pick(kPlaces) + " " + pick(kTrades);
    return "The " + pick(kBrands) + " " + pick(kSurnames) + " Group";
  }

  /// "millerdental" of "Miller Dental Group": what such a company registers.
  std::string domain_of(const std::string& name) {
    const CompanyName parts = take_apart(name);
    std::string domain;
    const std::size_t words = std::min<std::size_t>(parts.core.size(), static_cast<std::size_t>(number(1, 3)));
    for (std::size_t i = 0; i < words; ++i) domain += parts.core[i];
    // Somebody else had the plain name: a number that makes it their own.
    if (chance(0.6) || words == 1) domain += std::to_string(number(1, 9999));
    return domain + (chance(0.85) ? ".com" : ".net");
  }

  void place(CompanyFacts& facts, std::size_t city) {
    facts.city = std::string(kCities[city]);
    facts.state = std::string(kStates[city]);
    facts.zip = fmt::format("{:05}", 10'000 + city * 997 + static_cast<std::size_t>(number(0, 40)));
    facts.street = fmt::format("{} {} Street", number(1, 9'800), pick(kStreets));
  }

  void add_company() {
    CompanyFacts facts;
    facts.id = std::to_string(250 + set_.companies.size());
    const bool namesake = !set_.companies.empty() && chance(0.02);
    const std::size_t city = static_cast<std::size_t>(number(0, static_cast<int>(std::size(kCities)) - 1));
    if (namesake) {
      // An unrelated company of the same name, elsewhere.
      const CompanyFacts& other =
          set_.companies[static_cast<std::size_t>(number(0, static_cast<int>(set_.companies.size()) - 1))];
      facts.name = other.name;
      place(facts, other.city == kCities[city] ? (city + 1) % std::size(kCities) : city);
    } else {
      facts.name = base_name();
      if (chance(0.6)) facts.name += " " + pick(kForms);
      place(facts, city);
    }
    truth_.push_back({domain_of(facts.name), fmt::format("({}) 555-{:04}", number(201, 989), number(0, 9'999))});
    if (chance(0.7)) facts.addresses.push_back("https://www." + truth_.back().domain + "/");
    if (chance(0.85)) facts.phones.push_back(truth_.back().phone);
    if (chance(0.1)) facts.street = facts.city = facts.state = facts.zip = "";
    by_name_.emplace(plain(facts.name), set_.companies.size());
    set_.companies.push_back(std::move(facts));
  }

  static std::string plain(const std::string& name) {
    std::string words;
    for (const std::string& word : take_apart(name).core) words += word + " ";
    return words;
  }

  std::string misspelt(std::string name) {
    const std::size_t at = name.find_first_of("aeiourntl", 1);
    if (at == std::string::npos || at + 1 >= name.size()) return name;
    switch (number(0, 3)) {
      case 0:
        name.erase(at, 1);
        break;
      case 1:
        std::swap(name[at], name[at + 1]);
        break;
      case 2:
        name.insert(at, 1, name[at]);
        break;
      default:
        name[at] = name[at] == 'e' ? 'a' : 'e';
    }
    return name;
  }

  static std::string without_form(const std::string& name) {
    for (const std::string_view form : kForms)
      if (name.ends_with(" " + std::string(form))) return name.substr(0, name.size() - form.size() - 1);
    return name;
  }

  std::string shortened(std::string name) {
    for (const auto& [whole, brief] : kShort)
      if (const std::size_t at = name.find(whole); at != std::string::npos)
        return name.replace(at, whole.size(), brief);
    return name;
  }

  std::string upper(std::string name) {
    for (char& c : name) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    return name;
  }

  /// The company's name as somebody else types it.
  std::string retyped(const CompanyFacts& company, std::string& kind) {
    std::string name = company.name;
    if (chance(0.5)) {
      name = without_form(name);
      if (chance(0.3)) name += " " + pick(kForms);
      kind = "another form";
    }
    if (const std::size_t at = name.find(" & "); at != std::string::npos && chance(0.5)) name.replace(at, 3, " and ");
    const double what = std::uniform_real_distribution<double>(0, 1)(random_);
    if (what < 0.08) {
      name = misspelt(name);
      kind = "misspelt";
    } else if (what < 0.12) {
      name = chance(0.5) ? name + " d/b/a " + pick(kBrands) + " " + pick(kTrades)
                         : pick(kBrands) + " Holdings LLC dba " + without_form(name);
      kind = "trades as";
    } else if (what < 0.17) {
      name = shortened(name);
      kind = "shortened";
    } else if (what < 0.20) {
      name = without_form(name);
      if (const std::size_t at = name.rfind(' '); at != std::string::npos && at > 6) name.erase(at);
      kind = "last word left out";
    } else if (what < 0.22) {
      name = pick(kBrands) + " " + pick(kPlaces) + " Holdings";
      kind = "merged and renamed";
    } else if (what < 0.24) {
      std::erase(name, ' ');
      kind = "no blanks";
    }
    if (chance(0.12)) name = upper(name);
    if (chance(0.05)) name = "The " + name;
    return name;
  }

  void add_record() {
    LabelledRecord record;
    record.kind = "as it is";
    if (chance(0.25)) {
      stranger(record);
    } else {
      const std::size_t index = static_cast<std::size_t>(number(0, static_cast<int>(set_.companies.size()) - 1));
      const CompanyFacts& company = set_.companies[index];
      record.company = company.id;
      record.facts.name = retyped(company, record.kind);
      details(record.facts, company, truth_[index]);
    }
    set_.records.push_back(std::move(record));
  }

  struct Truth {
    std::string domain, phone;
  };

  void details(CompanyFacts& facts, const CompanyFacts& company, const Truth& truth) {
    if (chance(0.8)) {
      facts.addresses.push_back(chance(0.5) ? "office@" + truth.domain : truth.domain);
      if (chance(0.04)) facts.addresses = {fmt::format("office{}@gmail.com", number(1, 99))};
      if (chance(0.02)) facts.addresses = {domain_of(facts.name)};
    }
    if (chance(0.65)) {
      std::string digits = truth.phone;
      std::erase_if(digits, [](char c) { return c < '0' || c > '9'; });
      facts.phones.push_back(chance(0.5) ? "+1" + digits : truth.phone + " ext. " + std::to_string(number(10, 99)));
      if (chance(0.08)) facts.phones = {fmt::format("({}) 555-{:04}", number(201, 989), number(0, 9'999))};
    }
    if (chance(0.65)) {
      facts.city = company.city;
      facts.state = company.state;
      facts.zip = company.zip;
      facts.street = company.street;
      if (chance(0.3)) facts.street = "";
      if (chance(0.04)) place(facts, static_cast<std::size_t>(number(0, static_cast<int>(std::size(kCities)) - 1)));
    }
  }

  /// A customer that the PSA does not have; often its name resembles one that it has.
  void stranger(LabelledRecord& record) {
    record.kind = "stranger";
    record.facts.name = base_name();
    const CompanyFacts& near =
        set_.companies[static_cast<std::size_t>(number(0, static_cast<int>(set_.companies.size()) - 1))];
    if (chance(0.3)) {
      // Same family or place, another trade.
      record.facts.name = near.name.substr(0, near.name.find(' ')) + " " + pick(kTrades);
    }
    std::vector<std::string> taken_cities;
    const auto namesakes = [&] {
      taken_cities.clear();
      bool known_places = true;
      const auto [begin, end] = by_name_.equal_range(plain(record.facts.name));
      for (auto each = begin; each != end; ++each) {
        taken_cities.push_back(set_.companies[each->second].city);
        known_places = known_places && !taken_cities.back().empty();
      }
      return !taken_cities.empty() && !known_places ? 2 : static_cast<int>(!taken_cities.empty());
    };
    // A namesake is rare in life, and without a place on both sides nobody could tell it.
    for (int found = namesakes(); found == 2 || (found == 1 && !chance(0.1)); found = namesakes())
      record.facts.name = base_name();
    const bool must_tell = !taken_cities.empty();
    if (must_tell || chance(0.8)) record.facts.addresses.push_back(domain_of(record.facts.name));
    if (chance(0.65)) record.facts.phones.push_back(fmt::format("({}) 555-{:04}", number(201, 989), number(0, 9'999)));
    std::size_t city = static_cast<std::size_t>(number(0, static_cast<int>(std::size(kCities)) - 1));
    while (std::find(taken_cities.begin(), taken_cities.end(), kCities[city]) != taken_cities.end())
      city = (city + 1) % std::size(kCities);
    if (must_tell || chance(0.65)) place(record.facts, city);
  }

  std::mt19937_64 random_;
  LabelledSet set_;
  std::vector<Truth> truth_;
  std::unordered_multimap<std::string, std::size_t> by_name_;  ///< companies by their plain names
};

}  // namespace

LabelledSet make_labelled_set(std::uint64_t seed, std::size_t companies, std::size_t records) {
  return Maker(seed).make(companies, records);
}

Quality measure(const LabelledSet& set, const MatchPolicy& policy) {
  const CompanyIndex index(set.companies);
  Quality quality;
  for (const LabelledRecord& record : set.records) {
    const Match match = decide(index, record.facts, policy, [](const std::string&) { return false; });
    const bool right = !match.candidates.empty() && match.candidates.front().id == record.company;
    if (!record.company.empty()) ++quality.known;
    std::string words = fmt::format("{}: \"{}\" ({}, {}) -> ", record.kind, record.facts.name, record.facts.city,
                                    record.facts.addresses.empty() ? "" : record.facts.addresses.front());
    for (const Candidate& each : match.candidates) {
      words += fmt::format("\"{}\" {} [", each.name, each.score);
      for (const Reason& reason : each.reasons) words += fmt::format("{} {:+}; ", reason.text, reason.points);
      words += "] ";
    }
    if (match.verdict == Match::Verdict::link) {
      ++quality.links;
      if (right)
        ++quality.right;
      else
        quality.wrong.push_back(words);
      continue;
    }
    if (match.verdict == Match::Verdict::propose && right) ++quality.proposed_right;
    if (!record.company.empty()) quality.missed.push_back(words);
  }
  return quality;
}

}  // namespace crosswalk::matching
