#include "net/transfer.h"

#include <fmt/format.h>
#include <openssl/ssl.h>
#include <sys/socket.h>

#include <algorithm>

#include "base/text.h"
#include "net/addresses.h"

namespace crosswalk::net {

namespace {

// Response headers that are larger than this are an attack or a mistake.
constexpr std::size_t kHeaderBytesMax = 256u << 10;
// ConnectWise's load balancers close idle connections; older ones than this are not worth the risk of a broken call.
constexpr long kIdleSecondsMax = 50;
// From this size on libcurl asks with "Expect: 100-continue" first, which costs a round trip and which proxies get
// wrong.
constexpr std::size_t kExpectBytes = 512u << 10;

Transfer& transfer_at(void* data) { return *static_cast<Transfer*>(data); }

std::size_t on_header(char* data, std::size_t, std::size_t size, void* user) {
  Transfer& transfer = transfer_at(user);
  transfer.header_bytes += size;
  if (transfer.header_bytes > kHeaderBytesMax) {
    transfer.too_large = true;
    return 0;
  }
  const std::string_view line(data, size);
  if (line.starts_with("HTTP/")) {
    // The headers of an interim answer (100, 103) are not the answer's.
    transfer.response.headers.items.clear();
    transfer.header_ended = false;
    return size;
  }
  transfer.header_ended = transfer.header_ended || trim(line).empty();
  if (const std::size_t colon = line.find(':'); colon != std::string_view::npos) {
    transfer.response.headers.add(line.substr(0, colon), std::string(trim(line.substr(colon + 1))));
  }
  return size;
}

std::size_t on_body(char* data, std::size_t, std::size_t size, void* user) {
  Transfer& transfer = transfer_at(user);
  if (transfer.response.body.size() + size > transfer.options.response_bytes_max) {
    transfer.too_large = true;
    return 0;
  }
  transfer.response.body.append(data, size);
  return size;
}

/// libcurl asks here before it connects, when the name has been resolved.
curl_socket_t open_socket(void* user, curlsocktype, curl_sockaddr* address) {
  Transfer& transfer = transfer_at(user);
  bool allowed = transfer.allow_private;
  if (address->family == AF_INET) {
    allowed = allowed || is_public_address(reinterpret_cast<const sockaddr_in*>(&address->addr)->sin_addr);
  } else if (address->family == AF_INET6) {
    allowed = allowed || is_public_address(reinterpret_cast<const sockaddr_in6*>(&address->addr)->sin6_addr);
  } else {
    allowed = false;
  }
  if (!allowed) {
    transfer.address_refused = true;
    return CURL_SOCKET_BAD;
  }
  return ::socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

/// libcurl asks here right before it writes a request, on a new connection and on a reused one. When a reused
/// connection turns out to have been closed, libcurl sends the request again on a fresh one, whatever its method,
/// although the server may have acted upon the first. It has no option against that, but it has to come through here.
int before_request(void* user, char*, char*, int, int) {
  Transfer& transfer = transfer_at(user);
  const bool harmless = transfer.request.method == "GET" || transfer.request.method == "HEAD";
  if (transfer.begun && !harmless) {
    transfer.resend_refused = true;
    return CURL_PREREQFUNC_ABORT;
  }
  transfer.begun = true;
  return CURL_PREREQFUNC_OK;
}

/// Adds an authority to those of the system, where CURLOPT_CAINFO would take their place.
CURLcode trust_file(CURL*, void* context, void* ca_file) {
  auto* store = SSL_CTX_get_cert_store(static_cast<SSL_CTX*>(context));
  const bool loaded = X509_STORE_load_locations(store, static_cast<const char*>(ca_file), nullptr) == 1;
  return loaded ? CURLE_OK : CURLE_SSL_CACERT_BADFILE;
}

void set_method(CURL* easy, const Request& request) {
  const std::string& method = request.method;
  const bool sends_body = !request.body.empty() || method == "POST" || method == "PUT" || method == "PATCH";
  if (sends_body) {
    curl_easy_setopt(easy, CURLOPT_NOBODY, 0L);
    curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body.size()));
    curl_easy_setopt(easy, CURLOPT_POSTFIELDS, request.body.data());
  } else {
    curl_easy_setopt(easy, CURLOPT_HTTPGET, 1L);
    if (method == "HEAD") curl_easy_setopt(easy, CURLOPT_NOBODY, 1L);
  }
  const bool named_by_options = sends_body ? method == "POST" : method == "GET" || method == "HEAD";
  curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, named_by_options ? nullptr : method.c_str());
}

curl_slist* make_headers(const Request& request) {
  curl_slist* list = nullptr;
  for (const auto& [name, value] : request.headers.items) {
    // How the message is framed, and to which host it goes, is not for headers to say.
    if (equals_ignoring_case(name, "Content-Length") || equals_ignoring_case(name, "Transfer-Encoding") ||
        equals_ignoring_case(name, "Host")) {
      continue;
    }
    // libcurl's way to send a header without a value.
    list = curl_slist_append(list, (value.empty() ? name + ";" : name + ": " + value).c_str());
  }
  if (request.headers.find("Content-Type") == nullptr) list = curl_slist_append(list, "Content-Type:");
  if (request.body.size() >= kExpectBytes) list = curl_slist_append(list, "Expect:");
  return list;
}

/// Zero would mean "for ever" to libcurl.
long timeout_of(Duration duration) {
  return static_cast<long>(
      std::clamp<std::int64_t>(duration.count(), 1, std::chrono::milliseconds(std::chrono::hours(24)).count()));
}

std::string_view host_of(std::string_view url) {
  url.remove_prefix(std::min(url.find("://") + 3, url.size()));
  return url.substr(0, url.find_first_of("/?"));
}

struct Explanation {
  std::string_view code;
  std::string message;
  bool answer_unreadable = false;
};

Explanation explain_result(const Transfer& transfer, CURLcode result) {
  const std::string_view host = host_of(transfer.request.target);
  switch (result) {
    case CURLE_COULDNT_RESOLVE_HOST:
      return {"net.name_not_found", fmt::format("the name {} could not be resolved", host)};
    case CURLE_COULDNT_CONNECT:
      if (transfer.address_refused) {
        return {"net.host_not_allowed", fmt::format("{} resolves to an address that is not allowed", host)};
      }
      return {"net.connection_refused", fmt::format("{} could not be connected to", host)};
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CIPHER:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_ISSUER_ERROR:
    case CURLE_SSL_INVALIDCERTSTATUS:
      return {"net.tls_failed", fmt::format("no secure connection to {}: {}", host, transfer.detail.data())};
    case CURLE_OPERATION_TIMEDOUT:
      return {"net.timeout", fmt::format("{} did not answer in time", host)};
    case CURLE_WRITE_ERROR:
      if (!transfer.too_large) break;
      return {
          "net.answer_too_large",
          fmt::format("{} answered with more than the limit of {} bytes", host, transfer.options.response_bytes_max),
          true};
    case CURLE_OK:  // without a status
    case CURLE_WEIRD_SERVER_REPLY:
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_BAD_CONTENT_ENCODING:
      return {"net.answer_unreadable", fmt::format("the answer of {} is not proper HTTP", host), true};
    default:
      break;
  }
  return {"net.connection_lost", fmt::format("the connection to {} broke: {}", host, curl_easy_strerror(result))};
}

}  // namespace

void set_lasting_options(CURL* easy, const std::string& user_agent, const std::string& ca_file, bool allow_private) {
  curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
  // A proxy from the environment would make the check of addresses one of the proxy's address.
  curl_easy_setopt(easy, CURLOPT_PROXY, "");
  curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, allow_private ? "https,http" : "https");
  curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
  curl_easy_setopt(easy, CURLOPT_DISALLOW_USERNAME_IN_URL, 1L);
  curl_easy_setopt(easy, CURLOPT_PATH_AS_IS, 1L);
  curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
  curl_easy_setopt(easy, CURLOPT_ACCEPT_ENCODING, "gzip, deflate");
  curl_easy_setopt(easy, CURLOPT_USERAGENT, user_agent.c_str());
  curl_easy_setopt(easy, CURLOPT_TCP_NODELAY, 1L);
  curl_easy_setopt(easy, CURLOPT_TCP_KEEPALIVE, 1L);
  curl_easy_setopt(easy, CURLOPT_MAXAGE_CONN, kIdleSecondsMax);
  curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 1L);
  curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 2L);
  curl_easy_setopt(easy, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  if (!ca_file.empty()) {
    curl_easy_setopt(easy, CURLOPT_SSL_CTX_FUNCTION, &trust_file);
    curl_easy_setopt(easy, CURLOPT_SSL_CTX_DATA, ca_file.c_str());
  }
  curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, &on_header);
  curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, &on_body);
  curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, &open_socket);
  curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, &before_request);
}

void set_options(Transfer& transfer) {
  CURL* easy = transfer.easy;
  transfer.headers = make_headers(transfer.request);
  curl_easy_setopt(easy, CURLOPT_URL, transfer.request.target.c_str());
  set_method(easy, transfer.request);
  curl_easy_setopt(easy, CURLOPT_HTTPHEADER, transfer.headers);
  curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, timeout_of(transfer.options.timeout));
  curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, timeout_of(transfer.options.connect_timeout));
  curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, transfer.detail.data());
  curl_easy_setopt(easy, CURLOPT_HEADERDATA, &transfer);
  curl_easy_setopt(easy, CURLOPT_WRITEDATA, &transfer);
  curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, &transfer);
  curl_easy_setopt(easy, CURLOPT_PREREQDATA, &transfer);
  curl_easy_setopt(easy, CURLOPT_PRIVATE, &transfer);
}

void forget(Transfer& transfer) {
  curl_easy_setopt(transfer.easy, CURLOPT_ERRORBUFFER, nullptr);
  curl_easy_setopt(transfer.easy, CURLOPT_HTTPHEADER, nullptr);
  curl_slist_free_all(transfer.headers);
  transfer.headers = nullptr;
  transfer.easy = nullptr;
}

Outcome outcome_of(Transfer& transfer, CURLcode result) {
  long status = 0;
  curl_easy_getinfo(transfer.easy, CURLINFO_RESPONSE_CODE, &status);
  // libcurl is content with a header that breaks off in the middle; half an answer must not pass for one.
  if (result == CURLE_OK && status != 0 && !transfer.header_ended) result = CURLE_RECV_ERROR;
  if (result == CURLE_OK && status != 0) {
    transfer.response.status = static_cast<int>(status);
    return std::move(transfer.response);
  }
  using Kind = TransportError::Kind;
  Explanation explanation = explain_result(transfer, result);
  Kind kind = transfer.begun ? Kind::no_answer : Kind::not_sent;
  if (transfer.begun && explanation.answer_unreadable) kind = Kind::answer_unreadable;
  if (transfer.resend_refused) {
    kind = Kind::no_answer;
    explanation = {"net.connection_lost",
                   fmt::format("{} closed the connection before it answered", host_of(transfer.request.target))};
  }
  return tl::unexpected(TransportError{kind, std::string(explanation.code), std::move(explanation.message)});
}

Outcome never_begun(const Transfer& transfer) {
  return tl::unexpected(TransportError{
      TransportError::Kind::not_sent, "net.calls_waiting",
      fmt::format("so many calls are under way that none to {} could begin", host_of(transfer.request.target))});
}

Outcome ended_early(const Transfer& transfer, std::string_view why) {
  using Kind = TransportError::Kind;
  return tl::unexpected(TransportError{
      transfer.begun ? Kind::no_answer : Kind::not_sent, "net.connection_lost",
      fmt::format("the call to {} was ended before an answer came: {}", host_of(transfer.request.target), why)});
}

}  // namespace crosswalk::net
