// Fills a data folder with partners that have a live mapping and records whose tickets are made, so that start and
// memory can be measured.

#include <CLI/CLI.hpp>
#include <filesystem>
#include <iostream>
#include <string>

#include "net/secrets.h"
#include "service/partner_settings.h"
#include "store/sqlite/sqlite_store.h"

namespace crosswalk::bench {
namespace {

constexpr std::int64_t kRecordsPerCommit = 2'000;

constexpr std::string_view kMapping =
    R"({"workflow":"alert_to_ticket","mode":"live","go_live_at":"2020-01-01T00:00:00Z","defaults":{"board":{"id":1,"name":"Help Desk"},)"
    R"("statuses":{"opened":{"id":11,"name":"New"},"resolved":{"id":12,"name":"Closed"},"reopened":{"id":11,"name":"New"}}},)"
    R"("customers":{"contoso":{"company":{"id":51,"name":"Contoso"}}}})";

Timestamp at(std::int64_t number) { return from_milliseconds(1'700'000'000'000 + number); }

std::string partner_id(std::int64_t number) { return "partner-" + std::to_string(number); }

bool commit(store::Store& store, const store::Transaction& transaction) {
  const store::Transaction* const all[] = {&transaction};
  const auto committed = store.commit(all);
  if (!committed) std::cerr << committed.error().message << '\n';
  return committed.has_value();
}

bool add_partners(store::Store& store, const net::SecretBox& secrets, std::int64_t count) {
  store::Transaction transaction;
  for (std::int64_t i = 0; i < count; ++i) {
    const std::string id = partner_id(i);
    transaction.partners.push_back(
        {.id = id,
         .name = "Partner " + std::to_string(i),
         .settings = service::serialize({.site = "http://127.0.0.1:9", .company = "bench", .client_id = "bench"}),
         .sealed_credentials = service::seal({"public", "private"}, secrets, id),
         .created_at = at(0),
         .version = 1});
    transaction.mappings.push_back({.partner = id,
                                    .workflow = "alert_to_ticket",
                                    .state = "live",
                                    .document = std::string(kMapping),
                                    .author = "bench",
                                    .created_at = at(0),
                                    .published_at = at(0)});
  }
  return commit(store, transaction);
}

void add_record(store::Transaction& transaction, std::int64_t number, std::int64_t partners) {
  const std::string text = std::to_string(number);
  const std::string partner = partner_id(number % partners);
  const std::string key = "v1/acme-edr/contoso/srv-" + text + "/malware.found";
  const store::RecordKey ref{partner, "alert", key};
  const std::string data = R"({"product":"acme-edr","customer":"contoso","subject":"srv-)" + text +
                           R"(","condition":"malware.found","severity":"high","title":"Malware found"})";
  transaction.events.push_back({.partner = partner,
                                .source = "/acme-edr/eu-1",
                                .id = "seed-" + text,
                                .type = "alert.raised",
                                .kind = "alert",
                                .key = key,
                                .time = at(number),
                                .received_at = at(number),
                                .data = data});
  transaction.records.push_back({.ref = ref,
                                 .version = 1,
                                 .state = data,
                                 .group_key = "contoso",
                                 .refers_to = "device/srv-" + text,
                                 .raised_at = at(number),
                                 .open = number % 4 == 0});
  transaction.links.push_back({.ref = ref,
                               .anchor = "seed-" + text,
                               .provider = "manage",
                               .object_kind = "ticket",
                               .object_id = text,
                               .external_reference = "cw-" + text,
                               .state = "{}"});
}

int fill(const std::string& folder, std::int64_t partners, std::int64_t records) {
  std::filesystem::create_directories(folder);
  std::filesystem::permissions(folder, std::filesystem::perms::owner_all);
  const auto secrets = net::SecretBox::open(folder + "/secret.key");
  const auto store = store::open_sqlite_store({.path = folder + "/crosswalk.db", .synchronous = false});
  if (!secrets || !store || !add_partners(**store, *secrets, partners)) return 1;
  for (std::int64_t i = 0; i < records;) {
    store::Transaction transaction;
    for (const std::int64_t end = std::min(i + kRecordsPerCommit, records); i < end; ++i)
      add_record(transaction, i, partners);
    transaction.folded = store::FoldedTo{{}, i};
    if (!commit(**store, transaction)) return 1;
  }
  return 0;
}

}  // namespace
}  // namespace crosswalk::bench

int main(int argument_count, char** arguments) {
  std::string folder;
  std::int64_t partners = 1'000, records = 0;
  CLI::App app("Fills a data folder for measurements");
  app.add_option("folder", folder)->required();
  app.add_option("--partners", partners)->check(CLI::Range(1, 1'000'000));
  app.add_option("--records", records);
  CLI11_PARSE(app, argument_count, arguments);
  return crosswalk::bench::fill(folder, partners, records);
}
