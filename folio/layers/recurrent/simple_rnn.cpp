#include "folio/layers/recurrent/simple_rnn.h"

#include "folio/layers/recurrent/gated_cell.h"
#include "folio/layers/recurrent/rnn_body.h"
#include "folio/layers/recurrent/simple_rnn_cell.h"

namespace folio {
namespace {

std::shared_ptr<LayerBody> around(int64_t units, const SimpleRNNOptions& options) {
  const Layer cell(SimpleRNNCell::body(units, cell_options<SimpleRNNCellOptions>(options)));
  cell.body().set_name("simple_rnn_cell");
  return std::make_shared<RnnBody>("SimpleRNN", cell, rnn_options(options));
}

}  // namespace

SimpleRNN::SimpleRNN(int64_t units, SimpleRNNOptions options)
    : RecurrentLayer(around(units, options), options) {}

std::shared_ptr<LayerBody> SimpleRNN::blank() { return around(0, {}); }

}  // namespace folio
