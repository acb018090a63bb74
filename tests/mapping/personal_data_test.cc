// What is kept of people.
#include "mapping/personal_data.h"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "fixtures.h"

namespace crosswalk::mapping {
namespace {

namespace json = boost::json;

ObjectDocument contacts(std::string_view fields) {
  const ParsedObjects parsed = parse_object_document(
      kContactToContact, R"({"workflow": "contact_to_contact", "fields": )" + std::string(fields) + "}");
  if (!parsed.document) throw std::runtime_error(listing(parsed.problems));
  return *parsed.document;
}

std::string kept(const ObjectDocument& document, std::string_view data) {
  return json::serialize(kept_of_contact(document, json::parse(data).as_object()));
}

constexpr std::string_view kTold =
    R"({"contact":"c-1","customer":"acme","first_name":"Ada","email":"ada@acme.example","title":"Clerk",)"
    R"("born":"1990-01-02","attributes":{"desk":"4b","badge":77},"address":{"city":"Troy","street":"1 Main St"}})";

TEST(PersonalData, OfAContactOnlyWhatTheMappingNamesIsKept) {
  EXPECT_EQ(kept(contacts("{}"), kTold),
            R"({"contact":"c-1","customer":"acme","first_name":"Ada","email":"ada@acme.example","title":"Clerk"})")
      << "what the vendor ships names the title";
  EXPECT_EQ(kept(contacts(R"({"title": {"owner": "psa"}})"), kTold),
            R"({"contact":"c-1","customer":"acme","first_name":"Ada","email":"ada@acme.example"})");
  EXPECT_EQ(kept(contacts(R"({"title": {"value": "{{attributes.desk}}, {{address.city}}"}})"), kTold),
            R"({"contact":"c-1","customer":"acme","first_name":"Ada","email":"ada@acme.example",)"
            R"("attributes":{"desk":"4b"},"address":{"city":"Troy"}})");
  EXPECT_EQ(kept(contacts(R"({"custom_field:7": {"value": "{{#born}}{{born}}{{/born}}", "owner": "product"}})"), kTold),
            R"({"contact":"c-1","customer":"acme","first_name":"Ada","email":"ada@acme.example",)"
            R"("born":"1990-01-02","title":"Clerk"})");
}

TEST(PersonalData, OfOneWhoHasOptedOutNothingIsKeptButWhoItIs) {
  EXPECT_EQ(kept(contacts("{}"), R"({"contact":"c-1","customer":"acme","email":"ada@acme.example","opted_out":true})"),
            R"({"contact":"c-1","customer":"acme","opted_out":true})");
  EXPECT_EQ(kept(contacts("{}"), R"({"contact":"c-1","customer":"acme","opted_out":false,"email":"a@b.example"})"),
            R"({"contact":"c-1","customer":"acme","opted_out":false,"email":"a@b.example"})");
}

TEST(PersonalData, OfAContactInConnectWiseOnlyWhatTheMappingNamesIsKept) {
  const auto text = [](const char* each) { return std::string(each); };
  const psa::Values shown{{"first_name", text("Ada")},           {"title", text("Clerk")},
                          {"email", text("a@b.example")},        {"company", psa::Reference{"2", "Acme"}},
                          {"inactive", psa::Value::flag(false)}, {"custom_field:7", text("x")},
                          {"custom_field:8", text("y")}};
  const ObjectDocument document =
      contacts(R"({"title": {"owner": "psa"}, "custom_field:8": {"value": "{{email}}", "owner": "create"}})");
  psa::Values values = shown;
  drop_unnamed(&document, psa::ObjectKind::contact, values);
  EXPECT_FALSE(values.contains("title"));
  EXPECT_FALSE(values.contains("custom_field:7"));
  EXPECT_EQ(values.size(), shown.size() - 2);
  values = shown;
  drop_unnamed(&document, psa::ObjectKind::company, values);
  EXPECT_EQ(values.size(), shown.size()) << "companies are no people";
  values = {{"last_login", text("ada")}, {"contact", psa::Reference{"7", "Ada Stone"}}, {"name", text("PC-1")}};
  drop_unnamed(nullptr, psa::ObjectKind::configuration, values);
  EXPECT_EQ(values, (psa::Values{{"contact", psa::Reference{"7", ""}}, {"name", text("PC-1")}}));
  EXPECT_EQ(values.at("contact").name(), "");
}

}  // namespace
}  // namespace crosswalk::mapping
