#include "folio/layers/recurrent/gru.h"

#include "folio/layers/recurrent/gated_cell.h"
#include "folio/layers/recurrent/gru_cell.h"
#include "folio/layers/recurrent/rnn_body.h"

namespace folio {
namespace {

std::shared_ptr<LayerBody> around(int64_t units, const GRUOptions& options) {
  const Layer cell(GRUCell::body(units, cell_options<GRUCellOptions>(options)));
  cell.body().set_name("gru_cell");
  return std::make_shared<RnnBody>("GRU", cell, rnn_options(options));
}

}  // namespace

GRU::GRU(int64_t units, GRUOptions options) : RecurrentLayer(around(units, options), options) {}

std::shared_ptr<LayerBody> GRU::blank() { return around(0, {}); }

}  // namespace folio
