#include <gtest/gtest.h>

#include <map>

#include "helpers.h"
#include "sandbox/operations.h"
#include "schemas.h"

namespace crosswalk::sandbox {
namespace {

namespace json = boost::json;

/// Asks every operation that the generic engine answers, with objects made from nothing but their descriptions.
class Walk {
 public:
  Walk(Bench& bench, Schemas& schemas) : bench_(bench), schemas_(schemas) {}

  /// Collections that only the server fills get a row each, so that there is something to read.
  void fill_read_only_collections() {
    // First those that nothing is above, because others hang on them.
    plant([&](const Resource& resource) {
      return resource.parent < 0 && (list_path(resource) == nullptr || resource.path == "system/documents") &&
             bench_.world.list("sandbox", resource.path).empty();
    });
    for (const Resource& resource : Catalogue::instance().resources()) static_cast<void>(ids_of(resource));
    plant([&](const Resource& resource) { return !known_.contains(resource.number); });
  }

  int walk_all() {
    int walked = 0;
    for (const char* method : {"GET", "PUT", "PATCH", "POST", "DELETE"}) {
      for (const DocumentPath& path : Document::instance().paths()) {
        const Operation* operation = path.operation(method);
        if (operation == nullptr || path.kind == PathKind::operation) continue;
        if (find_operation_rule(*operation) != nullptr || !is_implemented(path, *operation)) continue;
        walk(path, *operation);
        ++walked;
      }
    }
    return walked;
  }

 private:
  using Ids = std::vector<std::int64_t>;

  template <class Wanted>
  void plant(Wanted&& wanted) {
    json::object snapshot = bench_.world.save();
    json::object& tables = snapshot["tenants"].as_array()[0].as_object()["tables"].as_object();
    for (const Resource& resource : Catalogue::instance().resources()) {
      if (!wanted(resource)) continue;
      Ids chain = parent_chain(resource);
      const std::int64_t parent = chain.empty() ? 0 : chain.back();
      json::object fields;
      if (resource.parent_field >= 0) {
        fields[resource.fields[static_cast<std::size_t>(resource.parent_field)].name] = parent;
      }
      tables[resource.path] = json::object{{"next_id", 2},
                                           {"rows", json::array{json::object{{"id", 1},
                                                                             {"parent", parent},
                                                                             {"dateEntered", 1'772'352'000},
                                                                             {"lastUpdated", 1'772'352'000},
                                                                             {"enteredBy", "zAdmin"},
                                                                             {"updatedBy", "zAdmin"},
                                                                             {"fields", std::move(fields)}}}}};
      planted_.push_back(resource.number);
      chain.push_back(1);
      known_[resource.number] = chain;
    }
    ASSERT_TRUE(bench_.world.load(snapshot).has_value());
  }

  static std::string filled(const DocumentPath& path, const Ids& chain) {
    std::size_t needed = 0;
    for (const std::string& segment : path.segments) needed += segment.starts_with('{') ? 1 : 0;
    std::size_t next = chain.size() < needed ? 0 : chain.size() - needed;
    std::string target;
    for (const std::string& segment : path.segments) {
      target += "/" + (segment.starts_with('{') ? std::to_string(next < chain.size() ? chain[next++] : 0) : segment);
    }
    return target;
  }

  const DocumentPath* list_path(const Resource& resource) const {
    const DocumentPath* best = nullptr;
    for (const DocumentPath& path : Document::instance().paths()) {
      const bool fits = path.kind == PathKind::list && path.operation("POST") != nullptr &&
                        Catalogue::instance().find(path.collection) == &resource;
      if (fits && (best == nullptr || path.segments.size() > best->segments.size())) best = &path;
    }
    return best;
  }

  /// Ids of the ancestors, outermost first.
  Ids parent_chain(const Resource& resource) {
    return resource.parent < 0 ? Ids() : ids_of(Catalogue::instance().at(resource.parent));
  }

  /// Ids of an object of the collection with its ancestors; it is made when there is none yet.
  Ids ids_of(const Resource& resource) {
    if (const auto known = known_.find(resource.number); known != known_.end()) return known->second;
    if (std::find(making_.begin(), making_.end(), resource.number) != making_.end()) return {};
    // What every sandbox begins with is as good as something new, and knows no circles.
    if (const auto there = bench_.world.list("sandbox", resource.path); resource.parent < 0 && !there.empty()) {
      if (const json::value* id = there.front().if_contains("id")) return known_[resource.number] = {id->as_int64()};
    }
    making_.push_back(resource.number);
    Ids made = make(resource);
    making_.pop_back();
    if (!made.empty()) known_[resource.number] = made;
    return made;
  }

  Ids make(const Resource& resource) {
    const DocumentPath* path = list_path(resource);
    if (path == nullptr || resource.path == "system/documents") return {};
    Ids chain = parent_chain(resource);
    json::object body = body_of(resource, false);
    name_parent(resource, *path, chain, body);
    const net::Response made = bench_.call("POST", filled(*path, chain), json::serialize(body));
    EXPECT_EQ(made.status, path->operation("POST")->status) << "POST " << path->path << ": " << made.body;
    if (made.status >= 300) return {};
    const json::value object = json::parse(made.body);
    const json::value* id = object.as_object().if_contains("id");
    chain.push_back(id == nullptr ? 1 : id->as_int64());
    return chain;
  }

  /// Where the path names no parent, the body does.
  static void name_parent(const Resource& resource, const DocumentPath& path, const Ids& ancestors,
                          json::object& body) {
    if (resource.parent < 0 || path.path.find('{') != std::string::npos) return;
    const Field& field = resource.fields[static_cast<std::size_t>(resource.parent_field)];
    ASSERT_FALSE(ancestors.empty()) << path.path;
    const std::int64_t parent = ancestors.back();
    body[field.name] = field.type == FieldType::reference ? json::value(json::object{{"id", parent}}) : parent;
  }

  json::value value_of(const Field& field) {
    switch (field.type) {
      case FieldType::integer:
        return 1;
      case FieldType::decimal:
        return 1.5;
      case FieldType::boolean:
        return true;
      case FieldType::date:
        return "2026-03-02T00:00:00Z";
      case FieldType::enumeration:
        return json::string(field.enumeration.front());
      case FieldType::string:
        return json::string(text_of(field.length_max));
      case FieldType::reference:
        return reference_to(field);
      case FieldType::object:
        return json::object();
      case FieldType::any:
        return field.object_schema == "ints" || field.object_schema == "strings" ? json::value(json::array())
                                                                                 : json::value("text");
      default:
        return json::array();
    }
  }

  /// A text that no other object has, as far as its length allows.
  std::string text_of(std::size_t length_max) {
    static constexpr std::string_view kDigits = "abcdefghijklmnopqrstuvwxyz";
    std::string text;
    for (int rest = ++counter_; rest > 0 && (length_max == 0 || text.size() < length_max); rest /= 26) {
      text.push_back(kDigits[static_cast<std::size_t>(rest % 26)]);
    }
    return text;
  }

  json::value reference_to(const Field& field) {
    if (field.target < 0) return json::object{{"id", 1}};
    const Ids ids = ids_of(Catalogue::instance().at(field.target));
    return ids.empty() ? json::value(nullptr) : json::value(json::object{{"id", ids.back()}});
  }

  /// What the descriptions do not say that an object needs.
  static const json::object& more_of(const Resource& resource) {
    static const std::map<std::string, const char*> kMore = {
        {"system/callbacks", R"({"url":"https://example.com/hook?id=","type":"ticket","level":"ticket"})"},
        {"company/companies", R"({"site":{"name":"Main"}})"},
        {"project/projects", R"({"board":{"id":10}})"},
        {"service/tickets/notes", R"({"text":"t","detailDescriptionFlag":true})"},
        {"time/entries", R"({"chargeToId":252,"chargeToType":"Company"})"}};
    static std::map<std::string, json::object> parsed;
    const auto [entry, fresh] = parsed.try_emplace(resource.path);
    const auto more = kMore.find(resource.path);
    if (fresh && more != kMore.end()) entry->second = json::parse(more->second).as_object();
    return entry->second;
  }

  json::object body_of(const Resource& resource, bool everything_plain) {
    json::object body;
    for (const Field& field : resource.fields) {
      if (field.hidden || field.read_only || field.post_only) continue;
      const bool plain = field.type == FieldType::string || field.type == FieldType::boolean ||
                         field.type == FieldType::integer || field.type == FieldType::decimal;
      if (field.required || (everything_plain && plain)) body[field.name] = value_of(field);
    }
    for (const auto& [name, value] : more_of(resource)) body[name] = value;
    // A second callback for the same object would be refused.
    if (resource.path == "system/callbacks") body["objectId"] = ++counter_;
    return body;
  }

  void walk(const DocumentPath& path, const Operation& operation) {
    const Resource& resource = *Catalogue::instance().find(path.collection);
    // What no client can make is looked at, and deleted, as it is.
    const bool planted = list_path(resource) == nullptr ||
                         std::find(planted_.begin(), planted_.end(), resource.number) != planted_.end();
    Ids chain;
    if (path.kind == PathKind::item) {
      chain = operation.method == "DELETE" && !planted ? make(resource) : ids_of(resource);
    } else {
      chain = parent_chain(resource);
    }
    std::string body;
    if (operation.method == "POST") {
      json::object made = body_of(resource, false);
      name_parent(resource, path, parent_chain(resource), made);
      body = json::serialize(made);
    }
    if (operation.method == "PUT") body = json::serialize(body_of(resource, true));
    if (operation.method == "PATCH") body = json::serialize(patch_of(resource));
    const std::string target = filled(path, chain);
    const net::Response response = bench_.call(operation.method, target, std::move(body));
    const std::string where = operation.method + " " + path.path;
    ASSERT_EQ(response.status, operation.status) << where << " (" << target << "): " << response.body;
    if (response.status == 204) return;
    const json::value answer = json::parse(response.body);
    if (path.kind == PathKind::count) {
      EXPECT_GE(answer.at("count").as_int64(), 0) << where;
    } else if (operation.answer_schema.starts_with('*') && answer.is_array()) {
      const bool something = path.kind != PathKind::list || !answer.as_array().empty();
      EXPECT_TRUE(something) << where;
      for (const json::value& each : answer.get_array()) {
        schemas_.expect_valid(each, operation.answer_schema.substr(1), where);
      }
    } else if (!operation.answer_schema.empty() && !operation.answer_schema.starts_with('*')) {
      schemas_.expect_valid(answer, operation.answer_schema, where);
    }
  }

  json::array patch_of(const Resource& resource) {
    for (const Field& field : resource.fields) {
      if (field.hidden || field.read_only || field.post_only || field.type != FieldType::string) continue;
      const json::value* given = more_of(resource).if_contains(field.name);
      return {json::object{
          {"op", "replace"}, {"path", field.name}, {"value", given == nullptr ? value_of(field) : *given}}};
    }
    return {};
  }

  Bench& bench_;
  Schemas& schemas_;
  std::map<int, Ids> known_;
  std::vector<int> making_, planted_;
  int counter_ = 0;
};

TEST(Breadth, EveryGenericOperationAnswersAsConnectWisesDocumentSays) {
  const std::optional<json::value> document = connectwise_document();
  if (!document) GTEST_SKIP() << kMaterialIsAbsent;
  Schemas schemas(document->at("components").at("schemas").as_object());
  Bench bench;
  Walk walk(bench, schemas);
  walk.fill_read_only_collections();
  EXPECT_GT(walk.walk_all(), 2'400);
}

TEST(Breadth, WhatIsNotSimulatedSaysSo) {
  Bench bench;
  const net::Response response = bench.call("POST", "/system/standardreport/1");
  EXPECT_EQ(response.status, 501);
  EXPECT_NE(response.body.find("does not simulate"), std::string::npos);
  EXPECT_EQ(bench.call("GET", "/system/nonsense").status, 404);
  EXPECT_EQ(bench.call("DELETE", "/service/tickets").status, 405);
}

TEST(Breadth, CountsWhatWasAnsweredWithSuccess) {
  Bench bench;
  static_cast<void>(bench.call("GET", "/service/tickets/1000"));
  static_cast<void>(bench.call("GET", "/service/boards/999999"));
  EXPECT_EQ(json::serialize(exercised_operations(bench.world.exercised())), R"(["getServiceTicketsById"])");
  const json::object result = coverage({"getServiceTicketsById", "nonsense"});
  EXPECT_EQ(result.at("exercised"), 1);
  EXPECT_GE(result.at("implemented").as_int64(), 2'900);
  EXPECT_EQ(result.at("document").as_int64(), Document::instance().operations_total());
  EXPECT_EQ(result.at("modules").at("service").at("exercised"), 1);
  const json::array& never = result.at("unexercised").as_array();
  EXPECT_EQ(static_cast<std::int64_t>(never.size()), result.at("implemented").as_int64() - 1);
  EXPECT_EQ(std::find(never.begin(), never.end(), json::value("GET /service/tickets/{id}")), never.end());
  EXPECT_NE(coverage_table(result).find("service"), std::string::npos);
}

}  // namespace
}  // namespace crosswalk::sandbox
