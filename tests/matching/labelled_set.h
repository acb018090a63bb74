#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "matching/companies.h"

namespace crosswalk::matching {

/// A customer as the product knows it, and the company that it truly is ("" when the PSA has none).
struct LabelledRecord {
  CompanyFacts facts;
  std::string company;
  std::string kind;  ///< what was done to it: "misspelt", "trades as", ...
};

/// The companies of one MSP and its customers in a product, as people type them.
struct LabelledSet {
  std::vector<CompanyFacts> companies;
  std::vector<LabelledRecord> records;
};

/// The same for the same seed. Names are made of real-life parts; a few companies have the same name in two cities.
[[nodiscard]] LabelledSet make_labelled_set(std::uint64_t seed, std::size_t companies, std::size_t records);

/// How well decide() does on a set at the automatic threshold.
struct Quality {
  int links = 0, right = 0, known = 0, proposed_right = 0;
  [[nodiscard]] double precision() const { return links == 0 ? 1 : static_cast<double>(right) / links; }
  [[nodiscard]] double recall() const { return known == 0 ? 1 : static_cast<double>(right) / known; }
  /// Linked, or proposed with the right one first.
  [[nodiscard]] double found() const { return known == 0 ? 1 : static_cast<double>(right + proposed_right) / known; }
  std::vector<std::string> wrong;   ///< in words
  std::vector<std::string> missed;  ///< in words
};
[[nodiscard]] Quality measure(const LabelledSet& set, const MatchPolicy& policy);

}  // namespace crosswalk::matching
