#include "matching/normalize.h"

#include <unicode/translit.h>
#include <unicode/unistr.h>

#include <algorithm>
#include <array>
#include <memory>
#include <stdexcept>
#include <unordered_map>
#include <unordered_set>

namespace crosswalk::matching {
namespace {

/// A telephone number with fewer digits may be an extension or a short code of many.
constexpr std::size_t kLineDigitsMin = 7;
/// The last digits tell a line within a country; what stands before them is written in too many ways.
constexpr std::size_t kLineDigits = 9;

bool is_ascii(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

/// Transliterated to ASCII; ICU's object is costly to make and not to be shared between threads while it works.
std::string to_ascii(std::string_view text) {
  if (is_ascii(text)) return std::string(text);
  thread_local const std::unique_ptr<icu::Transliterator> transliterator = [] {
    UErrorCode status = U_ZERO_ERROR;
    std::unique_ptr<icu::Transliterator> made(
        icu::Transliterator::createInstance("NFKC; Any-Latin; Latin-ASCII; [:^ASCII:] Remove", UTRANS_FORWARD, status));
    if (U_FAILURE(status)) throw std::runtime_error("ICU has no transliterator to ASCII");
    return made;
  }();
  icu::UnicodeString unicode =
      icu::UnicodeString::fromUTF8(icu::StringPiece(text.data(), static_cast<std::int32_t>(text.size())));
  transliterator->transliterate(unicode);
  std::string out;
  unicode.toUTF8String(out);
  return out;
}

bool is_word_character(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

/// Initials that were written apart: "A B C Corp" is "ABC Corp".
std::vector<std::string> join_initials(std::vector<std::string> words) {
  std::vector<std::string> joined;
  for (std::size_t i = 0; i < words.size();) {
    std::string initials;
    std::size_t k = i;
    for (; k < words.size() && words[k].size() == 1 && words[k][0] >= 'a'; ++k) initials += words[k];
    if (k - i >= 2) {
      joined.push_back(std::move(initials));
      i = k;
    } else {
      joined.push_back(std::move(words[i++]));
    }
  }
  return joined;
}

std::vector<std::string> split_words(std::string_view text) {
  std::vector<std::string> words;
  std::string word;
  std::size_t letters = 0;  // since the word's last point
  const auto end = [&] {
    if (!word.empty()) words.push_back(std::move(word));
    word.clear();
    letters = 0;
  };
  for (const char each : to_ascii(text)) {
    const char c = lower(each);
    if (is_word_character(c)) {
      word += c;
      ++letters;
    } else if (c == '.' && letters == 1) {
      letters = 0;  // "L.L.C." is one word, "contoso.com" is two
    } else if (c != '\'') {
      end();
      if (c == '&' || c == '+') words.emplace_back("and");
    }
  }
  end();
  return join_initials(std::move(words));
}

/// Legal forms in one spelling each. What is also an ordinary word ("group", "services") is none.
const std::unordered_map<std::string_view, std::string_view>& legal_forms() {
  static const std::unordered_map<std::string_view, std::string_view> kForms{{"inc", "incorporated"},
                                                                             {"incorporated", "incorporated"},
                                                                             {"corp", "corporation"},
                                                                             {"corporation", "corporation"},
                                                                             {"co", "company"},
                                                                             {"company", "company"},
                                                                             {"cie", "company"},
                                                                             {"ltd", "limited"},
                                                                             {"limited", "limited"},
                                                                             {"ltda", "limited"},
                                                                             {"llc", "llc"},
                                                                             {"lc", "llc"},
                                                                             {"llp", "llp"},
                                                                             {"lp", "lp"},
                                                                             {"lllp", "llp"},
                                                                             {"plc", "plc"},
                                                                             {"pllc", "pllc"},
                                                                             {"pc", "pc"},
                                                                             {"pa", "pa"},
                                                                             {"gmbh", "gmbh"},
                                                                             {"mbh", "gmbh"},
                                                                             {"ag", "ag"},
                                                                             {"kg", "kg"},
                                                                             {"ohg", "ohg"},
                                                                             {"ug", "ug"},
                                                                             {"ev", "ev"},
                                                                             {"sa", "sa"},
                                                                             {"sas", "sas"},
                                                                             {"sarl", "sarl"},
                                                                             {"srl", "srl"},
                                                                             {"spa", "spa"},
                                                                             {"sl", "sl"},
                                                                             {"bv", "bv"},
                                                                             {"nv", "nv"},
                                                                             {"vof", "vof"},
                                                                             {"oy", "oy"},
                                                                             {"oyj", "oy"},
                                                                             {"ab", "ab"},
                                                                             {"aps", "aps"},
                                                                             {"as", "as"},
                                                                             {"asa", "as"},
                                                                             {"pty", "pty"},
                                                                             {"pte", "pte"},
                                                                             {"pvt", "pvt"},
                                                                             {"kk", "kk"},
                                                                             {"ulc", "ulc"},
                                                                             {"cic", "cic"},
                                                                             {"professional", ""},
                                                                             {"chartered", ""}};
  return kForms;
}

/// Words that names are often shortened by.
const std::unordered_map<std::string_view, std::string_view>& abbreviations() {
  static const std::unordered_map<std::string_view, std::string_view> kWords{{"svc", "services"},
                                                                             {"svcs", "services"},
                                                                             {"service", "services"},
                                                                             {"mfg", "manufacturing"},
                                                                             {"mgmt", "management"},
                                                                             {"mgt", "management"},
                                                                             {"assoc", "associates"},
                                                                             {"assocs", "associates"},
                                                                             {"ctr", "center"},
                                                                             {"centre", "center"},
                                                                             {"intl", "international"},
                                                                             {"natl", "national"},
                                                                             {"bros", "brothers"},
                                                                             {"dept", "department"},
                                                                             {"univ", "university"},
                                                                             {"tech", "technologies"},
                                                                             {"technology", "technologies"},
                                                                             {"eng", "engineering"},
                                                                             {"engr", "engineering"},
                                                                             {"constr", "construction"},
                                                                             {"const", "construction"},
                                                                             {"dev", "development"},
                                                                             {"ins", "insurance"},
                                                                             {"sys", "systems"},
                                                                             {"solns", "solutions"},
                                                                             {"grp", "group"},
                                                                             {"hosp", "hospital"},
                                                                             {"med", "medical"},
                                                                             {"fin", "financial"},
                                                                             {"inst", "institute"},
                                                                             {"lab", "laboratories"},
                                                                             {"labs", "laboratories"},
                                                                             {"distr", "distribution"},
                                                                             {"dist", "distribution"},
                                                                             {"equip", "equipment"},
                                                                             {"elec", "electric"},
                                                                             {"st", "saint"}};
  return kWords;
}

std::string_view form_of(const std::string& word) {
  const auto found = legal_forms().find(word);
  return found == legal_forms().end() ? std::string_view() : found->second;
}

/// Legal forms stand at the end, and where another part of the name follows; an initial "AB" or "Co" is a name.
std::vector<std::string> core_of(std::vector<std::string> words, std::vector<std::string>* forms) {
  if (words.size() > 1 && words.front() == "the") words.erase(words.begin());
  while (words.size() > 1) {
    const std::string_view form = form_of(words.back());
    const bool dangling = words.back() == "and";  // "Miller & Co."
    if (form.empty() && !dangling) break;
    if (forms != nullptr && !form.empty()) forms->emplace_back(form);
    words.pop_back();
  }
  for (std::string& word : words)
    if (const auto found = abbreviations().find(word); found != abbreviations().end()) word = found->second;
  return words;
}

struct Parts {
  std::string main;
  std::vector<std::string> aliases;
};

/// Where a name says what else it goes by: "Miller LLC d/b/a Sunrise Bakery", "Contoso (formerly Fabrikam)".
Parts divide(std::string_view name) {
  std::string text = " " + std::string(name) + " ";
  for (char& c : text) c = lower(c);
  constexpr std::array<std::string_view, 9> kMarks{" d/b/a ", " dba ",   " d.b.a. ", " t/a ", " trading as ",
                                                   " aka ",   " a/k/a ", " c/o ",    " fka "};
  Parts parts;
  std::size_t cut = std::string::npos, resume = 0;
  for (const std::string_view mark : kMarks)
    if (const std::size_t at = text.find(mark); at != std::string::npos && at < cut) {
      cut = at;
      resume = at + mark.size();
    }
  // `text` is `name` with one blank before it.
  std::string_view main = name;
  if (cut != std::string::npos && cut > 0) {
    main = name.substr(0, cut - 1);
    parts.aliases.emplace_back(name.substr(std::min(resume - 1, name.size())));
  }
  const std::size_t open = main.find('('), close = main.find(')');
  if (open != std::string_view::npos && close != std::string_view::npos && close > open + 1) {
    std::string inside(main.substr(open + 1, close - open - 1));
    for (const std::string_view word : {"formerly ", "Formerly ", "was ", "fka "})
      if (inside.starts_with(word)) inside.erase(0, word.size());
    parts.aliases.push_back(std::move(inside));
    parts.main = std::string(main.substr(0, open)) + std::string(main.substr(close + 1));
  } else {
    parts.main = std::string(main);
  }
  return parts;
}

/// Domains in which everybody can have a mailbox tell nothing of an organization.
bool is_everybodys(std::string_view domain) {
  static const std::unordered_set<std::string_view> kDomains{
      "gmail.com",      "googlemail.com", "outlook.com", "hotmail.com",     "live.com",       "msn.com",
      "yahoo.com",      "ymail.com",      "icloud.com",  "me.com",          "mac.com",        "aol.com",
      "gmx.com",        "gmx.de",         "gmx.net",     "web.de",          "mail.com",       "proton.me",
      "protonmail.com", "zoho.com",       "comcast.net", "verizon.net",     "att.net",        "sbcglobal.net",
      "bellsouth.net",  "cox.net",        "charter.net", "earthlink.net",   "btinternet.com", "hotmail.co.uk",
      "yahoo.co.uk",    "t-online.de",    "orange.fr",   "free.fr",         "wanadoo.fr",     "facebook.com",
      "linkedin.com",   "instagram.com",  "wixsite.com", "onmicrosoft.com", "sharepoint.com"};
  return kDomains.contains(domain);
}

/// Second-level public suffixes: below these a name has three parts.
bool is_second_level(std::string_view label, std::string_view top) {
  if (top.size() != 2) return false;
  static const std::unordered_set<std::string_view> kLabels{"co",  "com", "org", "net", "gov",  "ac",     "edu", "ltd",
                                                            "plc", "me",  "or",  "ne",  "govt", "school", "nhs", "sch"};
  return kLabels.contains(label);
}

}  // namespace

CompanyName take_apart(std::string_view name) {
  CompanyName out;
  const Parts parts = divide(name);
  out.words = split_words(name);
  out.core = core_of(split_words(parts.main), &out.forms);
  if (!out.core.empty()) out.cores.push_back(out.core);
  for (const std::string& alias : parts.aliases) {
    std::vector<std::string> core = core_of(split_words(alias), nullptr);
    if (!core.empty() && std::find(out.cores.begin(), out.cores.end(), core) == out.cores.end())
      out.cores.push_back(std::move(core));
  }
  if (out.core.empty() && !out.cores.empty()) out.core = out.cores.front();
  return out;
}

std::string plain_words(std::string_view text) {
  std::string out;
  for (const std::string& word : split_words(text)) out += (out.empty() ? "" : " ") + word;
  return out;
}

std::string organization_domain(std::string_view address) {
  std::string text;
  for (const char c : address)
    if (c != ' ') text += lower(c);
  if (const std::size_t scheme = text.find("://"); scheme != std::string::npos) text.erase(0, scheme + 3);
  if (const std::size_t end = text.find_first_of("/?#"); end != std::string::npos) text.erase(end);
  if (const std::size_t at = text.rfind('@'); at != std::string::npos) text.erase(0, at + 1);
  if (const std::size_t port = text.find(':'); port != std::string::npos) text.erase(port);
  while (text.ends_with('.')) text.pop_back();
  std::vector<std::string> labels;
  std::string label;
  for (const char c : text + ".") {
    if (c != '.') {
      label += c;
      continue;
    }
    if (label.empty()) return {};
    labels.push_back(std::move(label));
    label.clear();
  }
  if (labels.size() < 2 || labels.back().find_first_not_of("0123456789") == std::string::npos) return {};
  const std::size_t parts = is_second_level(labels[labels.size() - 2], labels.back()) ? 3 : 2;
  if (labels.size() < parts) return {};
  std::string domain;
  for (std::size_t i = labels.size() - parts; i < labels.size(); ++i) domain += (domain.empty() ? "" : ".") + labels[i];
  return is_everybodys(domain) ? std::string() : domain;
}

std::string telephone_line(std::string_view text) {
  std::string digits;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = lower(text[i]);
    if (c >= '0' && c <= '9') digits += c;
    // What follows an "x" or "ext" is an extension behind the same line.
    if ((c == 'x' || c == 'e' || c == '#' || c == ';') && digits.size() >= kLineDigitsMin) break;
    // "+44 (0)20": the zero is dialled only without the country.
    if (text.substr(i).starts_with("(0)")) i += 2;
  }
  const std::size_t first = digits.find_first_not_of('0');
  if (first == std::string::npos) return {};
  digits.erase(0, first);
  if (digits.size() < kLineDigitsMin) return {};
  return digits.size() > kLineDigits ? digits.substr(digits.size() - kLineDigits) : digits;
}

std::string street_line(std::string_view text) {
  static const std::unordered_map<std::string_view, std::string_view> kWords{
      {"st", "street"}, {"str", "street"},     {"ave", "avenue"},   {"av", "avenue"}, {"rd", "road"},
      {"dr", "drive"},  {"blvd", "boulevard"}, {"ln", "lane"},      {"ct", "court"},  {"pl", "place"},
      {"sq", "square"}, {"hwy", "highway"},    {"pkwy", "parkway"}, {"n", "north"},   {"s", "south"},
      {"e", "east"},    {"w", "west"},         {"ste", "suite"},    {"apt", "suite"}, {"unit", "suite"},
      {"fl", "floor"},  {"bldg", "building"}};
  std::string out;
  for (const std::string& word : split_words(text)) {
    const auto found = kWords.find(word);
    const std::string_view written = found == kWords.end() ? std::string_view(word) : found->second;
    // The building tells; rooms in it are written or left out at will.
    if (written == "suite" || written == "floor") break;
    out.append(out.empty() ? "" : " ").append(written);
  }
  return out;
}

std::string postal_code(std::string_view text) {
  std::string out;
  for (const char each : text)
    if (const char c = lower(each); is_word_character(c)) out += c;
  constexpr std::size_t kUsDigits = 5, kUsPlusFour = 9;
  const bool digits = out.find_first_not_of("0123456789") == std::string::npos;
  return digits && out.size() == kUsPlusFour ? out.substr(0, kUsDigits) : out;
}

}  // namespace crosswalk::matching
