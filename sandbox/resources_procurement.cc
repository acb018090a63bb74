#include "sandbox/schema.h"

namespace crosswalk::sandbox {

std::span<const ResourceSpec> procurement_resources() {
  static const ResourceSpec kTable[] = {
      {.path = "procurement/catalog",
       .permission = "Product Catalog",
       .references = {"CatalogItemReference", "IvItemReference"},
       .indexed = {"identifier"}},
      {.path = "procurement/categories", .references = {"ProductCategoryReference"}},
      {.path = "procurement/subcategories", .references = {"ProductSubCategoryReference"}, .parent_field = "category"},
      {.path = "procurement/types", .noun = "productType"},
      {.path = "procurement/products",
       .permission = "Products",
       .references = {"ProductItemReference", "ProductReference"}},
  };
  return kTable;
}

}  // namespace crosswalk::sandbox
