#include "connectwise/manage/client.h"

#include <sodium.h>

#include <algorithm>

#include "base/digest.h"
#include "base/text.h"

namespace crosswalk::connectwise::manage {
namespace {

// Leaves the gate exactly once for the one time it was entered, also when the coroutine is cancelled or destroyed.
class GateTurn {
 public:
  explicit GateTurn(psa::CallGate& gate) : gate_(gate) {}
  ~GateTurn() { gate_.leave(report); }
  GateTurn(const GateTurn&) = delete;
  GateTurn& operator=(const GateTurn&) = delete;

  psa::CallReport report{psa::CallReport::Kind::aside, std::nullopt};  ///< of a call that was given up: nothing

 private:
  psa::CallGate& gate_;
};

std::string to_base64(std::string_view text) {
  std::string encoded(sodium_base64_encoded_len(text.size(), sodium_base64_VARIANT_ORIGINAL), '\0');
  sodium_bin2base64(encoded.data(), encoded.size(), reinterpret_cast<const unsigned char*>(text.data()), text.size(),
                    sodium_base64_VARIANT_ORIGINAL);
  encoded.resize(encoded.find('\0'));
  return encoded;
}

// At most kCallBodyMax bytes, without a torn UTF-8 sequence at the end.
std::string cut_body(std::string_view body) {
  if (body.size() > psa::kCallBodyMax) {
    std::size_t end = psa::kCallBodyMax;
    while (end > 0 && (static_cast<unsigned char>(body[end]) & 0xC0) == 0x80) --end;
    body = body.substr(0, end);
  }
  std::string cut(body);
  // The journal is text: bytes that are none are shown as question marks.
  if (!is_utf8(cut))
    std::ranges::replace_if(
        cut, [](char each) { return static_cast<unsigned char>(each) >= 0x80; }, '?');
  return cut;
}

std::string path_and_query(std::string_view url) {
  const std::size_t scheme = url.find("://");
  const std::size_t slash = url.find('/', scheme == std::string_view::npos ? 0 : scheme + 3);
  return slash == std::string_view::npos ? "/" : std::string(url.substr(slash));
}

psa::CallReport report_on(const Failure& failure) {
  using Kind = psa::CallReport::Kind;
  psa::CallReport report{Kind::answered, failure.retry_after, false, failure.error};
  switch (failure.disposition) {
    case Disposition::throttled:
      report.kind = Kind::throttled;
      break;
    case Disposition::credentials:
      report.kind = Kind::refused_credentials;
      break;
    case Disposition::retry:
    case Disposition::unknown:
      // 409 concerns one record; all else that may be repeated is the server's trouble.
      if (failure.status != 409) report.kind = Kind::failed;
      break;
    case Disposition::park:
    case Disposition::gone:
      // It knows us, and what it does not let us do.
      report.signed_in = failure.status / 100 == 4;
      break;
    case Disposition::rediscover:
      break;
  }
  return report;
}

/// A sign-in page, or what stands between us and the API, answers with success too.
bool is_of_the_api(std::string_view content_type, std::string_view body) {
  return body.empty() || to_lower(content_type).find("json") != std::string::npos;
}

std::string header_or_empty(const net::Headers& headers, std::string_view name) {
  const std::string* value = headers.find(name);
  return value ? *value : std::string();
}

}  // namespace

Client::Client(PartnerId partner, Credentials credentials, net::Transport& transport, psa::CallGate& gate,
               const Clock& clock)
    : partner_(std::move(partner)),
      credentials_(std::move(credentials)),
      transport_(transport),
      gate_(gate),
      clock_(clock),
      site_(read_site(credentials_.site)),
      authorization_("Basic " +
                     to_base64(credentials_.company + "+" + credentials_.public_key + ":" + credentials_.private_key)),
      accept_("application/vnd.connectwise.com+json; version=" + credentials_.api_version) {}

std::size_t Client::target_max() const {
  // The base may grow by some characters when the instance moves between the cut and the call.
  constexpr std::size_t kBaseGrowthMax = 64;
  const std::size_t base = std::max(api_base_.size(), site_.origin.size()) + kBaseGrowthMax;
  return base < kUrlMax ? kUrlMax - base : 0;
}

net::Request Client::sign(const WireRequest& request) const {
  net::Request signed_request;
  signed_request.method = request.method;
  signed_request.target = api_base_ + request.target;
  signed_request.body = request.body;
  signed_request.headers.add("Authorization", authorization_);
  signed_request.headers.add("clientId", credentials_.client_id);
  signed_request.headers.add("Accept", accept_);
  if (!request.body.empty()) signed_request.headers.add("Content-Type", "application/json");
  if (request.forward_only) signed_request.headers.add("pagination-type", "forward-only");
  return signed_request;
}

psa::Call Client::describe(const net::Request& request) {
  constexpr std::size_t kCallIdCharacters = 10;
  psa::Call call;
  // Made of what is known, not of chance, so that a simulated run gives the same ids again.
  call.id =
      short_digest({partner_.value, std::to_string(to_milliseconds(clock_.now())), std::to_string(++calls_count_)},
                   kCallIdCharacters);
  call.method = request.method;
  call.target = path_and_query(request.target);
  call.request_body = cut_body(request.body);
  return call;
}

std::string Client::hide_secrets(std::string text) const {
  // A server that echoes what it got must not bring a key into journals and messages.
  const std::string_view token = std::string_view(authorization_).substr(std::string_view("Basic ").size());
  for (const std::string_view secret : {token, std::string_view(credentials_.private_key)}) {
    if (secret.empty()) continue;
    constexpr std::string_view kHidden = "[hidden]";
    for (std::size_t at = text.find(secret); at != std::string::npos; at = text.find(secret, at + kHidden.size()))
      text.replace(at, secret.size(), kHidden);
  }
  return text;
}

boost::asio::awaitable<tl::expected<Answer, Failure>> Client::exchange(net::Request request, psa::Lane lane,
                                                                       std::vector<psa::Call>& calls, bool aside,
                                                                       const Judge* judge) {
  const Result<void> entered = co_await gate_.enter(lane);
  if (!entered) {
    Failure refused{entered.error(), Disposition::retry, std::nullopt, 0};
    co_return tl::unexpected(std::move(refused));
  }
  GateTurn turn(gate_);
  const bool was_write = request.method != "GET", with_keys = request.headers.find("Authorization") != nullptr;
  psa::Call call = describe(request);
  const Timestamp started_at = clock_.monotonic();
  net::SendOptions options;
  auto sent = co_await transport_.send(std::move(request), options);
  call.took = clock_.monotonic() - started_at;
  if (!sent) {
    // What never began, for want of a turn, says nothing about ConnectWise.
    const bool begun = sent.error().code != "net.calls_waiting";
    turn.report.kind = aside || !begun ? psa::CallReport::Kind::aside : psa::CallReport::Kind::unreachable;
    calls.push_back(std::move(call));
    Failure failure = read_transport_error(sent.error(), was_write);
    failure.error.message = hide_secrets(std::move(failure.error.message));
    turn.report.why = failure.error;
    co_return tl::unexpected(std::move(failure));
  }
  net::Response& response = *sent;
  response.body = hide_secrets(std::move(response.body));
  call.status = response.status;
  call.response_body = cut_body(response.body);
  calls.push_back(std::move(call));
  std::string content_type = header_or_empty(response.headers, "Content-Type");
  if (judge) {
    if (auto judged = (*judge)(response.status, response.body)) {
      turn.report = report_on(*judged);
      co_return tl::unexpected(std::move(*judged));
    }
  }
  if (response.status / 100 == 2) {
    turn.report.kind = aside ? psa::CallReport::Kind::aside : psa::CallReport::Kind::answered;
    turn.report.signed_in = with_keys && is_of_the_api(content_type, response.body);
    Answer answer{response.status, std::move(content_type), header_or_empty(response.headers, "Link"),
                  std::move(response.body)};
    co_return answer;
  }
  Reading reading = read_failure(response.status, content_type, response.body, was_write);
  Failure failure{std::move(reading.error), reading.disposition, std::nullopt, response.status};
  if (response.status == 429 || response.status == 503)
    failure.retry_after = read_retry_after(response.headers, response.body, clock_.now());
  turn.report = report_on(failure);
  if (aside && turn.report.kind != psa::CallReport::Kind::throttled) turn.report.kind = psa::CallReport::Kind::aside;
  co_return tl::unexpected(std::move(failure));
}

boost::asio::awaitable<tl::expected<Answer, Failure>> Client::fetch(std::string url, psa::Lane lane,
                                                                    std::vector<psa::Call>& calls) {
  net::Request request;
  request.target = std::move(url);
  request.headers.add("Accept", "application/json");
  co_return co_await exchange(std::move(request), lane, calls, true);
}

std::optional<Failure> Client::judge_company_info(int status, const std::string& body) const {
  // Before anybody has signed in, "not found" can only mean the company; this call looks for nothing else.
  if (status == 404 || (status / 100 == 2 && says_unknown_company(body)))
    return Failure{{"psa.company_unknown",
                    "\"" + credentials_.company + "\" is not a login company at " + site_.origin +
                        ". Perhaps the login company is wrong, perhaps the site.",
                    {}},
                   Disposition::credentials,
                   std::nullopt,
                   0};
  if (status / 100 == 2 && !read_api_base(site_, body))
    return Failure{
        {"psa.discovery_unreadable", "the company information of " + site_.origin + " names no codebase", {}},
        Disposition::retry,
        std::nullopt,
        0};
  return std::nullopt;
}

boost::asio::awaitable<tl::expected<void, Failure>> Client::discover(psa::Lane lane, std::vector<psa::Call>& calls) {
  net::Request request;
  request.target = site_.origin + "/login/companyinfo/" + net::percent_encode(credentials_.company);
  request.headers.add("Accept", "application/json");
  const Judge judge = [this](int status, const std::string& body) { return judge_company_info(status, body); };
  auto answer = co_await exchange(std::move(request), lane, calls, false, &judge);
  if (!answer) co_return tl::unexpected(std::move(answer.error()));
  api_base_ = *read_api_base(site_, answer->body);
  ++discoveries_count_;
  co_return tl::expected<void, Failure>{};
}

boost::asio::awaitable<tl::expected<Answer, Failure>> Client::call(WireRequest request, psa::Lane lane,
                                                                   std::vector<psa::Call>& calls) {
  for (bool repeated = false;; repeated = true) {
    if (api_base_.empty()) {
      auto found = co_await discover(lane, calls);
      if (!found) co_return tl::unexpected(std::move(found.error()));
    }
    const std::int64_t discoveries_before = discoveries_count_;
    auto answer = co_await exchange(sign(request), lane, calls);
    if (answer) co_return std::move(*answer);
    Failure failure = std::move(answer.error());
    if (failure.error.code == "psa.permission_missing")
      failure.error.message +=
          ". The role of the API member needs " + right_for(request.method, request.target, request.sets_status) + ".";
    // A write that another place has answered is not repeated unseen; the look that comes first finds the new way.
    const bool repeats = failure.disposition == Disposition::rediscover && !repeated;
    const bool unseen = failure.disposition == Disposition::unknown &&
                        explain(failure.error.code).disposition == Disposition::rediscover;
    if ((repeats || unseen) && discoveries_count_ == discoveries_before) api_base_.clear();
    if (!repeats) co_return tl::unexpected(std::move(failure));
  }
}

}  // namespace crosswalk::connectwise::manage
