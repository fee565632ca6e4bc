#include "folio/recipes/recipe.h"

#include <algorithm>
#include <charconv>
#include <numeric>

#include "folio/base/error.h"
#include "folio/recipes/architectures.h"

namespace folio {

void Settings::set(const std::string& key, const std::string& value) {
  const auto found = values_.find(key);
  if (found == values_.end()) {
    std::string names;
    for (const auto& entry : values_) names += (names.empty() ? "" : ", ") + entry.first;
    throw UsageError("--set " + key + ": expected one of this recipe's settings (" +
                     (names.empty() ? "it has none" : names) + "), got \"" + key + "\"");
  }
  found->second = value;
}

double Settings::number(const std::string& key) const {
  const std::string& value = text(key);
  double number = 0;
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), number);
  if (error != std::errc() || end != value.data() + value.size())
    throw Error("--set " + key + ": expected a number, got \"" + value + "\"");
  return number;
}

int64_t Settings::integer(const std::string& key) const {
  const double value = number(key);
  if (value != static_cast<double>(static_cast<int64_t>(value)))
    throw Error("--set " + key + ": expected a whole number, got \"" + text(key) + "\"");
  return static_cast<int64_t>(value);
}

const std::string& Settings::choice(const std::string& key, const std::vector<std::string>& choices) const {
  const std::string& value = text(key);
  if (std::find(choices.begin(), choices.end(), value) != choices.end()) return value;
  std::string names;
  for (const std::string& name : choices) names += (names.empty() ? "" : ", ") + name;
  throw Error("--set " + key + ": expected one of " + names + ", got \"" + value + "\"");
}

const std::vector<Recipe>& recipes() {
  static const std::vector<Recipe> all = {
      {"lenet5",
       "LeNet-5, the convolutional network of LeCun 1998",
       "F1 F2 F3",
       {"fashion-mnist", "mnist"},
       {28, 28, 1},
       10,
       20,
       64,
       0.002,
       0,
       "cosine",
       {{"style", "modern",
         "modern: relu and maximum pooling; classic: tanh and average pooling, as in 1998"}},
       lenet5},
      {"mlp",
       "a network of fully connected layers",
       "C1 C5 C7",
       {"fashion-mnist", "mnist"},
       {28, 28, 1},
       10,
       12,
       128,
       0.001,
       0,
       "cosine",
       {{"hidden", "256,128", "units of the hidden layers"},
        {"activation", "relu", "of the hidden layers"},
        {"dropout", "0.2", "after each hidden layer"}},
       mlp},
      {"two-branch",
       "the sheet's functional Keras model with two branches, layer for layer",
       "D6 F11",
       {"cifar10"},
       {32, 32, 3},
       10,
       15,
       128,
       0.001,
       100,
       "constant",
       {},
       two_branch,
       true},
  };
  return all;
}

const Recipe& recipe(const std::string& name) {
  std::vector<std::string> names;
  std::string listed;
  for (const Recipe& candidate : recipes()) {
    if (candidate.name == name) return candidate;
    names.push_back(candidate.name);
    listed += (listed.empty() ? "" : ", ") + candidate.name;
  }
  const std::string near = nearest(name, names);
  throw UsageError("recipe: expected one of " + listed + ", got \"" + name + "\"" +
                   (near.empty() ? "" : "; did you mean \"" + near + "\"?"));
}

std::string nearest(const std::string& word, const std::vector<std::string>& candidates) {
  std::string best;
  size_t least = std::max<size_t>(2, word.size() / 3) + 1;
  for (const std::string& candidate : candidates) {
    std::vector<size_t> row(candidate.size() + 1);
    std::iota(row.begin(), row.end(), 0);
    for (size_t i = 0; i < word.size(); ++i) {
      size_t diagonal = row[0];
      row[0] = i + 1;
      for (size_t j = 0; j < candidate.size(); ++j) {
        const size_t change = diagonal + (word[i] != candidate[j]);
        diagonal = row[j + 1];
        row[j + 1] = std::min({row[j] + 1, row[j + 1] + 1, change});
      }
    }
    if (row.back() < least) least = row.back(), best = candidate;
  }
  return best;
}

}  // namespace folio
