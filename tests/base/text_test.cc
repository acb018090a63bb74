#include "base/text.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace crosswalk {
namespace {

const std::string kFamily = "\U0001F468\u200D\U0001F469\u200D\U0001F467";  // man, joiner, woman, joiner, girl

/// Any mix of letters, marks, emoji and joiners.
rc::Gen<std::string> any_text() {
  const auto piece = rc::gen::element<std::string>("a", "é", "e\u0301", "漢", kFamily, "\U0001F1E9\U0001F1EA",
                                                   "\U0001F44D\U0001F3FD", " ", "\u2764\uFE0F", "x", "नि", "\u0301");
  return rc::gen::map(rc::gen::container<std::vector<std::string>>(piece), [](const std::vector<std::string>& pieces) {
    std::string text;
    for (const std::string& each : pieces) text += each;
    return text;
  });
}

TEST(IsUtf8, AcceptsEveryLengthOfSequence) {
  EXPECT_TRUE(is_utf8(""));
  EXPECT_TRUE(is_utf8("plain"));
  EXPECT_TRUE(is_utf8("\u00e9 \u6f22 \U0001F600 \U0010FFFF"));
}

TEST(IsUtf8, RefusesOverlongSurrogateTooLargeAndTruncatedSequences) {
  for (const std::string_view bytes : {"\xC0\x80", "\xC1\xBF", "\xE0\x80\x80", "\xF0\x80\x80\x80", "\xED\xA0\x80",
                                       "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\x80", "\xE6\xBC", "a\xFF", "\xC3("}) {
    EXPECT_FALSE(is_utf8(bytes)) << testing::PrintToString(bytes);
  }
}

TEST(CountCharacters, CountsCodePoints) {
  EXPECT_EQ(count_characters(""), 0u);
  EXPECT_EQ(count_characters("abc"), 3u);
  EXPECT_EQ(count_characters("\u00e9\u6f22\U0001F600"), 3u);
}

TEST(CutText, KeepsWhatFits) {
  EXPECT_EQ(cut_text("disk full", 9), "disk full");
  EXPECT_EQ(cut_text("\u6f22\u5b57", 2), "\u6f22\u5b57");
}

TEST(CutText, EndsWithAnEllipsisThatCountsToo) {
  EXPECT_EQ(cut_text("disk full", 5), "disk…");
  EXPECT_EQ(cut_text("disk full", 1), "…");
  EXPECT_EQ(cut_text("disk full", 0), "");
}

TEST(CutText, DoesNotTearACharacterApart) {
  EXPECT_EQ(cut_text("ae\u0301bcd", 3), "a…");
  EXPECT_EQ(cut_text("a" + kFamily + "bc", 6), "a…");
  EXPECT_EQ(cut_text("a" + kFamily + "bc", 7), "a" + kFamily + "…");
  EXPECT_EQ(cut_text("\U0001F1E9\U0001F1EA\U0001F1EB\U0001F1F7x", 4), "\U0001F1E9\U0001F1EA…");
  EXPECT_EQ(cut_text("\U0001F44D\U0001F3FDabc", 2), "…");
}

TEST(CutText, WalksThroughBytesThatAreNotUtf8) { EXPECT_EQ(cut_text("\xFF\xFE\xFD\xFC", 3), "\xFF\xFE…"); }

RC_GTEST_PROP(CutText, NeverExceedsTheLimitAndStaysUtf8AndAPrefix, ()) {
  const std::string text = *any_text();
  const auto limit = *rc::gen::inRange<std::size_t>(0, 30);
  const std::string cut = cut_text(text, limit);
  RC_ASSERT(count_characters(cut) <= limit);
  RC_ASSERT(is_utf8(cut));
  if (count_characters(text) <= limit) {
    RC_ASSERT(cut == text);
  } else if (limit > 0) {
    RC_ASSERT(cut.ends_with("…"));
    RC_ASSERT(text.starts_with(cut.substr(0, cut.size() - std::string_view("…").size())));
  }
}

TEST(SingleLine, TurnsBreaksAndControlsIntoOneBlank) {
  EXPECT_EQ(single_line("disk\r\nfull\ton C:"), "disk full on C:");
  EXPECT_EQ(single_line("a \n b"), "a  b");
  EXPECT_EQ(single_line("a\u0085b\u2028c\x7F"
                        "d"),
            "a b c d");
  EXPECT_EQ(single_line(std::string_view("a\0b", 3)), "a b");
}

TEST(SingleLine, RemovesBidirectionalOverrides) {
  EXPECT_EQ(single_line("invoice\u202Efdp.exe"), "invoice fdp.exe");
  EXPECT_EQ(single_line("\u2066safe\u2069"), "safe");
}

TEST(SingleLine, TrimsItsEnds) {
  EXPECT_EQ(single_line("\n  text \r\n"), "text");
  EXPECT_EQ(single_line("\n\t "), "");
}

RC_GTEST_PROP(SingleLine, IsIdempotentAndHoldsNoControls, (const std::string& text)) {
  const std::string line = single_line(text);
  RC_ASSERT(single_line(line) == line);
  for (const char byte : line) RC_ASSERT(static_cast<unsigned char>(byte) >= 0x20 && byte != 0x7F);
}

TEST(ByteOrderMark, IsTakenFromTheBeginningAlone) {
  EXPECT_EQ(without_byte_order_mark("\xEF\xBB\xBF{}"), "{}");
  EXPECT_EQ(without_byte_order_mark("{\xEF\xBB\xBF}"), "{\xEF\xBB\xBF}");
  EXPECT_EQ(without_byte_order_mark(""), "");
}

RC_GTEST_PROP(RepairedUtf8, IsUtf8AndLeavesWhatIsUtf8AsItIs, (const std::string& bytes)) {
  const std::string text = repaired_utf8(bytes);
  RC_ASSERT(is_utf8(text));
  RC_ASSERT(!is_utf8(bytes) || text == bytes);
}

TEST(Ascii, LowersTrimsAndComparesWithoutTouchingOtherLetters) {
  EXPECT_EQ(to_lower("ABC-É"), "abc-É");
  EXPECT_EQ(trim(" \t x y \r\n"), "x y");
  EXPECT_EQ(trim("   "), "");
  EXPECT_TRUE(equals_ignoring_case("Content-Type", "content-TYPE"));
  EXPECT_FALSE(equals_ignoring_case("abc", "abcd"));
  EXPECT_FALSE(equals_ignoring_case("[", "{"));
}

}  // namespace
}  // namespace crosswalk
