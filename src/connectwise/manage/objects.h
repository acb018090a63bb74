#pragma once

#include <boost/asio/awaitable.hpp>
#include <span>
#include <string>
#include <vector>

#include "connectwise/manage/client.h"
#include "psa/port.h"

namespace crosswalk::connectwise::manage {

/// Configurations that one bulk call makes. ConnectWise publishes no limit; this keeps a call well below the time-outs
/// that are known (docs/assumptions.md).
inline constexpr std::size_t kBulkMax = 100;

/// Companies, contacts and configurations of one partner's Manage.
class Objects {
 public:
  explicit Objects(Client& client) : client_(client) {}

  boost::asio::awaitable<psa::ReadResult<psa::Object>> all(psa::ObjectKind kind, psa::Lane lane);
  boost::asio::awaitable<psa::ReadResult<psa::Object>> changed_since(psa::ObjectKind kind, Timestamp since,
                                                                     psa::Lane lane);
  boost::asio::awaitable<psa::ReadResult<std::string>> ids(psa::ObjectKind kind, psa::Lane lane);
  boost::asio::awaitable<psa::ReadResult<psa::Object>> by_id(psa::ObjectKind kind, std::span<const std::string> ids,
                                                             psa::Lane lane);
  boost::asio::awaitable<psa::ReadResult<psa::Reference>> contacts_with_email(std::string company, std::string email,
                                                                              psa::Lane lane);
  boost::asio::awaitable<psa::ReadResult<psa::Reference>> default_contact(std::string company, psa::Lane lane);
  boost::asio::awaitable<psa::Outcome> create(psa::CreateObject object, psa::Lane lane);
  boost::asio::awaitable<psa::Outcome> update(psa::UpdateObject update, psa::Lane lane);
  boost::asio::awaitable<std::vector<psa::Outcome>> create_together(std::span<const psa::CreateObject> objects,
                                                                    psa::Lane lane);

 private:
  boost::asio::awaitable<psa::ReadResult<psa::Object>> read(psa::ObjectKind kind, std::vector<std::string> conditions,
                                                            psa::Lane lane);
  boost::asio::awaitable<psa::Outcome> write(WireRequest request, psa::ObjectKind kind, const psa::ObjectId* expected,
                                             bool answers_object, psa::Lane lane);
  Client& client_;
};

}  // namespace crosswalk::connectwise::manage
