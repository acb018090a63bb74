// How well customers find their companies on labelled sets, and how long one takes among 5,000.
#include <fmt/format.h>

#include <chrono>

#include "matching/labelled_set.h"

using namespace crosswalk::matching;

int main() {
  Quality all;
  for (const std::uint64_t seed : {1, 2, 3}) {
    const Quality each = measure(make_labelled_set(seed, 1'200, 2'400), MatchPolicy{});
    all.links += each.links;
    all.right += each.right;
    all.known += each.known;
    all.proposed_right += each.proposed_right;
  }
  const LabelledSet large = make_labelled_set(4, 5'000, 1'000);
  const CompanyIndex index(large.companies);
  const auto begun = std::chrono::steady_clock::now();
  std::size_t found = 0;
  for (const LabelledRecord& record : large.records) found += index.find(record.facts, 60, 5).size();
  const std::chrono::duration<double, std::micro> took = std::chrono::steady_clock::now() - begun;
  fmt::print("{{\"precision\":{:.5f},\"recall\":{:.5f},\"found\":{:.5f},\"find_us\":{:.0f},\"candidates\":{}}}\n",
             all.precision(), all.recall(), all.found(), took.count() / static_cast<double>(large.records.size()),
             found);
}
