// A record with something of everything, for the tests of pages.
#pragma once
#include "folio/report/run_record.h"

namespace folio {

inline RunRecord sample_record(const std::string& name = "sample") {
  RunRecord r;
  r.name = name, r.folio_version = "0.1.0", r.date = "2026-01-02 03:04 UTC", r.finished = true;
  r.history = {{"loss", {1.5, 0.8, 0.4, 0.39}},
               {"accuracy", {0.5, 0.7, 0.9, 0.91}},
               {"val_loss", {1.2, 0.9, 0.8, 0.95}},
               {"val_accuracy", {0.6, 0.7, 0.8, 0.79}},
               {"learning_rate", {0.1, 0.05, 0.02, 0.01}}};
  r.settings = {{"recipe", "mlp"}, {"learning_rate", "0.1"}};
  r.model = {"mlp",
             1234,
             1200,
             {{"dense", "Dense", "(None, 3)", "x", 1234}},
             "<svg xmlns=\"http://www.w3.org/2000/svg\"/>"};
  r.machine = {"a processor", "avx2", 2};
  r.time = {12.5, 400, 32, 2e6, 1e11};
  r.results = {{"validation", {{"loss", 0.8}, {"accuracy", 0.8}}},
               {"test", {{"loss", 0.81}, {"accuracy", 0.79}}}};
  ClassificationRecord c;
  c.data = "test", c.classes = {"cat", "dog"}, c.confusion = {90, 10, 5, 5};
  c.rows = {{"cat", 0.947, 0.9, 0.923, 100}, {"dog", 0.333, 0.5, 0.4, 10}};
  c.averages = {{"macro avg", 0.64, 0.7, 0.66, 110}};
  c.accuracy = 95.0 / 110, c.balanced_accuracy = 0.7, c.majority = 100.0 / 110;
  c.roc = {{"dog", 0.75, {0, 0.1, 1}, {0, 0.5, 1}}};
  c.precision_recall = {{"dog", 0.41, {0, 0.5, 1}, {1, 0.4, 0.09}}};
  c.calibration = {{0.55, 0.5, 20}, {0.9, 0.8, 90}}, c.calibration_error = 0.09;
  c.mistakes = {{7, "dog", "cat", 0.98, "data:image/png;base64,iVBORw0KGgo=", ""},
                {9, "cat", "dog", 0.7, "", "1, 2, 3"}};
  r.classification = {c};
  RegressionRecord n;
  n.data = "test", n.r2 = 0.8, n.mean_absolute_error = 0.3, n.root_mean_squared_error = 0.4, n.samples = 3;
  n.truth = {1, 2, 3}, n.predicted = {1.1, 2.2, 2.7}, n.residual_edges = {-0.3, 0, 0.3},
  n.residual_counts = {1, 2};
  r.regression = {n};
  r.findings = {{"warning", "half of the units are dead", "try leaky_relu"}};
  r.examples = {{"ein <Hund>", "a dog", "one dog"}};
  r.pictures = {{"where it looks", "darker is more", "data:image/svg+xml;base64,PHN2Zy8+"}};
  return r;
}

}  // namespace folio
