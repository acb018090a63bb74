#pragma once

#include <string>

namespace crosswalk {

/// What ConnectWise and others have published about its API. It is no part of this project; tests that compare with it
/// are skipped where it does not lie beside the checkout, and the closing list of `./run test` names them.
[[nodiscard]] inline std::string connectwise_material(const std::string& file) {
  return std::string(CROSSWALK_SOURCE_DIR) + "/../shared/connectwise/manage/" + file;
}

/// The reason of each such skip: one line for all in the closing list.
inline constexpr const char* kMaterialIsAbsent =
    "ConnectWise's own documents are no part of this project, and ../shared/connectwise/manage is not here";

}  // namespace crosswalk
