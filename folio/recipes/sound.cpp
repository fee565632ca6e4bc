#include "folio/recipes/sound.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <numbers>
#include <set>

#include "folio/base/error.h"
#include "folio/base/file.h"
#include "folio/base/tell.h"
#include "folio/base/threads.h"
#include "folio/compiler/compile.h"
#include "folio/data/class_folder.h"
#include "folio/data/split.h"
#include "folio/layers/all.h"
#include "folio/models/trainer.h"
#include "folio/pictures/contact_sheet.h"
#include "folio/pictures/picture_file.h"
#include "folio/recipes/baselines.h"
#include "folio/recipes/raw_data.h"
#include "folio/recipes/run.h"
#include "folio/report/png.h"
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
  for (const Recording& one : recordings) try {
      const SoundInfo info = one.source.bytes.empty() ? sound_info(one.source.path)
                                                      : sound_info(one.source.bytes, one.source.path);
      ++rates[info.rate];
      lengths.push_back(info.seconds);
    } catch (const Error&) {
      continue;  // said when it is read
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

// Each feature's mean and deviation over time.
Tensor statistics(const Tensor& x) {
  const int64_t rows = x.shape()[0], frames = x.shape()[1], width = x.shape()[2];
  Tensor result({rows, 2 * width});
  for (int64_t r = 0; r < rows; ++r)
    for (int64_t c = 0; c < width; ++c) {
      double sum = 0, squares = 0;
      for (int64_t t = 0; t < frames; ++t) {
        const double value = x.data<float>()[(r * frames + t) * width + c];
        sum += value, squares += value * value;
      }
      const double n = static_cast<double>(frames), mean = sum / n;
      result.set(r * 2 * width + c, mean);
      result.set(r * 2 * width + width + c, std::sqrt(std::max(squares / n - mean * mean, 0.0)));
    }
  return result;
}

// Brings each feature to a mean of 0 and a deviation of 1. What hardly differs among these rows, such as
// silence, may do so in others, and stays small.
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

Baseline linear_model(const Recipe& recipe, const RecipeData& data, const FitOptions& options) {
  const auto as_statistics = [](const Data& part) { return Data(statistics(part.x[0]), part.y[0]); };
  const Data train = as_statistics(data.train);
  const Sequential model({Input(train.x[0].shape().from(1)), scaling_for({train.x[0]}),
                          Dense(data.task.classes, {.activation = "softmax"})});
  compile_for(model, data.task, "adam");
  model.optimizer()->set_learning_rate(0.003);
  FitOptions fit = comparison_fit(options, 60);
  fit.validation_data = as_statistics(data.validation);
  add_early_stopping(fit, recipe.training);
  model.fit(train, fit);
  return {"a linear model of features' means and deviations", model.evaluate(as_statistics(data.test), 256)};
}

// The same network, trained without one group, on the sounds of that group.
Baseline unheard(const Recipe& recipe, const RecipeData& data, const Settings& settings,
                 const FitOptions& options, const std::string& group) {
  std::vector<int64_t> others, own;
  for (size_t i = 0; i < data.groups.size(); ++i)
    (data.groups[i] == group ? own : others).push_back(static_cast<int64_t>(i));
  Data all = data.train;
  const auto changes = std::dynamic_pointer_cast<const SoundAugmentation>(all.augmentation);
  all.augmentation = nullptr;
  Data train = take_rows(all, others);
  if (changes) train.augmentation = changes->of(others);
  const Model model = recipe.build(data.task, settings);
  compile_for(model, data.task, "adam");
  const double rate = *recipe.training.learning_rate;
  FitOptions fit = comparison_fit(options, options.epochs);
  fit.validation_data = {};
  const int epochs = fit.epochs;
  fit.callbacks.push_back(LearningRateScheduler([rate, epochs](int epoch, double) {
    return rate * (0.01 + 0.99 * 0.5 * (1 + std::cos(std::numbers::pi * epoch / epochs)));
  }));
  model.fit(train, fit);
  return {fmt::format("the same network on {}, unheard in training", group),
          model.evaluate(take_rows(all, own), 256)};
}

}  // namespace

std::vector<Setting> sound_settings() {
  constexpr Range kUnits = {1, 1'000'000, true},
                  kParts = {.least = 0, .most = 1, .above = true, .below = true};
  return {
      {"network", "conv", "conv, or recurrent: gru or lstm, both ways"},
      {"units", "16",
       "filters of the first convolution, doubled twice; or units of a recurrent layer each way", kUnits},
      {"dropout", "0.3", "before the last layer", kShares},
      {"features", "mel",
       "mel: logarithms of energies in bands; mfcc: their cosine transform's first coefficients"},
      {"bands", "40", "of frequencies, evenly spaced as they are heard", {4, 1024, true}},
      {"coefficients", "20", "of mfcc", {1, 1024, true}},
      {"rate",
       "auto",
       "samples a second that sounds are brought to, or auto: that of most, 16000 at most",
       {static_cast<double>(kLeastRate), static_cast<double>(kMostRate), true}},
      {"seconds",
       "auto",
       "of a sound that are heard, the first, or auto: all of nearly all of them",
       {0.01, 3600}},
      {"shift", "0.1", "change in training: seconds earlier or later, at most", {0, 3600}},
      {"noise", "0.1", "change in training: how loud white noise gets, as a share of the sound", {0, 1000}},
      {"speed", "0.1", "change in training: how much faster or slower, at most, as a share", {0, 0.89}},
      {"group", "",
       "who or what a sound is of, which then never stands in two parts: folder, the one within the class's, "
       "or a "
       "number: that part of the file's name between _"},
      {"unheard",
       "1",
       "how many voices of fsdd are left out in turn, to tell what becomes of one that was never heard; each "
       "takes a "
       "training",
       {0, 1000, true}},
      {"validation", "0.1", "share by which the best model is chosen, of what is not divided", kParts},
      {"test", "0.2", "share for the final test, of what is not divided", kParts}};
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

Model sound_network(const RecipeTask& task, const Settings& settings) {
  const std::string& network = settings.choice("network", {"conv", "gru", "lstm"});
  const auto units = static_cast<int64_t>(settings.number("units"));
  const double dropout = settings.number("dropout");
  Sequential model({Input(task.input)}, "sound");
  if (task.scaling.defined()) model.add(task.scaling);
  if (network == "conv") {
    // Features of sounds as pictures: time down, frequency to the right.
    model.add(Reshape({task.input[0], task.input[1], 1}));
    for (const int64_t filters : {units, 2 * units, 4 * units}) {
      model.add(Conv2D(filters, 3, {.padding = "same", .use_bias = false}));
      model.add(BatchNormalization({.momentum = 0.9}));
      model.add(Activation("relu"));
      model.add(MaxPooling2D(2, {.padding = "same"}));
    }
    model.add(Conv2D(4 * units, 3, {.padding = "same", .use_bias = false}));
    model.add(BatchNormalization({.momentum = 0.9}));
    model.add(Activation("relu"));
    model.add(GlobalAveragePooling2D());
  } else {
    const auto recurrent = [&](bool sequences) -> Layer {
      if (network == "gru") return GRU(units, {.return_sequences = sequences});
      return LSTM(units, {.return_sequences = sequences});
    };
    model.add(Bidirectional(recurrent(true)));
    if (dropout > 0) model.add(Dropout(dropout));
    model.add(Bidirectional(recurrent(true)));
    model.add(GlobalMaxPooling1D());
  }
  if (dropout > 0) model.add(Dropout(dropout));
  model.add(Dense(task.classes, {.activation = "softmax"}));
  return model;
}

std::vector<Baseline> sound_baselines(const Recipe& recipe, const RecipeData& data, const Settings& settings,
                                      const FitOptions& options) {
  std::vector<Baseline> result = {most_frequent_class(data), linear_model(recipe, data, options)};
  const std::set<std::string> groups(data.groups.begin(), data.groups.end());
  auto left = static_cast<int64_t>(groups.size() < 2 ? 0 : settings.number("unheard"));
  for (const std::string& group : groups) {
    if (left-- <= 0 || stop_requested()) break;
    result.push_back(unheard(recipe, data, settings, options, group));
    if (options.verbose > 0 && !stop_requested())
      tell(fmt::format("{}: {:.1f} % right\n", result.back().name,
                       100 * *find_log(result.back().test, "accuracy")));
  }
  return result;
}

Shown show_sound(const Model&, const RecipeData& data, const Settings&, const std::string& folder) {
  constexpr size_t kClasses = 10, kOfEach = 6;
  // Loud is black; time goes to the right and frequency up, as such pictures are drawn.
  const int64_t frames = data.task.input[0], width = data.task.input[1];
  const Tensor& x = data.test.x[0];
  const auto drawn = [&](int64_t row) {
    const float* from = x.data<float>() + row * frames * width;
    const auto [low, high] = std::minmax_element(from, from + frames * width);
    const double range = std::max(static_cast<double>(*high) - *low, 1e-6);
    Tensor picture({width, frames, 1});
    for (int64_t t = 0; t < frames; ++t)
      for (int64_t b = 0; b < width; ++b)
        picture.set((width - 1 - b) * frames + t, 1 - (from[t * width + b] - *low) / range);
    return as_bytes(picture);
  };
  std::vector<std::vector<Tensor>> lines(std::min(kClasses, data.class_names.size()));
  const std::vector<int64_t> labels = ids_of(data.test.y[0]);
  for (size_t row = 0; row < labels.size(); ++row) {
    const auto label = static_cast<size_t>(labels[row]);
    if (label < lines.size() && lines[label].size() < kOfEach)
      lines[label].push_back(drawn(static_cast<int64_t>(row)));
  }
  std::vector<std::string> names;
  for (size_t c = 0; c < lines.size(); ++c)
    if (!lines[c].empty()) names.push_back(data.class_names[c]);
  std::erase_if(lines, [](const auto& line) { return line.empty(); });
  const Tensor sheet = contact_sheet(lines);
  write_png(folder + "/sounds.png", sheet);
  return {
      .pictures = {{"Sounds of the test, as the network hears them",
                    fmt::format("A line for each of {}: time goes to the right, frequency up; dark is loud.",
                                fmt::join(names, ", ")),
                    png_uri(sheet)}}};
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
    const std::string& name = found.class_names[static_cast<size_t>(one.label)];
    const auto place = std::find(known.begin(), known.end(), name);
    if (place == known.end())
      throw Error(fmt::format("{}: expected the model's classes ({}), got \"{}\"", folder,
                              fmt::join(known, ", "), name));
    one.label = static_cast<int>(place - known.begin());
  }
  const PreparedSounds sounds = prepared(recordings, *preparation);
  return {sounds.x, labels_of(recordings, sounds.kept)};
}

}  // namespace folio
