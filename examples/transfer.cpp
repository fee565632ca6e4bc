// F10: ants and bees from few photographs, by a network that has learnt from a million others. What its
// frozen part makes of every photograph is computed once; then a new head learns on it, and last the end of
// the network with it, at a lower rate. Beside it a network that knows nothing before. Needs the photographs
// `hymenoptera` and `pretrained/efficientnet_lite0.keras` in $FOLIO_DATA; without them it says so and does
// nothing.
#include <folio/base/file.h>
#include <folio/folio.h>
#include <folio/pictures/picture_folder.h>
#include <folio/pictures/picture_preparation.h>
#include <folio/report/plot.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>

using namespace folio;

namespace {

constexpr const char* kFrozenEnd = "block6d_add";  // everything up to here stays as it is
constexpr const char* kFeatures = "avg_pool";

Data photographs(const std::vector<PictureFolder::Entry>& entries, int64_t side) {
  std::vector<std::string> paths;
  for (const auto& entry : entries) paths.push_back(entry.path);
  const PreparedPictures read = prepare_pictures(paths, {.height = side, .width = side});
  Tensor labels({static_cast<int64_t>(read.kept.size())}, DType::int32);
  for (size_t i = 0; i < read.kept.size(); ++i)
    labels.set(static_cast<int64_t>(i), entries[read.kept[i]].label);
  return {read.x, labels};
}

// So many of each class, another choice for each draw.
Data some_of_each(const Data& all, int64_t count, int draw) {
  std::vector<int64_t> rows, taken(2);
  for (const int64_t row : shuffled_order(all.rows(), 1, draw))
    if (taken[static_cast<size_t>(all.y[0].at(row))]++ < count) rows.push_back(row);
  return take_rows(all, rows);
}

void compile_with(const Model& model, double rate) {
  model.compile(
      {.optimizer = Adam(rate), .loss = "sparse_categorical_crossentropy", .metrics = {"accuracy"}});
}

double accuracy(const Model& model, const Data& data) { return *find_log(model.evaluate(data), "accuracy"); }

struct Accuracies {
  double frozen = 0, tuned = 0;
};

// `train` and `test`: maps where the frozen part ends.
Accuracies learn(const std::string& base_file, const Data& train, const Data& test) {
  const Model base = Model::load(base_file);
  const Model tail(base.get_layer(kFrozenEnd).output(), base.get_layer(kFeatures).output());
  tail.set_trainable(false);
  const Layer head = Dense(2, {.activation = "softmax"});
  const Value features = Input({1280}), maps = Input(train.x[0].shape().from(1));
  const Model classifier(features, head(features)), whole(maps, head(tail(maps)));

  Accuracies result;
  compile_with(classifier, 0.001);
  classifier.fit({tail.predict(train.x[0]), train.y[0]}, {.batch_size = 16, .epochs = 40, .verbose = 0});
  result.frozen = accuracy(classifier, {tail.predict(test.x[0]), test.y[0]});

  tail.set_trainable(true);
  for (const Layer& layer : tail.layers())  // its averages are of a million pictures
    if (layer.class_name() == "BatchNormalization") layer.set_trainable(false);
  compile_with(whole, 0.00001);
  whole.fit(train, {.batch_size = 16, .epochs = 3, .verbose = 0});
  result.tuned = accuracy(whole, test);
  return result;
}

// From nothing: three convolutions on small photographs.
double from_scratch(const Data& train, const Data& test) {
  const Sequential model({Input({64, 64, 3}), Rescaling(1.0 / 255), Conv2D(16, 3, {.activation = "relu"}),
                          MaxPooling2D(2), Conv2D(32, 3, {.activation = "relu"}), MaxPooling2D(2),
                          Conv2D(32, 3, {.activation = "relu"}), GlobalAveragePooling2D(),
                          Dense(2, {.activation = "softmax"})});
  compile_with(model, 0.002);
  model.fit(train, {.batch_size = 16, .epochs = 20, .verbose = 0});
  return accuracy(model, test);
}

}  // namespace

int main() {
  const char* root = std::getenv("FOLIO_DATA");
  const std::string folder = std::string(root ? root : "") + "/hymenoptera";
  const std::string file = std::string(root ? root : "") + "/pretrained/efficientnet_lite0.keras";
  if (!root || !folder_exists(folder) || !file_exists(file)) {
    std::printf("skipped: needs hymenoptera/ and pretrained/efficientnet_lite0.keras in $FOLIO_DATA\n");
    return 0;
  }
  set_random_seed(1);
  const PictureFolder found = read_picture_folder(folder);
  const Data large_train = photographs(found.train, 224), large_test = photographs(found.validation, 224);
  const Data small_train = photographs(found.train, 64), small_test = photographs(found.validation, 64);

  const Model base = Model::load(file);
  const Value raw = Input({224, 224, 3});
  const Model front(base.inputs()[0], base.get_layer(kFrozenEnd).output());
  const Model frozen(raw, front(Rescaling(1 / 128.0, -127 / 128.0)(raw)));  // as it was trained
  const Data train(frozen.predict(large_train.x[0], 8), large_train.y[0]),
      test(frozen.predict(large_test.x[0], 8), large_test.y[0]);

  double majority = 0;
  for (int64_t i = 0; i < test.y[0].count(); ++i)
    majority += test.y[0].at(i) / static_cast<double>(test.rows());
  std::printf("accuracy on %d photographs; the most frequent class %.1f %%\n", static_cast<int>(test.rows()),
              100 * std::max(majority, 1 - majority));
  std::vector<std::string> counts;
  std::vector<double> scratch, heads, tuned;
  for (const int64_t count : {10, 20, 50, 1000}) {
    const int draws = count > 100 ? 1 : 3;
    double nothing = 0;
    Accuracies mean;
    for (int draw = 0; draw < draws; ++draw) {
      const Accuracies one = learn(file, some_of_each(train, count, draw), test);
      mean.frozen += one.frozen / draws, mean.tuned += one.tuned / draws;
      nothing += from_scratch(some_of_each(small_train, count, draw), small_test) / draws;
    }
    counts.push_back(count > 100 ? "all" : std::to_string(count));
    scratch.push_back(nothing), heads.push_back(mean.frozen), tuned.push_back(mean.tuned);
    std::printf(
        "%4s of each class: from scratch %.1f %%, frozen with a new head %.1f %%, fine-tuned %.1f %%\n",
        counts.back().c_str(), 100 * nothing, 100 * mean.frozen, 100 * mean.tuned);
  }
  Plot plot("Ants and bees, by photographs of each class");
  plot.bars("from scratch", counts, scratch).bars("frozen", counts, heads).bars("fine-tuned", counts, tuned);
  write_file_atomically("transfer.svg", plot.y_axis({.label = "accuracy"}).svg());
  // Few photographs are enough, and the network that knows nothing is far behind.
  return heads[2] > 0.93 && heads[3] > 0.93 && tuned[3] > 0.92 && heads[0] > scratch[3] ? 0 : 1;
}
