#include "cli/customers_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>

#include "base/text.h"
#include "cli/csv.h"

namespace crosswalk::cli {
namespace {

/// What the server takes for an id of ConnectWise, which are whole numbers.
constexpr std::size_t kIdDigitsMax = 18;
/// A mapping has at most 20,000 customers, and a line of each is far below a kilobyte.
constexpr std::size_t kFileBytesMax = 32U << 20U;
constexpr std::string_view kExcluded = "excluded";
/// Spreadsheets take a cell that begins like this for a formula, whoever has chosen the customer's name.
constexpr std::string_view kFormulaBegins = "=+-@\t\r";

constexpr std::array<std::string_view, 7> kColumns{"customer",     "name",  "state", "company_id",
                                                   "company_name", "score", "why"};
constexpr std::array<std::string_view, 2> kColumnsNeeded{"customer", "company_id"};

bool begins_formula(char first) { return kFormulaBegins.find(first) != std::string_view::npos; }

/// An apostrophe in front makes a text of it; unmask() takes it away.
std::string mask(const std::string& text) {
  const bool is_risky = !text.empty() && (text.front() == '\'' || begins_formula(text.front()));
  return is_risky ? "'" + text : text;
}

std::string unmask(std::string_view text) {
  text = trim(text);
  const bool is_masked = text.size() > 1 && text[0] == '\'' && (text[1] == '\'' || begins_formula(text[1]));
  return std::string(is_masked ? text.substr(1) : text);
}

json::object problem_at(std::size_t line, std::string_view code, const std::string& message) {
  return {{"level", "error"}, {"code", code}, {"pointer", fmt::format("line {}", line)}, {"message", message}};
}

bool is_digits(std::string_view text) {
  return !text.empty() && text.size() <= kIdDigitsMax && text.find_first_not_of("0123456789") == std::string_view::npos;
}

bool means_exclude(std::string_view text) {
  return equals_ignoring_case(text, "exclude") || equals_ignoring_case(text, kExcluded);
}

/// Where the columns stand that we look at; the others may be there or not, in any order.
class Header {
 public:
  Header(const CsvRecord& record, json::array& problems) {
    for (std::size_t i = 0; i < record.fields.size(); ++i) {
      const std::string name = to_lower(trim(record.fields[i]));
      if (std::ranges::find(kColumns, name) == kColumns.end()) continue;
      if (!places_.emplace(name, i).second)
        problems.push_back(problem_at(record.line, "csv.columns", fmt::format("There are two columns \"{}\".", name)));
    }
    for (const std::string_view name : kColumnsNeeded) {
      if (!places_.contains(name))
        problems.push_back(problem_at(record.line, "csv.columns", fmt::format("There is no column \"{}\".", name)));
    }
  }
  [[nodiscard]] std::string at(const CsvRecord& record, std::string_view name) const {
    const auto place = places_.find(name);
    return place == places_.end() || place->second >= record.fields.size() ? "" : unmask(record.fields[place->second]);
  }

 private:
  std::map<std::string, std::size_t, std::less<>> places_;
};

CustomerLine read_line(const Header& header, const CsvRecord& record, json::array& problems) {
  CustomerLine line{.line = record.line, .customer = header.at(record, "customer"), .company = {}, .company_name = {}};
  const auto wrong = [&](std::string_view code, const std::string& message) {
    problems.push_back(problem_at(record.line, code, message));
  };
  if (line.customer.empty()) wrong("csv.line", "The line names no customer.");
  for (const std::string& field : record.fields) {
    if (is_utf8(field)) continue;
    wrong("csv.unreadable", "The line is not UTF-8; save the table as \"CSV UTF-8\".");
    line.customer.clear();
    return line;
  }
  const std::string company = header.at(record, "company_id");
  const bool excluded_by_state = means_exclude(header.at(record, "state"));
  if (means_exclude(company) || (excluded_by_state && company.empty())) {
    line.wish = CustomerLine::Wish::exclude;
  } else if (excluded_by_state) {
    wrong("csv.line", fmt::format("The state says that {} is excluded, and the company_id is {}. Empty one of them.",
                                  line.customer, company));
  } else if (!company.empty() && !is_digits(company)) {
    wrong("csv.line",
          fmt::format("The company_id \"{}\" is not an id of ConnectWise, which are whole numbers.", company));
  } else if (!company.empty()) {
    line.wish = CustomerLine::Wish::map;
    line.company = company;
    line.company_name = header.at(record, "company_name");
  }
  return line;
}

/// "265 Nova Retail, 95: the names are the same; ..." of each candidate.
std::string candidates_in_words(const json::object& customer) {
  std::string words = text_at(customer, "why");
  for (const json::value& each : array_at(customer, "candidates")) {
    const json::object& candidate = as_object(each);
    const std::string telling = telling_words(candidate);
    words +=
        fmt::format("{}{}{}, {}: {}", words.empty() ? "" : " | ", company_words(object_at(candidate, "company")),
                    telling.empty() ? "" : " (" + telling + ")", text_at(candidate, "score"), reason_words(candidate));
  }
  return words;
}

const json::object& customer_in(const json::object& document, const std::string& customer) {
  return object_at(object_at(document, "customers"), customer);
}

std::string decision_words(const json::object& customer) {
  if (flag_at(customer, kExcluded)) return std::string(kExcluded);
  const json::object& company = object_at(customer, "company");
  return company.empty() ? "" : company_words(company);
}

std::string id_of(const json::object& customer) {
  const json::value* id = object_at(customer, "company").if_contains("id");
  return id ? text_of(*id) : "";
}

}  // namespace

std::string telling_words(const json::object& candidate) {
  std::string words;
  for (const char* member : {"identifier", "city", "types", "status", "website"})
    if (const std::string text = text_at(candidate, member); !text.empty()) words += (words.empty() ? "" : ", ") + text;
  return words;
}

std::string company_words(const json::object& company) {
  const json::value* id = company.if_contains("id");
  const json::value* name = company.if_contains("name");
  const std::string number = id ? text_of(*id) : "", words = name ? text_of(*name) : "";
  return words.empty() ? number : fmt::format("{} {}", number, words);
}

std::string reason_words(const json::object& candidate) {
  std::string words;
  for (const json::value& each : array_at(candidate, "reasons"))
    words += (words.empty() ? "" : "; ") + text_at(as_object(each), "text");
  return words;
}

std::string write_customers_file(const json::array& customers) {
  std::vector<std::string> header(kColumns.begin(), kColumns.end());
  std::string text = to_csv(header);
  for (const json::value& each : customers) {
    const json::object& customer = as_object(each);
    const std::string state = text_at(customer, "state");
    const bool is_open = state == "proposed" || state == "unknown";
    const json::object& company = object_at(customer, "company");
    const json::array& candidates = array_at(customer, "candidates");
    const json::object nothing;
    const json::object& best = candidates.empty() ? nothing : as_object(candidates.front());
    std::vector<std::string> fields{text_at(customer, "customer"),
                                    text_at(customer, "name"),
                                    state,
                                    company.contains("id") ? text_of(company.at("id")) : "",
                                    text_at(company, "name"),
                                    text_at(best, "score"),
                                    is_open        ? candidates_in_words(customer)
                                    : best.empty() ? text_at(customer, "why")
                                                   : reason_words(best)};
    for (std::string& field : fields) field = mask(field);
    text += to_csv(fields);
  }
  return text;
}

CustomersFile read_customers_file(std::string_view text) {
  CustomersFile file;
  if (text.size() > kFileBytesMax) {
    file.problems.push_back(problem_at(1, "csv.unreadable", "The file has more than 32 MB."));
    return file;
  }
  const CsvFile csv = read_csv(text);
  if (csv.records.empty() && !csv.error)
    file.problems.push_back(problem_at(1, "csv.unreadable", "The file is empty; its first line names the columns."));
  if (!csv.records.empty()) {
    const Header header(csv.records.front(), file.problems);
    const bool readable = file.problems.empty();
    std::map<std::string, std::size_t> seen;
    for (std::size_t i = 1; readable && i < csv.records.size(); ++i) {
      CustomerLine line = read_line(header, csv.records[i], file.problems);
      const auto [earlier, is_first] = seen.emplace(line.customer, line.line);
      if (!is_first && !line.customer.empty())
        file.problems.push_back(
            problem_at(line.line, "csv.line",
                       fmt::format("The customer {} stands in line {} already.", line.customer, earlier->second)));
      file.lines.push_back(std::move(line));
    }
  }
  if (csv.error) file.problems.push_back(problem_at(csv.error->line, "csv.unreadable", csv.error->message));
  return file;
}

const char* to_string(CustomerChange::Kind kind) {
  switch (kind) {
    case CustomerChange::Kind::added:
      return "added";
    case CustomerChange::Kind::changed:
      return "changed";
    case CustomerChange::Kind::excluded:
      return "excluded";
    case CustomerChange::Kind::unchanged:
      return "unchanged";
    case CustomerChange::Kind::left_alone:
      break;
  }
  return "left alone";
}

bool is_write(const CustomerChange& change) {
  using Kind = CustomerChange::Kind;
  return change.kind == Kind::added || change.kind == Kind::changed || change.kind == Kind::excluded;
}

bool is_decided(const json::object& document, const std::string& customer) {
  return !decision_words(customer_in(document, customer)).empty();
}

std::vector<CustomerChange> compare_customers(const std::vector<CustomerLine>& lines, const json::object& document) {
  using Kind = CustomerChange::Kind;
  std::vector<CustomerChange> changes;
  changes.reserve(lines.size());
  for (const CustomerLine& line : lines) {
    const json::object& before = customer_in(document, line.customer);
    const bool is_excluded = flag_at(before, kExcluded);
    CustomerChange change{.kind = Kind::left_alone, .line = &line, .before = decision_words(before), .after = {}};
    if (line.wish == CustomerLine::Wish::exclude) {
      change.kind = is_excluded ? Kind::unchanged : Kind::excluded;
      change.after = kExcluded;
    } else if (line.wish == CustomerLine::Wish::map) {
      const bool is_same = !is_excluded && id_of(before) == line.company;
      change.kind = is_same ? Kind::unchanged : change.before.empty() ? Kind::added : Kind::changed;
      change.after = is_same ? change.before : company_words({{"id", line.company}, {"name", line.company_name}});
    }
    changes.push_back(std::move(change));
  }
  return changes;
}

std::multimap<std::string, std::string> mapped_companies(const json::object& document) {
  std::multimap<std::string, std::string> companies;
  for (const auto& [customer, value] : object_at(document, "customers")) {
    const std::string company = id_of(as_object(value));
    if (!company.empty() && !flag_at(as_object(value), kExcluded)) companies.emplace(company, customer);
  }
  return companies;
}

json::array find_shared_companies(const std::vector<CustomerChange>& changes, const json::object& document) {
  std::map<std::string, std::string> owners;  // company -> who has it, in words
  std::map<std::string, const CustomerChange*> changing;
  for (const CustomerChange& each : changes)
    if (is_write(each)) changing.emplace(each.line->customer, &each);
  for (auto& [company, customer] : mapped_companies(document))
    if (!changing.contains(customer)) owners.emplace(company, fmt::format("the customer {} of the mapping", customer));
  json::array problems;
  for (const CustomerChange& each : changes) {
    if (!is_write(each) || each.line->wish != CustomerLine::Wish::map) continue;
    if (changing.at(each.line->customer) != &each) continue;  // a customer that stands there twice is told elsewhere
    const auto [owner, is_first] =
        owners.emplace(each.line->company, fmt::format("{} in line {}", each.line->customer, each.line->line));
    if (!is_first)
      problems.push_back(
          problem_at(each.line->line, "csv.company_shared",
                     fmt::format("{} gets the company {}, which {} has. --allow-shared lets two customers share one.",
                                 each.line->customer, each.line->company, owner->second)));
  }
  return problems;
}

void apply_changes(const std::vector<CustomerChange>& changes, json::object& document) {
  json::value& place = document["customers"];
  json::object& customers = place.is_object() ? place.get_object() : place.emplace_object();
  for (const CustomerChange& each : changes) {
    if (!is_write(each)) continue;
    json::value& value = customers[each.line->customer];
    json::object& customer = value.is_object() ? value.get_object() : value.emplace_object();
    if (each.line->wish == CustomerLine::Wish::exclude) {
      customer[kExcluded] = true;
      continue;
    }
    customer.erase(kExcluded);
    json::object company{{"id", each.line->company}};
    if (!each.line->company_name.empty()) company["name"] = each.line->company_name;
    customer["company"] = std::move(company);
  }
}

json::array to_json(const std::vector<CustomerChange>& changes) {
  json::array list;
  for (const CustomerChange& each : changes)
    list.push_back(json::object{{"customer", each.line->customer},
                                {"change", to_string(each.kind)},
                                {"before", each.before},
                                {"after", each.after}});
  return list;
}

}  // namespace crosswalk::cli
