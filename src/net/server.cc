#include "net/server.h"

#include <fmt/format.h>
#include <openssl/ssl.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <mutex>
#include <thread>
#include <unordered_map>

#include "net/connection.h"

namespace crosswalk::net {

namespace {

namespace asio = boost::asio;
using boost::system::error_code;
using tcp = asio::ip::tcp;

// Time-outs are a matter of seconds; they may be noticed so much late.
constexpr Duration kSweepPeriodMax{500};
constexpr Duration kSweepPeriodMin{5};
// When no socket can be had (file descriptors run out), accepting at once again would only burn the processor.
constexpr Duration kAcceptPause{100};
// The same when somebody has been asked to leave for it.
constexpr Duration kLeavePause{5};
// How long handlers may take to notice that they were cancelled.
constexpr std::chrono::seconds kAbortGrace{1};

/// One io_context with its thread and its connections.
class Worker {
 public:
  Worker(const ServerOptions& options, const Handler& handler, asio::ssl::context* tls,
         std::atomic<std::size_t>& bodies_bytes, Guests& guests)
      : shared_{options, handler, bodies_bytes, tls},
        guests_(guests),
        sweep_(context_),
        work_(context_.get_executor()) {
    const Duration quarter = std::min(options.idle_timeout, options.request_timeout) / 4;
    sweep_period_ = std::clamp(quarter, kSweepPeriodMin, kSweepPeriodMax);
    sweep_later();
  }

  void start() {
    thread_ = std::thread([this] { context_.run(); });
  }

  void join() {
    context_.stop();
    if (thread_.joinable()) thread_.join();
  }

  [[nodiscard]] asio::io_context& context() { return context_; }
  [[nodiscard]] bool empty() const { return connections_.empty(); }

  /// On the worker's thread.
  void begin(Socket socket, std::shared_ptr<Guest> guest) {
    const std::uint64_t number = guest->number;
    auto& connection = connections_[number];
    connection = std::make_unique<Connection>(std::move(socket), shared_, std::move(guest));
    asio::co_spawn(
        context_, connection->run(),
        asio::bind_cancellation_slot(connection->cancellation_slot(),
                                     [this, number](const std::exception_ptr& exception) { end(number, exception); }));
  }

  void ask_to_leave(std::shared_ptr<Guest> guest) {
    asio::post(context_, [this, guest = std::move(guest)] {
      const auto found = connections_.find(guest->number);
      if (found == connections_.end()) return;
      if (!found->second->leave(std::chrono::steady_clock::now())) guests_.stays(*guest);
    });
  }

  void stop_when_idle() {
    asio::post(context_, [this] {
      shared_.stopping = true;
      for (auto& [number, connection] : connections_) connection->close_when_idle();
    });
  }

  void abort() {
    asio::post(context_, [this] {
      shared_.stopping = true;
      for (auto& [number, connection] : connections_) connection->abort();
    });
  }

 private:
  void end(std::uint64_t number, const std::exception_ptr& exception) {
    try {
      if (exception && !shared_.stopping) std::rethrow_exception(exception);
    } catch (const std::exception& bug) {
      spdlog::error("a connection ended because of an error in this program: {}", bug.what());
    }
    // Later, because the coroutine that tells us this has still to be taken down, and its cancellation state lives in
    // the connection.
    asio::post(context_, [this, number] {
      const auto ended = connections_.extract(number);
      guests_.left(ended.mapped()->guest());
    });
  }

  void sweep_later() {
    sweep_.expires_after(sweep_period_);
    sweep_.async_wait([this](error_code error) {
      if (error) return;
      const auto now = std::chrono::steady_clock::now();
      for (auto& [number, connection] : connections_) connection->expire(now);
      sweep_later();
    });
  }

  asio::io_context context_{1};
  Connection::Shared shared_;
  Guests& guests_;
  std::unordered_map<std::uint64_t, std::unique_ptr<Connection>> connections_;
  asio::steady_timer sweep_;
  Duration sweep_period_;
  asio::executor_work_guard<asio::io_context::executor_type> work_;
  std::thread thread_;
};

Guests::Places places(const ServerOptions& options) {
  const int per_address = options.connections_per_address_max;
  return {.all = options.connections_max,
          .per_origin = per_address > 0 ? per_address : std::max(1, options.connections_max / 2),
          .reserved = kReservedConnections};
}

class BeastServer final : public Server {
 public:
  BeastServer(ServerOptions options, Handler handler, std::optional<asio::ssl::context> tls)
      : options_(std::move(options)), handler_(std::move(handler)), tls_(std::move(tls)), guests_(places(options_)) {
    for (int count = 0; count < std::max(options_.threads, 1); ++count) {
      workers_.push_back(std::make_unique<Worker>(options_, handler_, tls_ ? &*tls_ : nullptr, bodies_bytes_, guests_));
    }
    acceptor_.emplace(workers_.front()->context());
    pause_.emplace(workers_.front()->context());
  }

  ~BeastServer() override { stop(Duration{0}); }

  Result<void> listen();

  void start() {
    stopped_ = false;
    guests_.open();
    accept_next();
    for (auto& worker : workers_) worker->start();
  }

  [[nodiscard]] std::uint16_t port() const override { return port_; }
  void stop(Duration grace) override;

 private:
  void accept_next();
  void accepted(error_code error, Socket socket, std::size_t number);
  void close_acceptor();

  const ServerOptions options_;
  const Handler handler_;
  std::optional<asio::ssl::context> tls_;
  std::atomic<std::size_t> bodies_bytes_ = 0;
  Guests guests_;
  std::vector<std::unique_ptr<Worker>> workers_;
  std::optional<tcp::acceptor> acceptor_;
  std::optional<asio::steady_timer> pause_;
  std::size_t next_worker_ = 0;
  std::uint16_t port_ = 0;
  std::mutex stop_mutex_;
  bool stopped_ = true;  // until it has started
};

Result<void> BeastServer::listen() {
  const std::string place = fmt::format("{}:{}", options_.address, options_.port);
  error_code error;
  const auto address = asio::ip::make_address(options_.address, error);
  if (error) {
    return failure(
        "net.address_invalid",
        fmt::format("\"{}\" is not an IP address; use for example 127.0.0.1, 0.0.0.0 or ::1", options_.address));
  }
  const tcp::endpoint endpoint(address, options_.port);
  acceptor_->open(endpoint.protocol(), error);
  if (!error) acceptor_->set_option(tcp::acceptor::reuse_address(true), error);
  if (!error) acceptor_->bind(endpoint, error);
  if (!error) acceptor_->listen(asio::socket_base::max_listen_connections, error);
  if (error == asio::error::address_in_use) {
    return failure("net.port_taken",
                   fmt::format("{} is in use by another program; stop that program or choose another port", place));
  }
  if (error) {
    return failure("net.address_invalid", fmt::format("cannot listen on {}: {}", place, error.message()));
  }
  port_ = acceptor_->local_endpoint().port();
  return {};
}

void BeastServer::accept_next() {
  const std::size_t worker = next_worker_++ % workers_.size();
  acceptor_->async_accept(workers_[worker]->context(), [this, worker](error_code error, Socket socket) {
    accepted(error, std::move(socket), worker);
  });
}

void BeastServer::accepted(error_code error, Socket socket, std::size_t number) {
  if (!acceptor_->is_open()) return;
  if (error) {
    spdlog::warn("cannot accept a connection: {}", error.message());
    const auto leaves = guests_.longest_waiting(std::chrono::steady_clock::now());
    if (leaves) workers_[leaves->worker]->ask_to_leave(leaves);
    pause_->expires_after(leaves ? kLeavePause : kAcceptPause);
    pause_->async_wait([this](error_code cancelled) {
      if (!cancelled && acceptor_->is_open()) accept_next();
    });
    return;
  }
  const tcp::endpoint client = socket.remote_endpoint(error);
  Guests::Arrival arrival = guests_.arrive(client.address(), number, std::chrono::steady_clock::now());
  if (arrival.leaves) workers_[arrival.leaves->worker]->ask_to_leave(arrival.leaves);
  if (arrival.guest) {
    Worker& worker = *workers_[number];
    asio::post(worker.context(), [&worker, socket = std::move(socket), guest = std::move(arrival.guest)]() mutable {
      worker.begin(std::move(socket), std::move(guest));
    });
  }
  accept_next();
}

void BeastServer::close_acceptor() {
  asio::post(workers_.front()->context(), [this] {
    error_code ignored;
    acceptor_->close(ignored);
    pause_->cancel();
    // A connection that was accepted before is begun before this.
    for (auto& worker : workers_) worker->stop_when_idle();
    guests_.close();
  });
}

void BeastServer::stop(Duration grace) {
  const std::lock_guard lock(stop_mutex_);
  if (std::exchange(stopped_, true)) return;
  close_acceptor();
  if (!guests_.wait_for_none(grace)) {
    for (auto& worker : workers_) worker->abort();
    guests_.wait_for_none(kAbortGrace);
  }
  for (auto& worker : workers_) worker->join();
  acceptor_.reset();
  pause_.reset();
  for (auto& worker : workers_) {
    if (worker->empty()) continue;
    // A handler waits for something that cannot be cancelled and may yet come back to its executor; memory that stays
    // is better than memory that is used after its end.
    spdlog::error("a request did not end although the server was stopped; its memory is left as it is");
    static_cast<void>(worker.release());
  }
}

Result<asio::ssl::context> make_tls(const ServerOptions& options) {
  asio::ssl::context tls(asio::ssl::context::tls_server);
  SSL_CTX_set_min_proto_version(tls.native_handle(), TLS1_2_VERSION);
  // Of TLS 1.2 only what keeps old conversations secret when the key gets lost, and cannot be tampered with.
  SSL_CTX_set_cipher_list(tls.native_handle(), "ECDHE+AESGCM:ECDHE+CHACHA20");
  SSL_CTX_set_options(tls.native_handle(), SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
  error_code error;
  tls.use_certificate_chain_file(options.certificate_file, error);
  if (error) {
    return failure("net.certificate_unreadable",
                   fmt::format("cannot read the certificate {}: {}", options.certificate_file, error.message()));
  }
  tls.use_private_key_file(options.private_key_file, asio::ssl::context::pem, error);
  if (error) {
    return failure("net.certificate_unreadable",
                   fmt::format("cannot use the private key {}: {}", options.private_key_file, error.message()));
  }
  return tls;
}

}  // namespace

Result<std::unique_ptr<Server>> Server::start(ServerOptions options, Handler handler) {
  std::optional<asio::ssl::context> tls;
  if (options.certificate_file.empty() != options.private_key_file.empty()) {
    return failure("net.certificate_unreadable", "HTTPS needs both a certificate file and a private key file");
  }
  if (!options.certificate_file.empty()) {
    auto made = make_tls(options);
    if (!made) return tl::unexpected(made.error());
    tls = std::move(*made);
  }
  auto server = std::make_unique<BeastServer>(std::move(options), std::move(handler), std::move(tls));
  if (auto listening = server->listen(); !listening) return tl::unexpected(listening.error());
  server->start();
  return server;
}

}  // namespace crosswalk::net
