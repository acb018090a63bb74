#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "base/decimal.h"
#include "helpers.h"
#include "sandbox/invoicing.h"

namespace crosswalk::sandbox {
namespace {

namespace json = boost::json;
using namespace std::chrono;

Timestamp at(year_month_day day) { return time_point_cast<Duration>(sys_days(day)) + hours(8); }
std::string text(year_month_day day) { return format_timestamp_seconds(time_point_cast<Duration>(sys_days(day))); }

std::string exact(const json::value& amount) { return json::serialize(amount); }
double number(const json::value& amount) { return amount.to_number<double>(); }

/// One agreement of 100 a month from 2026-03-01 on, and whoever bills it.
class Billing {
 public:
  explicit Billing(std::string_view more = "", WorldOptions options = {}) : bench(std::move(options)) {
    company = bench.get("/company/companies?conditions=" + encoded("identifier!=\"Catchall\"") + "&pageSize=1")
                      .as_array()
                      .empty()
                  ? 250
                  : 252;
    contact = post("/company/contacts", R"({"firstName":"Pat","company":{"id":)" + std::to_string(company) + "}}");
    agreement = post("/finance/agreements",
                     R"({"name":"Stack","type":{"id":1},"billingCycle":{"id":1},"invoicingCycle":"CalendarYear",)"
                     R"("billStartDate":"2026-03-01T00:00:00Z","startDate":"2026-03-01T00:00:00Z","billAmount":100,)"
                     R"("company":{"id":)" +
                         std::to_string(company) + R"(},"contact":{"id":)" + std::to_string(contact) + "}" +
                         std::string(more) + "}");
  }

  std::int64_t post(std::string_view path, std::string body) {
    const net::Response made = bench.call("POST", path, std::move(body));
    EXPECT_EQ(made.status, 201) << made.body;
    return made.status == 201 ? json::parse(made.body).at("id").as_int64() : 0;
  }
  std::string path(std::string_view tail = "") const {
    return "/finance/agreements/" + std::to_string(agreement) + std::string(tail);
  }
  std::string addition_body(std::string_view more) const {
    return R"({"product":{"identifier":"SAT-USER"},"billCustomer":"Billable")" + std::string(more) + "}";
  }
  std::int64_t add(std::string_view more) { return post(path("/additions"), addition_body(more)); }
  json::value addition(std::int64_t id) { return bench.get(path("/additions/") + std::to_string(id)); }
  net::Response change(std::int64_t addition, std::string_view field, std::string_view value) {
    return bench.call(
        "PATCH", path("/additions/") + std::to_string(addition),
        R"([{"op":"replace","path":")" + std::string(field) + R"(","value":)" + std::string(value) + "}]");
  }
  std::int64_t invoice(int expected = 201) {
    const net::Response made = bench.call("POST", path("/invoice"));
    EXPECT_EQ(made.status, expected) << made.body;
    return made.status == 201 ? json::parse(made.body).as_int64() : 0;
  }
  json::value invoice_shown(std::int64_t id) { return bench.get("/finance/invoices/" + std::to_string(id)); }
  json::array lines(std::int64_t id) {
    return bench.get("/procurement/products?pageSize=1000&conditions=" + encoded("invoice/id=" + std::to_string(id)))
        .as_array();
  }
  /// Bills month after month from March 2026 on; what the lines of each product come to.
  std::int64_t bill_months(int months) {
    std::int64_t cents = 0;
    for (int month = 0; month < months; ++month) {
      const year_month_day begin = 2026y / March / 1d + std::chrono::months(month);
      bench.now = std::max(bench.now, at(begin));
      for (const json::value& line : lines(invoice())) cents += std::llround(number(line.at("extPrice")) * 100);
    }
    return cents;
  }

  Bench bench;
  std::int64_t company = 0, contact = 0, agreement = 0;
};

TEST(Additions, ComputePricesMarginAndBilledQuantity) {
  Billing billing;
  const json::value addition = billing.addition(billing.add(R"(,"quantity":25,"lessIncluded":5)"));
  EXPECT_EQ(number(addition.at("unitPrice")), 3);
  EXPECT_EQ(number(addition.at("extPrice")), 75);
  EXPECT_EQ(exact(addition.at("extCost")), exact(json::parse("37.5")));
  EXPECT_EQ(exact(addition.at("margin")), exact(json::parse("37.5")));
  EXPECT_EQ(number(addition.at("billedQuantity")), 20);
  EXPECT_EQ(addition.at("uom"), "User");
  EXPECT_EQ(addition.at("description"), "Awareness training");
  EXPECT_EQ(addition.at("invoiceDescription"), "Security awareness training per user");
  EXPECT_EQ(addition.at("agreementStatus"), "Active");
  EXPECT_EQ(addition.at("agreementId"), billing.agreement);
}

TEST(Additions, ComputeExactlyWhereDoublesWouldNot) {
  Billing billing;
  const json::value addition = billing.addition(billing.add(R"(,"quantity":3,"unitPrice":0.1,"unitCost":0.0333)"));
  EXPECT_EQ(exact(addition.at("extPrice")), exact(json::parse("0.3")));
  EXPECT_EQ(exact(addition.at("extCost")), exact(json::parse("0.0999")));
  EXPECT_EQ(exact(addition.at("margin")), exact(json::parse("0.2001")));
}

TEST(Additions, ShowTheirStatusAsDaysPass) {
  Billing billing;
  const std::int64_t id =
      billing.add(R"(,"effectiveDate":"2026-03-10T00:00:00Z","cancelledDate":"2026-03-20T00:00:00Z")");
  EXPECT_EQ(billing.addition(id).at("agreementStatus"), "Inactive");
  billing.bench.now = at(2026y / March / 10);
  EXPECT_EQ(billing.addition(id).at("agreementStatus"), "Active");
  billing.bench.now = at(2026y / March / 20);
  EXPECT_EQ(billing.addition(id).at("agreementStatus"), "Active");
  billing.bench.now = at(2026y / March / 21);
  EXPECT_EQ(billing.addition(id).at("agreementStatus"), "Cancelled");
}

TEST(Additions, TakeEverythingOverFromANewProductThatTheRequestDoesNotSay) {
  Billing billing;
  const std::int64_t id = billing.add(R"(,"quantity":25,"unitPrice":2.5)");
  ASSERT_EQ(billing.change(id, "product", R"({"identifier":"EDR-DEV"})").status, 200);
  const json::value changed = billing.addition(id);
  EXPECT_EQ(exact(changed.at("unitPrice")), exact(json::parse("7.99")));
  EXPECT_EQ(number(changed.at("quantity")), 1);
  EXPECT_EQ(changed.at("description"), "Endpoint protection");
  EXPECT_EQ(changed.at("taxableFlag"), true);
  const net::Response kept = billing.bench.call("PATCH", billing.path("/additions/") + std::to_string(id),
                                                R"([{"op":"replace","path":"product","value":{"identifier":"SAT-USER"}},
          {"op":"replace","path":"quantity","value":7},{"op":"replace","path":"unitPrice","value":2}])");
  ASSERT_EQ(kept.status, 200) << kept.body;
  EXPECT_EQ(number(json::parse(kept.body).at("extPrice")), 14);
}

TEST(Additions, RefuseWhatConnectWiseRefusesWithItsWords) {
  Billing billing;
  const net::Response early = billing.bench.call("POST", billing.path("/additions"),
                                                 billing.addition_body(R"(,"effectiveDate":"2026-02-28T00:00:00Z")"));
  EXPECT_EQ(early.status, 400);
  EXPECT_EQ(json::parse(early.body).at("message"), "Addition object is invalid");
  EXPECT_EQ(json::parse(early.body).at("errors").at(0).at("message"),
            "effectiveDate cannot be less than the agreement billing start date");
  billing.invoice();
  const net::Response late = billing.bench.call("POST", billing.path("/additions"),
                                                billing.addition_body(R"(,"effectiveDate":"2026-03-15T00:00:00Z")"));
  EXPECT_EQ(late.status, 400);
  EXPECT_TRUE(std::string(json::parse(late.body).at("errors").at(0).at("message").as_string())
                  .starts_with("Since this period has already been invoiced"));
  const std::int64_t next = billing.add("");
  EXPECT_EQ(billing.addition(next).at("effectiveDate"), "2026-04-01T00:00:00Z");
  EXPECT_EQ(
      billing.bench
          .call("POST", billing.path("/additions"), R"({"product":{"identifier":"BND-SEC"},"billCustomer":"Billable"})")
          .status,
      400);
}

TEST(AgreementInvoicing, BillsAMonthOnceAndTheNextWhenItHasCome) {
  Billing billing(R"(,"billingTerms":{"id":1})");
  billing.add(R"(,"quantity":25,"lessIncluded":5)");
  billing.add(R"(,"quantity":4,"billCustomer":"NoCharge")");
  billing.add(R"(,"quantity":4,"billCustomer":"DoNotBill")");
  EXPECT_EQ(billing.bench.get(billing.path()).at("nextInvoiceDate"), "2026-03-01T00:00:00Z");
  const std::int64_t id = billing.invoice();
  const json::value invoice = billing.invoice_shown(id);
  EXPECT_EQ(invoice.at("type"), "Agreement");
  EXPECT_EQ(invoice.at("agreement").at("id"), billing.agreement);
  EXPECT_EQ(invoice.at("company").at("id"), billing.company);
  EXPECT_EQ(invoice.at("date"), "2026-03-01T00:00:00Z");
  EXPECT_EQ(invoice.at("dueDate"), "2026-03-31T00:00:00Z");
  EXPECT_EQ(number(invoice.at("agreementAmount")), 100);
  EXPECT_EQ(number(invoice.at("productTotal")), 60);
  EXPECT_EQ(number(invoice.at("total")), 160);
  EXPECT_EQ(number(invoice.at("balance")), 160);
  const json::array lines = billing.lines(id);
  ASSERT_EQ(lines.size(), 2u);
  EXPECT_EQ(number(lines[0].at("quantity")), 20);
  EXPECT_EQ(number(lines[0].at("extPrice")), 60);
  EXPECT_EQ(lines[0].at("catalogItem").at("identifier"), "SAT-USER");
  EXPECT_EQ(number(lines[1].at("extPrice")), 0);
  EXPECT_EQ(billing.bench.get(billing.path()).at("nextInvoiceDate"), "2026-04-01T00:00:00Z");

  billing.invoice(400);
  billing.bench.now = at(2026y / March / 31);
  billing.invoice(400);
  billing.bench.now = at(2026y / April / 1);
  EXPECT_EQ(billing.invoice_shown(billing.invoice()).at("date"), "2026-04-01T00:00:00Z");
  billing.bench.world.switches().agreements_invoiced_ahead = true;
  EXPECT_EQ(billing.invoice_shown(billing.invoice()).at("date"), "2026-05-01T00:00:00Z");
}

TEST(AgreementInvoicing, ProratesWhereTheAgreementDoes) {
  Billing billing(R"(,"prorateFlag":true)");
  const std::int64_t id = billing.add(R"(,"unitPrice":31,"effectiveDate":"2026-03-17T00:00:00Z")");
  EXPECT_EQ(number(billing.addition(id).at("proratePrice")), 15);
  EXPECT_EQ(number(billing.addition(id).at("extendedProratePrice")), 15);
  EXPECT_EQ(number(billing.invoice_shown(billing.invoice()).at("productTotal")), 15);
  billing.bench.now = at(2026y / April / 1);
  EXPECT_EQ(number(billing.invoice_shown(billing.invoice()).at("productTotal")), 31);
}

TEST(AgreementInvoicing, BillsInFullWhereItDoesNot) {
  Billing billing;
  const std::int64_t id = billing.add(R"(,"unitPrice":31,"effectiveDate":"2026-03-17T00:00:00Z")");
  EXPECT_EQ(number(billing.addition(id).at("proratePrice")), 0);
  EXPECT_EQ(number(billing.invoice_shown(billing.invoice()).at("productTotal")), 31);
}

TEST(AgreementInvoicing, MakesUpForTheRestOfAMonthThatHadBeenInvoiced) {
  Billing billing(R"(,"prorateFlag":true)");
  billing.invoice();
  billing.bench.now = at(2026y / March / 22);
  billing.add(R"(,"unitPrice":31)");
  billing.bench.now = at(2026y / April / 1);
  EXPECT_EQ(number(billing.invoice_shown(billing.invoice()).at("productTotal")), 10 + 31);
}

TEST(AgreementInvoicing, BillsCancelledAdditionsToTheirDateAndNoFurther) {
  Billing billing(R"(,"prorateFlag":true)");
  const std::int64_t id = billing.add(R"(,"unitPrice":30)");
  billing.bench.now = at(2026y / March / 1);
  EXPECT_EQ(number(billing.invoice_shown(billing.invoice()).at("productTotal")), 30);
  EXPECT_EQ(billing.change(id, "cancelledDate", "\"2026-04-10T00:00:00Z\"").status, 200);
  billing.bench.now = at(2026y / April / 1);
  EXPECT_EQ(number(billing.invoice_shown(billing.invoice()).at("productTotal")), 10);
  billing.bench.now = at(2026y / May / 1);
  EXPECT_TRUE(billing.lines(billing.invoice()).empty());
}

TEST(AgreementInvoicing, EndsWithTheAgreement) {
  Billing billing(R"(,"prorateFlag":true,"endDate":"2026-04-15T00:00:00Z")");
  billing.bill_months(1);
  billing.bench.now = at(2026y / April / 1);
  EXPECT_EQ(number(billing.invoice_shown(billing.invoice()).at("agreementAmount")), 50);
  billing.bench.now = at(2026y / May / 1);
  billing.invoice(400);
  EXPECT_EQ(billing.bench.get(billing.path()).at("agreementStatus"), "Expired");
}

TEST(AgreementInvoicing, AFirstMonthThatIsNotWholeCostsWhatTheAgreementSays) {
  Billing prorating(R"(,"prorateFlag":true,"billStartDate":"2026-03-17T00:00:00Z","billAmount":31)");
  prorating.bench.now = at(2026y / March / 17);
  EXPECT_EQ(number(prorating.invoice_shown(prorating.invoice()).at("agreementAmount")), 15);
  EXPECT_EQ(prorating.bench.get(prorating.path()).at("nextInvoiceDate"), "2026-04-01T00:00:00Z");
  Billing fixed(R"(,"billStartDate":"2026-03-17T00:00:00Z","prorateFirstBill":42)");
  fixed.bench.now = at(2026y / March / 17);
  EXPECT_EQ(number(fixed.invoice_shown(fixed.invoice()).at("agreementAmount")), 42);
}

TEST(AgreementInvoicing, TaxesWhatIsTaxable) {
  Billing billing(R"(,"taxCode":{"id":1})");
  billing.add(R"(,"quantity":10,"taxableFlag":true)");
  billing.add(R"(,"quantity":10,"taxableFlag":false)");
  const json::value invoice = billing.invoice_shown(billing.invoice());
  EXPECT_EQ(number(invoice.at("subtotal")), 160);
  EXPECT_EQ(exact(invoice.at("salesTax")), exact(json::parse("1.8")));
  EXPECT_EQ(exact(invoice.at("total")), exact(json::parse("161.8")));
}

TEST(AgreementInvoicing, WithoutABillingCycleNothingIsBilled) {
  Billing billing(R"(,"billingCycle":null)");
  billing.invoice(400);
}

TEST(AgreementInvoicing, ADeletedInvoiceCanBeMadeAgainWithTheSameSums) {
  Billing billing(R"(,"prorateFlag":true)");
  billing.invoice();
  billing.bench.now = at(2026y / March / 22);
  billing.add(R"(,"unitPrice":31)");
  billing.bench.now = at(2026y / April / 1);
  const std::int64_t first = billing.invoice();
  const json::value before = billing.invoice_shown(first);
  EXPECT_EQ(billing.bench.call("DELETE", "/finance/invoices/" + std::to_string(first)).status, 204);
  EXPECT_TRUE(billing.lines(first).empty());
  EXPECT_EQ(billing.bench.get(billing.path()).at("nextInvoiceDate"), "2026-04-01T00:00:00Z");
  const json::value again = billing.invoice_shown(billing.invoice());
  for (const char* name : {"date", "agreementAmount", "productTotal", "total"})
    EXPECT_EQ(again.at(name), before.at(name));
}

TEST(AgreementInvoicing, PaymentsLowerTheBalance) {
  Billing billing;
  const std::int64_t id = billing.invoice();
  billing.post("/finance/invoices/" + std::to_string(id) + "/payments", R"({"amount":40.25,"type":"Payment"})");
  EXPECT_EQ(exact(billing.invoice_shown(id).at("balance")), exact(json::parse("59.75")));
}

TEST(AgreementInvoicing, IsRefusedWithoutTheRightToInvoice) {
  Billing billing;
  ASSERT_TRUE(billing.bench.world.set_role("sandbox", "Billing"));
  billing.invoice(403);
  EXPECT_EQ(billing.bench.call("GET", billing.path()).status, 200);
}

TEST(AgreementRecap, SaysWhatTheNextInvoiceWillAndTheLastDid) {
  Billing billing;
  billing.add(R"(,"quantity":10)");
  const std::string path = "/finance/agreementrecap/" + std::to_string(billing.agreement);
  json::value recap = billing.bench.get(path);
  EXPECT_EQ(number(recap.at("nextInvoiceAmount")), 130);
  EXPECT_EQ(recap.at("unbilledPeriods"), 1);
  const std::int64_t id = billing.invoice();
  recap = billing.bench.get(path);
  EXPECT_EQ(recap.at("lastInvoiceNumber").as_string(), std::to_string(id));
  EXPECT_EQ(recap.at("lastInvoiceAmount"), "130");
  EXPECT_EQ(recap.at("unbilledPeriods"), 0);
  EXPECT_EQ(recap.at("nextInvoiceDate"), "2026-04-01T00:00:00Z");
}

TEST(Agreements, CopiesBeginUnbilledWithTheSameAdditions) {
  Billing billing;
  billing.add(R"(,"quantity":10)");
  billing.invoice();
  const net::Response made = billing.bench.call("POST", billing.path("/copy"));
  ASSERT_EQ(made.status, 201) << made.body;
  const json::value copy = json::parse(made.body);
  EXPECT_EQ(copy.at("nextInvoiceDate"), "2026-03-01T00:00:00Z");
  const std::string additions = "/finance/agreements/" + std::to_string(copy.at("id").as_int64()) + "/additions";
  EXPECT_EQ(billing.bench.get(additions).as_array().size(), 1u);
}

TEST(Agreements, TakeOverWhatTheirTypeSays) {
  Billing billing;
  ASSERT_EQ(billing.bench
                .call("PATCH", "/finance/agreements/types/2",
                      R"([{"op":"replace","path":"billAmount","value":77},
                          {"op":"replace","path":"prorateFlag","value":true},
                          {"op":"replace","path":"taxableFlag","value":true}])")
                .status,
            200);
  const std::int64_t id = billing.post(
      "/finance/agreements", R"({"name":"Block","type":{"id":2},"company":{"id":252},"contact":{"id":2520}})");
  const json::value made = billing.bench.get("/finance/agreements/" + std::to_string(id));
  EXPECT_EQ(number(made.at("billAmount")), 77);
  EXPECT_EQ(made.at("prorateFlag"), true);
  EXPECT_EQ(made.at("taxable"), true);
}

TEST(Products, TakePriceAndTextsFromTheCatalogAndMultiply) {
  Billing billing;
  const net::Response made =
      billing.bench.call("POST", "/procurement/products",
                         R"({"catalogItem":{"identifier":"EDR-DEV"},"billableOption":"Billable","quantity":3})");
  ASSERT_EQ(made.status, 201) << made.body;
  const json::value product = json::parse(made.body);
  EXPECT_EQ(product.at("description"), "Endpoint protection");
  EXPECT_EQ(exact(product.at("extPrice")), exact(json::parse("23.97")));
  EXPECT_EQ(exact(product.at("margin")), exact(json::parse("14.67")));
}

WorldOptions empty_world() {
  WorldOptions options;
  options.scenario = "empty";
  return options;
}

/// A price in cents as JSON.
std::string price_text(std::int64_t cents) { return Decimal::from_units(cents * kCent).to_string(); }

RC_GTEST_PROP(AgreementInvoicing, DaysThatAreBilledApartAddUpToWhatTheyCostTogether, ()) {
  const std::int64_t cents = *rc::gen::inRange<std::int64_t>(1, 1'000'000);
  const Day begin = sys_days(2026y / March / 1);
  const int first = *rc::gen::inRange(0, 80), last = *rc::gen::inRange(first + 1, 120);
  const int cut = *rc::gen::inRange(first, last);
  const auto billed = [&](std::initializer_list<std::pair<int, int>> parts) {
    Billing billing(R"(,"prorateFlag":true)", empty_world());
    for (const auto& [from, to] : parts) {
      billing.add(",\"unitPrice\":" + price_text(cents) + ",\"effectiveDate\":\"" + text(begin + days(from)) +
                  "\",\"cancelledDate\":\"" + text(begin + days(to)) + "\"");
    }
    return billing.bill_months(5);
  };
  const std::int64_t together = billed({{first, last}});
  RC_ASSERT(together > 0 || cents < 200);
  RC_ASSERT(billed({{first, cut}, {cut + 1, last}}) == together);
}

RC_GTEST_PROP(AgreementInvoicing, AMonthIsNeverBilledTwiceHoweverOftenSomebodyTries, ()) {
  const std::int64_t cents = *rc::gen::inRange<std::int64_t>(1, 1'000'000);
  const auto tries = *rc::gen::container<std::vector<int>>(6, rc::gen::inRange(1, 4));
  Billing billing(*rc::gen::arbitrary<bool>() ? R"(,"prorateFlag":true)" : "", empty_world());
  billing.add(",\"unitPrice\":" + price_text(cents));
  std::set<std::string> dates;
  std::int64_t sum = 0;
  int month = 0;
  for (const int times : tries) {
    billing.bench.now = at(2026y / March / 1d + months(month++));
    for (int i = 0; i < times; ++i) {
      const net::Response made = billing.bench.call("POST", billing.path("/invoice"));
      RC_ASSERT((made.status == 201) == (i == 0));
      if (i > 0) continue;
      const json::value invoice = billing.invoice_shown(json::parse(made.body).as_int64());
      RC_ASSERT(dates.insert(std::string(invoice.at("date").as_string())).second);
      sum += std::llround(number(invoice.at("productTotal")) * 100);
    }
  }
  RC_ASSERT(sum == cents * static_cast<std::int64_t>(tries.size()));
}

}  // namespace
}  // namespace crosswalk::sandbox
