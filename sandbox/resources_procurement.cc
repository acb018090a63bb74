#include "sandbox/schema.h"

namespace crosswalk::sandbox {

std::span<const ResourceSpec> procurement_resources() {
  static const ResourceSpec kTable[] = {
      {.path = "procurement/catalog",
       .permission = "Product Catalog",
       .references = {"CatalogItemReference", "IvItemReference"},
       .indexed = {"identifier"},
       .defaults = {{"productClass", "\"NonInventory\""}}},
      {.path = "procurement/catalog/vendors", .title = "Catalog Vendor", .read_only = {"vendorName"}},
      {.path = "procurement/categories", .references = {"ProductCategoryReference"}},
      {.path = "procurement/subcategories", .references = {"ProductSubCategoryReference"}, .parent_field = "category"},
      {.path = "procurement/types", .noun = "productType"},
      {.path = "procurement/products",
       .permission = "Products",
       .references = {"ProductItemReference", "ProductReference"},
       .indexed = {"invoice"},
       .hidden = {{"addition", "int"}, {"billedBefore", "date"}}},
  };
  return kTable;
}

}  // namespace crosswalk::sandbox
