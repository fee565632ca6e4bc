// Small data sets and trainings for tests of the doctor.
#pragma once
#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>

#include "folio/analysis/doctor.h"
#include "folio/base/random.h"
#include "folio/layers/all.h"
#include "folio/models/model.h"

namespace folio {

/// Points around one centre per class, standardized as good data is.
inline Data blobs(int64_t rows, int64_t features, int64_t classes, double noise = 0.5) {
  Tensor x({rows, features}), y({rows}, DType::int32);
  const RandomStream centres{11, 1, 0}, spread{11, 2, 0};
  for (int64_t r = 0; r < rows; ++r) {
    const int64_t c = r % classes;
    y.set(r, static_cast<double>(c));
    for (int64_t f = 0; f < features; ++f)
      x.set(r * features + f, 0.8 * centres.normal(static_cast<uint32_t>(c), static_cast<uint32_t>(f)) +
                                  noise * spread.normal(static_cast<uint32_t>(r), static_cast<uint32_t>(f)));
  }
  return {x, y};
}

/// Normal noise with labels that have nothing to do with it.
inline Data noise(int64_t rows, int64_t features, int64_t classes) {
  Data data = blobs(rows, features, classes);
  const RandomStream stream{12, 1, 0};
  for (int64_t i = 0; i < data.x[0].count(); ++i)
    data.x[0].set(i, stream.normal(static_cast<uint32_t>(i), 0));
  return data;
}

inline Sequential classifier(int64_t features, int64_t classes, const std::vector<SequentialItem>& hidden) {
  std::vector<SequentialItem> items{Input({features})};
  items.insert(items.end(), hidden.begin(), hidden.end());
  items.push_back(Dense(classes, {.activation = "softmax", .name = "answer"}));
  return Sequential(items);
}

/// Trains with a doctor and returns what it found.
inline std::vector<Finding> findings_of(const Model& model, const Optimizer& optimizer, const Data& data,
                                        FitOptions options, int64_t every = 4) {
  model.compile({.optimizer = optimizer, .loss = "sparse_categorical_crossentropy", .metrics = {"accuracy"}});
  const Doctor doctor({.every = every, .print = false});
  options.callbacks.push_back(doctor);
  options.verbose = 0;
  model.fit(data, options);
  return doctor.findings();
}

/// The finding of a kind, or null.
inline const Finding* find(const std::vector<Finding>& findings, const std::string& kind) {
  for (const Finding& finding : findings)
    if (finding.kind == kind) return &finding;
  return nullptr;
}

/// All findings but notes, for failure messages and for expecting none.
inline std::string warnings(const std::vector<Finding>& findings) {
  std::string text;
  for (const Finding& finding : findings)
    if (finding.severity != Severity::note) text += to_string(finding) + "\n";
  return text;
}

/// Skips the test unless the real data sets are there.
inline std::string data_folder() {
  const char* folder = std::getenv("FOLIO_DATA");
  return folder ? folder : "";
}

}  // namespace folio
