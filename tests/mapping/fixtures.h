#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <string_view>

#include "mapping/document.h"
#include "mapping/resolve.h"

namespace crosswalk::mapping {

inline Document document(std::string_view json) {
  Parsed parsed = parse_document(json);
  if (!parsed.document) {
    for (const Problem& each : parsed.problems) ADD_FAILURE() << each.pointer << ": " << each.message;
    return {};
  }
  return *std::move(parsed.document);
}

inline const Problem* find_problem(const std::vector<Problem>& problems, std::string_view code,
                                   std::string_view pointer) {
  const auto found =
      std::ranges::find_if(problems, [&](const Problem& each) { return each.code == code && each.pointer == pointer; });
  return found == problems.end() ? nullptr : &*found;
}

inline std::string listing(const std::vector<Problem>& problems) {
  std::string text;
  for (const Problem& each : problems) text += each.code + " " + each.pointer + ": " + each.message + "\n";
  return text;
}

/// An alert of a device of the customer "contoso", with all that facts can hold.
struct World {
  model::Alert alert;
  model::Entity device, customer;

  World() {
    model::AlertContent& content = alert.content;
    content.product = "Shield";
    content.customer = "contoso";
    content.customer_name = "Contoso Ltd";
    content.subject = "dev-7";
    content.subject_name = "FILE-01";
    content.subject_type = "server";
    content.condition = "ransomware";
    content.condition_name = "Ransomware behaviour";
    content.severity = model::Severity::high;
    content.title = "Ransomware stopped";
    content.description = "A process was encrypting files.";
    content.url = "https://shield.example/alerts/7";
    content.device = "dev-7";
    content.contact_email = "it@contoso.example";
    content.attributes = {
        {"score", 87}, {"ratio", 1.5}, {"contained", false}, {"ring", true}, {"file", "a{{title}}.exe"}};
    alert.resolution = "Rolled back.";
    device.attributes = {
        {"name", "FILE-01"}, {"os", {{"name", "Windows Server"}, {"build", 20348}}}, {"tags", {"tier-1", "vip"}}};
    customer.attributes = {{"name", "Contoso Limited"}, {"plan", "gold"}};
  }

  [[nodiscard]] Facts facts() const { return {&alert, &device, &customer}; }
};

}  // namespace crosswalk::mapping
