#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "base/text.h"
#include "sandbox/api.h"

namespace crosswalk::sandbox {
namespace {

std::string join(const std::vector<std::string>& names) {
  std::string path;
  for (const std::string& name : names) path.append(path.empty() ? "" : "/").append(name);
  return path;
}

std::string link(const ApiRequest& request, const Wire& wire, std::size_t page, std::size_t pages,
                 std::size_t page_size) {
  if (pages <= 1 && page <= 1) return {};
  const std::string base = link_base(request, wire, page_size);
  std::string links;
  const auto add = [&](std::string_view rel, std::size_t to) {
    links += fmt::format("{}{}&page={}>; rel=\"{}\"", links.empty() ? "" : ", ", base, to, rel);
  };
  if (page > 1 && page <= pages) {
    add("first", 1);
    add("prev", page - 1);
  }
  if (page < pages) {
    add("next", page + 1);
    add("last", pages);
  }
  return links;
}

}  // namespace

std::size_t number_parameter(const ApiRequest& request, std::string_view name, std::size_t otherwise) {
  const std::string_view text = request.parameter(name);
  std::size_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const bool usable = error == std::errc() && end == text.data() + text.size() && number > 0;
  return usable ? number : otherwise;
}

std::size_t page_size(const ApiRequest& request) {
  return std::min(number_parameter(request, "pageSize", kPageSizeDefault), kPageSizeMax);
}

std::string link_base(const ApiRequest& request, const Wire& wire, std::size_t size) {
  std::string base = "<" + wire.prefix() + join(request.path) + "?";
  for (const auto& [name, value] : request.query->items) {
    if (equals_ignoring_case(name, "page") || equals_ignoring_case(name, "pageSize") ||
        equals_ignoring_case(name, "pageId"))
      continue;
    base += net::percent_encode(name) + "=" + net::percent_encode(value) + "&";
  }
  return base + fmt::format("pageSize={}", size);
}

net::Response page_response(const ApiRequest& request, const Wire& wire, std::size_t total,
                            const std::function<void(std::string&, std::size_t)>& write) {
  const std::size_t size = page_size(request);
  const std::size_t number = number_parameter(request, "page", 1);
  const std::size_t pages = std::max<std::size_t>(1, (total + size - 1) / size);
  std::string body = "[";
  if (number <= pages) {
    for (std::size_t i = (number - 1) * size; i < std::min(number * size, total); ++i) {
      if (body.size() > 1) body.push_back(',');
      write(body, i);
    }
  }
  body.push_back(']');
  net::Response response = json_response(200, std::move(body));
  if (std::string links = link(request, wire, number, pages, size); !links.empty())
    response.headers.set("Link", std::move(links));
  return response;
}

}  // namespace crosswalk::sandbox
