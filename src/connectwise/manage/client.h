#pragma once

#include <boost/asio/awaitable.hpp>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "connectwise/manage/discovery.h"
#include "connectwise/manage/errors.h"
#include "connectwise/manage/provider.h"
#include "connectwise/manage/wire.h"
#include "net/http.h"
#include "psa/port.h"

namespace crosswalk::connectwise::manage {

/// ConnectWise's advice for the length of a URL; longer ones are cut by proxies.
inline constexpr std::size_t kUrlMax = 2000;

/// A good answer of the API.
struct Answer {
  int status = 0;
  std::string content_type, link, body;
};

/// Speaks HTTP to one partner's Manage: finds it, signs calls, passes every one through the gate, and records it. Used
/// by the coroutines of one thread.
class Client {
 public:
  Client(PartnerId partner, Credentials credentials, net::Transport& transport, psa::CallGate& gate,
         const Clock& clock);

  /// One API call. Finds the instance first when it is not known yet; when the answer says that the instance has moved,
  /// finds it again and repeats the call once. Everything that went over the wire is added to `calls`, which must
  /// outlive the call.
  boost::asio::awaitable<tl::expected<Answer, Failure>> call(WireRequest request, psa::Lane lane,
                                                             std::vector<psa::Call>& calls);

  /// Reads an absolute URL without signing in, for what ConnectWise serves to everybody. What becomes
  /// of it says nothing of the API, and the gate is told so.
  boost::asio::awaitable<tl::expected<Answer, Failure>> fetch(std::string url, psa::Lane lane,
                                                              std::vector<psa::Call>& calls);

  /// Asks companyinfo where the API is. Fails with "psa.company_unknown" or "psa.discovery_unreadable".
  boost::asio::awaitable<tl::expected<void, Failure>> discover(psa::Lane lane, std::vector<psa::Call>& calls);

  [[nodiscard]] const Site& site() const { return site_; }
  [[nodiscard]] bool has_client_id() const { return !credentials_.client_id.empty(); }
  [[nodiscard]] const std::string& company() const { return credentials_.company; }
  [[nodiscard]] const std::string& api_version() const { return credentials_.api_version; }
  [[nodiscard]] const PartnerId& partner() const { return partner_; }
  [[nodiscard]] const Clock& clock() const { return clock_; }
  [[nodiscard]] const std::string& api_base() const { return api_base_; }
  /// How long a target may be so that the whole URL stays within kUrlMax.
  [[nodiscard]] std::size_t target_max() const;

 private:
  /// What an answer really means, where its status does not tell.
  using Judge = std::function<std::optional<Failure>(int status, const std::string& body)>;
  boost::asio::awaitable<tl::expected<Answer, Failure>> exchange(net::Request request, psa::Lane lane,
                                                                 std::vector<psa::Call>& calls, bool aside = false,
                                                                 const Judge* judge = nullptr);
  [[nodiscard]] std::optional<Failure> judge_company_info(int status, const std::string& body) const;
  [[nodiscard]] net::Request sign(const WireRequest& request) const;
  [[nodiscard]] psa::Call describe(const net::Request& request);
  [[nodiscard]] std::string hide_secrets(std::string text) const;

  PartnerId partner_;
  Credentials credentials_;
  net::Transport& transport_;
  psa::CallGate& gate_;
  const Clock& clock_;
  Site site_;
  std::string authorization_, accept_;
  std::string api_base_;                ///< empty: not found yet
  std::int64_t discoveries_count_ = 0;  ///< tells whether somebody else has found the new place meanwhile
  std::int64_t calls_count_ = 0;
};

}  // namespace crosswalk::connectwise::manage
