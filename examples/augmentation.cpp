// F9: data augmentation. Pictures turned, moved, zoomed and flipped at random, another way in every epoch: a
// net that has few of them overfits less.
#include "data_for_examples.h"

using namespace folio;

namespace {

// The right ones among pictures that were not trained on.
double accuracy(const Data& train, const Data& test, double& gap) {
  set_random_seed(1);
  const Model model =
      Sequential({Input({28, 28, 1}), Rescaling(1.0 / 255), Conv2D(16, 3, {.activation = "relu"}),
                  MaxPooling2D(2), Conv2D(32, 3, {.activation = "relu"}), MaxPooling2D(2), Flatten(),
                  Dense(64, {.activation = "relu"}), Dense(10, {.activation = "softmax"})});
  model.compile(
      {.optimizer = Adam(0.001), .loss = "sparse_categorical_crossentropy", .metrics = {"accuracy"}});
  const History history =
      model.fit(train, {.batch_size = 50, .epochs = 60, .verbose = 0, .validation_data = test});
  gap = history["accuracy"].back() - history["val_accuracy"].back();
  return history["val_accuracy"].back();
}

// A picture in which every pixel differs, turned by a quarter: what was right is then at the bottom.
bool turns_by_a_quarter() {
  const Tensor picture = Tensor::of<float>({2, 2, 1}, {1, 2, 3, 4});
  const Tensor turned = ImageAugmenter().apply_transform(picture, {.theta = 90});
  double difference = 0;
  for (int64_t i = 0; i < 4; ++i)
    difference += std::abs(turned.at(i) - std::vector<double>{2, 4, 1, 3}[static_cast<size_t>(i)]);
  std::printf("1 2 | 3 4 turned by 90 degrees: %.0f %.0f | %.0f %.0f\n", turned.at(0), turned.at(1),
              turned.at(2), turned.at(3));
  return difference < 1e-4;
}

Data first(const char* split, int64_t rows) {
  const Dataset all = load("fashion-mnist", split);
  return {all.x.rows(0, rows), all.y.rows(0, rows)};
}

}  // namespace

int main() {
  const bool good = turns_by_a_quarter();
  // The sheet's generator, its shear in degrees that can be seen.
  const ImageAugmenter sheet({.rotation_range = 20,
                              .width_shift_range = 0.2,
                              .height_shift_range = 0.2,
                              .shear_range = 20,
                              .zoom_range = 0.2,
                              .fill_mode = "nearest",
                              .horizontal_flip = true});
  Data train, test;
  try {
    train = first("train", 1000);
    test = first("test", 1000);
  } catch (const Error& error) {
    std::printf("skipped: no Fashion-MNIST here (%s)\n", error.what());
    return good ? 0 : 1;
  }
  std::vector<std::vector<Tensor>> rows;
  for (const int64_t number : {0, 1, 3, 8, 23}) {
    const Tensor picture = train.x[0].rows(number, number + 1).reshaped({28, 28, 1});
    rows.push_back({picture});
    for (int64_t pass = 0; pass < 7; ++pass)
      rows.back().push_back(sheet.random_transform(picture, pass, number));
  }
  write_png("augmentation.png", contact_sheet(rows));

  const ImageAugmenter mild(
      {.rotation_range = 5, .zoom_range = 0.1, .fill_mode = "constant", .crop_padding = 1});
  double gap_without = 0, gap_with = 0;
  const double without = accuracy(train, test, gap_without),
               with = accuracy(mild.flow(train), test, gap_with);
  std::printf("of other clothes right: %.1f %% without augmentation, %.1f %% with it\n", 100 * without,
              100 * with);
  std::printf("better on what was trained on by %.1f points without, %.1f with\n", 100 * gap_without,
              100 * gap_with);
  return good && gap_with < gap_without / 2 && with > without - 0.01 ? 0 : 1;
}
