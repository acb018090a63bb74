#pragma once

#include <CLI/CLI.hpp>
#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "cli/commands_look_up.h"
#include "cli/commands_webhooks.h"
#include "cli/verbs.h"

namespace crosswalk::cli {

/// A member of an event's data that has an option of its own.
struct DataOption {
  const char* option;
  const char* member;
  const char* help;
};
inline constexpr std::array<DataOption, 28> kDataOptions{{
    {"--product", "product", "The product that raised the alert"},
    {"--customer", "customer", "The customer's id in the product"},
    {"--customer-name", "customer_name", "The customer's name"},
    {"--subject", "subject", "What the alert is about: a device, a user, a job"},
    {"--subject-name", "subject_name", "The subject's name for people"},
    {"--subject-type", "subject_type", "What kind of thing the subject is"},
    {"--condition", "condition", "What is wrong, as a stable name: disk.full, never \"disk 91%\""},
    {"--condition-name", "condition_name", "The condition's name for people"},
    {"--severity", "severity", "critical, high, medium, low or info"},
    {"--title", "title", "One line for people"},
    {"--description", "description", "The whole text"},
    {"--url", "url", "Link into the product"},
    {"--alert-id", "alert_id", "What the product calls the alert; webhooks are told it"},
    {"--device", "device", "The device's id in the product"},
    {"--contact-email", "contact_email", "Whom it concerns at the customer"},
    {"--resolution", "resolution", "alert.resolved: how it ended"},
    {"--until", "until", "alert.snoozed: when it is over; without it, it is over now"},
    {"--reason", "reason", "alert.snoozed: why"},
    {"--by", "by", "alert.snoozed: who"},
    {"--name", "name", "customer.upserted, device.upserted: the name"},
    {"--contact", "contact", "contact.upserted: the contact's id in the product"},
    {"--first-name", "first_name", "contact.upserted: the first name"},
    {"--last-name", "last_name", "contact.upserted: the last name"},
    {"--email", "email", "contact.upserted, customer.upserted: the e-mail address"},
    {"--phone", "phone", "contact.upserted, customer.upserted: the telephone number"},
    {"--class", "class", "device.upserted: server, workstation, ..."},
    {"--serial", "serial", "device.upserted: the serial number"},
    {"--os", "os", "device.upserted: the operating system"},
}};

/// What the command line said; lives while it is parsed and done.
struct Arguments {
  CommonOptions common;
  std::vector<ConfigSources::Flag> flags;
  std::vector<std::string> settings;  ///< "section.key=value"
  PartnerOptions partner;
  RemovalOptions removal;
  MappingOptions mapping;
  CustomersOptions customers;
  PlanOptions plan;
  RecordsOptions records;
  SnoozeOptions snooze;
  ForgetOptions forget;
  EventOptions event;
  std::array<std::string, kDataOptions.size()> event_data;
  KeyOptions key;
  BackupArguments backup;
  AuditOptions audit;
  WebhookOptions webhook;
  std::vector<std::string> types, partners;  ///< of a webhook
  bool enable = false, disable = false;
  WebhookReplay webhook_replay;
  std::string grace, delivery_state;
  std::int64_t limit = 100;
  std::string id, partner_id, plan_id;
  RecordWords record;  ///< of explain and replay
  bool draft = false, live = false, check = false;
  LookUpOptions look_up;
  Verb verb;
};

/// `action` becomes what is to be done when the command line names the verb.
void on(CLI::App* verb, Arguments& arguments, std::function<ExitCode(Session&)> action);

/// The partner, as every verb takes it: the first word, or --partner.
CLI::Option* add_partner(CLI::App* verb, std::string& partner, const std::string& words = "The partner's id");

/// The value must be one of these words; what is near to one is asked about.
CLI::Validator one_of(std::vector<std::string_view> words);

// The verbs, by subject.
void add_mapping(CLI::App& app, Arguments& arguments);
void add_look_ups(CLI::App& app, Arguments& arguments);
void add_plan_and_apply(CLI::App& app, Arguments& arguments);
void add_records(CLI::App& app, Arguments& arguments);
void add_webhooks(CLI::App& app, Arguments& arguments);

}  // namespace crosswalk::cli
