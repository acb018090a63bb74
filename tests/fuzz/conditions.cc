// The conditions language: first as text alone, then asked of collections.
#include "sandbox/conditions.h"

#include "fuzz_world.h"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  using namespace crosswalk::sandbox;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto parsed = parse_conditions(text);
  if (!parsed && parsed.error().position > text.size()) std::abort();
  const std::string encoded = crosswalk::net::percent_encode(text);
  for (const char* collection : {"/service/tickets", "/company/contacts"}) {
    for (const char* parameter : {"conditions", "childConditions", "customFieldConditions", "orderBy", "fields"})
      send("GET", std::string(collection) + "?pageSize=2&" + parameter + "=" + encoded, {});
  }
  like_matches(text.substr(0, size / 2), text.substr(size / 2));
  return 0;
}
