#include "service/service.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <array>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include "base/digest.h"
#include "base/text.h"
#include "service/admin.h"
#include "service/auth.h"
#include "service/callback_address.h"
#include "service/cloudevents.h"
#include "service/contact_mappings.h"
#include "service/directory.h"
#include "service/intake_notes.h"
#include "service/metrics.h"
#include "service/pages.h"
#include "service/repeats.h"
#include "service/request_check.h"
#include "service/router.h"
#include "service/routes.h"

namespace crosswalk::service {
namespace {

namespace asio = boost::asio;
namespace json = boost::json;

constexpr std::string_view kEventsPath = "/v1/events";
constexpr std::string_view kAlertmanagerPath = "/v1/sources/alertmanager/";

/// What people and the command line send is short.
constexpr std::size_t kAdminBodyBytesMax = 64u << 10;
/// With tables of customers a mapping may grow; a batch of events has the same limit.
constexpr std::size_t kMappingBytesMax = kBodyBytesMax;
/// A callback carries its object; the largest that ConnectWise shows has a few kilobytes.
constexpr std::size_t kCallbackBytesMax = 1u << 20;

bool is_request_id(std::string_view text) {
  if (text.empty() || text.size() > 64) return false;
  for (const char c : text)
    if (!std::isalnum(static_cast<unsigned char>(c)) && c != '.' && c != '-' && c != '_') return false;
  return true;
}

/// What other events of the log compare as, when the time of one of them was given by us.
bool same_but_for_time(const store::EventRow& earlier, const store::EventRow& again) {
  return earlier.type == again.type && earlier.kind == again.kind && earlier.key == again.key &&
         earlier.data == again.data;
}

class HttpService final : public Service {
 public:
  explicit HttpService(Dependencies dependencies)
      : to_(std::move(dependencies)),
        directory_(to_.store, to_.clock),
        contact_mappings_(to_.store),
        admin_(to_, directory_, notes_) {
    for (const AdminRoute& route : admin_routes()) router_.add(route.method, route.pattern);
  }

  ~HttpService() override { readers_.join(); }

  Result<void> open() {
    if (auto read = notes_.open(to_.store); !read) return read;
    return directory_.refresh();
  }

  net::Handler handler() override {
    return [this](const net::Request& request) { return answer(request); };
  }

  void guard(net::ServerOptions& options) override {
    options.body_bytes_max = std::max({kBodyBytesMax, kNotificationBytesMax, kCallbackBytesMax});
    options.vital_paths = {"/healthz", "/readyz"};
    options.admit = [this](const net::Request& head) { return admit(head); };
    options.refuse = [this](const net::Request& head, const net::Refusal& refusal) { return refuse(head, refusal); };
  }

 private:
  /// A route of administration, and who asks for what.
  struct Routed {
    const AdminRoute* route = nullptr;
    Call call;
  };

  Answer answer(const net::Request& request) {
    const std::string id = request_id_of(request);
    const std::string_view path = path_of(request);
    net::Response response;
    if (request.method == "POST" && path == kEventsPath)
      response = co_await post_events(request, id);
    else
      response = co_await answer_other(request, path, id);
    finish(response, request.method, path, id);
    co_return response;
  }

  /// Whoever may not send here is told before the body is taken.
  net::Admission admit(const net::Request& head) {
    const std::string id = request_id_of(head);
    const std::string_view path = path_of(head);
    auto limit = body_limit(head, path, id);
    if (limit) return {*limit, std::nullopt};
    finish(limit.error(), head.method, path, id);
    return {0, std::move(limit.error())};
  }

  tl::expected<std::size_t, net::Response> body_limit(const net::Request& head, std::string_view path,
                                                      const std::string& id) {
    if (const std::string_view source = intake_source(head.method, path); !source.empty()) {
      const auto who = authenticate_sender(source, head);
      if (!who) return tl::unexpected(refuse_intake(source, who.error(), id));
      return source == "alertmanager" ? kNotificationBytesMax : kBodyBytesMax;
    }
    if (head.method == "POST" && path.starts_with(kCallbacksPath)) {
      if (!is_callback_address(net::parse_target(head.target)))
        return tl::unexpected(problem_response({"request.not_found", "", ""}, id));
      return kCallbackBytesMax;
    }
    if (is_read(head.method) && is_open(path)) return 0;
    auto routed = route_admin(head, path, id);
    if (!routed) return tl::unexpected(std::move(routed.error()));
    return routed->route->members == kDocument ? kMappingBytesMax : kAdminBodyBytesMax;
  }

  /// What the server refuses by itself, in the words of the catalogue.
  net::Response refuse(const net::Request& head, const net::Refusal& refusal) {
    const std::string id = request_id_of(head);
    const std::string_view path = path_of(head);
    const std::string_view source = intake_source(head.method, path);
    std::string code(refusal.code);
    if (code == "request.too_large" && !source.empty()) code = "event.too_large";
    if (!source.empty()) metrics_.count_refused(source, code);
    net::Response response = problem_response({code, "", refusal.detail}, id);
    // RFC 9110 section 15.5.16: what would be taken.
    if (code == "request.content_encoding") response.headers.add("Accept-Encoding", "identity");
    finish(response, head.method, path, id);
    return response;
  }

  void finish(net::Response& response, std::string_view method, std::string_view path, const std::string& id) {
    response.headers.add("X-Request-Id", id);
    metrics_.count_response(response.status);
    if (response.status >= 500) log_failure(method, path, response.status, id);
  }

  static std::string_view path_of(const net::Request& request) {
    return std::string_view(request.target).substr(0, request.target.find('?'));
  }

  /// The name of the source that such a request is of; empty: it brings no events.
  static std::string_view intake_source(std::string_view method, std::string_view path) {
    if (method != "POST") return {};
    if (path == kEventsPath) return "cloudevents";
    return path.starts_with(kAlertmanagerPath) ? "alertmanager" : "";
  }

  /// HEAD asks what GET would be answered with; the server leaves the body away.
  static bool is_read(std::string_view method) { return method == "GET" || method == "HEAD"; }

  /// What anybody may read.
  static bool is_open(std::string_view path) {
    return path == "/healthz" || path == "/readyz" || path == "/metrics" || find_page(path);
  }

  /// At most one line a second: a full disk must not fill it with logs.
  void log_failure(std::string_view method, std::string_view path, int status, std::string_view id) {
    const std::int64_t second = to_milliseconds(to_.clock.now()) / 1'000;
    if (last_failure_second_.exchange(second) == second) return;
    // What follows is a secret.
    if (path.starts_with(kCallbacksPath)) path = kCallbacksPath;
    spdlog::warn("{} {} answered {} (request {})", method, path.substr(0, kLoggedPathMax), status, id);
  }

  Answer answer_other(const net::Request& request, std::string_view path, const std::string& id) {
    if (path.starts_with(kAlertmanagerPath) && request.method == "POST")
      co_return co_await post_alertmanager(request, id);
    if (path.starts_with(kCallbacksPath) && request.method == "POST") co_return take_callback(request, id);
    if (is_read(request.method)) {
      if (std::optional<net::Response> page = find_page(path)) co_return std::move(*page);
      if (path == "/healthz") co_return json_response(200, json::object{{"status", "ok"}});
      if (path == "/readyz") co_return co_await on_reader([&]() -> Answer { co_return co_await ready(id); });
      if (path == "/metrics") co_return co_await on_reader([&]() -> Answer { co_return render_all_metrics(id); });
    }
    co_return co_await answer_admin(request, path, id);
  }

  Answer answer_admin(const net::Request& request, std::string_view path, const std::string& id) {
    auto routed = route_admin(request, path, id);
    if (!routed) co_return std::move(routed.error());
    co_return co_await on_reader([&]() -> Answer {
      co_await note_usage(routed->call.who);
      if (const auto problem = read_call(*routed->route, routed->call)) co_return problem_response(*problem, id);
      co_return co_await (admin_.*routed->route->handler)(routed->call);
    });
  }

  tl::expected<Routed, net::Response> route_admin(const net::Request& request, std::string_view path,
                                                  const std::string& id) {
    net::Target target = net::parse_target(request.target);
    Router::Match match = router_.match(request.method, target.segments);
    if (!match.route) return tl::unexpected(refuse_path(path, match.allowed, id));
    const AdminRoute& route = admin_routes()[*match.route];
    auto who = authenticate(request, KeyPlace::bearer, directory_, to_.clock.now());
    if (!who) return tl::unexpected(problem_response(who.error(), id));
    Call call{request, std::move(target), std::move(match.parameters), std::move(*who), id};
    if (const auto problem = check_access(route, call)) return tl::unexpected(problem_response(*problem, id));
    return Routed{&route, std::move(call)};
  }

  /// What the route does not take is refused.
  static std::optional<RequestProblem> read_call(const AdminRoute& route, Call& call) {
    if (auto problem = check_query(call.target.query, route.query)) return problem;
    if (route.members == kDocument) return std::nullopt;
    auto body = body_object(call.request);
    if (!body) return std::move(body.error());
    call.body = std::move(*body);
    return check_members(call.body, route.members);
  }

  std::optional<RequestProblem> check_access(const AdminRoute& route, const Call& call) {
    if (call.who.role == Role::intake)
      return RequestProblem{"auth.forbidden", "", "The key is for sending events, and for nothing else."};
    if (route.access == Access::admin && !call.who.is_admin())
      return RequestProblem{"auth.forbidden", "", "This takes a key for administration."};
    if (!route.pattern.starts_with("/v1/partners/{partner}")) return std::nullopt;
    if (!call.who.may_see(call.partner()))
      return RequestProblem{"auth.forbidden", "", "The key is for another partner."};
    if (directory_.knows_partner(call.partner())) return std::nullopt;
    // Which partners there are is for those who may see all of them.
    std::string detail;
    if (call.who.is_admin())
      detail =
          "There is no partner \"" + cut_text(call.partner(), 64) + "\"." + directory_.meant_partner(call.partner());
    return RequestProblem{"partner.unknown", "", std::move(detail)};
  }

  net::Response refuse_path(std::string_view path, std::string allowed, const std::string& id) {
    if (path == kEventsPath || path.starts_with(kAlertmanagerPath) || path.starts_with(kCallbacksPath))
      allowed = "POST";
    if (is_open(path)) allowed = "GET, HEAD";
    if (allowed.empty()) return problem_response({"request.not_found", "", ""}, id);
    net::Response response = problem_response({"request.method_not_allowed", "", "Allowed here: " + allowed + "."}, id);
    response.headers.add("Allow", std::move(allowed));
    return response;
  }

  /// Who sends events; for Alertmanager, of the partner whose address it is.
  tl::expected<Principal, RequestProblem> authenticate_sender(std::string_view source, const net::Request& request) {
    const Timestamp now = to_.clock.now();
    if (source == "cloudevents") return authenticate(request, KeyPlace::bearer, directory_, now);
    const net::Target target = net::parse_target(request.target);
    if (target.segments.size() != 4) return tl::unexpected(RequestProblem{"request.not_found", "", ""});
    auto who = authenticate(request, KeyPlace::bearer_or_basic, directory_, now);
    if (!who) return who;
    const std::string& partner = target.segments[3];
    if (!who->may_see(partner)) return tl::unexpected(RequestProblem{"event.partner_forbidden", "", ""});
    if (!directory_.takes_events(partner)) return tl::unexpected(RequestProblem{"partner.unknown", "", ""});
    return who;
  }

  Answer post_events(const net::Request& request, const std::string& id) {
    const auto who = authenticate_sender("cloudevents", request);
    if (!who) co_return refuse_intake("cloudevents", who.error(), id);
    if (const auto problem = check_query(net::parse_target(request.target).query, {}))
      co_return refuse_intake("cloudevents", *problem, id);
    // Asked once for all events of a request.
    std::map<std::string, std::shared_ptr<const mapping::ObjectDocument>> of_contacts;
    const IntakeContext context{who->partner,
                                [this](const std::string& partner) { return directory_.takes_events(partner); },
                                [&](const std::string& partner) {
                                  auto& known = of_contacts[partner];
                                  if (!known) known = contact_mappings_.of(partner);
                                  return known;
                                },
                                to_.clock.now()};
    co_return co_await keep("cloudevents", read_cloudevents(request, context), *who, id);
  }

  Answer post_alertmanager(const net::Request& request, const std::string& id) {
    const auto who = authenticate_sender("alertmanager", request);
    if (!who) co_return refuse_intake("alertmanager", who.error(), id);
    const net::Target target = net::parse_target(request.target);
    if (const auto problem = check_query(target.query, {})) co_return refuse_intake("alertmanager", *problem, id);
    Incoming incoming = read_alertmanager(request, target.segments.at(3), to_.options.alertmanager, to_.clock.now());
    co_return co_await keep("alertmanager", std::move(incoming), *who, id);
  }

  bool is_callback_address(const net::Target& target) {
    return target.segments.size() == 4 && directory_.knows_partner(target.segments[2]) &&
           equals_in_constant_time(target.segments[3], callback_secret(target.segments[2], to_.secrets));
  }

  /// Answers at once, whatever it is: ConnectWise waits five seconds, and what it told is looked at afterwards.
  net::Response take_callback(const net::Request& request, const std::string& id) {
    const net::Target target = net::parse_target(request.target);
    if (!is_callback_address(target)) return problem_response({"request.not_found", "", ""}, id);
    const std::string* signature = request.headers.find("x-content-signature");
    to_.engine.told(PartnerId{target.segments[2]}, {request.body, signature ? *signature : std::string()});
    net::Response response;
    response.status = 204;
    return response;
  }

  net::Response refuse_intake(std::string_view source, const RequestProblem& problem, const std::string& id) {
    metrics_.count_refused(source, problem.code);
    return problem_response(problem, id);
  }

  /// Commits what is good, wakes the engine, and reports each event.
  Answer keep(std::string_view source, Incoming incoming, Principal who, std::string id) {
    const Timestamp now = to_.clock.now();
    notes_.refused(source, incoming, incoming.partner.empty() ? who.partner : incoming.partner, now);
    if (incoming.problem) {
      co_await write_notes();
      co_return refuse_intake(source, *incoming.problem, id);
    }
    for (const std::string& words : notes_.unknown(incoming, now)) spdlog::warn("An event of {}", words);
    Result<std::vector<store::Appended>> appended = co_await append(incoming, who);
    if (!appended) {
      metrics_.count_refused(source, appended.error().code);
      co_return problem_response(appended.error(), id);
    }
    settle_conflicts(source, incoming, *appended);
    if (source == "alertmanager") {
      if (auto repeated = co_await keep_repeats(incoming, *appended); !repeated) {
        metrics_.count_refused(source, repeated.error().code);
        co_return problem_response(repeated.error(), id);
      }
    }
    co_await write_notes();
    const std::vector<EventFate> all = fates(incoming, *appended);
    metrics_.count(source, incoming, count(all));
    co_return render_intake(incoming, all, id);
  }

  /// Appends the good events to the log: a batch in one commit, what is larger in several.
  asio::awaitable<Result<std::vector<store::Appended>>> append(const Incoming& incoming, const Principal& who) {
    std::vector<store::Appended> appended;
    store::Transaction part;
    std::size_t left = 0;
    for (const IncomingEvent& event : incoming.events) left += event.problem ? 0 : 1;
    if (left == 0) co_return appended;
    if (auto usage = directory_.take_usage(who.key_hash, to_.clock.now())) part.keys_used.push_back(std::move(*usage));
    part.events.reserve(std::min(left, kBatchEventsMax));
    for (const IncomingEvent& event : incoming.events) {
      if (event.problem) continue;
      part.events.push_back(event.row);
      if (--left > 0 && part.events.size() < kBatchEventsMax) continue;
      store::Transaction full = std::exchange(part, store::Transaction());
      Result<store::Committed> written = co_await to_.writer.write(std::move(full));
      if (!written) co_return tl::unexpected(written.error());
      appended.insert(appended.end(), written->events.begin(), written->events.end());
      to_.engine.wake();
    }
    co_return appended;
  }

  /// Whether it could be written does not matter to who sends events: it is in memory, and written with the next.
  asio::awaitable<void> write_notes() {
    store::Transaction transaction;
    transaction.settings = notes_.take_changes(to_.clock.now());
    if (transaction.settings.empty()) co_return;
    const std::vector<store::SettingRow> rows = transaction.settings;
    if (const auto written = co_await to_.writer.write(std::move(transaction)); !written) notes_.put_back(rows);
  }

  /// A conflict is none when only the time differs and we gave it ourselves (an event without time that is sent again),
  /// nor when Alertmanager words a firing anew (annotations hold values that move).
  void settle_conflicts(std::string_view source, const Incoming& incoming, std::vector<store::Appended>& appended) {
    std::size_t next = 0;
    for (const IncomingEvent& event : incoming.events) {
      if (event.problem) continue;
      store::Appended& each = appended.at(next++);
      if (each.kind != store::Appended::Kind::conflict) continue;
      if (source == "alertmanager" || is_again(event, each.sequence)) each.kind = store::Appended::Kind::duplicate;
    }
  }

  asio::awaitable<Result<void>> keep_repeats(const Incoming& incoming, std::vector<store::Appended>& appended) {
    auto repeats = find_repeats(to_.store, incoming, appended);
    if (!repeats) co_return tl::unexpected(repeats.error());
    for (std::size_t begin = 0; begin < repeats->size(); begin += kBatchEventsMax) {
      const std::size_t end = std::min(begin + kBatchEventsMax, repeats->size());
      store::Transaction part;
      for (std::size_t i = begin; i < end; ++i) part.events.push_back(std::move((*repeats)[i].row));
      const Result<store::Committed> written = co_await to_.writer.write(std::move(part));
      if (!written) co_return tl::unexpected(written.error());
      for (std::size_t i = begin; i < end; ++i) {
        store::Appended& each = appended.at((*repeats)[i].place);
        each = written->events.at(i - begin);
        // The other voices of a cluster tell the same a moment later.
        if (each.kind == store::Appended::Kind::conflict) each.kind = store::Appended::Kind::duplicate;
      }
      to_.engine.wake();
    }
    co_return Result<void>{};
  }

  bool is_again(const IncomingEvent& event, std::int64_t sequence) {
    const Result<std::vector<store::EventRow>> earlier = to_.store.events_after(sequence - 1, 1);
    if (!earlier || earlier->empty() || earlier->front().sequence != sequence) return false;
    const store::EventRow& first = earlier->front();
    const bool ours = first.time == first.received_at || event.row.time == event.row.received_at;
    return ours && same_but_for_time(first, event.row);
  }

  asio::awaitable<void> note_usage(const Principal& who) {
    std::optional<store::KeyTime> usage = directory_.take_usage(who.key_hash, to_.clock.now());
    if (!usage) co_return;
    store::Transaction transaction;
    transaction.keys_used.push_back(std::move(*usage));
    // Whether the time of last use could be kept does not matter to who is asking.
    (void)co_await to_.writer.write(std::move(transaction));
  }

  /// Whether events are taken and worked on: the store can be read and written, and the engine turns.
  Answer ready(std::string id) {
    const Result<std::int64_t> newest = to_.store.newest_event();
    if (!newest) co_return problem_response(newest.error(), id);
    // A write that has failed stays the last one where nobody writes any more: then it is tried.
    if (to_.writer.last_commit().failure && steady_now() - probed_at_ >= kProbeEvery) {
      probed_at_ = steady_now();
      store::Transaction probe;
      probe.settings.push_back({"readiness", format_timestamp(to_.clock.now())});
      (void)co_await to_.writer.write(std::move(probe));
    }
    if (const auto failure = to_.writer.last_commit().failure) co_return problem_response(*failure, id);
    const std::optional<Duration> silent = engine_silent_for();
    if (silent && *silent >= kStalledAfter)
      co_return problem_response(
          RequestProblem{"engine.stalled", "",
                         "It has not turned for " + std::to_string(silent->count() / 1'000) + " s."},
          id);
    co_return json_response(200, json::object{{"status", "ready"}});
  }

  static Duration steady_now() {
    return std::chrono::duration_cast<Duration>(std::chrono::steady_clock::now().time_since_epoch());
  }

  /// How long ago the engine last turned; nothing while it does not tell.
  std::optional<Duration> engine_silent_for() {
    const std::int64_t turned = to_.engine.metrics().oldest_heartbeat_ms();
    if (turned == 0) return std::nullopt;
    return steady_now() - Duration{turned};
  }

  Result<Pulse> read_pulse(Timestamp now) {
    Pulse pulse;
    const Result<std::int64_t> newest = to_.store.newest_event();
    if (!newest) return tl::unexpected(newest.error());
    const Result<std::int64_t> folded = to_.store.folded({});
    if (!folded) return tl::unexpected(folded.error());
    pulse.unfolded = *newest - *folded;
    const auto oldest = oldest_due(to_.store);
    if (!oldest) return tl::unexpected(oldest.error());
    if (*oldest) pulse.oldest_due_for = std::max(now - **oldest, Duration{0});
    const store::Writer::LastCommit last = to_.writer.last_commit();
    pulse.last_write_failed = last.failure.has_value();
    if (last.at)
      pulse.last_write_ago = std::chrono::duration_cast<Duration>(std::chrono::steady_clock::now() - *last.at);
    pulse.engine_turned_ago = engine_silent_for();
    return pulse;
  }

  net::Response render_all_metrics(const std::string& id) {
    const Result<store::Store::Counts> counts = to_.store.counts({});
    if (!counts) return problem_response(counts.error(), id);
    const auto deliveries = to_.store.outbound().delivery_counts();
    if (!deliveries) return problem_response(deliveries.error(), id);
    const auto partners = to_.store.partners();
    if (!partners) return problem_response(partners.error(), id);
    const auto connections = to_.store.connections("");
    if (!connections) return problem_response(connections.error(), id);
    const Timestamp now = to_.clock.now();
    const Result<Pulse> pulse = read_pulse(now);
    if (!pulse) return problem_response(pulse.error(), id);
    // The lists are walked only when there is something in them, and not at every scrape.
    if (counts->parked == 0) {
      parked_.clear();
    } else if (now - parked_read_at_ >= kParkedEvery) {
      if (auto parked = count_parked(to_.store)) parked_ = std::move(*parked);
      parked_read_at_ = now;
    }
    net::Response response;
    response.headers.add("Content-Type", "text/plain; version=0.0.4; charset=utf-8");
    response.body = render_metrics(metrics_.snapshot(), to_.engine.metrics(), *counts, parked_) + render_pulse(*pulse) +
                    render_connections(*partners, *connections) +
                    render_webhook_metrics(to_.sender.metrics(), *deliveries);
    return response;
  }

  /// The client's own id when it is a plain one, else ours: a random start and a count, so that no two processes give
  /// the same.
  std::string request_id_of(const net::Request& request) {
    const std::string* given = request.headers.find("X-Request-Id");
    if (given && is_request_id(*given)) return *given;
    constexpr std::string_view kDigits = "0123456789abcdefghjkmnpqrstvwxyz";
    std::string id = id_start_;
    for (std::uint64_t rest = ++id_count_; rest > 0; rest >>= 5) id += kDigits[rest & 31];
    return id;
  }

  template <class Start>
  Answer on_reader(Start start) {
    co_return co_await asio::co_spawn(readers_.get_executor(), std::move(start), asio::use_awaitable);
  }

  static constexpr Duration kParkedEvery{15'000};
  /// Whoever asks for readiness all the time shall not write all the time.
  static constexpr Duration kProbeEvery{1'000};
  /// The engine turns each second; what takes it longer than this holds up everybody's tickets.
  static constexpr Duration kStalledAfter{15'000};
  /// A path may be as long as the headers; a log line should not.
  static constexpr std::size_t kLoggedPathMax = 200;

  Dependencies to_;
  Directory directory_;
  ContactMappings contact_mappings_;
  IntakeNotes notes_;
  Admin admin_;
  Router router_;
  IntakeMetrics metrics_;
  /// One thread: what people look at may wait for each other, and the members below need no lock.
  asio::thread_pool readers_{1};
  ParkedByCode parked_;
  Timestamp parked_read_at_{};
  Duration probed_at_ = -kProbeEvery;
  std::string id_start_ = to_lower(net::make_api_key().substr(3, 8)) + "-";
  std::atomic<std::uint64_t> id_count_{0};
  std::atomic<std::int64_t> last_failure_second_{-1};
};

}  // namespace

Result<std::unique_ptr<Service>> Service::make(Dependencies dependencies) {
  auto service = std::make_unique<HttpService>(std::move(dependencies));
  if (Result<void> opened = service->open(); !opened) return tl::unexpected(opened.error());
  return service;
}

}  // namespace crosswalk::service
