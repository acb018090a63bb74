// Bodies of POST, PUT and of the control API. The first byte says where the rest goes.
#include "fuzz_world.h"
#include "sandbox/control.h"

namespace {

struct Entry {
  const char* method;
  const char* path;
};

constexpr Entry kApi[] = {{"POST", "/service/tickets"},
                          {"POST", "/service/tickets/1000/notes"},
                          {"POST", "/service/tickets/1000/merge"},
                          {"POST", "/service/tickets/1000/attachChildren"},
                          {"POST", "/service/tickets/1000/configurations"},
                          {"POST", "/service/tickets/search"},
                          {"POST", "/company/companies"},
                          {"POST", "/company/contacts"},
                          {"POST", "/company/configurations"},
                          {"POST", "/finance/agreements"},
                          {"POST", "/time/entries"},
                          {"PUT", "/service/tickets/1000"},
                          {"PUT", "/company/companies/252"},
                          {"PUT", "/company/contacts/2520"},
                          {"PUT", "/company/configurations/2520"}};

constexpr Entry kControl[] = {{"POST", "/sandbox/technician"},
                              {"POST", "/sandbox/reference"},
                              {"POST", "/sandbox/faults"},
                              {"POST", "/sandbox/robot"},
                              {"POST", "/sandbox/tenants"}};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  using namespace crosswalk;
  if (size == 0) return 0;
  const std::string body(reinterpret_cast<const char*>(data) + 1, size - 1);
  const std::size_t number = data[0] % (std::size(kApi) + std::size(kControl));
  if (number < std::size(kApi)) {
    sandbox::send(kApi[number].method, kApi[number].path, body);
    return 0;
  }
  // What is set here would get into the way of the others, so this goes to a world of its own.
  static sandbox::World world([] { return from_milliseconds(1'772'352'000'000); }, {});
  static int requests = 0;
  if (++requests % 500 == 0) world.reset();
  net::Request request;
  request.method = kControl[number - std::size(kApi)].method;
  request.target = kControl[number - std::size(kApi)].path;
  request.body = body;
  if (sandbox::control(world, request).status >= 500) std::abort();
  return 0;
}
