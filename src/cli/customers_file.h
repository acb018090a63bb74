#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "cli/json.h"

namespace crosswalk::cli {

// Customers and their companies as a table that people fill in: CSV with a header, one customer a line.

/// CustomerMatches' customers as such a table. Only what needs nobody's word has its company_id filled in: mapped
/// customers and those that are sure. What is proposed is told in words, so that a table that nobody has looked at maps
/// no look-alike.
[[nodiscard]] std::string write_customers_file(const json::array& customers);

/// What a line of the table wants.
struct CustomerLine {
  enum class Wish { leave, exclude, map };
  std::size_t line = 0;
  std::string customer;
  Wish wish = Wish::leave;
  std::string company, company_name;  ///< of `map`: its id, and its name where the table has one
};

struct CustomersFile {
  std::vector<CustomerLine> lines;
  json::array problems;  ///< MappingProblems, all of them; the pointer is "line 3"
};
[[nodiscard]] CustomersFile read_customers_file(std::string_view text);

/// What becomes of one customer of a mapping.
struct CustomerChange {
  enum class Kind { added, changed, excluded, unchanged, left_alone };
  Kind kind = Kind::unchanged;
  const CustomerLine* line = nullptr;
  std::string before, after;  ///< "252 Acme Dental", "excluded", or "" where nothing was decided
};
[[nodiscard]] const char* to_string(CustomerChange::Kind kind);

/// Whether the document becomes another by it.
[[nodiscard]] bool is_write(const CustomerChange& change);

/// Compares the lines with the mapping's document. The changes point into `lines`.
[[nodiscard]] std::vector<CustomerChange> compare_customers(const std::vector<CustomerLine>& lines,
                                                            const json::object& document);

/// Company -> customer, of those that the document maps and does not exclude.
[[nodiscard]] std::multimap<std::string, std::string> mapped_companies(const json::object& document);

/// One problem for each change that gives a customer a company that another one has.
[[nodiscard]] json::array find_shared_companies(const std::vector<CustomerChange>& changes,
                                                const json::object& document);

/// Puts the changes into the document. A customer's other settings stay.
void apply_changes(const std::vector<CustomerChange>& changes, json::object& document);

/// [{customer, change, before, after}], for --json.
[[nodiscard]] json::array to_json(const std::vector<CustomerChange>& changes);

/// Whether somebody has decided already what this customer is: mapped or excluded.
[[nodiscard]] bool is_decided(const json::object& document, const std::string& customer);

/// "252 Acme Dental" of a reference: the id first, for it must stay when a terminal is narrow.
[[nodiscard]] std::string company_words(const json::object& company);
/// What tells a candidate from its namesakes: "NovaRetail2, Troy, Prospect, Active, nova.example".
[[nodiscard]] std::string telling_words(const json::object& candidate);
/// What speaks for and against a candidate, in one line.
[[nodiscard]] std::string reason_words(const json::object& candidate);

}  // namespace crosswalk::cli
