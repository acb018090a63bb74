#include "connectwise/manage/pages.h"

#include <boost/json/monotonic_resource.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include "base/text.h"
#include "connectwise/manage/needed_fields.h"

namespace crosswalk::connectwise::manage {
namespace {

namespace json = boost::json;

struct Page {
  std::size_t items_count = 0;
  std::string last_id;
};

// Nothing when the page is not a list of objects that can be used.
std::optional<Page> take_page(std::string_view body, const TakeItem& take, NeededFields& needed) {
  json::monotonic_resource memory;
  boost::system::error_code error;
  const json::value value = json::parse(json::string_view(body.data(), body.size()), error, &memory);
  if (error || !value.is_array()) return std::nullopt;
  Page page;
  for (const json::value& each : value.get_array()) {
    const json::object* object = each.if_object();
    if (!object || !take(*object)) return std::nullopt;
    needed.see(*object);
    page.last_id = id_member(*object);
    ++page.items_count;
  }
  return page;
}

// Where the next page begins; "" at the end. Never a URL: links carry the public host of the instance, which is not to
// be followed.
std::string find_next(Paging paging, const Answer& answer, const Page& page, int page_number) {
  const bool full = page.items_count >= static_cast<std::size_t>(kPageSize);
  if (page.items_count == 0) return "";
  if (paging == Paging::forward_only) {
    // A link is sent even behind the last page, so only the count tells the end.
    if (!full) return "";
    std::string next = next_in_link(answer.link, "pageId");
    return next.empty() ? page.last_id : next;
  }
  if (!answer.link.empty()) return next_in_link(answer.link, "page");
  // Proxies have been known to drop the header.
  return full ? std::to_string(page_number + 1) : "";
}

Failure unreadable_page(const Answer& answer) {
  Reading reading = read_failure(answer.status, answer.content_type, answer.body, false);
  return {std::move(reading.error), reading.disposition, std::nullopt, answer.status};
}

Failure paging_failure(std::string message) {
  return {{"psa.answer_mismatch", std::move(message), {}}, Disposition::retry, std::nullopt, 0};
}

std::string page_target(const Collection& collection, const std::string& position) {
  std::string target = collection.path + "?" + collection.query;
  if (!collection.query.empty()) target += '&';
  target += "pageSize=" + std::to_string(kPageSize);
  if (collection.paging == Paging::navigable) return target + "&page=" + position;
  return position.empty() ? target : target + "&pageId=" + position;
}

bool advances(const std::string& from, const std::string& to) {
  return from.empty() || to.size() > from.size() || (to.size() == from.size() && to > from);
}

}  // namespace

std::string next_in_link(std::string_view link, std::string_view name) {
  while (!link.empty()) {
    const std::size_t open = link.find('<');
    const std::size_t close = link.find('>', open == std::string_view::npos ? link.size() : open);
    if (close == std::string_view::npos) return "";
    const std::string_view url = link.substr(open + 1, close - open - 1);
    link.remove_prefix(close + 1);
    const std::string parameters = to_lower(link.substr(0, link.find('<')));
    if (parameters.find("rel=\"next\"") == std::string::npos && parameters.find("rel=next") == std::string::npos)
      continue;
    const net::Target target = net::parse_target(url);
    const std::string* value = target.query.find(name);
    return value && is_manage_id(*value) ? *value : "";
  }
  return "";
}

boost::asio::awaitable<std::optional<Failure>> read_pages(Client& client, const Collection& collection, psa::Lane lane,
                                                          std::vector<psa::Call>& calls, const TakeItem& take) {
  std::string position = collection.paging == Paging::navigable ? "1" : "";
  std::size_t bytes = 0;
  for (int page_number = 1; page_number <= kPagesMax; ++page_number) {
    WireRequest request;
    request.target = page_target(collection, position);
    request.forward_only = collection.paging == Paging::forward_only;
    auto answer = co_await client.call(std::move(request), lane, calls);
    if (!answer) co_return std::move(answer.error());
    NeededFields needed(collection.path, collection.query);
    const std::optional<Page> page = take_page(answer->body, take, needed);
    if (!page) co_return unreadable_page(*answer);
    bytes += answer->body.size();
    if (page->items_count > static_cast<std::size_t>(kPageSize) || bytes > kReadBytesMax)
      co_return paging_failure("ConnectWise shows more of " + collection.path + " than it was asked for");
    if (auto absent = needed.absent(client.api_version())) {
      Failure failure{std::move(*absent), Disposition::park, std::nullopt, answer->status};
      co_return failure;
    }
    std::string next = find_next(collection.paging, *answer, *page, page_number);
    if (next.empty()) co_return std::nullopt;
    if (!advances(position, next))
      co_return paging_failure("ConnectWise's pages of " + collection.path + " go in circles");
    position = std::move(next);
  }
  co_return paging_failure("ConnectWise's pages of " + collection.path + " do not end");
}

}  // namespace crosswalk::connectwise::manage
