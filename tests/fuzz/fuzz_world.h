#pragma once

#include <cstdlib>
#include <memory>

#include "base/text.h"
#include "sandbox/tenant.h"
#include "sandbox/world.h"

namespace crosswalk::sandbox {

/// A world that clients have not yet filled up; made anew now and then, so that a finding does not hang on what was
/// written a million requests ago.
inline World& fuzzed_world() {
  constexpr int kRequestsMax = 2'000;
  static std::unique_ptr<World> world;
  static int requests = 0;
  if (world == nullptr || ++requests > kRequestsMax) {
    requests = 0;
    WorldOptions options;
    options.calls_kept_max = 4;
    world = std::make_unique<World>([] { return from_milliseconds(1'772'352'000'000); }, std::move(options));
  }
  return *world;
}

/// Sends it as a client with good keys does. What comes back must be an answer that a client can read.
inline void send(std::string_view method, std::string_view path, std::string body) {
  static const std::string authorization = "Basic " + base64_encode("sandbox+sandbox-public:sandbox-private");
  net::Request request;
  request.method = method;
  request.target = "/v2025_1/apis/3.0" + std::string(path);
  request.headers.set("Host", "localhost");
  request.headers.set("Authorization", authorization);
  request.headers.set("clientId", "fuzz");
  request.body = std::move(body);
  const net::Response response = fuzzed_world().handle(request);
  if (response.status < 200 || response.status > 599) std::abort();
  if (response.status == 204 || response.body.empty()) return;
  boost::system::error_code error;
  boost::json::parse(response.body, error);
  // The two gateway texts are no JSON, and neither can come of a request with good keys and a good path.
  if (error) std::abort();
}

}  // namespace crosswalk::sandbox
