#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace crosswalk::matching {

/// A company's name, taken apart for comparison. Words are lower-case ASCII: accents, ligatures and other scripts are
/// transliterated (ICU), punctuation separates, "&" is "and".
struct CompanyName {
  std::vector<std::string> words;               ///< all of them
  std::vector<std::string> core;                ///< without legal forms and a leading "the"
  std::vector<std::vector<std::string>> cores;  ///< `core`, then those of what it trades as (d/b/a, t/a, in brackets)
  std::vector<std::string> forms;               ///< legal forms found, in one spelling: "limited" for "Ltd."

  [[nodiscard]] bool empty() const { return core.empty(); }
};
[[nodiscard]] CompanyName take_apart(std::string_view name);

/// Lower-case ASCII of any text, words divided by single blanks.
[[nodiscard]] std::string plain_words(std::string_view text);

/// The domain that tells an organization: of a web address, or of an e-mail address, without "www." and below a public
/// suffix ("mail.contoso.co.uk" is contoso.co.uk). Empty where there is none, and for providers of mail for everybody.
[[nodiscard]] std::string organization_domain(std::string_view address);

/// The digits that tell a telephone line: country prefixes, trunk zeros, extensions and punctuation do not count. Empty
/// when there are too few to tell one line from another.
[[nodiscard]] std::string telephone_line(std::string_view text);

/// A street line with its common abbreviations written out: "12 n main st." is "12 north main street".
[[nodiscard]] std::string street_line(std::string_view text);

/// Letters and digits of a postal code; of US ones the first five.
[[nodiscard]] std::string postal_code(std::string_view text);

}  // namespace crosswalk::matching
