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

/// Reads the webhook of version 4. Events are named by fingerprint, start and status: a repeated notification of the
/// same firing is a duplicate.
[[nodiscard]] Incoming read_alertmanager(const net::Request& request, const std::string& partner,
                                         const AlertmanagerOptions& options, Timestamp now);

}  // namespace crosswalk::service
