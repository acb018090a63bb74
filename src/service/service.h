#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <memory>

#include "base/clock.h"
#include "engine/engine.h"
#include "net/curl_transport.h"
#include "net/secrets.h"
#include "net/server.h"
#include "outbound/sender.h"
#include "service/alertmanager.h"
#include "store/store.h"
#include "store/writer.h"

namespace crosswalk::service {

struct ServiceOptions {
  AlertmanagerOptions alertmanager;
  net::HostPolicy hosts;  ///< which sites a partner may name
  net::HostPolicy webhook_hosts{.allowed_hosts = {}, .any_public_host = true};
  Duration give_up_after{std::chrono::hours{72}};   ///< of deliveries that are replayed
  Duration retention{std::chrono::hours{24 * 30}};  ///< of what webhooks were told: as far back it can be replayed
};

/// What the service stands on. All of it must outlive the service.
struct Dependencies {
  store::Store& store;
  store::Writer& writer;
  engine::Engine& engine;
  outbound::Sender& sender;
  boost::asio::any_io_executor sender_executor;  ///< where the sender's methods are awaited
  Clock& clock;
  const net::SecretBox& secrets;
  ServiceOptions options;
};

/// The HTTP API (api/openapi.yaml) and the pages to look at. Events are read on the server's threads; whatever reads
/// the store for people runs on a thread of the service's own, so that it never delays intake.
class Service {
 public:
  /// Reads partners and keys; fails with the store's error when it cannot.
  [[nodiscard]] static Result<std::unique_ptr<Service>> make(Dependencies dependencies);
  virtual ~Service() = default;
  /// For net::Server::start. The server must be stopped before the service is destroyed.
  [[nodiscard]] virtual net::Handler handler() = 0;
  /// Sets what the server asks when it has read a header, how large a body may be, what it answers even when it is
  /// full, and how it words what it refuses.
  virtual void guard(net::ServerOptions& options) = 0;
};

}  // namespace crosswalk::service
