// Samples of every layer of the catalogue, for the contracts that all layers keep.
#pragma once
#include <functional>
#include <string>
#include <vector>

#include "folio/layers/activation/activation.h"
#include "folio/layers/activation/elu.h"
#include "folio/layers/activation/leaky_re_lu.h"
#include "folio/layers/activation/p_re_lu.h"
#include "folio/layers/activation/re_lu.h"
#include "folio/layers/activation/softmax.h"
#include "folio/layers/attention/additive_attention.h"
#include "folio/layers/attention/attention.h"
#include "folio/layers/attention/group_query_attention.h"
#include "folio/layers/attention/multi_head_attention.h"
#include "folio/layers/convolutional/conv1d.h"
#include "folio/layers/convolutional/conv1d_transpose.h"
#include "folio/layers/convolutional/conv2d.h"
#include "folio/layers/convolutional/conv2d_transpose.h"
#include "folio/layers/convolutional/conv3d.h"
#include "folio/layers/convolutional/depthwise_conv1d.h"
#include "folio/layers/convolutional/depthwise_conv2d.h"
#include "folio/layers/convolutional/separable_conv1d.h"
#include "folio/layers/convolutional/separable_conv2d.h"
#include "folio/layers/core/dense.h"
#include "folio/layers/core/einsum_dense.h"
#include "folio/layers/core/embedding.h"
#include "folio/layers/core/identity.h"
#include "folio/layers/core/input_layer.h"
#include "folio/layers/core/masking.h"
#include "folio/layers/merging/concatenate.h"
#include "folio/layers/merging/dot.h"
#include "folio/layers/merging/merge.h"
#include "folio/layers/normalization/batch_normalization.h"
#include "folio/layers/normalization/group_normalization.h"
#include "folio/layers/normalization/layer_normalization.h"
#include "folio/layers/normalization/rms_normalization.h"
#include "folio/layers/normalization/unit_normalization.h"
#include "folio/layers/pooling/average_pooling1d.h"
#include "folio/layers/pooling/average_pooling2d.h"
#include "folio/layers/pooling/average_pooling3d.h"
#include "folio/layers/pooling/global_average_pooling1d.h"
#include "folio/layers/pooling/global_average_pooling2d.h"
#include "folio/layers/pooling/global_average_pooling3d.h"
#include "folio/layers/pooling/global_max_pooling1d.h"
#include "folio/layers/pooling/global_max_pooling2d.h"
#include "folio/layers/pooling/global_max_pooling3d.h"
#include "folio/layers/pooling/max_pooling1d.h"
#include "folio/layers/pooling/max_pooling2d.h"
#include "folio/layers/pooling/max_pooling3d.h"
#include "folio/layers/preprocessing/center_crop.h"
#include "folio/layers/preprocessing/integer_lookup.h"
#include "folio/layers/preprocessing/normalization.h"
#include "folio/layers/preprocessing/random_brightness.h"
#include "folio/layers/preprocessing/random_contrast.h"
#include "folio/layers/preprocessing/random_crop.h"
#include "folio/layers/preprocessing/random_flip.h"
#include "folio/layers/preprocessing/random_rotation.h"
#include "folio/layers/preprocessing/random_translation.h"
#include "folio/layers/preprocessing/random_zoom.h"
#include "folio/layers/preprocessing/rescaling.h"
#include "folio/layers/preprocessing/resizing.h"
#include "folio/layers/preprocessing/string_lookup.h"
#include "folio/layers/preprocessing/text_vectorization.h"
#include "folio/layers/recurrent/bidirectional.h"
#include "folio/layers/recurrent/conv_lstm1d.h"
#include "folio/layers/recurrent/conv_lstm2d.h"
#include "folio/layers/recurrent/gru.h"
#include "folio/layers/recurrent/gru_cell.h"
#include "folio/layers/recurrent/lstm.h"
#include "folio/layers/recurrent/lstm_cell.h"
#include "folio/layers/recurrent/rnn.h"
#include "folio/layers/recurrent/simple_rnn.h"
#include "folio/layers/recurrent/simple_rnn_cell.h"
#include "folio/layers/recurrent/stacked_rnn_cells.h"
#include "folio/layers/recurrent/time_distributed.h"
#include "folio/layers/regularization/activity_regularization.h"
#include "folio/layers/regularization/dropout.h"
#include "folio/layers/regularization/noise.h"
#include "folio/layers/regularization/spatial_dropout.h"
#include "folio/layers/reshaping/cropping1d.h"
#include "folio/layers/reshaping/cropping2d.h"
#include "folio/layers/reshaping/cropping3d.h"
#include "folio/layers/reshaping/flatten.h"
#include "folio/layers/reshaping/permute.h"
#include "folio/layers/reshaping/repeat_vector.h"
#include "folio/layers/reshaping/reshape.h"
#include "folio/layers/reshaping/up_sampling1d.h"
#include "folio/layers/reshaping/up_sampling2d.h"
#include "folio/layers/reshaping/up_sampling3d.h"
#include "folio/layers/reshaping/zero_padding1d.h"
#include "folio/layers/reshaping/zero_padding2d.h"
#include "folio/layers/reshaping/zero_padding3d.h"

namespace folio {

/// A layer and inputs it takes. Each row of the catalogue has at least one.
struct LayerSample {
  std::string name;
  std::function<Layer()> make;
  std::vector<Shape> inputs;  ///< with the batch
  double shift = 0;           ///< added to the inputs, for layers that do not take negative ones
  bool complete = false;      ///< must know sizes besides the last
};

inline const std::vector<LayerSample>& layer_samples() {
  static const std::vector<LayerSample> samples = {
      {"Activation", [] { return Activation("tanh"); }, {{3, 4}}},
      {"Activation along the last dimension", [] { return Activation("softmax"); }, {{3, 2, 4}}},
      {"ActivityRegularization", [] { return ActivityRegularization({.l1 = 0.1, .l2 = 0.2}); }, {{3, 4}}},
      {"Add", [] { return Add(); }, {{3, 4}, {3, 4}, {3, 4}}},
      {"Add of several ranks", [] { return Add(); }, {{3, 4}, {3, 2, 4}}},
      {"AdditiveAttention", [] { return AdditiveAttention(); }, {{2, 3, 4}, {2, 5, 4}}},
      {"AdditiveAttention without a scale, with a key",
       [] { return AdditiveAttention({.use_scale = false, .dropout = 0.3}); },
       {{2, 3, 4}, {2, 5, 2}, {2, 5, 4}}},
      {"AlphaDropout", [] { return AlphaDropout(0.3, {.seed = 3}); }, {{4, 6}}},
      {"Attention", [] { return Attention(); }, {{2, 3, 4}, {2, 5, 4}}},
      {"Attention with a scale and a key",
       [] { return Attention({.use_scale = true, .dropout = 0.3, .seed = 4}); },
       {{2, 3, 4}, {2, 5, 2}, {2, 5, 4}}},
      {"Attention by sums",
       [] { return Attention({.use_scale = true, .score_mode = "concat"}); },
       {{2, 3, 4}, {2, 5, 4}}},
      {"Average", [] { return Average(); }, {{3, 2, 1}, {3, 1, 4}, {3, 2, 4}}},
      {"AveragePooling1D",
       [] { return AveragePooling1D(3, {.strides = 2, .padding = "same"}); },
       {{2, 6, 3}}},
      {"AveragePooling2D", [] { return AveragePooling2D(); }, {{2, 5, 4, 3}}},
      {"AveragePooling2D same",
       [] {
         return AveragePooling2D({3, 2}, {.strides = {2, 1}, .padding = "same"});
       },
       {{2, 6, 5, 3}}},
      {"AveragePooling3D",
       [] {
         return AveragePooling3D({3, 2, 2}, {.strides = {2, 1, 2}, .padding = "same"});
       },
       {{1, 4, 3, 4, 2}}},
      {"BatchNormalization", [] { return BatchNormalization(); }, {{5, 3}}},
      {"BatchNormalization of pictures",
       [] { return BatchNormalization({.momentum = 0.9, .epsilon = 0.01, .scale = false}); },
       {{2, 3, 4, 5}}},
      {"Bidirectional", [] { return Bidirectional(SimpleRNN(2, {.return_sequences = true})); }, {{2, 3, 2}}},
      {"Bidirectional, summed", [] { return Bidirectional(GRU(2), {.merge_mode = "sum"}); }, {{2, 3, 2}}},
      {"CenterCrop", [] { return CenterCrop(2, 3); }, {{2, 4, 5, 2}}},
      {"CenterCrop that enlarges", [] { return CenterCrop(4, 3); }, {{1, 3, 2, 1}}},
      {"Concatenate", [] { return Concatenate(); }, {{3, 2}, {3, 1}, {3, 4}}},
      {"Concatenate in the middle", [] { return Concatenate({.axis = 1}); }, {{2, 2, 3}, {2, 4, 3}}},
      {"Conv1D", [] { return Conv1D(4, 3, {.activation = "tanh"}); }, {{2, 6, 3}}},
      {"Conv1D causal", [] { return Conv1D(2, 3, {.padding = "causal", .dilation_rate = 2}); }, {{2, 6, 2}}},
      {"Conv1D of a batch", [] { return Conv1D(2, 2, {.strides = 2, .padding = "same"}); }, {{17, 3, 2}}},
      {"Conv1DTranspose",
       [] { return Conv1DTranspose(2, 3, {.strides = 2, .padding = "same"}); },
       {{2, 4, 3}}},
      {"Conv2D", [] { return Conv2D(4, 3, {.activation = "tanh"}); }, {{2, 6, 5, 3}}},
      {"Conv2D strided",
       [] {
         return Conv2D(2, {2, 3}, {.strides = 2, .padding = "same", .use_bias = false});
       },
       {{2, 5, 6, 3}}},
      {"Conv2D dilated",
       [] {
         return Conv2D(2, 2, {.dilation_rate = {2, 1}});
       },
       {{1, 5, 4, 2}}},
      {"Conv2D in groups", [] { return Conv2D(4, 3, {.padding = "same", .groups = 2}); }, {{2, 4, 4, 4}}},
      {"Conv2DTranspose",
       [] { return Conv2DTranspose(2, 3, {.strides = 2, .activation = "tanh"}); },
       {{2, 3, 2, 3}}},
      {"Conv2DTranspose same",
       [] {
         return Conv2DTranspose(2, {2, 3}, {.strides = {3, 2}, .padding = "same"});
       },
       {{1, 3, 2, 2}}},
      {"Conv2DTranspose of a batch", [] { return Conv2DTranspose(2, 2, {.strides = 2}); }, {{13, 2, 2, 2}}},
      {"Conv2DTranspose with more cells",
       [] { return Conv2DTranspose(2, 3, {.strides = 2, .output_padding = 1}); },
       {{1, 2, 3, 2}}},
      {"Conv3D", [] { return Conv3D(2, 2, {.activation = "tanh"}); }, {{2, 3, 3, 2, 2}}},
      {"Conv3D strided",
       [] {
         return Conv3D(2, {3, 2, 1}, {.strides = {3, 2, 1}, .padding = "same", .use_bias = false});
       },
       {{1, 7, 3, 2, 2}}},
      {"Conv3D dilated, in groups",
       [] {
         return Conv3D(2, 2, {.dilation_rate = {2, 1, 1}, .groups = 2});
       },
       {{1, 4, 2, 2, 2}}},
      {"ConvLSTM1D", [] { return ConvLSTM1D(2, 2); }, {{2, 2, 4, 1}}, 0, true},
      {"ConvLSTM2D",
       [] {
         return ConvLSTM2D(1, {2, 1},
                           {.strides = {1, 2},
                            .padding = "same",
                            .dropout = 0.3,
                            .recurrent_dropout = 0.2,
                            .seed = 3,
                            .return_sequences = true,
                            .return_state = true,
                            .go_backwards = true});
       },
       {{2, 2, 2, 3, 2}},
       0,
       true},
      {"ConvLSTM2D with the channels first",
       [] {
         return ConvLSTM2D(2, 2, {.data_format = "channels_first", .activation = "elu", .use_bias = false});
       },
       {{2, 2, 1, 3, 2}},
       0,
       true},
      {"Cropping1D",
       [] {
         return Cropping1D({1, 2});
       },
       {{2, 5, 2}}},
      {"Cropping2D",
       [] {
         return Cropping2D({{0, 1}, {2, 1}});
       },
       {{2, 2, 5, 2}}},
      {"Cropping3D",
       [] {
         return Cropping3D({{1, 0}, {0, 2}, {1, 1}});
       },
       {{1, 2, 4, 3, 2}}},
      {"Dense", [] { return Dense(3, {.activation = "sigmoid"}); }, {{4, 5}}},
      {"Dense over time", [] { return Dense(3, {.use_bias = false}); }, {{2, 3, 5}}},
      {"DepthwiseConv1D",
       [] { return DepthwiseConv1D(2, {.strides = 2, .padding = "same", .depth_multiplier = 2}); },
       {{2, 5, 3}}},
      {"DepthwiseConv2D", [] { return DepthwiseConv2D(3, {.activation = "tanh"}); }, {{2, 4, 5, 3}}},
      {"DepthwiseConv2D with several kernels",
       [] { return DepthwiseConv2D(2, {.padding = "same", .depth_multiplier = 3, .use_bias = false}); },
       {{1, 3, 4, 2}}},
      {"Dense with penalties",
       [] {
         return Dense(3, {.kernel_regularizer = Regularizer::l1_l2(0.1, 0.2),
                          .bias_regularizer = "l2",
                          .activity_regularizer = "l1"});
       },
       {{4, 5}}},
      {"Dot", [] { return Dot(1); }, {{3, 4}, {3, 4}}},
      {"Dot of cosines", [] { return Dot(-1, {.normalize = true}); }, {{2, 3, 4}, {2, 5, 4}}},
      {"Dot of several dimensions",
       [] {
         return Dot({2, 1});
       },
       {{2, 3, 4, 2}, {2, 4, 2, 3}}},
      {"Dropout", [] { return Dropout(0.25, {.seed = 3}); }, {{4, 6}}},
      {"ELU", [] { return ELU({.alpha = 0.5}); }, {{3, 4}}},
      {"EinsumDense",
       [] {
         return EinsumDense("abc,cde->abde", {kUnknown, 2, 3}, {.activation = "tanh", .bias_axes = "de"});
       },
       {{2, 3, 4}}},
      {"EinsumDense of what dots leave",
       [] {
         return EinsumDense("...ab,bc->...ca", {5, kUnknown}, {.bias_axes = "c"});
       },
       {{2, 3, 2, 4}},
       0,
       true},
      {"EinsumDense with dots behind",
       [] { return EinsumDense("ab...,bc->ac...", {5}, {.bias_axes = "c"}); },
       {{2, 4, 3}},
       0,
       true},
      {"EinsumDense of each head",
       [] {
         return EinsumDense("abcd,cde->abce", {kUnknown, 3, 2});
       },
       {{2, 4, 3, 5}},
       0,
       true},
      {"Embedding", [] { return Embedding(5, 3); }, {{6, 20}}, 2},
      {"Flatten", [] { return Flatten(); }, {{3, 2, 2, 2}}},
      {"GRU", [] { return GRU(2); }, {{2, 3, 3}}},
      {"GRU with everything",
       [] {
         return GRU(2, {.activation = "softsign",
                        .recurrent_activation = "hard_sigmoid",
                        .dropout = 0.3,
                        .recurrent_dropout = 0.4,
                        .reset_after = false,
                        .seed = 3,
                        .return_sequences = true,
                        .return_state = true,
                        .go_backwards = true});
       },
       {{2, 3, 2}}},
      {"GRUCell", [] { return GRUCell(2); }, {{2, 3}, {2, 2}}},
      {"GlobalAveragePooling1D", [] { return GlobalAveragePooling1D({.keepdims = true}); }, {{2, 4, 3}}},
      {"GaussianDropout", [] { return GaussianDropout(0.3, {.seed = 3}); }, {{4, 6}}},
      {"GaussianNoise", [] { return GaussianNoise(0.3); }, {{4, 2, 3}}},
      {"GlobalAveragePooling2D", [] { return GlobalAveragePooling2D(); }, {{2, 3, 4, 3}}},
      {"GlobalAveragePooling3D", [] { return GlobalAveragePooling3D(); }, {{2, 2, 3, 2, 3}}},
      {"GlobalMaxPooling1D", [] { return GlobalMaxPooling1D(); }, {{2, 4, 3}}},
      {"GlobalMaxPooling2D", [] { return GlobalMaxPooling2D({.keepdims = true}); }, {{2, 3, 4, 3}}},
      {"GlobalMaxPooling3D", [] { return GlobalMaxPooling3D(); }, {{2, 2, 3, 2, 3}}},
      {"GroupNormalization", [] { return GroupNormalization({.groups = 2}); }, {{2, 3, 2, 4}}},
      {"GroupNormalization of single channels in front",
       [] { return GroupNormalization({.groups = -1, .axis = 1, .center = false}); },
       {{2, 3, 4}},
       0,
       true},
      {"GroupQueryAttention", [] { return GroupQueryAttention(3, 4, 2); }, {{2, 3, 4}, {2, 5, 4}}},
      {"GroupQueryAttention, one key for all",
       [] { return GroupQueryAttention(2, 3, 1, {.dropout = 0.2, .use_bias = false, .seed = 3}); },
       {{2, 3, 4}, {2, 5, 4}, {2, 5, 2}}},
      {"Identity", [] { return Identity(); }, {{3, 4}}},
      {"InputLayer", [] { return InputLayer({4}); }, {{3, 4}}},
      {"LSTM", [] { return LSTM(2); }, {{2, 3, 3}}},
      {"LSTM backwards, with dropout",
       [] {
         return LSTM(2, {.activation = "elu",
                         .use_bias = false,
                         .dropout = 0.3,
                         .return_sequences = true,
                         .go_backwards = true});
       },
       {{2, 3, 2}}},
      {"LSTM with dropout of the state",
       [] { return LSTM(2, {.dropout = 0.2, .recurrent_dropout = 0.4, .return_state = true}); },
       {{2, 3, 2}}},
      {"LSTMCell", [] { return LSTMCell(2); }, {{2, 3}, {2, 2}, {2, 2}}},
      {"IntegerLookup",
       [] { return IntegerLookup({.vocabulary = {2, 5}, .output_mode = "count"}); },
       {{3, 4}}},
      {"IntegerLookup with a mask and more",
       [] {
         return IntegerLookup({.max_tokens = 9,
                               .num_oov_indices = 2,
                               .mask_token = 0,
                               .vocabulary = {1, 7},
                               .idf_weights = {0.5, 2},
                               .output_mode = "tf_idf"});
       },
       {{3, 4}}},
      {"LayerNormalization", [] { return LayerNormalization(); }, {{3, 2, 4}}},
      {"LayerNormalization over several dimensions",
       [] {
         return LayerNormalization({.axis = {1, 3}, .epsilon = 0.01, .center = false});
       },
       {{2, 3, 2, 4}},
       0,
       true},
      {"LayerNormalization without means",
       [] { return LayerNormalization({.rms_scaling = true}); },
       {{3, 2, 4}},
       0,
       true},
      {"LeakyReLU", [] { return LeakyReLU({.negative_slope = 0.1}); }, {{3, 4}}},
      {"MaxPooling1D", [] { return MaxPooling1D(3, {.strides = 2}); }, {{2, 7, 3}}},
      {"Masking", [] { return Masking(0.5); }, {{3, 4, 2}}},
      {"MaxPooling2D", [] { return MaxPooling2D(); }, {{2, 5, 4, 3}}},
      {"MaxPooling2D same",
       [] { return MaxPooling2D(3, {.strides = 2, .padding = "same"}); },
       {{2, 6, 5, 3}}},
      {"MaxPooling3D",
       [] {
         return MaxPooling3D({2, 3, 2}, {.strides = {2, 1, 1}, .padding = "same"});
       },
       {{1, 3, 4, 3, 2}}},
      {"Maximum", [] { return Maximum(); }, {{3, 4}, {3, 4}, {3, 1}}},
      {"Minimum", [] { return Minimum(); }, {{3, 4}, {3, 4}}},
      {"MultiHeadAttention", [] { return MultiHeadAttention(2, 3); }, {{2, 3, 4}, {2, 5, 4}}},
      {"MultiHeadAttention with all it has",
       [] {
         return MultiHeadAttention(3, 2,
                                   {.value_dim = 4,
                                    .dropout = 0.3,
                                    .use_bias = false,
                                    .output_shape = {2, 3},
                                    .kernel_initializer = "he_normal",
                                    .kernel_regularizer = "l2",
                                    .activity_regularizer = "l2",
                                    .kernel_constraint = "unit_norm",
                                    .seed = 5});
       },
       {{2, 3, 4}, {2, 5, 3}, {2, 5, 2}}},
      {"MultiHeadAttention over one of two dimensions",
       [] { return MultiHeadAttention(2, 3, {.attention_axes = {-2}}); },
       {{2, 3, 2, 4}, {2, 3, 4, 4}}},
      {"MultiHeadAttention over two dimensions",
       [] { return MultiHeadAttention(2, 3); },
       {{2, 3, 2, 4}, {2, 2, 4, 4}}},
      {"Multiply", [] { return Multiply(); }, {{3, 4}, {3, 4}, {3, 1}}},
      {"Normalization", [] { return Normalization(); }, {{3, 2, 4}}},
      {"Normalization that is given",
       [] {
         return Normalization({.axis = {1},
                               .mean = Tensor::of<double>({2, 1}, {0.5, -1}),
                               .variance = Tensor::scalar(2, DType::float64),
                               .invert = true});
       },
       {{3, 2, 4}},
       0,
       true},
      {"PReLU", [] { return PReLU(); }, {{3, 4}}},
      {"PReLU with shared slopes",
       [] { return PReLU({.alpha_initializer = "ones", .shared_axes = {1}}); },
       {{3, 2, 4}}},
      {"Permute",
       [] {
         return Permute({3, 1, 2});
       },
       {{2, 3, 4, 2}}},
      {"RMSNormalization", [] { return RMSNormalization(); }, {{3, 2, 4}}},
      {"RandomBrightness",
       [] {
         return RandomBrightness({0.1, 0.2}, {.value_range = {-100, 100}});
       },
       {{2, 2, 3, 1}}},
      {"RandomContrast",
       [] {
         return RandomContrast(0.5, {.value_range = {-100, 100}});
       },
       {{2, 2, 3, 2}}},
      {"RandomCrop", [] { return RandomCrop(2, 3); }, {{2, 4, 5, 2}}},
      {"RandomFlip", [] { return RandomFlip(); }, {{4, 2, 3, 2}}},
      {"RandomFlip one way", [] { return RandomFlip({.mode = "vertical", .seed = 2}); }, {{4, 2, 3, 1}}},
      {"RandomRotation", [] { return RandomRotation(0.3); }, {{2, 4, 3, 2}}},
      {"RandomRotation over a border",
       [] {
         return RandomRotation({0.1, 0.4}, {.fill_mode = "constant", .fill_value = 0.5});
       },
       {{2, 3, 4, 1}}},
      {"RandomTranslation",
       [] {
         return RandomTranslation(0.3, {0.1, 0.6}, {.fill_mode = "wrap"});
       },
       {{2, 4, 3, 2}}},
      {"RandomZoom", [] { return RandomZoom(0.4); }, {{2, 4, 3, 2}}},
      {"RandomZoom both ways",
       [] {
         return RandomZoom({0.1, 0.5}, {.width_factor = RandomFactor(-0.5, -0.1), .fill_mode = "nearest"});
       },
       {{2, 4, 3, 2}}},
      {"RNN", [] { return RNN(GRUCell(2), {.return_sequences = true}); }, {{2, 3, 2}}},
      {"RNN of several cells",
       [] {
         return RNN({LSTMCell(2, {.recurrent_dropout = 0.2}), GRUCell(3, {.dropout = 0.3})});
       },
       {{2, 3, 2}}},
      {"ReLU", [] { return ReLU(); }, {{3, 4}}},
      {"ReLU with everything",
       [] { return ReLU({.max_value = 1.2, .negative_slope = 0.1, .threshold = 0.2}); },
       {{4, 5}}},
      {"Rescaling", [] { return Rescaling(0.5, -1); }, {{3, 4}}},
      {"Resizing", [] { return Resizing(3, 4); }, {{2, 5, 3, 2}}},
      {"Resizing with a border",
       [] { return Resizing(4, 4, {.pad_to_aspect_ratio = true, .fill_value = 0.5}); },
       {{1, 2, 5, 1}}},
      {"RepeatVector", [] { return RepeatVector(3); }, {{2, 4}}},
      {"Reshape",
       [] {
         return Reshape({2, -1});
       },
       {{3, 4, 3}}},
      {"SeparableConv1D",
       [] { return SeparableConv1D(4, 2, {.strides = 2, .padding = "same"}); },
       {{2, 5, 3}}},
      {"SeparableConv2D",
       [] { return SeparableConv2D(3, 3, {.depth_multiplier = 2, .activation = "tanh"}); },
       {{1, 4, 4, 2}}},
      {"SimpleRNN", [] { return SimpleRNN(3); }, {{2, 4, 2}}},
      {"SimpleRNN with dropout",
       [] { return SimpleRNN(2, {.dropout = 0.3, .recurrent_dropout = 0.3, .return_sequences = true}); },
       {{2, 3, 2}}},
      {"SimpleRNNCell", [] { return SimpleRNNCell(2, {.activation = "softplus"}); }, {{2, 3}, {2, 2}}},
      {"Softmax", [] { return Softmax(); }, {{3, 4}}},
      {"Softmax in front", [] { return Softmax({.axis = 1}); }, {{2, 3, 4}}},
      {"SpatialDropout1D", [] { return SpatialDropout1D(0.3); }, {{4, 3, 5}}},
      {"SpatialDropout2D", [] { return SpatialDropout2D(0.3, {.seed = 3}); }, {{4, 2, 3, 5}}},
      {"SpatialDropout3D", [] { return SpatialDropout3D(0.3); }, {{4, 2, 1, 3, 5}}},
      {"StackedRNNCells",
       [] { return StackedRNNCells({LSTMCell(2), SimpleRNNCell(1)}); },
       {{2, 3}, {2, 2}, {2, 2}, {2, 1}}},
      {"StringLookup",
       [] {
         return StringLookup({.max_tokens = 9,
                              .vocabulary = {"a", "b"},
                              .idf_weights = {0.5, 2},
                              .output_mode = "tf_idf"});
       },
       {{2, 3}}},
      {"Subtract", [] { return Subtract(); }, {{3, 2, 4}, {3, 4}}},
      {"UpSampling1D", [] { return UpSampling1D(3); }, {{2, 3, 2}}},
      {"UpSampling2D", [] { return UpSampling2D({2, 3}); }, {{2, 2, 3, 2}}},
      {"UpSampling2D bilinear",
       [] { return UpSampling2D({3, 2}, {.interpolation = "bilinear"}); },
       {{2, 3, 2, 2}}},
      {"UpSampling3D", [] { return UpSampling3D({1, 2, 3}); }, {{1, 2, 2, 2, 2}}},
      {"ZeroPadding1D", [] { return ZeroPadding1D({1, 2}); }, {{2, 3, 2}}},
      {"TextVectorization",
       [] {
         return TextVectorization({.max_tokens = 9,
                                   .output_mode = "tf_idf",
                                   .vocabulary = {"a", "b"},
                                   .idf_weights = {0.5, 2}});
       },
       {{2, 3}}},
      {"TimeDistributed", [] { return TimeDistributed(Dense(3, {.name = "step"})); }, {{2, 3, 4}}},
      {"TimeDistributed of statistics",
       [] { return TimeDistributed(BatchNormalization({.name = "step"})); },
       {{5, 2, 3}}},
      {"UnitNormalization", [] { return UnitNormalization(); }, {{3, 4}}},
      {"ZeroPadding2D", [] { return ZeroPadding2D({{0, 1}, {2, 3}}); }, {{2, 3, 2, 2}}},
      {"ZeroPadding3D", [] { return ZeroPadding3D({{0, 1}, {2, 0}, {1, 1}}); }, {{2, 2, 1, 2, 2}}},
  };
  return samples;
}

}  // namespace folio
