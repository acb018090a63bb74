#pragma once

#include <algorithm>
#include <boost/json.hpp>
#include <cstdlib>
#include <fstream>
#include <string>
#include <string_view>

#include "base/time.h"
#include "sandbox/document.h"
#include "sandbox/tenant.h"
#include "sandbox/world.h"

namespace crosswalk::sandbox {

/// What all worlds of this run have answered. Written at the end to the file that CROSSWALK_EXERCISED names, for
/// `crosswalk-sandbox coverage --exercised`.
class Exercised {
 public:
  static Exercised& all() {
    static Exercised exercised;
    return exercised;
  }
  void add(const OperationCounts& counts) {
    counts_.resize(std::max(counts_.size(), counts.size()));
    for (std::size_t i = 0; i < counts.size(); ++i) counts_[i] += counts[i];
  }

 private:
  // The catalogue's document must outlive this.
  Exercised() { [[maybe_unused]] const int total = Document::instance().operations_total(); }
  ~Exercised() {
    const char* name = std::getenv("CROSSWALK_EXERCISED");
    if (name != nullptr) std::ofstream(name) << boost::json::serialize(exercised_operations(counts_));
  }
  OperationCounts counts_;
};

/// A world under a clock of its own, and a client with good keys.
struct Bench {
  explicit Bench(WorldOptions options = {}) : world([this] { return now; }, std::move(options)) {}

  ~Bench() { Exercised::all().add(world.exercised()); }

  net::Request request(std::string_view method, std::string_view path, std::string body = {}) const {
    net::Request request;
    request.method = method;
    request.target = "/v2025_1/apis/3.0" + std::string(path);
    request.headers.set("Host", "psa.example.com");
    request.headers.set("Authorization", "Basic " + base64_encode("sandbox+sandbox-public:sandbox-private"));
    request.headers.set("clientId", "6f1c7c1e-0000-4000-8000-000000000001");
    request.body = std::move(body);
    return request;
  }

  net::Response call(std::string_view method, std::string_view path, std::string body = {}) {
    return world.handle(request(method, path, std::move(body)));
  }

  boost::json::value get(std::string_view path) { return boost::json::parse(call("GET", path).body); }

  std::int64_t make_ticket(std::string_view more = "") {
    const net::Response made =
        call("POST", "/service/tickets",
             R"({"summary":"Disk full","company":{"id":252},"board":{"id":3})" + std::string(more) + "}");
    return boost::json::parse(made.body).at("id").as_int64();
  }

  Timestamp now = from_milliseconds(1'772'352'000'000);  // 2026-03-01T08:00:00Z
  World world;
};

inline std::string encoded(std::string_view text) { return net::percent_encode(text); }

}  // namespace crosswalk::sandbox
