#include "folio/layers/catalog.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "folio/base/error.h"
#include "folio/base/spelling.h"
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
namespace {

thread_local CustomObjectScope* custom_objects = nullptr;

}  // namespace

CustomObjectScope::CustomObjectScope(std::vector<LayerRow> layers)
    : layers_(std::move(layers)), outer_(custom_objects) {
  custom_objects = this;
}
CustomObjectScope::~CustomObjectScope() { custom_objects = outer_; }

const LayerRow* CustomObjectScope::find(const std::string& class_name) {
  for (const CustomObjectScope* scope = custom_objects; scope; scope = scope->outer_)
    for (const LayerRow& row : scope->layers_)
      if (class_name == row.class_name) return &row;
  return nullptr;
}

const std::vector<LayerRow>& layer_catalog() {
  static const std::vector<LayerRow> rows = {
      {"Activation", "an activation function by name", Activation::blank},
      {"ActivityRegularization", "a penalty on the size of what passes", ActivityRegularization::blank},
      {"Add", "the sum of several inputs", Add::blank},
      {"AdditiveAttention", "what each query looks for among keys, by a small network",
       AdditiveAttention::blank},
      {"AlphaDropout", "dropout that keeps what selu needs", AlphaDropout::blank},
      {"Attention", "what each query looks for among keys, by products", Attention::blank},
      {"Average", "the mean of several inputs", Average::blank},
      {"AveragePooling1D", "the mean over windows of sequences", AveragePooling1D::blank},
      {"AveragePooling2D", "the mean over windows of pictures", AveragePooling2D::blank},
      {"AveragePooling3D", "the mean over windows of volumes", AveragePooling3D::blank},
      {"BatchNormalization", "channels with mean 0 and variance 1 over the batch", BatchNormalization::blank},
      {"Bidirectional", "two recurrent layers, one each way", Bidirectional::blank},
      {"CenterCrop", "the middle of pictures", CenterCrop::blank},
      {"Concatenate", "several inputs behind each other", Concatenate::blank},
      {"Conv1D", "convolution over sequences", Conv1D::blank},
      {"Conv1DTranspose", "convolution over sequences, from small to large", Conv1DTranspose::blank},
      {"Conv2D", "convolution over pictures", Conv2D::blank},
      {"Conv2DTranspose", "convolution over pictures, from small to large", Conv2DTranspose::blank},
      {"Conv3D", "convolution over volumes", Conv3D::blank},
      {"ConvLSTM1D", "long short-term memory of rows of cells", ConvLSTM1D::blank},
      {"ConvLSTM2D", "long short-term memory of pictures", ConvLSTM2D::blank},
      {"Cropping1D", "borders cut off sequences", Cropping1D::blank},
      {"Cropping2D", "borders cut off pictures", Cropping2D::blank},
      {"Cropping3D", "borders cut off volumes", Cropping3D::blank},
      {"Dense", "fully connected", Dense::blank},
      {"DepthwiseConv1D", "convolution over sequences, each channel by itself", DepthwiseConv1D::blank},
      {"DepthwiseConv2D", "convolution over pictures, each channel by itself", DepthwiseConv2D::blank},
      {"Dot", "products of two inputs along a dimension", Dot::blank},
      {"Dropout", "elements set to 0 at random while training", Dropout::blank},
      {"ELU", "exponential linear unit", ELU::blank},
      {"EinsumDense", "fully connected over any dimensions, by an equation", EinsumDense::blank},
      {"Embedding", "whole numbers as vectors that are learnt", Embedding::blank},
      {"Flatten", "all features in one row", Flatten::blank},
      {"GRU", "gated recurrent units along time", GRU::blank},
      {"GRUCell", "a step of gated recurrent units", GRUCell::blank},
      {"GaussianDropout", "inputs times normal random numbers while training", GaussianDropout::blank},
      {"GaussianNoise", "inputs plus normal random numbers while training", GaussianNoise::blank},
      {"GlobalAveragePooling1D", "the mean of whole sequences", GlobalAveragePooling1D::blank},
      {"GlobalAveragePooling2D", "the mean of whole pictures", GlobalAveragePooling2D::blank},
      {"GlobalAveragePooling3D", "the mean of whole volumes", GlobalAveragePooling3D::blank},
      {"GlobalMaxPooling1D", "the largest element of whole sequences", GlobalMaxPooling1D::blank},
      {"GlobalMaxPooling2D", "the largest element of whole pictures", GlobalMaxPooling2D::blank},
      {"GlobalMaxPooling3D", "the largest element of whole volumes", GlobalMaxPooling3D::blank},
      {"GroupNormalization", "groups of channels of an example with mean 0 and variance 1",
       GroupNormalization::blank},
      {"GroupQueryAttention", "attention by heads of queries that share keys", GroupQueryAttention::blank},
      {"Identity", "the input itself", Identity::blank},
      {"InputLayer", "where a model begins", InputLayer::blank},
      {"IntegerLookup", "whole numbers of a vocabulary as places in it", IntegerLookup::blank},
      {"LSTM", "long short-term memory along time", LSTM::blank},
      {"LSTMCell", "a step of long short-term memory", LSTMCell::blank},
      {"LayerNormalization", "features of an example with mean 0 and variance 1", LayerNormalization::blank},
      {"LeakyReLU", "rectifier with a slope below 0", LeakyReLU::blank},
      {"Masking", "steps that hold one value only as zeros", Masking::blank},
      {"MaxPooling1D", "the largest element of windows of sequences", MaxPooling1D::blank},
      {"MaxPooling2D", "the largest element of windows of pictures", MaxPooling2D::blank},
      {"MaxPooling3D", "the largest element of windows of volumes", MaxPooling3D::blank},
      {"Maximum", "the largest of several inputs", Maximum::blank},
      {"Minimum", "the smallest of several inputs", Minimum::blank},
      {"MultiHeadAttention", "attention by several heads", MultiHeadAttention::blank},
      {"Multiply", "the product of several inputs", Multiply::blank},
      {"Normalization", "features with mean 0 and variance 1, measured before training",
       Normalization::blank},
      {"PReLU", "rectifier whose slope below 0 is learnt", PReLU::blank},
      {"Permute", "the dimensions in another order", Permute::blank},
      {"RMSNormalization", "features of root mean square 1", RMSNormalization::blank},
      {"RNN", "a recurrent cell along time", RNN::blank},
      {"RandomBrightness", "brightness of pictures that changes at random while training",
       RandomBrightness::blank},
      {"RandomContrast", "contrast of pictures that changes at random while training", RandomContrast::blank},
      {"RandomCrop", "a part of pictures, at a random place while training", RandomCrop::blank},
      {"RandomFlip", "pictures flipped at random while training", RandomFlip::blank},
      {"RandomRotation", "pictures turned at random while training", RandomRotation::blank},
      {"RandomTranslation", "pictures moved at random while training", RandomTranslation::blank},
      {"RandomZoom", "pictures made larger or smaller at random while training", RandomZoom::blank},
      {"ReLU", "rectifier with ceiling, slope and threshold", ReLU::blank},
      {"RepeatVector", "the same features at every step", RepeatVector::blank},
      {"Rescaling", "inputs brought to another range", Rescaling::blank},
      {"Reshape", "the features in another shape", Reshape::blank},
      {"Resizing", "pictures brought to one size", Resizing::blank},
      {"SeparableConv1D", "convolution over sequences, along each channel, then across them",
       SeparableConv1D::blank},
      {"SeparableConv2D", "convolution over pictures, along each channel, then across them",
       SeparableConv2D::blank},
      {"SimpleRNN", "a fully connected recurrence along time", SimpleRNN::blank},
      {"SimpleRNNCell", "a step of a fully connected recurrence", SimpleRNNCell::blank},
      {"Softmax", "probabilities along a dimension", Softmax::blank},
      {"SpatialDropout1D", "channels of series set to 0 at random while training", SpatialDropout1D::blank},
      {"SpatialDropout2D", "channels of pictures set to 0 at random while training", SpatialDropout2D::blank},
      {"SpatialDropout3D", "channels of volumes set to 0 at random while training", SpatialDropout3D::blank},
      {"StackedRNNCells", "several recurrent cells as one", StackedRNNCells::blank},
      {"StringLookup", "words of a vocabulary as numbers", StringLookup::blank},
      {"Subtract", "the difference of two inputs", Subtract::blank},
      {"TextVectorization", "texts as numbers of words", TextVectorization::blank},
      {"TimeDistributed", "one layer at every step", TimeDistributed::blank},
      {"UnitNormalization", "features of length 1", UnitNormalization::blank},
      {"UpSampling1D", "sequences made larger", UpSampling1D::blank},
      {"UpSampling2D", "pictures made larger", UpSampling2D::blank},
      {"UpSampling3D", "volumes made larger", UpSampling3D::blank},
      {"ZeroPadding1D", "borders of zeros around sequences", ZeroPadding1D::blank},
      {"ZeroPadding2D", "borders of zeros around pictures", ZeroPadding2D::blank},
      {"ZeroPadding3D", "borders of zeros around volumes", ZeroPadding3D::blank},
  };
  return rows;
}

const LayerRow& layer_row(const std::string& class_name, const std::string& place) {
  if (const LayerRow* own = CustomObjectScope::find(class_name)) return *own;
  const auto& rows = layer_catalog();
  const LayerRow* nearest = &rows[0];
  size_t least = SIZE_MAX;
  // Names come from files: a bounded part is enough to find the nearest.
  const std::string shown = class_name.substr(0, 80);
  for (const LayerRow& row : rows) {
    if (class_name == row.class_name) return row;
    const size_t distance = edit_distance(shown, row.class_name);
    if (distance < least) least = distance, nearest = &row;
  }
  throw Error(place + ": layer \"" + shown + "\" is not known to Folio; the nearest is \"" +
              nearest->class_name + "\"");
}

Layer LayerRow::from_config(const Json& config, const std::string& name, const std::string& place) const {
  return layer_from_config(blank(), config, name, place);
}

void read_value(const Json& json, Layer& value, const FieldRules&) { value = layer_from_object(json, ""); }
void write_value(Json& json, const Layer& value, const FieldRules&) { json = layer_object(value); }

Layer layer_from_object(const Json& object, const std::string& place) {
  if (!object.is_object() || !object.contains("class_name") || !object["class_name"].is_string() ||
      !object.contains("config") || !object["config"].is_object())
    throw Error(place + ": expected a layer, an object with class_name and config, got " +
                object.dump().substr(0, 120));
  const std::string class_name = object["class_name"].get<std::string>();
  const Json& config = object["config"];
  const auto found = config.find("name");
  const std::string name = found != config.end() && found->is_string() ? found->get<std::string>() : "";
  const Layer layer =
      layer_row(class_name, place)
          .from_config(config, name, place + " (" + class_name + " \"" + name.substr(0, 80) + "\")");
  if (config.value("trainable", Json(true)) == false) layer.set_trainable(false);
  return layer;
}

Json layer_object(const Layer& layer) {
  const std::string class_name = layer.class_name();
  Json config = {{"name", layer.name()}};
  // An InputLayer has nothing to train and a type of its own; Keras' SpatialDropouts do not take "trainable".
  if (class_name != "InputLayer" && !class_name.starts_with("SpatialDropout"))
    config["trainable"] = layer.trainable();
  if (class_name != "InputLayer") config["dtype"] = to_string(floatx());
  const Json own = layer.body().config();
  for (const auto& [key, value] : own.items()) config[key] = value;
  return {{"module", "keras.layers"},
          {"class_name", class_name},
          {"config", std::move(config)},
          {"registered_name", nullptr}};
}

}  // namespace folio
