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

constexpr Entry kOfSale[] = {{"POST", "/sales/opportunities/1/forecast"},
                             {"PUT", "/sales/opportunities/1/forecast"},
                             {"PATCH", "/sales/opportunities/1/forecast"},
                             {"POST", "/sales/opportunities/1/forecast/1"},
                             {"PATCH", "/sales/opportunities/1/forecast/1"},
                             {"POST", "/system/members/101/deactivate"},
                             {"POST", "/system/bundles"}};

/// An opportunity has a forecast when something is to be sent to it.
void send_to_sale(const Entry& entry, const std::string& body) {
  using namespace crosswalk::sandbox;
  if (fuzzed_world().list("sandbox", "sales/opportunities/forecast").empty()) {
    send("POST", "/sales/opportunities/1/forecast",
         R"({"forecastItems":[{"id":1,"forecastType":"Product","status":{"id":1},"revenue":5}]})");
  }
  send(entry.method, entry.path, body);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  using namespace crosswalk;
  if (size == 0) return 0;
  const std::string body(reinterpret_cast<const char*>(data) + 1, size - 1);
  const std::size_t number = data[0] % (std::size(kApi) + std::size(kControl) + std::size(kOfSale));
  if (number < std::size(kApi)) {
    sandbox::send(kApi[number].method, kApi[number].path, body);
    return 0;
  }
  if (number >= std::size(kApi) + std::size(kControl)) {
    send_to_sale(kOfSale[number - std::size(kApi) - std::size(kControl)], body);
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
