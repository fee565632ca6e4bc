// The sheet's printed Keras program for names, line for line. (sheet G3) Which language is a surname from?
// Letters one by one go through two simple recurrent layers. Reads $FOLIO_DATA/names; names that stand twice
// in a language count once, and none is in both parts.
#include <folio/data/text/text_files.h>
#include <folio/data/text/tokenizer.h>
#include <folio/folio.h>
#include <folio/report/plot.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <set>
#include <string>
#include <vector>

using namespace folio;

namespace {

/// A one in the place of each letter, (rows, steps, letters); no letter is no one.
Tensor one_hot(const Tensor& numbers, int64_t letters) {
  Tensor ones({numbers.shape()[0], numbers.shape()[1], letters});
  for (int64_t i = 0; i < numbers.count(); ++i)
    if (const auto number = static_cast<int64_t>(numbers.at(i)); number > 0)
      ones.set(i * letters + number - 1, 1);
  return ones;
}

}  // namespace

int main() {
  const char* root = std::getenv("FOLIO_DATA");
  const std::string folder = std::string(root ? root : "") + "/names";
  if (!root || !folder_exists(folder)) {
    std::printf("skipped: set FOLIO_DATA to a folder with the set names\n");
    return 0;
  }
  const LabelledTexts all = read_labelled_files(folder);
  std::set<std::pair<std::string, std::string>> seen;
  std::vector<std::string> names, labels, languages;
  for (size_t i = 0; i < all.texts.size(); ++i)
    if (seen.emplace(all.labels[i], all.texts[i]).second) {
      names.push_back(all.texts[i]);
      labels.push_back(all.labels[i]);
      if (languages.empty() || languages.back() != labels.back()) languages.push_back(labels.back());
    }
  Tokenizer letters({.lower = false, .char_level = true});
  letters.fit_on_texts(names);
  const auto len_alphabet = static_cast<int64_t>(letters.words().size());
  const Tensor numbers = pad_sequences(letters.texts_to_sequences(names));
  const int64_t maxlen = numbers.shape()[1], classes = static_cast<int64_t>(languages.size());
  const Tensor x = one_hot(numbers, len_alphabet);
  Tensor y({x.shape()[0], classes});
  std::vector<int64_t> language;
  for (size_t i = 0; i < labels.size(); ++i) {
    language.push_back(std::lower_bound(languages.begin(), languages.end(), labels[i]) - languages.begin());
    y.set(static_cast<int64_t>(i) * classes + language.back(), 1);
  }
  const Split split = split_rows(x.shape()[0], {.test = 0.2, .seed = 1, .classes = language});
  const Data data(x, y), train = take_rows(data, split.train), test = take_rows(data, split.test);
  const int batch_size = 32, nepochs = 6;
  set_random_seed(1);

  // Model with multiple layers
  const Sequential model_multi_rnn;
  model_multi_rnn.add(Input({maxlen, len_alphabet}));
  model_multi_rnn.add(SimpleRNN(64, {.return_sequences = true}));
  model_multi_rnn.add(SimpleRNN(32, {.return_sequences = false}));
  model_multi_rnn.add(Dense(classes, {.activation = "softmax"}));
  model_multi_rnn.compile({.optimizer = "adam", .loss = "categorical_crossentropy", .metrics = {"accuracy"}});
  std::printf("%s", model_multi_rnn.summary().c_str());
  // Train the model
  const History log_multi_rnn = model_multi_rnn.fit(
      train, {.batch_size = batch_size, .epochs = nepochs, .verbose = 0, .validation_data = test});

  const double reached = log_multi_rnn["val_accuracy"].back();
  std::printf("%lld names, %lld letters, %lld languages: %.1f %% of the test names after %d epochs\n",
              static_cast<long long>(x.shape()[0]), static_cast<long long>(len_alphabet),
              static_cast<long long>(classes), 100 * reached, nepochs);
  write_file_atomically("names.svg", Plot("Names by language, as printed")
                                         .per_epoch("training", log_multi_rnn["accuracy"])
                                         .per_epoch("test", log_multi_rnn["val_accuracy"], {.points = true})
                                         .x_axis({.label = "epoch"})
                                         .y_axis({.label = "accuracy", .low = 0, .high = 1})
                                         .svg());
  return reached > 0.7 ? 0 : 1;
}
