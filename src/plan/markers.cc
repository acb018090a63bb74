#include "plan/markers.h"

#include "base/digest.h"

namespace crosswalk::plan {
namespace {
/// 50 bits: the notes of one ticket never share a marker.
constexpr std::size_t kMarkerCharacters = 10;
}  // namespace

std::string note_marker(std::string_view external_reference, std::string_view note_key) {
  return "[ref " + short_digest({external_reference, note_key}, kMarkerCharacters) + "]";
}

std::string mark(std::string_view text, std::string_view marker) {
  return std::string(text) + "\n\n" + std::string(marker);
}

bool carries(std::string_view text, std::string_view marker) { return text.find(marker) != std::string_view::npos; }

}  // namespace crosswalk::plan
