#include <rapidcheck.h>

#include <boost/json.hpp>

#include "base/text.h"
#include "fixtures.h"
#include "mapping/templates.h"

namespace crosswalk::mapping {
namespace {

std::string glued(const std::vector<std::string>& pieces) {
  std::string text;
  for (const std::string& each : pieces) text += each;
  return text;
}

auto pieces_of(std::vector<std::string> pieces) {
  return rc::gen::container<std::vector<std::string>>(rc::gen::elementOf(std::move(pieces)));
}

TEST(Hostile, AnyTemplateIsEitherRefusedOrRendersToText) {
  EXPECT_TRUE(rc::check([] {
    const std::string text =
        glued(*pieces_of({"{{", "}}", "{{{", "}}}", "#",    "^",     "/",         ">", "=", "!", "&",
                          "?",  ".",  " ",   "\n",  "\r\n", "title", "device.os", "ü", "{", "}"}));
    World world;
    const std::string rendered = render(text, world.facts(), {});
    RC_ASSERT(is_utf8(rendered));
    const Parsed parsed =
        parse_document(boost::json::serialize(boost::json::object{{"defaults", {{"summary", text}}}}));
    RC_ASSERT(parsed.document.has_value() == !find_template_error(text));
  }));
}

TEST(Hostile, AnyBytesAreEitherADocumentOrHaveAProblem) {
  EXPECT_TRUE(rc::check([] {
    const std::string text = glued(*pieces_of({"{",     "}",  "[",       "]",        ":",         ",",
                                               "\"",    "\\", "\\u0000", "\"mode\"", "\"test\"",  "\"defaults\"",
                                               "1e999", "-0", "null",    "\xFF",     "\"rules\"", "\"id\"",
                                               " ",     "\n"}));
    const Parsed parsed = parse_document(text);
    const bool refused =
        std::ranges::any_of(parsed.problems, [](const Problem& each) { return each.level == Problem::Level::error; });
    RC_ASSERT(parsed.document.has_value() != refused);
  }));
}

TEST(Hostile, EveryCutOfADocumentIsRefusedWithItsPlace) {
  const std::string whole = boost::json::serialize(to_json(vendor_defaults()));
  for (std::size_t length = 0; length < whole.size(); length += 7) {
    const Parsed parsed = parse_document(whole.substr(0, length));
    ASSERT_EQ(parsed.problems.size(), 1U) << length;
    EXPECT_EQ(parsed.problems[0].code, "mapping.json");
    EXPECT_NE(parsed.problems[0].message.find("line 1, column"), std::string::npos);
  }
}

}  // namespace
}  // namespace crosswalk::mapping
