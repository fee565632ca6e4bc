#include "folio/recipes/pictures.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>
#include <tuple>

#include "folio/base/error.h"
#include "folio/base/file.h"
#include "folio/base/spelling.h"
#include "folio/base/tell.h"
#include "folio/data/dataset.h"
#include "folio/data/split.h"
#include "folio/layers/core/dense.h"
#include "folio/layers/core/input_layer.h"
#include "folio/layers/preprocessing/rescaling.h"
#include "folio/layers/reshaping/flatten.h"
#include "folio/pictures/image_augmenter.h"
#include "folio/pictures/picture_folder.h"
#include "folio/pictures/picture_preparation.h"
#include "folio/recipes/baselines.h"
#include "folio/recipes/raw_data.h"
#include "folio/recipes/run.h"

namespace folio {

PictureChoice choose_pictures(const Recipe& recipe, const std::string& given) {
  if (given.empty()) return {recipe.data[0], ""};
  for (const DatasetInfo& info : datasets())
    if (info.name == given) return {given, ""};
  std::string base = given;
  while (base.size() > 1 && base.back() == '/') base.pop_back();
  if (!folder_exists(base)) {
    std::vector<std::string> names;
    for (const DatasetInfo& info : datasets()) names.push_back(info.name);
    const std::string near = nearest(given, names);
    throw UsageError(fmt::format("--data: expected a folder or one of {}, got \"{}\"{}",
                                 fmt::join(names, ", "), given,
                                 near.empty() ? "" : "; did you mean \"" + near + "\"?"));
  }
  const std::string last = base.substr(base.rfind('/') + 1);
  for (const DatasetInfo& info : datasets())
    if (info.name == last) return {last, base};
  for (const std::string& name : recipe.data)
    if (folder_exists(base + "/" + name)) return {name, base};
  if (!pictures_in(base).empty()) return {"", base};
  return {recipe.data[0], base};
}

namespace {

// What is known to help, and leaves a picture what it shows: no flips where left and right may matter, as in
// digits, in shoes that all point one way, and in folders of anything.
std::string usual_changes(const std::string& set) {
  if (set == "cifar10") return "crop_padding=4,horizontal_flip=true,fill_mode=constant";  // He 2015
  if (set == "fashion-mnist") return "crop_padding=1,fill_mode=constant";
  const std::string small = "rotation_range=10,width_shift_range=0.1,height_shift_range=0.1,zoom_range=0.1";
  return set == "mnist" ? small + ",fill_mode=constant" : small;
}

// Lets training see the pictures changed, as --set augment says; for people, how.
std::string augment(Data& train, const std::string& set, const Settings& settings) {
  const std::string& asked = settings.text("augment");
  if (asked == "none") return "";
  const std::string changes = asked == "auto"    ? usual_changes(set)
                              : asked == "sheet" ? kSheetAugmentation
                                                 : asked;
  try {
    train = ImageAugmenter(augmenter_options(changes)).flow(std::move(train));
  } catch (const Error& error) {
    throw UsageError(std::string("--set augment: ") + error.what());
  }
  return "changed at random in training: " + changes + " (--set augment=none leaves them as they are)";
}

using Entries = std::vector<PictureFolder::Entry>;

Tensor as_targets(const std::vector<int>& labels, int64_t classes, bool vectors) {
  const auto rows = static_cast<int64_t>(labels.size());
  Tensor y = vectors ? Tensor({rows, classes}) : Tensor({rows}, DType::int32);
  for (int64_t i = 0; i < rows; ++i) {
    const int64_t label = labels[static_cast<size_t>(i)];
    if (vectors)
      y.set(i * classes + label, 1);
    else
      y.set(i, static_cast<double>(label));
  }
  return y;
}

std::vector<std::string> paths_of(const Entries& entries) {
  std::vector<std::string> paths;
  for (const auto& entry : entries) paths.push_back(entry.path);
  return paths;
}

Data read_entries(const Entries& entries, const PicturePreparation& preparation, int64_t classes,
                  bool vectors) {
  const PreparedPictures read = read_pictures(paths_of(entries), preparation);
  std::vector<int> labels;
  for (size_t i : read.kept) labels.push_back(entries[i].label);
  return {read.x, as_targets(labels, classes, vectors)};
}

}  // namespace

PreparedPictures read_pictures(const std::vector<std::string>& paths, const PicturePreparation& preparation) {
  constexpr size_t kNamed = 5;
  PreparedPictures read = prepare_pictures(paths, preparation);
  for (size_t i = 0; i < std::min(kNamed, read.said.size()); ++i) warn(read.said[i] + "; it is left out");
  if (read.said.size() > kNamed)
    warn(fmt::format("{} more pictures cannot be read and are left out", read.said.size() - kNamed));
  return read;
}

PicturePreparation preparation_for(const std::vector<std::string>& paths, const Settings& settings) {
  constexpr int64_t kLeast = 16, kMost = 64;
  PicturePreparation result;
  result.channels = 1;
  result.fit = settings.choice("fit", {"crop", "stretch"});
  std::vector<int64_t> sides;
  std::set<std::pair<int64_t, int64_t>> sizes;
  for (const std::string& path : paths) try {
      const PictureSize size = picture_size(path);
      sides.push_back(std::min(size.height, size.width));
      sizes.emplace(size.height, size.width);
      result.channels = std::max(result.channels, size.channels);
    } catch (const Error&) {
      continue;  // said when it is read
    }
  if (settings.text("size") != "auto") {
    result.height = result.width = static_cast<int64_t>(settings.number("size"));
  } else if (sizes.size() == 1 && sizes.begin()->first <= kMost && sizes.begin()->second <= kMost &&
             sides[0] >= kLeast) {
    std::tie(result.height, result.width) = *sizes.begin();
  } else {
    std::nth_element(sides.begin(), sides.begin() + static_cast<int64_t>(sides.size() / 2), sides.end());
    result.height = result.width = sides.empty() ? kMost : std::clamp(sides[sides.size() / 2], kLeast, kMost);
  }
  return result;
}

namespace {

RecipeData picture_folder(const Recipe& recipe, const RunRequest& request, const Settings& settings,
                          const std::string& path) {
  PictureFolder folder = read_picture_folder(path);
  for (const std::string& empty : folder.empty)
    warn(empty + ": a folder without pictures makes no class; it is left out");
  // What is not divided already is divided now, every class in equal shares.
  const auto divide = [&](Entries& from, Entries& to, const char* setting, uint64_t salt) {
    if (!to.empty()) return;
    SplitOptions options{.test = settings.number(setting), .seed = *request.training.seed + salt};
    for (const auto& entry : from) options.classes.push_back(entry.label);
    const Split split = split_rows(static_cast<int64_t>(from.size()), options);
    Entries kept;
    for (int64_t i : split.train) kept.push_back(from[static_cast<size_t>(i)]);
    for (int64_t i : split.test) to.push_back(from[static_cast<size_t>(i)]);
    from = std::move(kept);
  };
  divide(folder.train, folder.test, "test", 0);
  divide(folder.train, folder.validation, "validation", 1);

  const PicturePreparation preparation = preparation_for(paths_of(folder.train), settings);
  RecipeData data;
  data.name = path;
  data.class_names = folder.class_names;
  data.task = recipe.task;
  data.task.input = {preparation.height, preparation.width, preparation.channels};
  data.task.classes = static_cast<int64_t>(folder.class_names.size());
  data.task.scaling = Rescaling(1.0 / 255);
  const auto read = [&](const Entries& entries) {
    return read_entries(entries, preparation, data.task.classes, recipe.task.vectors);
  };
  data.train = read(folder.train);
  data.validation = read(folder.validation);
  data.test = read(folder.test);
  data.description = fmt::format(
      "{}: {} pictures for training, {} for validation, {} for testing; {} classes ({}); as {} x "
      "{} x {}",
      path, data.train.rows(), data.validation.rows(), data.test.rows(), data.task.classes,
      fmt::join(data.class_names, ", "), preparation.height, preparation.width, preparation.channels);
  if (const std::string changes = augment(data.train, "", settings); !changes.empty())
    data.description += "; " + changes;
  set_preparation(data.assets, preparation);
  return data;
}

}  // namespace

std::vector<Setting> picture_settings() {
  return {{"size", "auto", "side of the pictures of a folder, in pixels", {8, 1024, true}},
          {"fit", "crop", "pictures of another shape: crop keeps the middle, stretch all"},
          {"validation", "0.15", "share for validation of a folder that is not divided", kShares},
          {"test", "0.2", "share for the final test of a folder that is not divided", kShares},
          {"augment", "auto",
           "changes at random in training: auto (what suits the data), none, sheet (the printed ones), or "
           "keywords such as rotation_range=20,horizontal_flip=true"}};
}

Setting with_changes(const char* value) {
  std::vector<Setting> settings = picture_settings();
  const auto found = std::find_if(settings.begin(), settings.end(),
                                  [](const Setting& setting) { return setting.key == "augment"; });
  found->value = value;
  return *found;
}

RecipeData pictures(const Recipe& recipe, const RunRequest& request, const Settings& settings) {
  const PictureChoice choice = choose_pictures(recipe, request.data);
  if (choice.name.empty()) return picture_folder(recipe, request, settings, choice.folder);
  RecipeData data;
  data.name = choice.name;
  data.folder = choice.folder;
  data.task = recipe.task;
  data.train = picture_data(choice.name, "train", choice.folder, recipe.task.vectors);
  data.validation = picture_data(choice.name, "validation", choice.folder, recipe.task.vectors);
  data.test = picture_data(choice.name, "test", choice.folder, recipe.task.vectors);
  data.task.input = data.train.x[0].shape().from(1);
  for (const DatasetInfo& info : datasets())
    if (info.name == choice.name) data.class_names = info.class_names;
  data.task.classes = static_cast<int64_t>(data.class_names.size());
  data.task.scaling = Rescaling(1.0 / 255);
  const Shape& input = data.task.input;
  set_preparation(data.assets, PicturePreparation{input[0], input[1], input[2]});
  if (const std::string changes = augment(data.train, choice.name, settings); !changes.empty())
    data.description = choice.name + ": pictures " + changes;
  return data;
}

Data folder_data(const Model& model, const std::string& folder, bool vectors) {
  const auto preparation = preparation_of<PicturePreparation>(model);
  if (!preparation)
    throw Error(folder +
                ": expected a model that was trained on pictures, got one that does not say how "
                "they become its input; give arrays (.npz)");
  PictureFolder found = read_picture_folder(folder);
  Entries& entries = !found.test.empty()         ? found.test
                     : !found.validation.empty() ? found.validation
                                                 : found.train;
  // By name: the folder may lack classes, or have them in another order.
  const std::vector<std::string> known = class_names_of(model);
  for (auto& entry : entries) {
    entry.label = number_of_class(found.class_names[static_cast<size_t>(entry.label)], known, folder);
  }
  return read_entries(entries, *preparation, static_cast<int64_t>(known.size()), vectors);
}

std::vector<Baseline> picture_baselines(const Recipe& recipe, const RecipeData& data, const Settings&,
                                        const FitOptions& options) {
  const bool own = data.folder.empty() && folder_exists(data.name);
  if (!own && recipe.name != "pictures") return {};
  Sequential linear({Input(data.task.input), data.task.scaling, Flatten(),
                     Dense(data.task.classes, {.activation = "softmax"})});
  compile_for(linear, data.task, "adam");
  Data plain = data.train;
  plain.augmentation = nullptr;
  linear.fit(plain, comparison_fit(options, 10));
  return {most_frequent_class(data), {"a linear model", linear.evaluate(data.test, 256)}};
}

Data picture_data(const std::string& name, const std::string& split, const std::string& folder, bool vectors,
                  double scale) {
  Dataset set = load(name, split, folder);
  Data data(set.x, set.y);
  data.scale = scale;
  if (vectors) {
    const auto classes = static_cast<int64_t>(set.class_names.size());
    Tensor targets({set.y.count(), classes});
    for (int64_t i = 0; i < set.y.count(); ++i)
      targets.data<float>()[i * classes + set.y.data<int32_t>()[i]] = 1;
    data.y = {targets};
  }
  return data;
}

}  // namespace folio
