// What the lists of layers' fields share. (base/fields.h)
#pragma once
#include <string>

#include "folio/base/fields.h"
#include "folio/layers/common/data_format.h"
#include "folio/layers/weights/weight_rules.h"
#include "folio/tensor/dtype.h"

namespace folio {

/// A size in each of `count` directions, or one for all.
inline FieldRules sizes_rule(size_t count) { return {.least = 1, .most = kLargestSize, .count = count}; }

/// "activation": a name, or Keras' object for a plain function; written as Keras calls it.
void activation_field(Fields& f, std::string& name, const char* key = "activation");
/// "kernel_initializer", "kernel_regularizer" and "kernel_constraint" for role "kernel".
void weight_fields(Fields& f, const std::string& role, Initializer& initializer, Regularizer& regularizer,
                   Constraint& constraint);
void weight_fields(Fields& f, const std::string& role, WeightRules& rules);
/// "data_format"; hidden where not all versions of Keras know it.
void data_format_field(Fields& f, bool hidden = false);

void read_value(const Json& json, Initializer& value, const FieldRules& rules);
void read_value(const Json& json, Regularizer& value, const FieldRules& rules);
void read_value(const Json& json, Constraint& value, const FieldRules& rules);
void read_value(const Json& json, DType& value, const FieldRules& rules);
void write_value(Json& json, const Initializer& value, const FieldRules& rules);
void write_value(Json& json, const Regularizer& value, const FieldRules& rules);
void write_value(Json& json, const Constraint& value, const FieldRules& rules);
void write_value(Json& json, const DType& value, const FieldRules& rules);

}  // namespace folio
