#include "store/sqlite/sqlite_store.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <optional>
#include <thread>
#include <type_traits>

#include "store/sqlite/checkpointer.h"
#include "store/sqlite/forget.h"
#include "store/sqlite/migrations.h"
#include "store/sqlite/outbound_reads.h"
#include "store/sqlite/pool.h"
#include "store/sqlite/reads.h"
#include "store/sqlite/writes.h"

namespace crosswalk::store {
namespace {

/// The engine, intake and a few people read at the same time; more would only multiply the caches.
constexpr std::size_t kReadersMax = 4;

// Caches are in KiB (negative, as SQLite has it): 24 MiB for the indexes that events are spread over, 4 for each
// reader. No memory map: its pages would count as ours, and a read error of the disk would be a signal instead of a
// result.
constexpr const char* kPrepareReader = R"(
  PRAGMA cache_size = -4096;
  PRAGMA mmap_size = 0;
  PRAGMA temp_store = MEMORY;)";
// The checkpoints every 4,000 pages are those of a store that is not synchronous; else the Checkpointer replaces them.
constexpr const char* kPrepareWriter = R"(
  PRAGMA cache_size = -24576;
  PRAGMA mmap_size = 0;
  PRAGMA temp_store = MEMORY;
  PRAGMA secure_delete = ON;
  PRAGMA journal_mode = WAL;
  PRAGMA wal_autocheckpoint = 4000;
  PRAGMA journal_size_limit = 67108864;)";
constexpr const char* kDurable = "PRAGMA synchronous = FULL";
constexpr const char* kNotDurable = "PRAGMA synchronous = OFF";

constexpr const char* kMemory = ":memory:";

constexpr const char* kBegin = "BEGIN";
constexpr const char* kCommit = "COMMIT";

Result<std::unique_ptr<Connection>> try_open_writer(const SqliteOptions& options) {
  Result<std::unique_ptr<Connection>> opened =
      Connection::open(options.path, Connection::Access::write, options.busy_timeout);
  if (!opened) return opened;
  Connection& connection = **opened;
  connection.execute(options.synchronous ? kDurable : kNotDurable);
  if (options.path != kMemory) connection.execute(kPrepareWriter);
  if (connection.failed()) return tl::unexpected(connection.take_error());
  if (Result<void> migrated = migrate(connection); !migrated) return tl::unexpected(std::move(migrated.error()));
  if (options.pages_max > 0) {
    // A pragma takes no parameters; the number is ours.
    connection.execute(("PRAGMA max_page_count = " + std::to_string(options.pages_max)).c_str());
    if (connection.failed()) return tl::unexpected(connection.take_error());
  }
  return opened;
}

/// Turning the write-ahead log on does not wait for other openers as every other statement does, so the waiting is
/// ours.
Result<std::unique_ptr<Connection>> open_writer(const SqliteOptions& options) {
  constexpr std::chrono::milliseconds kPause{10};
  const auto deadline = std::chrono::steady_clock::now() + options.busy_timeout;
  for (;;) {
    Result<std::unique_ptr<Connection>> opened = try_open_writer(options);
    if (opened || opened.error().code != "store.busy" || std::chrono::steady_clock::now() >= deadline) return opened;
    std::this_thread::sleep_for(kPause);
  }
}

Result<std::unique_ptr<Connection>> open_reader(const SqliteOptions& options) {
  Result<std::unique_ptr<Connection>> opened =
      Connection::open(options.path, Connection::Access::read, options.busy_timeout);
  if (!opened) return opened;
  (*opened)->execute(kPrepareReader);
  if ((*opened)->failed()) return tl::unexpected((*opened)->take_error());
  return opened;
}

class SqliteStore final : public Store, private OutboundReads {
 public:
  explicit SqliteStore(const SqliteOptions& options)
      : writer_(1, [options] { return open_writer(options); }),
        readers_(kReadersMax, [options] { return open_reader(options); }),
        options_(options),
        is_memory_(options.path == kMemory) {}

  /// Opens and migrates now, so that what is wrong with the file is said at start.
  Result<void> prepare() {
    const Result<Pool::Lease> writer = writer_.lend();
    if (!writer) return tl::unexpected(writer.error());
    has_webhooks_ = read_has_webhooks(**writer);
    if ((**writer).failed()) return tl::unexpected((**writer).take_error());
    // Without syncs a checkpoint is quick, and the many small stores of tests need no thread each.
    if (is_memory_ || !options_.synchronous) return {};
    Result<std::unique_ptr<Connection>> own =
        Connection::open(options_.path, Connection::Access::write, options_.busy_timeout);
    if (!own) return tl::unexpected(std::move(own.error()));
    (*own)->execute(kDurable);
    if ((*own)->failed()) return tl::unexpected((*own)->take_error());
    checkpointer_.emplace(**writer, std::move(*own));
    return {};
  }

  Result<std::vector<Committed>> commit(std::span<const Transaction* const> transactions) override {
    const Result<Pool::Lease> writer = writer_.lend();
    if (!writer) return tl::unexpected(writer.error());
    Result<std::vector<Committed>> committed = store::commit(**writer, transactions);
    const bool webhooks_changed = std::ranges::any_of(transactions, [](const Transaction* each) {
      return !each->outbound.webhooks.empty() || !each->outbound.removed.empty();
    });
    if (committed && webhooks_changed) {
      const bool any = read_has_webhooks(**writer);
      // A failure here would be of the next statement's as well, and says nothing of what is committed.
      if ((**writer).failed())
        (void)(**writer).take_error();
      else
        has_webhooks_ = any;
    }
    return committed;
  }

  Result<std::int64_t> forget(const RecordKey& ref, std::span<const std::string> texts) override {
    const Result<Pool::Lease> writer = writer_.lend();
    if (!writer) return tl::unexpected(writer.error());
    return store::forget(**writer, ref, texts);
  }

  Result<std::int64_t> folded(const Share& share) override { return read(read_folded, share); }
  Result<Unfolded> unfolded(const Share& share, std::int64_t after, std::size_t count_max) override {
    return read(read_unfolded, share, after, count_max);
  }
  Result<std::int64_t> newest_event() override { return read(read_newest_event); }
  Result<std::vector<EventRow>> events_after(std::int64_t sequence, std::size_t count_max) override {
    return read(read_events_after, sequence, count_max);
  }
  Result<std::vector<std::optional<RecordRow>>> records(std::span<const RecordKey> refs) override {
    return read(read_records, refs);
  }
  Result<std::vector<RecordRow>> due(const std::string& partner, Timestamp now, std::size_t count_max, int lane_max,
                                     const std::set<RecordKey>& except) override {
    return read(read_due, partner, now, count_max, lane_max, except);
  }
  Result<std::vector<PartnerDue>> due_partners() override { return read(read_due_partners); }
  Result<std::optional<Timestamp>> earliest_due(const std::string& partner, Timestamp after) override {
    return read(read_earliest_due, partner, after);
  }
  Result<std::vector<LinkRow>> links(std::span<const RecordKey> refs) override { return read(read_links, refs); }
  Result<std::vector<RecordRow>> group_members(const std::string& partner, const std::string& group_key,
                                               Timestamp since, std::size_t count_max) override {
    return read(read_group_members, partner, group_key, since, count_max);
  }
  Result<GroupCount> count_group_members(const std::string& partner, const std::string& group_key,
                                         Timestamp since) override {
    return read(read_group_count, partner, group_key, since);
  }
  Result<std::vector<RecordRow>> open_group_members(const std::string& partner, const std::string& group_key,
                                                    std::size_t count_max) override {
    return read(read_open_group_members, partner, group_key, count_max);
  }

  Result<std::vector<LinkRow>> links_to(const std::string& partner, const std::string& object_kind,
                                        std::span<const std::string> object_ids) override {
    return read(read_links_to, partner, object_kind, object_ids);
  }
  Result<std::vector<LinkedObject>> linked_objects(const std::string& partner,
                                                   const std::string& object_kind) override {
    return read(read_linked_objects, partner, object_kind);
  }
  Result<Leaving> leaving(const std::string& partner, const std::string& kind, Timestamp seen_until,
                          const std::string& held) override {
    return read(read_leaving, partner, kind, seen_until, held);
  }
  Result<std::vector<std::string>> linked_partners() override { return read(read_linked_partners); }
  Result<std::vector<SweepRow>> sweeps(const std::string& partner) override { return read(read_sweeps, partner); }
  Result<std::vector<ConnectionRow>> connections(const std::string& partner) override {
    return read(read_connections, partner);
  }
  Result<std::vector<OfferRow>> offers(const std::string& partner, const std::string& kind) override {
    return read(read_offers, partner, kind);
  }
  Result<std::optional<Timestamp>> restored_at() override { return read(read_restored_at); }
  Result<std::vector<std::string>> mapped_partners() override { return read(read_mapped_partners); }
  Result<std::vector<std::string>> partners_without_offers() override { return read(read_partners_without_offers); }
  Result<std::vector<CallbackRow>> callbacks(const std::string& partner) override {
    return read(read_callbacks, partner);
  }

  Result<std::vector<RecordRow>> find_records(const std::string& partner, std::span<const std::string> words,
                                              std::size_t count_max) override {
    return read(read_found, partner, words, count_max);
  }
  Result<std::vector<RecordRow>> list_records(const RecordQuery& query) override {
    return read(read_record_list, query);
  }
  Result<std::vector<EventRow>> events_of(const RecordKey& ref, std::size_t count_max) override {
    return read(read_events_of, ref, count_max);
  }
  Result<std::vector<JournalRow>> journal_of(const RecordKey& ref, std::size_t count_max) override {
    return read(read_journal_of, ref, count_max);
  }
  Result<Counts> counts(const std::string& partner) override { return read(read_counts, partner); }

  Result<std::vector<PartnerRow>> partners() override { return read(read_partners); }
  Result<std::optional<PartnerRow>> partner(const std::string& id) override { return read(read_partner, id); }
  Result<std::vector<MappingRow>> mappings(const std::string& partner, const std::string& workflow) override {
    return read(read_mappings, partner, workflow);
  }
  Result<std::optional<MappingRow>> live_mapping(const std::string& partner, const std::string& workflow) override {
    return read(read_live_mapping, partner, workflow);
  }
  Result<SettingsVersion> settings_version(const std::string& partner) override {
    return read(read_settings_version, partner);
  }
  Result<std::vector<ApiKeyRow>> api_keys() override { return read(read_api_keys); }
  Result<std::optional<PlanRow>> plan(const std::string& partner, const std::string& id) override {
    return read(read_plan, partner, id);
  }
  Result<std::optional<std::string>> setting(const std::string& name) override { return read(read_setting, name); }
  Result<std::vector<AuditRow>> audit(const AuditQuery& query) override { return read(read_audit, query); }

  OutboundReads& outbound() override { return *this; }
  [[nodiscard]] bool has_webhooks() const override { return has_webhooks_; }
  Result<std::vector<WebhookRow>> webhooks() override { return read(read_webhooks); }
  Result<std::vector<OutboundRow>> outbound_after(std::int64_t sequence, std::size_t count_max) override {
    return read(read_outbound_after, sequence, count_max);
  }
  Result<std::vector<DeliveryRow>> due_deliveries(const std::string& webhook, Timestamp now,
                                                  std::size_t count_max) override {
    return read(read_due_deliveries, webhook, now, count_max);
  }
  Result<std::optional<Timestamp>> next_delivery(const std::string& webhook, Timestamp after) override {
    return read(read_next_delivery, webhook, after);
  }
  Result<std::vector<DeliveryRow>> list_deliveries(const DeliveryQuery& query) override {
    return read(read_delivery_list, query);
  }
  Result<std::vector<DeliveryCounts>> delivery_counts() override { return read(read_delivery_counts); }
  Result<RangeCounts> count_range(const std::string& webhook, const OutboundRange& range) override {
    return read(read_range_counts, webhook, range);
  }

 private:
  /// Runs a read of reads.h in one transaction, so that it sees one state of the store.
  template <class Read, class... Arguments>
  Result<std::invoke_result_t<Read, Connection&, const Arguments&...>> read(Read read_rows,
                                                                            const Arguments&... arguments) {
    const Result<Pool::Lease> lease = (is_memory_ ? writer_ : readers_).lend();
    if (!lease) return tl::unexpected(lease.error());
    Connection& connection = **lease;
    connection.prepare(kBegin).run();
    auto rows = read_rows(connection, arguments...);
    connection.prepare(kCommit).run();
    if (connection.failed()) return tl::unexpected(connection.take_error());
    return rows;
  }

  Pool writer_;
  Pool readers_;
  const SqliteOptions options_;
  const bool is_memory_;
  std::atomic<bool> has_webhooks_{false};
  std::optional<Checkpointer> checkpointer_;
};

}  // namespace

Result<std::unique_ptr<Store>> open_sqlite_store(const SqliteOptions& options) {
  auto store = std::make_unique<SqliteStore>(options);
  if (Result<void> prepared = store->prepare(); !prepared) return tl::unexpected(std::move(prepared.error()));
  return store;
}

}  // namespace crosswalk::store
