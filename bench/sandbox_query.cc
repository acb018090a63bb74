// How long the sandbox takes to answer conditions over a hundred thousand configurations, without a network in between.

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <stdexcept>

#include "sandbox/tenant.h"
#include "sandbox/world.h"

namespace {

using namespace crosswalk;

constexpr int kRounds = 301;

net::Request question(int round, std::string_view form) {
  const int id = 1 + round * 331 % 100'000;
  net::Request request;
  request.target = "/v2025_1/apis/3.0/company/configurations";
  std::string conditions;
  if (form == "device") conditions = "deviceIdentifier=\"dev-" + std::to_string(id) + "\"";
  if (form == "company") conditions = "company/id=" + std::to_string(252 + id % 4'700);
  if (form == "company_and_status") conditions = "company/id=" + std::to_string(252 + id % 4'700) + " and status/id=1";
  if (form == "devices") {
    conditions = "deviceIdentifier in (";
    for (int i = 0; i < 50; ++i) conditions += (i > 0 ? ",\"dev-" : "\"dev-") + std::to_string(id + i) + "\"";
    conditions += ")";
  }
  request.target += "?conditions=" + net::percent_encode(conditions);
  request.headers.set("Host", "localhost");
  request.headers.set("Authorization", "Basic " + sandbox::base64_encode("sandbox+sandbox-public:sandbox-private"));
  request.headers.set("clientId", "bench");
  return request;
}

double median_ms(sandbox::World& world, std::string_view form) {
  std::vector<double> milliseconds;
  for (int round = 0; round < kRounds; ++round) {
    const net::Request request = question(round, form);
    const auto before = std::chrono::steady_clock::now();
    const net::Response response = world.handle(request);
    milliseconds.push_back(
        std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - before).count());
    if (response.status != 200) throw std::runtime_error(response.body);
  }
  std::nth_element(milliseconds.begin(), milliseconds.begin() + kRounds / 2, milliseconds.end());
  return milliseconds[kRounds / 2];
}

}  // namespace

int main() {
  sandbox::WorldOptions options;
  options.scenario = "large";
  sandbox::World world([] { return from_milliseconds(1'772'352'000'000); }, std::move(options));
  double slowest = 0;
  std::printf("{");
  for (const char* form : {"device", "devices", "company", "company_and_status"}) {
    const double median = median_ms(world, form);
    slowest = std::max(slowest, median);
    std::printf("\"%s_ms\":%.4f,", form, median);
  }
  std::printf("\"slowest_ms\":%.4f}\n", slowest);
}
