#pragma once

#include <map>
#include <string>
#include <vector>

#include "net/http.h"
#include "service/intake.h"

namespace crosswalk::service {

/// How the labels of Prometheus Alertmanager's alerts become our alerts.
struct AlertmanagerOptions {
  std::string product = "alertmanager";
  std::string customer_label = "customer";
  std::string subject_label = "instance";
  /// Labels that name the subject where that one is missing; those that are present are joined by slashes.
  std::vector<std::string> subject_fallback_labels{"cluster",   "namespace",   "pod",    "deployment",
                                                   "daemonset", "statefulset", "node",   "persistentvolumeclaim",
                                                   "host",      "hostname",    "target", "job"};
  std::string device_label = "instance";  ///< empty: alerts name no device
  std::string severity_label = "severity";
  std::string condition_label = "alertname";
  /// Label values in lower case to severities; what is not listed is medium.
  std::map<std::string, std::string> severities{{"critical", "critical"}, {"page", "critical"},  {"high", "high"},
                                                {"error", "high"},        {"warning", "medium"}, {"medium", "medium"},
                                                {"low", "low"},           {"info", "info"},      {"none", "info"}};
  /// Labels that tell alerts of one condition and one subject apart; those that are present become part of the
  /// condition.
  std::vector<std::string> distinguishing_labels{"mountpoint", "device",   "interface", "name",
                                                 "service",    "job_name", "volume"};
};

/// Reads the webhook of Alertmanager (version 4) and of Grafana (version 1). A firing is named by fingerprint and
/// start, so that it is a duplicate when it is told again; its end by when it ended besides. What a duplicate says
/// beyond, see find_repeats().
[[nodiscard]] Incoming read_alertmanager(const net::Request& request, const std::string& partner,
                                         const AlertmanagerOptions& options, Timestamp now);

}  // namespace crosswalk::service
