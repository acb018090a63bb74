// Bodies of PATCH on objects of different make: scalars, references, lists of objects, custom fields.
#include "fuzz_world.h"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  using namespace crosswalk::sandbox;
  static constexpr const char* kPaths[] = {"/service/tickets/1000",   "/company/companies/252",
                                           "/company/contacts/2520",  "/company/configurations/2520",
                                           "/finance/agreements/252", "/service/boards/1"};
  const std::string body(reinterpret_cast<const char*>(data), size);
  for (const char* path : kPaths) send("PATCH", path, body);
  return 0;
}
