// Sends CloudEvents to Crosswalk's intake as fast, or as evenly, as asked, and tells how long the answers took: one
// thread, epoll, requests that are built once and patched in place, so that little of the machine goes to the driver.

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace {

using SteadyClock = std::chrono::steady_clock;

struct Options {
  std::uint16_t port = 0;
  std::string path = "/v1/events", key, partner = "bench", prefix = "e";
  int connections = 32, batch = 1;
  std::int64_t count = 10'000;     ///< events at most
  std::int64_t subjects = 20'000;  ///< different alerts
  std::int64_t customers = 1'000;  ///< that the alerts are spread over
  std::int64_t partners = 0;       ///< among which the alerts are dealt out, as "bench-007"; 0: all are of `partner`
  double seconds = 60;             ///< at most
  double rate = 0;                 ///< events a second; 0: as many as are answered
};

double seconds_since(SteadyClock::time_point start) {
  return std::chrono::duration<double>(SteadyClock::now() - start).count();
}

void put_digits(char* at, int width, std::int64_t value) {
  for (int i = width - 1; i >= 0; --i, value /= 10) at[i] = static_cast<char>('0' + value % 10);
}

/// One request, and where in it the digits are that differ from one to the next.
class RequestTemplate {
 public:
  static constexpr int kIdDigits = 10, kCustomerDigits = 4, kSubjectDigits = 8, kTimeDigits = 16, kPartnerDigits = 3;

  explicit RequestTemplate(const Options& options) {
    std::string body = options.batch > 1 ? "[" : "";
    std::vector<Places> places;
    for (int i = 0; i < options.batch; ++i) {
      if (i > 0) body += ',';
      places.push_back(append_event(body, options));
    }
    if (options.batch > 1) body += ']';
    text_ = "POST " + options.path + " HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer " + options.key +
            "\r\nContent-Type: application/cloudevents" + (options.batch > 1 ? "-batch" : "") +
            "+json\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n";
    for (Places& each : places) {
      each.id += text_.size();
      each.partner += text_.size();
      each.customer += text_.size();
      each.subject += text_.size();
      each.time += text_.size();
    }
    text_ += body;
    places_ = std::move(places);
  }

  /// The time goes along as microseconds since 1970, so that the far end can tell how long it took.
  const std::string& fill(std::int64_t first, const Options& options, std::int64_t microseconds) {
    for (const Places& each : places_) {
      put_digits(&text_[each.id], kIdDigits, first);
      const std::int64_t subject = first % options.subjects;
      if (options.partners > 0) put_digits(&text_[each.partner], kPartnerDigits, subject % options.partners);
      put_digits(&text_[each.customer], kCustomerDigits, subject % options.customers);
      put_digits(&text_[each.subject], kSubjectDigits, subject);
      put_digits(&text_[each.time], kTimeDigits, microseconds);
      ++first;
    }
    return text_;
  }

 private:
  struct Places {
    std::size_t id, partner, customer, subject, time;
  };

  static Places append_event(std::string& body, const Options& options) {
    Places places{};
    body += R"({"specversion":"1.0","id":")" + options.prefix + "-";
    places.id = body.size();
    body += std::string(kIdDigits, '0') + R"(","source":"/acme-edr/eu-1","type":"alert.raised.v1","partner":")" +
            options.partner;
    if (options.partners > 0) body += '-';
    places.partner = body.size();
    if (options.partners > 0) body += std::string(kPartnerDigits, '0');
    body += R"(","data":{"product":"acme-edr","customer":"cust-)";
    places.customer = body.size();
    body += std::string(kCustomerDigits, '0') + R"(","subject":"srv)";
    places.subject = body.size();
    body += std::string(kSubjectDigits, '0') +
            R"(","subject_name":"SRV","condition":"malware.found","severity":"high","title":"Malware found @)";
    places.time = body.size();
    body += std::string(kTimeDigits, '0') +
            R"(","description":"A file that is known to be malware was found and put into quarantine.",)"
            R"("url":"https://edr.example/alerts/1"}})";
    return places;
  }

  std::string text_;
  std::vector<Places> places_;
};

struct Connection {
  int socket = -1;
  bool waits = false;
  SteadyClock::time_point sent;
  std::string received;
};

class Driver {
 public:
  explicit Driver(Options options) : options_(std::move(options)), request_(options_), epoll_(epoll_create1(0)) {
    connections_.resize(static_cast<std::size_t>(options_.connections));
    for (std::size_t i = 0; i < connections_.size(); ++i) connect(i);
  }
  ~Driver() {
    for (const Connection& each : connections_) ::close(each.socket);
    ::close(epoll_);
  }
  Driver(const Driver&) = delete;
  Driver& operator=(const Driver&) = delete;

  void run() {
    start_ = SteadyClock::now();
    wall_start_ =
        std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::system_clock::now().time_since_epoch())
            .count();
    send_where_idle();
    while (answered_ < sent_ || may_send()) {
      wait();
      if (seconds_since(start_) > options_.seconds + kPatienceSeconds) throw std::runtime_error("answers are missing");
    }
    elapsed_ = seconds_since(start_);
  }

  void report() {
    std::sort(milliseconds_.begin(), milliseconds_.end());
    const auto quantile = [&](std::size_t percent) {
      return milliseconds_.empty() ? 0.0 : milliseconds_[(milliseconds_.size() - 1) * percent / 100];
    };
    const auto answers = static_cast<double>(milliseconds_.size());
    std::printf(
        "{\"events\":%lld,\"seconds\":%.4f,\"requests_per_s\":%.1f,\"events_per_s\":%.1f,\"p50_ms\":%.3f,\"p99_ms\":"
        "%.3f,\"refused\":%lld,\"started_us\":%lld}\n",
        static_cast<long long>(next_), elapsed_, answers / elapsed_, answers * options_.batch / elapsed_, quantile(50),
        quantile(99), static_cast<long long>(refused_), static_cast<long long>(wall_start_));
  }

  [[nodiscard]] bool all_taken() const { return refused_ == 0; }

 private:
  /// After this nothing more will come.
  static constexpr double kPatienceSeconds = 30;

  void connect(std::size_t index) {
    Connection& connection = connections_[index];
    connection.socket = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(options_.port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::connect(connection.socket, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0)
      throw std::runtime_error("cannot connect");
    const int on = 1;
    ::setsockopt(connection.socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    ::fcntl(connection.socket, F_SETFL, O_NONBLOCK);
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.u64 = index;
    ::epoll_ctl(epoll_, EPOLL_CTL_ADD, connection.socket, &event);
  }

  [[nodiscard]] bool may_send() const { return next_ < options_.count && seconds_since(start_) < options_.seconds; }

  /// When the next request is to go, in seconds after the start; with a rate, whatever the answers do.
  [[nodiscard]] double next_time() const { return options_.rate > 0 ? static_cast<double>(next_) / options_.rate : 0; }

  void send_where_idle() {
    for (Connection& each : connections_) {
      if (each.waits) continue;
      if (!may_send() || next_time() > seconds_since(start_)) return;
      send(each);
    }
  }

  void send(Connection& connection) {
    const auto now = SteadyClock::now();
    // Measured from when it should have gone: a driver that falls behind must not hide a slow server.
    const double due = options_.rate > 0 ? next_time() : std::chrono::duration<double>(now - start_).count();
    const std::string& text = request_.fill(next_, options_, wall_start_ + static_cast<std::int64_t>(due * 1e6));
    connection.sent = start_ + std::chrono::duration_cast<SteadyClock::duration>(std::chrono::duration<double>(due));
    std::size_t at = 0;
    while (at < text.size()) {
      const ssize_t written = ::send(connection.socket, text.data() + at, text.size() - at, MSG_NOSIGNAL);
      if (written > 0)
        at += static_cast<std::size_t>(written);
      else if (errno != EAGAIN)
        throw std::runtime_error("the server has closed a connection");
    }
    connection.waits = true;
    next_ += options_.batch;
    ++sent_;
  }

  void wait() {
    std::array<epoll_event, 64> events;
    int patience = 1'000;
    if (options_.rate > 0) patience = std::max(0, static_cast<int>((next_time() - seconds_since(start_)) * 1'000));
    const int count = ::epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), patience);
    for (int i = 0; i < count; ++i) receive(connections_[events[static_cast<std::size_t>(i)].data.u64]);
    if (options_.rate > 0) send_where_idle();
  }

  void receive(Connection& connection) {
    std::array<char, 65'536> buffer;
    const ssize_t count = ::recv(connection.socket, buffer.data(), buffer.size(), 0);
    if (count <= 0) {
      if (count < 0 && errno == EAGAIN) return;
      throw std::runtime_error("the server has closed a connection");
    }
    connection.received.append(buffer.data(), static_cast<std::size_t>(count));
    const std::optional<std::size_t> length = answer_length(connection.received);
    if (!length || connection.received.size() < *length) return;
    finish(connection);
    if (options_.rate == 0 && may_send()) send(connection);
  }

  static std::optional<std::size_t> answer_length(std::string_view text) {
    const std::size_t end = text.find("\r\n\r\n");
    if (end == std::string_view::npos) return std::nullopt;
    constexpr std::string_view kName = "ontent-Length: ";
    std::size_t at = text.substr(0, end).find(kName);
    if (at == std::string_view::npos) at = text.substr(0, end).find("ontent-length: ");
    if (at == std::string_view::npos) throw std::runtime_error("an answer has no Content-Length");
    return end + 4 + static_cast<std::size_t>(std::atoll(text.data() + at + kName.size()));
  }

  void finish(Connection& connection) {
    milliseconds_.push_back(std::chrono::duration<double, std::milli>(SteadyClock::now() - connection.sent).count());
    constexpr std::string_view kSuccess = "HTTP/1.1 2";
    const bool taken = connection.received.starts_with(kSuccess);
    if (!taken && refused_++ == 0) std::fprintf(stderr, "refused: %s\n", connection.received.c_str());
    connection.received.clear();
    connection.waits = false;
    ++answered_;
  }

  Options options_;
  RequestTemplate request_;
  int epoll_;
  std::vector<Connection> connections_;
  SteadyClock::time_point start_;
  std::int64_t wall_start_ = 0, next_ = 0, sent_ = 0, answered_ = 0, refused_ = 0;
  double elapsed_ = 0;
  std::vector<double> milliseconds_;
};

}  // namespace

int main(int argument_count, char** arguments) {
  Options options;
  CLI::App app("Sends events to a server on this machine and measures its answers");
  app.add_option("--port", options.port)->required();
  app.add_option("--key", options.key);
  app.add_option("--path", options.path);
  app.add_option("--partner", options.partner);
  app.add_option("--partners", options.partners);
  app.add_option("--prefix", options.prefix, "begins the events' ids");
  app.add_option("--connections", options.connections)->check(CLI::Range(1, 1'000));
  app.add_option("--batch", options.batch, "events in one request")->check(CLI::Range(1, 1'000));
  app.add_option("--count", options.count, "events in all");
  app.add_option("--subjects", options.subjects, "different alerts");
  app.add_option("--customers", options.customers)->check(CLI::Range(1, 10'000));
  app.add_option("--seconds", options.seconds, "the longest that it sends");
  app.add_option("--rate", options.rate, "events a second; 0: as fast as they are answered");
  CLI11_PARSE(app, argument_count, arguments);
  try {
    Driver driver(options);
    driver.run();
    driver.report();
    return driver.all_taken() ? 0 : 1;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "load_driver: %s\n", error.what());
    return 1;
  }
}
