#include "base/digest.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>

namespace crosswalk {
namespace {

std::string hex(const Digest& bytes) {
  return to_hex(std::string_view(reinterpret_cast<const char*>(bytes.data()), bytes.size()));
}

TEST(Digest, StaysTheSameForever) {
  // Digests are stored; BLAKE2b-256 of no bytes, and of the eight length bytes followed by "abc".
  EXPECT_EQ(hex(digest({})), "0e5751c026e543b2e8ab2eb06099daa1d1e5df47778f7787faab45cdf12fe3a8");
  EXPECT_EQ(hex(digest({"abc"})), "3bdc62cfd65e3b78e3d90e32e0a91ebfbc229c30abe54e6abd16c5d4def0db7b");
}

TEST(Digest, TellsPartsApart) {
  EXPECT_NE(digest({"ab", "c"}), digest({"a", "bc"}));
  EXPECT_NE(digest({"abc"}), digest({"abc", ""}));
}

TEST(ShortDigest, IsAPrefixInCrockfordsAlphabet) {
  const std::string longest = short_digest({"partner", "alert"}, 51);
  EXPECT_EQ(longest.size(), 51u);
  EXPECT_EQ(short_digest({"partner", "alert"}, 12), longest.substr(0, 12));
  EXPECT_EQ(short_digest({"partner", "alert"}, 500), longest);
  EXPECT_EQ(longest.find_first_not_of("0123456789ABCDEFGHJKMNPQRSTVWXYZ"), std::string::npos);
}

TEST(ShortDigest, SpellsTheDigestsBits) {
  // 0x0E 0x57 0x51 0xC0 0x26 is 00001 11001 01011 10101 00011 10000 00001 00110.
  EXPECT_EQ(short_digest({}, 8), "1SBN3G16");
}

TEST(ToHex, WritesLowerCase) { EXPECT_EQ(to_hex(std::string_view("\x00\xAb\xFF", 3)), "00abff"); }

RC_GTEST_PROP(EqualsInConstantTime, AgreesWithEquality, (const std::string& left, const std::string& right)) {
  RC_ASSERT(equals_in_constant_time(left, right) == (left == right));
  RC_ASSERT(equals_in_constant_time(left, left));
}

}  // namespace
}  // namespace crosswalk
