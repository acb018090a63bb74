#pragma once

#include <memory>
#include <string>

#include "base/clock.h"
#include "connectwise/manage/api_version.h"
#include "net/http.h"
#include "psa/port.h"

namespace crosswalk::connectwise::manage {

/// What a partner gives us to reach their ConnectWise Manage.
struct Credentials {
  std::string
      site;  ///< "na.myconnectwise.net", or a whole URL for on-premises and the sandbox ("http://127.0.0.1:8600")
  std::string company;  ///< login company id
  std::string public_key, private_key;
  std::string client_id;                 ///< the vendor's, registered with ConnectWise
  std::string api_version{kApiVersion};  ///< that every call asks for
};

/// One partner's ConnectWise Manage. Owns its discovery state; shares the transport. All calls pass the gate.
class Provider {
 public:
  static std::unique_ptr<Provider> make(PartnerId partner, Credentials credentials, net::Transport& transport,
                                        psa::CallGate& gate, const Clock& clock);
  virtual ~Provider() = default;
  /// The capabilities; with `read_only`, without `applies`.
  [[nodiscard]] virtual psa::Psa psa(bool read_only) = 0;
};

/// What an HTTP answer (or its absence) means, by the catalogue. Pure; used by the provider and tested on every known
/// body.
struct Reading {
  Error error;
  Disposition disposition;
};
[[nodiscard]] Reading read_failure(int status, std::string_view content_type, std::string_view body, bool was_write);

}  // namespace crosswalk::connectwise::manage
