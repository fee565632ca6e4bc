// Layers that take texts.
#pragma once
#include <string>
#include <vector>

#include "folio/layers/layer.h"

namespace folio {

/// Tensors hold no texts, so that such a layer does its work before the model runs: the model begins with
/// what comes out of it, and in the graph the layer passes that on. Files have it as Keras does, behind an
/// input of texts, and programs and the command make rows of texts by `transform`.
class TextInputBody : public LayerBody {
 public:
  /// The rows that the model takes; `texts()[1]` texts make a row. Throws `Error`.
  virtual Tensor transform(const std::vector<std::string>& texts) const = 0;
  /// What the model begins with. Throws `Error` when that needs a vocabulary and there is none.
  virtual TensorType numbers() const = 0;
  /// The shape of the texts: (batch), or (batch, texts of a row).
  Shape texts() const { return Shape(texts_); }
  /// How many texts make a row.
  int64_t width() const { return texts_.size() > 1 ? texts_[1] : 1; }
  /// Rows of so many texts. Throws `Error` for less than 1.
  void set_width(int64_t width);

  Values call(const LayerCall& call, Effects& effects) override;

 protected:
  /// For `fields`: what readers of files tell the layer of its input.
  void text_fields(Fields& f);
  /// For `configured`.
  void check_texts() const;
  /// The number of rows. Throws `Error` when the texts do not make whole rows.
  int64_t rows_of(size_t texts) const;

 private:
  std::vector<int64_t> texts_ = {kUnknown, 1};
};

/// Key of the entry by which readers of files tell a layer of the shape of its texts.
inline constexpr const char* kTextShape = "text_shape";

}  // namespace folio
