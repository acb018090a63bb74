#include "cli/csv.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace crosswalk::cli {
namespace {

using testing::ElementsAre;
using Fields = std::vector<std::string>;

std::vector<Fields> fields_of(std::string_view text) {
  const CsvFile file = read_csv(text);
  EXPECT_FALSE(file.error) << file.error->message;
  std::vector<Fields> all;
  for (const CsvRecord& each : file.records) all.push_back(each.fields);
  return all;
}

TEST(Csv, ReadsFieldsAndEmptyOnes) {
  EXPECT_THAT(fields_of("a,b\n1,\n,2\n"), ElementsAre(Fields{"a", "b"}, Fields{"1", ""}, Fields{"", "2"}));
  EXPECT_THAT(fields_of("a,b\n1,2"), ElementsAre(Fields{"a", "b"}, Fields{"1", "2"}));
  EXPECT_THAT(fields_of(""), ElementsAre());
}

TEST(Csv, ReadsQuotesAndDoubledQuotes) {
  EXPECT_THAT(fields_of(R"("a,b","say ""hi""","","""")"), ElementsAre(Fields{"a,b", "say \"hi\"", "", "\""}));
  EXPECT_THAT(fields_of("5\" disk,b"), ElementsAre(Fields{"5\" disk", "b"}));
}

TEST(Csv, ReadsAnyLineEndsAndSkipsEmptyLines) {
  EXPECT_THAT(fields_of("a\r\nb\rc\n\n\r\nd"), ElementsAre(Fields{"a"}, Fields{"b"}, Fields{"c"}, Fields{"d"}));
}

TEST(Csv, KeepsLineBreaksWithinQuotesAndCountsThem) {
  const CsvFile file = read_csv("x,y\r\n\"one\r\ntwo\nthree\",1\r\nlast,2\r\n");
  ASSERT_EQ(file.records.size(), 3u);
  EXPECT_EQ(file.records[1].fields[0], "one\r\ntwo\nthree");
  EXPECT_EQ(file.records[1].line, 2u);
  EXPECT_EQ(file.records[2].line, 5u);
}

TEST(Csv, SkipsAByteOrderMark) {
  EXPECT_THAT(fields_of("\xEF\xBB\xBF\"customer\",name\n"), ElementsAre(Fields{"customer", "name"}));
}

TEST(Csv, TakesTheSeparatorOfTheFirstLine) {
  EXPECT_THAT(fields_of("a;b\n1,5;2\n"), ElementsAre(Fields{"a", "b"}, Fields{"1,5", "2"}));
  EXPECT_THAT(fields_of("a\tb\n1\t2\n"), ElementsAre(Fields{"a", "b"}, Fields{"1", "2"}));
  EXPECT_THAT(fields_of("a,b;c\n"), ElementsAre(Fields{"a", "b;c"}));
}

TEST(Csv, TellsWhereAQuoteWasOpenedThatIsNeverClosed) {
  const CsvFile file = read_csv("a,b\n\"x\ny\",1\nz,\"open\n\n\n");
  ASSERT_TRUE(file.error);
  EXPECT_EQ(file.error->line, 4u);
  EXPECT_EQ(file.records.size(), 2u);
}

TEST(Csv, TellsWhereTextFollowsAClosingQuote) {
  const CsvFile file = read_csv("a\n\"say \"hi\"\"\n");
  ASSERT_TRUE(file.error);
  EXPECT_EQ(file.error->line, 2u);
}

TEST(Csv, ReadsWhatItWrites) {
  const Fields fields{"plain", "a,b", "say \"hi\"", "two\r\nlines", "", "semi;colon", "tab\there"};
  const std::string text = to_csv(fields);
  EXPECT_TRUE(text.starts_with("plain,\"a,b\",\"say \"\"hi\"\"\",")) << text;
  EXPECT_TRUE(text.ends_with("\r\n"));
  EXPECT_THAT(fields_of(text), ElementsAre(fields));
}

}  // namespace
}  // namespace crosswalk::cli
