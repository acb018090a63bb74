#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "matching/normalize.h"

namespace crosswalk::matching {

/// What is known of an organization, on either side.
struct CompanyFacts {
  std::string id;  ///< in the PSA; of a record: the company that the vendor says it is, or empty
  std::string name;
  std::string identifier;              ///< ConnectWise's short name, or what the product has for it
  std::vector<std::string> addresses;  ///< web and e-mail addresses
  std::vector<std::string> phones;
  std::string street, city, state, zip;
  std::string status{}, types{};      ///< of a company of the PSA: in words
  std::vector<std::string> shared{};  ///< of a record: which of its values others of the product carry too
};

/// One argument for (or against) two being the same, in words.
struct Reason {
  std::string text;
  int points = 0;
};

/// A company that may be the customer. 100 is certain; see decide() for what follows from a score.
struct Candidate {
  std::string id, name;
  std::string identifier{}, city{}, status{}, types{}, website{};  ///< what tells it from its namesakes
  int score = 0;
  int points = 0;  ///< the sum of the reasons, above what a score can be: tells how far two candidates are apart
  std::vector<Reason> reasons{};
};

/// The companies of one PSA, prepared for finding. Built once for many records; finding costs what the likely ones
/// cost, not what all of them would.
class CompanyIndex {
 public:
  explicit CompanyIndex(std::span<const CompanyFacts> companies);

  /// Companies with a score of at least `score_min`, best first, then by id; at most `count_max`.
  [[nodiscard]] std::vector<Candidate> find(const CompanyFacts& record, int score_min, std::size_t count_max) const;
  [[nodiscard]] std::size_t size() const { return entries_.size(); }
  /// Keys of what the facts may share with other organizations: domains and telephone lines.
  [[nodiscard]] static std::vector<std::string> values_of(const CompanyFacts& facts);

 private:
  struct Prepared {
    CompanyFacts facts;
    CompanyName name;
    std::vector<std::string> joined;  ///< cores without blanks
    std::vector<std::string> domains, lines;
    std::string identifier, street, city, state, zip;
  };
  static Prepared prepare(const CompanyFacts& facts);
  [[nodiscard]] std::vector<std::uint32_t> likely(const Prepared& record) const;
  [[nodiscard]] Candidate judge(const Prepared& record, const Prepared& company) const;
  [[nodiscard]] Reason compare_names(const Prepared& record, const Prepared& company) const;
  [[nodiscard]] double weight(const std::string& word) const;
  [[nodiscard]] bool is_shared(const std::string& key) const;
  [[nodiscard]] static bool is_told_twice(const Prepared& record, const std::string& key);
  void post(const std::string& key, std::uint32_t entry);

  std::vector<Prepared> entries_;
  std::unordered_map<std::string, std::vector<std::uint32_t>> postings_;  ///< what can be looked up -> entries
  std::unordered_map<std::string, std::uint32_t> words_;                  ///< in how many names a word stands
};

/// A company that nothing was compared with yet.
[[nodiscard]] Candidate named(const CompanyFacts& company);

/// The name with what tells it from its namesakes: "Nova Retail (NovaRetail2, Troy, Prospect, Active, nova.example)".
[[nodiscard]] std::string in_words(const Candidate& candidate);

/// Why a company does not look like a customer by what its status and types are called ("Inactive", "Former Client",
/// "Prospect"); empty: it does. For partners whose mapping does not say which count.
[[nodiscard]] std::string unlike_a_customer(std::string_view status, std::string_view types);

/// When a partner lets Crosswalk link by itself.
struct MatchPolicy {
  int link_at = 90;           ///< and above: linked, when nothing else comes near
  int propose_at = 60;        ///< and above: shown to a person
  int ambiguous_within = 10;  ///< points that the second best must stay behind the best
};

struct Match {
  enum class Verdict { link, propose, none };
  Verdict verdict = Verdict::none;
  std::vector<Candidate> candidates;  ///< best first; of `link` the first is meant
  std::string why;
};

/// What becomes of a record. `taken`: whether another record is linked to this company already, which a person must
/// allow.
[[nodiscard]] Match decide(const CompanyIndex& index, const CompanyFacts& record, const MatchPolicy& policy,
                           const std::function<bool(const std::string& id)>& taken);

}  // namespace crosswalk::matching
