// All that a program needs to build, train, save and use models. Each of these headers can also be included
// by itself.
#pragma once

// Tensors, and graphs of operations on them.
#include "folio/base/error.h"
#include "folio/base/tell.h"
#include "folio/base/version.h"
#include "folio/compiler/compile.h"
#include "folio/graph/graph.h"
#include "folio/ops/activations.h"
#include "folio/ops/cast.h"
#include "folio/ops/convolution.h"
#include "folio/ops/dropout.h"
#include "folio/ops/elementwise.h"
#include "folio/ops/gradients.h"
#include "folio/ops/matmul.h"
#include "folio/ops/pooling.h"
#include "folio/ops/reduce.h"
#include "folio/ops/reshape.h"
#include "folio/ops/scan.h"
#include "folio/ops/slice.h"
#include "folio/ops/softmax.h"
#include "folio/ops/transpose.h"
#include "folio/runtime/plan.h"
#include "folio/tensor/tensor.h"

// Layers.
#include "folio/layers/all.h"
#include "folio/layers/catalog.h"

// Data.
#include "folio/data/array_files.h"
#include "folio/data/augmentation.h"
#include "folio/data/batches.h"
#include "folio/data/cifar.h"
#include "folio/data/csv.h"
#include "folio/data/csv_rows.h"
#include "folio/data/dataset.h"
#include "folio/data/idx.h"
#include "folio/data/npy.h"
#include "folio/data/scaler.h"
#include "folio/data/split.h"
#include "folio/data/table.h"

// Training.
#include "folio/training/callback.h"
#include "folio/training/loss.h"
#include "folio/training/metric.h"
#include "folio/training/metrics.h"
#include "folio/training/optimizer.h"

// Models looked at from outside, and classifiers of tables.
#include "folio/analysis/bayes.h"
#include "folio/analysis/bias_variance.h"
#include "folio/analysis/doctor.h"
#include "folio/analysis/layer_statistics.h"
#include "folio/analysis/learning_curve.h"
#include "folio/analysis/naive_bayes.h"
#include "folio/analysis/permutation_importance.h"
#include "folio/analysis/priors.h"
#include "folio/analysis/resampling.h"
#include "folio/analysis/verdict.h"

// Models, and their files.
#include "folio/formats/checkpoint.h"
#include "folio/formats/keras_model.h"
#include "folio/models/bound_step.h"
#include "folio/models/learning_rate_finder.h"
#include "folio/models/model.h"
#include "folio/models/summary.h"

// Pictures: files, folders, changes at random.
#include "folio/pictures/augmented_set.h"
#include "folio/pictures/contact_sheet.h"
#include "folio/pictures/image_augmenter.h"
#include "folio/pictures/picture_file.h"
#include "folio/pictures/picture_folder.h"
#include "folio/pictures/picture_preparation.h"
#include "folio/pictures/resize.h"

// Sounds: files, other rates, spectra, changes at random.
#include "folio/sound/resample.h"
#include "folio/sound/sound_augmentation.h"
#include "folio/sound/sound_file.h"
#include "folio/sound/sound_preparation.h"
#include "folio/sound/spectrum.h"

// Published networks.
#include "folio/applications/alex_net.h"
#include "folio/applications/cifar_res_net.h"
#include "folio/applications/google_net.h"
#include "folio/applications/le_net5.h"
#include "folio/applications/mobile_net.h"
#include "folio/applications/mobile_net_v2.h"
#include "folio/applications/res_net.h"
#include "folio/applications/vgg.h"

// Pictures and pages of what happened.
#include "folio/report/plot.h"
#include "folio/report/report.h"

// Measures of arrays.
#include "folio/analysis/classification.h"
#include "folio/analysis/probabilities.h"
#include "folio/analysis/ranking.h"
#include "folio/analysis/regression.h"
