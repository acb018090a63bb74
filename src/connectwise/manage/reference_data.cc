#include "connectwise/manage/reference_data.h"

#include <algorithm>

#include "connectwise/manage/conditions.h"
#include "connectwise/manage/pages.h"

namespace crosswalk::connectwise::manage {
namespace {

namespace json = boost::json;

using ServiceTypes = std::vector<psa::ServiceType>;

TakeItem take_into(ServiceTypes& list, std::string_view inactive_flag) {
  return [&list, inactive_flag](const json::object& object) {
    psa::ServiceType item{{id_member(object), name_of(object)}, flag_member(object, inactive_flag)};
    if (item.reference.empty()) return false;
    list.push_back(std::move(item));
    return true;
  };
}

TakeItem take_boards(std::vector<psa::Board>& boards) {
  return [&boards](const json::object& object) {
    // Service tickets cannot live on project boards, so no mapping may name one.
    if (flag_member(object, "projectFlag")) return true;
    psa::Board board;
    board.reference = {id_member(object), name_of(object)};
    board.inactive = flag_member(object, "inactiveFlag");
    if (board.reference.empty()) return false;
    boards.push_back(std::move(board));
    return true;
  };
}

TakeItem take_statuses(std::vector<psa::Status>& statuses) {
  return [&statuses](const json::object& object) {
    psa::Status status;
    status.reference = {id_member(object), name_of(object)};
    status.closed = flag_member(object, "closedStatus");
    status.inactive = flag_member(object, "inactive");
    status.is_default = flag_member(object, "defaultFlag");
    if (status.reference.empty()) return false;
    statuses.push_back(std::move(status));
    return true;
  };
}

struct Wanted {
  Collection collection;
  TakeItem take;
};

std::vector<Wanted> lists_of_board(psa::Board& board) {
  const std::string path = "/service/boards/" + board.reference.id;
  std::vector<Wanted> lists;
  lists.push_back(
      {{path + "/statuses", "fields=id,name,closedStatus,inactive,defaultFlag"}, take_statuses(board.statuses)});
  lists.push_back({{path + "/types", "fields=id,name,inactiveFlag"}, take_into(board.types, "inactiveFlag")});
  lists.push_back({{path + "/subtypes", "fields=id,name,inactiveFlag"}, take_into(board.subtypes, "inactiveFlag")});
  lists.push_back({{path + "/items", "fields=id,name,inactiveFlag"}, take_into(board.items, "inactiveFlag")});
  lists.push_back({{path + "/teams", "fields=id,name"}, take_into(board.teams, "")});
  return lists;
}

// Deleted companies stay readable and keep an active status; only the flag tells.
constexpr std::string_view kCompanyFields = "fields=id,name,identifier,deletedFlag&conditions=";

std::vector<Wanted> lists_of_companies(const Client& client, std::span<const std::string> companies,
                                       ServiceTypes& list) {
  std::vector<Condition::Value> ids;
  for (const std::string& each : companies)
    if (is_manage_id(each)) ids.emplace_back(static_cast<std::int64_t>(std::stoll(each)));
  constexpr std::size_t kPagingLength = 32;
  const std::string path = "/company/companies";
  const std::size_t room = client.target_max() - path.size() - 1 - kCompanyFields.size() - kPagingLength;
  std::vector<Wanted> lists;
  for (const Condition& each : in_batches("id", ids, room))
    lists.push_back({{path, std::string(kCompanyFields) + encode_query(each.text())}, take_into(list, "deletedFlag")});
  return lists;
}

boost::asio::awaitable<Result<void>> read_all(Client& client, std::vector<Wanted> lists, psa::Lane lane) {
  std::vector<psa::Call> calls;
  for (const Wanted& each : lists) {
    std::optional<Failure> failed = co_await read_pages(client, each.collection, lane, calls, each.take);
    if (failed) co_return failure(failed->error.code, "reading " + each.collection.path + ": " + failed->error.message);
  }
  co_return Result<void>{};
}

}  // namespace

boost::asio::awaitable<Result<psa::ReferenceData>> read_reference_data(Client& client,
                                                                       std::span<const std::string> boards,
                                                                       std::span<const std::string> companies,
                                                                       psa::Lane lane) {
  psa::ReferenceData data;
  data.read_at = client.clock().now();
  std::vector<Wanted> lists;
  lists.push_back({{"/service/boards", "fields=id,name,inactiveFlag,projectFlag"}, take_boards(data.boards)});
  lists.push_back({{"/service/priorities", "fields=id,name"}, take_into(data.priorities, "")});
  lists.push_back({{"/service/sources", "fields=id,name"}, take_into(data.sources, "")});
  lists.push_back({{"/service/locations", "fields=id,name"}, take_into(data.locations, "")});
  const Result<void> common = co_await read_all(client, std::move(lists), lane);
  if (!common) co_return tl::unexpected(common.error());
  for (psa::Board& board : data.boards) {
    if (std::ranges::find(boards, board.reference.id) == boards.end()) continue;
    const Result<void> read = co_await read_all(client, lists_of_board(board), lane);
    if (!read) co_return tl::unexpected(read.error());
  }
  const Result<void> read = co_await read_all(client, lists_of_companies(client, companies, data.companies), lane);
  if (!read) co_return tl::unexpected(read.error());
  co_return data;
}

}  // namespace crosswalk::connectwise::manage
