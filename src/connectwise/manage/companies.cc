#include "connectwise/manage/companies.h"

#include "connectwise/manage/conditions.h"
#include "connectwise/manage/pages.h"
#include "connectwise/manage/wire.h"

namespace crosswalk::connectwise::manage {
namespace {

namespace json = boost::json;

constexpr std::string_view kFields =
    "fields=id,identifier,name,addressLine1,city,state,zip,phoneNumber,website,deletedFlag&conditions=";

}  // namespace

std::optional<psa::Company> read_company(const json::object& object, const PartnerId& partner) {
  psa::Company company;
  company.id = {std::string(kProviderName), partner, psa::ObjectKind::company, id_member(object)};
  if (company.id.value.empty()) return std::nullopt;
  company.name = text_member(object, "name");
  company.identifier = text_member(object, "identifier");
  company.website = text_member(object, "website");
  company.phone = text_member(object, "phoneNumber");
  company.street = text_member(object, "addressLine1");
  company.city = text_member(object, "city");
  company.state = text_member(object, "state");
  company.zip = text_member(object, "zip");
  return company;
}

boost::asio::awaitable<std::optional<Failure>> read_companies(Client& client, psa::Lane lane,
                                                              psa::ReadResult<psa::Company>& result) {
  const Collection collection{"/company/companies", std::string(kFields) + encode_query("deletedFlag=false"),
                              Paging::forward_only};
  const TakeItem take = [&](const json::object& object) {
    if (flag_member(object, "deletedFlag")) return true;
    std::optional<psa::Company> company = read_company(object, client.partner());
    if (!company) return false;
    result.items.push_back(std::move(*company));
    return true;
  };
  co_return co_await read_pages(client, collection, lane, result.calls, take);
}

}  // namespace crosswalk::connectwise::manage
