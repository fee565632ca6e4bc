#include "folio/layers/common/layer_fields.h"

#include <nlohmann/json.hpp>

#include "folio/base/error.h"
#include "folio/ops/activations.h"

namespace folio {
namespace {

// The place is told by the field.
template <class Action>
decltype(auto) without_place(const std::string& place, const Action& action) {
  try {
    return action();
  } catch (const Error& error) {
    const std::string what = error.what();
    throw Error(what.starts_with(place) ? what.substr(place.size()) : what);
  }
}

struct Activation {
  static const std::string& known(const std::string& name) {
    return without_place(
        "activation: ", [&]() -> const std::string& { return folio::activation(name).name; });
  }
  static void read(const Json& json, void* value, const FieldRules&) {
    auto& name = *static_cast<std::string*>(value);
    if (json.is_string())
      name = json.get<std::string>();
    else if (json.is_object() && json.value("class_name", "") == "function" && json.contains("config") &&
             json["config"].is_string())
      name = json["config"].get<std::string>();
    else
      unexpected("the name of an activation", json);
  }
  static void write(Json& json, const void* value, const FieldRules&) {
    json = known(*static_cast<const std::string*>(value));
  }
  static void check(void* value, const FieldRules&) {
    auto& name = *static_cast<std::string*>(value);
    name = known(name);
  }
};
constexpr FieldType kActivation = {Activation::read, Activation::write, Activation::check};

struct Format {
  static void read(const Json& json, void*, const FieldRules&) {
    if (!json.is_string()) unexpected("a text", json);
    without_place("data_format: ", [&] { return DataFormat(json.get<std::string>()); });
  }
  static void write(Json& json, const void*, const FieldRules&) { json = DataFormat::name(); }
  static void check(void*, const FieldRules&) {}
};
constexpr FieldType kFormat = {Format::read, Format::write, Format::check};

}  // namespace

void activation_field(Fields& f, std::string& name, const char* key) {
  f.visit({key, &name, kActivation, {}});
}

void weight_fields(Fields& f, const std::string& role, Initializer& initializer, Regularizer& regularizer,
                   Constraint& constraint) {
  f((role + "_initializer").c_str(), initializer);
  f((role + "_regularizer").c_str(), regularizer);
  f((role + "_constraint").c_str(), constraint);
}

void weight_fields(Fields& f, const std::string& role, WeightRules& rules) {
  weight_fields(f, role, rules.initializer, rules.regularizer, rules.constraint);
}

void data_format_field(Fields& f, bool hidden) {
  f.visit({"data_format", nullptr, kFormat, {.hidden = hidden}});
}

void read_value(const Json& json, Initializer& value, const FieldRules&) {
  value = Initializer::from_config(json);
}
void read_value(const Json& json, Regularizer& value, const FieldRules&) {
  value = Regularizer::from_config(json);
}
void read_value(const Json& json, Constraint& value, const FieldRules&) {
  value = Constraint::from_config(json);
}
void read_value(const Json& json, DType& value, const FieldRules&) {
  if (!json.is_string()) unexpected("the name of a type", json);
  value = without_place("dtype: ", [&] { return dtype_from(json.get<std::string>()); });
}
void write_value(Json& json, const Initializer& value, const FieldRules&) { json = value.config(); }
void write_value(Json& json, const Regularizer& value, const FieldRules&) { json = value.config(); }
void write_value(Json& json, const Constraint& value, const FieldRules&) { json = value.config(); }
void write_value(Json& json, const DType& value, const FieldRules&) { json = to_string(value); }

}  // namespace folio
