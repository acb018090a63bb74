#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "net/http.h"
#include "net/secrets.h"
#include "store/store.h"
#include "store/writer.h"

namespace crosswalk::outbound {

struct SenderOptions {
  Duration timeout{15'000};  ///< of one delivery
  int at_once = 4;           ///< deliveries under way to one webhook
  Duration give_up_after{std::chrono::hours{72}};
  Duration retention{std::chrono::hours{24 * 30}};  ///< of what is delivered, and of dead letters
  /// A webhook that has failed for so long, again and again, is told to the others: a receiver that is started anew is
  /// back sooner.
  Duration failing_after{std::chrono::minutes{10}};
  std::uint64_t seed = 0;  ///< of the jitter; 0: from the system
};

/// What one webhook has come to since the start.
struct WebhookMetrics {
  std::string webhook;
  std::uint64_t delivered = 0, failed = 0, dead = 0;
  bool circuit_open = false;
  /// "in_order", "disabled", or why it fails (outbound::Trouble). One failure alone changes nothing.
  std::string state = "in_order";
  std::string cause{};  ///< of a failure: the answer's status, or a code of the catalogue
};

/// How a test message fared.
struct TestOutcome {
  bool delivered = false;
  int status = 0;  ///< 0: there was no answer
  Duration took{};
  std::string error;
};

/// Brings the events of the outbound log to the webhooks that want them: at least once, in the order of each record,
/// each webhook at its own pace. One executor with one thread; what returns awaitables is awaited there, the rest may
/// be called from anywhere. All that it knows can be lost: the store has it.
class Sender {
 public:
  [[nodiscard]] static std::unique_ptr<Sender> make(boost::asio::any_io_executor executor, store::Store& store,
                                                    store::Writer& writer, Clock& clock, net::Transport& transport,
                                                    const net::SecretBox& secrets, SenderOptions options);
  virtual ~Sender() = default;

  /// Runs until stop(), and returns when what is under way has ended.
  virtual boost::asio::awaitable<void> run() = 0;
  virtual void stop() = 0;
  /// There are new events, or a webhook has changed.
  virtual void wake() = 0;
  /// Sends one message of type "webhook.test", whatever the webhook's state, and tells how it fared; "webhook.unknown".
  virtual boost::asio::awaitable<Result<TestOutcome>> test(std::string webhook) = 0;
  /// Of the webhooks that are there, oldest first.
  [[nodiscard]] virtual std::vector<WebhookMetrics> metrics() const = 0;
};

}  // namespace crosswalk::outbound
