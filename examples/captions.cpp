// G5: what pictures show, in words. Small pictures of two things, one above the other or beside it, with
// captions such as "a red square above a blue dot"; some pairs are kept for the test. A small network of
// convolutions makes a map of each picture, and a recurrent decoder that looks at the map's places says the
// words; both learn together, from the captions alone. captions.png shows where it looked.
#include <folio/data/text/caption_preparation.h>
#include <folio/folio.h>
#include <folio/models/caption_decoder.h>
#include <folio/models/decoding/cached_decoder.h>
#include <folio/pictures/contact_sheet.h>
#include <folio/pictures/picture_file.h>
#include <folio/pictures/resize.h>
#include <folio/recipes/translation.h>

#include <cmath>
#include <cstdio>

using namespace folio;

namespace {

constexpr int64_t kSide = 24, kPlaces = 6;  // of pictures, and of their maps
const std::vector<std::string> kColours = {"red", "green", "blue"}, kShapes = {"square", "dot", "ring"};

struct Thing {
  size_t colour, shape;
};

std::string words_of(const Thing& thing) {
  return "a " + kColours[thing.colour] + " " + kShapes[thing.shape];
}

struct Scene {
  Thing first, second;
  bool above;  // or on the left
  std::string caption() const {
    return words_of(first) + (above ? " above " : " left of ") + words_of(second);
  }
};

// All pairs of different things; a fifth of them is kept for the test.
std::vector<Scene> scenes(bool test) {
  std::vector<Scene> chosen;
  int number = 0;
  for (size_t a = 0; a < 9; ++a)
    for (size_t b = 0; b < 9; ++b)
      for (const bool above : {true, false})
        if (a != b && (number++ % 5 == 4) == test) chosen.push_back({{a / 3, a % 3}, {b / 3, b % 3}, above});
  return chosen;
}

void draw(Tensor& picture, const Thing& thing, double y, double x) {
  constexpr double kRadius = 4.5;
  for (int64_t row = 0; row < kSide; ++row)
    for (int64_t column = 0; column < kSide; ++column) {
      const double dy = std::abs(static_cast<double>(row) - y),
                   dx = std::abs(static_cast<double>(column) - x);
      const double round = std::sqrt(dy * dy + dx * dx);
      const bool inside = thing.shape == 0   ? std::max(dy, dx) <= kRadius - 0.5
                          : thing.shape == 1 ? round <= kRadius
                                             : round <= kRadius && round >= kRadius - 2;
      if (inside) picture.set({row, column, static_cast<int64_t>(thing.colour)}, 0.9);
    }
}

// The scene with its things moved a little.
Tensor picture_of(const Scene& scene, const RandomStream& stream, uint32_t number) {
  Tensor picture = Tensor::filled({kSide, kSide, 3}, 0.1);
  const auto off = [&](uint32_t which) { return 3 * stream.uniform(number, which) - 1.5; };
  const double low = 6, high = kSide - 7.0, middle = (low + high) / 2;
  draw(picture, scene.first, (scene.above ? low : middle) + off(0), (scene.above ? middle : low) + off(1));
  draw(picture, scene.second, (scene.above ? high : middle) + off(2), (scene.above ? middle : high) + off(3));
  return picture;
}

struct Set {
  Tensor pictures;
  std::vector<std::string> captions;
};

Set drawn(const std::vector<Scene>& all, int times, uint64_t seed) {
  const RandomStream stream{seed, 0, 0};
  Set set{Tensor({static_cast<int64_t>(all.size()) * times, kSide, kSide, 3}), {}};
  for (int again = 0; again < times; ++again)
    for (const Scene& scene : all) {
      const auto row = static_cast<int64_t>(set.captions.size());
      set.pictures.rows(row, row + 1)
          .assign(picture_of(scene, stream, static_cast<uint32_t>(row)).reshaped({1, kSide, kSide, 3}));
      set.captions.push_back(scene.caption());
    }
  return set;
}

// The likeliest caption of one picture's places, word by word.
std::string said_of(CachedDecoder& decoder, const Tensor& places, const CaptionPreparation& preparation) {
  decoder.begin({places});
  const auto found =
      beam_search(decoder, Pieces::kBegin,
                  {.beam = 1, .longest = preparation.steps(), .end = Pieces::kEnd, .never = {0, 1, 2}});
  return preparation.pieces().text(found[0].tokens);
}

// The picture, and the same lit where the decoder looked for each word that it said.
std::vector<Tensor> looked(const Model& weights, const Tensor& picture, const Tensor& places,
                           const CaptionPreparation& preparation, const std::string& said) {
  const Tensor all = weights.predict({places, preparation.given({said})}, 1)[0];
  std::vector<Tensor> line = {as_bytes(picture)};
  for (int64_t word = 0; word < preparation.steps() - 1; ++word) {
    Tensor light({kPlaces, kPlaces, 1});
    for (int64_t i = 0; i < light.count(); ++i) light.set(i, all.at(0, word, i));
    const Tensor large = resize(light, kSide, kSide);
    double most = 1e-9;
    for (int64_t i = 0; i < large.count(); ++i) most = std::max(most, large.at(i));
    Tensor lit(picture.shape());
    for (int64_t i = 0; i < lit.count(); ++i)
      lit.set(i, picture.at(i) * (0.35 + 0.65 * large.at(i / 3) / most));
    line.push_back(as_bytes(lit));
  }
  return line;
}

}  // namespace

int main() {
  set_random_seed(1);
  const Set train = drawn(scenes(false), 12, 1), test = drawn(scenes(true), 2, 2);
  const auto preparation = CaptionPreparation::fit(train.captions, {.pieces = {.unit = "word", .least = 1}});

  const Value picture = Input({kSide, kSide, 3}),
              words = Input({preparation.steps()}, {.dtype = DType::int32});
  Value map = Conv2D(16, 3, {.padding = "same", .activation = "relu"})(picture);
  map = MaxPooling2D(2)(map);
  map = Conv2D(32, 3, {.padding = "same", .activation = "relu"})(map);
  map = MaxPooling2D(2)(map);
  map = Conv2D(32, 3, {.padding = "same", .activation = "relu"})(map);
  const Model encoder(picture, Reshape({kPlaces * kPlaces, 32})(map), "encoder");
  const Model decoder =
      caption_decoder({kPlaces * kPlaces, 32, preparation.pieces().size(), preparation.steps()},
                      {.embedding = 16, .units = 48, .dropout = 0});
  const Model model({picture, words}, {decoder({encoder(picture), words})}, "captions");
  model.compile({.optimizer = Adam(0.004), .loss = sparse_categorical_crossentropy(false, Pieces::kPadding)});
  const Data data({train.pictures, preparation.given(train.captions)}, {preparation.wanted(train.captions)});
  const History history = model.fit(data, {.batch_size = 32, .epochs = 25, .verbose = 0});

  CachedDecoder steps(decoder);
  const Tensor places = encoder.predict(test.pictures);
  const Model weights = attention_weights(decoder);
  std::vector<std::vector<Tensor>> sheet;
  int right = 0;
  for (size_t i = 0; i < test.captions.size(); ++i) {
    const auto row = static_cast<int64_t>(i);
    const Tensor own = places.rows(row, row + 1);
    const std::string said = said_of(steps, own, preparation);
    right += said == test.captions[i];
    if (i % 17 != 0 || sheet.size() == 4) continue;
    std::printf("%s: %s\n", test.captions[i].c_str(), said == test.captions[i] ? "said" : said.c_str());
    sheet.push_back(looked(weights, test.pictures.rows(row, row + 1).reshaped({kSide, kSide, 3}), own,
                           preparation, said));
  }
  write_png("captions.png", contact_sheet(sheet, 72));
  const double share = right / static_cast<double>(test.captions.size());
  std::printf("loss %.4f; %.1f %% of %zu captions of pairs that were never seen are right\n",
              history["loss"].back(), 100 * share, test.captions.size());
  return share > 0.9 ? 0 : 1;
}
