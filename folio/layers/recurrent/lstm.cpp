#include "folio/layers/recurrent/lstm.h"

#include "folio/layers/recurrent/gated_cell.h"
#include "folio/layers/recurrent/lstm_cell.h"
#include "folio/layers/recurrent/rnn_body.h"

namespace folio {
namespace {

std::shared_ptr<LayerBody> around(int64_t units, const LSTMOptions& options) {
  const Layer cell(LSTMCell::body(units, cell_options<LSTMCellOptions>(options)));
  cell.body().set_name("lstm_cell");
  return std::make_shared<RnnBody>("LSTM", cell, rnn_options(options));
}

}  // namespace

LSTM::LSTM(int64_t units, LSTMOptions options) : RecurrentLayer(around(units, options), options) {}

std::shared_ptr<LayerBody> LSTM::blank() { return around(0, {}); }

}  // namespace folio
