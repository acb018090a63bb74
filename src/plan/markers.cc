#include "plan/markers.h"

#include "base/digest.h"

namespace crosswalk::plan {
namespace {
/// 50 bits: the notes of one ticket never share a marker.
constexpr std::size_t kMarkerCharacters = 10;
constexpr std::string_view kBegin = "[ref ", kEnd = "]";
}  // namespace

std::string note_marker(std::string_view external_reference, std::string_view note_key) {
  return std::string(kBegin) + short_digest({external_reference, note_key}, kMarkerCharacters) + std::string(kEnd);
}

std::string mark(std::string_view text, std::string_view marker) {
  return std::string(text) + "\n\n" + std::string(marker);
}

std::vector<std::string> markers_in(std::string_view text) {
  std::vector<std::string> markers;
  constexpr std::size_t length = kBegin.size() + kMarkerCharacters + kEnd.size();
  for (std::size_t at = text.find(kBegin); at != std::string_view::npos; at = text.find(kBegin, at + 1)) {
    const std::string_view marker = text.substr(at, length);
    if (marker.size() == length && marker.ends_with(kEnd)) markers.emplace_back(marker);
  }
  return markers;
}

}  // namespace crosswalk::plan
