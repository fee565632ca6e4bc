#include "cli/picture_outputs.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <set>

#include "folio/base/error.h"
#include "folio/base/file.h"
#include "folio/pictures/contact_sheet.h"
#include "folio/pictures/picture_file.h"

namespace folio::cli {
namespace {

// The name of the row's file, or its number; of rows with the same name the later ones get a number behind.
std::vector<std::string> names_of(const RawRows& rows, int64_t count) {
  std::vector<std::string> names;
  std::set<std::string> taken;
  for (int64_t r = 0; r < count; ++r) {
    const std::string plain = rows.columns == std::vector<std::string>{"file"}
                                  ? std::filesystem::path(rows.name(r)).stem().string()
                                  : fmt::format("{:05}", r + 1);
    std::string name = plain;
    for (int again = 2; !taken.insert(name).second; ++again) name = fmt::format("{}-{}", plain, again);
    names.push_back(name + ".png");
  }
  return names;
}

}  // namespace

bool is_picture_output(const std::string& output) {
  return output.ends_with(".png") || output.ends_with('/') || (!output.empty() && folder_exists(output));
}

std::vector<std::string> write_pictures(const Tensor& output, const RawRows& rows, const std::string& to,
                                        bool overwrite) {
  const Shape& shape = output.shape();
  if (shape.rank() != 4 || (shape[3] != 1 && shape[3] != 3))
    throw Error(
        fmt::format("{}: expected a model that makes pictures (height, width, 1 or 3) for this output, "
                    "got one that makes {}; choose a name that ends in .npy or .csv",
                    to, to_string(shape.from(1))));
  std::vector<std::string> paths;
  if (to.ends_with(".png")) {
    if (shape[0] != 1)
      throw Error(fmt::format("{}: expected one picture for one file, got {}; give a folder: --output {}/",
                              to, shape[0], to.substr(0, to.size() - 4)));
    paths = {to};
  } else {
    for (const std::string& name : names_of(rows, shape[0]))
      paths.push_back((std::filesystem::path(to) / name).string());
    const auto there = std::find_if(paths.begin(), paths.end(), [](const auto& p) { return file_exists(p); });
    if (!overwrite && there != paths.end())
      throw Error(*there + ": is there already; choose another folder, or give --overwrite");
    make_folders(to);
  }
  const Tensor bytes = as_bytes(output);
  for (size_t i = 0; i < paths.size(); ++i) {
    const auto row = static_cast<int64_t>(i);
    write_png(paths[i], bytes.rows(row, row + 1).reshaped(shape.from(1)));
  }
  return paths;
}

}  // namespace folio::cli
