// Long short-term memory of pictures.
#pragma once
#include "folio/layers/recurrent/conv_lstm_options.h"
#include "folio/layers/recurrent/rnn.h"

namespace folio {

using ConvLSTM2DOptions = ConvLSTMOptions;

/// LSTM with convolutions in place of the products (Shi 2015): z = x * kernel + h * recurrent_kernel + bias,
/// and then as lstm_cell.h has it. Kernels: (sizes…, channels, 4 · filters) and (sizes…, filters, 4 ·
/// filters). x: (batch, time, height, width, channels) -> (batch, height, width, filters) as convolutions
/// make it, with the time in second place with `return_sequences`; with `return_state` the states h and c
/// behind it, of the output's shape each.
class ConvLSTM2D final : public RecurrentLayer {
 public:
  ConvLSTM2D(int64_t filters, Sizes kernel_size, ConvLSTM2DOptions options = {});
  static std::shared_ptr<LayerBody> blank();
};

}  // namespace folio
