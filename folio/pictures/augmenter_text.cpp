// Options of an augmenter as people write them.
#include <fmt/format.h>

#include "folio/base/error.h"
#include "folio/base/spelling.h"
#include "folio/pictures/image_augmenter.h"

namespace folio {
namespace {

// Reads the one field of this name.
class SetOne final : public Fields {
 public:
  SetOne(const std::string& key, const std::string& value) : key_(key), value_(value) {}
  void visit(const Field& field) override {
    known.emplace_back(field.key);
    if (key_ != field.key) return;
    read_text(field, value_);
    found = true;
  }
  bool found = false;
  std::vector<std::string> known;

 private:
  const std::string &key_, &value_;
};

}  // namespace

void set_option(ImageAugmenterOptions& options, const std::string& key, const std::string& value) {
  SetOne one(key, value);
  fields(one, options);
  if (one.found) return;
  const std::string near = nearest(key, one.known);
  throw Error(fmt::format("expected one of {}, got \"{}\"{}", fmt::join(one.known, ", "), key,
                          near.empty() ? "" : "; did you mean \"" + near + "\"?"));
}

ImageAugmenterOptions augmenter_options(const std::string& text) {
  ImageAugmenterOptions options;
  // Commas within brackets belong to a value.
  int depth = 0;
  std::string entry;
  const auto take = [&] {
    const size_t equals = entry.find('=');
    if (equals == std::string::npos)
      throw Error(
          "expected KEY=VALUE between commas, such as rotation_range=20,horizontal_flip=true, got \"" +
          entry.substr(0, 80) + "\"");
    set_option(options, entry.substr(0, equals), entry.substr(equals + 1));
    entry.clear();
  };
  for (const char c : text) {
    depth += c == '[' ? 1 : c == ']' ? -1 : 0;
    if (c == ',' && depth <= 0)
      take();
    else
      entry += c;
  }
  if (!text.empty()) take();
  return options;
}

}  // namespace folio
