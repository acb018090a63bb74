#include "base/text.h"
#include "fixtures.h"

namespace crosswalk::mapping {
namespace {

std::string rendered(const std::string& text, const std::map<std::string, std::string>& extra = {}) {
  World world;
  return render(text, world.facts(), extra);
}

TEST(Render, KnowsEveryValueOfAnAlert) {
  EXPECT_EQ(rendered("{{title}}|{{severity}}|{{product}}|{{customer}}|{{customer_name}}|{{subject}}|{{subject_name}}|{{"
                     "subject_type}}|{{condition}}|"
                     "{{condition_name}}|{{device}}|{{contact_email}}|{{resolution}}"),
            "Ransomware stopped|high|Shield|contoso|Contoso Ltd|dev-7|FILE-01|server|ransomware|Ransomware "
            "behaviour|dev-7|it@contoso.example|Rolled back.");
  EXPECT_EQ(
      rendered("{{attributes.score}} {{alert.ratio}} {{device.os.name}} {{device.tags}} {{customer.plan}} {{count}}",
               {{"count", "3"}}),
      "87 1.5 Windows Server tier-1, vip gold 3");
}

TEST(Render, MissingValuesAreEmptyAndSwitchSectionsOff) {
  EXPECT_EQ(rendered("a{{nothing}}b{{device.serial}}c{{#nothing}}x{{/nothing}}{{^nothing}}y{{/nothing}}"), "abcy");
  World world;
  EXPECT_EQ(render("{{device.name}}.", Facts{&world.alert, nullptr, nullptr}, {}), ".");
  EXPECT_EQ(render("{{title}}.", Facts{}, {}), ".");
}

TEST(Render, FalsePrintsItselfAndSwitchesSectionsOff) {
  EXPECT_EQ(
      rendered(
          "{{attributes.contained}} "
          "{{#attributes.contained}}yes{{/attributes.contained}}{{^attributes.contained}}no{{/attributes.contained}}"),
      "false no");
  EXPECT_EQ(rendered("{{#attributes.ring}}{{.}}{{/attributes.ring}}"), "true");
}

TEST(Render, NothingIsEscapedForHtml) {
  World world;
  world.alert.content.title = "<b>\"R&D\"</b>";
  EXPECT_EQ(render("{{title}} {{{title}}} {{& title}}", world.facts(), {}),
            "<b>\"R&D\"</b> <b>\"R&D\"</b> <b>\"R&D\"</b>");
}

TEST(Render, TagsInsideValuesAreNotFollowed) {
  EXPECT_EQ(rendered("{{attributes.file}}"), "a{{title}}.exe");
  EXPECT_EQ(rendered("{{#attributes.file}}[{{attributes.file}}]{{/attributes.file}}"), "[a{{title}}.exe]");
}

TEST(Render, BrokenTemplateIsItsOwnText) {
  for (const std::string text : {"{{title", "{{#title}}x", "{{/title}}", "{{", "{{{", "{{}"})
    EXPECT_EQ(rendered(text), text);
}

TEST(Render, OutputIsCutAtTheDocumentedLengthBetweenCharacters) {
  World world;
  for (int i = 0; i < 70'000; ++i) world.alert.content.description += "ü";
  const std::string text = render("{{description}}{{description}}{{description}}", world.facts(), {});
  EXPECT_TRUE(is_utf8(text));
  EXPECT_LE(count_characters(text), 60'000U);
  EXPECT_GT(count_characters(text), 59'000U);
  std::string repeated;
  for (int i = 0; i < 600; ++i) repeated += "{{description}}";
  EXPECT_LE(count_characters(render(repeated, world.facts(), {})), 60'000U);
}

TEST(Render, VendorTextsReadWellWithAllValuesAndWithFew) {
  const TicketSettings& settings = vendor_defaults().settings;
  EXPECT_EQ(rendered(*settings.summary), "Ransomware stopped - FILE-01");
  EXPECT_EQ(rendered(*settings.description),
            "Ransomware stopped\n\nA process was encrypting files.\n\nCustomer: Contoso Ltd\nAffected: FILE-01 "
            "(server)\nDetected: Ransomware behaviour\n"
            "Severity: high\nReported by: Shield\nDetails: https://shield.example/alerts/7");
  World bare;
  bare.alert.content = {};
  bare.alert.content.product = "Shield";
  bare.alert.content.customer = "contoso";
  bare.alert.content.title = "Disk full";
  const Facts facts{&bare.alert, nullptr, nullptr};
  EXPECT_EQ(render(*settings.summary, facts, {}), "Disk full");
  EXPECT_EQ(render(*settings.description, facts, {}),
            "Disk full\n\nCustomer: contoso\nSeverity: medium\nReported by: Shield");
  EXPECT_EQ(rendered(settings.notes.at("repeated").text,
                     {{"count", "3"}, {"interval_count", "2"}, {"interval", "15 minutes"}}),
            "Shield has reported this again: 2 more within 15 minutes, 3 times in all. Severity: high.\n\nDetails: "
            "https://shield.example/alerts/7");
  EXPECT_EQ(rendered(settings.notes.at("resolved").text), "Shield reports that this is resolved.\n\nRolled back.");
  EXPECT_EQ(rendered(settings.notes.at("members").text, {{"count", "2"}, {"members", "A\nB"}}),
            "Alerts in this ticket: 2\nA\nB");
}

TEST(Render, ManyTemplatesTakeTurnsInTheCache) {
  World world;
  for (int round = 0; round < 2; ++round)
    for (int i = 0; i < 1'500; ++i)
      EXPECT_EQ(render(std::to_string(i) + " {{product}}", world.facts(), {}), std::to_string(i) + " Shield");
}

}  // namespace
}  // namespace crosswalk::mapping
