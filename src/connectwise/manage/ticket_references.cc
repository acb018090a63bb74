#include "connectwise/manage/ticket_references.h"

#include <boost/json/parse.hpp>

#include "base/json.h"
#include "connectwise/manage/conditions.h"
#include "connectwise/manage/pages.h"

namespace crosswalk::connectwise::manage {
namespace {

namespace json = boost::json;

std::string name_of_person(const json::object& object) {
  const std::string first = text_at(object, "firstName"), last = text_at(object, "lastName");
  if (first.empty() && last.empty()) return name_of(object);
  return first.empty() || last.empty() ? first + last : first + " " + last;
}

TakeItem take_into(std::vector<psa::NamedObject>& list, std::string_view inactive_flag, std::string company = {}) {
  return [&list, inactive_flag, company = std::move(company)](const json::object& object) {
    psa::NamedObject found{{id_member(object), name_of_person(object)}, flag_member(object, inactive_flag), company};
    if (const json::object* owner = object_member(object, "company")) found.company = id_member(*owner);
    if (found.reference.empty()) return false;
    list.push_back(std::move(found));
    return true;
  };
}

std::string id_at(const json::object& object, std::string_view name) {
  const json::object* reference = object_member(object, name);
  return reference ? id_member(*reference) : std::string();
}

/// One kind of things to be read: what we may not read is said, and is no failure.
class Lookup {
 public:
  Lookup(Client& client, psa::Lane lane, psa::TicketReferencesFound& found)
      : client_(client), lane_(lane), found_(found) {}

  boost::asio::awaitable<Result<void>> by_id(std::string list, std::string path, std::string fields,
                                             const std::set<std::string>& ids, TakeItem take) {
    std::vector<Condition::Value> values;
    for (const std::string& each : ids)
      if (is_manage_id(each)) values.emplace_back(static_cast<std::int64_t>(std::stoll(each)));
    constexpr std::size_t kPagingLength = 48;
    const std::size_t room = client_.target_max() - path.size() - fields.size() - kPagingLength;
    for (const Condition& each : in_batches("id", values, room)) {
      const Collection collection{path, "fields=" + fields + "&conditions=" + encode_query(each.text())};
      const Result<void> read = co_await one(list, collection, take);
      if (!read) co_return read;
    }
    co_return Result<void>{};
  }

  boost::asio::awaitable<Result<void>> one(const std::string& list, const Collection& collection,
                                           const TakeItem& take) {
    if (found_.unread.contains(list)) co_return Result<void>{};
    std::optional<Failure> failed = co_await read_pages(client_, collection, lane_, calls_, take);
    if (!failed) co_return Result<void>{};
    if (failed->disposition != Disposition::park && failed->disposition != Disposition::gone)
      co_return failure(failed->error.code, "reading " + collection.path + ": " + failed->error.message);
    // A company that does not exist has no sites; that is told of the company.
    if (failed->disposition == Disposition::park) found_.unread[list] = failed->error.message;
    co_return Result<void>{};
  }

 private:
  Client& client_;
  psa::Lane lane_;
  psa::TicketReferencesFound& found_;
  std::vector<psa::Call> calls_;
};

/// The ids of the custom fields that a page of one ticket lists: all that a ticket has, with null where nothing is
/// entered.
std::set<std::string> fields_listed(std::string_view body) {
  std::set<std::string> ids;
  boost::system::error_code error;
  const json::value page = json::parse(json::string_view(body.data(), body.size()), error);
  const json::array* tickets = error ? nullptr : page.if_array();
  const json::object* ticket = tickets == nullptr || tickets->empty() ? nullptr : tickets->front().if_object();
  const json::value* fields = ticket == nullptr ? nullptr : ticket->if_contains("customFields");
  if (fields == nullptr || !fields->is_array()) return ids;
  for (const json::value& each : fields->get_array())
    if (const json::object* field = each.if_object()) ids.insert(id_member(*field));
  return ids;
}

/// Custom fields that a ticket must have. Definitions do not say which are a ticket's, but every ticket lists its own.
/// Where we may not look nothing is known, and nothing is lost: a ticket that is refused for one waits with the reason.
boost::asio::awaitable<std::vector<psa::Reference>> read_required_fields(Client& client, psa::Lane lane) {
  std::vector<psa::Reference> required;
  std::vector<psa::Call> calls;
  const Collection definitions{"/system/userDefinedFields",
                               "fields=id,caption&conditions=" + encode_query("requiredFlag=true")};
  const TakeItem take = [&required](const json::object& object) {
    required.push_back({id_member(object), text_at(object, "caption")});
    return true;
  };
  if (co_await read_pages(client, definitions, lane, calls, take) || required.empty())
    co_return std::vector<psa::Reference>{};
  WireRequest request;
  request.target = "/service/tickets?fields=customFields&pageSize=1&page=1";
  const auto answer = co_await client.call(std::move(request), lane, calls);
  const std::set<std::string> listed = answer ? fields_listed(answer->body) : std::set<std::string>();
  std::erase_if(required, [&](const psa::Reference& each) { return !listed.contains(each.id); });
  co_return required;
}

}  // namespace

boost::asio::awaitable<Result<psa::TicketReferencesFound>> read_ticket_references(Client& client,
                                                                                  psa::TicketReferences wanted,
                                                                                  psa::Lane lane) {
  psa::TicketReferencesFound found;
  Lookup lookup(client, lane, found);
  struct Kind {
    std::string list, path, fields;
    const std::set<std::string>& ids;
    TakeItem take;
  };
  std::vector<Kind> kinds;
  kinds.push_back({"companies", "/company/companies", "id,name,identifier,deletedFlag", wanted.companies,
                   take_into(found.companies, "deletedFlag")});
  kinds.push_back({"members", "/system/members", "id,identifier,firstName,lastName,inactiveFlag", wanted.members,
                   take_into(found.members, "inactiveFlag")});
  kinds.push_back({"agreements", "/finance/agreements", "id,name,company,cancelledFlag", wanted.agreements,
                   take_into(found.agreements, "cancelledFlag")});
  kinds.push_back({"contacts", "/company/contacts", "id,firstName,lastName,company,inactiveFlag", wanted.contacts,
                   take_into(found.contacts, "inactiveFlag")});
  for (Kind& kind : kinds) {
    const Result<void> read = co_await lookup.by_id(kind.list, kind.path, kind.fields, kind.ids, kind.take);
    if (!read) co_return tl::unexpected(read.error());
  }
  for (const auto& [company, site] : wanted.sites) {
    if (!is_manage_id(company)) continue;
    const std::set<std::string> ids{site};
    const Result<void> read =
        co_await lookup.by_id("sites", "/company/companies/" + company + "/sites", "id,name,inactiveFlag", ids,
                              take_into(found.sites, "inactiveFlag", company));
    if (!read) co_return tl::unexpected(read.error());
  }
  for (const std::string& board : wanted.boards) {
    if (!is_manage_id(board)) continue;
    const Collection collection{"/service/boards/" + board + "/typeSubTypeItemAssociations",
                                "fields=id,type,subType,item"};
    auto& triples = found.triples[board];
    const TakeItem take = [&triples](const json::object& object) {
      triples.push_back({id_at(object, "type"), id_at(object, "subType"), id_at(object, "item")});
      return true;
    };
    const Result<void> read = co_await lookup.one("types, subtypes and items", collection, take);
    if (!read) co_return tl::unexpected(read.error());
  }
  found.required_fields = co_await read_required_fields(client, lane);
  co_return found;
}

}  // namespace crosswalk::connectwise::manage
