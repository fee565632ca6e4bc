// All layers: what files, help and contract tests look up. A new layer is one row.
#pragma once
#include <string>
#include <vector>

#include "folio/layers/layer.h"

namespace folio {

struct FieldRules;

struct LayerRow {
  const char* class_name;
  const char* what;                       ///< one line for people
  std::shared_ptr<LayerBody> (*blank)();  ///< with nothing but defaults
  Layer from_config(const Json& config, const std::string& name, const std::string& place) const;
};

const std::vector<LayerRow>& layer_catalog();

/// While it lives, this thread finds these layers too when it reads a file: layers of one's own. They go
/// before those of the catalog. Scopes nest.
class CustomObjectScope {
 public:
  explicit CustomObjectScope(std::vector<LayerRow> layers);
  ~CustomObjectScope();
  CustomObjectScope(const CustomObjectScope&) = delete;
  CustomObjectScope& operator=(const CustomObjectScope&) = delete;
  /// The row of a class; null when no living scope has one.
  static const LayerRow* find(const std::string& class_name);

 private:
  std::vector<LayerRow> layers_;
  CustomObjectScope* outer_;
};

/// Throws `Error` naming the place and the nearest known layer.
const LayerRow& layer_row(const std::string& class_name, const std::string& place);

/// A layer from the object that Keras writes for it, with class_name and config. Models are refused.
Layer layer_from_object(const Json& object, const std::string& place);
/// The object that Keras writes for a layer.
Json layer_object(const Layer& layer);
/// The same as a field of another layer.
void read_value(const Json& json, Layer& value, const FieldRules& rules);
void write_value(Json& json, const Layer& value, const FieldRules& rules);

}  // namespace folio
