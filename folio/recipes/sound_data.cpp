#include "folio/recipes/sound_data.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <filesystem>
#include <map>

#include "folio/base/error.h"
#include "folio/base/file.h"
#include "folio/base/tell.h"
#include "folio/base/threads.h"
#include "folio/compiler/compile.h"
#include "folio/data/class_folder.h"
#include "folio/data/split.h"
#include "folio/layers/preprocessing/normalization.h"
#include "folio/recipes/raw_data.h"
#include "folio/recipes/run.h"
#include "folio/sound/fsdd.h"
#include "folio/sound/sound_augmentation.h"
#include "folio/sound/sound_file.h"
#include "folio/sound/sound_preparation.h"

namespace folio {
namespace {

// A recording with what is known of it.
struct Recording {
  SoundSource source;
  int label = 0;
  std::string group;  // who or what it is of; "": nobody knows
};

struct Recordings {
  std::string name, folder = {};  // as settings.json keeps them
  std::vector<std::string> class_names = {};
  std::vector<Recording> train = {}, validation = {}, test = {};
};

// Of a path below its class's folder: the folder within that, or a part of the file's name between _.
std::string group_of(const std::string& path, const std::string& class_name, const std::string& rule) {
  namespace fs = std::filesystem;
  if (rule.empty()) return "";
  if (rule == "folder") {
    const std::string folder = fs::path(path).parent_path().filename();
    if (folder == class_name)
      throw Error(fmt::format(
          "{}: expected a folder within the class's, for --set group=folder; move it into one", path));
    return folder;
  }
  size_t wanted = 0;
  const auto [next, error] = std::from_chars(rule.data(), rule.data() + rule.size(), wanted);
  if (error != std::errc() || next != rule.data() + rule.size() || wanted < 1)
    throw UsageError(fmt::format(
        "--set group: expected folder, or which part of a file's name, 1 or more, got \"{}\"", rule));
  const std::string name = fs::path(path).stem();
  size_t begin = 0;
  for (size_t part = 1; part < wanted && begin != std::string::npos; ++part) {
    begin = name.find('_', begin);
    if (begin != std::string::npos) ++begin;
  }
  if (begin == std::string::npos)
    throw Error(fmt::format("{}: expected a name of at least {} parts between _, for --set group={}", path,
                            wanted, rule));
  return name.substr(begin, name.find('_', begin) - begin);
}

Recordings of_folder(const std::string& path, const std::string& group) {
  const ClassFolder folder = read_class_folder(path, kSoundFiles);
  for (const std::string& empty : folder.empty)
    warn(empty + ": a folder without sounds makes no class; it is left out");
  Recordings result{.name = path, .class_names = folder.class_names};
  const auto add = [&](const std::vector<ClassFolder::Entry>& from, std::vector<Recording>& to) {
    for (const auto& [file, label] : from)
      to.push_back({{file}, label, group_of(file, folder.class_names[static_cast<size_t>(label)], group)});
  };
  add(folder.train, result.train);
  add(folder.validation, result.validation);
  add(folder.test, result.test);
  return result;
}

// The published test, or with --set group whole voices.
Recordings of_fsdd(const std::string& given, const std::string& group) {
  Recordings result{.name = "fsdd", .folder = given};
  for (int digit = 0; digit < 10; ++digit) result.class_names.push_back(std::to_string(digit));
  for (SpokenDigit& digit : load_fsdd(find_fsdd(given))) {
    auto& part = group.empty() && digit.is_test() ? result.test : result.train;
    part.push_back({std::move(digit.source), digit.digit, std::move(digit.speaker)});
  }
  return result;
}

std::vector<int64_t> numbered(const std::vector<Recording>& recordings, bool groups) {
  std::map<std::string, int64_t> numbers;
  std::vector<int64_t> result;
  for (const Recording& one : recordings)
    result.push_back(groups ? numbers.emplace(one.group, static_cast<int64_t>(numbers.size())).first->second
                            : one.label);
  return result;
}

// What is not divided already: a share of the recordings, of each class or of whole groups.
void divide(std::vector<Recording>& from, std::vector<Recording>& to, double share, bool by_groups,
            uint64_t seed) {
  if (!to.empty()) return;
  SplitOptions options{.test = share, .seed = seed};
  (by_groups ? options.groups : options.classes) = numbered(from, by_groups);
  const Split split = split_rows(static_cast<int64_t>(from.size()), options);
  std::vector<Recording> kept;
  for (const int64_t i : split.train) kept.push_back(std::move(from[static_cast<size_t>(i)]));
  for (const int64_t i : split.test) to.push_back(std::move(from[static_cast<size_t>(i)]));
  from = std::move(kept);
}

// The rate of most sounds, and a length that nearly all have room in.
SoundPreparation preparation_for(const std::vector<Recording>& recordings, const Settings& settings) {
  constexpr int64_t kUsualRate = 16'000;  // speech and most else is told by what it holds
  constexpr double kWhole = 0.98, kLongest = 10, kShortest = 0.1;
  SoundPreparation result;
  std::map<int64_t, int64_t> rates;
  std::vector<double> lengths;
  for (const Recording& one : recordings) {
    try {
      const SoundInfo info = one.source.bytes.empty() ? sound_info(one.source.path)
                                                      : sound_info(one.source.bytes, one.source.path);
      ++rates[info.rate];
      lengths.push_back(info.seconds);
    } catch (const Error&) {
      continue;  // said when it is read
    }
  }
  const auto most = std::max_element(rates.begin(), rates.end(),
                                     [](const auto& a, const auto& b) { return a.second < b.second; });
  result.rate = settings.text("rate") != "auto" ? static_cast<int64_t>(settings.number("rate"))
                : rates.empty()                 ? kUsualRate
                                                : std::min(most->first, kUsualRate);
  std::sort(lengths.begin(), lengths.end());
  if (settings.text("seconds") != "auto")
    result.seconds = settings.number("seconds");
  else if (!lengths.empty())
    result.seconds = std::clamp(
        std::ceil(100 * lengths[static_cast<size_t>(kWhole * static_cast<double>(lengths.size() - 1))]) / 100,
        kShortest, kLongest);
  result.features = settings.choice("features", {"mel", "mfcc"});
  result.bands = static_cast<int64_t>(settings.number("bands"));
  result.coefficients = static_cast<int64_t>(settings.number("coefficients"));
  if (result.features == "mel") result.coefficients = std::min(result.coefficients, result.bands);
  return SoundPreparation::from_json(result.to_json(), "--set");
}

Tensor labels_of(const std::vector<Recording>& recordings, const std::vector<size_t>& kept) {
  Tensor labels({static_cast<int64_t>(kept.size())}, DType::int32);
  for (size_t i = 0; i < kept.size(); ++i) labels.data<int32_t>()[i] = recordings[kept[i]].label;
  return labels;
}

PreparedSounds prepared(const std::vector<Recording>& recordings, const SoundPreparation& preparation) {
  constexpr size_t kNamed = 5;
  std::vector<SoundSource> sources;
  for (const Recording& one : recordings) sources.push_back(one.source);
  PreparedSounds sounds = prepare_sounds(sources, preparation);
  for (size_t i = 0; i < std::min(kNamed, sounds.said.size()); ++i) warn(sounds.said[i] + "; it is left out");
  if (sounds.said.size() > kNamed)
    warn(fmt::format("{} more sounds cannot be read and are left out", sounds.said.size() - kNamed));
  return sounds;
}

// Rows as they are trained on in the first pass.
Tensor changed(const Data& data) {
  Tensor result(data.x[0].shape());
  const int64_t rows = data.rows(), size = result.count() / rows;
  const int shares = static_cast<int>(std::min<int64_t>(default_threads(), rows));
  in_parallel(shares, [&](int share) {
    for (int64_t r = share; r < rows; r += shares)
      data.augmentation->apply(data.x[0].data<float>() + r * size, DType::float32, data.x[0].shape().from(1),
                               0, r, result.data<float>() + r * size);
  });
  return result;
}

}  // namespace

Layer scaling_for(const std::vector<Tensor>& parts) {
  constexpr double kLeast = 0.01;  // of the mean variance
  const int64_t width = parts[0].shape()[-1];
  std::vector<double> sums(static_cast<size_t>(width)), squares(sums);
  double rows = 0;
  for (const Tensor& part : parts) {
    rows += static_cast<double>(part.count() / width);
    for (int64_t i = 0; i < part.count(); ++i) {
      const double value = part.data<float>()[i];
      sums[static_cast<size_t>(i % width)] += value;
      squares[static_cast<size_t>(i % width)] += value * value;
    }
  }
  Tensor mean({width}), variance({width});
  double all = 0;
  for (int64_t c = 0; c < width; ++c) {
    mean.set(c, sums[static_cast<size_t>(c)] / rows);
    variance.set(c, std::max(squares[static_cast<size_t>(c)] / rows - mean.at(c) * mean.at(c), 0.0));
    all += variance.at(c) / static_cast<double>(width);
  }
  for (int64_t c = 0; c < width; ++c) variance.set(c, all > 0 ? std::max(variance.at(c), kLeast * all) : 1);
  return Normalization({.mean = mean, .variance = variance});
}

RecipeData sound_rows(const Recipe&, const RunRequest& request, const Settings& settings) {
  const std::string& group = settings.text("group");
  const bool known = request.data.empty() || request.data == "fsdd" || is_fsdd(request.data);
  if (!known && !folder_exists(request.data))
    throw UsageError(fmt::format(
        "--data: expected fsdd, or a folder with a sub-folder of sounds for each class, got \"{}\"",
        request.data));
  Recordings recordings =
      known ? of_fsdd(request.data == "fsdd" ? "" : request.data, group) : of_folder(request.data, group);
  const bool by_groups = !group.empty();
  divide(recordings.train, recordings.test, settings.number("test"), by_groups, *request.training.seed);
  divide(recordings.train, recordings.validation, settings.number("validation"), by_groups,
         *request.training.seed + 1);

  const SoundPreparation preparation = preparation_for(recordings.train, settings);
  RecipeData data;
  data.name = recordings.name;
  data.folder = recordings.folder;
  data.class_names = recordings.class_names;
  data.task.input = {preparation.frames(), preparation.width()};
  data.task.classes = static_cast<int64_t>(data.class_names.size());
  const PreparedSounds train = prepared(recordings.train, preparation);
  data.train = Data(train.x, labels_of(recordings.train, train.kept));
  if (known && !by_groups)
    for (const size_t i : train.kept) data.groups.push_back(recordings.train[i].group);
  const PreparedSounds validation = prepared(recordings.validation, preparation);
  data.validation = Data(validation.x, labels_of(recordings.validation, validation.kept));
  const PreparedSounds test = prepared(recordings.test, preparation);
  data.test = Data(test.x, labels_of(recordings.test, test.kept));
  for (const size_t i : test.kept) data.test_texts.push_back(recordings.test[i].source.path);
  const SoundChanges changes{settings.number("shift"), settings.number("noise"), settings.number("speed"),
                             *request.training.seed};
  if (changes.does_something())
    data.train.augmentation = std::make_shared<const SoundAugmentation>(preparation, train.samples, changes);
  std::vector<Tensor> seen = {data.train.x[0]};
  if (data.train.augmentation) seen.push_back(changed(data.train));
  data.task.scaling = scaling_for(seen);
  set_preparation(data.assets, preparation);
  const std::string divided =
      by_groups ? fmt::format("no group (--set group={}) stands in two parts", group)
      : known   ? "the published test, of voices that are trained on"
                : "where a voice or a place comes again and again, give --set group, or the test is "
                  "too kind";
  data.description = fmt::format(
      "{}: {} sounds for training, {} for validation, {} for testing; {} classes ({}); the first {} s at {} "
      "a second, as {} "
      "frames of {} features; {} of those for training are longer; {}",
      data.name, data.train.rows(), data.validation.rows(), data.test.rows(), data.task.classes,
      fmt::join(data.class_names, ", "), preparation.seconds, preparation.rate, preparation.frames(),
      preparation.width(), train.cut.size(), divided);
  return data;
}

bool is_sound_data(const std::string& folder) {
  return is_class_folder(folder, kSoundFiles) || is_fsdd(folder);
}

Data sound_data(const Model& model, const std::string& folder) {
  const auto preparation = preparation_of<SoundPreparation>(model);
  if (!preparation)
    throw Error(
        folder +
        ": expected a model that was trained on sounds, got one that does not say how they become its "
        "input; give arrays (.npz)");
  Recordings found = is_fsdd(folder) ? of_fsdd(folder, "") : of_folder(folder, "");
  std::vector<Recording>& recordings = !found.test.empty()         ? found.test
                                       : !found.validation.empty() ? found.validation
                                                                   : found.train;
  // By name: the folder may lack classes, or have them in another order.
  const std::vector<std::string> known = class_names_of(model);
  for (Recording& one : recordings) {
    one.label = number_of_class(found.class_names[static_cast<size_t>(one.label)], known, folder);
  }
  const PreparedSounds sounds = prepared(recordings, *preparation);
  return {sounds.x, labels_of(recordings, sounds.kept)};
}

}  // namespace folio
