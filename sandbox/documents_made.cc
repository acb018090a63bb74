#include "sandbox/documents_made.h"

#include <fmt/format.h>

#include <algorithm>
#include <span>

#include "base/decimal.h"
#include "sandbox/documents.h"
#include "sandbox/rules.h"
#include "sandbox/wire.h"

namespace crosswalk::sandbox {
namespace {

constexpr std::size_t kLinesPerPage = 60;

/// A text as PDF writes it; what its simple fonts do not have becomes a question mark.
std::string pdf_text(std::string_view text) {
  std::string out = "(";
  for (const char c : text) {
    if (c == '(' || c == ')' || c == '\\') out.push_back('\\');
    out.push_back(c >= ' ' && c <= '~' ? c : '?');
  }
  return out + ")";
}

std::string page_content(std::span<const std::string> lines) {
  std::string content = "BT /F1 10 Tf 12 TL 50 780 Td\n";
  for (const std::string& line : lines) content += pdf_text(line) + " Tj T*\n";
  return content + "ET\n";
}

/// Objects by number, with the table that says where each begins.
std::string pdf_file(const std::vector<std::string>& objects) {
  std::string file = "%PDF-1.4\n";
  std::string places = fmt::format("xref\n0 {}\n0000000000 65535 f \n", objects.size() + 1);
  for (std::size_t i = 0; i < objects.size(); ++i) {
    places += fmt::format("{:010} 00000 n \n", file.size());
    file += fmt::format("{} 0 obj\n{}\nendobj\n", i + 1, objects[i]);
  }
  const std::size_t start = file.size();
  return file + places +
         fmt::format("trailer\n<< /Size {} /Root 1 0 R >>\nstartxref\n{}\n%%EOF\n", objects.size() + 1, start);
}

std::string amount(const Row& row, const Resource& resource, const char* field) {
  return Decimal::from_units(row.integer(resource.field(field))).to_string();
}

std::vector<std::string> invoice_lines(const OperationContext& context) {
  const Tenant& tenant = context.tenant;
  const Resource& invoices = context.resource();
  const Row& invoice = *context.row;
  const Table& companies = tenant.table("company/companies");
  const Row* company = companies.find(invoice.integer(invoices.field("company")));
  std::vector<std::string> lines{
      tenant.company_name, fmt::format("Invoice {}", invoice.text(invoices.field("invoiceNumber"))),
      fmt::format("Date {}", time_text(invoice.integer(invoices.field("date"))).substr(0, 10))};
  if (company != nullptr) lines.emplace_back(company->text(companies.resource().field("name")));
  lines.emplace_back();
  const Table& products = tenant.table("procurement/products");
  const Resource& of_product = products.resource();
  for (const std::int64_t id : *products.lookup(of_product.field("invoice"), std::to_string(invoice.id))) {
    const Row& product = *products.find(id);
    lines.push_back(fmt::format("{} x {}  {}", amount(product, of_product, "quantity"),
                                product.text(of_product.field("description")),
                                amount(product, of_product, "extPrice")));
  }
  lines.push_back(fmt::format("Total {}", amount(invoice, invoices, "total")));
  return lines;
}

std::uint32_t colour_of(std::string_view name) {
  static constexpr std::pair<std::string_view, std::uint32_t> kColours[] = {
      {"Blue", 0x0000FF}, {"Cyan", 0x00FFFF},   {"Gray", 0x808080},  {"Green", 0x008000},
      {"Lime", 0x00FF00}, {"Orange", 0xFFA500}, {"Pink", 0xFFC0CB},  {"Purple", 0x800080},
      {"Red", 0xFF0000},  {"White", 0xFFFFFF},  {"Yellow", 0xFFFF00}};
  const auto found = std::ranges::find(kColours, name, &std::pair<std::string_view, std::uint32_t>::first);
  return found == std::end(kColours) ? 0 : found->second;
}

}  // namespace

std::string pdf_of(const std::vector<std::string>& lines) {
  // 1 the catalogue, 2 the pages, 3 the font, then each page and its content.
  std::vector<std::string> objects(3);
  std::string kids;
  for (std::size_t at = 0; at < std::max<std::size_t>(lines.size(), 1); at += kLinesPerPage) {
    const std::size_t page = objects.size() + 1, end = std::min(lines.size(), at + kLinesPerPage);
    const std::string content = page_content(std::span(lines).subspan(at, end - at));
    kids += fmt::format("{} 0 R ", page);
    objects.push_back(
        fmt::format("<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] "
                    "/Resources << /Font << /F1 3 0 R >> >> /Contents {} 0 R >>",
                    page + 1));
    objects.push_back(fmt::format("<< /Length {} >>\nstream\n{}endstream", content.size(), content));
  }
  objects[0] = "<< /Type /Catalog /Pages 2 0 R >>";
  objects[1] = fmt::format("<< /Type /Pages /Kids [{}] /Count {} >>", kids, (objects.size() - 3) / 2);
  objects[2] = "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>";
  return pdf_file(objects);
}

std::string gif_of(std::uint32_t colour) {
  constexpr unsigned char kBeforeColour[] = {'G', 'I', 'F', '8', '9', 'a', 1, 0, 1, 0, 0x80, 0, 0};
  constexpr unsigned char kBehindColour[] = {0, 0, 0, 0x2C, 0, 0, 0, 0, 1, 0, 1, 0, 0, 2, 2, 0x44, 1, 0, 0x3B};
  std::string file(std::begin(kBeforeColour), std::end(kBeforeColour));
  for (const int shift : {16, 8, 0}) file.push_back(static_cast<char>(colour >> shift & 0xFF));
  return file.append(std::begin(kBehindColour), std::end(kBehindColour));
}

net::Response invoice_pdf(const OperationContext& context) {
  const std::string name = fmt::format("Invoice{}.pdf", context.row->id);
  return file_response(pdf_of(invoice_lines(context)), "application/pdf", name);
}

net::Response priority_image(const OperationContext& context) {
  return file_response(gif_of(colour_of(context.row->text(context.resource().field("color")))), "image/gif", "");
}

}  // namespace crosswalk::sandbox
