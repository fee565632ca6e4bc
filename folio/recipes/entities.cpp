#include "folio/recipes/entities.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "folio/base/error.h"
#include "folio/base/utf8.h"
#include "folio/data/split.h"
#include "folio/data/text/text_preparation.h"
#include "folio/data/text/unicode.h"
#include "folio/layers/all.h"
#include "folio/recipes/embeddings.h"
#include "folio/recipes/raw_data.h"
#include "folio/recipes/run.h"

namespace folio {
namespace {

constexpr const char* kWnut = "wnut17";
constexpr int64_t kLongest = 256;

// The word as it is looked up.
std::string form_of(const std::string& word) {
  std::string form = lower_case(word);
  for (char& c : form)
    if (c >= '0' && c <= '9') c = '0';
  return form;
}

// How it is written: without letters, small, all capitals, begun with a capital, mixed, with digits.
int32_t shape_of(std::string_view word) {
  bool small = false, capital = false, digit = false, first_is_capital = false, later_capital = false;
  for (size_t at = 0; at < word.size();) {
    const size_t begin = at;
    const char32_t c = next_code_point(word, at);
    const std::string_view letter = word.substr(begin, at - begin);
    digit = digit || (c >= '0' && c <= '9');
    if (!is_letter(c)) continue;
    if (lower_case(letter) == letter) {
      small = true;
    } else {
      capital = true;
      (begin == 0 ? first_is_capital : later_capital) = true;
    }
  }
  if (digit) return 5;
  if (!small && !capital) return 0;
  if (!capital) return 1;
  if (!small) return 2;
  return first_is_capital && !later_capital ? 3 : 4;
}

std::vector<std::string> letters_of(std::string_view word) {
  std::vector<std::string> letters;
  for (size_t at = 0; at < word.size();) append_utf8(letters.emplace_back(), next_code_point(word, at));
  return letters;
}

TaggedTexts take(const TaggedTexts& from, const std::vector<int64_t>& rows) {
  TaggedTexts taken;
  for (const int64_t row : rows) {
    taken.words.push_back(from.words[static_cast<size_t>(row)]);
    taken.tags.push_back(from.tags[static_cast<size_t>(row)]);
  }
  return taken;
}

bool read_folder(const std::string& folder, TaggedSet& set) {
  std::vector<std::string> names;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(folder, error))
    if (file_exists(entry.path().string())) names.push_back(entry.path().filename().string());
  std::sort(names.begin(), names.end());
  const auto read = [&](std::initializer_list<const char*> words, TaggedTexts& part) {
    for (const std::string& name : names)
      for (const char* word : words)
        if (part.empty() && !name.starts_with('.') && name.find(word) != std::string::npos)
          part = read_tagged_lines(folder + "/" + name);
  };
  read({"train"}, set.train);
  if (set.train.empty()) return false;
  read({"dev", "valid"}, set.validation);
  read({"test"}, set.test);
  return true;
}

std::vector<Tags> tags_of_rows(const Tensor& classes, const std::vector<std::string>& names,
                               const Tensor& words) {
  std::vector<Tags> all;
  const int64_t length = words.shape()[1];
  for (int64_t r = 0; r < words.shape()[0]; ++r) {
    Tags& tags = all.emplace_back();
    for (int64_t t = 0; t < length && words.at(r * length + t) != 0; ++t)
      tags.push_back(names[static_cast<size_t>(classes.at(r * length + t))]);
  }
  return all;
}

Logs logs_of(const EntityScores& scores) {
  return {{"f1", scores.f1()}, {"precision", scores.precision()}, {"recall", scores.recall()}};
}

}  // namespace

EntityPreparation::EntityPreparation(const TaggedTexts& texts, std::vector<std::string> words, int64_t length,
                                     int64_t word_length)
    : words_(std::move(words)), length_(length), word_length_(word_length) {
  std::set<std::string> letters, tags;
  for (const auto& sentence : texts.words)
    for (const std::string& word : sentence)
      for (std::string& letter : letters_of(word)) letters.insert(std::move(letter));
  for (const auto& sentence : texts.tags) tags.insert(sentence.begin(), sentence.end());
  tags.erase("O");
  letters_.assign(letters.begin(), letters.end());
  tags_ = {"O"};
  tags_.insert(tags_.end(), tags.begin(), tags.end());
  number();
}

void EntityPreparation::number() {
  for (size_t i = 0; i < words_.size(); ++i) word_numbers_[words_[i]] = static_cast<int32_t>(i) + kFirst;
  for (size_t i = 0; i < letters_.size(); ++i)
    letter_numbers_[letters_[i]] = static_cast<int32_t>(i) + kFirstLetter;
}

std::vector<Tensor> EntityPreparation::transform(
    const std::vector<std::vector<std::string>>& sentences) const {
  constexpr int32_t kEnd = kFirst + kShapes;
  const auto rows = static_cast<int64_t>(sentences.size());
  Tensor words({rows, length_}, DType::int32), letters({rows, length_, word_length_}, DType::int32);
  const auto number = [](const auto& numbers, const std::string& key) {
    const auto found = numbers.find(key);
    return found == numbers.end() ? 1 : found->second;
  };
  for (int64_t r = 0; r < rows; ++r) {
    const auto& sentence = sentences[static_cast<size_t>(r)];
    for (int64_t t = 0; t < std::min(length_, static_cast<int64_t>(sentence.size())); ++t) {
      const std::string& word = sentence[static_cast<size_t>(t)];
      words.data<int32_t>()[r * length_ + t] = number(word_numbers_, form_of(word));
      int32_t* at = letters.data<int32_t>() + (r * length_ + t) * word_length_;
      const auto all = letters_of(word);
      const auto kept = std::min<int64_t>(static_cast<int64_t>(all.size()), word_length_ - 2);
      at[0] = kFirst + shape_of(word);
      for (int64_t i = 0; i < kept; ++i) at[i + 1] = number(letter_numbers_, all[static_cast<size_t>(i)]);
      at[kept + 1] = kEnd;
    }
  }
  return {words, letters};
}

Tensor EntityPreparation::targets(const std::vector<std::vector<std::string>>& tags,
                                  const std::string& place) const {
  const auto rows = static_cast<int64_t>(tags.size());
  Tensor y({rows, length_}, DType::int32);
  for (int64_t r = 0; r < rows; ++r)
    for (size_t t = 0; t < tags[static_cast<size_t>(r)].size(); ++t) {
      const std::string& tag = tags[static_cast<size_t>(r)][t];
      const auto found = std::find(tags_.begin(), tags_.end(), tag);
      if (found == tags_.end())
        throw Error(fmt::format("{}: sentence {}: expected one of the tags {} of the training, got \"{}\"",
                                place, r + 1, fmt::join(tags_, ", "), tag));
      y.data<int32_t>()[r * length_ + static_cast<int64_t>(t)] = static_cast<int32_t>(found - tags_.begin());
    }
  return y;
}

std::vector<std::vector<std::string>> EntityPreparation::pieces(
    const std::vector<std::vector<std::string>>& sentences) const {
  std::vector<std::vector<std::string>> pieces;
  for (const auto& sentence : sentences)
    for (size_t first = 0; first < sentence.size(); first += static_cast<size_t>(length_))
      pieces.emplace_back(sentence.begin() + static_cast<std::ptrdiff_t>(first),
                          sentence.begin() + static_cast<std::ptrdiff_t>(std::min(
                                                 sentence.size(), first + static_cast<size_t>(length_))));
  return pieces;
}

Tags EntityPreparation::tags(const Tensor& probabilities, int64_t row, int64_t words) const {
  const int64_t classes = probabilities.shape()[2];
  Tags tags;
  for (int64_t t = 0; t < words; ++t) {
    int64_t best = 0;
    const int64_t at = (row * probabilities.shape()[1] + t) * classes;
    for (int64_t c = 1; c < classes; ++c)
      if (probabilities.at(at + c) > probabilities.at(at + best)) best = c;
    tags.push_back(tags_[static_cast<size_t>(best)]);
  }
  return tags;
}

Json EntityPreparation::to_json() const {
  return {{"length", length_},
          {"word_length", word_length_},
          {"tags", tags_},
          {"letters", letters_},
          {"words", words_}};
}

EntityPreparation EntityPreparation::from_json(const Json& json, const std::string& place) {
  EntityPreparation preparation;
  const auto list = [&](const char* key, std::vector<std::string>& into) {
    const auto found = json.is_object() ? json.find(key) : json.end();
    const auto is_text = [](const Json& entry) { return entry.is_string(); };
    if (!json.is_object() || found == json.end() || !found->is_array() ||
        !std::all_of(found->begin(), found->end(), is_text))
      throw Error(fmt::format("{}: {}: expected a list of texts; the file is damaged", place, key));
    into = found->get<std::vector<std::string>>();
  };
  list("tags", preparation.tags_);
  list("letters", preparation.letters_);
  list("words", preparation.words_);
  for (const auto& [key, into, least] : {std::tuple("length", &preparation.length_, 1),
                                         std::tuple("word_length", &preparation.word_length_, 3)}) {
    const auto found = json.find(key);
    if (found == json.end() || !found->is_number_integer() || *found < least || *found > 100'000)
      throw Error(fmt::format("{}: {}: expected a whole number from {} to 100000; the file is damaged", place,
                              key, least));
    *into = found->get<int64_t>();
  }
  if (preparation.tags_.empty() ||
      !std::all_of(preparation.tags_.begin(), preparation.tags_.end(), is_entity_tag))
    throw Error(place + ": tags: expected O and such as B-person; the file is damaged");
  preparation.number();
  return preparation;
}

TaggedSet read_tagged_set(const std::string& data) {
  TaggedSet set{.name = data, .train = {}, .validation = {}, .test = {}};
  if (file_exists(data)) {
    set.train = read_tagged_lines(data);
    return set;
  }
  std::vector<std::string> folders = {data};
  if (data == kWnut && !folder_exists(data)) {
    folders = {std::string("/usr/share/datasets/") + kWnut};
    if (const char* base = std::getenv("FOLIO_DATA"); base && *base)
      folders.insert(folders.begin(), std::string(base) + "/" + kWnut);
  }
  for (const std::string& folder : folders)
    if (folder_exists(folder) && read_folder(folder, set)) return set;
  throw Error(fmt::format(
      "--data: expected a file of words and tags, or a folder with files of train, dev and test in "
      "their names, found none in {}",
      fmt::join(folders, ", ")));
}

std::vector<Setting> entity_settings() {
  return {
      {"embedding", "100", "numbers that stand for a word", kCounts},
      {"letters", "32", "filters of the convolution over the letters of a word", kCounts},
      {"units", "64", "of the LSTM in each direction", kCounts},
      {"dropout", "0.5", "before and behind the LSTM", kShares},
      {"vectors", "",
       "a file of word vectors (.txt, .vec, .bin), or a model of embeddings, whose words are all known then"},
      {"validation", "0.1", "share of the sentences that decide which model is the best, if there are none",
       kShares},
      {"test", "0.1", "share kept for the final test, if there is none", kShares}};
}

RecipeData entity_rows(const Recipe& recipe, const RunRequest& request, const Settings& settings) {
  TaggedSet set = read_tagged_set(request.data.empty() ? recipe.data[0] : request.data);
  RecipeData data;
  data.name = set.name;
  if (folder_exists(set.name)) data.folder = set.name;
  if (set.validation.empty() || set.test.empty()) {
    SplitOptions options;
    options.validation = set.validation.empty() ? settings.number("validation") : 0;
    options.test = set.test.empty() ? settings.number("test") : 0;
    options.seed = *request.training.seed;
    const TaggedTexts all = std::move(set.train);
    const Split split = split_rows(static_cast<int64_t>(all.words.size()), options);
    set.train = take(all, split.train);
    if (set.validation.empty()) set.validation = take(all, split.validation);
    if (set.test.empty()) set.test = take(all, split.test);
  }
  for (const TaggedTexts* part : {&set.validation, &set.test})
    if (part->empty())
      throw Error(data.name + ": expected sentences for validation and test, got none; give larger shares");

  // Words that come once are unknown, so that it is learnt what unknown words do; with vectors from elsewhere
  // all of theirs are known.
  std::map<std::string, int64_t> counts;
  size_t longest = 1;
  for (const TaggedTexts* part : {&set.train, &set.validation, &set.test})
    for (const auto& sentence : part->words) {
      longest = std::max(longest, sentence.size());
      if (part == &set.train)
        for (const std::string& word : sentence) ++counts[form_of(word)];
    }
  std::vector<std::string> words;
  const std::string& vectors = settings.text("vectors");
  std::string told;
  if (vectors.empty()) {
    for (const auto& [word, count] : counts)
      if (count > 1) words.push_back(word);
  } else {
    const WordVectors given = load_word_vectors(vectors);
    words = given.words;
    Tensor& first = data.task.word_vectors =
        Tensor({static_cast<int64_t>(words.size()) + EntityPreparation::kFirst, given.width()});
    first.rows(EntityPreparation::kFirst, first.shape()[0]).assign(given.vectors);
    const std::set<std::string> known(words.begin(), words.end());
    int64_t found = 0;
    for (const auto& [word, count] : counts) found += static_cast<int64_t>(known.count(word));
    told = fmt::format("; {} of {} different words have a vector in {}", found, counts.size(), vectors);
  }
  constexpr int64_t kWordLength = 18;
  const EntityPreparation preparation(set.train, std::move(words),
                                      std::min(static_cast<int64_t>(longest), kLongest), kWordLength);
  const auto rows_of = [&](const TaggedTexts& part, const std::string& place) {
    const auto tags = preparation.pieces(part.tags);
    return Data(preparation.transform(preparation.pieces(part.words)), {preparation.targets(tags, place)});
  };
  data.train = rows_of(set.train, data.name + ", training");
  data.validation = rows_of(set.validation, data.name + ", validation");
  data.test = rows_of(set.test, data.name + ", test");
  data.class_names = preparation.tag_names();
  data.task.input = {preparation.length()};
  data.task.classes = static_cast<int64_t>(preparation.tag_names().size());
  data.task.vocabulary = static_cast<int64_t>(preparation.words().size()) + EntityPreparation::kFirst;
  data.task.letters = preparation.letters();
  data.task.word_length = preparation.word_length();
  for (const auto& sentence : set.train.words)
    data.train_texts.push_back(fmt::format("{}", fmt::join(sentence, " ")));
  data.description = fmt::format(
      "{} sentences for training, {} for validation, {} for test; {} words are known, {} letters{}\n",
      set.train.words.size(), set.validation.words.size(), set.test.words.size(), preparation.words().size(),
      preparation.letters(), told);
  set_preparation(data.assets, preparation);
  return data;
}

Model entity_network(const RecipeTask& task, const Settings& settings) {
  const auto whole = [&](const char* key) { return static_cast<int64_t>(settings.number(key)); };
  const double dropout = settings.number("dropout");
  const Value words = Input(task.input, {.dtype = DType::int32, .name = "words"});
  const Value letters = Input({task.input[0], task.word_length}, {.dtype = DType::int32, .name = "letters"});
  const bool given = task.word_vectors.raw() != nullptr;
  Embedding embedding(task.vocabulary, given ? task.word_vectors.shape()[1] : whole("embedding"),
                      {.name = "word_vectors"});
  Value features = embedding(words);
  if (given) {
    embedding.set_weights({task.word_vectors});
    embedding.set_trainable(false);
  }
  constexpr int64_t kLetterWidth = 24, kLettersAtOnce = 3;
  const Value spelled = Embedding(task.letters, kLetterWidth)(letters);
  const Value read = TimeDistributed(Conv1D(whole("letters"), kLettersAtOnce, {.padding = "same"}))(spelled);
  const Value told = TimeDistributed(GlobalMaxPooling1D())(Activation("relu")(read));
  features = Concatenate()({features, told});
  const auto dropped = [&](const Value& value) { return dropout > 0 ? Dropout(dropout)(value) : value; };
  const Value both = Bidirectional(LSTM(whole("units"), {.return_sequences = true}))(dropped(features));
  const Value tags = Dense(task.classes, {.activation = "softmax"})(dropped(both));
  return Model({words, letters}, {tags}, "entities");
}

Logs entity_scores(const Model& model, const RecipeData& data, const Data& part) {
  const Tensor shares = model.predict(part.x, 256)[0];
  const Tensor& words = part.x[0];
  Tensor classes(words.shape(), DType::int32);
  const int64_t count = shares.shape()[2];
  for (int64_t i = 0; i < words.count(); ++i) {
    int64_t best = 0;
    for (int64_t c = 1; c < count; ++c)
      if (shares.at(i * count + c) > shares.at(i * count + best)) best = c;
    classes.data<int32_t>()[i] = static_cast<int32_t>(best);
  }
  return logs_of(entity_scores(tags_of_rows(part.y[0], data.class_names, words),
                               tags_of_rows(classes, data.class_names, words)));
}

std::vector<Tags> tag_sentences(const Model& model, const EntityPreparation& preparation,
                                const std::vector<std::vector<std::string>>& sentences) {
  std::vector<std::vector<std::string>> pieces = preparation.pieces(sentences);
  std::vector<Tags> tags;
  if (pieces.empty()) return std::vector<Tags>(sentences.size());
  const Tensor shares = model.predict(preparation.transform(pieces), 32)[0];
  int64_t row = 0;
  for (const auto& sentence : sentences) {
    Tags& all = tags.emplace_back();
    for (size_t first = 0; first < sentence.size();
         first += static_cast<size_t>(preparation.length()), ++row) {
      const Tags some =
          preparation.tags(shares, row, static_cast<int64_t>(pieces[static_cast<size_t>(row)].size()));
      all.insert(all.end(), some.begin(), some.end());
    }
  }
  return tags;
}

std::vector<Baseline> entity_baselines(const Recipe&, const RecipeData& data, const Settings&,
                                       const FitOptions&) {
  // Words are told by their letters, so that unknown ones differ.
  using Word = std::vector<int32_t>;
  const auto sentences_of = [](const Data& part) {
    std::vector<std::vector<Word>> sentences;
    const Tensor &words = part.x[0], &letters = part.x[1];
    const int64_t length = words.shape()[1], width = letters.shape()[2];
    for (int64_t r = 0; r < words.shape()[0]; ++r) {
      auto& sentence = sentences.emplace_back();
      for (int64_t t = 0; t < length && words.at(r * length + t) != 0; ++t) {
        const int32_t* at = letters.data<int32_t>() + (r * length + t) * width;
        sentence.emplace_back(at, at + width);
      }
    }
    return sentences;
  };
  const auto known = sentences_of(data.train), asked = sentences_of(data.test);
  const auto tags = tags_of_rows(data.train.y[0], data.class_names, data.train.x[0]);
  std::map<std::vector<Word>, std::map<std::string, int64_t>> names;
  size_t longest = 1;
  for (size_t s = 0; s < known.size(); ++s)
    for (const Entity& entity : entities_of(tags[s])) {
      const std::vector<Word> run(known[s].begin() + entity.first, known[s].begin() + entity.last);
      longest = std::max(longest, run.size());
      ++names[run][entity.kind];
    }
  std::vector<Tags> predicted;
  for (const auto& sentence : asked) {
    Tags& said = predicted.emplace_back(sentence.size(), "O");
    for (size_t first = 0; first < sentence.size();) {
      size_t taken = 1;
      for (size_t size = std::min(longest, sentence.size() - first); size > 0; --size) {
        const auto begin = sentence.begin() + static_cast<std::ptrdiff_t>(first);
        const auto found = names.find(std::vector<Word>(begin, begin + static_cast<std::ptrdiff_t>(size)));
        if (found == names.end()) continue;
        const auto most = std::max_element(found->second.begin(), found->second.end(),
                                           [](const auto& a, const auto& b) { return a.second < b.second; });
        for (size_t i = 0; i < size; ++i) said[first + i] = (i == 0 ? "B-" : "I-") + most->first;
        taken = size;
        break;
      }
      first += taken;
    }
  }
  return {
      {"the longest runs of words that were entities in training",
       logs_of(entity_scores(tags_of_rows(data.test.y[0], data.class_names, data.test.x[0]), predicted))}};
}

}  // namespace folio
