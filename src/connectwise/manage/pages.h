#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/json/object.hpp>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "connectwise/manage/client.h"

namespace crosswalk::connectwise::manage {

/// The most that ConnectWise gives at once.
inline constexpr int kPageSize = 1000;
/// A million items: more than anything here can need, so a server that pages without end is stopped.
inline constexpr int kPagesMax = 1000;
/// Of all pages of one read: several times what the largest MSP's configurations come to, and what a machine can bear.
inline constexpr std::size_t kReadBytesMax = 256ull << 20;

/// How a collection is paged. Pages by number shift when items are removed during the read; forward-only ones go by id
/// and do not.
enum class Paging { navigable, forward_only };

struct Collection {
  std::string path;   ///< "/service/boards"
  std::string query;  ///< encoded, without paging; may be empty
  Paging paging = Paging::navigable;
};

/// Takes one item; false when it cannot be used, which makes the read partial.
using TakeItem = std::function<bool(const boost::json::object&)>;

/// Reads all pages. Gives the failure that made the read partial, or nothing when it is complete. The arguments must
/// outlive the call.
boost::asio::awaitable<std::optional<Failure>> read_pages(Client& client, const Collection& collection, psa::Lane lane,
                                                          std::vector<psa::Call>& calls, const TakeItem& take);

/// Notes how a read ended.
template <class T>
void end_read(psa::ReadResult<T>& result, std::optional<Failure> failed) {
  result.complete = !failed;
  if (!failed) return;
  result.error = std::move(failed->error);
  result.disposition = failed->disposition;
  result.retry_after = failed->retry_after;
}

/// The value of query parameter `name` in the rel="next" part of a Link header; "" when there is none.
[[nodiscard]] std::string next_in_link(std::string_view link, std::string_view name);

}  // namespace crosswalk::connectwise::manage
