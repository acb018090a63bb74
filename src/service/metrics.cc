#include "service/metrics.h"

#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>

#include <algorithm>
#include <limits>
#include <sstream>

namespace crosswalk::service {
namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;

class Families {
 public:
  void counter(std::string name, std::string help, double value) {
    ClientMetric& metric = add(std::move(name), std::move(help), MetricType::Counter).metric.emplace_back();
    metric.counter.value = value;
  }
  void gauge(std::string name, std::string help, double value) {
    ClientMetric& metric = add(std::move(name), std::move(help), MetricType::Gauge).metric.emplace_back();
    metric.gauge.value = value;
  }
  template <class Number>
  void labelled(std::string name, std::string help, MetricType type, const std::string& label,
                const std::map<std::string, Number>& values) {
    MetricFamily& family = add(std::move(name), std::move(help), type);
    for (const auto& [text, value] : values) {
      ClientMetric& metric = family.metric.emplace_back();
      metric.label.push_back({label, text});
      metric.counter.value = metric.gauge.value = static_cast<double>(value);
    }
  }
  MetricFamily& add(std::string name, std::string help, MetricType type) {
    MetricFamily& family = all_.emplace_back();
    family.name = std::move(name);
    family.help = std::move(help);
    family.type = type;
    return family;
  }
  [[nodiscard]] std::string text() const {
    std::ostringstream out;
    prometheus::TextSerializer{}.Serialize(out, all_);
    return out.str();
  }

 private:
  std::vector<MetricFamily> all_;
};

void add_intake(Families& families, const IntakeMetrics::Snapshot& intake) {
  families.labelled("crosswalk_intake_accepted_total", "Events taken for the first time.", MetricType::Counter,
                    "source", intake.accepted_by_source);
  families.labelled("crosswalk_intake_duplicates_total", "Events that were known already.", MetricType::Counter,
                    "source", intake.duplicates_by_source);
  families.labelled("crosswalk_intake_conflicts_total", "Events whose id was known with other content.",
                    MetricType::Counter, "source", intake.conflicts_by_source);
  families.labelled("crosswalk_intake_rejected_total", "Events and requests that were refused, by catalogue code.",
                    MetricType::Counter, "code", intake.rejected_by_code);
  families.labelled("crosswalk_http_responses_total", "Answers by class of status.", MetricType::Counter, "class",
                    intake.responses_by_class);
}

void add_latency(Families& families, const engine::Metrics& engine) {
  MetricFamily& family = families.add(
      "crosswalk_event_to_call_seconds",
      "From an event's acceptance to the start of the first call to the PSA that it caused.", MetricType::Histogram);
  prometheus::ClientMetric::Histogram& histogram = family.metric.emplace_back().histogram;
  std::uint64_t cumulative = 0;
  for (std::size_t i = 0; i < engine.event_to_call.size(); ++i) {
    cumulative += engine.event_to_call[i].load();
    const bool last = i == engine::Metrics::kLatencyBounds.size();
    histogram.bucket.push_back(
        {cumulative, last ? std::numeric_limits<double>::infinity() : engine::Metrics::kLatencyBounds[i]});
  }
  histogram.sample_count = cumulative;
  histogram.sample_sum = static_cast<double>(engine.event_to_call_sum_microseconds.load()) / 1e6;
}

void add_engine(Families& families, const engine::Metrics& engine) {
  const auto count = [&](std::string name, std::string help, const std::atomic<std::uint64_t>& value) {
    families.counter(std::move(name), std::move(help), static_cast<double>(value.load()));
  };
  count("crosswalk_events_folded_total", "Events folded into records.", engine.events_folded);
  count("crosswalk_plan_records_total", "Records that were planned.", engine.records_reconciled);
  count("crosswalk_plan_unchanged_total", "Planned records that needed nothing.", engine.records_unchanged);
  count("crosswalk_apply_applied_total", "Operations that the PSA has done.", engine.operations_applied);
  count("crosswalk_apply_refused_total", "Operations that the PSA has refused.", engine.operations_refused);
  count("crosswalk_apply_unknown_total", "Operations whose outcome had to be looked up.", engine.operations_unknown);
  count("crosswalk_lookups_total", "Look-ups of what may have happened.", engine.lookups);
  count("crosswalk_sweeps_total", "Sweeps for what has changed in PSAs.", engine.sweeps);
  count("crosswalk_changes_found_total", "Changes in PSAs that a sweep has found.", engine.changes_found);
  count("crosswalk_callbacks_total", "Callbacks that PSAs have sent.", engine.callbacks_received);
  count("crosswalk_callbacks_refused_total", "Callbacks that were not proven.", engine.callbacks_refused);
  count("crosswalk_callbacks_dropped_total", "Callbacks that came faster than they could be taken.",
        engine.callbacks_dropped);
  count("crosswalk_callbacks_echoes_total", "Callbacks that told of our own writes, or of what was known.",
        engine.callbacks_echoes);
  count("crosswalk_callbacks_news_total", "Callbacks because of which something was read again.",
        engine.callbacks_news);
  count("crosswalk_callbacks_silent_total", "Times that changes were found of which no callback had told.",
        engine.callbacks_silent);
  count("crosswalk_calls_total", "HTTP calls to PSAs.", engine.calls);
  count("crosswalk_calls_throttled_total", "Calls that a PSA answered with 429.", engine.calls_throttled);
  count("crosswalk_calls_failed_total", "Calls that failed.", engine.calls_failed);
  count("crosswalk_parked_total", "Times that a record was parked for a person.", engine.parked);
  count("crosswalk_circuits_open_total", "Times that a partner's circuit opened.", engine.circuits_open);
  families.gauge("crosswalk_calls_in_flight", "Calls to PSAs under way, of all partners' budgets.",
                 static_cast<double>(engine.in_flight.load()));
  add_latency(families, engine);
}

}  // namespace

void IntakeMetrics::count(std::string_view name, const Incoming& incoming, const IntakeCounts& counts) {
  Source& place = source(name);
  place.accepted += static_cast<std::uint64_t>(counts.accepted);
  place.duplicates += static_cast<std::uint64_t>(counts.duplicates);
  place.conflicts += static_cast<std::uint64_t>(counts.conflicts);
  if (counts.rejected == 0) return;
  for (const IncomingEvent& event : incoming.events)
    if (event.problem) count_refused(name, event.problem->code);
}

void IntakeMetrics::count_refused(std::string_view, std::string_view code) {
  const std::lock_guard lock(mutex_);
  const auto found = rejected_by_code_.find(code);
  if (found == rejected_by_code_.end())
    rejected_by_code_.emplace(code, 1);
  else
    ++found->second;
}

void IntakeMetrics::count_response(int status) {
  const auto hundreds = static_cast<std::size_t>(status / 100);
  if (hundreds < responses_.size()) ++responses_[hundreds];
}

IntakeMetrics::Snapshot IntakeMetrics::snapshot() const {
  Snapshot snapshot;
  for (const std::string name : {"cloudevents", "alertmanager"}) {
    snapshot.accepted_by_source[name] = source(name).accepted;
    snapshot.duplicates_by_source[name] = source(name).duplicates;
    snapshot.conflicts_by_source[name] = source(name).conflicts;
  }
  for (std::size_t hundreds = 2; hundreds < responses_.size(); ++hundreds)
    snapshot.responses_by_class[std::to_string(hundreds) + "xx"] = responses_[hundreds];
  const std::lock_guard lock(mutex_);
  snapshot.rejected_by_code.insert(rejected_by_code_.begin(), rejected_by_code_.end());
  return snapshot;
}

Result<ParkedByCode> count_parked(store::Store& store) {
  ParkedByCode parked;
  Result<std::vector<store::PartnerRow>> partners = store.partners();
  if (!partners) return tl::unexpected(partners.error());
  for (const store::PartnerRow& partner : *partners) {
    store::Store::RecordQuery query{
        .partner = partner.id, .kind = {}, .key_after = {}, .parked_only = true, .count_max = kParkedCountedMax};
    Result<std::vector<store::RecordRow>> rows = store.list_records(query);
    if (!rows) return tl::unexpected(rows.error());
    for (const store::RecordRow& row : *rows) ++parked[row.parked.code];
  }
  return parked;
}

std::string render_metrics(const IntakeMetrics::Snapshot& intake, const engine::Metrics& engine,
                           const store::Store::Counts& counts, const ParkedByCode& parked) {
  Families families;
  add_intake(families, intake);
  add_engine(families, engine);
  families.gauge("crosswalk_events", "Events in the log.", static_cast<double>(counts.events));
  families.gauge("crosswalk_records", "Records.", static_cast<double>(counts.records));
  families.gauge("crosswalk_records_due", "Records that have a time at which they will be looked at.",
                 static_cast<double>(counts.due));
  families.gauge("crosswalk_records_parked", "Records that wait for a person.", static_cast<double>(counts.parked));
  families.gauge("crosswalk_links", "Tickets that records have become.", static_cast<double>(counts.links));
  families.labelled("crosswalk_records_parked_by_cause", "Records that wait for a person, by catalogue code.",
                    MetricType::Gauge, "code", parked);
  return families.text();
}

std::string render_pulse(const Pulse& pulse) {
  const auto seconds = [](Duration duration) { return static_cast<double>(duration.count()) / 1'000; };
  Families families;
  families.gauge("crosswalk_events_unfolded", "Events that the engine has not looked at yet.",
                 static_cast<double>(pulse.unfolded));
  families.gauge("crosswalk_oldest_due_seconds",
                 "For how long the record that waits longest has been due, of partners that are not paused.",
                 seconds(pulse.oldest_due_for));
  families.gauge("crosswalk_last_write_failed", "1 while the last write to the disk has failed.",
                 pulse.last_write_failed ? 1 : 0);
  if (pulse.last_write_ago)
    families.gauge("crosswalk_last_write_age_seconds", "Since the last write to the disk has ended, well or not.",
                   seconds(*pulse.last_write_ago));
  if (pulse.engine_turned_ago)
    families.gauge("crosswalk_engine_heartbeat_age_seconds",
                   "Since the engine has last turned; it does so each second.", seconds(*pulse.engine_turned_ago));
  return families.text();
}

std::string render_connections(const std::vector<store::PartnerRow>& partners,
                               const std::vector<store::ConnectionRow>& connections) {
  if (partners.empty()) return {};
  Families families;
  MetricFamily& family = families.add("crosswalk_connection_in_order",
                                      "1 while a partner's PSA was reached and takes the keys; else 0, with the state "
                                      "and the catalogue code of the cause.",
                                      MetricType::Gauge);
  for (const store::PartnerRow& partner : partners) {
    const auto row = std::ranges::find(connections, partner.id, &store::ConnectionRow::partner);
    const bool known = row != connections.end();
    const std::string state = partner.paused ? "paused" : known ? row->state : "never_reached";
    ClientMetric& metric = family.metric.emplace_back();
    metric.label.push_back({"partner", partner.id});
    metric.label.push_back({"state", state});
    metric.label.push_back({"cause", known ? row->code : ""});
    metric.gauge.value = state == "in_order" ? 1 : 0;
  }
  return families.text();
}

Result<std::optional<Timestamp>> oldest_due(store::Store& store) {
  const auto due = store.due_partners();
  if (!due) return tl::unexpected(due.error());
  const auto partners = store.partners();
  if (!partners) return tl::unexpected(partners.error());
  std::optional<Timestamp> oldest;
  for (const store::Store::PartnerDue& each : *due) {
    const auto partner = std::ranges::find(*partners, each.partner, &store::PartnerRow::id);
    const bool waits = partner != partners->end() && !partner->paused;
    if (waits && (!oldest || each.earliest < *oldest)) oldest = each.earliest;
  }
  return oldest;
}

std::string render_webhook_metrics(const std::vector<outbound::WebhookMetrics>& webhooks,
                                   const std::vector<store::OutboundReads::DeliveryCounts>& deliveries) {
  if (deliveries.empty()) return {};
  using ByWebhook = std::map<std::string, std::int64_t>;
  ByWebhook delivered, failed, dead_total, open, waiting, dead;
  for (const outbound::WebhookMetrics& each : webhooks) {
    delivered[each.webhook] = static_cast<std::int64_t>(each.delivered);
    failed[each.webhook] = static_cast<std::int64_t>(each.failed);
    dead_total[each.webhook] = static_cast<std::int64_t>(each.dead);
    open[each.webhook] = each.circuit_open ? 1 : 0;
  }
  for (const store::OutboundReads::DeliveryCounts& each : deliveries) {
    waiting[each.webhook] = each.waiting;
    dead[each.webhook] = each.dead;
  }
  Families families;
  const auto add = [&](const char* name, const char* help, MetricType type, const ByWebhook& values) {
    families.labelled(name, help, type, "webhook", values);
  };
  add("crosswalk_webhook_delivered_total", "Events that a webhook has taken.", MetricType::Counter, delivered);
  add("crosswalk_webhook_failed_total", "Attempts that failed.", MetricType::Counter, failed);
  add("crosswalk_webhook_given_up_total", "Events that became dead letters.", MetricType::Counter, dead_total);
  add("crosswalk_webhook_waiting", "Events that wait for a webhook.", MetricType::Gauge, waiting);
  add("crosswalk_webhook_dead", "Dead letters that are kept.", MetricType::Gauge, dead);
  add("crosswalk_webhook_circuit_open", "1 while a webhook is only probed.", MetricType::Gauge, open);
  if (webhooks.empty()) return families.text();
  MetricFamily& family = families.add("crosswalk_webhook_in_order",
                                      "1 while a webhook takes what it is told; else 0, with the state and the cause: "
                                      "the status of its answer, or a catalogue code.",
                                      MetricType::Gauge);
  for (const outbound::WebhookMetrics& each : webhooks) {
    ClientMetric& metric = family.metric.emplace_back();
    metric.label.push_back({"webhook", each.webhook});
    metric.label.push_back({"state", each.state});
    metric.label.push_back({"cause", each.cause});
    metric.gauge.value = each.state == "in_order" ? 1 : 0;
  }
  return families.text();
}

}  // namespace crosswalk::service
