#include "net/curl_transport.h"

#include <curl/curl.h>
#include <pthread.h>

#include <algorithm>
#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <csignal>
#include <mutex>
#include <stdexcept>
#include <thread>
#include <unordered_map>

#include "net/call_queue.h"
#include "net/transfer.h"

namespace crosswalk::net {

namespace {

namespace asio = boost::asio;

// libcurl knows by itself when one of its time-outs is due; this only bounds a wait for nothing.
constexpr int kPollMillisecondsMax = 1'000;
// Calls that wait in vain may be told so this much late.
constexpr std::chrono::milliseconds kOverdueEvery{200};

template <class Handler>
class HandlerCompletion final : public Completion {
 public:
  explicit HandlerCompletion(Handler handler)
      : handler_(std::move(handler)), work_(asio::get_associated_executor(handler_)) {}

  void complete(Outcome outcome) override {
    asio::post(work_.get_executor(), [handler = std::move(handler_), outcome = std::move(outcome)]() mutable {
      std::move(handler)(std::move(outcome));
    });
    work_.reset();
  }

 private:
  Handler handler_;
  // Whoever runs the executor must not go home while a call is under way.
  asio::executor_work_guard<asio::associated_executor_t<Handler>> work_;
};

bool is_token(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char each) {
    return (each >= 'a' && each <= 'z') || (each >= 'A' && each <= 'Z') || (each >= '0' && each <= '9') ||
           std::string_view("!#$%&'*+-.^_`|~").find(each) != std::string_view::npos;
  });
}

/// A line break in a header would be the beginning of another one, or of another request.
bool is_well_formed(const Request& request) {
  return is_token(request.method) && std::ranges::all_of(request.headers.items, [](const auto& header) {
           return is_token(header.first) &&
                  header.second.find_first_of(std::string_view("\r\n\0", 3)) == std::string::npos;
         });
}

/// The thread on which libcurl works, and what it works on.
class Engine {
 public:
  explicit Engine(CurlOptions options, bool allow_private);
  ~Engine();
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  void start(std::shared_ptr<Transfer> transfer);
  void cancel(std::shared_ptr<Transfer> transfer);

 private:
  struct Orders {
    std::vector<std::shared_ptr<Transfer>> start;
    std::vector<std::shared_ptr<Transfer>> cancel;
    bool stop = false;
  };

  void run();
  template <class Change>
  void order(const Change& change);
  Orders take_orders();
  void begin(std::shared_ptr<Transfer> transfer);
  void cancel_now(Transfer& transfer);
  void end_overdue(std::chrono::steady_clock::time_point now);
  int finish_done();
  void end(Transfer& transfer, Outcome outcome);

  const CurlOptions options_;
  const bool allow_private_;
  CURLM* multi_ = nullptr;
  std::vector<CURL*> idle_;
  CallQueue queue_;
  std::chrono::steady_clock::time_point overdue_looked_at_{};
  std::unordered_map<Transfer*, std::shared_ptr<Transfer>> active_;
  std::mutex mutex_;
  Orders orders_;
  bool ordered_ = false;
  std::thread thread_;
};

Engine::Engine(CurlOptions options, bool allow_private)
    : options_(std::move(options)), allow_private_(allow_private), queue_(options_.calls_max) {
  static const CURLcode global = curl_global_init(CURL_GLOBAL_DEFAULT);
  if (global != CURLE_OK) throw std::runtime_error("libcurl cannot be initialized");
  multi_ = curl_multi_init();
  if (multi_ == nullptr) throw std::bad_alloc();
  // Within this the queue says who calls. Not per host: all partners of a region share one.
  curl_multi_setopt(multi_, CURLMOPT_MAX_TOTAL_CONNECTIONS, static_cast<long>(options_.calls_max));
  curl_multi_setopt(multi_, CURLMOPT_MAXCONNECTS, static_cast<long>(options_.calls_max));
  curl_multi_setopt(multi_, CURLMOPT_PIPELINING, static_cast<long>(CURLPIPE_NOTHING));
  thread_ = std::thread([this] { run(); });
}

Engine::~Engine() {
  order([](Orders& orders) { orders.stop = true; });
  thread_.join();
  for (CURL* easy : idle_) curl_easy_cleanup(easy);
  curl_multi_cleanup(multi_);
}

void Engine::start(std::shared_ptr<Transfer> transfer) {
  order([&](Orders& orders) { orders.start.push_back(std::move(transfer)); });
}

void Engine::cancel(std::shared_ptr<Transfer> transfer) {
  order([&](Orders& orders) { orders.cancel.push_back(std::move(transfer)); });
}

template <class Change>
void Engine::order(const Change& change) {
  const std::lock_guard lock(mutex_);
  change(orders_);
  // One wake-up is enough for all orders that are given before the thread takes them.
  if (!std::exchange(ordered_, true)) curl_multi_wakeup(multi_);
}

Engine::Orders Engine::take_orders() {
  const std::lock_guard lock(mutex_);
  ordered_ = false;
  return std::exchange(orders_, {});
}

void Engine::run() {
  // libcurl's own way of ignoring it is off with CURLOPT_NOSIGNAL, and a broken connection must not end the program.
  sigset_t broken_pipe;
  sigemptyset(&broken_pipe);
  sigaddset(&broken_pipe, SIGPIPE);
  pthread_sigmask(SIG_BLOCK, &broken_pipe, nullptr);
  while (true) {
    Orders orders = take_orders();
    const auto now = std::chrono::steady_clock::now();
    for (auto& transfer : orders.start) queue_.add(std::move(transfer), now);
    for (auto& transfer : orders.cancel) cancel_now(*transfer);
    if (orders.stop) break;
    end_overdue(now);
    while (auto transfer = queue_.next()) begin(std::move(transfer));
    int running = 0;
    curl_multi_perform(multi_, &running);
    // Those that have ended leave their slots to others, who must not wait for the next wake-up.
    if (finish_done() > 0) continue;
    curl_multi_poll(multi_, nullptr, 0, kPollMillisecondsMax, nullptr);
  }
  for (const auto& transfer : queue_.take_all()) {
    transfer->completion->complete(ended_early(*transfer, "the program is stopping"));
  }
  while (!active_.empty()) {
    Transfer& transfer = *active_.begin()->first;
    end(transfer, ended_early(transfer, "the program is stopping"));
  }
}

void Engine::begin(std::shared_ptr<Transfer> transfer) {
  if (idle_.empty()) {
    CURL* easy = curl_easy_init();
    if (easy == nullptr) throw std::bad_alloc();
    set_lasting_options(easy, options_.user_agent, options_.ca_file, allow_private_);
    idle_.push_back(easy);
  }
  transfer->easy = idle_.back();
  idle_.pop_back();
  set_options(*transfer);
  curl_multi_add_handle(multi_, transfer->easy);
  Transfer* const key = transfer.get();
  active_.emplace(key, std::move(transfer));
}

void Engine::cancel_now(Transfer& transfer) {
  Outcome outcome = ended_early(transfer, "it was cancelled");
  if (active_.contains(&transfer)) return end(transfer, std::move(outcome));
  if (const auto waiting = queue_.take(transfer)) waiting->completion->complete(std::move(outcome));
}

void Engine::end_overdue(std::chrono::steady_clock::time_point now) {
  if (now - overdue_looked_at_ < kOverdueEvery) return;
  overdue_looked_at_ = now;
  for (const auto& transfer : queue_.take_overdue(now)) transfer->completion->complete(never_begun(*transfer));
}

int Engine::finish_done() {
  int count = 0;
  int left = 0;
  while (const CURLMsg* message = curl_multi_info_read(multi_, &left)) {
    if (message->msg != CURLMSG_DONE) continue;
    const CURLcode result = message->data.result;
    Transfer* transfer = nullptr;
    curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &transfer);
    end(*transfer, outcome_of(*transfer, result));
    ++count;
  }
  return count;
}

void Engine::end(Transfer& transfer, Outcome outcome) {
  CURL* const easy = transfer.easy;
  curl_multi_remove_handle(multi_, easy);
  forget(transfer);
  idle_.push_back(easy);
  queue_.ended(transfer);
  const auto node = active_.extract(&transfer);
  node.mapped()->completion->complete(std::move(outcome));
}

class CurlMultiTransport final : public Transport {
 public:
  CurlMultiTransport(CurlOptions options, HostPolicy policy)
      : policy_(std::move(policy)), engine_(std::make_shared<Engine>(std::move(options), policy_.allow_private)) {}

  asio::awaitable<Outcome> send(Request request, SendOptions options) override {
    using Kind = TransportError::Kind;
    if (auto allowed = policy_.check(request.target); !allowed) {
      co_return tl::unexpected(TransportError{Kind::not_sent, allowed.error().code, allowed.error().message});
    }
    if (!is_well_formed(request)) {
      co_return tl::unexpected(
          TransportError{Kind::not_sent, "net.request_invalid", "the request has a malformed method or header"});
    }
    auto transfer = std::make_shared<Transfer>();
    transfer->request = std::move(request);
    transfer->options = options;
    transfer->allow_private = policy_.allow_private;
    auto initiation = [this, transfer = std::move(transfer)](auto handler) {
      if (auto slot = asio::get_associated_cancellation_slot(handler); slot.is_connected()) {
        slot.assign(
            [engine = std::weak_ptr(engine_), transfer = std::weak_ptr(transfer)](asio::cancellation_type type) {
              const auto alive = engine.lock();
              auto cancelled = transfer.lock();
              if (type != asio::cancellation_type::none && alive && cancelled) alive->cancel(std::move(cancelled));
            });
      }
      transfer->completion = std::make_unique<HandlerCompletion<decltype(handler)>>(std::move(handler));
      engine_->start(transfer);
    };
    co_return co_await asio::async_initiate<const asio::use_awaitable_t<>, void(Outcome)>(std::move(initiation),
                                                                                          asio::use_awaitable);
  }

 private:
  HostPolicy policy_;
  std::shared_ptr<Engine> engine_;
};

}  // namespace

std::unique_ptr<Transport> make_curl_transport(CurlOptions options, HostPolicy policy) {
  return std::make_unique<CurlMultiTransport>(std::move(options), std::move(policy));
}

}  // namespace crosswalk::net
