#include "connectwise/manage/errors.h"

#include <algorithm>
#include <array>
#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <charconv>

#include "base/text.h"
#include "connectwise/manage/provider.h"

namespace crosswalk::connectwise::manage {
namespace {

namespace json = boost::json;

// Words of the PSA that go into our messages; the whole body is kept in the call.
constexpr std::size_t kQuotedCharactersMax = 400;
// More than any body of errors that was ever seen; what lies behind is no error envelope.
constexpr std::size_t kErrorsMax = 32;

// One statement of an answer: its top level, or one of its errors[].
struct Statement {
  std::string code, field, message;
};

struct Answer {
  enum class Form { empty, envelope, page, text } form = Form::empty;
  std::vector<Statement> statements;  // the top level first
};

const json::value* find_ignoring_case(const json::object& object, std::string_view name) {
  for (const auto& member : object)
    if (equals_ignoring_case(member.key(), name)) return &member.value();
  return nullptr;
}

std::string text_of(const json::object& object, std::string_view name) {
  const json::value* value = find_ignoring_case(object, name);
  return value && value->is_string() ? std::string(value->get_string()) : std::string();
}

Statement read_statement(const json::object& object) {
  Statement statement{text_of(object, "code"), text_of(object, "field"), text_of(object, "message")};
  // The throttling answer says "error" where all others say "code".
  if (statement.code.empty()) statement.code = text_of(object, "error");
  return statement;
}

std::string title_of(std::string_view page) {
  const std::string lower = to_lower(page.substr(0, 4096));
  const std::size_t open = lower.find("<title>");
  if (open == std::string::npos) return "a web page";
  const std::size_t begin = open + 7;
  const std::size_t end = lower.find("</title>", begin);
  return std::string(trim(page.substr(begin, (end == std::string::npos ? lower.size() : end) - begin)));
}

Answer read_answer(std::string_view content_type, std::string_view body) {
  Answer answer;
  const std::string_view trimmed = trim(body);
  if (trimmed.empty()) return answer;
  boost::system::error_code error;
  const json::value value = json::parse(json::string_view(trimmed.data(), trimmed.size()), error);
  if (error) {
    const bool page = trimmed.front() == '<' || to_lower(content_type).find("html") != std::string::npos;
    answer.form = page ? Answer::Form::page : Answer::Form::text;
    answer.statements.push_back({"", "", page ? title_of(trimmed) : std::string(trimmed.substr(0, 4096))});
    return answer;
  }
  answer.form = Answer::Form::envelope;
  const json::object* object = value.if_object();
  if (!object) return answer;
  answer.statements.push_back(read_statement(*object));
  const json::value* errors = find_ignoring_case(*object, "errors");
  if (errors && errors->is_array())
    for (const json::value& each : errors->get_array())
      if (each.is_object() && answer.statements.size() < kErrorsMax)
        answer.statements.push_back(read_statement(each.get_object()));
  return answer;
}

bool contains_ignoring_case(std::string_view text, std::string_view part) {
  return to_lower(text).find(to_lower(part)) != std::string::npos;
}

bool fits_field(std::string_view field, std::string_view wanted) {
  if (!wanted.ends_with('*')) return equals_ignoring_case(field, wanted);
  wanted.remove_suffix(1);
  return field.size() >= wanted.size() && equals_ignoring_case(field.substr(0, wanted.size()), wanted);
}

bool fits(const CatalogueEntry::Pattern& pattern, const Statement& statement) {
  return (!pattern.code || equals_ignoring_case(statement.code, *pattern.code)) &&
         (!pattern.field || fits_field(statement.field, *pattern.field)) &&
         (!pattern.message_part || contains_ignoring_case(statement.message, *pattern.message_part));
}

bool fits(const CatalogueEntry::Pattern& pattern, int status, const Answer& answer) {
  if (pattern.status && *pattern.status != status) return false;
  if (!pattern.code && !pattern.field && !pattern.message_part) return true;
  return std::ranges::any_of(answer.statements, [&](const Statement& each) { return fits(pattern, each); });
}

const CatalogueEntry* recognize(int status, const Answer& answer) {
  for (const CatalogueEntry& entry : catalogue())
    for (const CatalogueEntry::Pattern& pattern : entry.patterns)
      if (fits(pattern, status, answer)) return &entry;
  return nullptr;
}

std::string_view name_unrecognized(int status, const Answer& answer) {
  // A redirect, or an address without an envelope: what is there is not the API, so the API must be elsewhere.
  if (status / 100 == 3 || (status == 404 && answer.form != Answer::Form::envelope)) return "psa.endpoint_missing";
  switch (answer.form) {
    case Answer::Form::empty:
      return "psa.answer_empty";
    case Answer::Form::page:
    case Answer::Form::text:
      return "psa.answer_not_json";
    case Answer::Form::envelope:
      break;
  }
  return "psa.unrecognized_answer";
}

Disposition judge_unrecognized(int status, const Answer& answer) {
  if (status / 100 == 3 || (status == 404 && answer.form != Answer::Form::envelope)) return Disposition::rediscover;
  if (status / 100 == 4) {
    // A firewall's page says nothing about the record, so it must not park it.
    const bool from_elsewhere = answer.form != Answer::Form::envelope;
    return from_elsewhere || status == 408 || status == 425 ? Disposition::retry : Disposition::park;
  }
  return Disposition::retry;
}

std::string describe(int status, const Answer& answer) {
  std::string words;
  for (const Statement& each : answer.statements) {
    std::string part = each.message.empty() ? each.code : each.message;
    if (part.empty()) continue;
    if (!each.field.empty()) part = each.field + ": " + part;
    words += (words.empty() ? "" : "; ") + part;
  }
  if (!is_utf8(words)) words = "words that are not UTF-8";
  if (words.empty()) words = answer.form == Answer::Form::empty ? "nothing" : "something without words";
  return "ConnectWise answered " + std::to_string(status) + ": " + cut_text(single_line(words), kQuotedCharactersMax);
}

// Digits at the start of `text`, as a number of seconds.
std::optional<Duration> leading_seconds(std::string_view text) {
  std::int64_t seconds = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (error != std::errc{} || end == text.data() || seconds < 0) return std::nullopt;
  return std::min<Duration>(std::chrono::seconds(std::min<std::int64_t>(seconds, 1'000'000)), kRetryAfterMax);
}

// "Wed, 21 Oct 2015 07:28:00 GMT", the one form of RFC 9110 that servers may send.
std::optional<Timestamp> parse_http_date(std::string_view text) {
  constexpr std::array<std::string_view, 12> kMonths{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  if (text.size() != 29 || !text.ends_with(" GMT")) return std::nullopt;
  const auto month = std::ranges::find(kMonths, text.substr(8, 3));
  if (month == kMonths.end()) return std::nullopt;
  const auto index = month - kMonths.begin() + 1;
  return parse_timestamp(std::string(text.substr(12, 4)) + (index < 10 ? "-0" : "-") + std::to_string(index) + "-" +
                         std::string(text.substr(5, 2)) + "T" + std::string(text.substr(17, 8)) + "Z");
}

struct Right {
  std::string_view method;  // empty: any
  std::string_view part;    // of the target
  std::string_view name;
};

// The first that fits. Names and levels are those of ConnectWise's security roles.
constexpr std::array kRights{
    Right{"GET", "/notes", "Service Desk > Service Tickets: Inquire All"},
    Right{"POST", "/notes", "Service Desk > Service Tickets: Edit All and Inquire All"},
    Right{"POST", "/attachChildren", "Service Desk > Service Tickets - Dependencies: Add, Edit and Inquire All"},
    Right{"", "/company/companies/types", "System > Table Setup: Inquire All, customized to include Company Type"},
    Right{"", "/company/companies/statuses", "System > Table Setup: Inquire All, customized to include Company Status"},
    Right{"", "/company/configurations/types",
          "System > Table Setup: Inquire All, customized to include Configuration"},
    Right{"", "/company/configurations/statuses",
          "System > Table Setup: Inquire All, customized to include Configuration"},
    Right{"", "/company/configurations", "Companies > Configurations: Add, Edit and Inquire All"},
    Right{"", "/company/contacts", "Companies > Contacts: Add, Edit and Inquire All"},
    Right{"POST", "/configurations",
          "Service Desk > Service Tickets: Edit All, and Companies > Configurations: Inquire All"},
    Right{"POST", "/service/tickets", "Service Desk > Service Tickets: Add All and Inquire All"},
    Right{"PATCH", "/service/tickets", "Service Desk > Service Tickets: Edit All and Inquire All"},
    Right{"GET", "/service/tickets", "Service Desk > Service Tickets: Inquire All"},
    Right{"", "/service/boards", "System > Table Setup: Inquire All, customized to include Service Board"},
    Right{"", "/service/priorities", "System > Table Setup: Inquire All, customized to include Service/Priority"},
    Right{"", "/service/sources", "System > Table Setup: Inquire All, customized to include Service/Source"},
    Right{"", "/service/", "System > Table Setup: Inquire All"},
    Right{"", "/company/companies", "Companies > Company Maintenance: Inquire All"},
};

}  // namespace

Reading read_failure(int status, std::string_view content_type, std::string_view body, bool was_write) {
  const Answer answer = read_answer(content_type, body);
  const std::string words = describe(status, answer);
  if (status / 100 == 2) {
    // It says that it was done, and shows something else than what was done.
    const std::string_view code = name_unrecognized(status, answer);
    return {{std::string(code), words, {}}, was_write ? Disposition::unknown : Disposition::retry};
  }
  const CatalogueEntry* entry = recognize(status, answer);
  const std::string code = entry ? entry->code : std::string(name_unrecognized(status, answer));
  Disposition disposition = entry ? entry->disposition : judge_unrecognized(status, answer);
  // A server that fails, or a gateway that gave up on it, may have done the work before.
  if (disposition == Disposition::retry && was_write && (status >= 500 || status == 408))
    disposition = Disposition::unknown;
  // Nor is it the API that says what became of the work when a redirect comes, or anything that is no envelope of its
  // own, unless the words are known.
  const bool says_it = answer.form == Answer::Form::envelope || (entry && disposition == Disposition::rediscover);
  if (was_write && (status / 100 == 3 || !says_it) &&
      (disposition == Disposition::retry || disposition == Disposition::rediscover))
    disposition = Disposition::unknown;
  return {{code, words, {}}, disposition};
}

Failure read_transport_error(const net::TransportError& error, bool was_write) {
  Failure failure{{error.code, error.message, {}}, Disposition::retry, std::nullopt, 0};
  if (error.kind == net::TransportError::Kind::not_sent) {
    // What we ourselves refuse will be refused again; all else that was never sent may go better next time.
    if (explain(error.code).code == error.code && explain(error.code).disposition == Disposition::park)
      failure.disposition = Disposition::park;
  } else if (was_write) {
    failure.disposition = Disposition::unknown;
  }
  return failure;
}

std::optional<Duration> read_retry_after(const net::Headers& headers, std::string_view body, Timestamp now) {
  if (const std::string* header = headers.find("Retry-After")) {
    const std::string_view value = trim(*header);
    if (const auto seconds = leading_seconds(value)) return seconds;
    if (const auto at = parse_http_date(value)) return std::clamp<Duration>(*at - now, Duration{0}, kRetryAfterMax);
  }
  constexpr std::string_view kWords = "try again in ";
  const std::size_t found = body.find(kWords);
  return found == std::string_view::npos ? std::nullopt : leading_seconds(body.substr(found + kWords.size()));
}

std::string right_for(std::string_view method, std::string_view target, bool sets_status) {
  const std::string_view path = target.substr(0, target.find('?'));
  for (const Right& right : kRights) {
    if ((!right.method.empty() && right.method != method) || path.find(right.part) == std::string_view::npos) continue;
    std::string name(right.name);
    if (sets_status && method == "PATCH")
      name +=
          ", and where the status closes the ticket, Service Desk > Close Service Tickets: Add, Edit and Inquire All";
    return name;
  }
  return "the right for " + std::string(path);
}

}  // namespace crosswalk::connectwise::manage
