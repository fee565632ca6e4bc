// What the doctor says of data, losses and predictions; each rule is a function of what was remembered.
#pragma once
#include "folio/analysis/layer_watch.h"
#include "folio/analysis/watches.h"

namespace folio {

/// Scales of the features at the first kernels. (sheet B1, B2)
void judge_features(const FeatureWatch& features, const Say& say);
/// How even the classes are. (sheet A1, H2)
void judge_classes(const TargetWatch& targets, const Say& say);
/// The accuracy of an epoch beside that of always giving the commonest class.
void judge_accuracy(const TargetWatch& targets, double accuracy, const Say& say);
/// Predictions of two looks that are all of one class, though the targets are not. `seen`: per class, how
/// often it was predicted.
void judge_predictions(const std::vector<double>& seen, const TargetWatch& targets, const Say& say);
/// Validation against training. (sheet A5)
void judge_validation(const ValidationWatch& validation, const Say& say);

/// What is known when the course of the training loss is judged.
struct Course {
  const LossWatch& loss;
  const LayerWatch& layers;
  double baseline = 0;  ///< the loss of the best constant answer; 0 when it is not known
  double learning_rate = 0;
  bool cause_known = false;  ///< whether a warning has already told why the loss does not fall
};
/// At the end of a period: a loss that rises, or stays where it began. (sheet D1, D2)
void judge_period(const Course& course, const Say& say);
/// At the end of an epoch: a loss that goes up and down, or has come to rest.
void judge_epoch(const Course& course, const Say& say);

}  // namespace folio
