// Configuration as one list of fields for each struct. The list names every member once, with its key and its
// checks; reading, writing, checks, errors and help all follow from it:
//
//   void fields(Fields& f, WindowOptions& o) {
//     f("size", o.size, {.required = true, .least = 1});
//     f("padding", o.padding, {.words = "valid same"});
//   }
//
// A type of one's own becomes a field by `read_value` and `write_value` beside it, or by a list of its own.
#pragma once
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <limits>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "folio/base/json.h"

namespace folio {

/// What a list says of a field beside its key and its member. Bounds hold for numbers and for each number of
/// a list.
struct FieldRules {
  bool required = false;  ///< must be given
  double least = -std::numeric_limits<double>::infinity(), most = std::numeric_limits<double>::infinity();
  double above = -std::numeric_limits<double>::infinity(), below = std::numeric_limits<double>::infinity();
  const char* words = nullptr;  ///< a text is one of these: "valid same"
  size_t count = 0;  ///< a list has so many numbers, or none; one number stands for all of them, and a list
                     ///< of one for a number
  bool finite = false;         ///< neither NaN nor infinite
  bool not_empty = false;      ///< a list has at least one entry
  bool one_as_number = false;  ///< a list of one number is written as the number
  bool empty_as_null = false;  ///< 0, "" and empty lists are written as null
  bool null = false;     ///< null is a value too (an empty list, NaN), and not the same as nothing given
  bool sparing = false;  ///< written only when it says something: not null, false, 0 or empty
  bool hidden = false;   ///< read, but not written
  const char* alias = nullptr;  ///< an older spelling of the key
  const char* help = "";        ///< one line for people
};

/// Numbers of cells, units, filters: what may be as large as sizes are, without overflow in what follows.
inline constexpr double kLargestSize = std::numeric_limits<int32_t>::max();

/// How values of one type are read, written and checked.
struct FieldType {
  void (*read)(const Json& json, void* value, const FieldRules& rules);
  void (*write)(Json& json, const void* value, const FieldRules& rules);
  void (*check)(void* value, const FieldRules& rules);
};

/// Who visits the fields of a list: a reader, a writer, a check, a command line.
class Fields {
 public:
  struct Field {
    const char* key;
    void* value;
    const FieldType& type;
    const FieldRules& rules;
    bool constant = false;  ///< not a member: an entry of files that must say one thing
  };

  virtual ~Fields() = default;
  template <class T>
  void operator()(const char* key, T& value, const FieldRules& rules = {});
  virtual void visit(const Field& field) = 0;
  /// An entry that is always the same, as JSON: f.constant("noise_shape", "null").
  void constant(const char* key, const char* json);
  /// An entry that files may have if it says this, and which is not written.
  void ignore(const char* key, const char* json = "null");
  /// An entry that files may have, whatever it says.
  void ignore_any(const char* key);
};

/// The fields of something, for whoever visits them.
using FieldList = std::function<void(Fields&)>;

/// What every Keras config may hold and Folio reads elsewhere, if at all.
inline constexpr std::initializer_list<const char*> kKerasEntries = {"name", "trainable", "dtype"};

/// Reads an object. What is missing or null keeps its value. Throws `Error` naming place, key, what was
/// expected and what came; keys that are neither in the list nor among `others` are refused.
void read_fields(const Json& json, const std::string& place, const FieldList& list,
                 std::initializer_list<const char*> others = {});
/// Records: other keys are passed over, and null is a number that is none.
void read_known_fields(const Json& json, const std::string& place, const FieldList& list);
Json written_fields(const FieldList& list);
/// Throws `Error` when a value is not what the list says: "Dense: units: expected at least 1, got 0".
void check_fields(const std::string& place, const FieldList& list);

/// A value as a person writes it in a terminal: JSON, or a text without quotes. Checked; errors name the key.
void read_text(const Fields::Field& field, const std::string& text);

/// Throws `Error`: "expected a number, got "many"".
[[noreturn]] void unexpected(const std::string& expected, const Json& got);
/// A name, alone or with settings as Keras writes objects: {"class_name": …, "config": {…}}.
struct NamedConfig {
  std::string class_name;
  const Json& config;  ///< an object; empty when there is none
};
/// Throws `Error`: "regularizer: expected a name or an object with class_name, got 3".
NamedConfig named_config(const char* what, const Json& json);
/// {"module": …, "class_name": …, "config": …, "registered_name": null}
Json keras_object(const char* module, const std::string& class_name, Json config);

// How the types that JSON knows are read and written.

void read_value(const Json& json, bool& value, const FieldRules& rules);
void read_value(const Json& json, int& value, const FieldRules& rules);
void read_value(const Json& json, int64_t& value, const FieldRules& rules);
void read_value(const Json& json, uint64_t& value, const FieldRules& rules);
void read_value(const Json& json, double& value, const FieldRules& rules);
void read_value(const Json& json, std::string& value, const FieldRules& rules);
/// A number, or a list of them.
void read_value(const Json& json, std::vector<int64_t>& value, const FieldRules& rules);
void write_value(Json& json, const bool& value, const FieldRules& rules);
void write_value(Json& json, const int& value, const FieldRules& rules);
void write_value(Json& json, const int64_t& value, const FieldRules& rules);
void write_value(Json& json, const uint64_t& value, const FieldRules& rules);
/// Infinity and NaN become null.
void write_value(Json& json, const double& value, const FieldRules& rules);
/// Bytes that are no UTF-8 become U+FFFD.
void write_value(Json& json, const std::string& value, const FieldRules& rules);
void write_value(Json& json, const std::vector<int64_t>& value, const FieldRules& rules);
void check_value(int& value, const FieldRules& rules);
void check_value(int64_t& value, const FieldRules& rules);
void check_value(uint64_t& value, const FieldRules& rules);
void check_value(double& value, const FieldRules& rules);
void check_value(std::string& value, const FieldRules& rules);
void check_value(std::vector<int64_t>& value, const FieldRules& rules);
void check_value(std::vector<double>& value, const FieldRules& rules);
/// Other types have nothing to check; what derives from lists of numbers is one.
template <class T>
requires(!std::is_base_of_v<std::vector<int64_t>, T>) void check_value(T&, const FieldRules&) {}

// Lists, what may be missing, and structs with lists of their own.

/// Calls `entry` for each entry of a list; throws unless json is one.
void read_list(const Json& json, const std::function<void(const Json&)>& entry);
void write_list(Json& json, size_t count, const std::function<void(Json&, size_t)>& entry);
void read_struct(const Json& json, const FieldList& list, const FieldRules& rules);
void write_struct(Json& json, const FieldList& list);

template <class T>
void read_value(const Json& json, std::vector<T>& list, const FieldRules& rules);
template <class T>
void write_value(Json& json, const std::vector<T>& list, const FieldRules& rules);

template <class T>
void read_value(const Json& json, std::optional<T>& value, const FieldRules& rules) {
  read_value(json, value.emplace(), rules);
}
template <class T>
void write_value(Json& json, const std::optional<T>& value, const FieldRules& rules) {
  if (value) write_value(json, *value, rules);
}
template <class T>
void check_value(std::optional<T>& value, const FieldRules& rules) {
  if (value) check_value(*value, rules);
}

template <class T>
concept HasFields = requires(Fields& f, T& value) {
  fields(f, value);
};
template <HasFields T>
void read_value(const Json& json, T& value, const FieldRules& rules) {
  read_struct(
      json, [&](Fields& f) { fields(f, value); }, rules);
}
template <HasFields T>
void write_value(Json& json, const T& value, const FieldRules&) {
  // A writer changes nothing; lists are written once, for readers too.
  write_struct(json, [&](Fields& f) { fields(f, const_cast<T&>(value)); });
}

template <class T>
void read_value(const Json& json, std::vector<T>& list, const FieldRules& rules) {
  list.clear();
  read_list(json, [&](const Json& entry) {
    T value{};
    read_value(entry, value, rules);
    list.push_back(std::move(value));
  });
}
template <class T>
void write_value(Json& json, const std::vector<T>& list, const FieldRules& rules) {
  write_list(json, list.size(), [&](Json& entry, size_t i) { write_value(entry, list[i], rules); });
}

template <class T>
struct FieldTypeOf {
  static void read(const Json& json, void* value, const FieldRules& rules) {
    read_value(json, *static_cast<T*>(value), rules);
  }
  static void write(Json& json, const void* value, const FieldRules& rules) {
    write_value(json, *static_cast<const T*>(value), rules);
  }
  static void check(void* value, const FieldRules& rules) { check_value(*static_cast<T*>(value), rules); }
};
template <class T>
inline constexpr FieldType kFieldType = {FieldTypeOf<T>::read, FieldTypeOf<T>::write, FieldTypeOf<T>::check};

template <class T>
void Fields::operator()(const char* key, T& value, const FieldRules& rules) {
  visit({key, &value, kFieldType<T>, rules});
}

}  // namespace folio
