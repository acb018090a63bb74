#include "connectwise/manage/reference_data.h"

#include <algorithm>

#include "base/json.h"
#include "connectwise/manage/conditions.h"
#include "connectwise/manage/pages.h"

namespace crosswalk::connectwise::manage {
namespace {

namespace json = boost::json;

using ServiceTypes = std::vector<psa::ServiceType>;

/// Setup tables call the name of an entry this or that.
std::string title_of(const json::object& object) {
  std::string name = name_of(object);
  return name.empty() ? text_at(object, "description") : name;
}

TakeItem take_into(ServiceTypes& list, std::string_view inactive_flag) {
  return [&list, inactive_flag](const json::object& object) {
    psa::ServiceType item{{id_member(object), title_of(object)}, flag_member(object, inactive_flag)};
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

/// `inactive` and `closed` name the flags: each collection has words of its own.
TakeItem take_statuses(std::vector<psa::Status>& statuses, std::string_view closed, std::string_view inactive) {
  return [&statuses, closed, inactive](const json::object& object) {
    psa::Status status;
    status.reference = {id_member(object), title_of(object)};
    status.closed = flag_member(object, closed);
    status.inactive = flag_member(object, inactive);
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
  lists.push_back({{path + "/statuses", "fields=id,name,closedStatus,inactive,defaultFlag"},
                   take_statuses(board.statuses, "closedStatus", "inactive")});
  lists.push_back({{path + "/types", "fields=id,name,inactiveFlag"}, take_into(board.types, "inactiveFlag")});
  lists.push_back({{path + "/subtypes", "fields=id,name,inactiveFlag"}, take_into(board.subtypes, "inactiveFlag")});
  lists.push_back({{path + "/items", "fields=id,name,inactiveFlag"}, take_into(board.items, "inactiveFlag")});
  lists.push_back({{path + "/teams", "fields=id,name"}, take_into(board.teams, "")});
  return lists;
}

// Deleted companies stay readable and keep an active status; only the flag tells.
constexpr std::string_view kCompanyFields = "fields=id,name,identifier,deletedFlag&conditions=";
constexpr std::string_view kManufacturerFields = "fields=id,name,inactiveFlag&conditions=";

TakeItem take_communication_types(std::vector<psa::CommunicationType>& types) {
  return [&types](const json::object& object) {
    psa::CommunicationType type;
    type.reference = {id_member(object), title_of(object)};
    type.email = flag_member(object, "emailFlag");
    type.phone = flag_member(object, "phoneFlag");
    type.is_default = flag_member(object, "defaultFlag");
    if (type.reference.empty()) return false;
    types.push_back(std::move(type));
    return true;
  };
}

TakeItem take_configuration_types(std::vector<psa::ConfigurationType>& types) {
  return [&types](const json::object& object) {
    psa::ConfigurationType type;
    type.reference = {id_member(object), title_of(object)};
    type.inactive = flag_member(object, "inactiveFlag");
    if (type.reference.empty()) return false;
    types.push_back(std::move(type));
    return true;
  };
}

TakeItem take_questions(ServiceTypes& questions) {
  return [&questions](const json::object& object) {
    psa::ServiceType question{{id_member(object), text_at(object, "question")}, flag_member(object, "inactiveFlag")};
    if (question.reference.empty()) return false;
    questions.push_back(std::move(question));
    return true;
  };
}

/// Those of `ids`, in as few calls as their number asks for.
std::vector<Wanted> lists_by_id(const Client& client, const std::string& path, std::string_view fields,
                                std::span<const std::string> ids, const TakeItem& take) {
  std::vector<Condition::Value> values;
  for (const std::string& each : ids)
    if (is_manage_id(each)) values.emplace_back(static_cast<std::int64_t>(std::stoll(each)));
  constexpr std::size_t kPagingLength = 32;
  const std::size_t room = client.target_max() - path.size() - 1 - fields.size() - kPagingLength;
  std::vector<Wanted> lists;
  for (const Condition& each : in_batches("id", values, room))
    lists.push_back({{path, std::string(fields) + encode_query(each.text())}, take});
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
  std::vector<Wanted> named =
      lists_by_id(client, "/company/companies", kCompanyFields, companies, take_into(data.companies, "deletedFlag"));
  const Result<void> read = co_await read_all(client, std::move(named), lane);
  if (!read) co_return tl::unexpected(read.error());
  co_return data;
}

boost::asio::awaitable<Result<psa::ObjectReferenceData>> read_object_reference_data(Client& client,
                                                                                    psa::ObjectReferences references,
                                                                                    psa::Lane lane) {
  psa::ObjectReferenceData data;
  std::vector<Wanted> lists = lists_by_id(client, "/procurement/manufacturers", kManufacturerFields,
                                          references.manufacturers, take_into(data.manufacturers, "inactiveFlag"));
  lists.push_back({{"/company/companies/types", "fields=id,name"}, take_into(data.company_types, "")});
  lists.push_back({{"/company/companies/statuses", "fields=id,name,inactiveFlag,defaultFlag"},
                   take_statuses(data.company_statuses, "", "inactiveFlag")});
  lists.push_back({{"/company/contacts/types", "fields=id,description"}, take_into(data.contact_types, "")});
  lists.push_back({{"/company/communicationTypes", "fields=id,description,emailFlag,phoneFlag,defaultFlag"},
                   take_communication_types(data.communication_types)});
  lists.push_back({{"/company/configurations/types", "fields=id,name,inactiveFlag"},
                   take_configuration_types(data.configuration_types)});
  lists.push_back({{"/company/configurations/statuses", "fields=id,description,closedFlag,defaultFlag"},
                   take_statuses(data.configuration_statuses, "closedFlag", "")});
  const Result<void> common = co_await read_all(client, std::move(lists), lane);
  if (!common) co_return tl::unexpected(common.error());
  for (psa::ConfigurationType& type : data.configuration_types) {
    if (std::ranges::find(references.question_types, type.reference.id) == references.question_types.end()) continue;
    const std::string path = "/company/configurations/types/" + type.reference.id + "/questions";
    std::vector<Wanted> questions;
    questions.push_back({{path, "fields=id,question,inactiveFlag"}, take_questions(type.questions.emplace())});
    const Result<void> read = co_await read_all(client, std::move(questions), lane);
    if (!read) co_return tl::unexpected(read.error());
  }
  co_return data;
}

}  // namespace crosswalk::connectwise::manage
