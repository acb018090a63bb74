#include <gtest/gtest.h>

#include <algorithm>

#include "helpers.h"
#include "sandbox/writer.h"

// Of every field of every collection: what does not fit its description is refused, and the answer says why.

namespace crosswalk::sandbox {
namespace {

namespace json = boost::json;

class Fields : public ::testing::Test {
 protected:
  /// Fields that a client writes.
  template <class Visit>
  void each_field(Visit&& visit) {
    for (const Resource& resource : Catalogue::instance().resources()) {
      for (const Field& field : resource.fields) {
        if (!field.hidden && !field.read_only) visit(resource, field);
      }
    }
  }

  /// The code of the error that names the field when it alone is sent; empty when there is none.
  std::string refusal_of(const Resource& resource, const Field& field, json::value value) {
    Writer writer(tenant_, resource, Row(), Writer::Mode::put, actor_);
    writer.apply_body({{field.name, std::move(value)}});
    if (writer.refusal) return writer.refusal->message;
    for (const FieldError& error : writer.errors) {
      if (error.field == field.name || error.field.starts_with(field.name + "/")) return error.code;
    }
    return {};
  }

  void expect_refused(const Resource& resource, const Field& field, json::value value, std::string_view code) {
    ++asked_;
    const std::string shown = json::serialize(value);
    EXPECT_EQ(refusal_of(resource, field, std::move(value)), code)
        << resource.path << " " << field.name << " " << shown.substr(0, 80);
  }

  Switches switches_;
  Tenant tenant_{TenantOptions{}};
  Actor actor_{.member = "zAdmin", .permitted_everything = true, .now = 1'772'352'000, .switches = &switches_};
  int asked_ = 0;
};

TEST_F(Fields, TextsAreAsLongAsTheDocumentAllows) {
  each_field([&](const Resource& resource, const Field& field) {
    if (field.type != FieldType::string) return;
    expect_refused(resource, field, json::array{}, "InvalidField");
    if (field.length_max == 0) return;
    expect_refused(resource, field, json::string(field.length_max, 'x'), "");
    expect_refused(resource, field, json::string(field.length_max + 1, 'x'), "MaxLengthField");
  });
  EXPECT_GT(asked_, 1'000);
}

TEST_F(Fields, EnumerationsHaveTheValuesOfTheDocument) {
  each_field([&](const Resource& resource, const Field& field) {
    if (field.type != FieldType::enumeration) return;
    expect_refused(resource, field, json::string(field.enumeration.front()), "");
    expect_refused(resource, field, "Enormous", "InvalidField");
    expect_refused(resource, field, 17, "InvalidField");
  });
  EXPECT_GT(asked_, 100);
}

TEST_F(Fields, DatesAreWholeSecondsInUtc) {
  each_field([&](const Resource& resource, const Field& field) {
    if (field.type != FieldType::date) return;
    expect_refused(resource, field, "2026-03-01T06:00:00Z", "");
    for (const char* other : {"2026-03-01", "2026-03-01T06:00:00+01:00", "2026-03-01T06:00:00.000Z",
                              "2026-02-30T06:00:00Z", "03/01/2026", "soon"})
      expect_refused(resource, field, other, "UnsupportedFormat");
    expect_refused(resource, field, 1'772'352'000, "UnsupportedFormat");
  });
  EXPECT_GT(asked_, 100);
}

TEST_F(Fields, NumbersAndFlagsAreWhatTheySay) {
  each_field([&](const Resource& resource, const Field& field) {
    if (field.type == FieldType::integer) {
      for (const json::value& other : json::array{"many", 1.5, 3'000'000'000, true, json::object{}})
        expect_refused(resource, field, other, "InvalidField");
    } else if (field.type == FieldType::decimal) {
      for (const json::value& other : json::array{"many", 1e13, true, json::object{}})
        expect_refused(resource, field, other, "InvalidField");
    } else if (field.type == FieldType::boolean) {
      expect_refused(resource, field, "perhaps", "String was not recognized as a valid Boolean.");
    }
  });
  EXPECT_GT(asked_, 1'000);
}

TEST_F(Fields, ReferencesAndListsAreOfTheirKind) {
  const json::object nobody{{"id", 987'654'321}};
  each_field([&](const Resource& resource, const Field& field) {
    switch (field.type) {
      case FieldType::reference:
        expect_refused(resource, field, "x", field.target < 0 ? "InvalidField" : "NotFound");
        if (field.target >= 0) expect_refused(resource, field, nobody, "NotFound");
        return;
      case FieldType::references:
        if (field.target >= 0) expect_refused(resource, field, json::array{nobody}, "NotFound");
        [[fallthrough]];
      case FieldType::objects:
      case FieldType::custom_fields:
        expect_refused(resource, field, "x", "InvalidField");
        expect_refused(resource, field, json::array{5}, "InvalidField");
        return;
      case FieldType::object:
        expect_refused(resource, field, "x", "InvalidField");
        return;
      default:
        return;
    }
  });
  EXPECT_GT(asked_, 500);
}

TEST_F(Fields, WhatLiesWithinAnObjectIsLookedAtToo) {
  each_field([&](const Resource& resource, const Field& field) {
    const Schema* schema = Catalogue::instance().schema(field.object_schema);
    if (schema == nullptr || (field.type != FieldType::object && field.type != FieldType::objects)) return;
    for (const Field& inner : schema->fields) {
      const auto expect = [&](json::value value, std::string_view code) {
        json::value object = json::object{{inner.name, std::move(value)}};
        if (field.type == FieldType::objects) object = json::array{object};
        expect_refused(resource, field, std::move(object), code);
      };
      if (inner.length_max > 0) expect(json::string(inner.length_max + 1, 'x'), "MaxLengthField");
      if (inner.type == FieldType::date) expect("2026-03-01", "UnsupportedFormat");
      if (inner.type == FieldType::enumeration) expect("Enormous", "InvalidField");
      if (inner.type == FieldType::integer) expect(3'000'000'000, "InvalidField");
    }
  });
  EXPECT_GT(asked_, 10);
}

TEST_F(Fields, WhatIsRequiredIsNotBlank) {
  each_field([&](const Resource& resource, const Field& field) {
    if (!field.required || field.type != FieldType::string) return;
    Writer writer(tenant_, resource, Row(), Writer::Mode::post, actor_);
    writer.apply_body({{field.name, " "}});
    writer.finish();
    EXPECT_TRUE(std::any_of(
        writer.errors.begin(), writer.errors.end(),
        [&](const FieldError& error) { return error.code == "MissingRequiredField" && error.field == field.name; }))
        << resource.path << " " << field.name;
    ++asked_;
  });
  EXPECT_GT(asked_, 100);
}

TEST(FieldsOfContacts, AnEntryIsAsLongAsInItsOwnCollection) {
  Bench bench;
  const auto status = [&](std::string_view member, std::size_t length) {
    const std::string entry =
        R"({"type":{"id":2},")" + std::string(member) + R"(":")" + std::string(length, '5') + "\"}";
    return bench
        .call("PATCH", "/company/contacts/2520",
              R"([{"op":"add","path":"communicationItems/-","value":)" + entry + "}]")
        .status;
  };
  EXPECT_EQ(status("value", 250), 200);
  EXPECT_EQ(status("value", 251), 400);
  EXPECT_EQ(status("extension", 15), 200);
  EXPECT_EQ(status("extension", 16), 400);
}

}  // namespace
}  // namespace crosswalk::sandbox
