#pragma once

#include "store/sqlite/connection.h"
#include "store/store.h"

namespace crosswalk::store {

// The reads of store.h on one connection, inside the caller's transaction; failures stay in the connection.

[[nodiscard]] std::int64_t read_folded(Connection& connection, const Share& share);
[[nodiscard]] Unfolded read_unfolded(Connection& connection, const Share& share, std::int64_t after,
                                     std::size_t count_max);
[[nodiscard]] std::int64_t read_newest_event(Connection& connection);
[[nodiscard]] std::optional<Timestamp> read_restored_at(Connection& connection);
[[nodiscard]] std::vector<EventRow> read_events_after(Connection& connection, std::int64_t sequence,
                                                      std::size_t count_max);
[[nodiscard]] std::vector<std::optional<RecordRow>> read_records(Connection& connection,
                                                                 std::span<const RecordKey> refs);
[[nodiscard]] std::vector<RecordRow> read_found(Connection& connection, const std::string& partner,
                                                std::span<const std::string> words, std::size_t count_max);
[[nodiscard]] std::vector<RecordRow> read_due(Connection& connection, const std::string& partner, Timestamp now,
                                              std::size_t count_max, int lane_max, const std::set<RecordKey>& except);
[[nodiscard]] std::vector<Store::PartnerDue> read_due_partners(Connection& connection);
[[nodiscard]] std::optional<Timestamp> read_earliest_due(Connection& connection, const std::string& partner,
                                                         Timestamp after);
[[nodiscard]] std::vector<LinkRow> read_links(Connection& connection, std::span<const RecordKey> refs);
[[nodiscard]] std::vector<LinkRow> read_links_to(Connection& connection, const std::string& partner,
                                                 const std::string& object_kind,
                                                 std::span<const std::string> object_ids);
[[nodiscard]] std::vector<Store::LinkedObject> read_linked_objects(Connection& connection, const std::string& partner,
                                                                   const std::string& object_kind);
[[nodiscard]] Store::Leaving read_leaving(Connection& connection, const std::string& partner, const std::string& kind,
                                          Timestamp seen_until, const std::string& held);
[[nodiscard]] std::vector<std::string> read_linked_partners(Connection& connection);
[[nodiscard]] std::vector<SweepRow> read_sweeps(Connection& connection, const std::string& partner);
[[nodiscard]] std::vector<ConnectionRow> read_connections(Connection& connection, const std::string& partner);
[[nodiscard]] std::vector<OfferRow> read_offers(Connection& connection, const std::string& partner,
                                                const std::string& kind);
[[nodiscard]] std::vector<std::string> read_mapped_partners(Connection& connection);
[[nodiscard]] std::vector<std::string> read_partners_without_offers(Connection& connection);
[[nodiscard]] std::vector<CallbackRow> read_callbacks(Connection& connection, const std::string& partner);
[[nodiscard]] std::vector<RecordRow> read_open_group_members(Connection& connection, const std::string& partner,
                                                             const std::string& group_key, std::size_t count_max);
[[nodiscard]] Store::GroupCount read_group_count(Connection& connection, const std::string& partner,
                                                 const std::string& group_key, Timestamp since);
[[nodiscard]] std::vector<RecordRow> read_group_members(Connection& connection, const std::string& partner,
                                                        const std::string& group_key, Timestamp since,
                                                        std::size_t count_max);
[[nodiscard]] std::vector<RecordRow> read_record_list(Connection& connection, const Store::RecordQuery& query);
[[nodiscard]] std::vector<EventRow> read_events_of(Connection& connection, const RecordKey& ref, std::size_t count_max);
[[nodiscard]] std::vector<JournalRow> read_journal_of(Connection& connection, const RecordKey& ref,
                                                      std::size_t count_max);
[[nodiscard]] Store::Counts read_counts(Connection& connection, const std::string& partner);

[[nodiscard]] std::vector<PartnerRow> read_partners(Connection& connection);
[[nodiscard]] std::optional<PartnerRow> read_partner(Connection& connection, const std::string& id);
[[nodiscard]] std::vector<MappingRow> read_mappings(Connection& connection, const std::string& partner,
                                                    const std::string& workflow);
[[nodiscard]] std::optional<MappingRow> read_live_mapping(Connection& connection, const std::string& partner,
                                                          const std::string& workflow);
[[nodiscard]] std::vector<ApiKeyRow> read_api_keys(Connection& connection);
[[nodiscard]] Store::SettingsVersion read_settings_version(Connection& connection, const std::string& partner);
[[nodiscard]] std::optional<std::string> read_setting(Connection& connection, const std::string& name);
[[nodiscard]] std::vector<AuditRow> read_audit(Connection& connection, const Store::AuditQuery& query);
[[nodiscard]] std::optional<PlanRow> read_plan(Connection& connection, const std::string& partner,
                                               const std::string& id);

}  // namespace crosswalk::store
