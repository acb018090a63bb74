#include "service/router.h"

#include <gtest/gtest.h>

namespace crosswalk::service {
namespace {

using Segments = std::vector<std::string>;

Router router() {
  Router made;
  made.add("GET", "/v1/partners");
  made.add("POST", "/v1/partners");
  made.add("GET", "/v1/partners/{partner}");
  made.add("GET", "/v1/partners/{partner}/records/{kind}/{key}/explain");
  made.add("GET", "/");
  return made;
}

TEST(Router, FindsByMethodAndPath) {
  const Router::Match match = router().match("POST", Segments{"v1", "partners"});
  ASSERT_TRUE(match.route);
  EXPECT_EQ(*match.route, 1u);
  EXPECT_EQ(*router().match("GET", Segments{}).route, 4u);
}

TEST(Router, GivesParametersInOrderWithWhateverTheyHold) {
  const Router::Match match =
      router().match("GET", Segments{"v1", "partners", "p", "records", "alert", "v1/a/b", "explain"});
  ASSERT_TRUE(match.route);
  EXPECT_EQ(match.parameters, (Segments{"p", "alert", "v1/a/b"}));
}

TEST(Router, SaysWhichMethodsAPathTakes) {
  const Router::Match match = router().match("DELETE", Segments{"v1", "partners"});
  EXPECT_FALSE(match.route);
  EXPECT_EQ(match.allowed, "GET, HEAD, POST");
}

TEST(Router, TakesHeadWhereverItTakesGet) {
  EXPECT_EQ(*router().match("HEAD", Segments{"v1", "partners", "p"}).route, 2u);
}

TEST(Router, KnowsNoOtherPaths) {
  for (const Segments& path : {Segments{"v1"}, Segments{"v1", "partner"}, Segments{"v1", "partners", "p", "records"}}) {
    const Router::Match match = router().match("GET", path);
    EXPECT_FALSE(match.route);
    EXPECT_TRUE(match.allowed.empty());
  }
}

}  // namespace
}  // namespace crosswalk::service
