#include "sandbox/wire.h"

#include <gtest/gtest.h>

#include "helpers.h"
#include "schemas.h"

namespace crosswalk::sandbox {
namespace {

namespace json = boost::json;

TEST(Wire, AnswersAreValidByConnectWisesOwnDocument) {
  const std::optional<json::value> document = connectwise_document();
  if (!document) GTEST_SKIP() << kMaterialIsAbsent;
  Schemas schemas(document->at("components").at("schemas").as_object());
  Bench bench;
  ASSERT_TRUE(bench.world.close_ticket("sandbox", 1000));
  ASSERT_NE(bench.world.enter_time("sandbox", 1000, "0.25", "Done"), 0);
  ASSERT_TRUE(bench.world.merge_ticket("sandbox", 1001, 1002));
  for (const Resource& resource : Catalogue::instance().resources()) {
    for (const json::object& object : bench.world.list("sandbox", resource.path)) {
      schemas.expect_valid(object, resource.spec.schema, resource.path);
    }
  }
  schemas.expect_valid(bench.get("/system/info"), "Info", "system/info");
  const json::value notes = bench.get("/service/tickets/1000/allNotes");
  ASSERT_FALSE(notes.as_array().empty());
  for (const json::value& note : notes.as_array()) {
    schemas.expect_valid(note, "ServiceTicketNote", "allNotes");
  }
}

TEST(Wire, WhatHasGoneLeavesNoReferenceBehind) {
  Bench bench;
  ASSERT_TRUE(bench.world.rename("sandbox", "service/priorities", 3, "P3"));
  EXPECT_EQ(bench.get("/service/tickets/1002").at("priority").at("name"), "P3");
  ASSERT_TRUE(bench.world.erase("sandbox", "service/priorities", 3));
  EXPECT_FALSE(bench.get("/service/tickets/1002").as_object().contains("priority"));
}

TEST(Wire, ProjectsNestedFieldsAndInfoOnlyWhenNamed) {
  const json::object object =
      json::parse(R"({"id":1,"name":"n","status":{"id":2,"name":"s"},"_info":{"a":"b"}})").as_object();
  EXPECT_EQ(json::serialize(project(object, "id, Status/name,_info/a,nonsense")),
            R"({"id":1,"status":{"name":"s"},"_info":{"a":"b"}})");
}

}  // namespace
}  // namespace crosswalk::sandbox
