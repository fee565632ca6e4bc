#include "folio/base/fields.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <set>

#include "folio/base/error.h"
#include "folio/base/markup.h"

namespace folio {
namespace {

const Json kNull;
constexpr double kInfinity = std::numeric_limits<double>::infinity();

std::string excerpt(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace).substr(0, 120);
}

// An entry that must say one thing; the value is its JSON, or null for anything.
struct Constant {
  static void read(const Json& json, void* value, const FieldRules&) {
    const auto* allowed = static_cast<const char*>(value);
    if (allowed && !json.is_null() && json != Json::parse(allowed))
      throw Error(excerpt(json) + " is not supported; save the model without it");
  }
  static void write(Json& json, const void* value, const FieldRules&) {
    if (value) json = Json::parse(static_cast<const char*>(value));
  }
  static void check(void*, const FieldRules&) {}
};
constexpr FieldType kConstant = {Constant::read, Constant::write, Constant::check};

// Adds the key to what is wrong with its value.
template <class Action>
void naming(const std::string& place, const char* key, const Action& action) {
  try {
    action();
  } catch (const Error& error) {
    const std::string what = error.what();
    // What begins with a bracket or a colon goes on with the place.
    const bool goes_on = what.find_first_of("[: ") == 0;
    throw Error((place.empty() ? "" : place + ": ") + key + (goes_on ? "" : ": ") + what);
  }
}

class Reader final : public Fields {
 public:
  Reader(const Json& json, std::string place, bool record)
      : json_(json), place_(std::move(place)), record_(record) {
    if (!json.is_object())
      throw Error((place_.empty() ? "" : place_ + ": ") + "expected an object, got " + excerpt(json));
  }

  void visit(const Field& field) override {
    used_.insert(field.key);
    const Json* given = find(field.key);
    if (field.rules.alias) {
      used_.insert(field.rules.alias);
      if (!given || given->is_null()) given = find(field.rules.alias);
    }
    const bool null_counts = record_ || field.rules.null;
    const bool read = given && (null_counts || !given->is_null());
    naming(place_, field.key, [&] {
      if (record_) {
        FieldRules rules = field.rules;
        rules.null = true;
        if (read) field.type.read(*given, field.value, rules);
      } else if (read || field.rules.required) {
        field.type.read(read ? *given : kNull, field.value, field.rules);
      }
      field.type.check(field.value, field.rules);
    });
  }

  void finish(std::initializer_list<const char*> others) {
    if (record_) return;
    used_.insert(others.begin(), others.end());
    for (const auto& [key, value] : json_.items())
      if (!used_.count(key) && !value.is_null())
        throw Error(fmt::format("{}entry \"{}\" = {} is not known to Folio",
                                place_.empty() ? "" : place_ + ": ", key, excerpt(value)));
  }

 private:
  const Json* find(const char* key) const {
    const auto found = json_.find(key);
    return found == json_.end() ? nullptr : &*found;
  }

  const Json& json_;
  std::string place_;
  bool record_;
  std::set<std::string> used_;
};

void read_with(Reader& reader, const FieldList& list, std::initializer_list<const char*> others = {}) {
  list(reader);
  reader.finish(others);
}

bool says_nothing(const Json& json) {
  return json.is_null() || json == false || json == 0 || json == "" || (json.is_array() && json.empty());
}

class Writer final : public Fields {
 public:
  void visit(const Field& field) override {
    if (field.rules.hidden) return;
    Json value;
    field.type.write(value, field.value, field.rules);
    if (field.rules.empty_as_null && says_nothing(value)) value = nullptr;
    if (!field.rules.sparing || !says_nothing(value)) json[field.key] = std::move(value);
  }
  Json json = Json::object();
};

class Checker final : public Fields {
 public:
  explicit Checker(const std::string& place) : place_(place) {}
  void visit(const Field& field) override {
    naming(place_, field.key, [&] { field.type.check(field.value, field.rules); });
  }

 private:
  const std::string& place_;
};

// What numbers may be, in words.
std::string range(const FieldRules& r) {
  if (r.least > -kInfinity && r.most < kInfinity) return fmt::format("{} to {}", r.least, r.most);
  std::string text = r.least > -kInfinity ? fmt::format("at least {}", r.least) : "";
  if (r.above > -kInfinity) text = fmt::format("a number above {}", r.above);
  if (r.most < kInfinity) text += fmt::format("{}at most {}", text.empty() ? "" : " and ", r.most);
  if (r.below < kInfinity) text += fmt::format("{}below {}", text.empty() ? "" : " and ", r.below);
  return text;
}

void check_number(double value, const FieldRules& r) {
  if (r.finite && !std::isfinite(value)) throw Error(fmt::format("expected a finite number, got {}", value));
  const bool good = (r.least == -kInfinity || value >= r.least) && (r.most == kInfinity || value <= r.most) &&
                    (r.above == -kInfinity || value > r.above) && (r.below == kInfinity || value < r.below);
  if (!good) throw Error(fmt::format("expected {}, got {}", range(r), value));
}

void check_whole(int64_t value, const FieldRules& r) {
  const auto number = static_cast<double>(value);
  if (number < r.least) throw Error(fmt::format("expected at least {}, got {}", r.least, value));
  if (number > r.most) throw Error(fmt::format("expected at most {:.0f}, got {}", r.most, value));
}

template <class List>
void check_list(const List& list, const FieldRules& rules) {
  if (rules.not_empty && list.empty()) throw Error("expected at least one, got none");
  if (rules.count && !list.empty() && list.size() != rules.count)
    throw Error(fmt::format("expected a list of {}, got {}", rules.count, list.size()));
}

std::string numbers_expected(const FieldRules& rules) {
  return rules.count ? fmt::format("a whole number or a list of {}", rules.count)
                     : "a whole number or a list of them";
}

}  // namespace

void Fields::constant(const char* key, const char* json) {
  visit({key, const_cast<char*>(json), kConstant, {}, true});
}
void Fields::ignore(const char* key, const char* json) {
  visit({key, const_cast<char*>(json), kConstant, {.hidden = true}, true});
}
void Fields::ignore_any(const char* key) { visit({key, nullptr, kConstant, {.hidden = true}, true}); }

void read_fields(const Json& json, const std::string& place, const FieldList& list,
                 std::initializer_list<const char*> others) {
  Reader reader(json, place, false);
  read_with(reader, list, others);
}
void read_known_fields(const Json& json, const std::string& place, const FieldList& list) {
  Reader reader(json, place, true);
  read_with(reader, list);
}
Json written_fields(const FieldList& list) {
  Writer writer;
  list(writer);
  return std::move(writer.json);
}
void check_fields(const std::string& place, const FieldList& list) {
  Checker checker(place);
  list(checker);
}

void read_text(const Fields::Field& field, const std::string& text) {
  naming("", field.key, [&] {
    const Json json = Json::parse(text, nullptr, false);
    try {
      field.type.read(json.is_discarded() ? Json(text) : json, field.value, field.rules);
    } catch (const Error&) {
      if (json.is_string() || json.is_discarded()) throw;
      field.type.read(Json(text), field.value, field.rules);  // "1" may be the name of a file
    }
    field.type.check(field.value, field.rules);
  });
}

void unexpected(const std::string& expected, const Json& got) {
  throw Error("expected " + expected + ", got " + excerpt(got));
}

NamedConfig named_config(const char* what, const Json& json) {
  static const Json nothing = Json::object();
  if (json.is_string()) return {json.get<std::string>(), nothing};
  if (!json.is_object() || !json.contains("class_name") || !json["class_name"].is_string())
    throw Error(fmt::format("{}expected a name or an object with class_name, got {}",
                            *what ? what + std::string(": ") : "", excerpt(json)));
  const auto config = json.find("config");
  return {json["class_name"].get<std::string>(), config == json.end() ? nothing : *config};
}

Json keras_object(const char* module, const std::string& class_name, Json config) {
  return {{"module", module},
          {"class_name", class_name},
          {"config", std::move(config)},
          {"registered_name", nullptr}};
}

void read_value(const Json& json, bool& value, const FieldRules&) {
  if (!json.is_boolean()) unexpected("true or false", json);
  value = json.get<bool>();
}
void read_value(const Json& json, int64_t& value, const FieldRules& rules) {
  if (rules.count == 1 && json.is_array() && json.size() == 1) return read_value(json[0], value, {});
  const bool fits =
      json.is_number_integer() && !(json.is_number_unsigned() && json.get<uint64_t>() > uint64_t{INT64_MAX});
  if (!fits) unexpected("a whole number", json);
  value = json.get<int64_t>();
}
void read_value(const Json& json, int& value, const FieldRules& rules) {
  int64_t wide = 0;
  read_value(json, wide, rules);
  if (wide != static_cast<int>(wide)) unexpected("a smaller number", json);
  value = static_cast<int>(wide);
}
void read_value(const Json& json, uint64_t& value, const FieldRules&) {
  if (!json.is_number_unsigned() && !(json.is_number_integer() && json.get<int64_t>() >= 0))
    unexpected("a whole number of at least 0", json);
  value = json.get<uint64_t>();
}
void read_value(const Json& json, double& value, const FieldRules& rules) {
  const bool none = json.is_null() && rules.null;
  if (!json.is_number() && !none) unexpected("a number", json);
  value = none ? std::numeric_limits<double>::quiet_NaN() : json.get<double>();
}
void read_value(const Json& json, std::string& value, const FieldRules& rules) {
  if (json.is_null() && rules.null) return value.clear();
  if (!json.is_string()) unexpected("a text", json);
  value = json.get<std::string>();
}
void read_value(const Json& json, std::vector<int64_t>& value, const FieldRules& rules) {
  std::vector<int64_t> read;
  const bool none = json.is_null() && rules.null;
  if (!json.is_number_integer() && !json.is_array() && !none) unexpected(numbers_expected(rules), json);
  if (!none)
    for (const Json& item : json) {
      if (!item.is_number_integer()) unexpected(numbers_expected(rules), json);
      read_value(item, read.emplace_back(), rules);
    }
  if (json.is_array() && rules.count && read.size() != rules.count) unexpected(numbers_expected(rules), json);
  value = std::move(read);
}

void write_value(Json& json, const bool& value, const FieldRules&) { json = value; }
void write_value(Json& json, const int& value, const FieldRules&) { json = value; }
void write_value(Json& json, const int64_t& value, const FieldRules&) { json = value; }
void write_value(Json& json, const uint64_t& value, const FieldRules&) { json = value; }
void write_value(Json& json, const double& value, const FieldRules&) {
  json = std::isfinite(value) ? Json(value) : Json();
}
void write_value(Json& json, const std::string& value, const FieldRules&) { json = valid_utf8(value); }
void write_value(Json& json, const std::vector<int64_t>& value, const FieldRules& rules) {
  json = rules.one_as_number && value.size() == 1 ? Json(value[0]) : Json(value);
}

void check_value(int& value, const FieldRules& rules) { check_whole(value, rules); }
void check_value(int64_t& value, const FieldRules& rules) { check_whole(value, rules); }
void check_value(uint64_t& value, const FieldRules& rules) {
  check_number(static_cast<double>(value), rules);
}
void check_value(double& value, const FieldRules& rules) { check_number(value, rules); }
void check_value(std::string& value, const FieldRules& rules) {
  if (!rules.words || (value.empty() && rules.empty_as_null)) return;
  std::string expected, word;
  for (const char* at = rules.words;; ++at) {
    if (*at && *at != ' ') {
      word += *at;
      continue;
    }
    if (word == value) return;
    expected += fmt::format("{}\"{}\"", expected.empty() ? "" : *at ? ", " : " or ", word);
    word.clear();
    if (!*at) break;
  }
  throw Error(fmt::format("expected {}, got \"{}\"", expected, value.substr(0, 80)));
}
void check_value(std::vector<int64_t>& value, const FieldRules& rules) {
  if (rules.count && value.size() == 1) value.resize(rules.count, value[0]);
  check_list(value, rules);
  for (int64_t number : value) check_whole(number, rules);
}
void check_value(std::vector<double>& value, const FieldRules& rules) {
  check_list(value, rules);
  for (double number : value) check_number(number, rules);
}

void read_list(const Json& json, const std::function<void(const Json&)>& entry) {
  if (!json.is_array()) unexpected("a list", json);
  size_t number = 0;
  for (const Json& item : json) {
    try {
      entry(item);
    } catch (const Error& error) {
      const std::string what = error.what();
      throw Error(fmt::format("[{}]{}{}", number, what.starts_with("[") ? "" : ": ", what));
    }
    ++number;
  }
}
void write_list(Json& json, size_t count, const std::function<void(Json&, size_t)>& entry) {
  json = Json::array();
  for (size_t i = 0; i < count; ++i) {
    Json item;
    entry(item, i);
    json.push_back(std::move(item));
  }
}
void read_struct(const Json& json, const FieldList& list, const FieldRules& rules) {
  Reader reader(json, "", rules.null);
  read_with(reader, list);
}
void write_struct(Json& json, const FieldList& list) { json = written_fields(list); }

}  // namespace folio
