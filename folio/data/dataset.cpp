#include "folio/data/dataset.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <utility>

#include "folio/base/error.h"
#include "folio/base/file.h"
#include "folio/data/cifar.h"
#include "folio/data/idx.h"

namespace folio {
namespace {

/// Rows taken off the end of the training rows where no validation rows were published.
constexpr int64_t kValidationRows = 5000;

const DatasetInfo& info_of(const std::string& name) {
  std::string known;
  for (const auto& info : datasets()) {
    if (info.name == name) return info;
    known += (known.empty() ? "" : ", ") + info.name;
  }
  throw Error(fmt::format("data set \"{}\": expected one of {}; check the name", name, known));
}

/// The path of the first of these names that is there, plain or with ".gz"; empty when none is.
std::string find_file(const std::string& folder, std::initializer_list<std::string> names) {
  for (const auto& name : names)
    for (const char* ending : {"", ".gz"})
      if (const std::string path = folder + "/" + name + ending; file_exists(path)) return path;
  return "";
}

/// The files of a set that a folder holds.
struct Files {
  std::vector<std::string> train, validation, test;  // MNIST's: pictures, then labels
};

Files find_mnist(const std::string& folder) {
  Files files;
  const auto add = [&](std::vector<std::string>& to, const std::string& part) {
    for (const auto& [kind, ending] :
         {std::pair("images", "idx3-ubyte"), std::pair("labels", "idx1-ubyte")}) {
      const std::string start = part + "-" + kind;
      const auto path = find_file(folder, {start + "-" + ending, start + "." + ending});
      if (!path.empty()) to.push_back(path);
    }
  };
  add(files.train, "train");
  add(files.test, "t10k");
  return files;
}

Files find_cifar(const std::string& folder) {
  Files files;
  const auto add = [&](std::vector<std::string>& to, std::initializer_list<std::string> names) {
    if (const auto path = find_file(folder, names); !path.empty()) to.push_back(path);
  };
  for (int batch = 1; batch <= 5; ++batch) add(files.train, {fmt::format("data_batch_{}.bin", batch)});
  add(files.validation, {"val_2000.bin"});
  add(files.test, {"test_batch.bin", "test_batch_first1000.bin"});
  return files;
}

std::vector<std::string> folders_to_search(const std::string& name, const std::string& folder) {
  // Who names a folder means what is in it, and nothing else.
  if (!folder.empty()) return {folder, folder + "/" + name};
  std::vector<std::string> folders;
  if (const char* data = std::getenv("FOLIO_DATA"); data && *data) folders.push_back(data + ("/" + name));
  folders.push_back("/usr/share/datasets/" + name);
  return folders;
}

[[noreturn]] void fail_missing(const DatasetInfo& info, const std::string& what, const std::string& looked) {
  throw Error(fmt::format("data set \"{}\": expected {} in {}, found none; {}", info.name, what, looked,
                          info.source));
}

/// Both files of one part of MNIST or Fashion-MNIST.
Dataset load_mnist_part(const DatasetInfo& info, const std::vector<std::string>& files,
                        const std::string& folder) {
  if (files.size() != 2) fail_missing(info, "a file of pictures and one of labels", folder);
  const Tensor pictures = read_idx(files[0]), labels = read_idx(files[1]);
  if (pictures.dtype() != DType::uint8 || pictures.empty() ||
      !compatible(pictures.shape(), {kUnknown, info.height, info.width}))
    throw Error(fmt::format("{}: expected uint8 of shape (pictures, {}, {}), found {} {}; get the file again",
                            files[0], info.height, info.width, to_string(pictures.dtype()),
                            to_string(pictures.shape())));
  if (labels.dtype() != DType::uint8 || labels.shape() != Shape{pictures.shape()[0]})
    throw Error(fmt::format(
        "{}: expected {} labels, one for each picture of {}, found {} {}; get both files again", files[1],
        pictures.shape()[0], files[0], to_string(labels.dtype()), to_string(labels.shape())));
  const auto values = labels.values<uint8_t>();
  const auto wrong =
      std::find_if(values.begin(), values.end(), [&](uint8_t v) { return v >= info.class_names.size(); });
  if (wrong != values.end())
    throw Error(fmt::format(
        "{}: expected labels from 0 to {}, found {} in row {}; the file is damaged or of another set",
        files[1], info.class_names.size() - 1, *wrong, wrong - values.begin()));
  return {info.name, pictures.reshaped(pictures.shape().inserted(3, 1)), labels.cast(DType::int32),
          info.class_names};
}

Dataset load_cifar_part(const DatasetInfo& info, const std::vector<std::string>& files,
                        const std::string& folder) {
  if (files.empty()) fail_missing(info, "data_batch_N.bin and test_batch.bin", folder);
  auto pictures = read_cifar(files, static_cast<int>(info.class_names.size()));
  return {info.name, pictures.x, pictures.y, info.class_names};
}

Dataset rows(Dataset data, int64_t first, int64_t last) {
  data.x = data.x.rows(first, last);
  data.y = data.y.rows(first, last);
  return data;
}

/// The last rows when `validation`, all others when not.
Dataset hold_out(const Dataset& data, bool validation, const std::string& folder) {
  const int64_t count = data.x.shape()[0];
  if (count <= kValidationRows)
    throw Error(fmt::format(
        "{}: expected over {} rows, of which the last are for validation, found {}; take the split "
        "\"train+validation\"",
        folder, kValidationRows, count));
  return validation ? rows(data, count - kValidationRows, count) : rows(data, 0, count - kValidationRows);
}

}  // namespace

const std::vector<DatasetInfo>& datasets() {
  static const std::vector<DatasetInfo> all = {
      {"mnist",
       "handwritten digits, grey",
       60000,
       10000,
       28,
       28,
       1,
       {"0", "1", "2", "3", "4", "5", "6", "7", "8", "9"},
       "put train-images-idx3-ubyte, train-labels-idx1-ubyte, t10k-images-idx3-ubyte and "
       "t10k-labels-idx1-ubyte (or "
       "these with .gz) into $FOLIO_DATA/mnist"},
      {"fashion-mnist",
       "pictures of clothes, grey",
       60000,
       10000,
       28,
       28,
       1,
       {"T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag",
        "Ankle boot"},
       "install Debian's package dataset-fashion-mnist, or put its files into $FOLIO_DATA/fashion-mnist"},
      {"cifar10",
       "small colour pictures of animals and vehicles",
       50000,
       10000,
       32,
       32,
       3,
       {"airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"},
       "put data_batch_1.bin to data_batch_5.bin and test_batch.bin (or these with .gz) of the binary "
       "version into "
       "$FOLIO_DATA/cifar10"},
  };
  return all;
}

Dataset load(const std::string& name, const std::string& split, const std::string& folder) {
  const DatasetInfo& info = info_of(name);
  const bool train = split == "train", validation = split == "validation", both = split == "train+validation";
  if (!train && !validation && !both && split != "test")
    throw Error(
        fmt::format("data set \"{}\": expected the split train, validation, train+validation or test, got "
                    "\"{}\"; take one of these",
                    name, split));
  const bool cifar = name == "cifar10";
  std::string looked;
  for (const auto& place : folders_to_search(name, folder)) {
    looked += (looked.empty() ? "" : ", ") + place;
    Files files = cifar ? find_cifar(place) : find_mnist(place);
    if (files.train.empty() && files.validation.empty() && files.test.empty()) continue;
    const auto part = [&](const std::vector<std::string>& of) {
      return cifar ? load_cifar_part(info, of, place) : load_mnist_part(info, of, place);
    };
    if (split == "test") return part(files.test);
    if (validation && !files.validation.empty()) return part(files.validation);
    if (both) files.train.insert(files.train.end(), files.validation.begin(), files.validation.end());
    const Dataset data = part(files.train);
    return both || !files.validation.empty() ? data : hold_out(data, validation, place);
  }
  fail_missing(info,
               cifar ? "data_batch_1.bin to data_batch_5.bin or test_batch.bin"
                     : "train-images-idx3-ubyte, train-labels-idx1-ubyte, t10k-images-idx3-ubyte or "
                       "t10k-labels-idx1-ubyte (or these with .gz)",
               looked);
}

}  // namespace folio
