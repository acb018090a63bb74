#include "cli/table.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <sstream>

namespace crosswalk::cli {
namespace {

constexpr Terminal kFile{};
const Terminal kColours{.is_terminal = true, .colours = true, .width = 80};

Terminal narrow(std::size_t width) { return {.is_terminal = true, .colours = false, .width = width}; }

TEST(Table, AlignsColumnsUnderTheirTitles) {
  Table table({{"ID"}, {"COUNT", Column::Align::right}, {"NAME"}});
  table.add({"a", "1", "Alpha"});
  table.add({"long-id", "1000", ""});
  EXPECT_EQ(table.render(kFile),
            "ID       COUNT  NAME\n"
            "a            1  Alpha\n"
            "long-id   1000\n");
}

TEST(Table, CountsColumnsOfTheScreenAndNotBytes) {
  Table table({{"NAME"}, {"X"}});
  table.add({"Grüße", "1"});
  table.add({"東京", "2"});
  table.add({"e\u0301a", "3"});
  EXPECT_EQ(table.render(kFile),
            "NAME   X\n"
            "Grüße  1\n"
            "東京   2\n"
            "e\u0301a     3\n");
}

TEST(Table, ShrinksOnlyTheColumnsThatMayAndOnlyAsFarAsNeeded) {
  Table table({{"ID"}, {"TEXT", Column::Align::left, Narrow::wrap}, {"END"}});
  table.add({"identifier", "one two three four five six", "end"});
  EXPECT_EQ(table.render(narrow(40)),
            "ID          TEXT                     END\n"
            "identifier  one two three four five  end\n"
            "            six\n");
  EXPECT_EQ(table.render(narrow(50)),
            "ID          TEXT                         END\n"
            "identifier  one two three four five six  end\n");
}

TEST(Table, BreaksWordsOnlyWhereNoOtherColumnCanGiveWay) {
  Table table({{"ID"}, {"TEXT", Column::Align::left, Narrow::wrap}, {"WORDS", Column::Align::left, Narrow::wrap}});
  table.add({"identifier", "information", "a b c d e f g h i j k l"});
  EXPECT_EQ(table.render(narrow(40)),
            "ID          TEXT         WORDS\n"
            "identifier  information  a b c d e f g h\n"
            "                         i j k l\n");
  Table one({{"TEXT", Column::Align::left, Narrow::wrap}});
  one.add({std::string(50, 'x')});
  EXPECT_EQ(one.render(narrow(40)), "TEXT\n" + std::string(40, 'x') + "\n" + std::string(10, 'x') + "\n");
}

TEST(Table, PutsAColumnBelowTheRowRatherThanBreakItsWords) {
  Table table({{"ID"}, {"NAME", Column::Align::left, Narrow::wrap}, {"SITE", Column::Align::left, Narrow::wrap}});
  table.add({"identifier", "Northwind IT Services", "http://127.0.0.1:8600"});
  EXPECT_EQ(table.render(narrow(40)),
            "ID          NAME\n"
            "identifier  Northwind IT Services\n"
            "  site http://127.0.0.1:8600\n");
}

TEST(Table, PutsColumnsBelowTheRowWhereTheyDoNotFitAndNeverCutsThem) {
  Table table({{"STATE"},
               {"NAME", Column::Align::left, Narrow::wrap},
               {"KEY", Column::Align::left, Narrow::below},
               {"MADE", Column::Align::left, Narrow::below_named},
               {"LAST USED", Column::Align::left, Narrow::below_named},
               {"WHY", Column::Align::left, Narrow::below}});
  const std::string key = "v1/product/" + std::string(60, 'k');
  table.add({"parked", "Acme", key, "2026-03-01", "never", "because this is a reason with many words in it"});
  table.add({"due", "Nova", "", "", "", ""});
  EXPECT_EQ(table.render(narrow(40)),
            "STATE   NAME\n"
            "parked  Acme\n"
            "  " +
                key +
                "\n"
                "  because this is a reason with many\n"
                "  words in it\n"
                "  made 2026-03-01; last used never\n"
                "due     Nova\n");
  EXPECT_EQ(table.render(kFile).substr(0, 25), "STATE   NAME  KEY        ");
}

TEST(Table, PutsWhatIsBelowUnderTheFirstCellOfItsRow) {
  Table table({{"NAME"}, {"COMPANY"}, {"WHY", Column::Align::left, Narrow::below}});
  table.add({"Nova", "", "two companies are too close to tell"});
  table.add({"", "265 Nova", "the names are the same"});
  EXPECT_EQ(table.render(narrow(40)),
            "NAME  COMPANY\n"
            "Nova\n"
            "  two companies are too close to tell\n"
            "      265 Nova\n"
            "        the names are the same\n");
}

TEST(Table, KeepsControlCharactersFromTheTerminal) {
  Table table({{"TITLE"}});
  table.add({"a\x1b[31mred\nnew line"});
  const std::string text = table.render(kFile);
  EXPECT_EQ(text.find('\x1b'), std::string::npos);
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 2);
}

TEST(Table, ColoursOnlyWhereTheTerminalHasThem) {
  Table table({{"S"}});
  table.add({{"bad", Tone::bad}});
  EXPECT_EQ(table.render(narrow(80)), "S\nbad\n");
  EXPECT_EQ(table.render(kColours), "\x1b[1mS\x1b[0m\n\x1b[31mbad\x1b[0m\n");
}

RC_GTEST_PROP(Table, IsNeverWiderThanTheTerminalWhenItsColumnsMayShrink,
              (std::vector<std::pair<std::string, std::string>> rows)) {
  Table table({{"ONE", Column::Align::left, Narrow::wrap}, {"TWO", Column::Align::right, Narrow::wrap}});
  // A word that is longer than the terminal fits nowhere.
  const auto in_words = [](const std::string& text) {
    std::string words;
    for (std::size_t at = 0; at < text.size(); at += 8) words += text.substr(at, 8) + " ";
    return words;
  };
  for (const auto& [one, two] : rows) table.add({in_words(one), in_words(two)});
  std::istringstream lines(table.render(narrow(40)));
  for (std::string line; std::getline(lines, line);) RC_ASSERT(display_width(line) <= 40u);
}

TEST(Fit, CutsBetweenCharactersAndSaysSo) {
  EXPECT_EQ(fit("abc", 3), "abc");
  EXPECT_EQ(fit("abcd", 3), "ab…");
  EXPECT_EQ(fit("ääää", 3), "ää…");
  EXPECT_EQ(fit("東京都", 5), "東京…");
  EXPECT_EQ(fit("東京都", 4), "東…");
}

TEST(Fit, SurvivesBytesThatAreNotText) {
  EXPECT_EQ(fit("a\xff\xfe"
                "b",
                10),
            "a??b");
}

TEST(Wrap, BreaksAtWordsAndIndentsEveryLine) {
  EXPECT_EQ(wrap("one two three four", 2, 12), "  one two\n  three four\n");
  EXPECT_EQ(wrap("one two", 4, 0), "    one two\n");
}

}  // namespace
}  // namespace crosswalk::cli
