#include "service/request_check.h"

#include <algorithm>
#include <vector>

#include "base/text.h"
#include "mapping/names.h"

namespace crosswalk::service {
namespace {

std::vector<std::string_view> words_of(std::string_view text) {
  std::vector<std::string_view> words;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(' '), text.size());
    words.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return words;
}

std::string unknown(std::string_view what, std::string_view name, const std::vector<std::string_view>& known) {
  std::string text = std::string(what) + " " + mapping::quoted(name) + " is not known here.";
  if (known.empty()) return text + " None is taken.";
  const auto meant = mapping::nearest(to_lower(name), known);
  if (meant) return text + " Did you mean \"" + std::string(*meant) + "\"?";
  return text + " Known: " + mapping::alternatives(known) + ".";
}

}  // namespace

std::optional<RequestProblem> check_query(const net::Query& query, std::string_view known) {
  if (query.items.empty()) return std::nullopt;
  const std::vector<std::string_view> names = words_of(known);
  for (const auto& [name, value] : query.items)
    if (std::ranges::none_of(names, [&](std::string_view each) { return equals_ignoring_case(each, name); }))
      return RequestProblem{"request.invalid", "", unknown("The parameter", name, names)};
  return std::nullopt;
}

std::optional<RequestProblem> check_members(const boost::json::object& body, std::string_view known) {
  const std::vector<std::string_view> names = words_of(known);
  for (const auto& member : body)
    if (std::ranges::find(names, std::string_view(member.key())) == names.end())
      return RequestProblem{"request.invalid", mapping::deeper("", cut_text(member.key(), 100)),
                            unknown("The member", member.key(), names)};
  return std::nullopt;
}

bool may_change(const net::Request& request, std::string_view etag) {
  const std::string* given = request.headers.find("If-Match");
  if (!given) return true;
  std::string_view rest = *given;
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find(','), rest.size());
    const std::string_view tag = trim(rest.substr(0, end));
    if (tag == "*" || tag == etag) return true;
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return false;
}

bool knows(const net::Request& request, std::string_view etag, std::string_view read) {
  return request.headers.find("If-Match") ? may_change(request, etag) : etag == read;
}

std::string etag_of(std::int64_t version) { return '"' + std::to_string(version) + '"'; }

}  // namespace crosswalk::service
