// A ConnectWise that answers at once and knows only what an alert needs to become a ticket, so that what is measured is
// Crosswalk. One thread. GET /bench/report tells how many tickets came, when, and how long after their events were
// sent.

#include <pthread.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <charconv>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <iostream>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "net/server.h"

namespace crosswalk::bench {
namespace {

std::int64_t now_microseconds() {
  return std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::system_clock::now().time_since_epoch())
      .count();
}

net::Response answer_json(int status, std::string body) {
  net::Response response;
  response.status = status;
  response.headers.add("Content-Type", "application/json; charset=utf-8");
  response.body = std::move(body);
  return response;
}

/// The text that stands between `before` and the next quote.
std::string_view quoted_after(std::string_view text, std::string_view before) {
  const std::size_t at = text.find(before);
  if (at == std::string_view::npos) return {};
  const std::size_t start = at + before.size();
  return text.substr(start, text.find('"', start) - start);
}

struct FixedList {
  std::string_view path_end, body;
};

constexpr FixedList kLists[] = {
    {"/service/boards", R"([{"id":1,"name":"Help Desk","inactiveFlag":false,"projectFlag":false}])"},
    {"/statuses", R"([{"id":11,"name":"New","closedStatus":false,"inactive":false,"defaultFlag":true},)"
                  R"({"id":12,"name":"Closed","closedStatus":true,"inactive":false,"defaultFlag":false}])"},
    {"/service/priorities", R"([{"id":21,"name":"Priority 1"}])"},
    {"/service/sources", R"([{"id":31,"name":"Integration"}])"},
    {"/service/locations", R"([{"id":41,"name":"On-Site"}])"},
    {"/company/companies", R"([{"id":51,"name":"Contoso","identifier":"Contoso","deletedFlag":false}])"},
    {"/system/info", R"({"version":"v2025.1","isCloud":false})"},
};

class Stub {
 public:
  boost::asio::awaitable<net::Response> answer(const net::Request& request) {
    const std::string_view path = std::string_view(request.target).substr(0, request.target.find('?'));
    if (request.method == "POST" && path.ends_with("/service/tickets")) co_return take_ticket(request.body);
    if (request.method == "POST") co_return answer_json(201, R"({"id":1})");
    if (path.ends_with("/service/tickets")) co_return find_tickets(request.target);
    if (path == "/bench/report") co_return report();
    if (path.find("/login/companyinfo/") != std::string_view::npos)
      co_return answer_json(200, R"({"CompanyName":"Bench","Codebase":"v4_6_release/","VersionCode":"v2025.1"})");
    for (const FixedList& each : kLists)
      if (path.ends_with(each.path_end)) co_return answer_json(200, std::string(each.body));
    co_return answer_json(200, "[]");
  }

 private:
  net::Response take_ticket(std::string_view body) {
    const std::int64_t arrived = now_microseconds();
    std::int64_t sent = 0;
    if (const std::size_t at = body.find('@'); at != std::string_view::npos)
      std::from_chars(body.data() + at + 1, body.data() + body.size(), sent);
    latencies_.push_back(arrived - sent);
    if (tickets_.empty()) first_ = arrived;
    last_ = arrived;
    const std::string id = std::to_string(tickets_.size() + 1);
    std::string ticket = "{\"id\":" + id + ",\"closedFlag\":false," + std::string(body.substr(1));
    by_reference_.emplace(quoted_after(body, "\"externalXRef\":\""), tickets_.size());
    tickets_.push_back(ticket);
    return answer_json(201, std::move(ticket));
  }

  /// `id in (1,2)` and `externalXRef in ("a","b")`: whatever of the list is there.
  net::Response find_tickets(const std::string& target) {
    const net::Target parsed = net::parse_target(target);
    const std::string* conditions = parsed.query.find("conditions");
    std::string body = "[";
    std::string_view rest = conditions ? std::string_view(*conditions) : std::string_view();
    const bool by_id = rest.starts_with("id");
    rest.remove_prefix(std::min(rest.size(), rest.find_first_of("(=") + 1));
    while (!rest.empty()) {
      const std::size_t comma = rest.find_first_of(",)");
      append_found(body, rest.substr(0, comma), by_id);
      rest.remove_prefix(comma == std::string_view::npos ? rest.size() : comma + 1);
    }
    return answer_json(200, body + "]");
  }

  void append_found(std::string& body, std::string_view value, bool by_id) {
    while (!value.empty() && (value.front() == '"' || value.front() == ' ')) value.remove_prefix(1);
    while (!value.empty() && (value.back() == '"' || value.back() == ' ')) value.remove_suffix(1);
    std::size_t index = tickets_.size();
    if (by_id) {
      std::size_t id = 0;
      std::from_chars(value.data(), value.data() + value.size(), id);
      if (id > 0) index = id - 1;
    } else if (const auto found = by_reference_.find(std::string(value)); found != by_reference_.end()) {
      index = found->second;
    }
    if (index >= tickets_.size()) return;
    if (body.size() > 1) body += ',';
    body += tickets_[index];
  }

  net::Response report() {
    std::vector<std::int64_t> sorted = latencies_;
    std::sort(sorted.begin(), sorted.end());
    const auto quantile = [&](std::size_t percent) {
      return sorted.empty() ? 0.0 : static_cast<double>(sorted[(sorted.size() - 1) * percent / 100]) / 1e3;
    };
    return answer_json(200, "{\"tickets\":" + std::to_string(tickets_.size()) +
                                ",\"distinct\":" + std::to_string(by_reference_.size()) +
                                ",\"first_us\":" + std::to_string(first_) + ",\"last_us\":" + std::to_string(last_) +
                                ",\"latency_p50_ms\":" + std::to_string(quantile(50)) +
                                ",\"latency_p99_ms\":" + std::to_string(quantile(99)) +
                                ",\"latency_max_ms\":" + std::to_string(quantile(100)) + "}");
  }

  std::vector<std::string> tickets_;
  std::unordered_map<std::string, std::size_t> by_reference_;
  std::vector<std::int64_t> latencies_;
  std::int64_t first_ = 0, last_ = 0;
};

}  // namespace
}  // namespace crosswalk::bench

int main(int argument_count, char** arguments) {
  using namespace crosswalk;
  net::ServerOptions options;
  CLI::App app("A ConnectWise that answers at once, for measurements");
  app.add_option("--port", options.port);
  CLI11_PARSE(app, argument_count, arguments);
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  bench::Stub stub;
  auto server = net::Server::start(options, [&](const net::Request& request) { return stub.answer(request); });
  if (!server) {
    std::cerr << server.error().message << '\n';
    return 1;
  }
  std::cout << "listening on http://127.0.0.1:" << (*server)->port() << std::endl;
  int signal = 0;
  sigwait(&signals, &signal);
  (*server)->stop(Duration{1'000});
  return 0;
}
