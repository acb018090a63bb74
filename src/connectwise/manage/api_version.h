#pragma once

#include <string>
#include <string_view>

#include "base/time.h"

namespace crosswalk::connectwise::manage {

/// The model of the API that Crosswalk was written against, which every call asks for in its Accept header: the newest
/// whose description is public. That of 2026.4 was in a public repository (wdyoung4383/connectwise-psa-mcp) by June
/// 2026; ConnectWise itself names no date to everybody.
inline constexpr std::string_view kApiVersion = "2026.4";
inline constexpr std::string_view kApiVersionKnownSince = "2026-06-01T00:00:00Z";

/// ConnectWise keeps a model for this long after a newer one has taken its place. When that was is not told, so it is
/// counted from the day by which the model was known: the warning may come early, and never late.
inline constexpr int kApiVersionMonths = 12;
/// A quarter of a year is time enough to bring out a release, and for vendors to roll it out.
inline constexpr int kApiVersionWarningMonths = 9;

enum class VersionState { current, ends_soon, may_have_ended };

struct VersionAge {
  VersionState state = VersionState::current;
  std::string text;  ///< which version is asked for, how old it is, and what to do, in plain words
};

/// `version` as settings name it ("2025.16"). One whose day is not known is as old as the end of its year, at least.
[[nodiscard]] VersionAge judge_api_version(std::string_view version, Timestamp now);

/// Whether release `one` ("v2025.16.12345" or "2025.16") is older than `other`; false when either is none.
[[nodiscard]] bool is_older_version(std::string_view one, std::string_view other);

}  // namespace crosswalk::connectwise::manage
