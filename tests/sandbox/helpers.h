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
#include "schemas.h"

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

/// Whatever a test asks: an answer of success has the shape that ConnectWise's document gives it, where that is here.
inline void expect_described(std::string_view method, std::string_view target, const net::Response& response) {
  static const std::optional<boost::json::value> document = connectwise_document();
  const std::string* type = response.headers.find("Content-Type");
  if (!document || response.status >= 300 || response.body.empty()) return;
  if (type == nullptr || type->find("json") == std::string::npos) return;
  std::vector<std::string> segments = net::parse_target(target).segments;
  std::erase_if(segments, [](const std::string& segment) { return segment.empty(); });
  const std::optional<PathMatch> match = Document::instance().match(segments);
  const Operation* operation = match ? match->path->operation(method) : nullptr;
  if (operation == nullptr || operation->answer_schema.empty()) return;
  static Schemas schemas(document->at("components").at("schemas").as_object());
  const std::string where = std::string(method) + " " + match->path->path;
  const bool many = operation->answer_schema.starts_with('*');
  const std::string schema = operation->answer_schema.substr(many ? 1 : 0);
  // The published shape of a bulk answer is another one than the document's.
  if (response.status == 207 && schema != "BulkResult") return;
  const boost::json::value answer = boost::json::parse(response.body);
  if (!many) return schemas.expect_valid(answer, schema, where);
  // Where it has a list for one object or a number, it is taken for a slip of its own.
  if (!answer.is_array()) return;
  for (const boost::json::value& each : answer.get_array()) schemas.expect_valid(each, schema, where);
}

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
    net::Response response = world.handle(request(method, path, std::move(body)));
    expect_described(method, path, response);
    return response;
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
